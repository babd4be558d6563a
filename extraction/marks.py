"""Vietnamese marks compared as people write them: `hoà` is `hòa`, a word without any mark may stand for one with marks."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


@lru_cache(maxsize=65_536)
def toned(word: str) -> str:
    """One spelling per syllable: decomposed, its tone behind all letters (`hoà` and `hòa` give the same)."""
    letters = unicodedata.normalize("NFD", word.lower())
    tones = "".join(_TONES.findall(letters))
    return _TONES.sub("", letters) + tones if tones else letters


@lru_cache(maxsize=65_536)
def bare(word: str) -> bool:
    """Whether the word has no mark and no đ, so that it may be any word with the same letters."""
    return word.isascii() or not any(
        unicodedata.combining(letter) or letter in "đĐ" for letter in unicodedata.normalize("NFD", word)
    )


def agrees(written: str, meant: str, *, strict: bool = False) -> bool:
    """Whether words as written may be the words meant: each the same up to the place of the tone, or without marks.

    strict: a word without marks is taken as it stands, for texts that are written with marks.
    """
    if written == meant:
        return True
    words, targets = written.split(), meant.split()
    if len(words) != len(targets):
        return False
    return all(
        toned(word) == toned(target) or (not strict and bare(word)) for word, target in zip(words, targets, strict=True)
    )
