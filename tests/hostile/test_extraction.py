"""Floods: texts that one sign or one pattern fills cost in proportion to their length, whatever the sign.

Held by the ratio of CPU times of one flood at two lengths, so that no machine's speed decides.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from extraction.extract import extract

SHORT, TIMES = 12_000, 4
"""Characters of the shorter flood, and how many times as long the longer one is."""
MOST = 9.0
"""Allowed ratio of their times: 4 is linear, 16 quadratic; the rest is noise of a busy machine."""

_WORDS = [
    "không",
    "một",
    "hai",
    "ba",
    "bốn",
    "năm",
    "sáu",
    "bảy",
    "tám",
    "chín",
    "mot",
    "ko",
    "zero",
    "lẻ",
    "mươi",
    "mười",
    "trăm",
]


def _row(piece: str) -> Callable[[int], str]:
    return lambda length: (piece * (length // len(piece) + 1))[:length]


def _mixed(*pieces: str) -> Callable[[int], str]:
    def flood(length: int) -> str:
        chosen = random.Random(5)
        return "".join(chosen.choice(pieces) for _ in range(length))[:length]

    return flood


FLOODS: dict[str, Callable[[int], str]] = {
    "digits": _mixed(*"0123456789"), "digits apart": _mixed("0 ", "9 ", "84 ", "1900 ", "123 "), "zeros": _row("0"), "phones": _row("0912345678 "),
    "dots": _row("."), "dots apart": _row(". "), "labels": _row("a-b."), "hosts": _row("ab.com "), "endings": _row(".com"), "brackets": _row("[(.{<"),
    "digit words": _mixed(*(f"{word} " for word in _WORDS)), "digit words glued": _mixed(*_WORDS), "look-alikes": _mixed(*"oO0lI1sSB "),
    "at": _row("@"), "addresses": _row("a1@b.com "), "separators": _mixed(*"0123456789.- x()~*/"), "zero-width": _row("\u200b"),
    "zero-width in digits": _row("0\u200b"), "marks": _row("a\u0301"), "marks alone": _row("\u0301"), "cham": _row("zq9 chấm com "), "cham alone": _row("chấm "),
    "banks": _row("vcb "), "bank accounts": _mixed("vcb 1020304050 ", "stk 99887766 "), "schemes": _row("http://"), "letters apart": _mixed(*(f"{letter} " for letter in "vcb.top@/")),
    "spaces": _row(" "), "lines": _row("\n"), "0 lines": _row("0\n"), "files": _row(".apk "), "slashes": _row("a.com / "), "hyphens": _row("a - b . "),
    "tags": _row("a<b>"), "references": _row("&#48;&nbsp;"), "hidden": _row("0 9a"), "counts": _row("hai số "), "platforms": _row("zalo @a_b1 "),
    "spelled slashes": _row("zalo.me gach g gach "), "by ear": _row("za lo cham me "), "woven": _row("a*b*"), "initials": _row("ve ce be "),
    "undotted mail": _row("abc1 gmail com "), "told": _row("dautu, tiep la gach ngang, tiep la "),
}  # fmt: skip


def _time(text: str) -> float:
    times = []
    for _ in range(2):
        start = time.process_time()
        extract(text)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_costs_what_its_length_says(name: str) -> None:
    flood = FLOODS[name]
    extract(flood(200))
    short = max(_time(flood(SHORT)), 0.004)
    assert _time(flood(SHORT * TIMES)) / short < MOST


def test_what_stands_before_a_flood_is_read() -> None:
    mentions = extract("gọi 0912345678 vào zq9-vay.top " + "0 9a " * 20_000)
    assert {"+84912345678", "zq9-vay.top"} <= {mention.value for mention in mentions}
