"""Banks and wallets by any of their names: aliases, spaced or dotted initials, leet and near spellings.

Tables: `data/banks.csv` (codes, BINs and aliases as VietQR lists them) and `data/ewallets.csv`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from itertools import islice
from typing import NamedTuple

from attrs import frozen

from extraction.hosts import near
from extraction.letters import are_said, said
from extraction.reading import Page
from extraction.syllables import is_syllable
from extraction.tokens import tokens
from extraction.words import words


@frozen
class Institution:
    """code: of the canonical value. kind: `bank` or `wallet`. weak: an alias that is also an ordinary word.

    initials: the letters whose names make the alias (`vê cê bê`), "" where it is written as it is.
    """

    code: str
    kind: str
    weak: bool
    initials: str = ""


class Named(NamedTuple):
    """An institution named in a page, with its span in the views."""

    institution: Institution
    start: int
    end: int


def _table(name: str) -> list[dict[str, str]]:
    text = resources.files("extraction").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _fold(alias: str) -> str:
    return Page(alias).base


_WORDS_TOO = words("tech vp arg neo mm agri bid cake hana citi omni ipay u spay mb bab nab abb vib acb shb hlb woori timo nhbank viet vid moca oneu wu digibank"
    " techcom viettin sea msb varb public petrolimex vimo vikki dab agb mgd mtcn casso baoviet vinid payoo vietbank")  # fmt: skip
"""Aliases that need a number beside them or the word bank before: short, foreign or Vietnamese words."""
_ALWAYS_NAMED = words(
    "vib acb shb msb abb nab bab mb vietbank baoviet techcom viettin vikki agri woori timo payoo cake"
)
_EXTRA = {
    "VCB": "vjetcombank vietcombak vietcomban ngoaithuongvietnam vietcombanks",
    "ICB": "viettinbank vjetinbank vietinb congthuongvietnam",
    "VBA": "agribanks nongnghiep nhnongnghiep agrib",
    "TCB": "techcombanks tcbank techcombannk",
    "MB": "mbank embibank quandoi mbbanks",
    "STB": "sacombanks sacomb",
    "BIDV": "bidvbank",
    "ACB": "acbbank",
    "VPB": "vpbanks",
    "TPB": "tienphongbank tpbanks",
    "LPB": "lienvietpost lienvietbank lpbank locphatbank lienvietpostbank",
    "SHB": "shbbank",
    "MSB": "msbbank",
    "VIB": "vibbank",
    "MOMO": "momopay vimomo momo",
    "ZALOPAY": "zalopay",
}


_NOT_ACCOUNTS = frozenset({"CRYPTO_USDT", "PAYPAL_WU", "PAYOS", "TIENDIDONG"})


@lru_cache(maxsize=1)
def _aliases() -> dict[str, Institution]:
    """Squashed alias -> institution; the first row that claims an alias keeps it."""
    found: dict[str, Institution] = {}
    for kind, rows in (("bank", _table("banks.csv")), ("wallet", _table("ewallets.csv"))):
        for row in rows:
            if row["code"] in _NOT_ACCOUNTS:
                continue
            for alias in [row["short_name"], *row["aliases"].split("|"), *_EXTRA.get(row["code"], "").split()]:
                words = re.findall(r"[a-z0-9]+", _fold(alias))
                squashed = "".join(words)
                if len(squashed) < 2:
                    continue
                common = all(map(is_syllable, words)) and "bank" not in squashed and not squashed.startswith("nganhang")
                weak = common or squashed in _WORDS_TOO
                found.setdefault(squashed, Institution(row["code"], kind, weak))
    for squashed, institution in list(found.items()):
        for heard in _by_ear(squashed):
            found.setdefault(heard, institution)
    for row in _table("banks.csv"):
        for initials in filter(_ARE_INITIALS.fullmatch, row["aliases"].split("|")):
            for spoken in said(initials.lower()):
                found.setdefault(spoken, Institution(row["code"], "bank", weak=True, initials=initials.lower()))
    return found


_ARE_INITIALS = re.compile("[A-Z]{2,5}")


def _by_ear(alias: str) -> Iterator[str]:
    """How a bank's long name is written by ear: `xa com banh`, `agri băng`."""
    if len(alias) < 6 or not alias.endswith("bank"):
        return
    stem = alias[:-4]
    for first in (stem, "x" + stem[1:]) if stem[0] == "s" else (stem,):
        for bank in ("bank", "banh", "bang", "benk", "banc", "banck"):
            yield first + bank


@lru_cache(maxsize=1)
def _long_names() -> tuple[tuple[str, Institution], ...]:
    return tuple((alias, found) for alias, found in _aliases().items() if len(alias) >= 8 and "bank" in alias)


@lru_cache(maxsize=1)
def banks_by_bin() -> dict[str, str]:
    """NAPAS bank identification number -> bank code."""
    return {row["bin"]: row["code"] for row in _table("banks.csv") if row["bin"]}


@lru_cache(maxsize=1)
def wallets_by_bin() -> dict[str, str]:
    """NAPAS identification number -> wallet code, of the wallets that have one of their own."""
    return {row["bin_or_qr"]: row["code"] for row in _table("ewallets.csv") if row["bin_or_qr"].isdecimal()}


@lru_cache(maxsize=1)
def bank_codes() -> dict[str, str]:
    """Upper-case bank code -> code as the table spells it."""
    return {row["code"].upper(): row["code"] for row in _table("banks.csv")}


def wallet_codes() -> frozenset[str]:
    """Codes of all wallets."""
    return frozenset(row["code"] for row in _table("ewallets.csv") if row["code"] not in _NOT_ACCOUNTS)


_WORD = re.compile(r"[a-z]+(?:[013457@][a-z]+)*0?")
_LEET = str.maketrans("01345@7", "oieasat")
_BANK_BEFORE = re.compile(r"(?<![a-z])(?:ngan hang|nh|nhtmcp|bank|nha bang|tmcp|n\.hang|nhang|ngan hag)[\s:.\-(\"]{1,4}(?:tmcp |thuong mai |so |co phan |tnhh |mtv |cp |tm ){0,3}\Z")  # fmt: skip
_BANK_AFTER = re.compile(r"(?:[ ]bank(?![a-z]))?")
_LONGEST_ALIAS = 26


@lru_cache(maxsize=8192)
def _lookup(squashed: str) -> Institution | None:
    """An alias, leet undone."""
    known = _aliases()
    return known.get(squashed) or known.get(squashed.translate(_LEET)) or known.get(squashed.replace("j", "i"))


@lru_cache(maxsize=8192)
def _near_alias(squashed: str) -> Institution | None:
    """The bank whose long name is one edit away from a word."""
    if 8 <= len(squashed) <= 20 and ("ban" in squashed or "pay" in squashed or "com" in squashed):
        for alias, institution in _long_names():
            if near(alias, squashed):
                return institution
    return None


@lru_cache(maxsize=4096)
def institution_of(text: str) -> Institution | None:
    """The institution that a text names as a whole, for values people paste."""
    squashed = "".join(re.findall(r"[a-z0-9]+", _fold(text)))
    return _lookup(squashed) or _near_alias(squashed)


@lru_cache(maxsize=1)
def _prefixes() -> frozenset[str]:
    """Every beginning of every alias: a word that begins none of them ends the search at once."""
    return frozenset(alias[:size] for alias in _aliases() for size in range(1, len(alias) + 1))


def named(page: Page) -> list[Named]:
    """Banks and wallets named in a page, in order, the longest alias at each place; computed once."""
    known = page.memo.get("named")
    if known is None:
        known = page.memo["named"] = _named(page)
    return known  # type: ignore[return-value]


def _named(page: Page) -> list[Named]:
    split, prefixes = tokens(page), _prefixes()
    texts = [*split.texts[:_MOST_READ], "", ""]
    begins = map(_BEGINNINGS.__getitem__, texts)
    indexes = [
        index
        for index, begin in enumerate(begins)
        if begin
        and (
            begin == 2
            or (
                (after := texts[index + 1] or texts[index + 2])
                and texts[index] + after in prefixes
                and _goes_on(texts, index)
            )
        )
    ]
    found, position = list[Named](), 0
    for index in indexes[:_MOST_NAMES]:
        start = split.start(index)
        for word in _WORD.finditer(page.base, start, start + len(texts[index])):
            if word.start() < position:
                continue
            glued = _glued(word.group()) if len(texts[index]) > len(word.group()) else None
            if glued is not None:
                position = word.end()
                found.append(Named(glued[0], word.start() + glued[1], word.start() + glued[2]))
            else:
                position = _read_name(page, word.start(), found) or position
    return found


def _goes_on(texts: list[str], index: int) -> bool:
    """Whether the tokens from one on begin as an alias does, for as long as one has not ended."""
    joined, prefixes, known = "", _prefixes(), _aliases()
    for text in filter(None, texts[index : index + 7]):
        joined += text
        if joined in known or not text.isalpha():
            return True
        if joined not in prefixes:
            return False
    return True


_GLUE = re.compile(r"(?:stk|sotk|sotaikhoan|taikhoan|tknh|tk|nganhang|nh|ck|chuyenkhoan|qua|vao)+")
_GLUE_BEHIND = re.compile(r"(?:stk|sotk|sotaikhoan|tk|so|bank|0)+\Z")


@lru_cache(maxsize=4096)
def _glued(word: str) -> tuple[Institution, int, int] | None:
    """The institution in a word that a number touches, between words for account: `stkvcb`, `vcbstk`, `viettelm0ney0`."""
    if _lookup(word) is not None:
        return None
    before, behind = _GLUE.match(word), _GLUE_BEHIND.search(word)
    for first in {0, before.end() if before else 0}:
        for last in {len(word), behind.start() if behind else len(word)}:
            institution = _lookup(word[first:last]) if first < last and (first, last) != (0, len(word)) else None
            if institution is not None and not institution.initials:
                return institution, first, last
    return None


def _read_name(page: Page, start: int, found: list[Named]) -> int | None:
    """Appends the institution whose name begins at a word; the position behind the name, None where there is none."""
    hit = _longest(page, start)
    if hit is None:
        return None
    institution, last = hit
    if institution.initials:
        if not _are_said(page, start, last, institution.initials):
            return None
    elif institution.weak and not _weak_is_meant(page, start, last):
        return None
    stop = last + len(_BANK_AFTER.match(page.base, last).group())  # type: ignore[union-attr]
    if page.is_free(start, stop):
        found.append(Named(institution, start, stop))
    return last


class _Beginnings(dict[str, int]):
    """Token -> 0: no alias begins in it; 1: one may, if the next token goes on; 2: one is in it, or leet for one."""

    def __missing__(self, token: str) -> int:
        if not token or token.isdigit():
            return 0
        words = [token] if token.isalpha() else _WORD.findall(token)
        found = max(map(_beginning, words), default=0)
        if len(token) > max(map(len, words), default=len(token)) and any(map(_glued, words)):
            found = 2
        if len(self) < _MOST_TOKENS:
            self[token] = found
        return found


_MOST_READ, _MOST_NAMES = 30_000, 2_000
"""Tokens and names of one page that are read: an article has some thousands and some dozens, more is a flood."""
_MOST_TOKENS = 50_000
"""Tokens whose answer is kept: more than the words of a language, fewer than the numbers of a day."""
_BEGINNINGS = _Beginnings({"": 0})


@lru_cache(maxsize=16384)
def _beginning(word: str) -> int:
    """0: no alias begins with this word; 1: one may, if the next word goes on; 2: the word is one, or leet for one."""
    if _lookup(word) is not None or (len(word) >= 8 and _near_alias(word) is not None):
        return 2
    prefixes = _prefixes()
    if word in prefixes:
        return 1
    return 2 if _leet_begins(word, prefixes) else 0


def _longest(page: Page, start: int) -> tuple[Institution, int] | None:
    """The longest alias that begins with the word at a position, and where it ends."""
    best = None
    squashed, words, end = "", list[int](), start
    prefixes = _prefixes()
    for word in islice(_WORD.finditer(page.base, start), 14):
        if words:
            gap = page.base[end : word.start()]
            alone = max(words) == 1 and word.end() - word.start() == 1
            if len(gap) > 2 or gap.strip(" .-_&/|*~•" if alone else " .-_&"):
                break
        end = word.end()
        words.append(end - word.start())
        squashed += word.group()
        begins = squashed in prefixes or _leet_begins(squashed, prefixes)
        if not begins and (len(squashed) < 5 or len(squashed) > _LONGEST_ALIAS):
            break
        institution = _lookup(squashed) or (_near_alias(squashed) if len(words) == 1 else None)
        if institution is not None and _boundaries(words):
            best = (institution, end)
        if not begins and (institution is None or len(squashed) > 12):
            break
    return best


def _leet_begins(squashed: str, prefixes: frozenset[str]) -> bool:
    return (not squashed.isalpha() and squashed.translate(_LEET) in prefixes) or squashed.replace("j", "i") in prefixes


def _boundaries(sizes: list[int]) -> bool:
    """Initials that are spelled apart must all be single letters: `v.c.b`, but not `m b` out of `am ban`."""
    if len(sizes) == 1:
        return True
    return all(size == 1 for size in sizes) or (
        max(sizes) >= 2 and not (sizes.count(1) == len(sizes) - 1 and max(sizes) < 3)
    )


_BANK_HEARD = re.compile(r"\W{0,2}(?:bank|banh|benk|banc|bang)(?![a-z])")
_NUMBER_AFTER = re.compile(r"\W{0,4}(?:(?:bank|stk|so tai khoan|so tk|tk|so)\W{1,3}){0,2}[0-9]{3}")
_NUMBER_BEFORE = re.compile(r"[0-9]{3}\W{0,4}(?:(?:ngan hang|nh|bank|tai|ben)\W{1,2})?\Z")


def _are_said(page: Page, start: int, end: int, initials: str) -> bool:
    """Whether words that could be names of letters are a bank's initials: by their accents, or a number or `bank` beside."""
    written = re.findall(r"[^\W\d_]+", page.plain[start:end].lower())
    if not are_said(initials, written):
        return False
    accented = not page.plain[start:end].isascii()
    if accented and len(initials) > 2:
        return True
    if _BANK_BEFORE.search(page.before(start, 40)) or _BANK_HEARD.match(page.base, end):
        return True
    beside = _NUMBER_AFTER.match(page.base, end) or _NUMBER_BEFORE.search(page.before(start, 20))
    return beside is not None and (accented or len(initials) > 2)


def _weak_is_meant(page: Page, start: int, end: int) -> bool:
    if _BANK_BEFORE.search(page.before(start, 40)):
        return True
    if re.match(r"\s?(?:bank|pay)(?![a-z])", page.after(end, 6)):
        return True
    squashed = re.sub(r"[^a-z0-9]", "", page.base[start:end])
    if (
        squashed == "mb"
        and re.search(r"[0-9]\s?\Z", page.before(start, 2))
        and re.match(r"(?!\W{1,6}[0-9])", page.after(end, 6))
        and len(re.findall(r"[0-9]", page.before(start, 14))) < 6
    ):
        return False
    if squashed in _ALWAYS_NAMED:
        return True
    after, before = page.after(end, 30), page.before(start, 30)
    if " " in page.base[start:end] and (_LONG_AFTER.match(after) or _LONG_BEFORE.search(before)):
        return True
    beside = _SIX_AFTER.match(after) or _SIX_BEFORE.search(before)
    return bool(beside) and (page.plain[start].isupper() or squashed in _WORDS_TOO)


_SIX_AFTER = re.compile(r"\W{0,4}[0-9](?:[ .\-]?[0-9]){5}")
_SIX_BEFORE = re.compile(r"[0-9](?:[ .\-]?[0-9]){5}\W{0,4}\Z")
_LONG_AFTER = re.compile(r"\W{1,4}(?!02|1[89]00|069)[0-9](?:[ .\-]?[0-9]){7}")
_LONG_BEFORE = re.compile(r"(?<![0-9])(?<![0-9][ .\-])(?!02|1[89]00|069)[0-9](?:[ .\-]?[0-9]){7,18}\W{1,4}\Z")
"""Numbers beside a name of several ordinary words that can be accounts: `á châu 17384652`; no landline, no hotline."""
