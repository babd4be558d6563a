"""One byte for each character that Vietnamese is written in, so that a text is folded by tables and not letter by letter.

Nine texts of ten consist of ASCII, the 134 letters with marks and a dozen signs: fewer than 256 characters. Such a text
becomes bytes of the same length in one pass of C (CPython's `EncodingMap`), and every folding of it is one lookup per
byte: 1.5 us for a post of 219 characters where `str.translate` takes 12. A text with any other character has no such form
and goes the general way; both ways give the same, which the tests hold.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Callable

_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_MARKED = "".join(unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in _TONES)
_SMALL = "".join(dict.fromkeys(letter for letter in _MARKED + "đ" if not letter.isascii()))
_SIGNS = "“”‘’–—•₫°·"
_ASCII = "".join(map(chr, range(0x20, 0x7F)))

ALPHABET = f"\0\n{_ASCII}{_SMALL}{_SMALL.upper()}{_SIGNS}"
"""The characters, each at the place that is its byte. NUL is the first, for `EncodingMap` wants it so."""

_UNUSED = "\ufffe"
_ENCODING = codecs.charmap_build(ALPHABET.ljust(256, _UNUSED))


def encoded(text: str, errors: str = "strict") -> bytes | None:
    """The text with a byte for each character; None when it holds one that is not of the alphabet.

    errors: name of a codec error handler that may put characters of the alphabet in the place of strangers.
    """
    try:
        return codecs.charmap_encode(text, errors, _ENCODING)[0]
    except UnicodeEncodeError:
        return None


def to_bytes(read: Callable[[str], str]) -> bytes:
    """A table for `bytes.translate` of what each character is read as; each reading is one ASCII character."""
    return "".join(read(letter) for letter in ALPHABET).encode("ascii").ljust(256, b" ")


def to_text(read: Callable[[str], str]) -> str:
    """A table for `decoded` of what each character is read as; each reading is one character."""
    return "".join(read(letter) for letter in ALPHABET).ljust(256, _UNUSED)


def decoded(code: bytes, table: str) -> str:
    """An encoded text read by a table."""
    return codecs.charmap_decode(code, "strict", table)[0]
