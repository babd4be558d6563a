"""Sources, saved queries, leases, slots, audit and notices behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from model.document import Document
from model.errors import ConfigError, StaleFenceError, StoreError
from model.message import Delivery
from model.query import Examples, SavedQuery
from model.source import Cursor, ListedItem, Origin, Run, Source, SourceState
from store import audit, deliveries, documents, leases, notices, queries, sources

pytestmark = pytest.mark.usefixtures("any_database")
MINUTE = timedelta(minutes=1)


def source(identifier: str, **more: object) -> Source:
    fields = {"title": "Diễn đàn", "spider": "thread", "kind": "forum", "enabled": True, **more}
    return Source(id=identifier, **fields)  # type: ignore[arg-type]


def run(identifier: str, started: datetime, **more: object) -> Run:
    return Run(id=identifier, source="a", batch="b", started=started, **more)  # type: ignore[arg-type]


def test_a_source_comes_back_with_what_is_known(now: datetime) -> None:
    given = source("a", options={"next": {"css": "a.next"}, "pages": 3}, interval=timedelta(hours=2), origin="shipped")
    sources.upsert([given], now=now)
    status = sources.get_status("a")
    assert status is not None
    assert (status.source, status.state, status.next_due, status.documents) == (given, SourceState.NEW, now, 0)
    assert sources.get("a") == given
    assert sources.get("z") is sources.get_status("z") is None


def test_a_reload_keeps_what_staff_switched_and_what_visits_found(now: datetime) -> None:
    sources.upsert([source("a")], now=now)
    sources.set_enabled("a", False, now, actor="lan")
    sources.park("a", now + MINUTE)
    sources.upsert([source("a", title="Tên mới")], now=now + MINUTE)
    (status,) = sources.list_statuses()
    assert (status.source.enabled, status.source.title, status.next_due) == (False, "Tên mới", now + MINUTE)
    assert audit.entries()[0].action == "source.disable"
    with pytest.raises(StoreError, match="no source"):
        sources.set_enabled("z", True, now)


def test_sheets_that_are_gone_are_retired_by_origin(now: datetime) -> None:
    sources.upsert([source("a", origin="shipped"), source("b", origin="shipped"), source("c")], now=now)
    assert sources.retire("shipped", ["a"]) == ["b"]
    assert [status.source.id for status in sources.list_statuses()] == ["a", "c"]
    assert len(sources.list_statuses(include_retired=True)) == 3
    assert [status.source.id for status in sources.due(now, limit=9)] == ["a", "c"]
    sources.upsert([source("b", origin="shipped")], now=now)
    assert len(sources.list_statuses()) == 3


def test_due_sources_by_time_limit_and_name(now: datetime) -> None:
    sources.upsert([source("a"), source("b"), source("off", enabled=False), source("file", spider="")], now=now)
    sources.park("a", now + MINUTE)

    def ids(**options: object) -> list[str]:
        return [status.source.id for status in sources.due(now, **{"limit": 9, **options})]  # type: ignore[arg-type]

    assert ids() == ["b"]
    assert ids(only=["a", "off", "file"], force=True) == ["off", "a"]
    assert ids(force=True, limit=1) == ["b"]
    assert [status.source.id for status in sources.due(now + MINUTE, limit=9)] == ["b", "a"]


def test_a_visit_is_leased_noted_and_given_back(now: datetime) -> None:
    sources.upsert([source("a"), source("b")], now=now)
    held = sources.lease(["a", "b"], "w1", now=now, ttl=MINUTE)
    assert (set(held), held["a"].resource) == ({"a", "b"}, "source:a")
    assert sources.lease(["a"], "w2", now=now, ttl=MINUTE) == {}
    assert sources.due(now, limit=9) == []
    sources.start_run(run("r1", now), held["a"])
    finished = run("r1", now, finished=now + MINUTE / 2, state="blocked", error="403")
    sources.finish_run(finished, held["a"], next_due=now + MINUTE)
    status = sources.get_status("a")
    assert status is not None
    assert (status.state, status.state_since, status.failures) == (SourceState.BLOCKED, finished.finished, 1)
    assert (status.last_run, status.next_due) == (finished, now + MINUTE)
    assert [item.source.id for item in sources.due(now + MINUTE, limit=9)] == ["b", "a"]
    again = sources.lease(["a"], "w2", now=now, ttl=MINUTE)["a"]
    assert again.fence == held["a"].fence + 1
    for late in (
        lambda: sources.start_run(run("r2", now), held["a"]),
        lambda: sources.finish_run(run("r2", now), held["a"], next_due=now),
    ):
        with pytest.raises(StaleFenceError):
            late()
    sources.finish_run(run("r3", now + MINUTE, state="ok"), again, next_due=now)
    after = sources.get_status("a")
    assert after is not None
    assert (after.failures, after.state) == (0, SourceState.OK)
    assert [item.id for item in sources.runs("a")] == ["r3", "r1"]
    assert [item.id for item in sources.runs(limit=1)] == ["r3"]
    assert sources.runs("b") == sources.runs(since=now + 2 * MINUTE) == []


def test_documents_are_counted_on_their_source(now: datetime) -> None:
    def post(number: int, at: datetime) -> Document:
        return Document(source="a", source_kind="forum", external_id=str(number), text=str(number), collected=at)

    documents.append([post(1, now)], now=now)
    sources.upsert([source("a")], now=now)
    documents.append([post(1, now), post(2, now + MINUTE)], now=now)
    status = sources.get_status("a")
    assert status is not None
    assert (status.documents, status.last_document) == (2, now + MINUTE)


def test_listed_items_wait_until_they_are_settled(now: datetime) -> None:
    def listed(*items: ListedItem) -> None:
        documents.append([], now=now, source="a", cursor=Cursor(), listed=items)

    listed(ListedItem(external_id="1", url="u1", hint='{"title":"x"}'), ListedItem(external_id="2", url="u2"))
    listed(ListedItem(external_id="1", url="u1b", attempts=1, not_before=now + MINUTE))
    assert [item.external_id for item in sources.pending("a", now, 9)] == ["2"]
    assert [item.external_id for item in sources.pending("a", now + MINUTE, 9)] == ["2", "1"]
    listed(ListedItem(external_id="1", url="u1c"))
    kept = sources.items("a", ["1", "3"])
    assert kept == {
        "1": ListedItem(external_id="1", url="u1c", hint='{"title":"x"}', attempts=1, not_before=now + MINUTE)
    }
    documents.append([], now=now, source="a", settled={"1": "gone", "9": "stored"})  # type: ignore[dict-item]
    listed(ListedItem(external_id="1", url="u1d"))
    assert sources.items("a", ["1"])["1"].state == "gone"
    sources.upsert([source("a")], now=now)
    status = sources.get_status("a")
    assert status is not None
    assert status.pending == 1


def test_robots_are_remembered(now: datetime) -> None:
    assert sources.robots_get("a.example") is None
    sources.robots_put("a.example", "User-agent: *\0", 200, now, now + MINUTE)
    sources.robots_put("a.example", "User-agent: b", 200, now, now + 2 * MINUTE)
    kept = sources.robots_get("a.example")
    assert kept is not None
    assert (kept.body, kept.status, kept.expires) == ("User-agent: b", 200, now + 2 * MINUTE)


def test_saved_queries_have_versions(now: datetime) -> None:
    query = SavedQuery(
        id="q",
        title="Giả danh",
        query="a or b",
        rule={"type": "frequency", "number": 3},
        realert=timedelta(hours=6),
        examples=Examples(match=("x",)),
        origin="shipped",
    )
    assert [item.version for item in queries.upsert([query], now)] == [1]
    assert [item.version for item in queries.upsert([query], now)] == [1]
    (changed,) = queries.upsert([evolve(query, query="a", origin=Origin.SITE)], now)
    assert (changed.version, queries.get("q")) == (2, changed)
    assert [item.query for item in queries.versions("q")] == ["a or b", "a"]
    assert queries.get("z") is None


def test_another_hand_never_overwrites_a_query(now: datetime) -> None:
    query = SavedQuery(id="q", title="t", query="a", origin="site")
    queries.upsert([query], now)
    with pytest.raises(ConfigError, match=r"q.*files"):
        queries.upsert([evolve(query, id="r"), evolve(query, origin=Origin.KIBANA)], now)
    assert queries.get("r") is None
    assert queries.retire("site", []) == ["q"]
    assert queries.list_queries() == []
    assert queries.upsert([evolve(query, origin=Origin.KIBANA, enabled=False)], now)[0].version == 2
    assert queries.list_queries(enabled_only=True) == []
    assert len(queries.list_queries()) == 1


def test_a_lease_is_held_by_one_and_fenced(now: datetime) -> None:
    first = leases.acquire("r", "a", now=now, ttl=MINUTE)
    assert first is not None
    assert leases.acquire("r", "a", now=now, ttl=MINUTE) is None
    first = leases.renew(first, now=now + MINUTE / 2, ttl=MINUTE)
    assert leases.acquire("r", "b", now=now + MINUTE, ttl=MINUTE) is None
    second = leases.acquire("r", "b", now=first.until, ttl=MINUTE)
    assert second is not None
    assert second.fence == first.fence + 1
    with pytest.raises(StaleFenceError, match="r "):
        leases.check(first)
    with pytest.raises(StaleFenceError):
        leases.renew(first, now=now, ttl=MINUTE)
    leases.release(first)
    leases.check(second)
    leases.release(second)
    third = leases.acquire("r", "c", now=now, ttl=MINUTE)
    assert third is not None
    assert third.fence == second.fence + 1


def test_a_slot_takes_effect_once(now: datetime) -> None:
    first = leases.slot("digest", now, "a", now=now, ttl=MINUTE)
    assert first is not None
    assert leases.slot("digest", now, "b", now=now, ttl=MINUTE) is None
    second = leases.slot("digest", now, "b", now=now + MINUTE, ttl=MINUTE)
    assert second is not None
    with pytest.raises(StaleFenceError):
        leases.slot_done("digest", now, first, now=now)
    from model.message import Message

    message = Message(subject="s", text="t", html="h", message_id="m")
    effect = Delivery(
        id="d",
        subject_id="digest:1",
        purpose="digest",
        recipient="r",
        channel="smtp",
        address="a",
        message=message,
        created=now,
    )
    leases.slot_done("digest", now, second, now=now, deliveries=[effect])
    assert leases.slot("digest", now, "c", now=now + 9 * MINUTE, ttl=MINUTE) is None
    assert leases.slot("digest", now + MINUTE, "c", now=now, ttl=MINUTE) is not None
    assert leases.slots_done("digest", since=now) == [now]
    assert [item.id for item in deliveries.list_deliveries()] == ["d"]


def test_a_broken_audit_chain_is_seen(now: datetime) -> None:
    from store.base import execute

    for number in range(5):
        audit.record("lan", "test", f"s{number}", {"số": number, "bad": "\ud800"}, now)
    assert audit.verify() == []
    assert audit.entries(1)[0].detail == {"số": 4, "bad": "\ud800"}
    execute("UPDATE audit SET actor = 'ai đó' WHERE seq = 2")
    assert audit.verify() == ["entry 2 was changed after it was written"]
    execute("DELETE FROM audit WHERE seq = 3")
    assert len(audit.verify()) == 2


def test_notices_are_open_until_closed(now: datetime) -> None:
    notices.add("source:a", "Nguồn a bị chặn", now)
    notices.add("source:a", "Nguồn a vẫn bị chặn", now + MINUTE)
    assert notices.open_notices() == [notices.Notice(key="source:a", text="Nguồn a vẫn bị chặn", at=now)]
    assert notices.close("source:a", now)
    assert not notices.close("source:a", now)
    assert notices.open_notices() == []
    notices.add("source:a", "Lại bị chặn", now + MINUTE)
    assert notices.open_notices()[0].at == now + MINUTE
