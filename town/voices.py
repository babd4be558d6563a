"""The voices that the town's people write in. A voice changes spelling, never meaning.

Honest people and swindlers draw from the same voices, so that no spelling marks a fraud. Placeholders `<...>` of
identifiers pass through untouched: they are filled after the voice has spoken.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping

from town.values import ascii_fold

_PLACEHOLDER = re.compile(r"(<[a-z0-9_:]+>)")
_TEENCODE: tuple[tuple[str, str], ...] = (
    ("mọi người", "mn"),
    ("chuyển khoản", "ck"),
    ("số điện thoại", "sđt"),
    ("liên hệ", "lh"),
    ("anh em", "ae"),
    ("nhắn tin", "nt"),
    ("không", "k"),
    ("được", "đc"),
    ("rồi", "r"),
    ("với", "vs"),
    ("gì", "j"),
    ("vậy", "z"),
    ("mình", "mk"),
    ("bạn", "b"),
    ("quá", "wá"),
    ("biết", "bít"),
    ("bây giờ", "bh"),
    ("người ta", "ngta"),
)
_EMOJI = ("🔥", "✅", "👉", "📌", "💥", "🌸", "☎️", "💚", "🎁", "⭐")


def _each_part(text: str, change: Callable[[str], str]) -> str:
    return "".join(part if part.startswith("<") else change(part) for part in _PLACEHOLDER.split(text))


def _teen(text: str) -> str:
    text = text.lower()
    for word, short in _TEENCODE:
        text = re.sub(rf"(?<!\w){word}(?!\w)", short, text)
    return re.sub(r"[.,](?=\s|$)", "", text)


def _quiet(text: str) -> str:
    return re.sub(r"[.!](?=\s|$)", "", text.lower())


def plain(text: str, rng: random.Random) -> str:
    """As written."""
    return text


def no_marks(text: str, rng: random.Random) -> str:
    """Typed without an input method."""
    return _each_part(text, ascii_fold)


def no_marks_quiet(text: str, rng: random.Random) -> str:
    """Without marks, capitals and full stops."""
    return _each_part(text, lambda part: ascii_fold(_quiet(part)))


def teencode(text: str, rng: random.Random) -> str:
    """Young people's short forms, marks kept."""
    return _each_part(text, _teen)


def teencode_no_marks(text: str, rng: random.Random) -> str:
    """Young people's short forms without marks."""
    return _each_part(text, lambda part: ascii_fold(_teen(part)))


def quiet(text: str, rng: random.Random) -> str:
    """Marks kept, no capitals, no full stops."""
    return _each_part(text, _quiet)


def shout(text: str, rng: random.Random) -> str:
    """All capitals."""
    return _each_part(text, str.upper)


def emoji(text: str, rng: random.Random) -> str:
    """A picture before most lines."""
    lines = text.split("\n")
    return "\n".join(f"{rng.choice(_EMOJI)} {line}" if line.strip() and rng.random() < 0.7 else line for line in lines)


def decomposed(text: str, rng: random.Random) -> str:
    """Marks as combining characters (NFD), as some phones and old portals store them."""
    return unicodedata.normalize("NFD", text)


VOICES: Mapping[str, Callable[[str, random.Random], str]] = {
    voice.__name__: voice
    for voice in (plain, no_marks, no_marks_quiet, teencode, teencode_no_marks, quiet, shout, emoji, decomposed)
}
_SOCIAL = (
    ("plain",) * 7
    + ("no_marks",) * 3
    + ("no_marks_quiet",) * 2
    + ("teencode",) * 3
    + ("teencode_no_marks",)
    + ("quiet",) * 3
    + ("shout",)
    + ("emoji",) * 3
    + ("decomposed",)
)
_ADS = ("plain",) * 8 + ("emoji",) * 5 + ("shout",) + ("no_marks",)
_PRESS = ("plain",) * 14 + ("decomposed",)


def draw_voice(rng: random.Random, site: str) -> str:
    """The voice of one text on a site: agencies and papers write plainly, people as they like."""
    if site in ("portal", "news"):
        return rng.choice(_PRESS)
    return rng.choice(_ADS if site in ("ads", "classifieds") else _SOCIAL)


def speak(text: str, voice: str, rng: random.Random) -> str:
    """The text in a voice of `VOICES`."""
    return VOICES[voice](text, rng)
