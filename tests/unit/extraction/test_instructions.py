"""Numbers that a post says how to read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.extract import extract


def phones(text: str) -> list[str]:
    """Values of the phones of a text."""
    return [mention.value for mention in extract(text) if mention.kind == "phone"]


@pytest.mark.parametrize(
    "text",
    [
        "sđt đọc ngược: 4128053790", "số viết ngược lại 412 805 3790 nha", "Số mình (đọc từ phải sang trái): 4128053790", "bốn một hai tám không năm ba bảy chín không, đọc ngược",
        "zalo 09a73b50c82d14 bỏ hết chữ đi nhé", "gọi 0q9w7e3r5t0y8u2i1o4 (xoá chữ cái)", "09 hoa 73 lá 50 cành 82 rễ 14, chỉ lấy số thôi",
        "zalo x973508214 với x là số 0", "lh 0x735o8214, x là số 9", "🌸 = 7, số em 09🌸3508214", "0973xxx214 (x là số 5)".replace("xxx", "x08"),
        "zalo 973508214 (thêm số 0 ở đầu)", "số 10973508214 bỏ số 1 đầu", "mỗi số cộng 1: 9862497103 ra sđt", "1084619325 trừ 1 vào mỗi số",
        "0 cho mình\n9 giờ sáng\n7 ngày\n3 người\n5 phút\n0 đồng\n8 giờ\n2 cái\n1 lần\n4 bạn\nghép số đầu mỗi dòng ra sđt",
        "sdt đảo: 4128053790", "Combo 1: 09k, combo 2: 73k, combo 3: 50k, combo 4: 82k, combo 5: 14k 👉 ghép 5 giá là ra số em", "số 09, ngõ 73, ngách 50, hẻm 82, phòng 14. Anh ghép lại là gọi được",
        "[20:14] Lan: 0973\n[20:14] Lan: 508\n[20:15] Lan: 214 nha c", "Tỷ số: 0-9, 7-3, 5-0, 8-2, 1-4 ghép lại là ra số em",
        "Lấy số đầu mỗi dòng:\nKhông ai bằng\nChín tầng mây\nBảy sắc\nBa miền\nNăm châu\nKhông lo\nTám hướng\nHai vai\nMột lòng\nBốn mùa",
    ],
)  # fmt: skip
def test_an_instruction_is_followed(text: str) -> None:
    assert phones(text) == ["+84973508214"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Ngược lại, tôi gọi 0973508890 thì họ nghe.", ["+84973508890"]),
        ("chỉ số VN-Index 1.234, bỏ chữ ký ở trang 09, mục 73, hình 50", []),
        ("stk (bỏ chữ): 1a0b9c7d3e5f0g8h2i1j4k5", []),
        ("[20:14] Lan: 0973\n[20:14] Ba: 508214 rồi", []),
        ("Góp đồ cũ lúc 03h57 - 09:27 ngày 05/09", []),
        ("gửi ảnh ghép mặt đòi tiền, G6: 084 993 012, G7: 07 38 61 27", []),
        ("x là số nghiệm, 0x735 trong hệ 16", []),
        ("Bơi ngược dòng 4128053791 mét", []),
    ],
)
def test_other_words_are_no_instruction(text: str, values: list[str]) -> None:
    assert phones(text) == values


@given(
    st.lists(
        st.sampled_from(["ngược ", "bỏ chữ ", "x là số 9 ", "0", "9x", "73", "\n", "đầu mỗi dòng ", "thêm 0 ", "84"]),
        max_size=30,
    )
)
def test_instructions_in_any_order_leave_spans_that_slice_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert all(text[mention.start : mention.end] == mention.raw for mention in extract(text))
