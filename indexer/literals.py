"""What people write as a value in a query, read into the value that the indexes keep.

Phones in any spelling become E.164, accounts and bank codes upper case, hosts lower case and refanged, dates UTC
milliseconds; the rest is only brought to NFC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from extraction.kinds.base import kinds
from indexer.fields import LONG_LIMIT, Field, keyword, milliseconds

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_UPPER = frozenset({"accounts", "banks"})
_HOSTS = frozenset({"links", "domains", "emails"})
_PHONE_SIGNS = re.compile(r"[\s().\-]")
_CANONICAL_PHONE = re.compile(r"\+\d{6,15}", re.ASCII)

NUMBER_LITERAL = re.compile(r"\+?\(?\d[\d .()\-\u00a0\u2010-\u2015]*\d", re.ASCII)
"""A pasted number: digits with the separators that people write."""

MIN_NUMBER_DIGITS = 8
"""Shorter groups of digits are words like others: hotlines have eight digits, the shortest accounts too."""

EXAMPLES: Mapping[str, str] = {"phones": 'phones: "0912 345 678"'}
"""What a refused value should look like, by field."""


def date_value(text: str) -> int | None:
    """UTC milliseconds of `2025-11-01T00:00:00+07:00`; None when time or offset is missing or the date does not exist."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    day, clock, seconds, fraction, offset = found.groups()
    zone = "+00:00" if offset == "Z" else offset
    stamp = f"{day}T{clock}:{seconds or '00'}.{(fraction or '0')[:3].ljust(3, '0')}{zone}"
    try:
        return milliseconds(datetime.fromisoformat(stamp))
    except ValueError:
        return None


def long_value(text: str) -> int | None:
    """A whole number that fits in 64 bits, or None."""
    if not _WHOLE.fullmatch(text):
        return None
    value = int(text)
    return value if -LONG_LIMIT <= value < LONG_LIMIT else None


def equal_value(field: Field, text: str) -> str | None:
    """The keyword value that `field: text` asks for; None when the field can never hold such a value."""
    text = keyword(text)
    if field.name == "phones":
        if _CANONICAL_PHONE.fullmatch(text):
            return text
        return _normalise("phone", text)
    if field.name in _UPPER:
        text = text.upper()
    elif field.name == "domains":
        return _refang(text).lower()
    if len(field.kinds) == 1:
        return keyword(_normalise(field.kinds[0], text) or text)
    return text


def prefix_value(field: Field, text: str) -> str | None:
    """The beginning that `field: text*` asks for; None when no value of the field begins so."""
    text = keyword(text)
    if field.name == "phones":
        return _phone_prefix(text)
    if field.name in _UPPER:
        return text.upper()
    if field.name in _HOSTS:
        host, slash, path = _refang(text).partition("/")
        return host.lower() + slash + path
    return text


def _normalise(kind: str, text: str) -> str | None:
    return kinds()[kind].normalise(text) if kind in kinds() else None


def _phone_prefix(text: str) -> str | None:
    digits = _PHONE_SIGNS.sub("", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("0"):
        digits = "+84" + digits[1:]
    elif digits.startswith("84"):
        digits = "+" + digits
    return digits if digits.startswith("+") and (digits[1:].isdecimal() or digits == "+") else None


def _refang(text: str) -> str:
    text = re.sub(r"^(?:https?|hxxps?)(?:\[:\]|:)//", "", text, flags=re.IGNORECASE)
    return text.replace("[.]", ".").replace("[@]", "@")


def is_pasted_number(text: str) -> bool:
    """Whether the literal is nothing but one number of MIN_NUMBER_DIGITS digits or more, however it is grouped."""
    return bool(NUMBER_LITERAL.fullmatch(text)) and sum(char.isdecimal() for char in text) >= MIN_NUMBER_DIGITS


def number_spellings(text: str) -> tuple[str, ...]:
    """Other spellings under which the posts that hold a pasted number are found: bare digits, paste forms of phones."""
    digits = "".join(char for char in text if char.isdecimal())
    found = [digits]
    for name in ("phone", "hotline"):
        value = _normalise(name, text)
        if value:
            found += kinds()[name].paste_forms(value)
    return tuple(dict.fromkeys(found))
