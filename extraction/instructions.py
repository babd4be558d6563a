"""Numbers that are to be read as their post says: backwards, without the letters, by the first of each line, with a sign
for a digit.

Whoever writes so trusts that a person does what the sentence asks and a machine does not. Each instruction is one
operation on the digits near it, and the numbering plan judges what comes out: a number of the plan is read, all else is
left as it stands. Without words of an instruction on the page nothing is tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from extraction.digits import ITEM_LIMIT, figures, page_runs, word_digit
from extraction.numbering import Number, dialled
from extraction.reading import Page
from extraction.signs import Gate

REACH = 160
"""Characters between an instruction and the digits that it is about."""
_GAP = 24
"""Characters that are dropped between two groups at most."""


class Instructed(NamedTuple):
    """A number with its span in the views."""

    number: Number
    start: int
    end: int


_BACKWARDS = re.compile(
    r"(?<![a-z])(?:(?P<plainly>(?:doc|viet|ghi|go|danh|bam|nhap|dao|lat|quay|xoay|xem|nhin)(?: (?:so|no|lai))? nguoc|thu tu nguoc|nguoc tu|dao (?:lai|so|chieu)|(?:sdt|so|dt) (?:bi |da |viet )?dao"
    r"|(?:tu )?(?:ben )?(?:phai|cuoi|duoi|sau) (?:sang|qua|ve|len|ra|den|toi) (?:ben )?(?:trai|dau|tren|truoc)|reversed?|backwards?)|nguoc)(?![a-z])"
)
_FILLING = r"(?: (?:di|het|bot|ra|qua|giup|em|minh|tat ca|toan bo|may|cac|nhung|moi|cai|ca|nguyen|phan|lai|rieng|cho|nhe|nha))*"
_DROPPED = re.compile(
    rf"(?<![a-z])(?:(?:bo|xoa|loai|luoc|tru|gat|cat|khu|(?:khong|ko|dung) (?:tinh|doc|lay)){_FILLING} (?:chu|ky tu|ki tu|ky hieu|ki hieu|icon|emoji|hinh|bieu tuong|mau tu|tu|dau|hoa|trai cay|con vat)(?! so)"
    rf"|chi{_FILLING} (?:lay|doc|ghep|giu|nhin|bam|go){_FILLING}(?: (?:chu|con))? so|ghep{_FILLING} (?:[0-9](?![0-9])|lai|cac|nhung|may|so|chu so|vao|voi|lien)|gop (?:lai|(?:cac )?(?:chu )?so)|(?:noi|gom)(?: (?:lai|cac|nhung|het|vao nhau|voi nhau)|{_FILLING}(?: (?:chu|con))? so)|lay{_FILLING}(?: (?:chu|con))? so thoi)(?![a-z])"
)
_FIRSTS = re.compile(
    rf"(?<![a-z])(?P<side>dau|cuoi)(?: tien| cung)?(?: (?:cua|o|trong))?{_FILLING}(?: (?:moi|tung|cac|tat ca(?: cac)?))? (?:dong|hang|cau|y|muc)(?![a-z])"
)
_LEGEND = re.compile(
    r"(?<![a-z0-9])(?P<sign>[a-z]|[^\w\s.,:;()\"'=\-]{1,2})[\"']? ?(?:(?:=|->|→|(?:thi )?(?:thanh|thay cho|thay bang|nghia la|tuc la)) ?(?:(?:chu |con )?so )?|(?:thi )?(?:la|bang|doc la|chinh la|ung voi|tuong ung) (?:chu |con )?so )"
    r"(?P<digit>[0-9]|khong|mot|hai|ba|bon|nam|sau|bay|tam|chin)(?![a-z0-9])"
)
_CHANGED = re.compile(
    r"(?<![a-z])(?P<way>cong|tru)(?: them| di| bot)? (?P<by>[1-9])(?: don vi)?(?: vao| cho| o)? (?:moi|tung)(?: mot)?(?: chu| con)? so(?![a-z])"
    r"|(?<![a-z])(?:moi|tung)(?: chu| con)? so (?P<way2>cong|tru)(?: them| di| bot)? (?P<by2>[1-9])(?![0-9])"
)
_ZERO_AHEAD = re.compile(r"(?<![a-z])them (?:(?:chu |con )?so )?(?:0|khong)(?![0-9])")
_CUT = re.compile(
    r"(?<![a-z])bo(?: di)?(?: (?P<count>[1-3]|mot|hai|ba))?(?: (?:chu|con))? so(?: [0-9])?(?: (?:o|dang|phia|ben))? (?P<side>dau|cuoi)(?![a-z])"
)
_COUNTS = {"1": 1, "mot": 1, "2": 2, "hai": 2, "3": 3, "ba": 3}


def instructed(page: Page) -> list[Instructed]:
    """Every number of the page that an instruction makes; computed once."""
    known = page.memo.get("instructed")
    if known is None:
        known = page.memo["instructed"] = list(_found(page))
    return known  # type: ignore[return-value]


def _found(page: Page) -> Iterator[Instructed]:
    reached: list[tuple[int, int]] = []
    for reading in _readings(page):
        if page.is_free(reading.start, reading.end) and not any(
            start < reading.end and reading.start < end for start, end in reached
        ):
            reached.append((reading.start, reading.end))
            yield reading


def _readings(page: Page) -> Iterator[Instructed]:
    for gate, read in _OPERATIONS:
        if gate(page):
            yield from read(page)


def _reversed(page: Page) -> Iterator[Instructed]:
    for match in _BACKWARDS.finditer(page.base):
        yield from _rows(page, match, 10, _backwards if match["plainly"] else _backwards_only)


def _changed(page: Page) -> Iterator[Instructed]:
    for match in _CHANGED.finditer(page.base):
        by = int(match["by"] or match["by2"]) * (1 if (match["way"] or match["way2"]) == "cong" else -1)
        yield from _rows(page, match, 10, _adder(by))


def _completed(page: Page) -> Iterator[Instructed]:
    for match in _ZERO_AHEAD.finditer(page.base):
        yield from _rows(page, match, 9, lambda digits: f"0{digits}")


def _shortened(page: Page) -> Iterator[Instructed]:
    for match in _CUT.finditer(page.base):
        count = _COUNTS[match["count"] or "1"]
        yield from _rows(page, match, 10 + count, _cutter(count, match["side"] == "dau"))


def _acrostic(page: Page) -> Iterator[Instructed]:
    for match in _FIRSTS.finditer(page.base):
        yield from _lines(page, match, match["side"] == "dau")


def _dropped(page: Page) -> Iterator[Instructed]:
    for match in _DROPPED.finditer(page.base):
        yield from _without_letters(page, match)


def _backwards(digits: str) -> str:
    return digits[::-1]


def _backwards_only(digits: str) -> str:
    """Backwards, unless it is a number as it stands: `ngược lại` may only mean "on the other hand"."""
    return "" if _mobile(digits) else digits[::-1]


def _adder(by: int) -> Callable[[str], str]:
    return lambda digits: "".join(str((int(digit) + by) % 10) for digit in digits)


def _cutter(count: int, ahead: bool) -> Callable[[str], str]:
    return lambda digits: digits[count:] if ahead else digits[:-count]


def _mobile(digits: str) -> Number | None:
    number = dialled(digits)
    return number if number is not None and number.kind == "phone" and not number.weak else None


def _is_near(said: re.Match[str], start: int, end: int) -> bool:
    """Whether digits stand within reach of an instruction, and are not its own."""
    return (end <= said.start() and said.start() - end <= REACH) or (
        said.end() <= start and start - said.end() <= REACH
    )


def _rows(page: Page, said: re.Match[str], size: int, operation: Callable[[str], str]) -> Iterator[Instructed]:
    """Rows of so many digits near an instruction that its operation makes a number."""
    for run in page_runs(page):
        items = run.items
        for first in range(len(items)):
            digits = ""
            for item in items[first:]:
                digits += item.digits
                if len(digits) >= size:
                    break
            if len(digits) == size and _is_near(said, items[first].start, item.end):
                number = _mobile(operation(digits))
                if number is not None:
                    yield Instructed(number, items[first].start, item.end)


def _without_letters(page: Page, said: re.Match[str]) -> Iterator[Instructed]:
    """Groups of digits near an instruction that make a number when all between them is dropped."""
    groups = [span for span in figures(page)[:ITEM_LIMIT] if _is_near(said, *span)]
    for row in _apart(groups):
        yield from _joined(page, row)
        yield from _joined(page, _without_counters(page, row))


def _apart(groups: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Rows of groups that no more than `_GAP` characters part."""
    row: list[tuple[int, int]] = []
    for group in groups:
        if row and group[0] - row[-1][1] > _GAP:
            yield row
            row = []
        row.append(group)
    if row:
        yield row


def _without_counters(page: Page, row: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A row without the 1, 2, 3, ... that number its groups: `combo 1: 09k, combo 2: 66k`."""
    counters = [page.base[start:end] for start, end in row[::2]]
    counted = len(counters) >= 2 and counters == [str(number) for number in range(1, len(counters) + 1)]
    return row[1::2] if counted else []


def _joined(page: Page, row: list[tuple[int, int]]) -> Iterator[Instructed]:
    """The numbers that groups in a row make, each from the beginning to the end of a word."""
    index = 0
    while index < len(row):
        digits = ""
        for last, (begin, end) in enumerate(row[index : index + 12], index):
            digits += page.base[begin:end]
            number = _mobile(digits) if digits[0] in "08" else None
            if (
                number is not None
                and _is_whole(page, row, index, last)
                and not _TIME.search(page.base, row[index][0], end)
            ):
                yield Instructed(number, row[index][0], end)
                index = last
                break
        index += 1


_TIME = re.compile(r"[0-9][:h][0-9]{2}|[0-9]/[0-9]")


def _is_whole(page: Page, row: list[tuple[int, int]], first: int, last: int) -> bool:
    """Whether no digit before or behind stands in one word with these."""
    before = page.base[row[first - 1][1] : row[first][0]] if first else " "
    after = page.base[row[last][1] : row[last + 1][0]] if last + 1 < len(row) else " "
    return not before.isalpha() and not after.isalpha()


_CHAT_LINE = re.compile(
    r"^[\[(]?(?:[0-9]{1,2}[/\-][0-9]{1,2}(?:[/\-][0-9]{2,4})?,? )?[0-9]{1,2}[:h][0-9]{2}(?::[0-9]{2})?(?: ?[ap]m)?[\])]?[ ,\-]{1,3}(?P<who>[^:\n]{1,30}): ?(?P<said>.*)$",
    re.MULTILINE,
)
_BEGINS_WITH = re.compile(r"[0-9][0-9 .\-]*")


def _chat(page: Page) -> Iterator[Instructed]:
    """Numbers sent piece by piece: lines of a chat by the same person, each with its time before it."""
    pieces: list[tuple[str, str, int, int]] = []
    for line in [*_CHAT_LINE.finditer(page.base), None]:
        figure = _BEGINS_WITH.match(page.base, line.start("said"), line.end("said")) if line else None
        if line and figure and (not pieces or pieces[-1][0] == line["who"]):
            written = figure.group().rstrip(" .-")
            pieces.append((line["who"], re.sub("[^0-9]", "", written), figure.start(), figure.start() + len(written)))
            continue
        number = _mobile("".join(piece[1] for piece in pieces)) if len(pieces) > 1 else None
        if number is not None:
            yield Instructed(number, pieces[0][2], pieces[-1][3])
        pieces = []


def _lines(page: Page, said: re.Match[str], ahead: bool) -> Iterator[Instructed]:
    """The first (or last) digit of each line, or of each sentence where there are no lines, outside the instruction's own."""
    pieces: list[tuple[str, int, int] | None] = []
    for line in re.finditer(r"[^\n]+" if page.base.count("\n") >= 8 else r"[^.!?;\n]+", page.base):
        if not (line.start() <= said.start() < line.end()) and line.group().strip():
            pieces.append(_digit_at_edge(page, line, ahead))
    for whole in (True, False):
        row: list[tuple[str, int, int]] = []
        for piece in [*pieces, None]:
            if piece is not None:
                row.append(piece)
                continue
            number = _mobile("".join(digits if whole else digits[0] for digits, _, _ in row))
            if number is not None:
                yield Instructed(number, row[0][1], row[-1][2])
            row = []


_AHEAD = re.compile(r"\W*([0-9]+|[a-z]+)")
_BEHIND = re.compile(r"([0-9]+|[a-z]+)\W*\Z")


def _digit_at_edge(page: Page, line: re.Match[str], ahead: bool) -> tuple[str, int, int] | None:
    """The digits that a line begins (or ends) with, as digits or as a word, with their span."""
    match = (_AHEAD.match if ahead else _BEHIND.search)(line.group())
    if match is None:
        return None
    start, end = line.start() + match.start(1), line.start() + match.end(1)
    text = match.group(1)
    digits = text if text.isdigit() else word_digit(text, page.plain[start:end])
    return (digits, start, end) if digits else None


_SHAPES = {"o": "0", "l": "1", "i": "1"}


def _legend(page: Page) -> Iterator[Instructed]:
    """Numbers that are whole when signs are read as the digits that the post says they stand for."""
    signs: dict[str, str] = {}
    told: list[re.Match[str]] = []
    for match in _LEGEND.finditer(page.base):
        digit = match["digit"] if match["digit"].isdigit() else word_digit(match["digit"])
        if digit and len(match["sign"]) == 1:
            signs[match["sign"]] = digit
            told.append(match)
    if not signs:
        return
    shown = {**_SHAPES, **signs}
    one = f"[0-9{re.escape(''.join(shown))}]"
    table = str.maketrans(shown)
    for match in re.finditer(rf"(?<![0-9a-z]){one}(?:[ .\-_]{{0,2}}{one}){{8,12}}(?![0-9a-z])", page.base):
        written = re.sub(r"[ .\-_]", "", match.group())
        number = _mobile(written.translate(table))
        if number and any(sign in written for sign in signs) and any(_is_near(said, *match.span()) for said in told):
            yield Instructed(number, *match.span())


_OPERATIONS: tuple[tuple[Gate, Callable[[Page], Iterator[Instructed]]], ...] = (
    (Gate("=", "la so", "la chu so", "la con so", "bang so", "bang chu so", "voi so", "ung so", "thanh ", "thay ", "nghia la", "tuc la", "->", "→", "="), _legend),
    (Gate(": 0", "] ", "am: ", "pm: "), _chat),
    (Gate("nguoc", "phai sang", "phai qua", "phai ve", "trai", "dao", "reverse", "backward", "ra truoc", "len dau", "len tren", "ve dau"), _reversed),
    (Gate("moi so", "tung so", "moi chu so", "tung chu so", "moi con so"), _changed),
    (Gate("them 0", "them so 0", "them khong", "them so khong", "them chu so", "them con so"), _completed),
    (Gate("bo so", "bo 1", "bo 2", "bo 3", "bo mot", "bo hai", "bo ba", "bo di", "bo chu so", "bo con so"), _shortened),
    (Gate(*(f"{piece} {line}" for piece in ("moi", "tung", "cac", "dau", "cuoi", "tat ca") for line in ("dong", "hang", "cau", "y ", "muc"))), _acrostic),
    (Gate("bo ", "xoa ", "loai ", "luoc ", "tru ", "gat ", "cat ", "khu ", "tinh chu", "doc chu", "lay chu", "khong doc", "chi ", "ghep", "gop", "noi lai", "noi cac", "noi so", "noi het", "gom ", "so thoi"), _dropped),
)  # fmt: skip
"""What must stand on a page for an instruction of each sort."""
