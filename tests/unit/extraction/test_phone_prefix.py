"""Lists of watched prefixes, however a warning words and writes them."""

from __future__ import annotations

import pytest

from extraction.extract import extract


@pytest.mark.parametrize(
    "text",
    [
        "đầu số như 02499... 02888...", "đầu số: 02499…, 02888…", "Các đầu số nước ngoài:\n- 02499\n- 02888", "đầu số ngoại 02499, 02888 nhé",
        "những đầu số hay gọi lừa: 02499, 02888", "đầu số của bọn này: 02499; 02888", "đầu số lạ (02499, 02888)",
    ],
)  # fmt: skip
def test_a_list_of_prefixes_is_read(text: str) -> None:
    values = [mention.value for mention in extract(text) if mention.kind == "phone_prefix"]
    assert values == ["02499", "02888"]


@pytest.mark.parametrize(
    "text",
    ["đầu số 0900 000 012", "đầu số hỗ trợ 0900-000-012", "đầu số tổng đài 1900 1234", "đầu số gọi vào 09/12/2024"],
)
def test_the_beginning_of_a_number_is_no_prefix(text: str) -> None:
    assert [mention.value for mention in extract(text) if mention.kind == "phone_prefix"] == []
