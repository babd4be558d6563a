"""Step 4: drafts become kept documents; lines become drafts; bad ones are refused alone and say why."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from indexer.ingest import ingest, line_refusal, prepare, read_line
from model.document import Document, Picture, Role
from model.errors import BadDocumentError, StaleFenceError
from model.source import Cursor, ItemState, ListedItem
from store import documents, leases, sources
from store.invariants import broken
from town.pictures import CODE, draw

Line = Callable[..., Document]


@pytest.fixture
def line(now: datetime) -> Line:
    """Reads one line made of these fields."""
    return lambda **fields: read_line(json.dumps(fields), now=now)


@pytest.fixture
def draft(now: datetime) -> Line:
    def make(text: str, **more: object) -> Document:
        fields: dict[str, object] = {
            "source": "dien_dan",
            "source_kind": "forum",
            "external_id": "",
            "collected": now,
            **more,
        }
        return Document(text=text, **fields)  # type: ignore[arg-type]

    return make


# Lines


def test_a_full_line(line: Line) -> None:
    read = line(
        source="dien_dan",
        source_kind="forum",
        external_id="77",
        url="https://a.example/77",
        title="Cảnh báo",
        text="Nội dung",
        author="Lan",
        published="2026-06-30T08:00:00",
        collected="2026-06-30T03:00:00Z",
        counts={"likes": 3, "comments": "12", "shares": 2.0},
        views=9,
        images=["https://a.example/1.jpg"],
        unknown="passed over",
    )
    assert read == Document(
        source="dien_dan",
        source_kind="forum",
        external_id="77",
        url="https://a.example/77",
        title="Cảnh báo",
        text="Nội dung",
        author="Lan",
        published=datetime(2026, 6, 30, 1, tzinfo=UTC),
        collected=datetime(2026, 6, 30, 3, tzinfo=UTC),
        likes=3,
        comments=12,
        shares=2,
        views=9,
        images=("https://a.example/1.jpg",),
    )


def test_the_least_line(line: Line, now: datetime) -> None:
    assert line(text="x") == Document(source="imported", source_kind="social", external_id="", text="x", collected=now)


@pytest.mark.usefixtures("reads_pictures")
def test_pictures_in_the_line_are_read_and_named_by_their_hash(line: Line) -> None:
    data = b64encode(draw(CODE, "https://qua-tet-zq9.top/nhan")).decode()
    bad = "data:image/png;base64,!"
    read = line(text="Quét mã nhận quà", images=["https://a.example/1.jpg", f"data:image/png;base64,{data}", bad])
    named, first, second = read.images
    assert named == "https://a.example/1.jpg"
    assert (first, second) == tuple(one.address for one in read.pictures)
    assert first.startswith("sha256:")
    assert [one.text for one in read.pictures] == ["https://qua-tet-zq9.top/nhan", ""]
    assert read.pictures[1].problems == ("not_a_picture",)
    assert [one.value for one in prepare(read).mentions] == ["qua-tet-zq9.top/nhan"]


def test_html_is_read_where_there_is_no_text(line: Line) -> None:
    assert "xin" in line(html="<p>xin <b>chào</b></p><script>x()</script>").text
    assert "x()" not in line(html="<p>xin</p><script>x()</script>").text
    assert line(text="a", html="<p>b</p>").text == "a"


@pytest.mark.parametrize(
    ("written", "meant", "precision"),
    [
        ("2026-06-30T08:00:00", "2026-06-30T01:00:00", "minute"),
        ("2026-06-30T08:00:00+00:00", "2026-06-30T08:00:00", "minute"),
        ("2026-06-30T08:00:00.123Z", "2026-06-30T08:00:00.123", "minute"),
        ("2026-06-30 08:00", "2026-06-30T01:00:00", "minute"),
        ("2026-06-30", "2026-06-29T17:00:00", "day"),
        ("30/06/2026 08:00", "2026-06-30T01:00:00", "minute"),
        (1782781200, "2026-06-30T01:00:00", "minute"),
        (1782781200123, "2026-06-30T01:00:00.123", "minute"),
    ],
)
def test_times(line: Line, written: object, meant: str, precision: str) -> None:
    read = line(text="x", published=written)
    assert read.published == datetime.fromisoformat(meant).replace(tzinfo=UTC)
    assert read.published_precision == precision


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"likes":' + "9" * 5000 + "}", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"text":5}', "text: 5 is not a text"),
        ('{"text":"a","source":["x"]}', "source: "),
        ('{"text":"a","source_kind":"blog"}', 'source_kind: "blog" is unknown; write one of news, warning'),
        ('{"text":"a","published":"hôm nọ"}', "published: .*2026-07-01T09:30:00"),
        ('{"text":"a","published":"0001-01-01T00:00:00"}', "published"),
        ('{"text":"a","published":"9999-12-31T23:59:59-12:00"}', "published"),
        ('{"text":"a","published":true}', "published"),
        ('{"text":"a","published":1e300}', "published"),
        ('{"text":"a","published":NaN}', "published"),
        ('{"text":"a","collected":{}}', "collected"),
        ('{"text":"a","likes":9223372036854775808}', "likes: 9223372036854775808 is not a whole number"),
        ('{"text":"a","counts":{"views":-1}}', "views"),
        ('{"text":"a","shares":true}', "shares"),
        ('{"text":"a","likes":Infinity}', "likes"),
        ('{"text":"a","counts":[1]}', "counts"),
        ('{"text":"a","images":{"a":1}}', "images"),
        ('{"text":"a","external_id":{"a":1}}', "external_id"),
    ],
)
def test_a_bad_line_says_what_is_wrong(text: str, problem: str, now: datetime) -> None:
    with pytest.raises(BadDocumentError, match=problem) as refused:
        read_line(text, now=now)
    assert len(str(refused.value)) < 400
    row = line_refusal(text, refused.value, now)
    assert (row.reason, len(row.payload) <= 65_536) == (str(refused.value), True)


def test_ids_may_be_numbers(line: Line) -> None:
    assert line(text="x", external_id=12345678901234567).external_id == "12345678901234567"


# Preparing


def test_the_id_is_the_source_s_own_then_the_address_then_the_content(draft: Line) -> None:
    assert prepare(draft("x", external_id=" 7 ", url="https://a.example/1")).external_id == "7"
    assert prepare(draft("x", url="https://A.example/1?utm_source=z#top")).external_id == "https://a.example/1"
    by_content = [prepare(draft(text)).external_id for text in ("một bài", "một bài", "bài khác")]
    assert by_content[0] == by_content[1] != by_content[2]
    assert len(prepare(draft("x", external_id="a" * 9000)).external_id) < 100


def test_what_breaks_databases_is_cleaned(draft: Line) -> None:
    ready = prepare(draft("a\ud800b\0c", title="t\0", author="\udfff", external_id="1\0", url="https://a.example/\0"))
    for text in (ready.text, ready.title, ready.author, ready.external_id, ready.url):
        text.encode("utf-8")
        assert "\0" not in text


def test_a_draft_is_read(draft: Line) -> None:
    ready = prepare(
        draft(
            "Công an tỉnh Bình Thuận cảnh báo: đối tượng gọi từ số 0912 345 678 tự xưng công an, yêu cầu chuyển tiền.",
            title="Giả danh công an",
        )
    )
    assert ready.language == "vi"
    assert ready.fingerprint
    assert ready.bands
    for mention in ready.mentions:
        field = ready.title if mention.field == "title" else ready.text
        assert field[mention.start : mention.end] == mention.raw


def test_victims_are_masked_before_anything_is_kept(draft: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Nạn nhân số 0912345678 kể lại."
    ready = prepare(draft(text))
    victims = [mention for mention in ready.mentions if mention.role is Role.VICTIM]
    assert all("345" not in mention.raw for mention in victims)
    assert len(ready.text) == len(text)


def picture(text: str, number: int = 1) -> Picture:
    """A picture whose letters were read surely."""
    words = ((0, len(text), 10, 20, 300, 40, 96),) if text else ()
    return Picture(address=f"https://a.example/{number}.jpg", digest=str(number) * 64, text=text, words=words)


def test_what_pictures_say_is_read_with_the_post(draft: Line) -> None:
    pictures = (picture("Zalo 0900 012 345"), picture("", 2), picture("STK 1010000000001 Vietcombank", 3))
    ready = prepare(draft("Vay nhanh trong ngày, nợ xấu vẫn duyệt, đóng phí hồ sơ trước", pictures=pictures))

    found = {mention.kind: mention for mention in ready.mentions}
    assert found["phone"].value == "+84900012345"
    assert found["account"].value == "VCB:1010000000001"
    assert {mention.field for mention in ready.mentions} == {"image"}
    assert all(ready.image_text[one.start : one.end] == one.raw for one in ready.mentions)
    assert found["account"].attributes["image"] == "https://a.example/3.jpg"
    assert found["phone"].role is Role.SUSPECT


def test_a_picture_that_came_later_makes_a_new_version_and_the_same_one_does_not(draft: Line) -> None:
    bare, shown = draft("Bài"), draft("Bài", pictures=(picture("Gọi 0900 012 345"),))
    unread = draft("Bài", pictures=(Picture(address="https://a.example/1.jpg", problems=("not_fetched: 404",)),))
    assert prepare(bare).fingerprint == prepare(unread).fingerprint != prepare(shown).fingerprint
    assert prepare(shown).fingerprint == prepare(shown).fingerprint


def test_posts_that_are_only_a_picture_have_families(draft: Line) -> None:
    said = "Tuyển cộng tác viên chốt đơn tại nhà, hoa hồng hai mươi phần trăm, nạp tiền làm nhiệm vụ. Zalo 0900 012 34"
    one, other = (prepare(draft("", pictures=(picture(f"{said}{end}", end),))) for end in (5, 6))
    assert set(one.bands) & set(other.bands)
    assert one.fingerprint != other.fingerprint


def test_victims_in_pictures_are_masked(draft: Line) -> None:
    said = "số 0912000678 của bà Lan tại Đà Lạt bị mất 50 triệu"
    ready = prepare(draft("Chuyện có thật", pictures=(picture("Ảnh một"), picture(said, 2))))
    assert "0912000678" not in ready.image_text
    assert [len(one.text) for one in ready.pictures] == [len("Ảnh một"), len(said)]
    victims = [mention for mention in ready.mentions if mention.role is Role.VICTIM]
    assert victims
    assert all(ready.image_text[one.start : one.end] == one.raw for one in victims)


def test_an_empty_draft_is_refused(draft: Line) -> None:
    with pytest.raises(BadDocumentError, match="neither title"):
        prepare(draft(" \n\0"))
    assert prepare(draft("", images=("https://a.example/1.jpg",))).external_id


# Ingesting


@pytest.mark.usefixtures("database")
def test_counts_and_outcomes(draft: Line, now: datetime) -> None:
    posts = [draft(f"Bài số {number} của tôi", external_id=str(number)) for number in range(120)]
    first = ingest([*posts, draft("  ")], now=now)
    assert (first.read, first.new, first.updated, first.unchanged, first.quarantined) == (121, 120, 0, 0, 1)
    assert [item.outcome for item in first.appended] == ["new"] * 120
    second = ingest([*posts[:5], draft("Bài đã sửa hẳn", external_id="7")], now=now)
    assert (second.read, second.new, second.updated, second.unchanged, second.quarantined) == (6, 0, 1, 5, 0)
    assert documents.count() == 120
    assert broken() == []


@pytest.mark.usefixtures("database")
def test_one_bad_item_costs_only_itself(draft: Line, now: datetime) -> None:
    broken_draft = draft("tốt", external_id="2")
    object.__setattr__(broken_draft, "published", "not a time")
    object.__setattr__(broken_draft, "title", 7)
    result = ingest([draft("một", external_id="1"), broken_draft, draft("ba", external_id="3", likes=2**70)], now=now)
    assert (result.read, result.new, result.quarantined) == (3, 1, 2)
    reasons = {item.external_id: item.reason for item in documents.quarantine_list()}
    assert "likes" in reasons["3"]
    assert ":" in reasons["2"]


@pytest.mark.usefixtures("database")
def test_nothing_at_all_is_fine(now: datetime) -> None:
    assert ingest([], now=now).read == 0


@pytest.mark.usefixtures("database")
def test_the_cursor_moves_with_the_last_batch(draft: Line, now: datetime) -> None:
    lease = sources.lease(["dien_dan"], "a", now=now, ttl=timedelta(minutes=1)).get("dien_dan")
    posts = [draft(f"Bài {number}", external_id=str(number)) for number in range(5)]
    listed = [ListedItem(external_id="0", url="u"), ListedItem(external_id="9", url="u9")]
    settled = {"0": ItemState.STORED}
    ingest(posts, now=now, lease=lease, cursor=Cursor(marks={"m": "1"}), listed=listed, settled=settled, batch=2)
    assert sources.cursor("dien_dan").marks == {"m": "1"}
    assert [item.external_id for item in sources.pending("dien_dan", now, 9)] == ["9"]
    assert lease is not None
    leases.release(lease)
    leases.acquire("source:dien_dan", "b", now=now, ttl=timedelta(minutes=1))
    with pytest.raises(StaleFenceError):
        ingest([draft("muộn", external_id="late")], now=now, lease=lease, cursor=Cursor())
    assert documents.known("dien_dan", ["late"]) == {}
    assert sources.cursor("dien_dan").marks == {"m": "1"}


@pytest.mark.usefixtures("database")
def test_a_lost_lease_stops_before_the_next_batch(draft: Line, now: datetime) -> None:
    lease = leases.acquire("source:dien_dan", "a", now=now, ttl=timedelta(minutes=1))

    def posts() -> object:
        for number in range(6):
            if number == 5:
                leases.acquire("source:dien_dan", "b", now=now + timedelta(minutes=2), ttl=timedelta(minutes=1))
            yield draft(f"Bài {number}", external_id=str(number))

    with pytest.raises(StaleFenceError):
        ingest(posts(), now=now, lease=lease, batch=2)  # type: ignore[arg-type]
    assert documents.count() == 2
