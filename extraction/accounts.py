"""Bank accounts and wallets: number, bank and holder from every layout.

A number becomes an account by what stands around it: a cue (`STK`), a bank's name beside it, or both on neighbouring
lines. Banks are given to numbers by distance, punctuation and other numbers in between counting as distance.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

from attrs import frozen

from extraction.dictated import dictated
from extraction.digits import Item, Run, figures, page_runs
from extraction.institutions import Institution, Named, banks_by_bin, institution_of, named, wallet_codes
from extraction.numbering import dialled
from extraction.reading import ENTITY_LIMIT, Page
from extraction.signs import Gate
from extraction.telephony import clause, not_a_phone
from extraction.tokens import tokens
from extraction.urls import urls
from extraction.vietqr import payload_end, read_payload
from extraction.words import whole_words, words


@frozen(kw_only=True)
class Account:
    """kind: `account`, `wallet` or `account_partial`; bank: code or `?`; start, end: span of the number in the views.

    phone: whether the text calls the number its owner's phone as well.
    """

    kind: str
    bank: str
    number: str
    start: int
    end: int
    holder: str = ""
    confidence: float = 0.9
    phone: bool = False


CUE = re.compile(
    whole_words(
        r"s\W{0,2}t\W{0,2}k(?:nh)?|s0\W?tk|so\W{0,3}(?:t\W?k|tai\W?khoan|tkhoan|tk nh|t khoan|the|acc|account)|so tkh|tknh|t/k|t\.k|tk(?:nh)?|tai khoan(?: ngan hang| so)?|taikhoan|account(?: no| number)?|a/c|acc|acct"
        r"|s tk|sotk|stkhoan|tkhoan"
    )
)
_WEAK_CUE = re.compile(
    whole_words(
        r"ck|c/k|chuyen khoan|chuyenkhoan|c\.khoan|c khoan|chuyen tien|chuyen|chuyen vao|thu huong|nguoi nhan|nguoi thu huong|nap|coc|banking|ngan hang|nh|bank|nhan tien|ung ho|thanh toan|stk|tk|ctk|chu tk|chu tai khoan"
    )
)
_PHONE_CUE = re.compile(whole_words(r"s\W?d\W?t|so dt|so dien thoai|dt|dien thoai|zalo(?! ?pay)|zl|hotline|goi|call|lh|lien he|lien lac|tel|phone|sms|tong dai|cskh|alo|ib|viber|di dong|whatsapp|ket ban"))  # fmt: skip
_SAME_NUMBER = re.compile(
    r"(?<![a-z])(?:trung|cung la|chinh la|giong|kiem|dong thoi|la luon|(?:la|dung|lay|bang) (?:luon )?(?:so )?(?:s\W?d\W?t|dt|dien thoai|phone))(?![a-z])|="
)
"""Between the word for account and that for phone: the one number is both."""
_SAVINGS = re.compile(r"s[ổỏ]\s*\Z", re.IGNORECASE)
_AMOUNT = re.compile(r"[1-9][0-9]{0,2}(?:[.,][0-9]{3})+\Z")
_AMOUNT_AFTER = re.compile(r"\s?(?:d|vnd|vnđ|dong|k|tr|trieu|ty|ti|usd|usdt|%|nghin|ngan(?! hang)|cu|₫|\$)(?![a-z0-9])")
_DATE = re.compile(
    r"(?:19|20)[0-9]{2} ?[-–/] ?(?:19|20)[0-9]{2}\Z|[0-9]{1,2}[/\-](?:19|20)[0-9]{2}\Z|[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-](?:19|20)?[0-9]{2}\Z"
)
_ALNUM = re.compile(
    r"(?<![a-z0-9])(?:[a-z]{1,6}[0-9]{3,18}(?:[a-z]{1,5}[0-9]{1,16})?|[0-9]{1,4}[a-z]{1,5}[0-9]{4,18})(?![a-z0-9])"
)
_HOLDER_CUE = re.compile(
    r"[cnt](?<![a-z].)(?:(?<=c)(?:hu (?:tai khoan|tk|the|stk|tkhoan)|tk|hutk)|(?<=t)(?:en (?:chu )?(?:tai khoan|tk|nguoi nhan)?|entk|en)|(?<=n)guoi (?:nhan|thu huong))(?: la| ten)?\W{1,4}"
)
_UPPER = "A-ZĐÀ-ÖØ-ÞĂĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
_CAPITALS = re.compile(rf"[{_UPPER}](?<!\w.)[{_UPPER}]{{1,11}}(?:[ ][{_UPPER}]{{1,12}}){{1,6}}(?!\w)")
_TITLED = re.compile(rf"[{_UPPER}]\w{{0,11}}(?:[ ][{_UPPER}]\w{{0,11}}){{1,5}}(?!\w)")
_NOT_A_HOLDER = words(
    "STK TK CTK NH BANK LH SDT CK NGAN HANG SO TAI KHOAN CHU TEN CHI NHANH ZALO QR OTP VND HOTLINE LIEN HE"
)
BEFORE, AFTER = 130, 130
"""Characters of `base` before and after a number in which its bank and holder are looked for."""
_NEAREST = 8
"""Banks before and behind a number that are weighed: a farther one has others in between, and a flood has hundreds."""
_FARTHEST = 70
"""Distance, in characters and penalties, beyond which a bank belongs to something else."""


class _Candidate(NamedTuple):
    number: str
    start: int
    end: int
    cost: float
    compact: bool


def _candidates(page: Page) -> Iterator[_Candidate]:
    """Digit strings that could be account numbers, whole groups only; the zeros of `m0m0` are letters of a name."""
    names = named(page)
    for run in page_runs(page):
        index = 0
        while index < len(run.items):
            start = run.items[index].start
            behind = bisect_left(names, start + 1, key=lambda hit: hit.start)
            if behind and start < names[behind - 1].end:
                index += 1
                continue
            candidate, index = _grow(page, run, index)
            if candidate is not None:
                yield candidate


def _grow(page: Page, run: Run, first: int) -> tuple[_Candidate | None, int]:
    """The longest number that begins at an item and keeps its separators; and the item after it."""
    items, last = run.items, first
    digits, cost, weight, widest = items[first].digits, items[first].cost, 0, 0.0
    while last + 1 < len(items):
        gap = run.gaps[last]
        following = items[last + 1]
        repeated = not _goes_on(page, run, first, last, digits)
        if len(digits) + len(following.digits) > 20 or (repeated and not _is_repeated(page, run, first, last)):
            break
        if following.kind in ("word", "ten") and len(items[first].digits) >= 3 and not _cue_before(page, items[first]):
            break
        if weight and not repeated and (gap.weight > weight or gap.cost > widest + 0.15):
            break
        if not weight and len(digits) >= 8 and gap.weight:
            break
        if gap.weight and len(following.digits) >= 9 and len(digits) <= 3:
            return None, last + 1
        digits += following.digits
        cost += following.cost + (0.0 if repeated and last > first else gap.cost)
        weight, widest = max(weight, gap.weight), max(widest, gap.cost)
        last += 1
    start, end = items[first].start, items[last].end
    if not 4 <= len(digits) <= 20 or (items[first].kind == "word" and len(digits) < 8):
        return None, last + 1
    return _Candidate(digits, start, end, cost, last == first), last + 1


_LINE_END = re.compile(r"[ \t]*\n[ \t]*")
_GROUP = re.compile(r"[0-9]{3}")
_UNFINISHED = 9
"""Digits up to which a number may go on in the next line: no bank's account is shorter and written over two lines whole."""


def _is_repeated(page: Page, run: Run, first: int, last: int) -> bool:
    """Whether the gap behind an item is the one that parts all small groups of a number, be it a line's end or a flower."""
    items = run.items
    if max(len(items[last].digits), len(items[last + 1].digits)) > _GROUP_SIZE:
        return False
    between = page.base[items[last].end : items[last + 1].start]
    if _STEPS.fullmatch(between) or (items[last].kind == items[last + 1].kind == "word" and _PAUSE.fullmatch(between)):
        return True
    if last > first:
        return between == page.base[items[first].end : items[first + 1].start]
    return last + 2 < len(items) and between == page.base[items[last + 1].end : items[last + 2].start]


_STEPS = re.compile(
    r"[ ,]{0,2}(?:(?:roi|den|phan|doan|o|la|so|tiep|tiep theo|giua|cuoi|sau do|ke) ?){1,3}[ :]{0,2}(?<=[ :])"
)
"""What leads from one part of a number to the next: `đầu 1012 giữa 345 cuối 678`."""
_PAUSE = re.compile(r"[ ,;.\-–]{1,4}")
"""Between digits that are words: where somebody who dictates takes breath."""
_GROUP_SIZE = 4
"""Digits of the longest group that somebody parts from others by signs of his own."""


def _goes_on(page: Page, run: Run, first: int, last: int, digits: str) -> bool:
    """Whether a number reaches over the gap behind an item: light separators, slashes of one row, the end of a line."""
    gap = run.gaps[last]
    if gap.weight < 3 and gap.cost <= 0.5:
        return True
    left, right = run.items[last].end, run.items[last + 1].start
    between = page.base[left:right]
    if between.strip() == "/":
        return _is_slashed(run, page, last)
    broken = "\n" in page.base[run.items[first].start : left]
    whole = not broken and len(digits) > _UNFINISHED
    return bool(not whole and _LINE_END.fullmatch(between) and _GROUP.match(page.base, right))


def _is_slashed(run: Run, page: Page, last: int) -> bool:
    """Whether a slash is one of three or more in a row of digit groups: two make a date."""
    slashes = 0
    for index in range(max(0, last - 4), min(len(run.gaps), last + 5)):
        slashes += page.base[run.items[index].end : run.items[index + 1].start].strip() == "/"
    return slashes >= 3


_DIRECTLY = re.compile(r"(?<![a-z])(?:s\W{0,2}t\W{0,2}k|tk|tai khoan|so tk)\W{1,3}\Z")


def _cue_before(page: Page, item: Item) -> bool:
    """Whether the word for account stands directly before a group, so that digit words behind it go on with it."""
    return _DIRECTLY.search(page.before(item.start, 16)) is not None


class _Context(NamedTuple):
    """What surrounds a number. cue: distance to a strong cue before it, or None. bank: the nearest.

    same: whether the text says that the number is the owner's phone too.
    """

    cue: int | None
    weak: bool
    phone: bool
    bank: Institution | None
    distance: float
    holder: str
    same: bool = False


def _last(pattern: re.Pattern[str], text: str) -> int | None:
    """Characters between the last match and the end of the text."""
    end = None
    for match in pattern.finditer(text):
        end = match.end()
    return None if end is None else len(text) - end


_SAME_REACH = 36
_FOUR_DIGITS = re.compile(r"[0-9]{4}[^0-9]*\Z")
_CUES = Gate(
    "tk", "t k", "t-k", "t.k", "t/k", "t_k", "t:k", "tai khoan", "tai", "khoan", "acc", "a/c", "so the", "so  the", "account",
)  # fmt: skip
_CUE_LETTERS = frozenset("stk")


def _is_cued(page: Page) -> bool:
    """Whether a strong cue can stand in the page at all."""
    known = page.memo.get("account_cued")
    if known is None:
        known = page.memo["account_cued"] = _CUES(page) or len(_CUE_LETTERS & tokens(page).present) > 1
    return bool(known)


def _reach(page: Page, start: int) -> str:
    """The text before a number in which its cue is looked for: up to the number before it."""
    left = page.before(start, 64)
    digits_before = _FOUR_DIGITS.search(left)
    return left if digits_before is None else left[digits_before.start() + 4 :]


def _context(page: Page, start: int, end: int, others: list[tuple[int, int]]) -> _Context:
    reach = _reach(page, start)
    cue = _last(CUE, reach) if _is_cued(page) else None
    if cue is not None and _SAVINGS.search(page.plain[max(0, start - len(reach)) : start - cue][:-2]):
        cue = None
    last = clause(reach)
    phone = _last(_PHONE_CUE, last[-26:])
    if cue is not None and phone is not None and phone < cue and not _SAME_NUMBER.search(reach[-cue:]):
        cue = None
    told = phone is not None and _SAME_NUMBER.search(last[-_SAME_REACH:]) is not None
    same = told and bool(_institutions_around(page, start, end))
    if phone is not None and cue is None and not same:
        return _Context(cue=None, weak=False, phone=True, bank=None, distance=_FARTHEST, holder="")
    bank, distance = _nearest_bank(page, start, end, others)
    weak = _last(_WEAK_CUE, last) is not None
    holder = _holder(page, start, end, others) if weak or cue is not None or bank is not None else ""
    return _Context(cue=cue, weak=weak, phone=False, bank=bank, distance=distance, holder=holder, same=same)


_SHORT_TEXT = 600
"""Characters of a text that speaks of one account: the only bank in it is the account's, in whatever sentence."""


def _only_bank(page: Page) -> Institution | None:
    """The one bank that a short text names."""
    if len(page.base) > _SHORT_TEXT:
        return None
    banks = {hit.institution.code: hit.institution for hit in named(page) if hit.institution.kind == "bank"}
    return next(iter(banks.values())) if len(banks) == 1 else None


def _nearest_bank(page: Page, start: int, end: int, others: list[tuple[int, int]]) -> tuple[Institution | None, float]:
    best, best_distance = None, float(_FARTHEST)
    for hit in _institutions_around(page, start, end):
        between = (hit.end, start) if hit.end <= start else (end, hit.start)
        if between[0] > between[1] or (between[1] - between[0]) * _A_CHARACTER >= best_distance:
            continue
        distance = _distance(page, between, others)
        if distance < best_distance and (distance := distance + _belongs_elsewhere(page, hit, start)) < best_distance:
            best, best_distance = hit.institution, distance
    return best, best_distance


_NUMBER_FOLLOWS = re.compile(r"[ \t]?[:\-–.]?[ \t]?(?:(?:stk|so tk|tk|so tai khoan)[ \t:.]{1,3})?[0-9][0-9 ]{5}")
_NUMBER_PRECEDES = re.compile(r"[0-9]{5}[ \t]?[\-–(]?[ \t]?\Z")


def _belongs_elsewhere(page: Page, hit: Named, start: int) -> int:
    """A bank that touches another number on its other side is that number's: extra distance."""
    if hit.start > start:
        return 12 if _NUMBER_FOLLOWS.match(page.base, hit.end) else 0
    if page.base[hit.end : start] in (" ", ": ", ":", " - ", " : "):
        return 0
    return 12 if _NUMBER_PRECEDES.search(page.before(hit.start, 12)) else 0


def _institutions_around(page: Page, start: int, end: int) -> list[Named]:
    known = named(page)
    first = bisect_left(known, start - BEFORE, key=lambda hit: hit.start)
    last = bisect_left(known, end + AFTER, key=lambda hit: hit.start)
    here = bisect_left(known, start, first, last, key=lambda hit: hit.start)
    nearest = known[max(first, here - _NEAREST) : min(last, here + _NEAREST)]
    return [hit for hit in nearest if hit.end <= end + AFTER]


_OR = re.compile(r"[chv](?<![a-z].)(?:(?<=v)a|(?<=h)(?:oac|ay)|(?<=c)on)(?![a-z])")
_A_CHARACTER = 0.7
"""Distance that one character is."""


def _distance(page: Page, between: tuple[int, int], others: list[tuple[int, int]]) -> float:
    text = page.base[between[0] : between[1]]
    penalty = (
        9 * text.count(",")
        + 14 * text.count(";")
        + 7 * text.count("\n")
        + 30 * text.count("\n\n")
        + 24 * (text.count(". ") + text.count("! ") + text.count("? "))
    )
    penalty += 9 * (len(_OR.findall(text)) + text.count("/"))
    crossed = sum(1 for start, end in others if between[0] <= start and end <= between[1])
    return len(text) * _A_CHARACTER + penalty + 28 * crossed


def _holder(page: Page, start: int, end: int, others: list[tuple[int, int]]) -> str:
    """The account name as written: after a holder cue, else in capitals close to the number."""
    stop = min([other for other, _ in others if other >= end], default=len(page.plain))
    stop = min(stop, end + AFTER, len(page.plain))
    floor = max([other for _, other in others if other <= start], default=0)
    floor = max(floor, start - BEFORE)
    for first, last in ((end, stop), (floor, start)):
        cue = _HOLDER_CUE.search(page.base, first, last)
        if cue:
            name = _CAPITALS.match(page.plain, cue.end(), last) or _TITLED.match(page.plain, cue.end(), last)
            if name:
                return _name(page, name)
    for first, last in ((end, min(stop, end + 70)), (max(floor, start - 60), start)):
        for name in _CAPITALS.finditer(page.plain, first, last):
            found = _name(page, name)
            if found and _folded(found.partition(" ")[0]) in _SURNAMES and len(found.split()) <= 6:
                return found
    return ""


_SURNAMES = words("nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dao doan vuong trinh truong dinh lam phung mai to ha luong tang cao chu"
    " thai ta luu tong quach la kieu lai nghiem khuat mac ninh chau trieu tu thach kim nong ma giang van luc au hua vi cong cty tnhh ctcp dntn hkd quy hoi shop ban lo be trang thi")  # fmt: skip
"""First words of account names in capitals: surnames, and what companies and funds begin with."""


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    return Page(word).base


def _name(page: Page, match: re.Match[str]) -> str:
    words = match.group().split()
    while words and (words[0] in _NOT_A_HOLDER or institution_of(words[0]) is not None):
        words.pop(0)
    while words and (words[-1] in _NOT_A_HOLDER or institution_of(words[-1]) is not None):
        words.pop()
    return " ".join(words) if len(words) >= 2 else ""


def _is_account(page: Page, candidate: _Candidate, context: _Context) -> bool:
    """Whether a number with this context is an account."""
    size = len(candidate.number)
    if _AMOUNT_AFTER.match(page.after(candidate.end, 10)) and size <= 12 and not context.cue:
        return False
    phone = dialled(candidate.number)
    cue = context.cue is not None and context.cue <= 34
    if phone is not None and context.bank is None and not context.holder and (context.cue or 0) > 10:
        return False
    beside = context.bank is not None and context.distance <= 8
    if cue:
        return size >= 6 or ((size >= 4 and beside) and candidate.cost < 2)
    if context.phone:
        return False
    if phone is not None and phone.kind == "hotline":
        return beside and bool(context.holder) and context.weak
    if beside:
        return _is_account_beside_bank(candidate, context, phone is not None)
    if context.bank is not None and context.distance <= 24 and size >= 8:
        if context.holder:
            return phone is None or context.weak
        if _NUMBERED.search(page.before(candidate.start, 6)):
            return phone is None and size >= 9
    if phone is None and 9 <= size <= 15 and candidate.compact and _SENT_TO.search(page.before(candidate.start, 24)):
        return not candidate.number.endswith("000")
    return context.weak and phone is None and 9 <= size <= 16 and bool(context.holder) and candidate.compact


_NUMBERED = re.compile(r"(?<![a-z])so(?: la)?[ :]{1,2}\Z")
_SENT_TO = re.compile(
    r"(?<![a-z])(?:ck|chuyen khoan|chuyen|banking|bank|gui|nap|coc)(?: (?:tien|giup|ho|em|minh))? (?:vao|vo|toi|den|qua|cho)(?: so)?[ :]{1,2}\Z"
)
"""Words directly before a number that money is sent to."""


def _is_account_beside_bank(candidate: _Candidate, context: _Context, phone: bool) -> bool:
    size = len(candidate.number)
    if context.holder or (context.weak and size >= 6):
        return size >= 6
    if phone:
        return context.distance <= 4
    return size >= 8 and candidate.cost < 2.0


_CLOSE = 26
"""Characters behind an announcement within which a number in plain groups is the one that is announced."""
_MOST_ANNOUNCED = 40
"""Announcements of one page behind which a number is looked for sign by sign."""


def _hides_digits(page: Page) -> bool:
    """Whether words or letters may stand for digits: a letter touches a figure, or a row holds more than figures."""
    base = page.base
    if any(base[start - 1 : start].isalpha() or base[end : end + 1].isalpha() for start, end in figures(page)):
        return True
    return len({item.kind for run in page_runs(page) for item in run.items}) > 1


def _with_dictated(page: Page, candidates: list[_Candidate]) -> list[_Candidate]:
    """The candidates, and instead of pieces the numbers that are read sign by sign behind an announcement."""
    if not _hides_digits(page):
        return candidates
    anchors = [hit.end for hit in named(page)[:_MOST_ANNOUNCED]]
    if _is_cued(page):
        anchors += [match.end() for match in islice(CUE.finditer(page.base), _MOST_ANNOUNCED)]
    for anchor in anchors:
        plain = next((found for found in candidates if anchor <= found.start <= anchor + _CLOSE), None)
        if plain is not None and len(plain.number) >= 8 and not _DIGIT.search(page.base, anchor, plain.start):
            continue
        found = dictated(page, anchor)
        if found is None:
            continue
        number = _Candidate(found.digits, found.start, found.end, _DICTATED, compact=False)
        if not any(
            other.start < number.end and number.start < other.end and len(other.number) >= len(number.number)
            for other in candidates
        ):
            candidates = [other for other in candidates if other.end <= number.start or number.end <= other.start]
            candidates = sorted([*candidates, number], key=lambda one: one.start)
    return candidates


_DIGIT = re.compile("[0-9]")
_DICTATED = 2.0
"""Doubt of a number that is read sign by sign: a bank's name alone does not make an account of it."""


_MOST_CANDIDATES = 1_000
"""Numbers of one page whose surroundings are read: more is a flood or a table."""


_DECIMALS = re.compile(r"[0-9]{1,3}[.,][0-9]{1,2}(?:\s+[0-9]{1,3}[.,][0-9]{1,2})+")
"""Prices beside each other: a row of a table of shares, whose names are those of banks."""
_PRODUCT = re.compile(r"10(?:00|24)(?:\s?[*×x]\s?10(?:00|24))+")


def _is_out_of_question(page: Page, candidate: _Candidate) -> bool:
    """Whether no holder could make an account of a number: an amount, a date, a code; or no bank near what may be a phone."""
    vouched = _is_cued(page) or _institutions_around(page, candidate.start, candidate.end)
    if not vouched and not (candidate.compact and 9 <= len(candidate.number) <= 16 and not dialled(candidate.number)):
        return True
    text = page.base[candidate.start : candidate.end]
    return any(shape.fullmatch(text) for shape in (_AMOUNT, _DATE, _DECIMALS, _PRODUCT)) or not_a_phone(
        page, candidate.start
    )


def _has_bare_number(page: Page) -> bool:
    """Whether a group of digits is long enough for what neither cue nor bank announces, and no phone."""
    return any(9 <= end - start <= 16 and dialled(page.base[start:end]) is None for start, end in figures(page))


def _from_runs(page: Page) -> Iterator[Account]:
    if not _worth_reading(page) or not (named(page) or _is_cued(page) or _has_bare_number(page)):
        return
    candidates = [candidate for candidate in _candidates(page) if page.is_free(candidate.start, candidate.end)]
    candidates = _with_dictated(page, candidates)
    others = [(candidate.start, candidate.end) for candidate in candidates if len(candidate.number) >= 6]
    numbers = [candidate for candidate in candidates if len(candidate.number) >= 8 and not dialled(candidate.number)]
    for candidate in candidates[:_MOST_CANDIDATES]:
        if _is_out_of_question(page, candidate):
            continue
        span = (candidate.start, candidate.end)
        first, last = bisect_left(others, (span[0] - BEFORE, 0)), bisect_left(others, (span[1] + AFTER, 0))
        context = _context(page, *span, [other for other in others[first:last] if other != span])
        if not _is_account(page, candidate, context):
            continue
        if context.bank is None and len(numbers) == 1:
            context = context._replace(bank=_only_bank(page))
        yield from _accounts_of(page, candidate, context)


_HINT = re.compile(
    whole_words(
        r"s\W{0,2}t\W{0,2}k|t\W?k|tai\W?khoan|acc|a/c|account|so\W?tk|so the|ck|chuyen|banking|ngan hang|nh|coc|nap"
    )
)


def _worth_reading(page: Page) -> bool:
    known = page.memo.get("bank_hint")
    if known is None:
        known = page.memo["bank_hint"] = _HINT.search(page.base) is not None or bool(named(page))
    return bool(known)


def _accounts_of(page: Page, candidate: _Candidate, context: _Context) -> Iterator[Account]:
    bank = context.bank
    if bank is not None and bank.kind == "wallet" and context.distance > 6 and dialled(candidate.number) is None:
        bank = None
    if bank is not None and bank.kind == "wallet":
        phone = dialled(candidate.number)
        if phone is not None and phone.kind == "phone" and phone.value.startswith("+84"):
            number = "0" + phone.value[3:]
            span = (candidate.start, candidate.end)
            yield Account(
                kind="wallet", bank=bank.code, number=number, start=span[0], end=span[1], holder=context.holder
            )
        return
    confidence = 0.95 if context.cue is not None and bank is not None else 0.85 if bank is not None else 0.75
    code = bank.code if bank is not None else "?"
    yield Account(
        kind="account",
        bank=code,
        number=candidate.number,
        start=candidate.start,
        end=candidate.end,
        holder=context.holder,
        confidence=confidence,
        phone=context.same,
    )


def _mixed(page: Page) -> list[int]:
    """Where words begin in which three digits or more touch a letter."""
    base, found, reached = page.base, list[int](), 0
    for start, end in figures(page):
        if (
            end - start < 3
            or start < reached
            or not (_is_letter(base[start - 1 : start]) or _is_letter(base[end : end + 1]))
        ):
            continue
        while start > reached and (_is_letter(base[start - 1]) or base[start - 1] in "0123456789"):
            start -= 1
        found.append(start)
        reached = end
    return found


def _is_letter(character: str) -> bool:
    return "a" <= character <= "z"


def _from_letters(page: Page) -> Iterator[Account]:
    """Accounts with letters: `CT0001`, `711A12345678`; only with a cue before or a bank beside."""
    tokens = _mixed(page)
    if not tokens or not _worth_reading(page):
        return
    for match in filter(None, (_ALNUM.match(page.base, token) for token in tokens)):
        start, end = match.span()
        letters = re.match(r"[a-z]*", match.group())
        if not page.is_free(start, end) or (
            letters and letters.group() and (CUE.fullmatch(letters.group()) or institution_of(letters.group()))
        ):
            continue
        if all(character in "oil" for character in match.group() if character.isalpha()):
            continue
        context = _context(page, start, end, [])
        cue = context.cue is not None and context.cue <= 20
        if not cue or not_a_phone(page, start) or (context.bank is None and len(match.group()) < 8):
            continue
        if not re.search(r"[A-Z0-9]", page.plain[start:end]) or page.plain[start:end] != page.plain[start:end].upper():
            continue
        code = context.bank.code if context.bank is not None else "?"
        yield Account(
            kind="account",
            bank=code,
            number=match.group().upper(),
            start=start,
            end=end,
            holder=context.holder,
            confidence=0.8,
        )


_PAYLOAD = re.compile(r"000201[0-9]")
_VIETQR_IMAGE = re.compile(
    r"(?:img|api)\.vietqr\.(?:io|vn)/(?:image/)?([A-Za-z0-9]{2,12})-([A-Za-z0-9]{4,24})(?:-[\w]+)?(?:\.(?:png|jpg|jpeg))?",
    re.IGNORECASE,
)


def _from_payloads(page: Page) -> Iterator[Account]:
    for match in islice(_PAYLOAD.finditer(page.plain), ENTITY_LIMIT) if "000201" in page.plain else ():
        end = payload_end(page.plain, match.start())
        if end is None or not page.is_free(match.start(), end):
            continue
        payment = read_payload(page.plain[match.start() : end])
        page.claim(match.start(), end)
        if payment is not None and not payment.card:
            yield Account(
                kind="wallet" if payment.bank in wallet_codes() else "account",
                bank=payment.bank,
                number=payment.number,
                start=match.start(),
                end=end,
                holder=payment.holder,
                confidence=1.0,
            )


def _from_links(page: Page) -> Iterator[Account]:
    for url in urls(page):
        if "vietqr" not in url.host and url.host != "qr.sepay.vn":
            continue
        match = _VIETQR_IMAGE.match(url.value)
        query = parse_qs(url.rest.partition("?")[2])
        if match:
            bank, number = match.group(1), match.group(2)
        elif url.host in ("qr.sepay.vn", "vietqr.app", "vietqr.co", "api.vietqr.io") and query.get("acc"):
            bank, number = query.get("bank", ["?"])[0], query["acc"][0]
        else:
            continue
        institution = institution_of(bank)
        code = banks_by_bin().get(bank) or (institution.code if institution else "?")
        holder = unquote(query.get("accountName", [""])[0])
        yield Account(
            kind="account",
            bank=code,
            number=number.upper(),
            start=url.start,
            end=url.end,
            holder=holder,
            confidence=1.0,
        )


_MASK_AFTER = re.compile(r"[ ]?(?:\.{3,}|…|[x]{2,}|\*{2,}|•{2,}|#{2,})")
_MASKED = Gate("...", "…", "xx", "**", "••", "##")
_VISIBLE = re.compile(r"(?<![a-z0-9.])[0-9][0-9 .\-]{1,16}[0-9](?=[ ]?(?:\.{3}|…|x{2}|\*{2}|•{2}|#{2}))")


def _partials(page: Page) -> Iterator[Account]:
    """Accounts of which only the beginning is printed."""
    if not figures(page) or not _MASKED(page) or not _worth_reading(page):
        return
    for match in _VISIBLE.finditer(page.base):
        start, end = match.span()
        number = re.sub(r"[^0-9]", "", match.group())
        mask = _MASK_AFTER.match(page.base, end)
        if not page.is_free(start, end) or not 3 <= len(number) <= 15 or mask is None:
            continue
        context = _context(page, start, end, [])
        if (context.cue is None or context.cue > 30) and not (context.bank and context.distance <= 4):
            continue
        if context.phone or _AMOUNT.fullmatch(match.group()):
            continue
        bank = context.bank.code if context.bank is not None else "?"
        stop = mask.end()
        while stop < len(page.base) and page.base[stop] in "x*•#. " and page.base[stop : stop + 2].strip():
            stop += 1
        yield Account(
            kind="account_partial",
            bank=bank,
            number=number,
            start=start,
            end=stop,
            holder=context.holder,
            confidence=0.7,
        )


def accounts(page: Page) -> list[Account]:
    """Every account and wallet of the page; computed once, claiming what it reads."""
    known = page.memo.get("accounts")
    if known is None:
        found = list(_from_links(page))
        for reader in (_from_payloads, _partials, _from_letters, _from_runs):
            for account in list(islice(reader(page), ENTITY_LIMIT + 1)):
                if page.is_free(account.start, account.end) or reader is _from_payloads:
                    page.claim(account.start, account.end)
                    found.append(account)
        known = page.memo["accounts"] = found
    return known  # type: ignore[return-value]
