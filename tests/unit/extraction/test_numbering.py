"""The numbering plan."""

from __future__ import annotations

import pytest

from extraction.numbering import dialled, foreign, national, old_landline, tax_code_is_valid


@pytest.mark.parametrize(
    ("digits", "value"),
    [
        ("0912345678", "+84912345678"), ("84912345678", "+84912345678"), ("0084912345678", "+84912345678"), ("01690000001", "+84390000001"), ("01220000001", "+84770000001"),
        ("02523800001", "+842523800001"), ("02438001234", "+842438001234"), ("19001234", "19001234"), ("1800123456", "1800123456"), ("0692348560", "0692348560"),
        ("02400000001", None), ("0912345", None), ("190012345", None), ("02173800001", None), ("0412345678", None), ("", None),
    ],
)  # fmt: skip
def test_a_number_is_judged_and_written_canonically(digits: str, value: str | None) -> None:
    number = dialled(digits)
    assert (number.value if number else None) == value


def test_blocks_that_look_like_tax_codes_need_a_cue() -> None:
    weak = national("0312345678")
    assert weak is not None
    assert weak.weak


def test_foreign_numbers_are_judged_by_libphonenumber() -> None:
    assert foreign("855971234567") is not None
    assert foreign("999123456789") is None


def test_a_landline_of_before_2017_is_converted() -> None:
    number = old_landline("0438001234")
    assert number is not None
    assert number.value == "+842438001234"


def test_tax_code_check_digit() -> None:
    assert tax_code_is_valid("0100109106")
    assert not tax_code_is_valid("0100109107")
