"""What people write as a value in a query, read into the value that the indexes keep.

Phones in any spelling become E.164, accounts and bank codes upper case, hosts lower case and refanged, dates UTC
milliseconds; the rest is only brought to NFC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from extraction.institutions import bank_codes, institution_of, wallet_codes
from extraction.kinds.base import kinds
from extraction.kinds.handle import PLATFORMS
from indexer.fields import LONG_LIMIT, Field, keyword, milliseconds

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_UPPER = frozenset({"accounts", "banks"})
_HOSTS = frozenset({"links", "domains", "emails"})
_LOWER = frozenset({"handles", "files"})
_BY_PHONE = frozenset({"zalo", "whatsapp", "viber"})
_NAME = re.compile(r"@?[\w.\-]{3,64}", re.ASCII)
_PHONE_SIGNS = re.compile(r"[\s().\-]")
_SCHEME = re.compile(r"^(?:https?|hxxps?)(?:\[:\]|:)//(?=\S+$)", re.IGNORECASE)
_HOST = re.compile(r"^[^/?#]*")
_CANONICAL_PHONE = re.compile(r"\+\d{6,15}", re.ASCII)

NUMBER_LITERAL = re.compile(r"[+(]{0,3}\d[\d .()\-\u00a0\u2010-\u2015]*\d", re.ASCII)
"""A pasted number: digits with the separators that people write."""

MIN_NUMBER_DIGITS = 8
"""Shorter groups of digits are words like others: hotlines have eight digits, the shortest accounts too."""

_AS_DIGITS = str.maketrans("oOlI|", "00111")
_DISGUISED = re.compile(r"[+(]{0,3}[\doOlI|][\doOlI| .()\-\u00a0\u2010-\u2015]*[\doOlI|]", re.ASCII)
_FEWEST_DIGITS = 2
"""Digits that a number written with letters for the others must still have: with fewer, it may be a word."""

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


def equal_values(field: Field, text: str) -> tuple[str, ...]:
    """The keyword values that `field: text` asks for, the likeliest first; none when the field can never hold such a value.

    What is written as the index keeps it is asked for as it is. Beside it stands what people mean by it: an identifier in
    another spelling, a bank by its name, a number without its bank, a name without its platform, a value without its kind.
    """
    text = keyword(text)
    if field.name == "phones":
        return _phones(text)
    if field.name in _UPPER:
        text = text.upper()
    elif field.name in _HOSTS:
        text = _host_lower(text)
    elif field.name in _LOWER:
        text = text.lower()
    meant = _MEANT.get(field.name)
    found = meant(text) if meant else _of_kind(field.kinds[0], text) if len(field.kinds) == 1 else ()
    return tuple(dict.fromkeys((*map(keyword, found), text)))


def _phones(text: str) -> tuple[str, ...]:
    if _CANONICAL_PHONE.fullmatch(text):
        return (text,)
    digits = _PHONE_SIGNS.sub("", text)
    # Foreign numbers are pasted without their plus, as they stand in `text`.
    found = _normalise("phone", undisguised(text)) or (
        _normalise("phone", f"+{digits}") if digits.isdecimal() else None
    )
    return (found,) if found else ()


def _of_kind(kind: str, text: str) -> tuple[str, ...]:
    value = _normalise(kind, text)
    return (value,) if value else ()


def _banks(text: str) -> tuple[str, ...]:
    institution = institution_of(text)
    return (institution.code,) if institution is not None and institution.kind == "bank" else ()


def _accounts(text: str) -> tuple[str, ...]:
    value = _normalise("account", text) or ""
    unknown, colon, number = value.partition(":")
    if unknown != "?" or text.startswith("?"):
        return (value,) if value else ()
    return tuple(f"{code}{colon}{number}" for code in ("?", *sorted(set(bank_codes().values()))))


def _wallets(text: str) -> tuple[str, ...]:
    digits = _PHONE_SIGNS.sub("", text)
    if digits.isdecimal():
        return tuple(f"{code}:{digits}" for code in sorted(wallet_codes()))
    return _of_kind("wallet", text)


def _handles(text: str) -> tuple[str, ...]:
    value = _normalise("handle", text)
    if value is None and _NAME.fullmatch(text):
        return tuple(f"{platform}:{text.lstrip('@').lower()}" for platform in PLATFORMS)
    if value is None:
        return ()
    platform, _, name = value.partition(":")
    phone = _normalise("phone", name) if platform in _BY_PHONE else None
    spellings = kinds()["phone"].paste_forms(phone) if phone else ()
    return (value, *(f"{platform}:{spelling}" for spelling in spellings))


def _with_kind(*names: str) -> Callable[[str], tuple[str, ...]]:
    """Values `kind:value` of these kinds, or of all: the kind as written, or whichever takes the value."""

    def read(text: str) -> tuple[str, ...]:
        named, _, rest = text.partition(":")
        if named in kinds() and rest:
            value = _normalise(named, rest)
            return (f"{named}:{value}",) if value else ()
        number = undisguised(text)
        found = ((name, _normalise(name, number)) for name in (names or tuple(kinds())))
        return tuple(f"{name}:{value}" for name, value in found if value)

    return read


_MEANT: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "banks": _banks,
    "accounts": _accounts,
    "wallets": _wallets,
    "handles": _handles,
    "partials": _with_kind("phone_partial", "account_partial", "phone_prefix"),
    "suspects": _with_kind(),
}
"""What people mean by a literal, by field; the other identifier fields have one kind and read as it does."""


def prefix_value(field: Field, text: str) -> str | None:
    """The beginning that `field: text*` asks for; None when no value of the field begins so."""
    text = keyword(text)
    if field.name == "phones":
        return _phone_prefix(text)
    if field.name in _UPPER:
        return text.upper()
    if field.name in _LOWER:
        return text.lower()
    if field.name in _HOSTS:
        return _host_lower(text)
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


def without_scheme(text: str) -> str:
    """A pasted address as it stands in `text`, where hosts have no scheme; any other text as it is."""
    return _SCHEME.sub("", text)


def _host_lower(text: str) -> str:
    """An address refanged and without scheme, its host in lower case."""
    address = without_scheme(text).replace("[.]", ".").replace("[@]", "@")
    return _HOST.sub(lambda host: host[0].lower(), address, count=1)


def is_pasted_number(text: str) -> bool:
    """Whether the literal is nothing but one number of MIN_NUMBER_DIGITS digits or more, however it is grouped."""
    return bool(NUMBER_LITERAL.fullmatch(text)) and sum(char.isdecimal() for char in text) >= MIN_NUMBER_DIGITS


def undisguised(text: str) -> str:
    """`0900ooo123` copied from a post as the phone or hotline that it is, `0900000123`; any other literal as it is."""
    if text.isdecimal() or not _DISGUISED.fullmatch(text):
        return text
    number = text.translate(_AS_DIGITS)
    if sum(char.isdecimal() for char in text) < _FEWEST_DIGITS or number == text:
        return text
    return number if any(_normalise(kind, number) for kind in ("phone", "hotline")) else text


def number_spellings(text: str) -> tuple[str, ...]:
    """Other spellings under which the posts that hold a pasted number are found: bare digits, paste forms of phones."""
    digits = "".join(char for char in text if char.isdecimal())
    found = [digits]
    for name in ("phone", "hotline"):
        value = _normalise(name, text)
        if value:
            found += kinds()[name].paste_forms(value)
    return tuple(dict.fromkeys(found))
