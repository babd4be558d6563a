"""The reading of a text: what its author wanted to be read, with the way back to what was written.

Disguises are undone once, here, for every kind: digits of all scripts and styles become 0-9, styled letters become
letters, invisible characters disappear, marks are composed or dropped, character references are resolved. The finders
work on two views of equal length:

- `plain`: case and accents kept (hosts, addresses, names are read from it);
- `base`: lower case, plain Latin letters, look-alikes of other scripts read as Latin (cues and numbers).

How the scan goes, so that no text costs more than it holds: a text of the alphabet is folded by tables (`alphabet`), one
pass tells which strings it holds and shuts the gate of every rule that needs another one (`signs`), digits are grouped
once (`digits.figures`), and what is near a number is read from windows around it. `docs/decisions/0016-scan-engine.md`.

Every position of a view maps back to the original, so a mention's span always slices the original text to its `raw`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from urllib.parse import unquote

from extraction.alphabet import decoded, encoded, to_text
from model.document import Mention

ENTITY_LIMIT = 200
"""Mentions kept of one field; a text with more is a flood and says so in its last mention's `note`."""

_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
)
_ORDINARY = "\u0000-\u007f\u00a0-\u00ac\u00ae\u00af\u00b0\u00b1\u00b4-\u00b7\u00bb\u00bf-\u0131\u0134-\u017e\u0180-\u024f\u1e00-\u1e99\u1ea0-\u1eff\u2010-\u2014\u2018-\u201e\u2020-\u2022\u20ab"  # fmt: skip
_QUIET = _ORDINARY.replace("\u0000-\u007f", "\u0000-$'-;=-\u007f")
_FLAGS = "\U0001f1e6-\U0001f1ff"
_SPECIAL = re.compile(
    rf"[^{_QUIET}](?:(?<=[{_FLAGS}])(?<![.{_FLAGS}].)[{_FLAGS}](?![{_FLAGS}])"
    rf"|((?<=[{_INVISIBLE}])[{_INVISIBLE}]{{0,15}}[{_MARKS}][{_MARKS}{_INVISIBLE}]*|(?<=[{_MARKS}])[{_MARKS}{_INVISIBLE}]*)"
    rf"|(?<![{_MARKS}{_INVISIBLE}])[{_INVISIBLE}]{{0,16}}[{_MARKS}][{_MARKS}{_INVISIBLE}]*"
    r"|(?<=&)(?:\#[0-9]{2,7};|\#[xX][0-9a-fA-F]{2,6};|[A-Za-z]{2,9};)"
    r"|(?<=<)/?(?i:wbr|[bius]|em|strong|span|font|mark|br|p|div|li)(?: [^<>\n]{0,80})?/?>"
    r"|(?<=%)3[0-9](?:%3[0-9]){1,19}|(?<![&<%]))",
    re.DOTALL,
)
"""A piece that is not read as it stands; group 1: marks, which belong to the character before them.

Begins with one class of characters, so that the scan runs over the ordinary ones."""
_INVISIBLES = re.compile(f"[{_INVISIBLE}]+")

_DOTS = "。｡．․﹒"
_PLAIN_SPELLING = {
    **dict.fromkeys(map(ord, _DOTS), "."),
    **dict.fromkeys(map(ord, "⁄∕／⧸⟋╱"), "/"),
    **dict.fromkeys(map(ord, "∶：ː꞉︓"), ":"),
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹣－⁃➖"), "-"),
    **dict.fromkeys(map(ord, "＠﹫"), "@"),
    **dict.fromkeys(map(ord, "✚➕＋﹢"), "+"),
    ord("🔟"): "10",
    ord("💯"): "100",
    ord("🅾"): "O",
    ord("⭕"): "O",
    ord("…"): "…",
    0x2028: "\n",
    0x2029: "\n",
}
_ROMAN = frozenset("ⅡⅢⅣⅥⅦⅧⅨⅱⅲⅳⅵⅶⅷⅸ")
"""Roman numerals of one character that are no letter's double, as ⅰ and ⅴ are."""
_LETTER_BLOCKS = ((0x1F150, 0x41), (0x1F170, 0x41), (0x1F1E6, 0x41))
"""Negative circled, negative squared and regional letters: no decomposition in Unicode, read as A to Z."""


def _plain_character(point: int) -> str:
    """How one special character is read in `plain`; `` when it is invisible."""
    character = chr(point)
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return ""
    if category in ("Cs", "Cc", "Co"):
        return "\n" if character in "\n\r\x85" else " "
    for block, letter in _LETTER_BLOCKS:
        if block <= point < block + 26:
            return chr(letter + point - block)
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    number = unicodedata.numeric(character, -1.0) if category == "No" or character in _ROMAN else -1.0
    if number >= 0 and number == int(number) and number <= 50:
        return str(int(number))
    if category.startswith("Z"):
        return " "
    name = unicodedata.name(character, "")
    if name.startswith("LATIN LETTER SMALL CAPITAL ") and len(name) == 28:
        return name[-1].lower()
    compatible = unicodedata.normalize("NFKC", character)
    if compatible != character and len(compatible) <= 6 and not compatible.isspace():
        return "".join(_PLAIN_SPELLING.get(ord(part), part) for part in compatible)
    return character


class _PlainTable(dict[int, str]):
    def __missing__(self, point: int) -> str:
        read = self[point] = _PLAIN_SPELLING[point] if point in _PLAIN_SPELLING else _plain_character(point)
        return read


_PLAIN = _PlainTable()

_LOOK_ALIKES = {
    letter: latin
    for latin, letters in {
        "a": "аАΑαаɑ", "b": "ЬьВвΒβƄ", "c": "сСϲСᏟ", "d": "ԁԀɗ", "e": "еЕЁёΕєЄҽ", "f": "ƒϝ", "g": "ցɡԌ", "h": "нНΗһҺ", "i": "іІїЇΙιⅰ",
        "j": "јЈ", "k": "кКΚκ", "l": "ӏӀⅼ", "m": "мМΜⅿ", "n": "пПΝոռ", "o": "оОοΟօՕσΘθӨөⵔⲟ", "p": "рРΡρ", "q": "ԛԚգ", "r": "гГᏒ", "s": "ѕЅՏႽ",
        "t": "тТΤτ", "u": "υսՍц", "v": "ѵѴνᴠ", "w": "ԝԜωшѡ", "x": "хХΧχ", "y": "уУүΥγ", "z": "ᴢΖζ",
        "0": "〇零", "1": "一壹", "2": "二贰", "3": "三叁", "4": "四肆", "5": "五伍", "6": "六陆", "7": "七柒", "8": "八捌", "9": "九玖",
    }.items()
    for letter in letters
}  # fmt: skip
"""Letters of other scripts by the Latin letter they are mistaken for, and ideographic numerals."""
_LATIN_NAME = re.compile(r"LATIN (?:SMALL|CAPITAL|LETTER SMALL CAPITAL|LETTER) (?:LETTER )?(?:\w+ )??([A-Z])(?: |$)")


def _base_character(point: int) -> str:
    """One character to one character: plain lower-case Latin where the glyph looks like it."""
    character = chr(point)
    if character in _LOOK_ALIKES:
        return _LOOK_ALIKES[character]
    lower = character.lower()
    first = unicodedata.normalize("NFKD", lower)[:1]
    if first.isascii() and first.isalnum():
        return first
    if lower in _LOOK_ALIKES:
        return _LOOK_ALIKES[lower]
    name = unicodedata.name(character, "")
    match = _LATIN_NAME.match(name)
    if match:
        return match.group(1).lower()
    if character.isalpha():
        return lower[0]
    if character.isspace():
        return "\n" if character in "\n\r\x85\u2028\u2029\x0b\x0c" else " "
    return character


class _BaseTable(dict[int, str]):
    def __missing__(self, point: int) -> str:
        read = self[point] = _base_character(point)
        return read


_BASE = _BaseTable()
_BASE.update({ord("đ"): "d", ord("Đ"): "d", ord("ø"): "o", ord("Ø"): "o", ord("\r"): "\n", 0: " "})
_BASE_OF = to_text(lambda letter: _BASE[ord(letter)])


def _compose(cluster: str) -> str:
    """A character with marks as one character: composed where Unicode can, else without its marks."""
    visible = _INVISIBLES.sub("", cluster)
    composed = unicodedata.normalize("NFC", visible)
    if not composed or unicodedata.category(composed[0]) in ("Mn", "Me"):
        return ""
    return (
        _PLAIN[ord(composed[0])]
        if ord(composed[0]) > 0x24F and not 0x1E00 <= ord(composed[0]) < 0x1F00
        else composed[0]
    )


_FLAG = "⚑"
"""Two regional letters alone are a country's flag, a decoration; three and more, or two behind a dot, spell a word."""
_LINES = re.compile(r"</?(?:br|p|div|li)\b", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _resolved(special: str) -> str:
    """What a special piece of text is read as: a tag that was left over is nothing, or the end of its line."""
    if len(special) == 1:
        return _PLAIN[ord(special)]
    if "\U0001f1e6" <= special[0] <= "\U0001f1ff":
        return _FLAG
    if special[0] == "<" and special[-1] == ">":
        return "\n" if _LINES.match(special) else ""
    if special[0] == "%" and special[1] == "3":
        return unquote(special)
    if special[0] != "&" or special[-1] != ";":
        return _compose(special)
    if special[1] != "#":
        character = html.unescape(special)
        return _PLAIN[ord(character)] if len(character) == 1 and ord(character) >= 0x80 else character
    number = int(special[3:-1], 16) if special[2] in "xX" else int(special[2:-1])
    return _PLAIN[number] if 0x20 <= number < 0x110000 else " "


class Page:
    """One field of a document while it is read: its two views, and which parts are already spoken for."""

    def __init__(self, text: str, *, field: str = "text", published: datetime | None = None) -> None:
        self.text, self.field, self.published = text, field, published
        self._pieces: list[int] = []
        self._sources: list[tuple[int, int, int]] = []
        self.plain, self.base = self._views(text)
        self._claimed = bytearray(len(self.plain))
        self.claims: list[tuple[int, int]] = []
        self.signs: int | None = None
        self.places: list[list[int]] = []
        self.memo: dict[str, object] = {}

    def _views(self, text: str) -> tuple[str, str]:
        code = encoded(text)
        if code is not None and "&" not in text and "<" not in text and "%3" not in text:
            return text, decoded(code, _BASE_OF)
        plain = self._read(text)
        code = encoded(plain)
        return plain, decoded(code, _BASE_OF) if code is not None else plain.translate(_BASE)

    def _read(self, text: str) -> str:
        parts: list[str] = []
        pieces, sources = self._pieces, self._sources
        position = length = 0
        for match in _SPECIAL.finditer(text):
            start, end = match.span()
            if match.lastindex and start > position and text[start - 1] != "\n":
                start -= 1
            read = _resolved(text[start:end])
            parts += (text[position:start], read)
            length += start - position
            pieces.append(length)
            length += len(read)
            sources.append((length, start, end))
            position = end
        if not parts:
            return text
        parts.append(text[position:])
        return "".join(parts)

    def _source(self, position: int) -> tuple[int, int]:
        """The span of the original text behind one position of the views."""
        index = bisect_right(self._pieces, position) - 1
        if index < 0:
            return position, position + 1
        reached, start, end = self._sources[index]
        return (start, end) if position < reached else (end + position - reached, end + position - reached + 1)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text behind a span of the views."""
        if not self._pieces:
            return start, end
        return self._source(start)[0], self._source(end - 1)[1]

    def is_free(self, start: int, end: int) -> bool:
        """Whether no mention has claimed any part of the span."""
        return self._claimed.find(1, start, end) < 0

    def claim(self, start: int, end: int) -> None:
        """No later kind reads this span."""
        self._claimed[start:end] = b"\x01" * (end - start)
        self.claims.append((start, end))

    def mention(
        self, kind: str, value: str, start: int, end: int, confidence: float = 0.9, **attributes: str
    ) -> Mention:
        """A mention for a span of the views, with its span and raw text in the original."""
        first, last = self.span(start, end)
        kept = {name: attribute for name, attribute in attributes.items() if attribute}
        return Mention(
            kind=kind, value=value, raw=self.text[first:last], field=self.field, start=first, end=last,
            confidence=round(confidence, 2), attributes=kept,
        )  # fmt: skip

    def before(self, start: int, length: int) -> str:
        """Up to `length` characters of `base` that precede a position."""
        return self.base[max(0, start - length) : start]

    def after(self, end: int, length: int) -> str:
        """Up to `length` characters of `base` that follow a position."""
        return self.base[end : end + length]


def in_order(mentions: Iterator[Mention]) -> list[Mention]:
    """Mentions by their place in the text; where two start together the longer first."""
    return sorted(mentions, key=lambda mention: (mention.start, -mention.end, mention.kind, mention.value))
