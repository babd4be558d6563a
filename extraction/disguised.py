"""Mobile numbers that no row of groups shows: every atom may be a digit, a word, a shape or noise, and the cheapest
reading that the numbering plan has is taken.

`digits` reads what people write in rows, one reading for each sign. Whoever hides a number mixes the ways: words glued
to digits (`không9một2`), letters between groups (`0900a000b001`), marked zeros (`Ô9`), counts (`hai số 9`). Here a sign
keeps all its readings and a search over them, cheapest first, ends at a number of the plan or at its budget. It begins
only where a zero is followed by what can stand second in a mobile number, and never inside what is read already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from heapq import heappop, heappush
from typing import NamedTuple

from extraction.digits import DISGUISE_WORDS, GLYPH, ITEM_LIMIT, UNITS, figures, word_digit
from extraction.numbering import Number, dialled, may_begin
from extraction.reading import Page
from extraction.signs import Places

WINDOW = 120
"""Longest number, in characters: eleven digit words with a separator word between all of them."""
MOST_STATES, MOST_STATES_OF_PAGE = 300, 8000
"""Partial readings that are looked at, of one beginning and of one field; a text that wants more is a flood."""
BUDGET, BUDGET_WITH_CUE = 1.3, 3.2
"""Doubt at which a reading is given up, without and with a phone cue beside it."""


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


_ZERO = r"(?:0|o{1,2}|khong|kh0ng|hong|khum|zero|k0|ko)"
_SECOND = r"(?:[35789]|ba|nam|lam|bay|tam|chin|three|five|seven|eight|nine|b4y|t4m|ch1n|chjn|n4m|[gqstbez](?![a-z]))"
_BEGINNING = re.compile(
    rf"(?:0|oo?|khong|kh0ng|hong|khum|zero|k0|ko|(?:84|8\W?4|tam (?:bon|tu))(?:[^a-z0-9]{{0,4}}{_ZERO})?)[^a-z0-9]{{0,5}}{_SECOND}"
)
"""Tried where a group of digits or a word for a zero begins, and at each `o` that begins a word."""
_ZEROS = Places("khong", "kh0ng", "hong", "khum", "zero", "k0", "ko", "tam bon", "tam tu")
_ROUND = re.compile(rf"o(?<![a-z0-9].)(?=o?[^a-z0-9]{{0,5}}{_SECOND})", re.DOTALL)
_TOKEN = re.compile(r"(?P<digits>[0-9]+)|(?P<letters>[a-z]+)|(?P<signs>[^a-z0-9]+)")
_COUNT = re.compile(
    r"(?P<count>[23]|hai|ba|doi|cap|tam|bo ba)[^\w\n]{0,2}(?:(?:so|con|chu so|chu)[^\w\n]{0,2})?(?P<digit>[0-9]|[a-z]+)(?![a-z0-9])"
)
_SMILE = re.compile(r"[ \t]?(?:<3|:3|=3|:v|:d|xd|=d|:p|;3)(?:[ \t]|(?=[0-9]))")
"""Smiles that hold a digit or a letter."""
_COUNTS = {"2": 2, "hai": 2, "doi": 2, "cap": 2, "3": 3, "ba": 3, "tam": 3, "bo ba": 3}


def _beginnings(page: Page, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where a hidden number can begin outside the spans, and the beginning of the next span or the end of the page.

    Not inside a word or a group of digits, but a plain 0 may follow a name.
    """
    base = page.base
    places = [start for start, _ in figures(page)[:ITEM_LIMIT] if base[start] in "08"]
    places += _ZEROS(page)
    places += [match.start() for match in _ROUND.finditer(base)]
    places.sort()
    after = 0
    for start in places:
        while after < len(spans) and spans[after][1] <= start:
            after += 1
        stop = spans[after][0] if after < len(spans) else len(base)
        before = base[start - 1 : start]
        if (
            stop > start
            and (not before.isalnum() or (base[start] == "0" and before.isalpha()))
            and _BEGINNING.match(base, start)
        ):
            yield start, stop


def _words(base: str, plain: str) -> str | None:
    """The digits of one or more digit words written together; None when it is another word."""
    whole = word_digit(base, plain)
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
    if digits == "10":
        steps.extend((("1", 0.1), ("10", 0.15), ("", 0.1)))
    elif digits is not None:
        steps.append((digits, 0.1))
    shape = _shapes(plain, base) if len(base) <= 4 else None
    if shape is not None:
        steps.append(shape)
    if len(base) <= 12:
        steps.append(("", _noise_cost(base, plain)))
    return tuple(steps)


@lru_cache(maxsize=8192)
def _sign_steps(plain: str) -> tuple[tuple[str, float], ...]:
    """Readings of a row of signs between letters and digits."""
    core = "".join(plain.split())
    lines = plain.count("\n")
    if len(plain) > 24 or lines > 2:
        return ()
    cost = 0.05 * len(plain.strip(" ")) if core else 0.02 * len(plain)
    steps = [("", min(0.1 + cost, 0.5) + 0.25 * lines if core or lines else 0.05)]
    if len(core) == 1 and core in GLYPH:
        steps.append((GLYPH[core], 0.5))
    return tuple(steps)


def _steps(page: Page, position: int, end: int) -> Iterator[_Step]:
    """Everything that the next sign can be read as."""
    base, plain = page.base, page.plain
    token = _TOKEN.match(base, position, end)
    if token is None:
        return
    stop = token.end()
    text = token.group()
    if smile := _SMILE.match(base, position, end):
        yield _Step("", smile.end(), 0.3, smile.group().strip())
    if token.lastgroup == "signs":
        for digits, cost in _sign_steps(plain[position:stop]):
            yield _Step(digits, stop, cost, "" if digits else text.strip() or " ")
        return
    count = _COUNT.match(base, position, end)
    if count is not None:
        digit = (
            count["digit"]
            if count["digit"].isdigit()
            else word_digit(count["digit"], plain[count.start("digit") : count.end()])
        )
        if digit and len(digit) == 1:
            yield _Step(digit * _COUNTS[count["count"]], count.end(), 0.5)
    if token.lastgroup == "digits":
        yield _Step(text, stop, 0.0)
        return
    apart = base[position - 1 : position].isspace() or base[stop : stop + 1].isspace()
    for digits, cost in _letter_steps(text, plain[position:stop]):
        if not digits and apart and text not in DISGUISE_WORDS:
            cost += 0.35
        yield _Step(digits, stop, cost, "" if digits else text)


def _goes_on(page: Page, position: int) -> bool:
    """Whether another digit stands so close behind that the number is not at its end."""
    after = page.base[position : position + 10]
    match = re.match(r"[ .\-]?(?:([0-9]{1,4})(?![0-9])|([a-z]{2,6})(?![a-z]))", after)
    if match is None:
        return bool(re.match(r"[0-9]", after))
    if match[1]:
        return True
    first = position + match.start(2)
    return word_digit(match[2], page.plain[first : first + len(match[2])]) is not None


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
        for step in _steps(page, position, end):
            read = digits + step.digits
            total = cost + (step.cost * 0.25 if step.noise in noises else step.cost)
            if (
                total > budget
                or len(read) > 13
                or (step.digits and not _may_go_on(read))
                or not page.is_free(position, step.end)
            ):
                continue
            heappush(states, (total, step.end, read, noises | {step.noise} if step.noise else noises))
            if step.digits and _number(read) and total + (goes_on := _goes_on(page, step.end)) <= budget:
                heappush(states, (total + goes_on, -step.end, read, noises))
    return None, MOST_STATES


def _may_go_on(digits: str) -> bool:
    return may_begin(digits[:4]) or digits.startswith("0084"[: len(digits)])


_PLAIN_ROW = re.compile(r"[0-9\s.,:;/()+\-–_]*")
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
            cost += least * 0.25 if token in met else least
            met.add(token)
            if cost > budget:
                return False
        if digits >= 10:
            return True
    return False


_TOKENS = re.compile(r"[0-9]+|[a-z]+|[^\x00-\x7f]|[|!$&?]")
_SHAPE_LETTERS = frozenset(letter for letter in Page("".join(GLYPH)).base if "a" <= letter <= "z")


@lru_cache(maxsize=8192)
def _promise(sign: str) -> tuple[int, float]:
    """The most digits that a sign can stand for, and the least doubt of passing it by when it stands for none."""
    if sign in _COUNTS or sign == "bo" or (sign[0] in "23" and len(sign) <= 2):
        return 3, 0.0
    if not "a" <= sign[0] <= "z":
        return len(sign), 0.0
    if len(sign) <= 4 and _SHAPE_LETTERS.issuperset(sign):
        return len(sign), 0.0
    if _words(sign, sign) is not None:
        return max(2, len(sign) // 2), 0.0
    if len(sign) > 12:
        return 0, 9.0
    return 0, 0.35 if sign in DISGUISE_WORDS or sign == "x" else 0.45 + 0.06 * len(sign)


def _is_hidden(page: Page, reading: Reading, cue: bool) -> bool:
    """Whether somebody hid it: rows of groups and plain separators are judged by the reader of rows, tables among them.

    Without a cue, letters between digits are a code's unless the groups are those of a telephone number.
    """
    text = page.base[reading.start : reading.end]
    if not cue and re.search(r"[.!?] [a-z]", text):
        return False
    if not cue and any(map(str.isalpha, "".join(reading.noises))):
        sizes = [len(group) for group in re.findall(r"[0-9]+", text)]
        if len(sizes) > 4 or min(sizes, default=0) < 2 or page.before(reading.start, 1) in ("#", "-"):
            return False
    return _PLAIN_ROW.fullmatch(text) is None and _ROW_BEFORE.search(page.before(reading.start, 4)) is None


def disguised(
    page: Page, taken: list[tuple[int, int]], allowed: Callable[[int, int], bool], cued: Callable[[int, int], bool]
) -> list[Reading]:
    """Numbers outside the spans that are read already.

    allowed: whether text at a span may be a number at all; cued: whether words beside it announce one.
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
        budget = BUDGET_WITH_CUE if cue else BUDGET
        if not cue and not _is_promising(page.base, start, end, budget):
            continue
        reading, looked_at = _cheapest(page, start, budget, end)
        states += looked_at
        if reading is not None and _is_hidden(page, reading, cue) and allowed(reading.start, reading.end):
            found.append(reading)
            reached = reading.end
    return found
