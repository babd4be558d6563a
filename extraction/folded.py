"""A text folded once for all who read it: its phrases, places, language, fingerprint and bands see the same folded form.

The folded forms of the last few texts are kept, for one document is read by five readers, one after the other. What only
some of them need (words, the way back) is made when the first of them asks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, compress, count
from operator import add

from extraction.fold import TOKEN_LIMIT, close_up, fold, fold_map, may_be_long, spread

_KEPT = 8
"""Texts kept: title, text and both together, as written and with victims masked; documents may be read in two threads."""

_SPACES = re.compile(b"  +")


class Folded:
    """A folded text. text: its words with single spaces between."""

    def __init__(self, original: str) -> None:
        self.original = original
        self.spread = spread(original)
        """Each character folded in its place, where that can be: see `extraction.fold.spread`."""
        self._offsets: list[int] | None = None
        if self.spread is None or may_be_long(self.spread):
            self.spread = None
            self.text, self._offsets = _quick_map(original)
        else:
            self.text = close_up(self.spread)

    @cached_property
    def offsets(self) -> Sequence[int]:
        """For each folded character, the place in the original that it came from."""
        if self.spread is None or self._offsets is not None:
            return self._offsets or []
        return range(len(self.spread)) if len(self.text) == len(self.spread) else _offsets(self.spread)

    @cached_property
    def words(self) -> list[tuple[int, str]]:
        """Each word with the place in the folded text at which it begins."""
        return words_of(self.text)

    @cached_property
    def tokens(self) -> list[str]:
        """Each word."""
        return self.text.split(" ") if self.text else []

    @cached_property
    def starts(self) -> list[int]:
        """Where each word begins in the original."""
        if self.spread is None:
            return [self.offsets[first] for first, _ in self.words]
        sizes = list(map(len, self.spread.split(b" ")))
        return list(compress(map(add, accumulate(sizes, initial=0), count()), sizes))

    @cached_property
    def ends(self) -> list[int]:
        """Where each word ends in the original."""
        if self.spread is None:
            return [self.offsets[first + len(word) - 1] + 1 for first, word in self.words]
        return list(map(add, self.starts, map(len, self.tokens)))

    @cached_property
    def gaps(self) -> list[tuple[int, str]]:
        """What stands before each word that a single space does not part from the word before it, with the word's number."""
        text = self.original
        return [
            (place, text[end:start])
            for place, end, start in zip(count(1), self.ends, self.starts[1:], strict=False)
            if start - end != 1 or text[end] != " "
        ]


def _offsets(spread: bytes) -> list[int]:
    """Places of the characters that are left when spaces around are cut and runs of them become one."""
    end = len(spread.rstrip())
    first = len(spread) - len(spread.lstrip())
    offsets: list[int] = []
    for run in _SPACES.finditer(spread, first, end):
        offsets += range(first, run.start() + 1)
        first = run.end()
    offsets += range(first, end)
    return offsets


def words_of(folded: str) -> list[tuple[int, str]]:
    """The words of a folded text, each with its place."""
    if not folded:
        return []
    words = folded.split(" ")
    return list(zip(accumulate((len(word) + 1 for word in words[:-1]), initial=0), words, strict=True))


def joined(title: str, text: str) -> str:
    """Title and text as one text."""
    return f"{title}\n{text}" if title else text


@lru_cache(maxsize=_KEPT)
def folded(text: str) -> Folded:
    """The folded form, as `fold_map` gives it."""
    return Folded(text)


_MANY = "\0"
"""Stands for a character that folds to more than one (`ß`); nothing folds to it."""


class _Folds(dict[int, str]):
    """Fold of each code point as it stands in a word, computed at first sight."""

    def __missing__(self, point: int) -> str:
        found = fold(f"a{chr(point)}a")[1:-1]
        found = self[point] = found if len(found) < 2 else _MANY
        return found


_FOLDS = _Folds()
_UNSPACED = re.compile("[\u0e00-\u1cff\u2e80-\uabff\uf900-\ufaff\U0001b000-\U0001f1ff\U00020000-\U0003ffff]")
_RUN = re.compile(" {2,}")
_LONG = re.compile(rf"[^ ]{{{TOKEN_LIMIT + 1}}}")


def _quick_map(text: str) -> tuple[str, list[int]]:
    """`fold_map`, without its cost where each character folds to one or to nothing: that is nearly every text."""
    if _UNSPACED.search(text):
        return fold_map(text)
    spread = text.translate(_FOLDS)
    if _MANY in spread or (len(spread) > TOKEN_LIMIT and _LONG.search(spread)):
        return fold_map(text)
    body = spread.strip(" ")
    first = len(spread) - len(spread.lstrip(" "))
    offsets: list[int] = []
    position = 0
    for run in _RUN.finditer(body):
        offsets.extend(range(first + position, first + run.start() + 1))
        position = run.end()
    offsets.extend(range(first + position, first + len(body)))
    if len(spread) != len(text):
        kept = [offset for offset, character in enumerate(text) if _FOLDS[ord(character)]]
        offsets = [kept[offset] for offset in offsets]
    return _RUN.sub(" ", body), offsets
