"""Scam forms: a phrase is not enough."""

from __future__ import annotations

import pytest

from extraction.extract import extract
from extraction.narratives import form, forms, narratives


def shown(text: str) -> tuple[str, ...]:
    return narratives("", text, extract(text))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Vay nhanh 24/7, nợ xấu vẫn duyệt, giải ngân trong ngày, lh 0900000001", "S07"),
        ("vay nhanh k the chap, giai ngan trong ngay, zalo 0900000001", "S07"),
        ("Số 0900000001 tự xưng công an, nói tôi liên quan đường dây rửa tiền", "S14"),
        ("điện lực gọi báo nợ tiền điện, 0900000001 dọa cắt điện", "N10"),
        ("số 0900000001 giả danh cán bộ thuế bắt cài file apk", "N09"),
        ("thuê tài khoản ngân hàng 500k một tháng, ib tele @bank_zq9", "N21"),
        ("tự nhiên nhận được tiền lạ, sau đó 0900000001 gọi bảo chuyển nhầm, đòi trả lại kèm lãi", "S17"),
        ("Cảnh báo: nhiều cụ già bị lừa vì tin cuộc gọi của công an rởm đòi chuyển tiền vào tài khoản an toàn", "S14"),
        ("có người bên cứu hỏa số 0900000001 ép mua bộ sổ tay, lừa đảo đó", "N12"),
    ],
)
def test_form(text: str, wanted: str) -> None:
    assert wanted in shown(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ngân hàng giải ngân trong ngày cho các hộ vay vốn trồng cà phê",
        "thuê xe máy 0900000001",
        "bán nhà mặt tiền, sổ hồng riêng, lh 0900000001",
        "Lễ hội hoa năm nay có gì mới",
        "tôi lỡ chuyển nhầm tiền vào stk 1010000000001 vcb, nhờ bác chủ tài khoản liên hệ tôi xin lại",
        "Nộp phạt trực tuyến tại dichvucong.gov.vn, hotline 18001096",
        "",
    ],
)
def test_phrase_alone_or_honest_words_show_nothing(text: str) -> None:
    assert shown(text) == ()


def test_all_62_forms_are_there_in_order() -> None:
    assert len(forms()) == 62
    assert list(forms())[:2] == ["S01", "S02"]
    assert form("S14").name.startswith("Giả danh cơ quan công an")
    with pytest.raises(KeyError):
        form("X01")


def test_the_particular_form_is_told_and_not_the_general_one_that_goes_with_it() -> None:
    text = "nhân viên thuế gọi 0900000001 bắt cài ứng dụng etax giả, lừa đảo, mọi người cẩn thận"
    assert shown(text) == ("N09",)


def test_order_of_the_table_decides_nothing_but_the_order_told() -> None:
    assert list(shown("thuê tài khoản ngân hàng 500k, vay nhanh nợ xấu giải ngân 0900000001")) == sorted(
        shown("thuê tài khoản ngân hàng 500k, vay nhanh nợ xấu giải ngân 0900000001"), key=list(forms()).index
    )
