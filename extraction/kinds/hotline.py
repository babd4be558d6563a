"""Service numbers: 1800 and 1900 of eight or ten digits, and the police and defence network 069."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.kinds.base import EntityKind
from extraction.numbering import dialled
from extraction.reading import Page
from extraction.telephony import numbers
from model.document import Mention


class Hotline(EntityKind):
    """Value: the digits as dialled."""

    name = "hotline"
    label = "Tổng đài"
    plural_label = "Tổng đài"
    field = "hotlines"
    rank = 15
    order = 60

    def find(self, page: Page) -> Iterator[Mention]:
        for found in numbers(page):
            if found.number.kind == "hotline" and page.is_free(found.start, found.end):
                page.claim(found.start, found.end)
                yield page.mention(
                    "hotline", found.number.value, found.start, found.end, max(0.5, 0.98 - 0.1 * found.cost)
                )

    def normalise(self, text: str) -> str | None:
        number = dialled(re.sub(r"[^0-9]", "", Page(text).base)) if len(text) <= 40 else None
        return number.value if number is not None and number.kind == "hotline" else None
