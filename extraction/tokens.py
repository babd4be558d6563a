"""The words of a page, split once in compiled code: which words stand in a text answers most rules before they look.

A rule that asks "is one of my words here" is a test of two sets; where the word stands is computed when somebody asks.
"""

from __future__ import annotations

from itertools import accumulate

from extraction.reading import Page

_KEPT = b"abcdefghijklmnopqrstuvwxyz0123456789@"
_APART = bytes(point if point in _KEPT else 32 for point in range(256))


class Tokens:
    """texts: what stands between the other characters of `base`, `` where two of those touch; present: the same as a set.

    Letters a to z, digits and `@` (a look-alike of `a`) make a token; all else parts two.
    """

    def __init__(self, base: str) -> None:
        self.texts = base.encode("ascii", "replace").translate(_APART).decode("ascii").split(" ")
        self.present = frozenset(self.texts)
        self._ends: list[int] | None = None

    def start(self, index: int) -> int:
        """Where a token begins in `base`."""
        if self._ends is None:
            self._ends = list(accumulate(map(len, self.texts)))
        return self._ends[index] + index - len(self.texts[index])


def tokens(page: Page) -> Tokens:
    """The tokens of the page; split once."""
    known = page.memo.get("tokens")
    if known is None:
        known = page.memo["tokens"] = Tokens(page.base)
    return known  # type: ignore[return-value]
