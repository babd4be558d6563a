"""The one fold: what is the same word to a person searching is the same token in every engine.

NFKD, casefold, NFKD again; marks and ignorable characters dropped (so zero-width characters join); the stroke letters
that have no decomposition mapped to their plain letters; letters, digits and spacing marks kept, all else a space.
Scripts written without spaces stand apart: each Han or Kana ideograph, and each run of Katakana or of a South-East
Asian script, as UAX #29 breaks them. Then a plain whitespace tokenizer gives the same words in SQLite, Elasticsearch
and our matcher.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from extraction.alphabet import encoded, to_bytes

FOLD_VERSION = "2"
"""Stored with an index; an index made by another version is rebuilt."""

TOKEN_LIMIT = 255
"""Longest token, in code points; longer ones are cut, as Elasticsearch's standard tokenizer does."""

_STROKES = str.maketrans(
    {
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ß": "ss",
        "þ": "th",
        "ħ": "h",
        "ŋ": "n",
        "ŧ": "t",
    }
)
_IGNORABLE_RANGES = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
_IGNORABLE = frozenset(point for first, last in _IGNORABLE_RANGES for point in range(first, last + 1))
"""Default_Ignorable_Code_Point of the Unicode character database, version 15."""

_ALONE = ((0x2E80, 0x2FE0), (0x3005, 0x3008), (0x3021, 0x302A), (0x3038, 0x303C), (0x3041, 0x3097), (0x309D, 0x30A0),
          (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x1B000, 0x1B170), (0x1F200, 0x1F201), (0x20000, 0x32000))  # fmt: skip
_KATAKANA = ((0x30A1, 0x30FB), (0x30FC, 0x3100), (0x31F0, 0x3200))
_SOUTH_EAST_ASIAN = ((0x0E00, 0x0F00), (0x1000, 0x10A0), (0x1780, 0x1800), (0x1950, 0x19E0), (0x1A20, 0x1AB0), (0xA9E0, 0xAA00), (0xAA60, 0xAAE0))  # fmt: skip
_KEPT = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Mc"))


def _inside(point: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(start <= point < end for start, end in ranges)


def _script(point: int) -> str:
    """`alone`, `katakana`, `sea`, or `` for scripts that put spaces between words."""
    if point < 0x0E00:
        return ""
    if _inside(point, _ALONE):
        return "alone"
    if _inside(point, _KATAKANA):
        return "katakana"
    return "sea" if _inside(point, _SOUTH_EAST_ASIAN) else ""


def _fold_character(character: str) -> str:
    """What one character folds to, breaks of its script not yet made; `` for a mark or an ignorable."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    kept = []
    for part in folded.translate(_STROKES):
        if ord(part) in _IGNORABLE:
            continue
        category = unicodedata.category(part)
        if category in ("Mn", "Me"):
            continue
        kept.append(part if category in _KEPT else " ")
    return "".join(kept)


class _Table(dict[int, str]):
    """Fold of each code point, computed at first sight; bounded by the size of Unicode."""

    def __missing__(self, point: int) -> str:
        folded = self[point] = _fold_character(chr(point))
        return folded


_TABLE = _Table()
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u1aaf\u2e80-\u31ff\u3400-\ua9ff\uaa60-\uaadf\uf900-\ufaff]"
    r"|[\U0001b000-\U0001b16f\U0001f200\U00020000-\U00031fff]"
)


def _break_scripts(folded: str) -> str:
    """Spaces around ideographs and between runs of scripts that are written without spaces."""
    parts: list[str] = []
    previous = ""
    for character in folded:
        script = "" if character == " " else _script(ord(character))
        if script == "alone" or (script != previous and parts and parts[-1] != " "):
            parts.append(" ")
        parts.append(character)
        previous = script
    return "".join(parts)


def _cut(folded: str) -> str:
    tokens = folded.split()
    if len(folded) > TOKEN_LIMIT and max(map(len, tokens), default=0) > TOKEN_LIMIT:
        tokens = [token[:TOKEN_LIMIT] for token in tokens]
    return " ".join(tokens)


class _OtherScriptError(Exception):
    """A character that does not fold to ASCII: the text goes the general way."""


def _latin_class() -> str:
    """The Latin letters and marks whose fold is what NFD and dropping all but ASCII give, as a regex character class."""
    points = [*range(0x80, 0x250), *range(0x300, 0x370), *range(0x1E00, 0x1F00)]
    return "".join(
        chr(point)
        for point in points
        if unicodedata.category(chr(point)) in ("Lu", "Ll", "Mn")
        and _fold_character(chr(point))
        == unicodedata.normalize("NFD", chr(point)).encode("ascii", "ignore").decode().lower()
    )


_NOT_LATIN = re.compile(f"[^\\x00-\\x7f{_latin_class()}]+")
_ASCII = bytes(ord(chr(byte).lower()) if byte < 0x80 and chr(byte).isalnum() else 0x20 for byte in range(256))


def _fold_rare(found: re.Match[str]) -> str:
    folded = found[0].translate(_TABLE)
    if not folded.isascii():
        raise _OtherScriptError
    return folded


def _fold_latin(text: str) -> str:
    """`fold` of a text in which all but a few signs are Vietnamese or other Latin letters, in half the time.

    Raises _OtherScriptError when it is not such a text.
    """
    text = _NOT_LATIN.sub(_fold_rare, text.replace("đ", "d").replace("Đ", "D"))
    tokens = unicodedata.normalize("NFD", text).encode("ascii", "ignore").translate(_ASCII).split()
    if len(text) > TOKEN_LIMIT and max(map(len, tokens), default=0) > TOKEN_LIMIT:
        tokens = [token[:TOKEN_LIMIT] for token in tokens]
    return b" ".join(tokens).decode("ascii")


_IN_PLACE = to_bytes(lambda letter: _fold_character(letter) or " ")
_HOLES = "canhgiac-holes"


def _holes(error: UnicodeError) -> tuple[str, int]:
    """NUL for each sign that is not of the alphabet and folds to a space, such as an emoji. Raises the error for others."""
    assert isinstance(error, UnicodeEncodeError)
    if any(_TABLE[ord(sign)] != " " for sign in error.object[error.start : error.end]):
        raise error
    return "\0" * (error.end - error.start), error.end


codecs.register_error(_HOLES, _holes)


def spread(text: str) -> bytes | None:
    """Each character folded in its place, a space for what is no letter; None where they do not fold one to one."""
    code = encoded(text, _HOLES)
    return code.translate(_IN_PLACE) if code is not None else None


def close_up(folded: bytes) -> str:
    """Words of a text folded in place, with single spaces between, cut to TOKEN_LIMIT."""
    closed = folded.strip()
    while b"  " in closed:
        closed = closed.replace(b"  ", b" ")
    text = closed.decode("ascii")
    return _cut(text) if may_be_long(closed) else text


_BLOCK = TOKEN_LIMIT // 2 + 1


def may_be_long(folded: bytes) -> bool:
    """Whether some token may exceed TOKEN_LIMIT: one that does covers a whole block, and such a block has no space."""
    return any(folded.find(b" ", start, start + _BLOCK) < 0 for start in range(0, len(folded) - _BLOCK + 1, _BLOCK))


def fold(text: str) -> str:
    """The folded text: tokens separated by single spaces. `fold("Lừa  đảo!") == "lua dao"`."""
    folded = spread(text)
    if folded is not None:
        return close_up(folded)
    try:
        return _fold_latin(text)
    except _OtherScriptError:
        return _fold_any(text)


def _fold_any(text: str) -> str:
    """`fold` in the general way, character by character; the judge of the quick one."""
    folded = text.translate(_TABLE)
    if _UNSPACED.search(folded):
        folded = _break_scripts(folded)
    return _cut(folded)


def fold_tokens(text: str) -> list[str]:
    """The tokens of `fold(text)`."""
    return fold(text).split()


_ONE_TO_ONE = re.compile(r"[\x00-\x7f\xa0-\xac\xae\xb0-\xb7\xbb\xbf-\xc5\xc7-\xdd\xe0-\xe5\xe7-\xfd\xff-\u012f\u0134-\u0137\u0139-\u013e\u0141-\u0148\u014a-\u0151\u0154-\u017e\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9\u2010-\u2022\u20ab]*")  # fmt: skip
_WORD = re.compile(r"\S+")


def fold_map(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each of its characters, the offset in `text` of the character it came from."""
    if not _ONE_TO_ONE.fullmatch(text):
        return _fold_map(text)
    words: list[str] = []
    offsets: list[int] = []
    for match in _WORD.finditer(text.translate(_TABLE)):
        start, end = match.span()
        if words:
            offsets.append(offsets[-1] + 1)
        end = min(end, start + TOKEN_LIMIT)
        words.append(match.group()[:TOKEN_LIMIT])
        offsets.extend(range(start, end))
    return " ".join(words), offsets


def _fold_map(text: str) -> tuple[str, list[int]]:
    characters: list[str] = []
    offsets: list[int] = []
    token, previous = 0, ""
    for offset, original in enumerate(text):
        for character in _TABLE[ord(original)]:
            script = "" if character == " " else _script(ord(character))
            broken = character == " " or script == "alone" or script != previous
            if broken and characters and characters[-1] != " ":
                characters.append(" ")
                offsets.append(offset)
            if character == " ":
                token, previous = 0, ""
                continue
            token = 1 if broken else token + 1
            previous = script
            if token <= TOKEN_LIMIT:
                characters.append(character)
                offsets.append(offset)
    if characters and characters[-1] == " ":
        characters.pop()
        offsets.pop()
    return "".join(characters), offsets


def _exact_character(point: int) -> str:
    """What one character of a lower-case NFC text is in `exact`: itself, its fold where that breaks, nothing if ignorable."""
    folded, character = _TABLE[point], chr(point)
    if not folded:
        return character if _is_mark(character) else ""
    return folded if " " in folded else character


def _is_mark(character: str) -> bool:
    """Whether it is a mark that is seen: an accent, not a variation selector."""
    return unicodedata.category(character) in ("Mn", "Me") and ord(character) not in _IGNORABLE


class _ExactTable(dict[int, str]):
    """`_exact_character` of each code point, computed at first sight."""

    def __missing__(self, point: int) -> str:
        found = self[point] = _exact_character(point)
        return found


_EXACT_TABLE = _ExactTable()
_NOT_EXACT = re.compile(
    "[^ a-z0-9"
    + "".join(
        chr(point) for point in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)] if _exact_character(point) == chr(point)
    )
    + "]+"
)


_UNSPACED_AS_WRITTEN = re.compile(_UNSPACED.pattern + r"|[\u3200-\u33ff\uff66-\uff9f\U0001f200-\U0001f2ff]")
"""The same before folding: half-width Katakana and squared ideographs too."""

_COMPOSING = re.compile(
    "[" + "".join(re.escape(chr(point)) for point in range(0x300, 0x20000) if _is_mark(chr(point))) + "\\u1161-\\u11ff]"
)
"""Marks, and the vowels and finals of Korean: what takes a character before it along."""


def _exact_rare(found: re.Match[str]) -> str:
    kept = found[0].translate(_EXACT_TABLE)
    if not kept.isascii() and _COMPOSING.search(kept):
        raise _OtherScriptError
    return kept


def exact(text: str) -> str:
    """The text for the field `exact`: NFC, lower case, the word breaks of `fold`, marks and đ kept."""
    lowered = unicodedata.normalize("NFC", text).lower()
    try:
        kept = _NOT_EXACT.sub(_exact_rare, lowered)
    except _OtherScriptError:
        return _exact_any(text)
    return _exact_any(text) if _UNSPACED_AS_WRITTEN.search(kept) else _cut(kept)


def _exact_any(text: str) -> str:
    """`exact` of a text in any script, character by character; the judge of the quick one.

    A mark without a letter before it is no word, as in `fold`: the selector and the keycap of an emoji stand alone.
    """
    seen = "".join(character for character in text if ord(character) not in _IGNORABLE)
    parts = [" "]
    previous = ""
    for character in unicodedata.normalize("NFC", seen).lower():
        folded = _TABLE[ord(character)]
        if not folded:
            if parts[-1][-1] != " " and _is_mark(character):
                parts.append(character)
            continue
        pieces = fold(folded) if len(folded) > 1 else folded.strip()
        if not pieces:
            parts.append(" ")
            previous = ""
            continue
        script = _script(ord(pieces[0]))
        if script == "alone" or script != previous or folded[0] == " ":
            parts.append(" ")
        parts.append(pieces if " " in folded or " " in pieces else character)
        previous = _script(ord(pieces[-1]))
        if folded[-1] == " ":
            parts.append(" ")
    return _cut("".join(parts))
