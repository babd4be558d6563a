"""Watched prefixes: number blocks that a warning names, and landlines printed one digit short."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.kinds.base import EntityKind
from extraction.numbering import MOBILE, dialled
from extraction.reading import Page
from extraction.signs import Gate
from extraction.telephony import not_a_phone
from model.document import Mention

_CUE = re.compile(
    r"(?<![a-z])(?:dau so|ma vung|ma quoc gia|tien to|bat dau (?:bang|la|tu|voi)|co dang|mo dau(?: bang)?)(?: [a-z]{1,12}){0,6}[\s:\"'(\-•*]{1,5}(?=[0-9+])"
)
"""Words that announce prefixes, with up to six more: `đầu số của bọn này là`."""
_PREFIX = re.compile(r"(?P<digits>\+?[0-9]{2,7})(?P<mask>\.{3}|…|[x*]{0,8})(?![0-9]|[.,%][0-9]|[a-z%])")
_GROUPS, _GROUP = re.compile(r"(?:[ .\-][0-9x*]{1,7}){1,4}(?![0-9])"), re.compile("[0-9]+")
_CUED = Gate("dau so", "ma vung", "ma quoc gia", "tien to", "bat dau", "co dang", "mo dau")
_LANDLINE = Gate("024", "028")
_BETWEEN = re.compile(
    r"[\s,;/&\"'()\-•*]{1,4}(?:(?:va|hoac|hay|cung|dau so|dau)[\s,]{1,2}){0,2}(?:\([^()\n]{1,24}\)[\s,]{0,2})?"
)
_SHORT_LANDLINE = re.compile(r"(?<![0-9+.,a-z])02[48][ .]?[0-9]{7}(?![0-9]|[ .\-][0-9]{1,4}(?![0-9]))")


class PhonePrefix(EntityKind):
    """Value: the digits, a foreign prefix with its plus."""

    name = "phone_prefix"
    label = "Đầu số cảnh báo"
    plural_label = "Đầu số cảnh báo"
    field = "partials"
    rank = 85
    order = 54

    def find(self, page: Page) -> Iterator[Mention]:
        if _CUED(page):
            for cue in _CUE.finditer(page.base):
                yield from self._list(page, cue.end())
        for match in _SHORT_LANDLINE.finditer(page.base) if _LANDLINE(page) else ():
            digits = re.sub(r"[ .]", "", match.group())
            if (
                digits[3] in "23456789"
                and not not_a_phone(page, match.start())
                and page.is_free(*match.span())
                and dialled(digits) is None
            ):
                page.claim(*match.span())
                yield page.mention("phone_prefix", digits[:8], *match.span(), 0.6)

    def _list(self, page: Page, position: int) -> Iterator[Mention]:
        while match := _PREFIX.match(page.base, position):
            digits = match.group("digits")
            if (
                not page.is_free(*match.span())
                or not self._is_prefix(digits, page, match.start())
                or self._is_number(page, match)
            ):
                return
            start, end = match.start(), match.end("mask")
            page.claim(start, end)
            yield page.mention("phone_prefix", digits, start, end, 0.85)
            between = _BETWEEN.match(page.base, end)
            if not between:
                return
            position = between.end()

    def _is_number(self, page: Page, prefix: re.Match[str]) -> bool:
        """Whether the groups that follow make a whole number of it."""
        digits = prefix.group("digits")
        following = _GROUPS.match(page.base, prefix.end()) if not prefix.group("mask") else None
        if following and "x" in following.group() and len(digits + following.group()) >= 9:
            return True
        for group in _GROUP.findall(following.group()) if following else ():
            digits += group
            if dialled(digits) is not None:
                return True
        return False

    def _is_prefix(self, digits: str, page: Page, start: int) -> bool:
        if digits.startswith("+"):
            return len(digits) >= 3
        if digits[:4] in ("1800", "1900"):
            return len(digits) <= 6
        if digits[0] != "0" or len(digits) < 3:
            return False
        return digits[:3] in MOBILE or digits.startswith(("02", "00", "069", "01")) or len(digits) == 3

    def normalise(self, text: str) -> str | None:
        digits = re.sub(r"[ .x*]", "", Page(text).base)
        return digits if re.fullmatch(r"\+?[0-9]{2,7}", digits) and self._is_prefix(digits, Page(""), 0) else None

    def paste_forms(self, value: str) -> tuple[str, ...]:
        return (value.lstrip("+"),)

    def keys(self, mention: Mention) -> tuple[str, ...]:
        return ()

    def field_value(self, value: str) -> str:
        return f"phone_prefix:{value}"
