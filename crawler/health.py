"""What an answer is before anything is read from it, and how a visit as a whole went. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from attrs import evolve, frozen

from model.source import Run, SourceState

LONGEST_RETRY_AFTER = 7 * 86400.0
"""Seconds. A `Retry-After` of 10^12 is an attack or a mistake; a source is looked at again after a week."""
HEAD = 40_000
"""Characters of a page that are searched for the marks of a challenge: those pages are short."""

_CHALLENGES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"cf-chl-|challenge-platform|<title>just a moment", "Cloudflare challenge"),
        (r"_incapsula_resource|incapsula incident", "Incapsula challenge"),
        (r"__rd_verify", "Facebook challenge"),
        (r"<title>\s*(attention required|access denied|ddos protection)", "refusal page"),
        (r"geo\.captcha-delivery\.com|datadome", "DataDome challenge"),
        (r"/sorry/index\?|our systems have detected unusual traffic", "Google refusal"),
    )
)
_CAPTCHA = re.compile(r"g-recaptcha|h-captcha|cf-turnstile", re.IGNORECASE)
_PASSWORD = re.compile(r"<input[^>]{0,300}type\s*=\s*[\"']?password", re.IGNORECASE)
_LOGIN_PATH = re.compile(
    r"/(?:login|log-in|signin|sign-in|dang-nhap|dangnhap|account/login|auth)(?:[/?.]|$)", re.IGNORECASE
)
_SHORT_PAGE = 6_000
"""Characters. A page this short with a captcha or a password field holds nothing else; longer ones have a form in a corner."""
_QUOTA_WORDS = re.compile(r"quotaExceeded|rateLimitExceeded|too many requests|\"code\"\s*:\s*1675004", re.IGNORECASE)

GATE_HEADER = "x-canhgiac-gate"
"""Set by our own egress gate on its answers: why it did not let a request out."""


@frozen(kw_only=True)
class Verdict:
    """state: OK, or why nothing may be read. reason: a short English phrase. retry_after: seconds. gone: the page does not
    exist any more (404, 410). not_modified: our copy is the newest (304)."""

    state: SourceState
    reason: str = ""
    retry_after: float | None = None
    gone: bool = False
    not_modified: bool = False

    @property
    def readable(self) -> bool:
        """Whether the answer may be parsed."""
        return self.state is SourceState.OK and not self.not_modified


_OK = Verdict(state=SourceState.OK)


def classify(
    *, status: int, url: str, asked: str, headers: Mapping[str, str], body: str, now: datetime, api: bool = False
) -> Verdict:
    """What an answer is. headers: lower-case names. url: after redirects. asked: before them. api: a JSON answer."""
    if status == 304:
        return Verdict(state=SourceState.OK, not_modified=True)
    if GATE_HEADER in headers:
        return Verdict(state=SourceState.FAILED, reason=f"egress gate: {headers[GATE_HEADER][:200]}")
    retry_after = read_retry_after(headers.get("retry-after", ""), now=now)
    head = body[:HEAD]
    if status == 429 or (status in (403, 503) and (retry_after is not None or _QUOTA_WORDS.search(head))):
        return Verdict(
            state=SourceState.QUOTA, reason=f"HTTP {status}: asked to come back later", retry_after=retry_after
        )
    challenge = _challenge(headers, head)
    if status in (401, 402, 403, 407, 451) or challenge:
        return Verdict(state=SourceState.BLOCKED, reason=challenge or f"HTTP {status}")
    if status in (404, 410):
        return Verdict(state=SourceState.FAILED, reason=f"HTTP {status}: the page is gone", gone=True)
    if status != 200:
        return Verdict(state=SourceState.FAILED, reason=f"HTTP {status}")
    return _OK if api else _classify_page(url, asked, body)


def _classify_page(url: str, asked: str, body: str) -> Verdict:
    if not body.strip():
        return Verdict(state=SourceState.EMPTY, reason="the page is empty")
    moved = urlsplit(url).path != urlsplit(asked).path
    if moved and _LOGIN_PATH.search(urlsplit(url).path):
        return Verdict(state=SourceState.LOGIN_WALL, reason="sent to a login page")
    if len(body) <= _SHORT_PAGE:
        if _CAPTCHA.search(body):
            return Verdict(state=SourceState.BLOCKED, reason="captcha")
        if _PASSWORD.search(body):
            return Verdict(state=SourceState.LOGIN_WALL, reason="the page is a login form")
    return _OK


def _challenge(headers: Mapping[str, str], head: str) -> str:
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return "Cloudflare challenge"
    if len(head) >= HEAD:
        return ""
    return next((name for pattern, name in _CHALLENGES if pattern.search(head)), "")


def read_retry_after(value: str, *, now: datetime) -> float | None:
    """Seconds from a `Retry-After` header (seconds or a date), from 0 to a week; None when it says nothing usable."""
    text = value.strip()
    if re.fullmatch(r"\d{1,20}", text):
        return min(float(text), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


@frozen(kw_only=True)
class Outcome:
    """How a visit went as a whole."""

    state: SourceState
    error: str = ""
    retry_after: float | None = None


_WORST = (
    SourceState.BLOCKED,
    SourceState.LOGIN_WALL,
    SourceState.QUOTA,
    SourceState.DRIFT,
    SourceState.FAILED,
    SourceState.EMPTY,
)
"""Of several troubles with a listing, the one that says most comes first."""


def judge(
    *,
    troubles: tuple[Verdict, ...],
    item_troubles: tuple[Verdict, ...],
    items_read: int,
    seen: int,
    not_modified: int,
    expect_min: int,
) -> Outcome:
    """The state of a visit.

    troubles: with listing pages. item_troubles: with pages of single items; they count only when no item could be read.
    seen: documents and items, known ones too, that the listing named. not_modified: listing pages that had not changed
    (an unchanged listing is healthy). Fewer than expect_min seen: drift, and none at all: empty.
    """
    if troubles:
        worst = min(troubles, key=lambda trouble: _WORST.index(trouble.state))
        return Outcome(state=worst.state, error=worst.reason, retry_after=worst.retry_after)
    lasting = [trouble for trouble in item_troubles if not trouble.gone]
    if lasting and not items_read and len(lasting) == len(item_troubles):
        worst = min(lasting, key=lambda trouble: _WORST.index(trouble.state))
        return Outcome(state=worst.state, error=f"no item could be read: {worst.reason}", retry_after=worst.retry_after)
    if seen == 0 and not not_modified:
        return Outcome(state=SourceState.EMPTY, error="the listing names nothing")
    if seen < expect_min and not not_modified:
        return Outcome(state=SourceState.DRIFT, error=f"{seen} seen where at least {expect_min} are expected")
    return Outcome(state=SourceState.OK)


def failed(run: Run, reason: str, finished: datetime) -> Run:
    """The run of a visit that its child never reported."""
    return evolve(run, state=SourceState.FAILED, error=reason, finished=finished)
