"""Mobile numbers that no row of groups shows: every atom may be a digit, a word, a shape or noise, and the cheapest
reading that the numbering plan has is taken.

`digits` reads what people write in rows, one reading for each sign. Whoever hides a number mixes the ways: words glued
to digits (`không9một2`), letters between groups (`0900a000b001`), marked zeros (`Ô9`), counts (`hai số 9`). Here a sign
keeps all its readings and a search over them, cheapest first, ends at a number of the plan or at its budget. It begins
only where a zero is followed by what can stand second in a mobile number, and never inside what is read already.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Set
from functools import lru_cache
from heapq import heappop, heappush
from typing import NamedTuple

from extraction.digits import (
    DISGUISE_WORDS,
    GLYPH,
    ITEM_LIMIT,
    LISTED,
    UNITS,
    figures,
    is_counted,
    split_word,
    word_digit,
)
from extraction.numbering import Number, dialled, may_begin
from extraction.reading import Page
from extraction.signs import Places
from extraction.words import words

WINDOW = 120
"""Longest number, in characters: eleven digit words with a separator word between all of them."""
MOST_STATES, MOST_STATES_OF_PAGE = 300, 5000
"""Partial readings that are looked at, of one beginning and of one field; a text that wants more is a flood."""
BUDGET, BUDGET_IF_REGULAR, BUDGET_WITH_CUE = 1.3, 2.0, 3.2
"""Doubt at which a reading is given up: without a phone cue beside it, when its noise is the same all along, with a cue."""


class Reading(NamedTuple):
    """A number with its span in the views and the doubt of its reading."""

    number: Number
    start: int
    end: int
    cost: float
    noises: frozenset[str] = frozenset()


class _Step(NamedTuple):
    """One sign read one way. digits: "" for noise; noise: what is repeated when the same noise comes again."""

    digits: str
    end: int
    cost: float
    noise: str = ""


_ZERO_WORD = r"k[ .\-_*'~^]?h[ .\-_*'~^]?o[ .\-_*'~^]?n[ .\-_*'~^]?g(?![a-z])|k+h*[o0]{1,3}6?n+[g9]+|h+[o0]+n+g+|khum|z[e3]r[o0]|k0|ko|oh"
_ZERO = rf"(?:0|o{{1,2}}|{_ZERO_WORD})"
_BEGINNING = re.compile(rf"(?:{_ZERO_WORD}|0|oo?|(?:84|8\W?4|tam (?:bon|tu))(?:[^a-z0-9]{{0,4}}{_ZERO}(?![a-z]))?)")
"""Tried where a group of digits or a word for a zero begins, and at each `o` that begins a word."""
_SECOND = re.compile(r"[^a-z0-9]{0,5}(?:(?P<near>[35789]|[gqstbez](?![a-z])|[a-z]+[0-9])|(?P<word>[a-z]+))")
_PICTURE = re.compile(r"[^a-z0-9]{0,4}[^\x00-\x7f]")
_JOINTS = frozenset(".-_*'~^")
_SECOND_FAR = re.compile(
    r"[^0-9]{1,24}[35789](?![0-9]*[.,][0-9])|[^a-z0-9]{1,3}[a-z]{1,6}[^a-z0-9]{1,3}(?:[a-z]{1,6}[^a-z0-9]{1,3})?(?:chin|bay|tam|nam|ba)(?![a-z])"
)
_ZEROS = Places(
    "khon", "khoo", "kho6", "kh0", "k0", "ko", "hong", "h0ng", "khum", "zer", "z3r", "oh", "tam bon", "tam tu"
)
_ROUND = re.compile(
    r"[ok](?<![a-z0-9].)(?:(?<=o)(?=o?[^a-z])|(?<=k)[ .\-_*'~^]?h[ .\-_*'~^]?o[ .\-_*'~^]?n[ .\-_*'~^]?g(?![a-z]))",
    re.DOTALL,
)
"""A zero as a letter that stands at the beginning of a word, or as a word with signs between its letters."""
_TOKEN = re.compile(r"(?P<digits>[0-9]+)|(?P<letters>[a-z]+)|(?P<signs>[^a-z0-9]+)")
_MIXED = re.compile(r"(?:[a-z][a-z@$!|]*[0-9@$!|]|[0-9@$!|][a-z])[a-z0-9@$!|]{0,6}(?![a-z0-9])")
"""A word with digits for some of its letters, or with its marks typed as digits: `kh0ng`, `ch!n`, `na8m`."""
_COUNT = re.compile(
    r"(?:(?P<count>[2-4]|hai|ba|bon) ?(?:so|con|chu so|chu)|(?P<many>doi|cap|bo doi|bo ba|tam hoa|tu quy|double|triple))"
    r"[ \-]?(?P<digit>[0-9]|[a-z]{2,6})(?![a-z0-9])"
)
"""Digits that are counted: `hai số tám`, `ba con 7`, `đôi 7`, `double five`."""
_TIMES = re.compile(
    r"(?P<digit>(?<![0-9x*×])[0-9]|(?<![a-z0-9])[a-z]{2,6})[^\w\n]{0,2}(?:[x×*] ?(?P<times>[2-5])(?![0-9x*×])|(?:lap (?:lai )?)?(?P<said>[2-5]|hai|ba|bon) lan(?![a-z]))"
)
"""Digits that are said to come again: `7 x3`, `số 7 hai lần`."""
_SMILE = re.compile(r"[ \t]?(?:<3|:3|=3|:v|:d|xd|=d|:p|;3)(?:[ \t]|(?=[0-9]))")
"""Smiles that hold a digit or a letter."""
_COUNTS = {
    "2": 2, "hai": 2, "doi": 2, "cap": 2, "bo doi": 2, "double": 2, "3": 3, "ba": 3, "bo ba": 3, "tam hoa": 3, "triple": 3, "4": 4, "bon": 4, "tu quy": 4, "5": 5,
}  # fmt: skip


def _beginnings(page: Page, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where a hidden number can begin outside the spans, and the beginning of the next span or the end of the page.

    Not inside a word or a group of digits, but a plain 0 may follow a name.
    """
    base = page.base
    places = [
        start for start, end in figures(page)[:ITEM_LIMIT] if base[start] in "08" and _FIRST_TWO.match(base, start, end)
    ]
    places += _ZEROS(page)
    places += [match.start() for match in _ROUND.finditer(base)]
    places.sort()
    after = 0
    for start in places:
        while after < len(spans) and spans[after][1] <= start:
            after += 1
        stop = spans[after][0] if after < len(spans) else len(base)
        if stop <= start:
            continue
        while start and base[start] == base[start - 1] in "kho":
            start -= 1
        before = base[start - 1 : start]
        if before.isalnum() and not (base[start] == "0" and before.isalpha()):
            continue
        zero = _BEGINNING.match(base, start)
        if zero and _goes_to_second(page, zero):
            yield start, stop


_FIRST_TWO = re.compile(r"0(?:[35789]|\Z|0+84)|8(?:4|\Z)")


def _goes_to_second(page: Page, zero: re.Match[str]) -> bool:
    """Whether what can be the second digit of a mobile number stands behind a zero, or some words further on."""
    base, end = page.base, zero.end()
    second = _SECOND.match(base, end)
    if second and second["near"]:
        return True
    if second and (digits := _spelled(second["word"])) and digits[0] in "35789":
        return True
    joint = base[second.end() : second.end() + 1] if second else ""
    if second and (joint in _JOINTS or (joint == " " and len(second["word"]) == 1)):
        split = split_word(base, base, second.start("word"), end + 24)
        if split and split[0] in "35789":
            return True
    pictured = not base[end : end + 5].isascii() and _PICTURE.match(base, end) is not None
    return pictured or _SECOND_FAR.match(base, end) is not None


@lru_cache(maxsize=4096)
def _spelled(word: str) -> str | None:
    return _words(word, word) or _SINO.get(word) or _ROMAN.get(word)


def _words(base: str, plain: str) -> str | None:
    """The digits of one or more digit words written together; None when it is another word."""
    whole = "0" if base == "oh" else word_digit(base, plain)
    if whole is not None:
        return "0" if base in ("le", "linh") else whole
    return _glued(base, plain) if len(base) >= 5 else None


@lru_cache(maxsize=4096)
def _glued(base: str, plain: str) -> str | None:
    if not base:
        return ""
    for size in range(min(5, len(base)), 1, -1):
        digits = word_digit(base[:size], plain[:size])
        if digits is None or digits == "10":
            continue
        rest = _glued(base[size:], plain[size:])
        if rest is not None:
            return digits + rest
    return None


def _shapes(plain: str, base: str) -> tuple[str, float] | None:
    """Signs as the digits that they look like, and the doubt of it; a marked `Ô` is the zero that it is made of."""
    digits, cost = "", 0.0
    for written, bare in zip(plain, base, strict=True):
        if written not in GLYPH and bare not in "o":
            return None
        digit = GLYPH.get(written, "0")
        digits += digit
        cost += (0.15 if digit == "0" else 0.3) if digit in "01" else 0.5
    return digits, cost


def _noise_cost(base: str, plain: str) -> float:
    if base in DISGUISE_WORDS or base == "x":
        return 0.35
    if set(base) == {"x"}:
        return 1.6
    unit = base in UNITS and (plain.isascii() or len(base) <= 3)
    return 1.6 if unit and len(base) > 1 else 0.45 + 0.06 * len(base)


@lru_cache(maxsize=8192)
def _letter_steps(base: str, plain: str) -> tuple[tuple[str, float], ...]:
    """Readings of a word: (digits, cost), "" for noise."""
    steps: list[tuple[str, float]] = []
    digits = _words(base, plain)
    if digits is not None:
        steps.append((digits, 0.1))
    if base in _SINO and (plain.isascii() or plain.lower() in _SINO_ACCENTED):
        steps.append((_SINO[base], 0.2 if plain.isascii() or base == "tam" else 0.1))
    if digits is None and base in _ROMAN:
        steps.append((_ROMAN[base], 0.12 if plain.isupper() else 0.2))
    shape = _shapes(plain, base) if len(base) <= 4 else None
    if shape is not None:
        steps.append(shape)
    if len(base) <= 12:
        steps.append(("", _noise_cost(base, plain)))
    return tuple(steps)


_SINO = {
    "nhat": "1", "nhi": "2", "tam": "3", "tu": "4", "ngu": "5", "luc": "6", "that": "7", "bat": "8", "cuu": "9"
}  # fmt: skip
_SINO_ACCENTED = words("nhất nhị tam tứ ngũ lục thất bát cửu")
"""Sino-Vietnamese numerals, as they are read in names and verses."""
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_WORDS_MEANT = {
    "khong": "0", "mot": "1", "hai": "2", "ba": "3", "bon": "4", "nam": "5", "sau": "6", "bay": "7", "tam": "8", "chin": "9"
}  # fmt: skip


@lru_cache(maxsize=4096)
def _may_be_misspelt(base: str) -> bool:
    """Whether a word is a digit's but for one letter at most, whatever its marks."""
    return any(len(name) == len(base) and sum(map(str.__ne__, name, base)) <= 1 for name in _WORDS_MEANT)


_ACCENTS_MEANT = {
    "không": "0", "một": "1", "hai": "2", "ba": "3", "bốn": "4", "năm": "5", "sáu": "6", "bảy": "7", "tám": "8", "chín": "9"
}  # fmt: skip


@lru_cache(maxsize=4096)
def _misspelt(base: str, plain: str) -> str | None:
    """The digit whose word differs in one letter or mark (`mụt`, `tém`, `xáu`, `pa`); None when none or more than one does."""
    written = base if plain.isascii() else plain.lower()
    meant = {
        digit
        for name, digit in (_WORDS_MEANT if plain.isascii() else _ACCENTS_MEANT).items()
        if len(name) == len(written) and sum(map(str.__ne__, name, written)) == 1
    }
    return meant.pop() if len(meant) == 1 else None


_SINO_NEAR = re.compile(r"nhị|tứ|ngũ|lục|thất|bát|cửu")


def _tens(page: Page, start: int, end: int) -> tuple[str, float]:
    """What `mươi` stands for: nothing between digit words (`hai mươi mốt`), a zero behind one, ten or its 1 without."""
    before = _WORD_BEFORE.search(page.before(start, 10))
    after = _WORD_AFTER.match(page.base, end, end + 15)
    ten = page.plain[start:end].lower() == "mười"
    digit = word_digit(before.group(1)) if before and not ten else None
    unit = word_digit(after.group(1)) if after else None
    has_unit = unit is not None and unit in "123456789" and not (after and after[2])
    if digit is not None and digit in "23456789":
        return ("" if has_unit else "0"), 0.1
    return ("1" if has_unit else "10"), 0.1


_WORD_BEFORE, _WORD_AFTER = re.compile(r"([a-z]+) \Z"), re.compile(r" ([a-z]+)( muoi)?(?![a-z])")


@lru_cache(maxsize=8192)
def _sign_steps(plain: str) -> tuple[tuple[str, float], ...]:
    """Readings of a row of signs between letters and digits."""
    core = "".join(plain.split())
    lines = plain.count("\n")
    if len(plain) > 24 or lines > 2:
        return ()
    cost = 0.05 * len(plain.strip(" ")) if core else 0.02 * len(plain)
    steps = [("", min(0.1 + cost, 0.5) + 0.25 * lines if core or lines else 0.05)]
    shown = "".join(map(_shown, core)) if len(core) <= 12 else ""
    if core and len(shown) == len(core):
        steps.append((shown, 0.5 if len(core) == 1 else 0.25 * len(core)))
    return tuple(steps)


_PICTURED = re.compile(
    r"(?:CLOCK FACE|DIE FACE-|PLAYING CARD|MAHJONG TILE|COUNTING ROD UNIT DIGIT|TALLY MARK) ?(?P<number>ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT|NINE|[1-6])(?: OCLOCK| OF .+)?"
)
_ENGLISH = {
    "ONE": "1", "TWO": "2", "THREE": "3", "FOUR": "4", "FIVE": "5", "SIX": "6", "SEVEN": "7", "EIGHT": "8", "NINE": "9"
}  # fmt: skip


@lru_cache(maxsize=1024)
def _shown(sign: str) -> str:
    """The digit that a sign looks like, or that the thing which it pictures shows: a clock, a die, a card; else ``."""
    if sign in GLYPH:
        return GLYPH[sign]
    name = _PICTURED.fullmatch(unicodedata.name(sign, ""))
    return _ENGLISH.get(name["number"], name["number"]) if name else ""


_ECHO = re.compile(r"[ .,]{0,2}[(\[{=](?: ?)(?P<said>[0-9]|[a-z]{2,6})(?: ?)[)\]}=]?")


def _echoed(page: Page, position: int, end: int, said: str) -> Iterator[_Step]:
    """A digit said once more in brackets: `0 (không) 9 (chín)`."""
    match = _ECHO.match(page.base, position, end)
    if match:
        again = match["said"]
        digit = again if again.isdigit() else word_digit(again, page.plain[match.start("said") : match.end("said")])
        if digit == said:
            yield _Step("", match.end(), 0.05, "()")


def _steps(page: Page, position: int, end: int, said: str = "") -> Iterator[_Step]:
    """Everything that the next sign can be read as. said: the digit that was read last."""
    base, plain = page.base, page.plain
    token = _TOKEN.match(base, position, end)
    if token is None:
        return
    stop = token.end()
    text = token.group()
    if smile := _SMILE.match(base, position, end):
        yield _Step("", smile.end(), 0.3, smile.group().strip())
    if token.lastgroup == "signs":
        if said:
            yield from _echoed(page, position, end, said)
        for digits, cost in _sign_steps(plain[position:stop]):
            yield _Step(digits, stop, cost, "" if digits else text.strip() or " ")
        return
    yield from _counted(page, position, end)
    if token.lastgroup == "digits":
        yield _Step(text, stop, 0.0)
    yield from _mixed(page, position, end)
    if token.lastgroup == "letters":
        yield from _lettered(page, position, stop)


def _mixed(page: Page, position: int, end: int) -> Iterator[_Step]:
    """A whole word of letters and digits that is a digit word with leet or typed marks."""
    match = _MIXED.match(page.base, position, end) if not page.base[position - 1 : position].isalnum() else None
    spelled = word_digit(match.group(), page.plain[position : match.end()]) if match else None
    if match and spelled:
        yield _Step(spelled, match.end(), 0.15)


def _lettered(page: Page, position: int, stop: int) -> Iterator[_Step]:
    """What a word can be read as: digits that it names, digits by the shape of its letters, noise."""
    text, written = page.base[position:stop], page.plain[position:stop]
    split = split_word(page.base, page.plain, position, min(len(page.base), position + 20))
    if split:
        yield _Step(split[0], split[1], 0.15)
    if text == "muoi":
        digits, cost = _tens(page, position, stop)
        yield _Step(digits, stop, cost)
        return
    if written == "tam" and _SINO_NEAR.search(page.plain, max(0, position - 40), stop + 40):
        yield _Step("3", stop, 0.1)
        return
    meant = _misspelt(text, written)
    if meant and word_digit(text, written) is None and _is_among_words(page, position, stop):
        yield _Step(meant, stop, 0.25)
    before, after = page.base[position - 1 : position], page.base[stop : stop + 1]
    listed = LISTED.search(page.base, max(0, position - 2), position) or LISTED.search(page.base, stop, stop + 2)
    touches = before.isdigit() or after.isdigit()
    apart = before.isspace() or after.isspace()
    for digits, cost in _letter_steps(text, written):
        if not digits:
            yield _Step("", stop, cost + 0.45 if apart and text not in DISGUISE_WORDS else cost, text)
        elif cost > 0.2 and listed and not _PLAIN_SHAPES.issuperset(text) and text not in _ROMAN:
            continue
        elif cost > 0.2 and not touches and len(text) > 1 and not _PLAIN_SHAPES.issuperset(text):
            yield _Step(digits, stop, cost + 0.6)
        else:
            yield _Step(digits, stop, cost)


_PLAIN_SHAPES = frozenset("oil")


def _is_among_words(page: Page, start: int, end: int) -> bool:
    """Whether a digit word, or nearly one, stands directly beside."""
    before = _WORD_BEFORE.search(page.before(start, 10))
    after = _WORD_AFTER.match(page.base, end, end + 15)
    return bool((before and _may_be_misspelt(before[1])) or (after and _may_be_misspelt(after[1])))


def _counted(page: Page, position: int, end: int) -> Iterator[_Step]:
    """The digits that a count and a digit stand for together."""
    for pattern in (_COUNT, _TIMES):
        match = pattern.match(page.base, position, end)
        if match is None:
            continue
        first, last = match.span("digit")
        written = match["digit"]
        digit = written if written.isdigit() else word_digit(written, page.plain[first:last])
        if digit and len(digit) == 1:
            count = match["count"] or match["many"] if pattern is _COUNT else match["times"] or match["said"]
            yield _Step(digit * _COUNTS[count], match.end(), 0.2)


def _goes_on(page: Page, position: int, noises: frozenset[str]) -> bool:
    """Whether another digit stands so close behind, or behind the same noise again, that the number is not at its end."""
    after = page.base[position : position + 10]
    match = _FOLLOWING.match(after)
    if match is None:
        again = _NOISE_AGAIN.match(page.base, position, position + 24)
        return after[:1].isdigit() or (again is not None and again.group(1) in noises)
    if match[1]:
        return True
    first = position + match.start(2)
    return word_digit(match[2], page.plain[first : first + len(match[2])]) is not None


_FOLLOWING = re.compile(r"[ .\-]?(?:([0-9]{1,4})(?![0-9])|([a-z]{2,6})(?![a-z]))")
_NOISE_AGAIN = re.compile(r"[^a-z0-9\n]{0,3}([a-z]{1,12})[^a-z0-9\n]{0,3}[0-9]{1,4}(?![0-9])")


def _number(digits: str) -> Number | None:
    number = dialled(digits) if len(digits) in (10, 11, 12, 13) else None
    return (
        number
        if number and number.kind == "phone" and number.value.startswith("+84") and number.value[3] in "35789"
        else None
    )


def _cheapest(page: Page, start: int, budget: float, end: int) -> tuple[Reading | None, int]:
    """Best-first search for the cheapest reading from a position that is a mobile number; and how many states it took."""
    states: list[tuple[float, int, str, frozenset[str]]] = [(0.0, start, "", frozenset())]
    seen: set[tuple[int, str]] = set()
    for looked_at in range(MOST_STATES):
        if not states:
            return None, looked_at
        cost, position, digits, noises = heappop(states)
        if position < 0:
            number = _number(digits)
            assert number is not None
            return Reading(number, start, -position, cost, noises), looked_at
        if (position, digits) in seen:
            continue
        seen.add((position, digits))
        for step in _steps(page, position, end, digits[-1:]):
            read = digits + step.digits
            total = cost + step.cost
            met = noises
            if step.noise:
                again = f"{step.noise}\0"
                if step.noise in noises:
                    total = cost + step.cost * (0.05 if again in noises else 0.25)
                    met = noises | {again}
                else:
                    met = noises | {step.noise}
            if (
                total > budget
                or len(read) > 13
                or (step.digits and not _may_go_on(read))
                or not page.is_free(position, step.end)
            ):
                continue
            heappush(states, (total, step.end, read, met))
            if step.digits and _number(read) and total + (goes_on := _goes_on(page, step.end, noises)) <= budget:
                heappush(states, (total + goes_on, -step.end, read, noises))
    return None, MOST_STATES


def _may_go_on(digits: str) -> bool:
    return may_begin(digits[:4]) or digits.startswith("0084"[: len(digits)])


_PLAIN_ROW = re.compile(r"[0-9\s.,:;/()+\-–_>=→|~]*")
_ROW_BEFORE = re.compile(r"[0-9][ .,\-/:;]{0,2}\Z")


def _is_promising(base: str, start: int, end: int, budget: float) -> bool:
    """Whether a search can succeed: no row of plain groups, and ten digits before plain words have used up the budget."""
    row = _PLAIN_ROW.match(base, start, end)
    if row is not None and sum(map(str.isdigit, row.group())) >= 10:
        return False
    cost, digits = 0.0, 0
    met: set[str] = set()
    for token in _TOKENS.findall(base, start, end):
        most, least = _promise(token)
        digits += most
        if least:
            cost += least * 0.05 if token in met else least
            met.add(token)
            if cost > budget:
                return False
        if digits >= 10:
            return True
    return False


_TOKENS = re.compile(
    r"[a-z]{1,5}(?:[.\-_*'~^][a-z]{1,5}){1,5}(?![a-z])|[a-z](?: [a-z]){1,4}(?![a-z])|[a-z]+[0-9@$!|][a-z0-9@$!|]*|[0-9]+|[a-z]+|[^\x00-\x7f]|[|!$&?]"
)
_SHAPE_LETTERS = frozenset(letter for letter in Page("".join(GLYPH)).base if "a" <= letter <= "z")


_LETTERS = re.compile("[a-z]+")


@lru_cache(maxsize=8192)
def _promise(sign: str) -> tuple[int, float]:
    """The most digits that a sign can stand for, and the least doubt of passing it by when it stands for none."""
    if sign in _MANY or (sign[0] in "234" and len(sign) <= 2):
        return 4, 0.0
    if not sign.isalpha() or not "a" <= sign[0] <= "z":
        return len(sign) if any(map(str.isdigit, sign)) else len(_LETTERS.findall(sign)) or 1, 0.0
    if len(sign) <= 4 and _SHAPE_LETTERS.issuperset(sign):
        return len(sign), 0.0
    if _words(sign, sign) is not None:
        return max(2, len(sign) // 2), 0.0
    if sign in _SINO or sign in _ROMAN or _may_be_misspelt(sign):
        return 1, 0.0
    if len(sign) > 12:
        return 0, 9.0
    return 0, 0.35 if sign in DISGUISE_WORDS or sign == "x" else 0.45 + 0.06 * len(sign)


_MANY = frozenset(word for words in _COUNTS for word in words.split()) | {"x", "lan", "lap"}


def _is_hidden(page: Page, reading: Reading, cue: bool) -> bool:
    """Whether somebody hid it: rows of groups and plain separators are judged by the reader of rows, tables among them.

    Without a cue, letters between digits are a code's unless the groups are those of a telephone number.
    """
    text = page.base[reading.start : reading.end]
    if not cue and re.search(r"[.!?] [a-z]", text):
        return False
    if not cue and is_counted("0" + reading.number.value[3:]):
        return False
    if not cue and reading.cost > BUDGET and not _is_regular(reading.noises):
        return False
    words = {noise for noise in reading.noises if any(map(str.isalpha, noise))}
    if not cue and words and not _is_regular(words):
        sizes = [len(group) for group in re.findall(r"[0-9]+", text)]
        if len(sizes) > 4 or min(sizes, default=0) < 2 or page.before(reading.start, 1) in ("#", "-"):
            return False
    return _PLAIN_ROW.fullmatch(text) is None and _ROW_BEFORE.search(page.before(reading.start, 4)) is None


def _is_regular(words: Set[str]) -> bool:
    """Whether every noise between the digits comes again and again, as no sentence has it."""
    return all(f"{word}\0" in words for word in words if not word.endswith("\0"))


def disguised(
    page: Page, taken: list[tuple[int, int]], allowed: Callable[[int, int], bool], cued: Callable[[int, int], bool]
) -> list[Reading]:
    """Numbers outside the spans that are read already.

    allowed: whether text at a span may be a number at all; cued: whether words before a span or close behind it announce one.
    """
    found: list[Reading] = []
    reached, states = 0, 0
    for start, stop in _beginnings(page, sorted(taken)):
        if states >= MOST_STATES_OF_PAGE:
            break
        if start < reached:
            continue
        end = min(start + WINDOW, len(page.base), stop)
        if not _is_promising(page.base, start, end, BUDGET_WITH_CUE):
            states += 2
            continue
        cue = cued(start, start)
        budget = BUDGET_WITH_CUE if cue or cued(start, end) else BUDGET_IF_REGULAR
        if not cue and not _is_promising(page.base, start, end, budget):
            continue
        reading, looked_at = _cheapest(page, start, budget, end)
        states += looked_at
        cue = cue or (reading is not None and cued(start, reading.end))
        if reading is not None and _is_hidden(page, reading, cue) and allowed(reading.start, reading.end):
            found.append(reading)
            reached = reading.end
    return found
