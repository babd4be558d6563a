"""Telephone numbers, Vietnamese and foreign."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.kinds.base import EntityKind
from extraction.numbering import dialled, foreign, international
from extraction.reading import Page
from extraction.telephony import numbers
from model.document import Mention


class Phone(EntityKind):
    """Value: E.164; numbers of before 2018 converted."""

    name = "phone"
    label = "Số điện thoại"
    plural_label = "Số điện thoại"
    field = "phones"
    rank = 10
    order = 70

    def find(self, page: Page) -> Iterator[Mention]:
        for found in numbers(page):
            if found.number.kind == "phone" and page.is_free(found.start, found.end):
                page.claim(found.start, found.end)
                confidence = max(0.5, 0.98 - 0.1 * found.cost)
                yield page.mention(
                    "phone", found.number.value, found.start, found.end, confidence, carrier=found.number.carrier
                )

    def normalise(self, text: str) -> str | None:
        digits = re.sub(r"[^0-9]", "", Page(text).base)
        if text.strip().startswith("+") or digits.startswith("00"):
            digits = digits.removeprefix("00")
            number = international(digits) if digits.startswith("84") else foreign(digits)
        else:
            number = dialled(digits)
            if number is None and len(digits) == 9:
                number = dialled("0" + digits)
        return number.value if number is not None and number.kind == "phone" and len(text) <= 60 else None

    def paste_forms(self, value: str) -> tuple[str, ...]:
        if value.startswith("+84"):
            return ("0" + value[3:], value[1:])
        return (value[1:],)
