"""Evidence for the role of an identifier by phrases and rules: what is said near it, what document it stands in, what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from extraction.cues import read_sections
from extraction.fold import fold
from extraction.official import host_of
from extraction.profiles import Profile
from extraction.role_cues import AMBIGUOUS, LOCAL, PRIORS
from extraction.words import words
from model.document import Mention, Role

S, O, V, N, E, C, U = Role.SUSPECT, Role.OFFICIAL, Role.VICTIM, Role.NEUTRAL, Role.EXAMPLE, Role.CHROME, Role.UNKNOWN  # noqa: E741

_REPEATED = 0.75
"""What each further piece of evidence for one role counts, to the power of its place."""


class Evidence:
    """Pieces of evidence per role. What is said in five ways is not five times as true: the second strongest piece
    counts less than the first, and so on."""

    def __init__(self) -> None:
        self._pieces: dict[Role, list[tuple[float, str]]] = {}

    def add(self, role: Role, amount: float, reason: str) -> None:
        """A piece for a role, or against it (a negative amount counts whole)."""
        if amount:
            self._pieces.setdefault(role, []).append((amount, reason))

    def scale(self, role: Role, factor: float) -> None:
        """Weaken all that was said for a role so far."""
        if role in self._pieces:
            self._pieces[role] = [(amount * factor, reason) for amount, reason in self._pieces[role]]

    def total(self, role: Role) -> float:
        """What the pieces of a role weigh together."""
        pieces = self._pieces.get(role, ())
        if len(pieces) == 1:
            return pieces[0][0]
        total, counts = 0.0, 1.0
        for amount, _ in sorted(pieces, reverse=True):
            total += amount * counts if amount > 0 else amount
            counts *= _REPEATED
        return total

    def reason(self, role: Role) -> str:
        """The strongest piece of a role."""
        return max(self._pieces[role])[1] if role in self._pieces else ""

    def ranked(self) -> list[tuple[float, Role]]:
        """Totals and roles, the best founded first."""
        return sorted([(self.total(role), role) for role in self._pieces], key=lambda item: (-item[0], item[1]))


# ---- phrases

_CLAIMS: Mapping[str, float] = {"offer": 0.4, "phish": 0.4, "commerce": 0.6}
"""How far words of an agency are believed: offers claim to be official, shops have hotlines and offices."""
_HEADER = 2.4
_NOTHING = (0.0, "")


def by_phrases(near: Mapping[str, tuple[float, str]], profile: Profile, header: tuple[Role, str] | None) -> Evidence:
    """Evidence from the phrases near it, the kind of document and the head of its list."""
    evidence = Evidence()
    claims = _CLAIMS.get(profile.kind, 1.0)
    for name, (strength, phrase) in near.items():
        role, weight = AMBIGUOUS[name][profile.kind] if name in AMBIGUOUS else (LOCAL[name].role, LOCAL[name].weight)
        evidence.add(role, weight * strength * (claims if role is O else 1.0), f"near: {phrase}")
    if "authority" in near and profile.kind not in ("offer", "phish"):
        authority, phrase = near["authority"]
        asked = max(near.get(name, _NOTHING)[0] for name in ("contact", "service", "urge"))
        evidence.add(O, (2.8 if profile.kind == "mistaken" else 1.6) * min(asked, authority), f"contact of: {phrase}")
    if profile.kind in ("mistaken", "commerce") and "harmed" not in near:
        evidence.scale(V, 0.45)  # one's own number in a post about something else
    for role, weight in PRIORS[profile.kind].items():
        evidence.add(role, weight * profile.sure, profile.why)
    if header is not None:
        evidence.add(header[0], _HEADER, f"list under: {header[1]}")
    return evidence


# ---- the identifier itself

_KINDS: Mapping[str, tuple[Role, float]] = {
    "hotline": (O, 1.0),
    "shortcode": (O, 1.5),
    "phone_prefix": (S, 1.2),
    "phone_partial": (S, 0.3),
    "file": (S, 1.8),
    "crypto": (S, 1.0),
}
"""Evidence from the kind of identifier alone."""

_PLACEHOLDER_DIGITS = words(
    "0123456789 123456789 1234567890 0987654321 987654321 0912345678 0123456 12345678 84901234567"
)
_REPEATED_DIGIT = re.compile(r"0?\d?\d?(\d)\1{5,}")
_NO_DIGIT = re.compile(r"\D+")
_DISGUISE = re.compile(r"[A-Za-zÀ-ỹ]|[^\x00-\x7f\s–—·•]")
_SPACED_DIGITS = re.compile(r"(?:\d[^\d]){6,}\d")
_LONGEST_NUMBER = 40


def add_value(evidence: Evidence, mention: Mention, url: str, source_kind: str) -> None:
    """Evidence from what the identifier is."""
    kind = mention.kind
    if kind in _KINDS:
        evidence.add(*_KINDS[kind], kind)
    if kind in ("link", "email"):
        _add_host(evidence, mention, url)
    elif kind == "handle":
        _add_handle(evidence, mention)
    elif kind == "phone":
        _add_phone(evidence, mention, source_kind)
    if kind in ("phone", "account", "wallet") and len(mention.raw) < _LONGEST_NUMBER:
        digits = _NO_DIGIT.sub("", mention.raw) or mention.value
        if digits in _PLACEHOLDER_DIGITS or _REPEATED_DIGIT.fullmatch(digits):
            evidence.add(E, 3.2, "placeholder digits")
        if _DISGUISE.search(mention.raw) or _SPACED_DIGITS.search(mention.raw):
            evidence.add(S, 0.4, "written in disguise")
    if kind in ("link", "file"):
        evidence.scale(V, 0.2)  # links are nobody's own
    if kind == "phone_partial" and mention.value.count("x") >= 6:
        evidence.add(E, 1.2, "nearly all digits masked")


def _add_handle(evidence: Evidence, mention: Mention) -> None:
    platform, _, name = mention.value.partition(":")
    if platform in ("telegram", "whatsapp"):
        evidence.add(S, 0.7, f"{platform} handle")
    if "cskh" in name or "hotro" in name:
        evidence.add(S, 0.8, "handle that plays a service desk")


def _add_phone(evidence: Evidence, mention: Mention, source_kind: str) -> None:
    value = mention.value
    if not value.startswith("+84"):
        evidence.add(S, 1.0, "foreign number")
    elif value.startswith(("+842499", "+842899", "+842888", "+842877")):
        evidence.add(S, 0.8, "VoIP block of the watch list")
    elif value.startswith("+842"):
        evidence.add(O, 0.7 if source_kind in ("news", "warning") else 0.4, "landline")
        evidence.add(S, -0.4, "landline")


_OLD_TLDS = words("vn com net org edu gov int mil eu us uk jp kr au de fr sg th io dev")
"""Under any other one the fakes of the warnings read are many times commoner than honest hosts (domain notes, section 3)."""

_BRANDS = re.compile(
    r"(?:^|[.-])(?:vcb|vietcombank|bidv|vietinbank|agribank|techcombank|mbbank|acb|vpbank|tpb|tpbank|sacombank|hdbank|vib|shb|msb|ocb|eximbank|momo|"
    r"zalopay|vneid|dichvucong|dvc|vnpost|evn\w*|vssid|etax|thue|csgt|bocongan|congan|phatnguoi|shopee|lazada|tiki|viettel|vinaphone|"
    r"mobifone|ghtk|ghn|bhxh|baochinhphu|gov)(?=[.-])"
)
_PLAIN_HOSTS = words(
    """play.google.com apps.apple.com itunes.apple.com google.com maps.google.com goo.gl maps.app.goo.gl youtube.com youtu.be
    vietqr.io img.vietqr.io wikipedia.org vi.wikipedia.org vnexpress.net tuoitre.vn thanhnien.vn dantri.com.vn vietnamnet.vn
    nld.com.vn laodong.vn cafef.vn kenh14.vn soha.vn baolamdong.vn shopee.vn lazada.vn tiki.vn chotot.com
    vietnamairlines.com vietjetair.com github.com"""
)
"""Hosts that say nothing about who uses them: a link to one is neutral unless the text says otherwise."""

_NEWSROOM = re.compile(
    r"(?:toa-?soan|ban-?doc|bien-?tap|duong-?day-?nong|quang-?cao|phong-?vien|tri-?su|bandoc|news|baodientu)[\w.-]*@",
    re.IGNORECASE,
)
_PLACEHOLDER_HOST = re.compile(
    r"(?:^|[./-])(?:x{2,}|abc|xyz|example|vidu|tenmien|ten-mien|domain|yourdomain|website|tenweb|tencongty|tennganhang|tenshop|tentrang|diachi)(?=[./-]|$)"
)
_ADDRESS = re.compile(r"\d+(?:\.\d+){3}")
_HOST_OF_URL = re.compile(r"^\w+://(?:www\.)?([^/:]+).*")

OWN = "the site's own address"


def _add_host(evidence: Evidence, mention: Mention, url: str) -> None:
    host = host_of(mention).removeprefix("www.")
    if mention.kind == "email" and _NEWSROOM.match(mention.value):
        evidence.add(C, 2.6, "mailbox of a newsroom")
    if _PLACEHOLDER_HOST.search(host.rpartition(".")[0]):
        evidence.add(E, 3.6, "placeholder host")
        return
    labels = host.split(".")
    if host in _PLAIN_HOSTS or ".".join(labels[-2:]) in _PLAIN_HOSTS:
        evidence.add(N, 2.2, "common host")
        evidence.add(S, -1.2, "common host")
        return
    if mention.attributes.get("look_alike"):
        evidence.add(S, 2.0, f"look-alike of {mention.attributes['look_alike']}")
    elif _BRANDS.search(host):
        evidence.add(S, 1.4, "brand in a foreign host")
    if labels[-1] not in _OLD_TLDS or _ADDRESS.fullmatch(host):
        evidence.add(S, 1.0, f"host under .{labels[-1]}")
    elif host.endswith((".edu.vn", ".org.vn")):
        evidence.add(O, 1.0, "school or association")
    own = _HOST_OF_URL.sub(r"\1", url)
    if url and (host == own or own.endswith("." + host)):
        evidence.add(C, 2.0, OWN)


# ---- the words right around it

_TEMPLATE = re.compile(r"(?:soan|nhan|cu phap|gui)(?: \w+){0,6} ?$")
_BRACKETS = ("()", "[]", "<>", "{}")
_SOURCES = ("theo", "nguon", "nguon tin", "theo bao")
_BEHIND = 90
"""Code points behind an identifier in which its owner or what its caller did is named."""


@cache
def _behind(name: str) -> re.Pattern[str]:
    """What stands right behind an identifier: a victim's (`... của bà tại`), a caller's (`... gọi đòi nợ`)."""
    return re.compile("|".join(f"(?:{line[1:]})" for line in read_sections("role_cues.txt")[name]))


def add_words(evidence: Evidence, text: str, mention: Mention) -> None:
    """Evidence from the words right around it: a blank of a template, somebody's own."""
    start, end = mention.start, mention.end
    if mention.kind == "link" and fold(text[max(0, start - 24) : start].rsplit("\n", 1)[-1]) in _SOURCES:
        evidence.add(C, 2.6, "named as the source")
        evidence.add(S, -1.0, "named as the source")
    around = text[max(0, start - 1) : start].strip() + text[end : end + 1].strip()
    if around in _BRACKETS and _TEMPLATE.search(fold(text[max(0, start - 40) : start])):
        evidence.add(E, 4.0, "blank of a template")
    if text[end : end + 2].startswith((". ", "; ", "! ", "? ")):
        return
    behind = fold(text[end : end + _BEHIND].partition("\n")[0])
    if _behind("own_after").match(behind):
        evidence.add(V, 4.2, "called somebody's own")
    if _behind("behind").match(behind):
        evidence.add(S, 1.9, "named as the caller")


# ---- what phrases and rules alone make of it

_LEAST = 0.4
"""Evidence below which the role stays unknown."""


class Verdict(NamedTuple):
    """A role, how sure (0 to 1), and why."""

    role: Role
    confidence: float
    reason: str


def ruled(evidence: Evidence, ranked: list[tuple[float, Role]], wordy: bool) -> Verdict:
    """The role with most evidence; where there is too little, neutral in a text that says something, else unknown."""
    if not ranked or ranked[0][0] < _LEAST:
        if wordy:
            return Verdict(N, 0.35, "nothing in the text speaks against it")
        return Verdict(U, 0.3, "too little near it says why")
    weight, role = ranked[0]
    second = max(0.0, ranked[1][0]) if len(ranked) > 1 else 0.0
    confidence = round(min(0.98, 0.5 + 0.5 * (weight - second) / (weight + 0.5)), 2)
    return Verdict(role, confidence, evidence.reason(role))


def ruled_official(near: Mapping[str, tuple[float, str]], evidence: Evidence, fake: bool) -> Verdict:
    """An allow-listed value: spoofed inside a scam message, or where the text says that it was faked; else official."""
    spoof, phrase = near.get("spoof", _NOTHING)
    genuine = near.get("genuine", _NOTHING)[0]
    if fake and genuine < 0.8:
        return Verdict(Role.SPOOFED, 0.8, "allow-listed, bait of a scam message")
    if spoof > 0.4 and spoof >= max(genuine, near.get("report", _NOTHING)[0]):
        return Verdict(Role.SPOOFED, 0.8, f"allow-listed; near: {phrase}")
    if evidence.total(C) > evidence.total(O) + 0.5:
        return Verdict(C, 0.7, evidence.reason(C))
    return Verdict(O, 0.95, "allow-listed")
