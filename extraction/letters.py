"""What letters are called, in Vietnamese schools and in English: `vê cê bê`, `vi xi bi`, `cờ o mờ`."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import product

_NAMES = {
    "a": "a ây ey", "b": "b bê bờ bi", "c": "c cê xê cờ xi si", "d": "d dê đê dờ đờ đi di", "e": "e i", "f": "f ép", "g": "g giê gờ gi ghê",
    "h": "h hát hờ ếch", "i": "i ai", "j": "j gi giây", "k": "k ca cờ kê cây", "l": "l lờ en eo", "m": "m mờ em", "n": "n nờ en",
    "o": "o ô âu", "p": "p pê pờ pi", "q": "q quy cu kiu", "r": "r rờ", "s": "s ét sờ xờ", "t": "t tê tờ ti", "u": "u iu",
    "v": "v vê vờ vi", "w": "w", "x": "x ích", "y": "y i quai", "z": "z dét giét",
}  # fmt: skip


def _fold(text: str) -> str:
    marks = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(mark for mark in marks if not unicodedata.combining(mark))


LETTER_NAMES = {letter: tuple(dict.fromkeys(map(_fold, names.split()))) for letter, names in _NAMES.items()}
"""Names of each letter, accents folded."""
_WRITTEN = {letter: frozenset(names.split()) for letter, names in _NAMES.items()}


@cache
def said(letters: str) -> frozenset[str]:
    """Everything that the letters, said one after the other, look like when it is written together: `vcb`: `vecebe`, `vixibi`, ..."""
    return frozenset("".join(names) for names in product(*(LETTER_NAMES[letter] for letter in letters)))


def are_said(letters: str, written: list[str]) -> bool:
    """Whether words are the names of the letters, one each: with the names' own accents, or without any."""
    if len(written) != len(letters):
        return False
    return all(
        word in _WRITTEN[letter] or (word.isascii() and word in LETTER_NAMES[letter])
        for letter, word in zip(letters, written, strict=True)
    )
