"""Provinces named in a text, under their names before and after July 2025, and by cities and communes widely known."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import ahocorasick_rs
from attrs import frozen

from extraction.fold import exact, fold
from extraction.folded import folded
from extraction.marks import agrees, bare

_CAREFUL = frozenset(
    "hue|hoa binh|cao bang|thai binh|hung yen|gia lai|son la|long an|ca mau|hau giang|nam dinh|lang son|vinh phuc|binh duong|"  # noqa: SIM905
    "thanh hoa|yen bai|ha nam|phu yen|phu tho|nghe an|ben tre|vinh long|an giang vang|tan an|thuan an|dong ha|sg|hn|ct|hp|dn|hcm".split(
        "|"
    )
)
"""Folded names that are also everyday words (`hòa bình` peace, `cao bằng` as tall as, `sơn la`, `giá lại`): they need
capitals, or a word of place before them."""

_PLACE_WORDS = (
    r"(?:tinh|tp|thanh pho|o|tai|ve|den|tu|ubnd|cong an|ca|so khcn|dia ban|thi xa|huyen|phuong|xa|dien luc|benh vien)"
)


@frozen(kw_only=True)
class _Name:
    code: str
    written: str
    careful: bool


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("extraction") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def _names() -> dict[str, _Name]:
    """Folded name to code; where two provinces share a folded name, the marks decide (there is none now)."""
    found: dict[str, _Name] = {}
    for row in _rows("provinces.csv"):
        for written in (row["name"], row["old_name"], *filter(None, row["aliases"].split("|"))):
            key = fold(written)
            found.setdefault(key, _Name(code=row["code"], written=written, careful=key in _CAREFUL or len(key) < 4))
    for row in _rows("cities.csv"):
        key = fold(row["name"])
        careful = row["careful"] == "yes" or key in _CAREFUL
        found.setdefault(key, _Name(code=row["code"], written=row["name"], careful=careful))
    return found


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted(_names(), key=len, reverse=True)
    return re.compile(rf"(?<![^ ])(?P<before>{_PLACE_WORDS} )?(?P<name>{'|'.join(map(re.escape, names))})(?![^ ])")


@cache
def _machine() -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick(sorted(_names()))


def _any_name(read: str) -> bool:
    """Whether a folded text holds any name at all, as whole words; the pattern is slower by far."""
    return any(
        (start == 0 or read[start - 1] == " ") and (end == len(read) or read[end] == " ")
        for _, start, end in _machine().find_matches_as_indexes(read, overlapping=True)
    )


def regions(text: str) -> tuple[str, ...]:
    """Codes of the provinces (as of July 2025) that the text names, in order of first mention, each once.

    With marks they must be the name's; without, a name counts when it cannot be another word, in capitals, or after a
    word of place (`tinh hoa binh`).
    """
    read = folded(text)
    found: dict[str, None] = {}
    if not _any_name(read.text):
        return ()
    for match in _pattern().finditer(read.text):
        name = _names()[match["name"]]
        if name.code not in found and _is_meant(name, text, match, read.offsets):
            found[name.code] = None
    return tuple(found)


def _is_meant(name: _Name, text: str, match: re.Match[str], offsets: Sequence[int]) -> bool:
    start, end = match.span("name")
    written = text[offsets[start] : offsets[end] if end < len(offsets) else len(text)]
    if not agrees(exact(written), exact(name.written)):
        return False
    if not name.careful or match["before"]:
        return True
    return all(word[0].isupper() for word in written.split()) and (written.istitle() or not bare(written))


@cache
def _labels() -> dict[str, str]:
    names: dict[str, str] = {}
    former: dict[str, list[str]] = {}
    for row in _rows("provinces.csv"):
        names[row["code"]] = row["name"]
        if row["old_name"] != row["name"] and row["merged_2025"] == "yes":
            former.setdefault(row["code"], []).append(row["old_name"])
    return {
        code: f"{name} (gồm {', '.join(former[code])} cũ)" if code in former else name for code, name in names.items()
    }


def place_label(code: str) -> str:
    """Name for people: `Lâm Đồng (gồm Đắk Nông, Bình Thuận cũ)`. An unknown code is returned as it is."""
    return _labels().get(code, code)


def place_labels() -> dict[str, str]:
    """Every province code with its name for people."""
    return dict(_labels())
