"""A text as one byte for each of its characters."""

from __future__ import annotations

from extraction.alphabet import ALPHABET, decoded, encoded, to_bytes, to_text


def test_the_alphabet_fits_into_bytes_and_comes_back() -> None:
    code = encoded(ALPHABET)
    assert code == bytes(range(len(ALPHABET)))
    assert decoded(code, to_text(str)) == ALPHABET


def test_every_vietnamese_letter_is_in() -> None:
    assert encoded("Ngày mai, Quỳnh Đỗ chuyển 500.000₫ – “được” không?\n") is not None


def test_strangers_have_no_byte() -> None:
    assert encoded("tiền 🔥") is None
    assert encoded("e\u0301") is None


def test_tables_read_letter_by_letter() -> None:
    code = encoded("aBc")
    assert code is not None
    assert code.translate(to_bytes(lambda letter: letter.lower() if letter.isascii() else "?")) == b"abc"
    assert decoded(code, to_text(str.upper)) == "ABC"
