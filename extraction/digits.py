"""Runs of digits however they are written: the raw material of phones, accounts and cards.

A run is a chain of items with bridgeable gaps. An item is a group of digits, a digit word (`không chín một`), or
letters that look like digits beside real ones (`O9l2`). What a gap costs says how far it is from how people write
numbers; a gap with a unit of measure or a sentence in it is never bridged.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from extraction.reading import Page
from extraction.signs import Places
from extraction.words import words

LONGEST_RUN = 120
"""Items of the longest run; a longer row of numbers is a table and is cut."""
ITEM_LIMIT = 4000
"""Digit groups of one field that are read; long articles with tables have some hundreds, more is a flood."""
GAP_LIMIT = 26
"""Longest gap, in characters, that can lie inside one disguised number."""

_WORDS = {
    "khong": "0", "zero": "0", "mot": "1", "one": "1", "hai": "2", "two": "2", "ba": "3", "three": "3",
    "bon": "4", "tu": "4", "four": "4", "nam": "5", "lam": "5", "five": "5", "sau": "6", "six": "6", "bay": "7",
    "seven": "7", "tam": "8", "eight": "8", "chin": "9", "nine": "9", "muoi": "10",
    "ko": "0", "khoong": "0", "k0": "0", "hong": "0", "hok": "0", "khog": "0", "nham": "5", "nhat": "1", "le": "", "linh": "", "tram": "", "khum": "0",
}  # fmt: skip
_TELEX = str.maketrans({"ô": "oo", "ă": "aw", "ư": "uw"})
_VNI = str.maketrans({"ô": "o6", "ă": "a8", "ư": "u7"})
_TONES = {"\u0300": ("f", "2"), "\u0301": ("s", "1"), "\u0309": ("r", "3"), "\u0323": ("j", "5")}


def _typed(word: str) -> Iterator[str]:
    """How a word looks when the keys of its marks stay in the text, `chins` and `chi1n`: Telex and VNI, the tone's key
    behind its vowel or at the end."""
    letters = unicodedata.normalize("NFD", word)
    tone = next((mark for mark in _TONES if mark in letters), "")
    bare = unicodedata.normalize("NFC", letters.replace(tone, "") if tone else letters)
    place = len(unicodedata.normalize("NFC", letters[: letters.index(tone)])) if tone else 0
    for table, key in ((_TELEX, 0), (_VNI, 1)):
        typed = _TONES[tone][key] if tone else ""
        yield f"{bare[:place]}{typed}{bare[place:]}".translate(table)
        yield f"{bare}{typed}".translate(table)


_TYPED = {
    form: digit
    for word, digit in {
        "không": "0", "một": "1", "mốt": "1", "bốn": "4", "tư": "4", "năm": "5", "lăm": "5", "sáu": "6", "bảy": "7", "bẩy": "7", "tám": "8", "chín": "9",
    }.items()
    for form in _typed(word)
}  # fmt: skip
_KINDS = {"mươi": "ten", "lẻ": "odd", "linh": "odd"}
_STRONG_WORDS = frozenset(_WORDS) - {"ko", "nhat", "khum", "hong", "hok", "nham"}
_ACCENTED = words(
    "không khồng hông hổng một mốt bốn tư năm lăm nhăm sáu bảy bẩy tám chín mười mươi lẻ trăm nhất ba hai linh khum hăm"
)
_LEET = str.maketrans("0134579@!|$", "oleastgails")
_LEET_I = str.maketrans("0134579@!|$", "oieastgails")
_WORD_START = "khong|zero|mot|one|hai|two|ba|three|bon|tu|four|nam|lam|five|sau|six|bay|seven|tam|eight|chin|chjn|nine|muoi|linh|le|tram|hong|ko"
_ATOM, _BREAK = rf"(?:[0-9]{{1,8}}|{_WORD_START})", r"[^a-z0-9]{1,6}"
_WORD_GATE = re.compile(
    rf"(?<![a-z0-9])(?=(?P<row>(?:{_WORD_START}){_BREAK}{_ATOM}{_BREAK}{_ATOM}(?![a-z])"
    rf"|[0-9]{{1,8}}{_BREAK}(?:(?:{_WORD_START}){_BREAK}{_ATOM}|[0-9]{{1,8}}{_BREAK}(?:{_WORD_START}))(?![a-z])))"
)
_WORD_PLACES = Places(*_WORD_START.split("|"))
_ROW_REACH = 28
"""Characters from the first atom of a row to its third at most: two words or eight digits and two breaks."""
_DIGITS = re.compile(r"[0-9]+")
_TOKEN = re.compile(r"[a-z0-9@]+")
_LETTERS = re.compile(r"[a-z]+")
GLYPH = {
    **dict.fromkeys("oOоОοΟօՕØøᴏ∅ΘθӨөᴑⲟⲞ", "0"), **dict.fromkeys("lIi|!іІıӏΙιⅼⅠLǀ", "1"), **dict.fromkeys("zZƧƨ", "2"),
    **dict.fromkeys("eEзЗƷʒƐɛэЭ", "3"), **dict.fromkeys("AaчЧ", "4"), **dict.fromkeys("sSѕЅ$vVѴѵ", "5"), **dict.fromkeys("bGбБьЬ", "6"),
    **dict.fromkeys("TtŦ", "7"), **dict.fromkeys("BвВ&ßΒβ🎱", "8"), **dict.fromkeys("gqցԳ", "9"),
}  # fmt: skip
"""What a letter stands for when it is written for a digit, by its shape."""
_ROUND = frozenset("oOоОοΟօՕØøᴏlIi|іІıӏΙι0")
"""The shapes that are taken for 0 and 1 before any other."""
_GLYPHS = re.compile(r"(?:[^\W\d_]|[|!$&?∅🎱])+")

UNITS = words("dong vnd vnđ d k tr trieu ty ti nghin ngan usd usdt gio h phut giay ngay thang nam tuoi nguoi ca m km kg g m2 ha cm mm lit tan ta"
    " phan diem lan luot chiec cai bo xe suat vong tap trang dieu khoan chuong quyen duong ngo hem tang phong lo thua to"
    " quan phuong xa huyen tinh thanh pho p q w kwh mah gb mb tb hp inch euro eur yen won bath phantram buoi tuan quy den toi tu"
    )  # fmt: skip
"""Words after or between numbers that make them a measure, a date or an address, never parts of one number."""
DISGUISE_WORDS = words(
    "cham cach gach phay dau dot roi space spc ngang noi cong tru sao thang va xuong dong bo so tiep theo giua cuoi cung duoi"
)


class Item(NamedTuple):
    """digits: as read; start, end: span in the views; kind: `digit`, `word`, `ten` (`mươi`), `odd` (`lẻ`: a zero) or `glyph`; cost: doubt of the reading."""

    digits: str
    start: int
    end: int
    kind: str = "digit"
    cost: float = 0.0


class Gap(NamedTuple):
    """cost: distance from ordinary writing. weight: 0 none, 1 one light separator, 2 some symbols, 3 line or letters."""

    cost: float
    weight: int


class Run(NamedTuple):
    """Items in text order; gaps[i] lies between items[i] and items[i + 1]."""

    items: tuple[Item, ...]
    gaps: tuple[Gap, ...]


_NO_GAP = Gap(0.0, 0)
LONGEST_FRAME = 120
"""Characters of the longest row of repeated signs between two digits, the frame of a drawn table."""
_FRAME = frozenset("|+-=_─│┼┬┴├┤")
_AGAIN = re.compile(r"([^\w]{1,4}?)\1+")
_LIGHT = Gap(0.1, 1)


@lru_cache(maxsize=16384)
def gap_of(text: str) -> Gap | None:
    """The gap that a text between two digit groups is; None when no number reaches across it."""
    if not text:
        return _NO_GAP
    if len(text) > 4:
        text = _AGAIN.sub(r"\1", text[:LONGEST_FRAME])
    if len(text) > GAP_LIMIT:
        return None
    if text in " .-_\xa0":
        return _LIGHT
    letters = _LETTERS.findall(text)
    lines = text.count("\n")
    if lines > 2:
        return None
    if not letters:
        return _symbol_gap(text, lines)
    return _letter_gap(text, letters, lines)


def _symbol_gap(text: str, lines: int) -> Gap:
    core = "".join(text.split())
    if not lines and len(text) <= 3 and all(character in " .-_()[]" for character in text):
        return Gap(0.2, 1 if len(text) == 1 else 2)
    if lines and _FRAME.issuperset(core):
        return Gap(0.5, 3)
    cost = 0.3 + 0.06 * len(text) + 0.4 * lines
    if core in (",", ";", ":", "/", "=", ">", "<", "%", "x", "–", "+", "&"):
        cost += 0.25
    return Gap(cost, 3 if lines else (1 if len(text) == 1 else 2))


def _letter_gap(text: str, letters: list[str], lines: int) -> Gap | None:
    if any(word in UNITS for word in letters) and not all(word in DISGUISE_WORDS for word in letters):
        return None
    if all(word in DISGUISE_WORDS for word in letters):
        return Gap(0.5 + 0.4 * lines, 3)
    if len(letters) > 4 or sum(map(len, letters)) > 16:
        return None
    bracketed = text.strip()[:1] in "([{<*~" and text.strip()[-1:] in ")]}>*~"
    return Gap((0.8 if bracketed else 1.0 + 0.3 * (len(letters) - 1)) + 0.4 * lines, 3)


def word_digit(token: str, original: str = "") -> str | None:
    """The digits that a word stands for, accents stripped and leet undone; None for other words."""
    if (
        not original.isascii()
        and (written := original.lower()) not in _ACCENTED
        and _squeezed(written) not in _ACCENTED
    ):
        return None
    if token in _WORDS:
        return _WORDS[token]
    if token in _TYPED:
        return _TYPED[token]
    if "j" in token and token.replace("j", "i") in _STRONG_WORDS:
        return _WORDS[token.replace("j", "i")]
    if not token.isalpha():
        for table in (_LEET, _LEET_I):
            undone = token.translate(table)
            if undone.isalpha() and undone in _STRONG_WORDS:
                return _WORDS[undone]
        return None
    squeezed = _squeezed(token)
    return _WORDS[squeezed] if squeezed != token and squeezed in _STRONG_WORDS and squeezed != "le" else None


def is_counted(digits: str) -> bool:
    """Whether digits only count up or down, as a lesson does: `không, chín, tám, bảy ...`."""
    steps = {int(after) - int(before) for before, after in pairwise(digits)}
    return steps <= {-1, 9} or steps <= {1, -9}


def split_word(base: str, plain: str, position: int, end: int) -> tuple[str, int] | None:
    """The digits of a digit word with a sign between its letters, `kh.ông`, `c-h-í-n`, and where it ends."""
    match = _SPLIT.match(base, position, end)
    while match:
        written = match.group()
        letters = [place for place in range(*match.span()) if base[place].isalpha()]
        digits = word_digit("".join(base[place] for place in letters), "".join(plain[place] for place in letters))
        if digits:
            return digits, match.end()
        last = max(map(written.rfind, f"{_INNER} "))
        match = _SPLIT.match(base, position, position + last) if last > 0 else None
    return None


_INNER = ".-_*'~^"
_SPLIT = re.compile(rf"(?:[a-z]+(?:[{re.escape(_INNER)}][a-z]+){{1,5}}|[a-z](?: [a-z]){{1,5}})(?![a-z0-9])")


def _squeezed(word: str) -> str:
    """A word with no letter twice in a row: `khôngg`, `nnăm`."""
    return _TWICE.sub(r"\1", word)


_TWICE = re.compile(r"(.)\1+")


def _glyph_items(page: Page, start: int, end: int) -> list[Item]:
    """Letters of a span that stand for digits by their shape, `OOO` between digits; none when one of them cannot."""
    items: list[Item] = []
    for match in _GLYPHS.finditer(page.base, start, end):
        first, last = match.span()
        written = page.plain[first:last]
        if set(written) == {"|"} and not _touches_digit(page.base, first, last):
            return []
        if not _STROKES.issuperset(page.base[first:last]) and LISTED.search(page.base, start, end):
            return []
        if any(character not in GLYPH for character in written) or (
            len(written) > 1 and (page.base[first:last] in UNITS or _is_word_apart(page.base, first, last))
        ):
            return []
        cost = sum((0.12 if GLYPH[character] == "0" else 0.25) if character in _ROUND else 0.5 for character in written)
        items.append(Item("".join(GLYPH[character] for character in written), first, last, "glyph", cost))
    return items


def _is_word_apart(base: str, first: int, last: int) -> bool:
    """Whether letters stand by themselves and are more than strokes and rings: `0900 alo 000`, but not `0900 OO O12`."""
    return not _touches_digit(base, first, last) and not _STROKES.issuperset(base[first:last])


def _touches_digit(base: str, first: int, last: int) -> bool:
    return base[first - 1 : first].isdigit() or base[last : last + 1].isdigit()


_STROKES = frozenset("oil|")
LISTED = re.compile(r"[,;:\n]")
"""In a list a letter is a label or a line's name, `84059, G2 21645`, `09A, 16`."""


def _word_items(page: Page, start: int, end: int) -> list[Item]:
    """Digit words and digit groups of a span, in order."""
    items: list[Item] = []
    for match in _TOKEN.finditer(page.base, start, end):
        if len(items) > 2 * ITEM_LIMIT:
            break
        token = match.group()
        if token.isdigit():
            items.append(Item(token, *match.span()))
            continue
        digits = word_digit(token, page.plain[match.start() : match.end()])
        if digits is not None:
            kind = _KINDS.get(page.plain[match.start() : match.end()].lower(), "word")
            items.append(Item(digits, *match.span(), kind, 0.1))
            continue
        items.extend(Item(group.group(), *group.span()) for group in _DIGITS.finditer(page.base, *match.span()))
    items = [item for index, item in enumerate(items) if not (index and _is_echo(page, items[index - 1], item))]
    return [item for index, item in enumerate(items) if item.kind == "digit" or _in_company(page, items, index)]


def _is_echo(page: Page, said: Item, item: Item) -> bool:
    """Whether an item says once more in brackets what stands before it: `không(0) chín(9)`, `0(không) 9(chín)`."""
    opened = page.base[said.end : item.start].strip()
    closed = page.base[item.end : item.end + 1]
    return said.digits == item.digits and opened + closed in ("()", "[]", "{}")


def _in_company(page: Page, items: list[Item], index: int) -> bool:
    """Whether a digit word stands directly beside another digit: alone it is an ordinary word."""
    item = items[index]
    beside = []
    if index:
        beside.append(page.base[items[index - 1].end : item.start])
    if index + 1 < len(items):
        beside.append(page.base[item.end : items[index + 1].start])
    begins = page.plain[item.start].isupper() and re.search(r"[.!?] ?\Z", page.before(item.start, 2))
    return not begins and any(len(gap) <= 6 and "\n" not in gap and not _plain_words(gap) for gap in beside)


def _plain_words(gap: str) -> bool:
    return any(word not in DISGUISE_WORDS for word in _LETTERS.findall(gap))


def _word_zones(page: Page) -> list[tuple[int, int]]:
    """Spans where digit words may stand for digits: three atoms in a row with a word among them, widened."""
    zones: list[tuple[int, int]] = []
    for match in _word_rows(page):
        start, end = max(0, match.start() - 90), min(len(page.base), match.end("row") + 90)
        if zones and start <= zones[-1][1]:
            zones[-1] = (zones[-1][0], end)
        else:
            zones.append((start, end))
    return zones


def _word_rows(page: Page) -> list[re.Match[str]]:
    """Matches of `_WORD_GATE`, tried only where three beginnings of words and digits stand close together."""
    base = page.base
    atoms = {place for place in _WORD_PLACES(page) if not base[place - 1 : place].isalnum()}
    if not atoms:
        return []
    atoms.update([start for start, _ in figures(page)])
    places = sorted(atoms)
    near = [first for first, third in zip(places, places[2:], strict=False) if third - first <= _ROW_REACH]
    return [match for match in (_WORD_GATE.match(base, first) for first in near) if match]


def figures(page: Page) -> list[tuple[int, int]]:
    """Spans of all groups of digits of the page; computed once."""
    known = page.memo.get("figures")
    if known is None:
        known = page.memo["figures"] = [match.span() for match in _DIGITS.finditer(page.base)]
    return known  # type: ignore[return-value]


def _items(page: Page) -> list[Item]:
    """All digit groups of the page, with the digit words of its word zones; computed once."""
    known = page.memo.get("items")
    if known is None:
        known = page.memo["items"] = _read_items(page)
    return known  # type: ignore[return-value]


def _read_items(page: Page) -> list[Item]:
    zones = _word_zones(page)
    if not zones:
        base = page.base
        return [Item(base[start:end], start, end) for start, end in figures(page)[: ITEM_LIMIT + 1]]
    items: list[Item] = []
    position = 0
    for start, end in zones:
        while start > position and page.base[start - 1].isalnum():
            start -= 1
        while end < len(page.base) and page.base[end].isalnum():
            end += 1
        items.extend(Item(match.group(), *match.span()) for match in _DIGITS.finditer(page.base, position, start))
        items.extend(_word_items(page, max(start, position), end))
        position = max(end, position)
    items.extend(Item(match.group(), *match.span()) for match in _DIGITS.finditer(page.base, position))
    return items


def _edge(page: Page, position: int, forward: bool) -> list[Item]:
    """Look-alike letters that touch the outer edge of a run, or stand one light separator away."""
    near = page.base[position : position + 2] if forward else page.base[max(0, position - 2) : position][::-1]
    if near[:1] not in _SHAPES and (near[:1] not in " .-" or near[1:] != "o"):
        return []
    window = (position, min(len(page.base), position + 14)) if forward else (max(0, position - 14), position)
    text = page.base[window[0] : window[1]]
    match = (_EDGE_AFTER if forward else _EDGE_BEFORE).search(text)
    if not match or not match.group("glyphs"):
        return []
    return _glyph_items(page, window[0] + match.start(), window[0] + match.end())


_SHAPES = frozenset("olizsbgqtea|")
_BESIDE = _SHAPES | frozenset(" .-")
_EDGE_AFTER = re.compile(r"\A(?P<glyphs>(?:[olizsbgqtea|]{1,4})?(?:[ .\-]?o{1,4}l{0,2}){0,3})(?![a-z0-9])")
_EDGE_BEFORE = re.compile(r"(?<![a-z0-9.@])(?P<glyphs>(?:o{1,4}[ .\-]?){0,3}(?:[olizsbgqtea|]{1,4})?)\Z")


def runs(page: Page) -> Iterator[Run]:
    """The runs of the page that hold at least four digits outside what is claimed already."""
    for chain, gaps in _chains(page):
        yield from _finish(page, chain, gaps)


def _chains(page: Page) -> Iterator[tuple[list[Item], list[Gap]]]:
    """Rows of items with bridgeable gaps, and their gaps."""
    chain: list[Item] = []
    gaps: list[Gap] = []
    items = _items(page)
    if len(items) > ITEM_LIMIT:
        page.memo["flood"] = True
    claimed, base = bool(page.claims), page.base
    for item in items[:ITEM_LIMIT]:
        if claimed and not page.is_free(item.start, item.end):
            continue
        if (
            item.end - item.start == 1
            and item.kind == "digit"
            and (_is_letter_of_word(base, item) or _COUNTED.match(base, item.end))
        ):
            continue
        if chain:
            gap, inner = _bridge(page, chain[-1], item)
            if gap is None or len(chain) >= LONGEST_RUN:
                yield chain, gaps
                chain, gaps = [], []
            elif inner:
                for glyph in inner:
                    gaps.append(gap_of(base[chain[-1].end : glyph.start]) or _LIGHT)
                    chain.append(glyph)
                gaps.append(gap_of(base[chain[-1].end : item.start]) or gap)
            else:
                gaps.append(gap_of(base[chain[-1].end : item.start]) or gap)
        chain.append(item)
    if chain:
        yield chain, gaps


_COUNTED = re.compile(r" (?:chu |con )?so (?:dau|giua|cuoi|sau|tiep|ke|con lai)(?![a-z])")
"""Behind a digit that counts the digits of a part: `4 số đầu 0900, 6 số sau 000012`."""
_ONE_DIGIT_WORD = re.compile(r"[a-z]{2,20}[0-9][a-z]{2,20}(?![a-z0-9])")


def _is_letter_of_word(base: str, item: Item) -> bool:
    """Whether a digit is the only one of a word, and stands for a letter: `sh0peepay`, `v1etcombank`."""
    if not (base[item.start - 1 : item.start].isalpha() and base[item.end : item.end + 1].isalpha()):
        return False
    start = item.start
    while start and item.start - start < 21 and base[start - 1].isalpha():
        start -= 1
    return not base[start - 1 : start].isdigit() and _ONE_DIGIT_WORD.match(base, start) is not None


def _bridge(page: Page, left: Item, right: Item) -> tuple[Gap | None, list[Item]]:
    """The gap between two items, or the look-alike digits that fill it; `hai số 9` counts and is no row."""
    between = page.base[left.end : right.start]
    gap = gap_of(between)
    if gap is _LIGHT:
        return (gap if page.is_free(left.end, right.start) else None), []
    if left.kind == "word" and left.digits in ("2", "3") and between.strip() in ("so", "con", "chu so"):
        return None, []
    if between.strip() == "x" and _is_times(page.base, left, right):
        return None, []
    if 2 <= len(between) <= 5 and between.isalpha():
        spelled = word_digit(between, page.plain[left.end : right.start])
        if spelled:
            return _LIGHT, [Item(spelled, left.end, right.start, "word", 0.1)]
    if between and len(between) <= GAP_LIMIT and _GLYPH_HINT.search(page.plain, left.end, right.start):
        inner = _glyph_items(page, left.end, right.start)
        if inner and (gap is None or gap.weight == 3 or not between.isascii()):
            return _LIGHT, inner
    if gap is not None and not page.is_free(left.end, right.start):
        return None, []
    return gap, []


def _is_times(base: str, left: Item, right: Item) -> bool:
    """Whether `7 x2` says that a digit comes again; not where x stands between all digits."""
    single = len(left.digits) == len(right.digits) == 1 and right.digits in "2345"
    return single and "x" not in base[max(0, left.start - 2) : left.start] + base[right.end : right.end + 2]


_GLYPH_HINT = re.compile(f"[{re.escape(''.join(GLYPH))}]")


def _gap_between(page: Page, left: Item, right: Item) -> Gap:
    return gap_of(page.base[left.end : right.start]) or _LIGHT


def _finish(page: Page, chain: list[Item], gaps: list[Gap]) -> Iterator[Run]:
    base = page.base
    first, last = chain[0].start, chain[-1].end
    before = _edge(page, first, forward=False) if base[first - 1 : first] in _BESIDE else []
    after = _edge(page, last, forward=True) if base[last : last + 1] in _BESIDE else []
    items = [*before, *chain, *after] if before or after else chain
    if sum([len(item.digits) for item in items]) < 4:
        return
    if items is chain:
        yield Run(tuple(chain), tuple(gaps))
        return
    edges = len(before)
    joined = [_gap_between(page, items[index], items[index + 1]) for index in range(edges)]
    trailing = [_gap_between(page, items[index - 1], items[index]) for index in range(edges + len(chain), len(items))]
    yield Run(tuple(items), (*joined, *gaps, *trailing))


class _Read(NamedTuple):
    """Runs of a page as they were after so many claims; spans: from the first to the last item of every row, ascending."""

    runs: list[Run]
    spans: list[tuple[int, int]]
    claims: int


def page_runs(page: Page) -> list[Run]:
    """`runs`, computed anew only when a row of digits was claimed since."""
    known: _Read | None = page.memo.get("runs")  # type: ignore[assignment]
    if known is None or _is_touched(known, page.claims):
        chains = list(_chains(page))
        found = [run for chain, gaps in chains for run in _finish(page, chain, gaps)]
        spans = [(chain[0].start, chain[-1].end) for chain, _ in chains]
        known = page.memo["runs"] = _Read(found, spans, len(page.claims))
    return known.runs


def _is_touched(known: _Read, claims: list[tuple[int, int]]) -> bool:
    """Whether something claimed since reaches into a row."""
    for start, end in claims[known.claims :]:
        behind = bisect_right(known.spans, start, key=itemgetter(1))
        if behind < len(known.spans) and known.spans[behind][0] < end:
            return True
    return False
