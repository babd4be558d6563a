"""Provinces named in a text, under their names before and after July 2025, and by cities and communes widely known."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import ahocorasick_rs
from attrs import frozen

from extraction.fold import exact, fold
from extraction.folded import Folded, folded
from extraction.marks import agrees, bare
from extraction.words import words

_CAREFUL = frozenset(
    "hue|hoa binh|cao bang|thai binh|hung yen|gia lai|son la|long an|ca mau|hau giang|nam dinh|lang son|vinh phuc|binh duong|"  # noqa: SIM905
    "thanh hoa|yen bai|ha nam|phu yen|phu tho|nghe an|ben tre|vinh long|an giang vang|tan an|thuan an|dong ha|sg|hn|ct|hp|dn|hcm".split(
        "|"
    )
)
"""Folded names that are also everyday words (`hòa bình` peace, `cao bằng` as tall as, `sơn la`, `giá lại`): they need
capitals, or a word of place before them."""

_PLACE_WORDS = re.compile(
    r"(?<![^ ])(?:tinh|tp|thanh pho|o|tai|ve|den|tu|ubnd|cong an|ca|so khcn|dia ban|thi xa|huyen|phuong|xa|dien luc|benh vien) $"
)
_LONGEST_WORD = 13

_STREETS = words("duong pho ngo ngach hem kiet quoc lo dai lo xa lo")
_PEOPLE = words("ten chi anh ong ba co chu bac em thay sep")
_GOODS = words(
    "bo bun nem chua banh mi phe cafe bia ruou xoai buoi cam thieu mam gom gao keo toi ruoc luon bao hang lam clb bong"
)
_OTHER = _STREETS | _PEOPLE | _GOODS
"""Folded words that make of a name right behind them a street, a person, goods, a paper, a bank or a club (`bún bò Huế`,
`Sông Lam Nghệ An`)."""

_STILL_PLACE = frozenset({"thanh pho", "dong bao", "con em", "que em", "que anh", "que chi", "tren bao"})
"""Two words that end in one of those and stand before a place."""

_SURNAMES = words("nguyen tran le pham huynh phan vu vo dang bui do ngo ly dinh trinh hoang thai")
"""With a capital right before a name: a person's."""

_ROADS = frozenset({"dien bien", "dien bien phu"})
"""Names that a house number makes a road's, in every town."""

_LONGER = re.compile(
    r" (?:fc|giai phong|thuong tin|cong thuong|ninh(?! binh)|ngon|chuan vi|(?:loai|hop) \d\w*)(?![^ ])"
)
"""What follows a name that is the beginning of a longer one, of a club, a paper, a bank, or that goods are sold under."""

_SPORT = re.compile(r"(?<![^ ])(?:clb|fc|v league|ty so|ti so|tran dau|san khach|san nha|hlv|huan luyen vien)(?![^ ])")
"""Words of a text on a match: there the name of a province is a team's, unless a word of place stands before it."""

_NUMBERED = re.compile(r"(?<![^ ])quan (?:[1-9]|1[0-2])(?![^ ])")
"""Districts with numbers: Ho Chi Minh City alone has had them."""

_CITY = "VN-SG"


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
def _machine() -> tuple[ahocorasick_rs.AhoCorasick, list[_Name]]:
    names = sorted(_names().items())
    return ahocorasick_rs.AhoCorasick([key for key, _ in names]), [name for _, name in names]


class _Place(NamedTuple):
    """A name at a place of the folded text; told: a word of place stands before it."""

    start: int
    end: int
    name: _Name
    told: bool


def regions(text: str) -> tuple[str, ...]:
    """Codes of the provinces (as of July 2025) that the text names, in order of first mention, each once.

    With marks they must be the name's; without, a name counts when it cannot be another word, in capitals, or after a
    word of place (`tinh hoa binh`). A name that has none needs capitals where the text has marks. A street, a person,
    goods or a club of that name is no place.
    """
    read = folded(text)
    found: dict[str, int] = {}
    match_day: bool | None = None
    for place in _named(text, read):
        if place.name.code in found:
            continue
        if not place.told:
            match_day = bool(_SPORT.search(read.text)) if match_day is None else match_day
            if match_day or _is_other(text, place, read):
                continue
        found[place.name.code] = place.start
    district = _NUMBERED.search(read.text) if _CITY not in found else None
    if district:
        found[_CITY] = district.start()
    return tuple(sorted(found, key=found.__getitem__))


def _named(text: str, read: Folded) -> Iterator[_Place]:
    """Names as they stand; where a longer reading is none (`đồng bào Yên Bái`, not Bảo Yên), another one may be."""
    machine, names = _machine()
    folded_text, size = read.text, len(read.text)
    whole = [
        (start, -end, index)
        for index, start, end in machine.find_matches_as_indexes(folded_text, overlapping=True)
        if (start == 0 or folded_text[start - 1] == " ") and (end == size or folded_text[end] == " ")
    ]
    reached = 0
    for start, negative_end, index in sorted(whole):
        if start < reached:
            continue
        told = bool(_PLACE_WORDS.search(folded_text[max(0, start - _LONGEST_WORD) : start]))
        place = _Place(start, -negative_end, names[index], told)
        if _is_meant(place, text, read.offsets):
            reached = place.end
            yield place


def _is_other(text: str, place: _Place, read: Folded) -> bool:
    """Whether the words around a name make it another thing's: `đường Điện Biên Phủ`, `chị Hà Giang`, `bún bò Huế`."""
    start, end = place.start, place.end
    if _LONGER.match(read.text, end):
        return True
    before = read.text[max(0, start - 24) : start].split()[-2:]
    if not before:
        return False
    word = before[-1]
    if word.isdigit():
        return read.text[start:end] in _ROADS
    written = text[read.offsets[start - 1 - len(word)] : read.offsets[start]]
    if len(written.split()) != 1 or written.rstrip() != written[:-1]:
        return False  # a sign stands between
    if word in _SURNAMES and written[0].isupper():
        return True
    return word in _OTHER and " ".join(before) not in _STILL_PLACE


def _is_meant(place: _Place, text: str, offsets: Sequence[int]) -> bool:
    start, end, name = place.start, place.end, place.name
    written = text[offsets[start] : offsets[end] if end < len(offsets) else len(text)]
    if not agrees(exact(written), exact(name.written)):
        return False
    lowered = written.islower() and bare(name.written) and not name.written.isupper() and not text.isascii()
    if place.told or not (name.careful or lowered):
        return True
    if written == name.written and written.isupper():
        return True  # `SG`, `HN`: a short form written as one
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
