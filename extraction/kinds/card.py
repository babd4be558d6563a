"""Payment cards: first six, stars, last four. The full number is never a value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.accounts import CUE
from extraction.digits import Run, figures, page_runs
from extraction.institutions import banks_by_bin
from extraction.kinds.base import EntityKind
from extraction.reading import Page
from extraction.signs import Gate
from extraction.words import whole_words
from model.document import Mention

_CUE = re.compile(whole_words("the|so the|card|visa|master ?card|master|jcb|amex|napas|atm|debit|credit"))
_MASKED = re.compile(
    r"(?<![a-z0-9])[0-9]{4}[ .\-]?[0-9]{2}[x*•#]{2}[ .\-]?[x*•#]{4}[ .\-]?(?:[x*•#]{4}|[0-9]{4})(?:[ .\-]?[0-9]{3})?(?![a-z0-9])"
)


_SHOWN = 8
"""Digits of a card that are written as digits at least, where letters stand for the others: `97O4 O7OO 88l2 3453`."""
_BARE = 6
"""Digits of a masked card that are shown at least."""
_WRITTEN = 15
"""Digits of the shortest card number."""
_CUES = Gate("the", "card", "visa", "master", "jcb", "amex", "napas", "atm", "debit", "credit")
_MASKS = Gate(*(first + second for first in "x*•#" for second in "x*•#"))


def _is_dense(groups: list[tuple[int, int]]) -> bool:
    """Whether as many digits as a card has stand in a row with four signs between two groups at most."""
    row, reached = 0, -9
    for start, end in groups:
        row = end - start + (row if start - reached <= 4 else 0)
        if row >= _WRITTEN:
            return True
        reached = end
    return False


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def masked(digits: str) -> str:
    """`970436******0016`."""
    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]


def _grown(run: Run, index: int) -> tuple[str, int]:
    """Sixteen digits from an item on, nineteen where a group of three more follows a NAPAS number; the last item."""
    digits, last = run.items[index].digits, index
    if digits[:1] not in ("2", "3", "4", "5", "6", "9"):
        return digits, last
    while len(digits) < 16 and last + 1 < len(run.items) and run.gaps[last].weight <= 2:
        last += 1
        digits += run.items[last].digits
    more = last + 1 < len(run.items) and run.gaps[last].weight <= 1 and len(run.items[last + 1].digits) == 3
    if len(digits) == 16 and more and digits.startswith("9704") and index != last:
        last += 1
        digits += run.items[last].digits
    return digits, last


class Card(EntityKind):
    """Value: first six digits, a star for each hidden one, last four."""

    name = "card"
    label = "Thẻ ngân hàng"
    plural_label = "Thẻ ngân hàng"
    field = "cards"
    rank = 8
    order = 40

    def find(self, page: Page) -> Iterator[Mention]:
        groups = figures(page)
        shown = sum([end - start for start, end in groups])
        if shown >= _SHOWN and (_is_dense(groups) or (_CUES(page) and _CUE.search(page.base))):
            for run in page_runs(page):
                if sum([len(item.digits) for item in run.items]) >= _WRITTEN:
                    yield from self._in_run(page, run)
        if shown >= _BARE and _MASKS(page):
            yield from self._masked(page)

    def _in_run(self, page: Page, run: Run) -> Iterator[Mention]:
        index = 0
        while index < len(run.items):
            digits, last = _grown(run, index)
            start, end = run.items[index].start, run.items[last].end
            index += 1
            if self._is_card(page, digits, start, end) and page.is_free(start, end):
                page.claim(start, end)
                confidence, bank = 0.9 if luhn(digits) else 0.7, banks_by_bin().get(digits[:6], "")
                yield page.mention("card", masked(digits), start, end, confidence, bank=bank)
                index = last + 1

    def _is_card(self, page: Page, digits: str, start: int, end: int) -> bool:
        if len(digits) not in (15, 16, 19) or (page.before(start, 1).isalnum() and not page.before(start, 1).isalpha()):
            return False
        cue = _CUE.search(page.before(start, 40)) is not None
        if digits[:6] in banks_by_bin() and len(digits) in (16, 19):
            return cue or luhn(digits) or len(page.base[start:end]) >= len(digits) + 3 or len(digits) == 16
        if CUE.search(page.before(start, 34)) and not re.search(r"so the|card", page.before(start, 34)):
            return False
        if len(digits) == 16 and (digits[0] in "45" or digits[:2] in ("35", "62")):
            return cue and luhn(digits)
        return len(digits) == 15 and digits[:2] in ("34", "37") and luhn(digits) and cue

    def _masked(self, page: Page) -> Iterator[Mention]:
        for match in _MASKED.finditer(page.base):
            visible = re.sub(r"[^0-9x*•#]", "", match.group())
            value = re.sub(r"[x•#]", "*", visible)
            if page.is_free(*match.span()):
                page.claim(*match.span())
                yield page.mention("card", value, *match.span(), 0.7, bank=banks_by_bin().get(value[:6], ""))

    def normalise(self, text: str) -> str | None:
        digits = re.sub(r"[ .\-]", "", Page(text).base)
        if re.fullmatch(r"[0-9]{6}\*{5,9}[0-9]{4}", digits):
            return digits
        return (
            masked(digits)
            if digits.isdigit() and len(digits) in (15, 16, 19) and (luhn(digits) or digits.startswith("9704"))
            else None
        )

    def paste_forms(self, value: str) -> tuple[str, ...]:
        return (value, value[:6], value[-4:])
