"""From runs of digits to telephone numbers and hotlines: search, judge by the numbering plan, weigh by context."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from attrs import evolve

from extraction.digits import ITEM_LIMIT, UNITS, Item, Run, figures, is_counted, page_runs
from extraction.disguised import disguised
from extraction.instructions import instructed
from extraction.numbering import Number, dialled, foreign, international, may_begin, old_landline
from extraction.reading import ENTITY_LIMIT, Page
from extraction.signs import Gate
from extraction.words import words

SHORTEST, LONGEST = 8, 15
"""Digits of the shortest number that is judged, a hotline, and of the longest that is dialled (E.164)."""

MOST_READINGS = 5000
"""Readings of groups that are judged in one field, a hundred times what a long article needs; behind them only numbers
written in one piece are looked for, so that no row of digits costs more than its length."""

_CUE = re.compile(
    r"(?<![a-z])(?:lh|l/h|lien he|lien lac|s\W?d\W?t|so dt|dt|dtdd|dien thoai|zalo|zl|za lo|goi|call|alo|alô|hotline|phone|tel|mobile|mob|fone|sim"
    r"|so may(?! man)|ib|inbox|sms|nhan tin|nt|ket ban|kb|viber|whatsapp|what app|wa|imess|cskh|tong dai|di dong|so la|tu so|tu cac so|cac so|so sau|dau so|tu so|qua so|so (?:nay|sau|moi|may(?! man)|phone|la|(?:cua )?(?:em|minh|toi|tui|shop))|duong day"
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
_ZALO = Gate("zalo", "za lo", "zl", "z a l o", "dalo", "ja lo", "jalo", "zolo")


_DIRECT_CUE = re.compile(
    r"(?<![a-z])(?:zalo|zl|s\W?d\W?t|dt|dien thoai|goi|call|alo|hotline|phone|lh|lien he|lien lac|ib|inbox|ket ban|nhan tin|tel)(?: (?:so|em|minh|anh|chi|me|toi|shop|ngay|qua|la|cho|den|theo))*\W{1,4}\Z"
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
    items, gaps = run
    lead = items[first]
    digits, cost, weight = lead.digits, lead.cost, 0
    yield _Path(digits, cost, weight, first)
    seen: dict[float, int] = {}
    for index in range(first + 1, len(items)):
        gap, item = gaps[index - 1], items[index]
        if gap.cost <= 0.1:
            repeated = 0.5
        else:
            key = round(gap.cost, 2)
            seen[key] = seen.get(key, 0) + 1
            repeated = 1.0 if seen[key] <= 2 else 0.3
        digits += item.digits if item.kind == "digit" else _digits_of(run, index, tens=tens)
        if len(digits) > limit:
            return
        cost += gap.cost * repeated + item.cost
        if gap.weight > weight:
            weight = gap.weight
        yield _Path(digits, cost, weight, index)


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
    return tuple([len(item.digits) for item in run.items[first : last + 1]])


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
    before = page.base[start - 1 : start]
    return before == "+" or ((before == " " or before == "(") and page.before(start, 3).rstrip(" (").endswith("+"))


def _best(page: Page, run: Run, first: int) -> Found | None:
    """The most plausible number that begins at an item, or None."""
    lead = run.items[first]
    plus = _plus_before(page, lead.start)
    if not plus and lead.digits[:1] not in ("0", "8", "1"):
        return None
    if page.memo.get("readings", 0) > MOST_READINGS and len(lead.digits) < 9:  # type: ignore[operator]
        page.memo["flood"] = True
        return None
    if not plus and not _may_lead(run, first):
        return None
    found = _first_number(page, run, first, plus=plus, tens=True)
    if found is None and any(
        item.digits == "10" and item.kind == "word" for item in run.items[first : first + LONGEST]
    ):
        found = _first_number(page, run, first, plus=plus, tens=False)
    return found


def _may_lead(run: Run, first: int) -> bool:
    """Whether the first digits of a row from an item on are those of a number; digits of two items decide nearly always."""
    digits = run.items[first].digits
    if len(digits) < 4 and first + 1 < len(run.items) and run.items[first + 1].kind == "digit":
        if not may_begin(digits):
            return False
        digits += run.items[first + 1].digits
    return may_begin(digits[:4])


def _first_number(page: Page, run: Run, first: int, *, plus: bool, tens: bool) -> Found | None:
    start = run.items[first].start
    best: Found | None = None
    sure = plus
    readings = 0
    for path in _paths(run, first, LONGEST, tens=tens):
        digits = path.digits
        if not sure:
            if not may_begin(digits[:4]):
                break
            sure = len(digits) >= 4
        readings += 1
        number = _judge(digits, plus=plus) if len(digits) >= SHORTEST else None
        if number is None and not plus and 9 <= len(digits) <= 11 and digits[0] == "0":
            number = _former(page, digits, start)
        if number is None or not _accept(page, run, path, first, number, plus):
            continue
        found = Found(number, start, run.items[path.last].end, first, path.last, path.cost)
        if best is None or len(digits) >= 10:
            best = found
        if (plus and number.value.startswith("+84")) or (not plus and not _has_two_more(page, run, found)):
            break
    page.memo["readings"] = page.memo.get("readings", 0) + readings  # type: ignore[operator]
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


def _former(page: Page, digits: str, start: int) -> Number | None:
    """A landline under a former area code: the code in brackets, a cue, or an article from before the change."""
    number = old_landline(digits)
    if number is None:
        return None
    if page.published is not None and page.published.year < 2018:
        return number
    return evolve(number, weak=True) if _CUE.search(page.before(start, 30)) else None


def _accept(page: Page, run: Run, path: _Path, first: int, number: Number, plus: bool) -> bool:
    """Whether context and shape let a valid digit string be a number; a cue is looked for only where it decides."""
    start, end = run.items[first].start, run.items[path.last].end
    if number.kind == "hotline" and path.weight == 0 and not plus and _AMOUNT_AFTER.match(page.after(end, 8)):
        return False
    if not_a_phone(page, start) or _reads_as_measure(page, start, end, number):
        return False
    if path.weight and (_continues(run, path, first) or _preceded(run, first, path.weight)):
        return False
    if not _clear_edges(page, start, end):
        return False
    if number.kind == "phone" and (plus or not number.value.startswith("+84")):
        return path.cost <= 1.0 or (plus and path.cost <= 2.5)
    fits = _hotline_shape if number.kind == "hotline" else _phone_shape
    return fits(page, run, path, first, number, cue=False) or (
        _is_cued(page, start, end) and fits(page, run, path, first, number, cue=True)
    )


def _is_cued(page: Page, start: int, end: int) -> bool:
    """Whether words beside a span announce a number."""
    return _CUE.search(clause(page.before(start, 60))) is not None or _CUE.search(page.after(end, 16)) is not None


_FIGURES_OF_MEASURE = re.compile(
    r"-?0[.,][0-9]{5,}|.*±.*|1?[0-9]{0,3}[.,][0-9]{3} [0-9]{1,3}[.,][0-9]{3}.*|1[89]00-[01][0-9]-[0-3][0-9]"
    r"|[0-9]{2}[./-][0-9]{2}[./-](?:19|20)[0-9]{2} [0-9]{2}",
    re.DOTALL,
)
"""A decimal fraction, a tolerance, two amounts of a table, a date, a date and the hour of its time."""
_DATE_IN_WORDS = re.compile(r"[0-9] thang [0-9]{1,2} nam ")
_UNIT_AFTER = re.compile(r"\s?(?:\b[a-z]+/)?([a-z]+)(?![a-z])")
_MORE_UNITS = words(
    "w v a rpm vong ho con cay kwp khach hanh hoc sinh vien bao may vu truong hop doanh nghiep bit byte hz khz mhz"
)
_MONEY_AFTER = re.compile(r" (?:dong|d|vnd|usd|ty|trieu|nghin)(?![a-z0-9])")


def _reads_as_measure(page: Page, start: int, end: int, number: Number | None = None) -> bool:
    """Whether what could be a number is a measure, an amount or a date, and no cue announces it."""
    text, after = page.base[start:end], page.base[end : end + 16]
    spaced = not text.isdigit()
    if spaced and _DATE_IN_WORDS.search(text):
        return True
    measured = spaced and _FIGURES_OF_MEASURE.fullmatch(text) is not None
    if spaced and not measured and number is not None:
        if number.kind == "hotline" and (unit := _UNIT_AFTER.match(after)) is not None:
            measured = unit.group(1) in UNITS or unit.group(1) in _MORE_UNITS
        elif text[0] == "8" and page.base[start - 1 : start] != "+":
            measured = _MONEY_AFTER.match(after) is not None
    return measured and not _is_cued(page, start, end)


_BRACKETED = frozenset("()[]{}<>«»")
_DIGITS_AND_SPACES = re.compile(r"[\s0-9]")


def _is_clock_like(page: Page, run: Run, first: int, last: int) -> bool:
    """Whether five pairs are joined as a time or a date is, which has three at most: `09:71:63:28:45`."""
    gaps = {page.base[run.items[index].end : run.items[index + 1].start] for index in range(first, last)}
    return last - first == 4 and (gaps <= {":"} or gaps <= {"/"})


def _phone_shape(page: Page, run: Run, path: _Path, first: int, number: Number, *, cue: bool) -> bool:
    """Whether the groups and separators are those of a telephone number; a cue lets more pass."""
    if first == path.last:
        return (cue or not number.weak) and path.cost <= (3.2 if cue else 1.3)
    shape = _shape(run, first, path.last)
    if not cue and (number.weak or shape == (5, 5) or _in_table(run, first, path.last) or is_counted(path.digits)):
        return False
    if not _is_uniform(page, run, first, path.last, cue=cue):
        return False
    allowance = 3.2 if cue else 1.3
    if _is_clock_like(page, run, first, path.last):
        allowance += 1
    if max(shape) == 1:
        text = page.base[run.items[first].start : run.items[path.last].end]
        digits_only = all(item.kind == "digit" for item in run.items[first : path.last + 1])
        most = 6 if cue else 1
        signs = set(_DIGITS_AND_SPACES.sub("", text))
        if not cue:
            signs = signs - _BRACKETED or signs & {"("}
        if digits_only and len(signs - _FRAMES | {"|"} if "|" in signs else signs) > most:
            return False
        allowance += 2.5
    if not cue and path.digits[0] == "0" and set(shape) == {2} and not _is_clock_like(page, run, first, path.last):
        return False
    return path.cost <= allowance


_TIME_OR_DATE = re.compile(
    r"(?<![0-9])[0-9]{1,2}[:h][0-9]{2}(?![0-9])|(?<![0-9])[0-9]{1,2}/[0-9]{1,2}(?![0-9])|(?<![0-9])[0-9]{1,2}-[0-9]{1,2}-(?:19|20)[0-9]{2}(?![0-9])"
)


_DASHES = str.maketrans("‐‑‒–—―−", "-------")
_FRAMES = frozenset("|+-=_")
_BRACKETS = str.maketrans("", "", "()[]{}<>«»【】\u201c\u201d\"'* \t\n0123456789")


def _is_uniform(page: Page, run: Run, first: int, last: int, *, cue: bool) -> bool:
    """Whether the separators are of one sort: people disguise a number in one way, tables and prose mix marks."""
    light, odd = set[str](), set[str]()
    for index in range(first, last):
        gap = page.base[run.items[index].end : run.items[index + 1].start].translate(_BRACKETS)
        if gap in ("", ".", "-", "_"):
            light.add(gap)
        elif not any(map(str.isalpha, gap)):
            signs = set(gap.translate(_DASHES))
            odd.add("|" if "|" in signs and signs <= _FRAMES else "".join(sorted(signs)))
    if cue:
        return len(odd) <= 2
    light.discard("")
    if len(odd) + bool(light) > 1:
        return False
    if len(light) > 1 and any(item.kind == "glyph" for item in run.items[first : last + 1]):
        return False
    if not odd:
        return True
    shape = _shape(run, first, last)
    if not cue and _is_clock_like(page, run, first, last):
        return True
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
_EACH = re.compile(r"[0-9](?:[^0-9a-z]{1,3}[0-9])+|[0-9]{1,4}(?:([:/\-]|[^0-9a-z]{2,3})[0-9]{1,4})(?:\1[0-9]{1,4}){2,}")
"""Digits one by one, or four groups and more with the same sign between: no date and no time of day."""


def _clear_edges(page: Page, start: int, end: int) -> bool:
    """Not the inside of a longer token: a decimal, a code with letters and digits, a tax branch."""
    base = page.base
    text = base[start:end]
    before, after = base[start - 1 : start], base[end : end + 1]
    if not text.isdigit():
        if _GLUED_AMOUNT.search(base, start, end + 5):
            return False
        if any(map(str.isalnum, text)) and _TIME_OR_DATE.search(text) and not _EACH.fullmatch(text):
            return False
        if (after == "," or after == ".") and _DECIMAL_AFTER.match(base, end, end + 6):
            return False
    elif before in ("-", "/") and after.isalpha() and _MODEL.search(page.before(start, 16)):
        return False
    if before and before in ".,:/":
        near = page.before(start, 12)
        if _DECIMAL_BEFORE.search(near) and not _NUMBERED_ITEM.search(near):
            return False
    if after == "-" and _BRANCH_AFTER.match(base, end, end + 6):
        digits = "".join(filter(str.isdigit, text))
        return len(digits) != 10 or digits[:2] not in ("01", "02", "03", "04", "05")
    return True


_DECIMAL_BEFORE = re.compile(r"(?<![0-9]{8})[0-9][.,:/]\Z")
_NUMBERED_ITEM = re.compile(r"(?:\A|[^0-9.,+\-])[1-9][0-9]?[.)]\Z")
_DECIMAL_AFTER = re.compile(r"[,.][0-9]{1,2}(?![0-9])")
_BRANCH_AFTER = re.compile(r"-[0-9]{3}(?![0-9])")
_SPAN_SIGN = re.compile(r"[-–~]|\s")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+\Z")
_YEARS = re.compile(r"1[89][0-9]{2}\s?[-–]\s?(?:1[0-9]|20)[0-9]{2}")


def _hotline_shape(page: Page, run: Run, path: _Path, first: int, number: Number, *, cue: bool) -> bool:
    shape = _shape(run, first, path.last)
    text = page.base[run.items[first].start : run.items[path.last].end]
    if path.digits.startswith("069"):
        return path.cost <= (2.5 if cue else 0.8)
    if shape[0] == 1 and max(shape) > 1 and not cue:
        return False
    if _THOUSANDS.match(text):
        return False
    if len(shape) > 1 and not cue and (_YEARS.fullmatch(text) or shape[0] not in (4, 1)):
        return False
    if shape == (4, 4) and not cue and text[-4:-2] in ("18", "19", "20") and _SPAN_SIGN.search(text[4:-4]):
        return False
    return path.cost <= (2.5 if cue else 0.8)


def _joined(item: Item) -> tuple[Number, Number] | None:
    """Two mobile numbers written without anything between them."""
    left, right = dialled(item.digits[:10]), dialled(item.digits[10:])
    if left and right and left.kind == right.kind == "phone" and not left.weak and not right.weak:
        return left, right
    return None


_TAIL_GAP = re.compile(r"\s?[,/;&+]\s?|\s?-\s|\s(?:va|hoac)\s")
_NO_TAIL = re.compile(r"[a-z]|/(?:[a-z]|[0-9]{4})|[.,][0-9]")
"""Behind a tail: a unit, the year of a date, a decimal."""


def _tails(page: Page, run: Run, found: Found) -> Iterator[Found]:
    """Further numbers that repeat only their last digits: `0900.000.001, 002, 003`, `0900000001/02`."""
    size = len(run.items[found.last].digits)
    compact = found.first == found.last
    index = found.last + 1
    while index < len(run.items):
        item = run.items[index]
        if item.kind != "digit" or not 2 <= len(item.digits) <= 4:
            return
        between = page.base[run.items[index - 1].end : item.start]
        same = len(item.digits) == size and _TAIL_GAP.fullmatch(between)
        slashed = compact and between.strip() == "/"
        if not (same or slashed) or _starts_number(run, index) or _AMOUNT_AFTER.match(page.after(item.end, 8)):
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
    spelled = run.items[first].kind == "word" and all(item.kind == "word" for item in run.items[first : first + 7])
    words = spelled and len(run.items) >= first + 7 and _CUE.search(page.before(start, 12))
    if not words and not after_zalo(page, start):
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
    left = sum([len(item.digits) or 1 for item in run.items])
    while left >= SHORTEST:
        item = run.items[index]
        if len(item.digits) == 20 and (joined := _joined(item)):
            for number, start in zip(joined, (item.start, item.start + 10), strict=True):
                yield Found(number=number, start=start, end=start + 10, first=index, last=index, cost=0.5)
            index += 1
            left -= 20
            continue
        found = _best(page, run, index) or _without_zero(page, run, index)
        if found is None:
            index += 1
            left -= len(item.digits) or 1
            continue
        yield found
        index = found.last + 1
        for tail in _tails(page, run, found):
            yield tail
            index = tail.last + 1
        run, index = Run(run.items[index:], run.gaps[index:]), 0
        left = sum([len(item.digits) or 1 for item in run.items])


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
        told = [Found(number, start, end, first=0, last=0, cost=0.8) for number, start, end in instructed(page)]
        rows = (found for run in page_runs(page) for found in _scan(page, run) if not _is_told(found, told))
        known = [*told, *islice(rows, ENTITY_LIMIT + 1)]
        known += _disguised(page, known)
        known += _spread(page, known)
        page.memo["numbers"] = known
    return known  # type: ignore[return-value]


def _is_told(found: Found, told: list[Found]) -> bool:
    """Whether a number overlaps one that the post says how to read."""
    return any(other.start < found.end and found.start < other.end for other in told)


def _disguised(page: Page, known: list[Found]) -> list[Found]:
    """Numbers that only a search over all readings of every sign finds."""

    def allowed(start: int, end: int) -> bool:
        if not_a_phone(page, start) or _reads_as_measure(page, start, end) or _AMOUNT_AFTER.match(page.after(end, 8)):
            return False
        return _clear_edges(page, start, end)

    def cued(start: int, end: int) -> bool:
        return _CUE.search(clause(page.before(start, 60))) is not None or (
            end > start and _CUE.search(page.after(end, 16)) is not None
        )

    taken = [(found.start, found.end) for found in known]
    return [
        Found(number=reading.number, start=reading.start, end=reading.end, first=0, last=0, cost=reading.cost)
        for reading in disguised(page, taken, allowed, cued)
    ]


_SPREAD_REACH = 120
_CLAUSE_END = re.compile(r"\n|[.!?;](?![0-9])")
_PART_OF_MEASURE = re.compile(r"[.,:/%h\-][0-9]|%|[ ]?([a-z]{1,9})(?![a-z])")


def _spread(page: Page, known: list[Found]) -> Iterator[Found]:
    """Numbers in pieces among words of any sort, where a cue stands directly before them and all digits of the clause
    make one number: `call 09 con mèo 73 con chó ...`."""
    spans = [(found.start, found.end) for found in known]
    begun = {start for start, _ in spans}
    groups = figures(page)[:ITEM_LIMIT]
    for index, (start, reached) in enumerate(groups):
        if reached - start > 4 or page.base[start] != "0" or start in begun:
            continue
        parts = _parts_of_ten(groups, index)
        if len(parts) < 3 or not _DIRECT_CUE.search(page.before(start, 24)):
            continue
        stop = parts[-1][1]
        clause_end = _CLAUSE_END.search(page.base, start)
        last = groups[index + len(parts)][0] if index + len(parts) < len(groups) else len(page.base)
        if last < (clause_end.start() if clause_end else len(page.base)) or (clause_end and clause_end.start() < stop):
            continue
        number = dialled("".join([page.base[first:last] for first, last in parts]))
        if number is None or number.kind != "phone" or number.weak or not_a_phone(page, start):
            continue
        taken = any(first < stop and start < last for first, last in spans) or not page.is_free(start, stop)
        if not taken and not any(_is_measure(page, last) for _, last in parts):
            yield Found(number, start, stop, first=0, last=0, cost=2.0)


def _parts_of_ten(groups: list[tuple[int, int]], index: int) -> list[tuple[int, int]]:
    """Groups from one on that have ten digits together and stand within reach; empty where they have not."""
    digits, begin = 0, groups[index][0]
    for last in range(index, min(index + 10, len(groups))):
        start, end = groups[last]
        digits += end - start
        if digits >= 10 or end - begin > _SPREAD_REACH:
            return groups[index : last + 1] if digits == 10 and end - begin <= _SPREAD_REACH else []
    return []


def _is_measure(page: Page, end: int) -> bool:
    """Whether what follows a group of digits makes it a measure, a date, or a part of a longer figure."""
    match = _PART_OF_MEASURE.match(page.base, end, end + 12)
    return match is not None and (match.group(1) is None or match.group(1) in UNITS)


def after_zalo(page: Page, start: int) -> bool:
    """Whether a zalo cue stands directly before a number, so that digits alone are a contact."""
    return _ZALO(page) and _ZALO_BEFORE.search(page.before(start, 40)) is not None
