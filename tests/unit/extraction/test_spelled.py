"""Addresses that are read out: each case is one way of saying one sign."""

from __future__ import annotations

import pytest

from extraction.extract import extract


def values(text: str) -> set[str]:
    return {f"{mention.kind} {mention.value}" for mention in extract(text)}


@pytest.mark.parametrize(
    "text",
    [
        "vcb gạch ngang hoadon chấm top nha", "vcb dash hoadon dot top", "vcb hyphen hoadon dot top", "v c b - h o a d o n . t o p",
        "vcb-hoadon [dấu chấm] top", "vcb-hoadonchấmtop", "v*c*b-h*o*a*d*o*n.t*o*p", "Tên trang: vcb, tiếp là gạch ngang, tiếp là hoadon, đuôi top.", "vcb-hoadon\nchấm top", "vcb-hoadon\nchấm\ntop", "vcb-hoadon.t🔥o🔥p", "vcb-hoadon . t . o . p",
    ],
)  # fmt: skip
def test_a_host_is_read_out(text: str) -> None:
    assert values(text) == {"link vcb-hoadon.top"}


@pytest.mark.parametrize(
    "text",
    [
        "vcb-hoadon chấm top xẹt nhan", "vcb-hoadon chấm top xuyệc nhan", "vcb-hoadon dot top slash nhan", "vcb-hoadon.top gạch chéo nhan",
        "Vào\nvcb-hoadon\n.top\n/nhan\nnhé", "https%3A%2F%2Fvcb-hoadon.top%2Fnhan", "vcb-hoadon chấm top sờ lát nhan",
        "h t t p s : / / v c b - h o a d o n . t o p / n h a n", "https://vcb-hoadon .top /nhan",
    ],
)  # fmt: skip
def test_a_path_is_read_out(text: str) -> None:
    assert values(text) == {"link vcb-hoadon.top/nhan"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("shop88 chấm cờ o mờ", "link shop88.com"), ("shop88 chấm vê nờ", "link shop88.vn"), ("shop88 chấm v n", "link shop88.vn"), ("shop88;com", "link shop88.com"),
        ("shop-88 com (nhớ thêm dấu chấm)", "link shop-88.com"),
        ("zalo chấm me gạch chéo g gạch chéo abcxyz123", "handle zalo:g/abcxyz123"), ("z a l o . m e / g / abcxyz123", "handle zalo:g/abcxyz123"),
        ("t me slash hotro_zq247", "handle telegram:hotro_zq247"), ("telegram @hotro gạch dưới zq247", "handle telegram:hotro_zq247"),
        ("tê lê gờ ram: hotro_zq247", "handle telegram:hotro_zq247"), ("fb chấm com xẹt hotro chấm zq247", "handle facebook:hotro.zq247"),
        ("f b [.] c o m / hotro.zq247", "handle facebook:hotro.zq247"), ("phây búc: hotro.zq247", "handle facebook:hotro.zq247"),
        ("hotro gạch dưới zq a móc gmail chấm com", "email hotro_zq@gmail.com"),
        ("zalo.me/0912345678", "handle zalo:84912345678"), ("wa chấm me / 84 912 345 678", "handle whatsapp:84912345678"),
        ("Nhắn @tro_ly_zq88 nhé", "handle telegram:tro_ly_zq88"), ("zalo.me/84912345678", "handle zalo:84912345678"),
    ],
)  # fmt: skip
def test_other_addresses_are_read_out(text: str, value: str) -> None:
    assert value in values(text)


@pytest.mark.parametrize(
    "text",
    [
        "Xem bai.vn xét duyệt hồ sơ trong ngày", "Hai trang zq5.vn / zq5.com là một", "Em chấm điểm thi, trừ hai điểm", "a b c d e f g h i k",
        "Con đường dài 5 km / giờ thì chậm", "Gạch chân những từ khó trong bài",
    ],
)  # fmt: skip
def test_words_for_signs_are_words_too(text: str) -> None:
    assert values(text) <= {"link bai.vn", "link zq5.vn", "link zq5.com"}
