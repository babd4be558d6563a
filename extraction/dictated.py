"""Account numbers that no row of groups shows, read sign by sign behind the word for account or a bank's name.

`0602 5tám1 bảy3hai 49`, `1a0b7c8d7e2f` (letters to be dropped), `một không, rồi 12, rồi 345`. The rows of `digits` give one
reading of what is written in rows; here every sign behind an announcement is a digit, a word for one, a shape of one, a
filler, or the end.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from extraction.digits import GLYPH, word_digit
from extraction.reading import Page
from extraction.words import words


class Dictated(NamedTuple):
    """digits: as read; start, end: span in the views."""

    digits: str
    start: int
    end: int


LEAST, MOST = 6, 19
"""Digits of an account number."""
_LEAD = re.compile(
    r"\W{0,6}(?:(?:la|so|stk|tk|tai khoan|so tai khoan|dt|sdt|dien thoai|em|luon|cua|minh|ben|nhe|nha|bank|ngan hang|nh|gom|day|sau|nay|doc|bo (?:het |cac )?(?:chu|dau|ky tu)(?: cai)?)\W{1,4}){0,7}"
)
"""What may stand between the announcement and the first digit."""
_TOKEN = re.compile(r"(?P<digits>[0-9]+)|(?P<letters>[a-z]+)|(?P<signs>[^a-z0-9]+)")
_FILLERS = words("roi tiep theo den la so va phan sau do cham phay gach ngang cach o ke giua cuoi")
_YEAR = re.compile(r"\W(?:19|20)[0-9]{2}(?![0-9])")
_WINDOW = 150
"""Longest number with all that stands between its digits, in characters."""
_WOVEN = 4
"""Different single letters between digits that are noise, not shapes of digits."""


def dictated(page: Page, anchor: int) -> Dictated | None:
    """The number that begins directly behind an announcement; None where rows of groups say as much."""
    base, plain = page.base, page.plain
    lead = _LEAD.match(base, anchor)
    start = lead.end() if lead else anchor
    stop = min(len(base), start + _WINDOW)
    woven = len(set(re.findall(r"(?<=[0-9])[a-z](?=[0-9])", base[start:stop]))) >= _WOVEN
    digits, end, hidden = "", start, False
    for token in _TOKEN.finditer(base, start, stop):
        first, last = token.span()
        text = token.group()
        if token.lastgroup == "digits":
            digits, end = digits + text, last
        elif token.lastgroup == "signs":
            if len(text) > 6 or "\n\n" in text or not page.is_free(first, last):
                break
        else:
            said = _letters(base, plain, first, last, woven=woven)
            if said is None:
                break
            hidden = hidden or bool(said) or text not in _FILLERS
            digits, end = digits + said, last if said else end
        if len(digits) > MOST:
            return None
    begins = base[start : start + 1].isdigit() or bool(digits and end > start and base[start : start + 1].isalpha())
    if not hidden or not begins or len(digits) < LEAST or not page.is_free(start, end):
        return None
    return Dictated(digits, start, end)


def _letters(base: str, plain: str, first: int, last: int, *, woven: bool) -> str | None:
    """The digits that letters stand for, "" for a filler, None where the number ends."""
    text = base[first:last]
    touched = base[first - 1 : first].isdigit() and base[last : last + 1].isdigit()
    if woven and len(text) == 1 and touched:
        return ""
    if text == "nam" and _YEAR.match(base, last):
        return None
    said = _words(text, plain[first:last])
    if said is not None:
        return said
    if len(text) <= 2 and touched and all(letter in GLYPH for letter in plain[first:last]):
        return "".join(GLYPH[letter] for letter in plain[first:last])
    return "" if text in _FILLERS else None


def _words(base: str, plain: str) -> str | None:
    """The digits of one or more digit words written together: `tám`, `bảyba`."""
    if not base:
        return ""
    whole = word_digit(base, plain)
    if whole is not None:
        return whole
    for size in range(min(5, len(base) - 1), 1, -1):
        head = word_digit(base[:size], plain[:size])
        rest = _words(base[size:], plain[size:]) if head else None
        if head and rest:
            return head + rest
    return None
