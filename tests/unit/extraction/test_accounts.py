"""Banks by any name, payments by QR, and which bank belongs to which number."""

from __future__ import annotations

import pytest

from extraction.extract import extract
from extraction.institutions import institution_of
from extraction.vietqr import crc16, read_payload

PAYLOAD = "00020101021138540010A00000072701240006970436011010000000010208QRIBFTTA53037045802VN6304903A"


@pytest.mark.parametrize(
    ("name", "code"),
    [("Vietcombank", "VCB"), ("v.c.b", "VCB"), ("Viet com bank", "VCB"), ("Vietc0mbank", "VCB"), ("vjetcombank", "VCB"), ("vietcombnk", "VCB"), ("Ngân hàng Quân đội", "MB"), ("M0M0", "MOMO"), ("ví zalo", "ZALOPAY")],
)  # fmt: skip
def test_an_institution_has_many_names(name: str, code: str) -> None:
    institution = institution_of(name)
    assert institution is not None
    assert institution.code == code


def test_ordinary_words_are_no_bank() -> None:
    assert institution_of("chiều nay") is None


def test_payload_with_a_wrong_checksum_pays_nothing() -> None:
    payment = read_payload(PAYLOAD)
    assert payment is not None
    assert (payment.bank, payment.number) == ("VCB", "1000000001")
    assert read_payload(PAYLOAD[:-1] + "B") is None
    assert crc16("123456789") == "29B1"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("VCB 1012345678, MB 2022345678", ["VCB:1012345678", "MB:2022345678"]),
        ("STK 1012345678 VCB, 2022345678 MB", ["VCB:1012345678", "MB:2022345678"]),
        ("Vietcombank\n1012345678\nNGUYEN VAN A\n\nMB Bank\n2022345678", ["VCB:1012345678", "MB:2022345678"]),
        ("Ngân hàng: BIDV\nSố TK: 31410001234567\nChủ TK: LE VAN C", ["BIDV:31410001234567"]),
        ("stk 1012345678", ["?:1012345678"]),
    ],
)  # fmt: skip
def test_each_number_has_its_bank(text: str, values: list[str]) -> None:
    assert [mention.value for mention in extract(text) if mention.kind == "account"] == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ocb | HUYNH TAN PHAT | 0100\n1000 8872\n5143 nhận tiền", "account OCB:0100100088725143"),
        ("VCB\n1012\n3344\n5566", "account VCB:101233445566"),
        ("TPBank 03/884/72/156/1 LY GIA HAN - ck", "account TPB:03884721561"),
        ("ck MB, stk trùng luôn số zalo 0857 412 936 nhé", "account MB:0857412936"),
        ("Số tài khoản kiêm sđt: 0857412936 - MB", "account MB:0857412936"),
        ("chuyển qua m0m0 0.9.6.1.4.4.8.2.7.3 giúp e", "wallet MOMO:0961448273"),
        ("chuyển sh0peepay O77.4I8.2O63 nghen", "wallet SHOPEEPAY:0774182063"),
        ("chuyển nhanh qua số thẻ 97O4 O7OO 88l2 3453 nhé", "card 970407******3453"),
    ],
)
def test_a_number_is_read_over_what_breaks_it(text: str, value: str) -> None:
    assert value in [f"{mention.kind} {mention.value}" for mention in extract(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Vietcombank 1012345678\n0987654321 gặp Lan",
        "chuyển vào STK 1012345678 VCB, liên hệ SĐT 0987654321",
        "Vietinbank khai trương 15/11/2026",
    ],
)
def test_lines_phones_and_dates_stay_apart(text: str) -> None:
    assert {mention.value for mention in extract(text) if mention.kind == "account"} <= {"VCB:1012345678"}


@pytest.mark.parametrize(
    ("text", "holder"),
    [
        ("STK: 1010000000001 - VCB - NGUYEN VAN A", "NGUYEN VAN A"),
        ("Chủ TK: Trần Thị Bích\nSTK 1010000000001 VCB", "Trần Thị Bích"),
        ("STK 1010000000001 VCB CTY TNHH MAU XANH", "CTY TNHH MAU XANH"),
        ("STK 1010000000001 VCB GIAO DICH NHANH", ""),
    ],
)  # fmt: skip
def test_the_holder_is_kept_as_written(text: str, holder: str) -> None:
    (mention,) = [mention for mention in extract(text) if mention.kind == "account"]
    assert mention.attributes.get("holder", "") == holder


@pytest.mark.parametrize(
    "text",
    [
        "BIDV 2025 - 2030",
        "Vietcombank lãi 1.234.000 đồng",
        "500 MB data",
        "MB 4G 90 ngày",
        "VCB giá 95.400",
        "sổ tk 12 tháng",
    ],
)
def test_amounts_and_years_beside_a_bank_are_no_account(text: str) -> None:
    assert [mention for mention in extract(text) if mention.kind in ("account", "wallet")] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("stk\n1\n0\n1\n2\n3\n4\n5\n6\n7\n8\nvcb", "VCB:1012345678"),
        ("stk 1🌸0🌸1🌸2🌸3🌸4🌸5🌸6🌸7🌸8 vcb", "VCB:1012345678"),
        ("stk 1012x345x678 vcb", "VCB:1012345678"),
        ("stk đầu 1012 giữa 345 cuối 678 vcb", "VCB:1012345678"),
        ("1012 chấm 345 chấm 678 vietcombank NGUYEN VAN A", "VCB:1012345678"),
        ("stk: 1012/345/678 - v/c/b", "VCB:1012345678"),
        ("stkvcb1012345678", "VCB:1012345678"),
        ("vcbstk1012345678nguyenvana", "VCB:1012345678"),
        ("vê cê bê 1012345678", "VCB:1012345678"),
        ("stk 1012345678 vi xi bi", "VCB:1012345678"),
        ("mờ bê 1012345678 nguyen van a", "MB:1012345678"),
        ("bi ai đi vi 1012345678 LE VAN C", "BIDV:1012345678"),
        ("xa com banh 1012345678 NGUYEN VAN A", "STB:1012345678"),
        ("Sacom 0602 5tám1 bảy3hai 49 DANG NGOC SON", "STB:060258173249"),
        ("stk (bỏ chữ): 1a0b7c8d7e2f4g3h9i2j1k5 - vietin", "ICB:107872439215"),
        (
            "Ngân hàng quân đội, số tài khoản là số đt luôn: không chín bảy hai, năm tám một, bốn sáu ba",
            "MB:0972581463",
        ),
        ("stk 1903 rồi 6271 rồi 8840 rồi 15, techcombank", "TCB:19036271884015"),
        ("ngân hàng công thương, số 10787 24392 15", "ICB:107872439215"),
        ("stk 70820000153 á chau", "ACB:70820000153"),
        ("ck vô 1046000228 nha", "?:1046000228"),
        ("Chuyển vào số tài khoản 1046000228 giúp em. Em dùng bên Vietcombank nhé", "VCB:1046000228"),
    ],
)
def test_accounts_parted_by_any_sign_and_banks_by_ear(text: str, value: str) -> None:
    assert value in {mention.value for mention in extract(text) if mention.kind == "account"}


@pytest.mark.parametrize(
    "text",
    [
        "em bé 0912345678 ngoan",
        "em be 0912345678 ngoan",
        "ca sĩ bị ốm 0912345678",
        "họp 12/03/2024 ở ACB",
        "hỏi thẳng kho bạc 0263 3822 050",
        "VCB năm 2025 lãi 7 nghìn tỷ",
        "ACB năm 2024, 2025",
    ],
)
def test_names_of_letters_are_words_too(text: str) -> None:
    assert not [mention for mention in extract(text) if mention.kind == "account"]
