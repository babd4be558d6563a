"""Why an identifier stands in a text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from extraction.extract import extract
from extraction.roles import assign, is_official_domain, official_values
from model.document import Mention, Role


def roles(text: str, *, source_kind: str = "", title: str = "", url: str = "") -> list[str]:
    return [
        mention.role.value
        for mention in extract(text, source_kind=source_kind, title=title, url=url)
        if mention.field == "text"
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Cảnh giác số 0900000001 tự xưng cán bộ thuế", ["suspect"]),
        ("nhan tu so 84900000001 doa khoa tai khoan", ["suspect"]),
        ("lh O9OO.OOO.OO1 giai ngan trong ngay", ["suspect"]),
        ("Ship hàng toàn quốc lh 0900000008", ["neutral"]),
        ("Công an tỉnh (0252) 3800 001 tiếp nhận phản ánh", ["official"]),
        ("Mọi thắc mắc liên hệ tổng đài 1900 0000", ["official"]),
        ("soạn S (0900000001) (noi dung) gửi 156", ["example", "official"]),
        ("mình là nạn nhân, tk của mình VCB 1010000000001 bị trừ 3tr", ["victim"]),
        ("Chuyển nhầm cho STK 1010000000001 VCB NGUYEN VAN A, ai biết cho em xin liên hệ", ["neutral"]),
        ("Hotline tòa soạn 0900000006. Quảng cáo: 0900000007", ["chrome", "chrome"]),
    ],
)
def test_each_role_in_one_sentence(text: str, wanted: list[str]) -> None:
    assert roles(text) == wanted


def test_two_roles_in_one_sentence_are_told_apart() -> None:
    text = "Nếu nghi ngờ, khách hàng gọi 1900 0001 của ngân hàng; số 0900000009 giả danh nhân viên ngân hàng"
    assert roles(text) == ["official", "suspect"]


def test_a_victim_beside_the_caller() -> None:
    text = "Chị A. (Phường Mũi Né) nhận cuộc gọi từ số 0900.000.004, chị dùng số 0900.000.005"
    assert roles(text) == ["suspect", "victim"]


def test_a_header_reaches_to_the_line_that_says_where_to_report() -> None:
    text = "Danh sách các số lừa đảo sau:\n- 0900000001\n- 0900000002\n\nKhi bị lừa, liên hệ Công an qua 0693.000.001"
    assert roles(text, source_kind="warning") == ["suspect", "suspect", "official"]


def test_an_official_value_is_never_suspect() -> None:
    texts = [
        "Số 1900545413 lừa đảo, đừng nghe máy, nó tự xưng công an",
        "Vay nhanh giải ngân trong ngày hotline 1900545413 zalo 0900000001",
        "kẻ gian giả mạo số 0692348560 gọi hăm dọa",
        "bóc phốt 113",
    ]
    for text in texts:
        for mention in extract(text):
            if (mention.kind, mention.value) in official_values():
                assert mention.role in (Role.OFFICIAL, Role.SPOOFED), (text, mention)


def test_an_official_number_that_was_faked_is_spoofed() -> None:
    assert roles("Cuộc gọi hiển thị số 1900545413 là do kẻ gian giả số") == ["spoofed"]
    message = "VCB: tai khoan cua quy khach bi khoa, vui long vao vcb.zq2-digi.cc de mo. Hotline 1900545413"
    assert roles(message) == ["suspect", "spoofed"]


def test_a_genuine_notice_keeps_its_hotline_official() -> None:
    assert roles("Cam on Quy khach. Khong cung cap OTP cho bat ky ai. Hotline BIDV 19009247") == ["official"]


def test_words_without_marks_are_taken_only_where_the_text_has_none() -> None:
    assert roles("Bạn bè mua hàng liên hệ 0900000001 nhé") == ["neutral"]
    assert roles("bi lua roi, so 0900000001 chan zalo em") == ["suspect"]


def test_the_kind_of_source_changes_what_a_contact_means() -> None:
    assert roles("Khách cần hỗ trợ gọi 0252 3847 001", source_kind="warning") == ["official"]


def test_the_sites_own_address_is_chrome() -> None:
    assert roles("Xem thêm tại zqnews.vn/tin-1", url="https://zqnews.vn/tin-2.html") == ["chrome"]


def test_platforms_are_not_official_and_markets_only_at_their_door() -> None:
    assert not is_official_domain("zalo.me")
    assert is_official_domain("congan.lamdong.gov.vn")
    assert is_official_domain("online.acb.com.vn")
    assert not is_official_domain("acb.com.vn-zq9.life")
    assert roles("Link mua vali mình để ở shopee.vn/valizq") != ["official"]


def test_nothing_near_means_unknown() -> None:
    assert roles("0900000001") == ["unknown"]


def test_confidence_and_reason_are_given() -> None:
    (mention,) = extract("đối tượng gọi từ số 0900000001 lừa đảo")
    assert 0.5 < mention.confidence <= 1
    assert mention.reason


def test_mentions_come_back_in_order_and_otherwise_unchanged() -> None:
    text = "số 0900000001 và 0900000002"
    given: Sequence[Mention] = [
        Mention(kind="phone", value="+84900000001", raw="0900000001", start=3, end=13),
        Mention(kind="phone", value="+84900000002", raw="0900000002", start=17, end=27),
    ]
    returned = assign(text, given)
    assert [(mention.value, mention.start, mention.end) for mention in returned] == [
        (m.value, m.start, m.end) for m in given
    ]
    assert assign(text, given) == returned
    assert assign("", []) == ()
