"""Numbers that only a search over all readings of every sign finds, and rows that are none."""

from __future__ import annotations

import pytest

from extraction.extract import extract


def phones(text: str) -> list[str]:
    """Values of the phones of a text."""
    return [mention.value for mention in extract(text) if mention.kind == "phone"]


@pytest.mark.parametrize(
    "text",
    [
        "zalo: không9bảy3năm0tám2một4", "lh 0973 năm0tám 214", "gọi em 0973a508b214", "zl 0973zz508zz214 nhé", "lh Ô973.508.214", "lh 0973 5O8 2|4",
        "lh 0973 <3 508 <3 214", "lh 0973 em 508 Lan 214", "lh không chín bảy ba năm lẻ tám hai một bốn", "sdt khôngchínbảybanămkhôngtámhaimộtbốn",
        "gọi chín bảy ba năm không tám hai một bốn thêm 0", "<b>0973</b><i>508</i>214 gọi em", "lh %30%39%37%33508214", "lh 0ⅸⅶⅲv0ⅷⅱ14", "0973 5không8 214",
    ],
)  # fmt: skip
def test_a_hidden_number_is_read(text: str) -> None:
    assert phones(text) == ["+84973508214"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("lh 084 hai số chín ba không một hai bảy", "+84849930127"),
        ("zalo 09 đôi 7 508 2 cặp 1", "+84977508211"),
        ("lh 0849 ba số 0 127", "+84849000127"),
    ],
)
def test_counted_digits_are_written_out(text: str, value: str) -> None:
    assert phones(text)[:1] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "Màu #0973A5, #38F127, mã Pantone 7459C, RAL 7021.", "G3 07082 15936 05627 18340 08499 30127", "07 38 61 27 09 12", "vé số 0973508214 trúng giải",
        "Ở ba năm, bảy tháng, tám ngày mới được về; ở năm tháng hai nghỉ.", "Không ba, không mẹ, một mình nuôi hai em năm sáu tuổi, bảy tám năm trời.",
        "SĐT của khách được che: 09xx, 03xx; tổng 35082 lượt gọi.", "Số đăng ký thuốc VD-0973-50, GPNK 0386/127, số kiểm soát 07082159.",
    ],
)  # fmt: skip
def test_rows_codes_and_stories_are_no_numbers(text: str) -> None:
    assert phones(text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("đậu 🇦🇺09🇦🇺00🇦🇺00🇦🇺00🇦🇺12", ["+84900000012"]),
        ("LH 0..9....0.0...00.......0..0..1..2", ["+84900000012"]),
        ("gọi 0_9-0.0/0 0-0_0.1/2 nhé", ["+84900000012"]),
        ("0️⃣9️⃣3️⃣🎱5️⃣2️⃣🎱4️⃣1️⃣7️⃣", ["+84938528417"]),
        ("0900–000‒012", ["+84900000012"]),
        ("gọi 1900 1234 13 hoặc", ["1900123413"]),
        ("hotline 1900 1234 24/7", ["19001234"]),
        ("số 0900000012/13/14 đều của một đứa", ["+84900000012", "+84900000013", "+84900000014"]),
        ("đọc: không(0) chín(9) không(0) không(0) không(0) không(0) không(0) không(0) một(1) hai(2)", ["+84900000012"]),
        ("XSMB: G4 2184 - 9077 - 3365 - 0912. G7 08 - 37 - 74 - 91", []),
        ("mã vận đơn J&T 840900000012, GHN", []),
        ("thẻ BHYT DN 4 79 79 0900000012", []),
        ("model RXM35-0900000012V: công suất", []),
        ("của căn 0912 là 742.385đ, ai", []),
    ],
)
def test_a_row_has_one_manner_of_separating(text: str, values: list[str]) -> None:
    assert [mention.value for mention in extract(text) if mention.kind in ("phone", "hotline")] == values


@pytest.mark.parametrize(
    "text",
    [
        "số 0, rồi số 9, rồi số 7, rồi số 3, rồi số 5, rồi số 0, rồi số 8, rồi số 2, rồi số 1, rồi số 4", "zalo 09:73:50:82:14", "call 09/73/50/82/14",
        "lh 0973 alo 508 alo 214", "sđt kh0ng ch1n b4y b4 n4m kh0ng t4m h4i m0t b0n", "gọi kho6ng chi1n ba3y ba na8m kho6ng ta1m hai mo65t bo61n",
        "lh khoong chisn bary ba nawm khoong tasm hai moojt boosn", "zalo khôngg chínn bảyy baa nămm khôngg támm haii mộtt bốnn",
        "gọi không chín mươi bảy, ba mươi lăm, không tám, hai mốt, bốn", "số: không cửu thất tam ngũ không bát nhị nhất tứ",
        "zalo 0🕘🕖🕒🕔0🕗🕑🕐🕓", "zalo: 4 số đầu 0973, 3 số giữa 508, 3 số cuối 214", "số 0973, tiếp theo 508, cuối cùng 214",
        "call em 09 con mèo 73 con chó 50 con gà 82 con vịt 14 con lợn", "oh nine seven three five oh eight two one four call me",
        "zalo 0 nhà 9 nhà 7 nhà 3 nhà 5 nhà 0 nhà 8 nhà 2 nhà 1 nhà 4", "hẹn lúc 09:73:50:82:14 nhé", "gọi 0 IX VII III V 0 VIII II I IV",
        "hông chín bải pa nam hông tém hai mụt bón", "kh.ông ch.ín b.ảy b.a n.ăm kh.ông t.ám h.ai m.ột b.ốn", "gọi k h ô n g c h í n b ả y b a n ă m k h ô n g t á m h a i m ộ t b ố n",
        "+--+--+--+\n| 0 | 9 | 7 |\n+--+--+--+\n| 3 | 5 | 0 |\n+--+--+--+\n| 8 | 2 | 1 | 4 |\n+--+--+", "zalo: 0 (không) 9 (chín) 7 (bảy) 3 (ba) 5 (năm) 0 8 2 1 4",
        "ai cần thì gọi: số không, số chín, số bảy, số ba, số năm, số không, số tám, số hai, số một, số bốn", "số ( 0 9 7 3 ) - ( 5 0 8 ) - ( 2 1 4 )",
    ],
)  # fmt: skip
def test_a_number_hidden_in_one_manner_all_along_is_read(text: str) -> None:
    assert phones(text) == ["+84973508214"]


@pytest.mark.parametrize(
    "text",
    [
        "tỷ lệ 0.0973508214 mỗi năm", "lh phòng 09 tầng 38 block 20 căn 7461 xem nhà mẫu", "mở cửa 09:30, 10:45, 13:15, 15:20", "gọi 09 người, 30 bàn, 20 ghế, 5000 đ",
        "G7 073 - 508 - 214, G6 2816 - 0973, G3 84059, G2 21645", "Xe 09A, 16, 20B, 26, 32", "Cô đọc: không, chín, tám, bảy, sáu, năm, bốn, ba, hai, một", "Chỉ số điện 08417 -> 08693",
        "Ngày 09/12/2024, 08/11/2024 và 07/10/2024", "em Lee không bán, ai mua 9 cái thì 35 nghìn, 08 cái 21 nghìn",
    ],
)  # fmt: skip
def test_times_measures_and_decimals_are_no_numbers(text: str) -> None:
    assert phones(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0973 7 x2 08 21", "+84973770821"),
        ("gọi 09 hai số 7 508 214", "+84977508214"),
        ("097 tứ quý 8 214", "+84978888214"),
    ],
)
def test_counts_before_and_behind_a_digit_are_written_out(text: str, value: str) -> None:
    assert phones(text) == [value]
