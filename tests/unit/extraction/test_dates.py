"""Dates in every Vietnamese form that sites write."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from extraction.dates import read_date

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)  # Tuesday, 13:30 in Viet Nam

CORPUS = Path(__file__).parents[2] / "corpus" / "dates.txt"
FORMS = [line for line in CORPUS.read_text("utf-8").splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("line", FORMS)
def test_form(line: str) -> None:
    text, _, wanted = line.partition(" | ")
    found = read_date(text.replace(" ;", " |"), now=NOW)
    assert found is not None
    moment, precision = found
    local = moment.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    day, _, clock = wanted.partition(" ")
    assert f"{local:%Y-%m-%d}" == day
    assert precision == ("day" if clock == "day" else "minute")
    assert f"{local:%H:%M}" == ("00:00" if clock == "day" else clock)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "không có ngày",
        "31/2/2025",
        "07/13/2026",
        "99/99/2026",
        "30/02/2026 10:00",
        "Giá: 7/11 suất",
        "Lượt xem: 124",
        "25/12/2027 10:00",
        "13/13",
        "giá 2.500.000",
        "tỷ số 3-2",
        "bài 5/10",
        "99991231",
    ],
)
def test_no_date(text: str) -> None:
    assert read_date(text, now=NOW) is None


def test_the_month_never_comes_first() -> None:
    found = read_date("03/04/2026", now=NOW)
    assert found is not None
    assert found[0].astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).month == 4


def test_a_clock_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        read_date("hôm qua", now=datetime(2026, 11, 24))  # noqa: DTZ001
