"""The Vietnamese numbering plan: which digit strings are telephone numbers, and how they are written canonically.

Facts: `data/phone_prefixes.csv` (mobile blocks, area codes after 2017 that stay in parallel after the provincial
mergers of 2025, conversions of 2018). Landline shapes follow libphonenumber's metadata for VN; 069 (police and
defence) and hotlines of 8 and 10 digits are ours, since the library refuses them.
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib import resources

import phonenumbers
from attrs import frozen


@frozen(kw_only=True)
class Number:
    """A judged number. kind: `phone` or `hotline`; value: canonical; carrier: owner or area; weak: needs a phone cue."""

    kind: str
    value: str
    carrier: str = ""
    weak: bool = False


def _rows() -> list[dict[str, str]]:
    text = resources.files("extraction").joinpath("data/phone_prefixes.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _mobile_blocks() -> dict[str, tuple[str, bool]]:
    blocks = {}
    for row in _rows():
        if row["kind"] == "mobile":
            blocks[row["prefix"]] = (row["owner_or_area"], row["status"] != "active")
        elif row["kind"] == "mobile-new-or-unassigned":
            blocks[row["prefix"]] = ("", True)
    return blocks


MOBILE = _mobile_blocks()
"""Three-digit block -> (carrier, weak)."""
CONVERTED = {row["old_prefix"]: row["prefix"] for row in _rows() if row["kind"] == "mobile" and row["old_prefix"]}
"""Four-digit block before September 2018 -> its block today."""
AREAS = {row["prefix"]: row["owner_or_area"].split(" -> ")[0] for row in _rows() if row["kind"] == "landline"}
OLD_AREAS = {
    row["old_prefix"]: row["prefix"]
    for row in _rows()
    if row["kind"] == "landline" and row["old_prefix"] and row["old_prefix"] != row["prefix"]
}
"""Area code before 2017 -> today's."""
_LANDLINE = re.compile(
    r"02(?:0[3-9]|1[0-689]|2[0-25-9]|3[2-9]|4[2-9]|5[124-9]|6[0-39]|7[0-7]|8[2-9]|9[0-4679])[0-9]{7}"
)
_LANDLINE_SUBSCRIBER = re.compile(r"02(?:[48][2-9]|(?![48])[0-9]{2}[2-9])")


_OLD_BEGINNINGS = frozenset(area[:3] for area in OLD_AREAS) | {"04", "08"}


@lru_cache(maxsize=16384)
def may_begin(digits: str) -> bool:
    """Whether some number without a plus begins with these digits: lets a search stop after three or four."""
    if len(digits) < 3:
        return digits[:1] in ("0", "1", "8")
    first = digits[:3]
    if first[0] == "1":
        return digits[:4] in ("1800", "1900") or (first in ("180", "190") and len(digits) == 3)
    if first[0] == "8":
        return first.startswith("84")
    return (
        first in MOBILE
        or first[1] in "012"
        or first == "069"
        or first in _OLD_BEGINNINGS
        or first[:2] in _OLD_BEGINNINGS
        or digits[:4] in CONVERTED
    )


def _landline(digits: str) -> Number | None:
    if not (_LANDLINE.fullmatch(digits) and _LANDLINE_SUBSCRIBER.match(digits)):
        return None
    area = digits[:3] if digits[:3] in ("024", "028") else digits[:4]
    return Number(kind="phone", value="+84" + digits[1:], carrier=AREAS.get(area, ""))


def _mobile(digits: str) -> Number | None:
    block = MOBILE.get(digits[:3])
    if block is None or (digits[:3] == "099" and digits[3] in "012"):
        return None
    return Number(kind="phone", value="+84" + digits[1:], carrier=block[0], weak=block[1])


@lru_cache(maxsize=8192)
def national(digits: str) -> Number | None:
    """A national number with its leading 0, or a hotline. None when the plan has no such number."""
    if digits[:4] in ("1800", "1900"):
        return Number(kind="hotline", value=digits) if len(digits) in (8, 10) else None
    if not digits.startswith("0"):
        return None
    if len(digits) == 10:
        if digits.startswith("069"):
            return Number(kind="hotline", value=digits, carrier="069")
        return _mobile(digits)
    if len(digits) == 11:
        if digits[:4] in CONVERTED:
            return national(CONVERTED[digits[:4]] + digits[4:])
        return _landline(digits)
    return None


def international(digits: str) -> Number | None:
    """A number written with the country code 84, with or without a superfluous 0 after it."""
    rest = digits[2:]
    return national(rest if rest.startswith("0") else "0" + rest)


def old_landline(digits: str) -> Number | None:
    """A landline under its area code of before 2017, ten digits (eleven for some), in today's form."""
    for length in (4, 3, 2):
        area = OLD_AREAS.get(digits[:length])
        if area and len(digits) - length + len(area) == 11:
            return _landline(area + digits[length:])
    return None


@lru_cache(maxsize=4096)
def foreign(digits: str) -> Number | None:
    """A number of another country, `digits` with its country code and no plus; judged by libphonenumber."""
    if not 8 <= len(digits) <= 15 or digits.startswith(("84", "0")):
        return None
    try:
        parsed = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    region = phonenumbers.region_code_for_number(parsed) or ""
    return Number(
        kind="phone", value=phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), carrier=region
    )


@lru_cache(maxsize=8192)
def dialled(digits: str) -> Number | None:
    """Any spelling without its plus: national, 84..., 0084..., hotline."""
    if digits.startswith("0084"):
        return international(digits[2:])
    if digits.startswith("84") and len(digits) >= 11:
        return international(digits)
    if digits.startswith("084") and len(digits) == 12:
        return international(digits[1:])
    return national(digits)


def tax_code_is_valid(digits: str) -> bool:
    """Whether ten digits carry the check digit of a Vietnamese tax code (weights 31, 29, ... of circular 80/2012)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, (31, 29, 23, 19, 17, 13, 7, 5, 3), strict=False))
    return 10 - total % 11 == int(digits[9])
