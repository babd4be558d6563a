from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from alerts.mail import Letterhead
from alerts.raise_leads import raise_leads
from model.document import Document, Mention
from model.message import Recipient
from model.query import SavedQuery
from reports import figures
from reports.digest import build, due_on, message, period_of, send_digest
from reports.figures import Period
from store import deliveries, documents, leads
from store.connect import connect, disconnect

DUE = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
NOW = DUE - timedelta(hours=2)
HEAD = Letterhead(sender="canhgiac@so.example.vn", console_url="http://10.0.0.5:8600")
READER = Recipient(id="lanh_dao", name="Lãnh đạo", addresses=("ld@example.vn", "pgd@example.vn"))
OTHER = Recipient(id="khac", name="Khác", addresses=("k@example.vn",), digest=False)
URGENT = SavedQuery(
    id="khan", title="Giả danh công an", form="S14", query='"lệnh bắt" and suspects: *', priority="immediate"
)
QUIET = SavedQuery(id="thuong", title="Cho vay thu phí", form="S07", query='"vay nhanh"', priority="digest")


@pytest.fixture(autouse=True)
def database(tmp_path: Path) -> Iterator[None]:
    connect(f"sqlite:///{tmp_path / 'db.sqlite'}")
    yield
    disconnect()


def put(number: int, text: str, role: str = "suspect", phone: str = "") -> None:
    value = phone or f"090000000{number}"
    mention = Mention(kind="phone", value=f"+84{value[1:]}", raw=value, start=0, end=10, role=role)
    documents.append(
        [
            Document(
                source="dien_dan", source_kind="forum", external_id=str(number), text=f"{value} {text}",
                mentions=(mention,), collected=NOW, fingerprint=str(number),
            )
        ],
        now=NOW,
    )  # fmt: skip


def raise_all() -> None:
    raise_leads(
        queries=[URGENT, QUIET], recipients=[READER], now=lambda: NOW, console_url=HEAD.console_url, sender=HEAD.sender
    )


def fill() -> None:
    put(1, "bảo có lệnh bắt")
    put(2, "vay nhanh lãi thấp")
    put(3, "vay nhanh tại quầy", role="official")
    put(4, "bán xe", role="neutral")
    raise_all()


def test_the_ledger_counts_every_matched_document_once() -> None:
    fill()
    book = figures.ledger(Period(start=DUE - timedelta(days=1), end=DUE), [URGENT, QUIET])
    assert (book.matched, book.mailed, book.digested) == (3, 1, 1)
    assert book.held == {figures.REASONS["official_only"]: 1}
    assert book.matched == book.mailed + book.digested + sum(book.held.values())


def test_the_subject_has_the_three_numbers_and_the_text_ten_sections() -> None:
    fill()
    digest = build(period_of(DUE), [URGENT, QUIET], now=DUE)
    made = message(digest, HEAD)
    assert "2 đầu mối mới, 2 chờ quyết định, 0 nguồn không thấy được" in made.subject
    assert [int(number) for number in re.findall(r"^(\d{1,2})\. [A-ZĐ]", made.text, re.M)] == list(range(1, 11))
    assert "3 bài khớp = 1 đã báo bằng thư + 1 trong bản tin + 1 giữ lại" in made.text
    for text in (made.text, made.html):
        assert "+84900000001" not in text
        assert not re.search(r"\b0\d{8,}", text)
        assert set(re.findall(r"https?://[^\s\"<]+", text)) == {"http://10.0.0.5:8600/ban-tin/"}


def test_a_slot_takes_effect_once_and_reaches_the_readers() -> None:
    fill()
    made = send_digest(due=DUE, queries=[URGENT, QUIET], recipients=[READER, OTHER], head=HEAD, now=DUE)
    assert made is not None
    assert [one.address for one in made] == ["ld@example.vn", "pgd@example.vn"]
    assert send_digest(due=DUE, queries=[], recipients=[READER], head=HEAD, now=DUE) is None
    assert len([one for one in deliveries.list_deliveries() if one.purpose == "digest"]) == 2


def test_an_empty_day_is_told_too() -> None:
    made = send_digest(due=DUE, queries=[], recipients=[READER], head=HEAD, now=DUE)
    assert made is not None
    assert "Không có đầu mối mới trong kỳ" in made[0].message.text


def test_after_a_pause_the_digest_covers_everything_since_the_last() -> None:
    send_digest(due=DUE, queries=[], recipients=[READER], head=HEAD, now=DUE)
    monday = DUE + timedelta(days=3)
    assert period_of(monday) == Period(start=DUE, end=monday)
    assert period_of(DUE) == Period(start=DUE - timedelta(days=1), end=DUE)


def test_overdue_leads_are_named_with_how_long_they_wait() -> None:
    fill()
    later = NOW + timedelta(hours=50)
    digest = build(Period(start=DUE, end=later), [URGENT, QUIET], now=later)
    assert len(digest.overdue) == 2
    assert "đã chờ 50 giờ" in message(digest, HEAD).text
    first = leads.list_leads()[0]
    leads.transition(first.id, "acknowledged", actor="an", now=NOW + timedelta(hours=40))
    again = build(Period(start=DUE, end=later), [URGENT, QUIET], now=later)
    assert len(again.overdue) == 1
    assert again.outcomes == [("đã nhận", 1)]


def test_due_on_is_vietnamese_time() -> None:
    assert due_on(DUE.date(), time(7, 30)) == DUE
