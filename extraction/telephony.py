"""From runs of digits to telephone numbers and hotlines: search, judge by the numbering plan, weigh by context."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from attrs import evolve

from extraction.digits import Item, Run, page_runs
from extraction.disguised import disguised
from extraction.numbering import Number, dialled, foreign, international, may_begin, old_landline
from extraction.reading import ENTITY_LIMIT, Page
from extraction.signs import Gate

LONGEST = 15
"""Digits of the longest number that is dialled (E.164)."""

MOST_READINGS = 5000
"""Readings of groups that are judged in one field, a hundred times what a long article needs; behind them only numbers
written in one piece are looked for, so that no row of digits costs more than its length."""

_CUE = re.compile(
    r"(?<![a-z])(?:lh|l/h|lien he|lien lac|s\W?d\W?t|so dt|dt|dtdd|dien thoai|zalo|zl|za lo|goi|call|alo|alô|hotline|phone|tel|mobile|mob|fone|sim"
    r"|so may|ib|inbox|sms|nhan tin|nt|ket ban|kb|viber|whatsapp|what app|wa|imess|cskh|tong dai|di dong|so la|tu so|tu cac so|cac so|so sau|dau so|tu so|qua so|so (?:nay|sau|moi|may|phone|la|(?:cua )?(?:em|minh|toi|tui|shop))|duong day"
    r"|truc ban|fax|lhe|lienhe|soan|add|contact|so dien thoai|telegram|thue bao|may ban|may le|nhay may|ho tro)(?![a-z])"
)
_NOT_A_PHONE = re.compile(
    r"(?<![a-z])(?:cccd|cmnd|cmt|cmtnd|can cuoc(?: cong dan)?|chung minh(?: nhan dan| thu)?|ho chieu|passport|mst|ma so thue|masothue|tax code|bhxh|bao hiem xa hoi"
    r"|bhyt|ma (?:so )?(?:don|van don|don hang|dh|vd|gd|giao dich|kh|khach hang|ho so|hs|sv|hoc sinh|sinh vien|hoa don|hd|tra cuu|sp|san pham|the|vach|bao mat|xac (?:nhan|thuc|minh)|otp|cuoc|chuyen tien|tham chieu|dinh danh|phieu|hop dong|dat cho|dat ve|ve|du thuong|lo|phong|so)"
    r"|day so|ma tran|hoan vi|don hang|van don|order|tracking|awb|imei|serial|s/n|sn|seri|otp|mtcn|so hop dong|hop dong so|bien so|bks|gpkd|gpdkkd|dkkd|giay phep|giay phep so|quyet dinh so|van ban so|cong van"
    r"|barcode|isbn|issn|msdn|ma dn|madn|so tham chieu|dinh danh|toa do|pnr|ref|id don|don so|ma don|madh|mavd|mvd|mdh|ma code|code|id)(?: (?:so|cua|hang|no|la|number|ban|don|anh|chi|em|toi|cty|cong ty|dn|ca nhan|nhan dan|giao hang|thue))*\W{0,4}(?:[a-z]{1,6}[\-#.]?)?\Z"
)
_CODE_WITH_PREFIX = re.compile(
    r"(?<![a-z])(?:bhyt|bhxh|bao hiem|van don|ma don|bill)[ :]{1,3}(?:[a-z&]{1,8}[ :]{1,2}){1,2}(?:[0-9]{1,3} ){0,5}\Z"
)
"""A card or a waybill whose number begins with letters, or with the courier's name: `BHYT DN 4 79 79`, `vận đơn J&T`."""
_CODE_HINTS = (
    "cccd", "cmnd", "cmt", "can cuoc", "chung minh", "ho chieu", "passport", "mst", "thue", "tax", "bhx", "bhyt", "hiem", "ma ", "ma:", "mad", "mav", "mvd", "mdh",
    "don", "day so", "tran", "hoan vi", "order", "track", "awb", "imei", "seri", "s/n", "sn", "otp", "mtcn", "hop dong", "bien so", "bks", "gpk", "gpd", "dkkd", "giay phep", "quyet dinh",
    "van ban", "cong van", "code", "isbn", "issn", "ms", "chieu", "dinh danh", "toa do", "pnr", "ref", "id",
)  # fmt: skip
"""Parts of the words of `_NOT_A_PHONE`: without any of them its search is not begun."""
_CODED = Gate(*_CODE_HINTS)
_AMOUNT_AFTER = re.compile(r"\s?(?:d|đ|vnd|dong|k|tr|trieu|ty|ti|usd|usdt|%|nghin|ngan(?! hang))(?![a-z0-9])")
_ZALO_BEFORE = re.compile(
    r"(?<![a-z])(?:zalo|za lo|zl|z a l o|dalo|ja lo|jalo|zolo)(?: (?:so|qua|la|em|minh|id|nay|me|ib|kb|lh|call|sdt))*\W{0,4}\Z"
)


class Found(NamedTuple):
    """A telephone number in a page: what it is, where, and how doubtful its reading."""

    number: Number
    start: int
    end: int
    first: int
    last: int
    cost: float
    separator: str = ""


class _Path(NamedTuple):
    """A reading of consecutive items: their digits, doubt, heaviest inner gap, and the item it ends with."""

    digits: str
    cost: float
    weight: int
    last: int


def _paths(run: Run, first: int, limit: int, *, tens: bool = True) -> Iterator[_Path]:
    """Readings that begin at an item, shortest first. `mười` after a digit word is a ten's mark, else 10."""
    path = _Path(digits=run.items[first].digits, cost=run.items[first].cost, weight=0, last=first)
    yield path
    seen: dict[str, int] = {}
    for index in range(first + 1, len(run.items)):
        gap = run.gaps[index - 1]
        item = run.items[index]
        key = f"{gap.cost:.2f}"
        seen[key] = seen.get(key, 0) + 1
        repeated = 1.0 if seen[key] <= 2 or gap.cost <= 0.1 else 0.3
        if gap.cost <= 0.1:
            repeated = 0.5
        path = _Path(
            digits=path.digits + _digits_of(run, index, tens=tens),
            cost=path.cost + gap.cost * repeated + item.cost,
            weight=max(path.weight, gap.weight),
            last=index,
        )
        if len(path.digits) > limit:
            return
        yield path


def _digits_of(run: Run, index: int, *, tens: bool) -> str:
    """Digits of an item in its row. `muoi` without its mark is ten's mark (`tens`) or the number ten."""
    item = run.items[index]
    if item.kind == "odd":
        return "0"
    if item.digits != "10" or item.kind not in ("word", "ten"):
        return item.digits
    following = run.items[index + 1] if index + 1 < len(run.items) else None
    unit = following is not None and following.kind == "word" and len(following.digits) == 1
    if unit and item.kind == "ten" and run.gaps[index].cost > 0.2:
        unit = False
    previous = run.items[index - 1]
    if item.kind == "ten" or (tens and previous.kind == "word" and previous.digits in "123456789"):
        return "" if unit else "0"
    return "1" if unit else "10"


def _shape(run: Run, first: int, last: int) -> tuple[int, ...]:
    return tuple(len(item.digits) for item in run.items[first : last + 1])


def _continues(run: Run, path: _Path, first: int) -> bool:
    """Whether the row of digits goes on behind the number in the same manner, so that it is no number by itself."""
    if path.last + 1 >= len(run.items) or path.weight == 0:
        return False
    gap, following = run.gaps[path.last], run.items[path.last + 1]
    if following.kind == "glyph":
        return False
    if gap.weight > path.weight or gap.cost > 0.35 + max((g.cost for g in run.gaps[first : path.last]), default=0):
        return False
    if _starts_number(run, path.last + 1):
        return False
    if gap.cost <= 0.1 and following.kind == run.items[path.last].kind == "word":
        return True
    shape = _shape(run, first, path.last)
    size = len(following.digits)
    if max(shape) == 1:
        return size == 1
    return size >= 3 or max(shape) <= 2


def _in_table(run: Run, first: int, last: int) -> bool:
    """Whether a number of equal groups has one more such group beside it: a row of a lottery or of a table."""
    sizes = set(_shape(run, first, last))
    if last == first or len(sizes) > 1 or 1 in sizes:
        return False
    beside = [run.items[index] for index in (first - 1, last + 1) if 0 <= index < len(run.items)]
    return any(item.kind == "digit" and len(item.digits) in sizes for item in beside)


def _starts_number(run: Run, index: int) -> bool:
    return any(_judge(path.digits, plus=False) for path in _paths(run, index, 12))


def _preceded(run: Run, first: int, weight: int) -> bool:
    """Whether digits stand before the number in the same manner."""
    if first == 0 or weight == 0:
        return False
    gap, previous = run.gaps[first - 1], run.items[first - 1]
    if gap.weight > weight or gap.cost > 0.35:
        return False
    return (
        previous.kind == "digit"
        and 2 <= len(previous.digits) <= 8
        and gap.weight <= 1
        and not previous.digits.startswith("0")
        and weight == gap.weight
    )


def _judge(digits: str, *, plus: bool) -> Number | None:
    if plus:
        return international(digits) if digits.startswith("84") else foreign(digits)
    if digits.startswith("00") and not digits.startswith("0084"):
        return foreign(digits[2:]) if len(digits) >= 11 else None
    return dialled(digits)


def _plus_before(page: Page, start: int) -> bool:
    return page.before(start, 3).rstrip(" (").endswith("+")


def _best(page: Page, run: Run, first: int) -> Found | None:
    """The most plausible number that begins at an item, or None."""
    start = run.items[first].start
    if run.items[first].digits[:1] not in ("0", "8", "1", "+") and not _plus_before(page, start):
        return None
    plus = _plus_before(page, start)
    if int(page.memo.get("readings", 0)) > MOST_READINGS and len(run.items[first].digits) < 9:  # type: ignore[call-overload]
        page.memo["flood"] = True
        return None
    found = _first_number(page, run, first, plus=plus, tens=True)
    if found is None and any(
        item.digits == "10" and item.kind == "word" for item in run.items[first : first + LONGEST]
    ):
        found = _first_number(page, run, first, plus=plus, tens=False)
    return found


def _first_number(page: Page, run: Run, first: int, *, plus: bool, tens: bool) -> Found | None:
    start = run.items[first].start
    best: Found | None = None
    for path in _paths(run, first, LONGEST, tens=tens):
        if not plus and not may_begin(path.digits):
            break
        page.memo["readings"] = page.memo.get("readings", 0) + 1  # type: ignore[operator]
        number = _judge(path.digits, plus=plus)
        if number is None and len(path.digits) in (9, 10, 11) and path.digits.startswith("0"):
            number = _former(page, path.digits, start, run, first)
        if number is None or not _accept(page, run, path, first, number, plus):
            continue
        end = run.items[path.last].end
        found = Found(number=number, start=start, end=end, first=first, last=path.last, cost=path.cost)
        if best is None or len(path.digits) >= 10:
            best = found
        if plus and number.value.startswith("+84"):
            break
        if not plus and not _has_two_more(page, run, found):
            break
    return best


_LEFT_OPEN = re.compile(r"\s?(?:[/:%,]|h(?![a-z])|phut|tieng|ngay|nam|[.\-][0-9])")


def _has_two_more(page: Page, run: Run, found: Found) -> bool:
    """Whether a hotline of eight digits goes on to ten in the same manner: `1900 5454 13`, but not `1900 5454 24/7`."""
    if found.number.kind != "hotline" or len(found.number.value) != 8 or found.last + 1 >= len(run.items):
        return False
    following = run.items[found.last + 1]
    joint = page.base[found.end : following.start]
    inside = page.base[run.items[found.last - 1].end : run.items[found.last].start] if found.last > found.first else ""
    return (
        len(following.digits) == 2 and joint == inside and len(joint) == 1
        and not _LEFT_OPEN.match(page.after(following.end, 6))
    )  # fmt: skip


def _former(page: Page, digits: str, start: int, run: Run, first: int) -> Number | None:
    """A landline under a former area code: the code in brackets, a cue, or an article from before the change."""
    number = old_landline(digits)
    if number is None:
        return None
    if page.published is not None and page.published.year < 2018:
        return number
    return evolve(number, weak=True) if _CUE.search(page.before(start, 30)) else None


def _accept(page: Page, run: Run, path: _Path, first: int, number: Number, plus: bool) -> bool:
    """Whether context and shape let a valid digit string be a number."""
    start, end = run.items[first].start, run.items[path.last].end
    if _AMOUNT_AFTER.match(page.after(end, 8)) and path.weight == 0 and not plus and number.kind == "hotline":
        return False
    if not_a_phone(page, start):
        return False
    if _continues(run, path, first) or _preceded(run, first, path.weight):
        return False
    if not _clear_edges(page, start, end):
        return False
    shape = _shape(run, first, path.last)
    cue = bool(_CUE.search(clause(page.before(start, 60)))) or bool(_CUE.search(page.after(end, 16)))
    if number.kind == "hotline":
        return _hotline_shape(page, path, shape, start, end, cue)
    if plus or not number.value.startswith("+84"):
        return path.cost <= 1.0 or (plus and path.cost <= 2.5)
    if not cue and (number.weak or shape == (5, 5) or _in_table(run, first, path.last)):
        return False
    if not _is_uniform(page, run, first, path.last, cue=cue):
        return False
    allowance = 3.2 if cue else 1.3
    if max(shape) == 1:
        digits_only = all(item.kind == "digit" for item in run.items[first : path.last + 1])
        most = 6 if cue else 2 if re.search(r"[()\[\]{}<>«»]", page.base[start:end]) else 1
        if digits_only and len(set(re.sub(r"[\s0-9]", "", page.base[start:end]))) > most:
            return False
        allowance += 2.5
    if path.digits.startswith("0") and max(shape) <= 2 and len(set(shape)) == 1 and shape[0] == 2 and not cue:
        return False
    return path.cost <= allowance


_TIME_OR_DATE = re.compile(
    r"(?<![0-9])[0-9]{1,2}[:h][0-9]{2}(?![0-9])|(?<![0-9])[0-9]{1,2}/[0-9]{1,2}(?![0-9])|(?<![0-9])[0-9]{1,2}-[0-9]{1,2}-(?:19|20)[0-9]{2}(?![0-9])"
)


_DASHES = str.maketrans("‐‑‒–—―−", "-------")
_BRACKETS = str.maketrans("", "", "()[]{}<>«»【】\u201c\u201d\"'* \t\n0123456789")


def _is_uniform(page: Page, run: Run, first: int, last: int, *, cue: bool) -> bool:
    """Whether the separators are of one sort: people disguise a number in one way, tables and prose mix marks."""
    light, odd = set[str](), set[str]()
    for index in range(first, last):
        gap = page.base[run.items[index].end : run.items[index + 1].start].translate(_BRACKETS)
        if gap in ("", ".", "-", "_"):
            light.add(gap)
        elif not any(map(str.isalpha, gap)):
            odd.add("".join(sorted(set(gap.translate(_DASHES)))))
    if cue:
        return len(odd) <= 2
    light.discard("")
    looks_alike = any(item.kind == "glyph" for item in run.items[first : last + 1])
    if len(odd) + bool(light) > 1 or (looks_alike and len(light) > 1):
        return False
    shape = _shape(run, first, last)
    return not odd & {",", ":", "/", "|", ";", "=", ">", "→", "->"} or max(shape) == 1 or min(shape) >= 3


_SENTENCE_END = re.compile(r"[.!?;][ \n]|\n")


def clause(text: str) -> str:
    """The last clause of a text that leads up to a number; the one before it too when the last says nothing."""
    if "\n" not in text and ". " not in text and "! " not in text and "? " not in text and "; " not in text:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    for end in reversed(ends):
        if sum(map(str.isalpha, text[end:])) >= 3:
            return text[end:]
    return text


_GLUED_AMOUNT = re.compile(r"(?<![0-9.])[1-9][0-9]{0,2}(?:[.,][0-9]{3})+(?:d|đ|vnd|k)(?![a-z])")
_MODEL = re.compile(r"(?<![a-z0-9])[a-z]+[0-9]+[a-z]*[\-/]\Z")
_EACH = re.compile(r"[0-9](?:[^0-9a-z]{1,3}[0-9])+")


def _clear_edges(page: Page, start: int, end: int) -> bool:
    """Not the inside of a longer token: a decimal, a code with letters and digits, a tax branch."""
    text = page.base[start:end]
    if _GLUED_AMOUNT.search(page.base, start, end + 5) and not text.isdigit():
        return False
    if text.isdigit() and _MODEL.search(page.before(start, 16)) and page.after(end, 1).isalpha():
        return False
    if any(map(str.isalnum, text)) and _TIME_OR_DATE.search(text) and not _EACH.fullmatch(text):
        return False
    before, after = page.before(start, 12), page.after(end, 6)
    if re.search(r"(?<![0-9]{8})[0-9][.,:/]\Z", before) and not re.search(r"(?:\A|[^0-9.,])[0-9]{1,2}[.)]\Z", before):
        return False
    if re.match(r"[,.][0-9]{1,2}(?![0-9])", after) and text.isdigit() is False:
        return False
    digits = "".join(filter(str.isdigit, text))
    return not (
        re.match(r"-[0-9]{3}(?![0-9])", after) and len(digits) == 10 and digits[:2] in ("01", "02", "03", "04", "05")
    )


_YEARS = re.compile(r"1[89][0-9]{2}\s?[-–]\s?(?:1[0-9]|20)[0-9]{2}")


def _hotline_shape(page: Page, path: _Path, shape: tuple[int, ...], start: int, end: int, cue: bool) -> bool:
    text = page.base[start:end]
    if path.digits.startswith("069"):
        return path.cost <= (2.5 if cue else 0.8)
    if shape[0] == 1 and max(shape) > 1 and not cue:
        return False
    if re.match(r"[0-9]{1,3}(?:[.,][0-9]{3})+\Z", text):
        return False
    if len(shape) > 1 and not cue and (_YEARS.fullmatch(text) or shape[0] not in (4, 1)):
        return False
    if shape == (4, 4) and not cue and re.search(r"[-–~]|\s", text[4:-4]) and text[-4:-2] in ("18", "19", "20"):
        return False
    return path.cost <= (2.5 if cue else 0.8)


def _joined(item: Item) -> tuple[Number, Number] | None:
    """Two mobile numbers written without anything between them."""
    if len(item.digits) != 20:
        return None
    left, right = dialled(item.digits[:10]), dialled(item.digits[10:])
    if left and right and left.kind == right.kind == "phone" and not left.weak and not right.weak:
        return left, right
    return None


_NO_TAIL = re.compile(r"[a-z]|/(?:[a-z]|[0-9]{4})|[.,][0-9]")
"""Behind a tail: a unit, the year of a date, a decimal."""


def _tails(page: Page, run: Run, found: Found) -> Iterator[Found]:
    """Further numbers that repeat only their last digits: `0900.000.001, 002, 003`, `0900000001/02`."""
    size = len(run.items[found.last].digits)
    compact = found.first == found.last
    index = found.last + 1
    while index < len(run.items):
        item = run.items[index]
        between = page.base[run.items[index - 1].end : item.start]
        same = (
            len(item.digits) == size
            and 2 <= size <= 4
            and re.fullmatch(r"\s?[,/;&+]\s?|\s?-\s|\s(?:va|hoac)\s", between)
        )
        slashed = compact and 2 <= len(item.digits) <= 4 and re.fullmatch(r"\s?/\s?", between)
        if (
            not (same or slashed)
            or item.kind != "digit"
            or _starts_number(run, index)
            or _AMOUNT_AFTER.match(page.after(item.end, 8))
        ):
            return
        if _NO_TAIL.match(page.after(item.end, 6)):
            return
        value = found.number.value[: -len(item.digits)] + item.digits
        yield Found(
            number=evolve(found.number, value=value), start=item.start, end=item.end, first=index, last=index, cost=0.5
        )
        index += 1


def _without_zero(page: Page, run: Run, first: int) -> Found | None:
    """A mobile number whose leading 0 is left out behind a zalo cue, or behind any cue when it is spelled in words."""
    start = run.items[first].start
    if run.items[first].digits[:1] not in ("3", "5", "7", "8", "9"):
        return None
    words = [item.kind for item in run.items[first : first + 7]].count("word") == 7
    if not _ZALO_BEFORE.search(page.before(start, 40)) and not (words and _CUE.search(page.before(start, 12))):
        return None
    for path in _paths(run, first, 9):
        if len(path.digits) == 9 and path.digits[0] in "35789":
            number = dialled("0" + path.digits)
            if number and number.kind == "phone" and not _continues(run, path, first):
                return Found(
                    number=number, start=start, end=run.items[path.last].end, first=first, last=path.last, cost=0.6
                )
    return None


def _scan(page: Page, run: Run) -> Iterator[Found]:
    """Numbers of a run in order; what follows one is read as if it began there."""
    index = 0
    while index < len(run.items):
        joined = _joined(run.items[index])
        if joined:
            item = run.items[index]
            for number, start in zip(joined, (item.start, item.start + 10), strict=True):
                yield Found(number=number, start=start, end=start + 10, first=index, last=index, cost=0.5)
            index += 1
            continue
        found = _best(page, run, index) or _without_zero(page, run, index)
        if found is None:
            index += 1
            continue
        yield found
        index = found.last + 1
        for tail in _tails(page, run, found):
            yield tail
            index = tail.last + 1
        if index < len(run.items):
            run, index = Run(run.items[index:], run.gaps[index:]), 0


def not_a_phone(page: Page, start: int) -> bool:
    """Whether the words before a number say that it is a code of another sort: identity card, order, tax, OTP, ..."""
    before = page.before(start, 60)
    if before.endswith(("ve so ", "ve so: ")) and "vé" in page.plain[max(0, start - 7) : start].lower():
        return True
    if not _CODED(page):
        return False
    return _NOT_A_PHONE.search(before) is not None or _CODE_WITH_PREFIX.search(before) is not None


def numbers(page: Page) -> list[Found]:
    """Every telephone number and hotline of the page outside what is claimed; computed once."""
    known = page.memo.get("numbers")
    if known is None:
        known = list(islice((found for run in page_runs(page) for found in _scan(page, run)), ENTITY_LIMIT + 1))
        page.memo["numbers"] = known = known + _disguised(page, known)
    return known  # type: ignore[return-value]


def _disguised(page: Page, known: list[Found]) -> list[Found]:
    """Numbers that only a search over all readings of every sign finds."""

    def allowed(start: int, end: int) -> bool:
        if not_a_phone(page, start) or _AMOUNT_AFTER.match(page.after(end, 8)):
            return False
        return _clear_edges(page, start, end)

    def cued(start: int, end: int) -> bool:
        return _CUE.search(clause(page.before(start, 60))) is not None

    taken = [(found.start, found.end) for found in known]
    return [
        Found(number=reading.number, start=reading.start, end=reading.end, first=0, last=0, cost=reading.cost)
        for reading in disguised(page, taken, allowed, cued)
    ]


def after_zalo(page: Page, start: int) -> bool:
    """Whether a zalo cue stands directly before a number, so that digits alone are a contact."""
    return _ZALO_BEFORE.search(page.before(start, 40)) is not None
