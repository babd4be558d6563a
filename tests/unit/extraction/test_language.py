"""Vietnamese with marks, without, or something else."""

from __future__ import annotations

import pytest

from extraction.language import language


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Cảnh báo lừa đảo", "vi"),
        ("ib zalo 90000001 nhan viec lam them tai nha", "vi-ascii"),
        ("con khong co tien", "vi-ascii"),
        ("e ck r ma k thay hang, ai cuu e vs", "vi-ascii"),
        ("Please call us for the best price in town", "other"),
        ("Bonjour, très élégant, été à Paris", "other"),
        ("0900000001", "other"),
        ("", "other"),
        ("Vay nhanh ngay OK " + "ạ " * 2, "vi"),
    ],
)
def test_language(text: str, wanted: str) -> None:
    assert language(text) == wanted


def test_decomposed_text_is_the_same() -> None:
    import unicodedata

    assert language(unicodedata.normalize("NFD", "Cảnh báo thủ đoạn mới")) == "vi"
