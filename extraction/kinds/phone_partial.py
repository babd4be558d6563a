"""Phones of which only some digits can be seen: masked by the press, or broken by their author."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.instructions import instructed
from extraction.kinds.base import EntityKind
from extraction.numbering import MOBILE
from extraction.reading import Page
from extraction.signs import Gate
from extraction.telephony import after_zalo, numbers
from model.document import Mention

_MASK = r"[x*•#_?]"
_HEAD = re.compile(
    rf"(?<![0-9a-z.,])(?P<plus>\+?84|0)(?P<body>(?:[ .\-]?[0-9]){{1,8}}(?:[ .\-]?{_MASK}){{2,9}}(?:[ .\-]?[0-9]){{0,6}})(?![0-9a-wyz*])"
)
_DOTS = re.compile(
    r"(?<![0-9a-z.,])(?P<head>(?:\+?84|0)[0-9](?:[ .\-]?[0-9]){1,7})[ ]?(?:\.{3,}|…)[ ]?(?P<tail>[0-9]{2,4})?(?![0-9]|[ ]?(?:\.{3}|…)[ ]?[0-9])"
)
_TAIL = re.compile(r"(?<![0-9a-z*•x])(?:[*•#]{2,8}|x{3,8})[ .\-]?(?P<tail>[0-9]{3,5})(?![0-9a-z])")
_TAIL_CUE = re.compile(r"(?<![a-z])(?:so|sdt|dt|dien thoai|dau so|duoi|goi|thue bao|sim)[^0-9\n]{0,24}\Z")
_SIGNS = Gate(*(f"{one}{gap}{two}" for one in "x*•#_?" for two in "x*•#_?" for gap in ("", " ", ".", "-")), "...", "…")
_BROKEN = re.compile(r"(?<![0-9])(?!1[89]00)[0-9]{7,8}(?![0-9]|[ .\-][0-9])")


class PhonePartial(EntityKind):
    """Value: `+84900000xxx` with one `x` for each hidden digit; the digits as written when the number is broken."""

    name = "phone_partial"
    label = "Số điện thoại (không đủ số)"
    plural_label = "Số điện thoại (không đủ số)"
    field = "partials"
    rank = 90
    order = 55

    def find(self, page: Page) -> Iterator[Mention]:
        if _SIGNS(page):
            yield from self._masked(page)
            yield from self._dotted(page)
            yield from self._tails(page)
        if "zalo" in page.base or "zl" in page.base:
            yield from self._broken(page)

    def _masked(self, page: Page) -> Iterator[Mention]:
        for match in _HEAD.finditer(page.base):
            body = re.sub(r"[ .\-]", "", match.group("body"))
            body = re.sub(_MASK, "x", body)
            if (len(body) == 9 and self._is_mobile(body)) or (len(body) == 10 and body[0] == "2"):
                yield from self._mention(page, "+84" + body, *match.span())

    def _dotted(self, page: Page) -> Iterator[Mention]:
        """An ellipsis hides as many digits as are missing."""
        for match in _DOTS.finditer(page.base):
            head = re.sub(r"[^0-9]", "", match.group("head"))
            head = head.removeprefix("84") if head.startswith("84") else head[1:]
            tail = match.group("tail") or ""
            hidden = 9 - len(head) - len(tail)
            if 1 <= hidden <= 7 and len(head) + len(tail) >= 3 and self._is_mobile(head):
                yield from self._mention(page, "+84" + head + "x" * hidden + tail, *match.span())

    def _tails(self, page: Page) -> Iterator[Mention]:
        for match in _TAIL.finditer(page.base):
            if _TAIL_CUE.search(page.before(match.start(), 36)):
                tail = match.group("tail")
                yield from self._mention(page, "*" * (10 - len(tail)) + tail, *match.span())

    def _broken(self, page: Page) -> Iterator[Mention]:
        for match in _BROKEN.finditer(page.base):
            start, end = match.span()
            whole = any(found.start < end and start < found.end for found in numbers(page))
            if after_zalo(page, start) and not whole:
                yield from self._mention(page, match.group(), *match.span())

    def _is_mobile(self, body: str) -> bool:
        visible = body[:2].rstrip("x")
        return any(block[1:].startswith(visible) for block in MOBILE) if visible else False

    def _mention(self, page: Page, value: str, start: int, end: int) -> Iterator[Mention]:
        told = any(other.start < end and start < other.end for other in instructed(page))
        if not told and page.is_free(start, end):
            page.claim(start, end)
            yield page.mention("phone_partial", value, start, end, 0.8)

    def normalise(self, text: str) -> str | None:
        found = list(self.find(Page(text.strip())))
        return found[0].value if len(found) == 1 and len(text) < 40 else None

    def paste_forms(self, value: str) -> tuple[str, ...]:
        return (value.replace("+84", "0"),)

    def keys(self, mention: Mention) -> tuple[str, ...]:
        return ()

    def field_value(self, value: str) -> str:
        return f"phone_partial:{value}"
