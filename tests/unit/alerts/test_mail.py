from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from attrs import evolve

from alerts.mail import LeadCase, Letterhead, compose, evidence_hash, excerpt, header_text, lead_message, show
from model.document import Document, DocumentVersion, Entity, Mention, Picture
from model.errors import DeliveryRefusedError
from model.lead import Lead, LeadIdentifier
from model.message import Message, Recipient

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HEAD = Letterhead(sender="canhgiac@so.example.vn", console_url="http://10.0.0.5:8600")
DESK = Recipient(id="truc", name="Trực ban", addresses=("truc@example.vn",), escalate_after=timedelta(hours=1))
CHIEF = Recipient(id="tp", name="Trưởng phòng", addresses=("tp@example.vn",))
TEXT = "Vay nhanh <script>alert(1)</script> gọi 0900000001 hoặc https://vay.zq9.top/x {{ 7|add:7 }} a@b.vn"


@pytest.fixture
def case(
    document: Callable[..., Document], phone: Callable[..., Mention], version: Callable[[Document], DocumentVersion]
) -> LeadCase:
    lead = Lead(
        id="lead1",
        code="CG-7",
        title="Cho vay thu phí trước",
        key="phone:+84900000001",
        priority="immediate",
        score=60,
        reason="Có số nghi vấn.",
        novelty="Chưa từng thấy.",
        created=NOW,
        first_seen=NOW,
        last_seen=NOW,
        documents=("d",),
        identifiers=(
            LeadIdentifier(entity=Entity(kind="phone", value="+84900000001"), role="suspect", mentions=3, documents=2),
            LeadIdentifier(
                entity=Entity(kind="account", value="VCB:1010000000001"),
                role="suspect",
                attributes={"bank": "VCB", "holder": "<b>LE.VAN</b> http://x.vn"},
            ),
            LeadIdentifier(entity=Entity(kind="link", value="vay.zq9.top/x"), role="suspect"),
        ),
    )
    item = document("1", TEXT, phone("0900000001"), views=1200)
    return LeadCase(lead=lead, documents=[version(item)], titles=[lead.title], places=["Lâm Đồng (gồm Bình Thuận cũ)"])


def both(case: LeadCase, recipient: Recipient = DESK, **more: object) -> Message:
    return lead_message(case, recipient, "truc@example.vn", head=HEAD, now=NOW, **more)[1]  # type: ignore[arg-type]


def test_the_subject_tells_the_query_and_the_place_and_nothing_of_the_post(case: LeadCase) -> None:
    assert both(case).subject == "[KHẨN][CHƯA XÁC MINH] CG-7 Cho vay thu phí trước – Lâm Đồng"


def test_the_only_live_link_is_the_consoles(case: LeadCase) -> None:
    message = both(case, stand_in=CHIEF)
    for text in (message.text, message.html):
        assert re.findall(r"https?://[^\s\"<]+", text) == ["http://10.0.0.5:8600/vu-viec/CG-7/"]
        assert "zq9.top" not in text
        assert "a@b.vn" not in text
        assert "tel:" not in text
        assert not re.search(r"\d{5,}", re.sub(r"#[0-9a-f]{6}|[0-9a-f]{8}", "", text).replace("8600", ""))
    assert "<script" not in message.html
    assert "{{ 7|add:7 }}" in message.text


def test_identifiers_are_numbered_with_what_is_known_of_them(case: LeadCase) -> None:
    text = both(case).text
    assert "0900·000·001" in text
    assert "gặp 3 lần trong 2 bài" in text
    assert "ngân hàng VCB" in text
    assert "vay[.]zq9[.]top/x" in text


def test_an_identifier_from_a_picture_says_so_with_the_picture_defanged(case: LeadCase) -> None:
    read = {"image": "https://cdn.zq9.top/a.png", "read_by": "qr", "sure": "1.00", "amount": "500000", "box": "1,2,3,4"}
    found = LeadIdentifier(entity=Entity(kind="account", value="VCB:1010000000001"), role="suspect", attributes=read)
    text = both(evolve(case, lead=evolve(case.lead, identifiers=(found,)))).text
    assert "mã ghi số tiền 500.000 đồng, đọc từ ảnh (mã QR, chắc 100%); máy đoán: nghi vấn" in text
    assert "Ảnh: hxxps[:]//cdn[.]zq9[.]top/a[.]png" in text


def test_an_excerpt_tells_what_pictures_say_with_numbers_hidden(
    document: Callable[..., Document], phone: Callable[..., Mention], version: Callable[[Document], DocumentVersion]
) -> None:
    said = "Zalo 0900000001 nha"
    item = document("1", "Xem ảnh", pictures=(Picture(digest="a" * 64, text=said),))
    item = evolve(item, mentions=(phone("0900000001", field="image", start=5, end=15),))
    assert excerpt(version(item)) == "Xem ảnh [Trong ảnh:] Zalo 09•••••001 nha"
    bare = evolve(item, pictures=())
    assert evidence_hash([version(item)]) != evidence_hash([version(bare)])


def test_a_recipient_may_be_shown_masked_identifiers(case: LeadCase) -> None:
    masked = Recipient(id="xa", name="Xã", addresses=("xa@example.vn",), masking="identifiers")
    text = both(case, masked).text
    assert "0900·000·001" not in text
    assert "•" in text
    assert "LE[.]VAN" not in text


def test_the_mail_says_who_has_it_and_when_it_goes_on(case: LeadCase) -> None:
    assert "trước 11:00 ngày 20/11/2026, tin chuyển cho Trưởng phòng" in both(case, stand_in=CHIEF).text


def test_later_news_thread_under_the_first_mail(case: LeadCase) -> None:
    first, update = both(case), both(case, purpose="update:warning")
    assert first.references == ()
    assert update.references == (first.message_id,)
    assert update.message_id != first.message_id
    assert both(case).message_id == first.message_id
    assert "[TIN THÊM]" in update.subject
    assert "ĐÍNH CHÍNH" in both(case, purpose="correction").subject


def test_an_excerpt_hides_every_number_and_keeps_prices(
    document: Callable[..., Document], phone: Callable[..., Mention], version: Callable[[Document], DocumentVersion]
) -> None:
    text = "Giá 300-500k, gọi 0900000001, cccd 012345678901\x00\u202e\n\nxong. " + "dài " * 200
    shown = excerpt(version(document("1", text, phone("0900000001"))))
    assert "300-500k" in shown
    assert "0900000001" not in shown
    assert "012345678901" not in shown
    assert "\u202e" not in shown
    assert shown.endswith("…")


@pytest.mark.parametrize("kind", ["phone", "hotline", "account", "link", "wallet"])
def test_no_value_is_shown_as_a_number_to_call(kind: str) -> None:
    for value in ("+84900000001", "19001234", "VCB:1010000000001", "a.vn/0900000001", "MOMO:0900000001"):
        assert not re.search(r"\d{5,}", show(kind, value))


HOSTILE = [
    "a\r\nBcc: x@evil.example", "a\nb", "a\x0bb\x0cc", "a\x1cb\x1dc\x1ed", "a\x85b", "a\u2028b\u2029c", "a\x00b",
    "=?utf-8?q?hi=0D=0ABcc=3A_x=40evil=2Eexample?=", "=?x?=?utf-8?b?DQo=?=", "\ud800\udfff", "\u202eabc", "x" * 100_000, "\ufffe\uffff", "\t \t",
]  # fmt: skip


@pytest.mark.parametrize("evil", HOSTILE)
def test_header_values_never_leave_their_header(evil: str) -> None:
    message = Message(subject=evil, text="x", html="<p>x</p>", message_id="a@b.vn", headers={"X-CanhGiac-Lead": evil})
    data = compose(message, sender="c@so.example.vn", sender_name=evil, address="t@example.vn", date=NOW)
    head = data.partition(b"\r\n\r\n")[0]
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert names == [
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"X-CanhGiac-Lead",
        b"MIME-Version",
        b"Content-Type",
    ]
    assert max(len(line) for line in data.split(b"\r\n")) < 998
    parsed = message_from_bytes(data, policy=policy.default)
    assert parsed["Bcc"] is None
    assert str(parsed["To"]) == "t@example.vn"


@pytest.mark.parametrize("address", ["", "no-at", "a b@c.vn", "a@b.vn\r\nBcc: x@y.vn", "a@b.vn, x@y.vn"])
def test_an_unusable_address_is_refused(address: str) -> None:
    message = Message(subject="s", text="x", html="", message_id="a@b.vn")
    with pytest.raises(DeliveryRefusedError):
        compose(message, sender="c@so.example.vn", sender_name="S", address=address, date=NOW)


def test_a_message_id_or_reference_cannot_add_headers() -> None:
    message = Message(
        subject="s", text="x", html="", message_id="a@b.vn>\r\nBcc: <x@y.vn", references=("z\nBcc: q@y.vn",)
    )
    with pytest.raises(DeliveryRefusedError):
        compose(message, sender="c@so.example.vn", sender_name="S", address="t@example.vn", date=NOW)


def test_header_text_is_one_bounded_line() -> None:
    assert header_text("  a \r\n b\u200bc  ") == "a bc"
    assert len(header_text("x" * 1000)) == 200


def test_a_long_vietnamese_subject_arrives_as_it_was_written() -> None:
    subject = (
        "[KHẨN][CHƯA XÁC MINH] CG-15 Nhận lấy lại tiền đã bị lừa – chưa rõ địa bàn, Lâm Đồng, Thành phố Hồ Chí Minh"
    )
    message = Message(subject=subject, text="x", html="", message_id="a@example.vn")

    data = compose(
        message,
        sender="canhgiac@example.vn",
        sender_name="Cảnh Giác",
        address="truc@example.vn",
        date=datetime(2026, 11, 20, tzinfo=UTC),
    )

    assert message_from_bytes(data, policy=policy.default)["Subject"] == subject
    assert max(map(len, data.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78
