"""The document log behaves alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from model.document import Document, Mention, Quarantined
from model.errors import StaleFenceError
from model.ids import document_id
from model.source import Cursor, ItemState, ListedItem
from store import documents, leases, sources
from store.invariants import broken

pytestmark = pytest.mark.usefixtures("any_database")
Post = Callable[..., Document]


def match(value: int, *, after: int = 0, now: datetime) -> None:
    """What `alerts` does for versions that nothing met."""
    from store.leads import LeadChange, commit

    commit(LeadChange(checkpoint=("match", after, value)), now=now)


def test_a_document_comes_back_as_it_went_in(post: Post, now: datetime) -> None:
    mention = Mention(
        kind="account", value="VCB:1010", raw="1010", start=3, end=7, role="suspect", attributes={"holder": "A"}
    )
    document = post(
        1,
        "Chuyển 1010\nngay 🏦",
        title="Cần gấp",
        likes=3,
        shares=0,
        views=2**63 - 1,
        bands=("a", "b"),
        mentions=(mention,),
        published=now - timedelta(days=1),
        published_precision="day",
        images=("https://a.example/1.jpg",),
        regions=("VN-35",),
        narratives=("S14",),
        language="vi",
    )
    (outcome,) = documents.append([document], now=now)
    kept = documents.get(document.id)
    assert (outcome.id, outcome.outcome, outcome.version) == (document.id, "new", 1)
    assert kept is not None
    assert kept.document == document
    assert (kept.seq, kept.revision, kept.position, kept.first_seen) == (1, 1, 0, now)


def test_versions_keep_every_text_and_seq_stays(post: Post, now: datetime) -> None:
    documents.append([post(1, "một"), post(2)], now=now)
    later = now + timedelta(hours=1)
    outcomes = documents.append([post(1, "hai"), post(2)], now=later)
    assert [(item.outcome, item.version) for item in outcomes] == [("updated", 2), ("unchanged", 1)]
    kept = documents.versions(post(1).id)
    assert [(item.version, item.document.text) for item in kept] == [(1, "một"), (2, "hai")]
    newest = documents.get(post(1).id)
    assert newest is not None
    assert (newest.seq, newest.revision, newest.first_seen, newest.updated) == (1, 3, now, later)


def test_one_batch_may_hold_a_document_twice(post: Post, now: datetime) -> None:
    outcomes = documents.append([post(1, "một"), post(1, "một", likes=9), post(1, "hai")], now=now)
    assert [(item.outcome, item.version) for item in outcomes] == [("new", 1), ("unchanged", 1), ("updated", 2)]
    assert [item.document.text for item in documents.versions(post(1).id)] == ["một", "hai"]
    assert documents.count() == 1
    assert broken() == []


def test_new_counts_make_no_version_and_reach_the_index(post: Post, now: datetime) -> None:
    documents.append([post(1, likes=1), post(2, likes=1)], now=now)
    match(2, now=now)
    before = documents.last_position()
    outcomes = documents.append([post(1, likes=8, comments=2), post(2)], now=now)
    assert [item.outcome for item in outcomes] == ["unchanged", "unchanged"]
    changed = documents.since_position(before, 9)
    assert [(item.document.external_id, item.document.likes, item.document.comments) for item in changed] == [
        ("1", 8, 2)
    ]
    second = documents.get(post(2).id)
    assert second is not None
    assert second.document.likes == 1
    assert documents.last_revision() == 2


def test_what_no_database_takes_is_quarantined_alone(post: Post, now: datetime) -> None:
    bad = [post(2, "x\ud800"), post("3\0"), post(4, likes=2**63), post("5\udfff")]
    outcomes = documents.append([post(1), *bad, post(6, "NUL \0 trong bài", fingerprint="6")], now=now)
    assert [item.outcome for item in outcomes] == ["new", *["quarantined"] * 4, "new"]
    reasons = [item.reason for item in reversed(documents.quarantine_list())]
    assert [any(word in reason for word in ("surrogate", "NUL", "likes")) for reason in reasons] == [True] * 4
    kept = documents.get(post(6).id)
    assert kept is not None
    assert kept.document.text == "NUL \0 trong bài"


def test_quarantine_takes_anything_and_cuts_it(now: datetime) -> None:
    item = Quarantined(source="a\0", external_id="\ud800", reason="vì\0", payload="x\udc00" * 60_000, at=now)
    documents.quarantine([item])
    (kept,) = documents.quarantine_list()
    assert (kept.source, kept.external_id, kept.reason, len(kept.payload)) == ("a?", "?", "vì?", 65_536)
    assert documents.quarantine_count(since=now) == 1
    assert documents.quarantine_count(since=now + timedelta(seconds=1)) == 0


def test_documents_cursor_items_and_quarantine_are_one_transaction(post: Post, now: datetime) -> None:
    lease = leases.acquire("source:dien_dan", "a", now=now, ttl=timedelta(minutes=1))
    later = now + timedelta(minutes=2)
    successor = leases.acquire("source:dien_dan", "b", now=later, ttl=timedelta(minutes=1))
    everything = {
        "source": "dien_dan",
        "cursor": Cursor(etags={"https://a.example/": '"1"'}, marks={"before": "77"}),
        "listed": [ListedItem(external_id="1", url="https://a.example/1"), ListedItem(external_id="2", url="u")],
        "settled": {"1": ItemState.STORED},
        "quarantined": [Quarantined(source="dien_dan", external_id="9", reason="hỏng", payload="", at=now)],
    }
    with pytest.raises(StaleFenceError, match="source:dien_dan"):
        documents.append([post(1)], now=later, lease=lease, **everything)
    assert (documents.count(), documents.quarantine_list(), sources.cursor("dien_dan")) == (0, [], Cursor())
    assert sources.items("dien_dan", ["1", "2"]) == {}
    documents.append([post(1)], now=later, lease=successor, **everything)
    assert sources.cursor("dien_dan") == everything["cursor"]
    assert [item.external_id for item in sources.pending("dien_dan", later, 9)] == ["2"]
    assert (documents.count(), documents.quarantine_count()) == (1, 1)
    assert broken() == []


def test_a_cursor_needs_its_source(now: datetime) -> None:
    with pytest.raises(ValueError, match="source"):
        documents.append([], now=now, cursor=Cursor())


def test_matching_sees_every_version_in_order(post: Post, now: datetime) -> None:
    documents.append([post(1, "lừa đảo"), post(2)], now=now)
    documents.append([post(1, "đã sửa"), post(3)], now=now)
    assert [(item.revision, item.document.text) for item in documents.unmatched(after=0, limit=9)] == [
        (1, "lừa đảo"),
        (2, "Bài số 2"),
    ]
    rest = documents.unmatched(after=2, limit=10)
    assert [(item.revision, item.version, item.document.text) for item in rest] == [
        (3, 2, "đã sửa"),
        (4, 1, "Bài số 3"),
    ]


def test_the_change_log_holds_matched_documents_each_once(post: Post, now: datetime) -> None:
    documents.append([post(1), post(2), post(3)], now=now)
    assert documents.since_position(0, 10) == []
    match(2, now=now)
    assert [(item.seq, item.position) for item in documents.since_position(0, 10)] == [(1, 1), (2, 2)]
    documents.append([post(1, "mới")], now=now)
    match(4, after=2, now=now)
    assert [item.seq for item in documents.since_position(0, 10)] == [2, 1, 3]
    assert [item.seq for item in documents.since_position(2, 1)] == [1]
    assert documents.last_position() == 4


def test_a_checkpoint_moves_only_from_where_it_is_expected(now: datetime) -> None:
    assert documents.checkpoint("index") == 0
    documents.set_checkpoint("index", 5, expected=0)
    with pytest.raises(StaleFenceError, match="index"):
        documents.set_checkpoint("index", 9, expected=0)
    documents.set_checkpoint("index", 7)
    assert documents.checkpoint("index") == 7


def test_families_are_found_by_their_bands(post: Post, now: datetime) -> None:
    from store.leads import LeadChange, commit

    first, second, third = (post(number, bands=("x", f"own{number}")) for number in (1, 2, 3))
    documents.append([first, second, third], now=now)
    assert documents.family_candidates(["x", "own1"]) == {}
    families = {first.id: first.id, second.id: first.id}
    bands = (("x", first.id, first.id), ("own2", first.id, second.id), ("x", first.id, second.id))
    commit(LeadChange(families=families, bands=bands), now=now)
    assert documents.family_candidates(["x", "own2", "own3"]) == {
        "x": [(first.id, first.id)],
        "own2": [(second.id, first.id)],
    }
    kept = documents.get(second.id)
    assert kept is not None
    assert (kept.family, kept.position) == (first.id, 2)


def test_everything_is_iterated_in_order_of_seq(post: Post, now: datetime) -> None:
    documents.append([post(number) for number in range(7)], now=now)
    documents.append([post(0, "khác")], now=now)
    assert [item.seq for item in documents.iterate(batch=3)] == [1, 2, 3, 4, 5, 6, 7]
    assert next(documents.iterate()).document.text == "khác"


def test_known_and_counts_by_source(post: Post, now: datetime) -> None:
    documents.append([post(1), post(2, source="khac")], now=now)
    assert documents.known("dien_dan", ["1", "2"]) == {"1": "#Bài số 1"}
    assert documents.count_by_source() == {"dien_dan": 1, "khac": 1}
    assert set(documents.get_many([post(1).id, "không có"])) == {document_id("dien_dan", "1")}
    assert documents.get("không có") is None


def test_more_ids_than_one_statement_takes(post: Post, now: datetime) -> None:
    documents.append([post(number) for number in range(1203)], now=now)
    assert len(documents.known("dien_dan", [str(number) for number in range(2000)])) == 1203
