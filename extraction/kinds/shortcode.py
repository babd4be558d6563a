"""Short codes: three to six digits, only where a verb says that one calls or texts them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from extraction.digits import figures
from extraction.kinds.base import EntityKind
from extraction.reading import Page
from extraction.words import words
from model.document import Mention

_KNOWN = words(
    "111 112 113 114 115 156 197 198 191 789 5656 1022 1080 9090 9548 9241 1551 9029 18001091 1400 1405 1407 1408"
)
"""Public service and carrier codes: `data/phone_prefixes.csv`, rows short code."""
_DIALLED = re.compile(
    r"(?<![a-z])(?:gui(?: tin nhan| sms| tin)?(?: toi| den| ve| qua| vao)?(?: dau so| so| tong dai| ma)?|nhan(?: tin)?(?: toi| den| ve| cho| qua)?(?: dau so| so| tong dai)"
    r"|goi(?: ngay| dien| toi| den| cho| nhanh| qua)*(?: so| tong dai| dau so| hotline)?|bam(?: so)?|quay(?: so)?|soan(?: tin)?(?: \S{1,20}){1,6} gui(?: toi| den| ve)?(?: dau so| so| tong dai)?"
    r"|tong dai|dau so|duong day nong|phan anh(?: toi| den| qua| ve)*(?: dau so| so| tong dai)?|lien he(?: so)?)\W{1,3}\Z"
)
_LAST_WORD = re.compile(r"([a-z]+)\W{1,3}\Z")
_LAST_WORDS = words(
    "gui nhan tin sms toi den ve qua vao so dai ma cho goi ngay dien nhanh hotline bam quay nong anh he"
)
"""The words with which a match of `_DIALLED` ends."""
_CODE = re.compile(
    r"(?<![0-9.,:/\-+])(?P<code>[0-9]{3,6})(?![0-9]|[.,:/\-h%x*][0-9]|[a-z]| ?(?:k|tr|trieu|dong|d|vnd|usd|ty|nghin|ngan|nguoi|lan|cuoc|tin|so|phut|gio|ngay|thang|nam|cau|don|em|cai|anh|chi|tai|thung|kg|g|m|km|hop|bo|chiec|%)(?![a-z]))"
)
_KNOWN_CODE = re.compile(r"(?<![\w.,*/\-])(?:111|112|113|114|115|156|5656|1022)(?![\w%*]|[.,/\-][0-9]|[-/][a-z])")
_EMERGENCY_CUE = re.compile(
    r"(?<![a-z])(?:goi|so|tong dai|canh sat|cong an|dau so|duong day|nhan tin|gui|bao|hotline|qua|den|toi)[^0-9]{0,16}\Z"
    r"|(?<![0-9])(?:11[1-5]|156|5656|1022)[^0-9\n]{0,12}(?:(?<![a-z])(?:hoac|va)|,|/)[^0-9]{0,12}\Z"
)
_USSD = re.compile(r"(?<![\w*])\*(?P<code>[0-9]{3,6})(?:\*[0-9]{1,6})*#")
_UNIT_AFTER = re.compile(
    r"\s?(?:k|tr|trieu|dong|d|vnd|usd|ty|nghin|ngan|nguoi|lan|cuoc|phut|gio|ngay|thang|nam|km|m|m2|kg|%|tin|vu|truong hop|ca|ho|sinh vien|don vi|xa|doanh nghiep|tai khoan|bi hai|nan nhan|so)(?![a-z])"
)


def _matches(pattern: re.Pattern[str], page: Page, starts: Iterable[int]) -> Iterator[re.Match[str]]:
    """Matches of a pattern that begins with a whole group of digits."""
    return filter(None, (pattern.match(page.base, start) for start in starts))


class Shortcode(EntityKind):
    """Value: the digits."""

    name = "shortcode"
    label = "Đầu số ngắn"
    plural_label = "Đầu số ngắn"
    field = "shortcodes"
    rank = 80
    order = 80

    def find(self, page: Page) -> Iterator[Mention]:
        groups = [start for start, end in figures(page) if 3 <= end - start <= 6]
        for match in _matches(_CODE, page, groups):
            if page.is_free(*match.span()) and self._is_dialled(page, match):
                yield from self._claim(page, *match.span("code"))
        for match in _USSD.finditer(page.base) if "#" in page.base else ():
            yield from self._claim(page, *match.span("code"))
        for match in _matches(_KNOWN_CODE, page, groups):
            if _EMERGENCY_CUE.search(page.before(match.start(), 24)) and not _UNIT_AFTER.match(
                page.after(match.end(), 14)
            ):
                yield from self._claim(page, *match.span())

    def _is_dialled(self, page: Page, code: re.Match[str]) -> bool:
        """Whether the words before a code say that one texts or calls it."""
        last = _LAST_WORD.search(page.before(code.start(), 10))
        if last is None or last.group(1) not in _LAST_WORDS:
            return False
        verb = _DIALLED.search(page.before(code.start(), 120))
        return verb is not None and self._is_meant(verb.group(), code.group("code"))

    def _is_meant(self, verb: str, code: str) -> bool:
        """Whether the words before an unknown code say plainly that one texts or calls it."""
        if code in _KNOWN:
            return True
        direct = re.match(r"(?:gui|nhan|soan|bam|quay)", verb) or re.search(r"(?:so|tong dai)\W{1,3}\Z", verb)
        round_sum = len(code) >= 4 and code.endswith("00") and not code.startswith(("1", "5", "6", "7", "8", "9"))
        year = len(code) == 4 and code[:2] in ("19", "20")
        return (
            bool(direct)
            and len(code) in (3, 4, 5)
            and not round_sum
            and not year
            and not (len(code) == 3 and code.endswith("00"))
        )

    def _claim(self, page: Page, start: int, end: int) -> Iterator[Mention]:
        if page.is_free(start, end):
            page.claim(start, end)
            yield page.mention("shortcode", page.base[start:end], start, end, 0.85)

    def normalise(self, text: str) -> str | None:
        digits = Page(text).base.strip(" *#")
        return digits if digits.isascii() and digits.isdigit() and 3 <= len(digits) <= 6 else None

    def keys(self, mention: Mention) -> tuple[str, ...]:
        """Premium codes are shared by whole campaigns of honest services: they join nothing."""
        return ()
