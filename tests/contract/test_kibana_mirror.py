"""Leads, register and sources on a real Elasticsearch as the desk sees them; who may read them: `test_elasticsearch_protected`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from elasticsearch import Elasticsearch

from console.wiring import open_house
from indexer.index import open_mirror
from indexer.mirror import WHOLE_EVERY, Mirror
from model.document import Document, Entity, Role
from model.errors import SearchUnavailableError
from model.lead import Lead, LeadIdentifier
from model.source import Source
from store import documents, leads, sources
from store.entities import Sighting
from store.leads import LeadChange

pytestmark = pytest.mark.elasticsearch

ACCOUNT = Entity(kind="account", value="VCB:1010000000001")
SOURCE = Source(id="dien_dan", title="Diễn đàn mẫu", kind="forum", url="https://forum.example.vn/", enabled=True)


class Desk:
    """What someone in Kibana would find: rows of a mirrored index by a query string of Elasticsearch."""

    def __init__(self, url: str, prefix: str, mirror: Mirror) -> None:
        self.client, self.prefix, self.mirror = Elasticsearch(url), prefix, mirror

    def rows(self, index: str, query: str = "*") -> list[dict[str, Any]]:
        """In the order of their ids."""
        self.mirror.refresh()
        answer = self.client.search(index=f"{self.prefix}-{index}", q=query, size=100)
        hits = sorted(answer["hits"]["hits"], key=lambda hit: str(hit["_id"]))
        return [hit["_source"] for hit in hits]


@pytest.fixture
def desk(elasticsearch_url: str, database: str) -> Iterator[Desk]:
    """A fresh operations database, and its mirror under names of its own."""
    prefix = f"t{uuid.uuid4().hex[:10]}"
    target = open_mirror(elasticsearch_url, prefix=prefix)
    assert target is not None
    made = Desk(elasticsearch_url, prefix, Mirror(target))
    yield made
    made.client.indices.delete(index=",".join(f"{prefix}-{name}" for name in ("leads", "entities", "sources")))
    made.client.close()
    target.close()


@pytest.fixture
def raise_lead(post: Callable[..., Document], lead: Callable[..., Lead], now: datetime) -> Callable[..., Lead]:
    """Commits a lead over one post with a suspect account: `raise_lead("a", status=...)`."""

    def make(
        name: str, *, entity: Entity = ACCOUNT, at: datetime = now, role: Role = Role.SUSPECT, **more: Any
    ) -> Lead:
        document = post(name, f"Chuyển vào {entity.value}", collected=at)
        documents.append([document], now=now)
        made = lead(
            name,
            key=entity.key,
            documents=(document.id,),
            identifiers=(LeadIdentifier(entity=entity, role=role),),
            regions=("VN-35",),
            reason="Có tài khoản nhận tiền",
            last_seen=at,
            **more,
        )
        sighting = Sighting(
            entity=entity,
            document=document.id,
            source="dien_dan",
            source_kind="forum",
            role=role,
            at=at,
            lead_ids=(made.id,),
        )
        before, newest = documents.checkpoint("match"), documents.last_revision()
        change = LeadChange(
            matches=(),
            leads=(made,),
            document_leads={document.id: (made.id,)},
            sightings=(sighting,),
            checkpoint=("match", before, newest),
        )
        return leads.commit(change, now=now)[0]

    return make


def test_the_desk_sees_leads_register_and_sources(desk: Desk, raise_lead: Callable[..., Lead], now: datetime) -> None:
    sources.upsert([SOURCE], now=now)
    lead = raise_lead("a")

    assert desk.mirror.step(now) == 3

    (shown,) = desk.rows("leads")
    assert (shown["code"], shown["status"], shown["suspects"]) == (lead.code, "new", [ACCOUNT.key])
    assert (shown["created"], shown["documents"]) == ("2026-07-01T02:30:00.000Z", 1)
    (entry,) = desk.rows("entities", "kind:account AND status:suspect")
    assert (entry["value"], entry["bank"], entry["leads"]) == (ACCOUNT.value, "VCB", [lead.code])
    (source,) = desk.rows("sources", "enabled:on AND state:new")
    assert (source["source"], source["headline"]) == ("dien_dan", "Diễn đàn mẫu")


@pytest.mark.parametrize("index", ["leads", "entities"])
def test_a_pasted_number_finds_its_lead_and_its_entry(
    desk: Desk, raise_lead: Callable[..., Lead], now: datetime, index: str
) -> None:
    raise_lead("a", entity=Entity(kind="phone", value="+84900000001"))
    raise_lead("b", entity=Entity(kind="phone", value="+84900000002"))
    desk.mirror.step(now)

    assert len(desk.rows(index, "0900000001")) == len(desk.rows(index, "84900000002")) == 1


def test_only_what_changed_is_written_again(desk: Desk, raise_lead: Callable[..., Lead], now: datetime) -> None:
    first, _ = raise_lead("a"), raise_lead("b", entity=Entity(kind="link", value="x.example/" + "a" * 900))
    assert desk.mirror.step(now) == 4

    later = now + timedelta(hours=1)
    assert [desk.mirror.step(later), desk.mirror.step(later)] == [0, 0]
    leads.transition(first.id, "acknowledged", actor="lan", now=later)
    assert desk.mirror.step(later) == 1
    assert [row["status"] for row in desk.rows("leads", f"code:{first.code}")] == ["acknowledged"]


def test_what_was_seen_just_now_is_looked_at_again_and_not_sent_again(
    desk: Desk, raise_lead: Callable[..., Lead], now: datetime
) -> None:
    first = raise_lead("a")
    desk.mirror.step(now)
    minute = timedelta(minutes=1)

    assert [desk.mirror.step(now + minute), desk.mirror.step(now + 2 * minute)] == [0, 0]
    raise_lead("b", at=now + minute)
    # The lead, and the account that now has two documents.
    assert desk.mirror.step(now + 3 * minute) == 2
    assert desk.mirror.step(now + 4 * minute) == 0
    assert [row["documents"] for row in desk.rows("entities", f"leads:{first.code}")] == [2]


def test_a_large_register_is_written_in_parts_beside_what_is_new(
    desk: Desk, raise_lead: Callable[..., Lead], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.mirror.PAGES_A_STEP", 1)
    monkeypatch.setattr("store.entities.iterate.__defaults__", (2,))
    for name in "abcde":
        entity = Entity(kind="phone", value=f"+8490000000{ord(name) - ord('a')}")
        raise_lead(name, entity=entity, at=now - timedelta(days=9))

    parts = [desk.mirror.step(now + timedelta(minutes=number)) for number in range(4)]

    assert parts == [5 + 2, 2, 1, 0]
    assert len(desk.rows("entities")) == 5


def test_merged_leads_and_retired_sources_leave(desk: Desk, raise_lead: Callable[..., Lead], now: datetime) -> None:
    sources.upsert([SOURCE], now=now)
    kept, merged = raise_lead("a"), raise_lead("b", entity=Entity(kind="phone", value="+84900000002"))
    desk.mirror.step(now)

    moved = evolve(merged, merged_into=kept.id)
    leads.commit(LeadChange(leads=(moved,), merged={merged.id: kept.id}), now=now)
    sources.retire("site", set())
    desk.mirror.step(now + timedelta(minutes=1))

    assert [row["code"] for row in desk.rows("leads")] == [kept.code]
    assert desk.rows("sources") == []


def test_a_deleted_mirror_is_filled_again_and_a_new_process_repeats_nothing_wrong(
    desk: Desk, raise_lead: Callable[..., Lead], now: datetime, elasticsearch_url: str
) -> None:
    raise_lead("a")
    desk.mirror.step(now)
    desk.client.indices.delete(index=f"{desk.prefix}-leads,{desk.prefix}-entities")

    assert desk.mirror.step(now + timedelta(hours=1)) == 2

    target = open_mirror(elasticsearch_url, prefix=desk.prefix)
    assert target is not None
    Mirror(target).step(now)
    target.close()
    assert [len(desk.rows(name)) for name in ("leads", "entities")] == [1, 1]


def test_an_older_step_does_not_undo_a_newer_one(
    desk: Desk, raise_lead: Callable[..., Lead], now: datetime, elasticsearch_url: str
) -> None:
    lead = raise_lead("a")
    leads.transition(lead.id, "acknowledged", actor="lan", now=now)
    desk.mirror.step(now)

    written = desk.mirror._target.put("leads", {lead.id: {"code": lead.code, "status": "new"}}, version=1)

    assert written == 0
    assert [row["status"] for row in desk.rows("leads")] == ["acknowledged"]


def test_victims_are_not_in_the_register(desk: Desk, raise_lead: Callable[..., Lead], now: datetime) -> None:
    raise_lead("a", role=Role.VICTIM)
    desk.mirror.step(now)

    assert desk.rows("entities") == []


def test_a_late_document_of_the_past_is_seen_with_the_whole(
    desk: Desk, raise_lead: Callable[..., Lead], now: datetime
) -> None:
    desk.mirror.step(now)
    raise_lead("a", at=now - timedelta(days=90))

    desk.mirror.step(now + timedelta(minutes=1))
    desk.mirror.step(now + WHOLE_EVERY)

    (entry,) = desk.rows("entities")
    assert entry["first_seen"].startswith("2026-04-02")


def test_a_step_that_failed_is_done_again_in_full(desk: Desk, raise_lead: Callable[..., Lead], now: datetime) -> None:
    raise_lead("a")
    target, away = desk.mirror._target, open_mirror("http://127.0.0.1:9", prefix=desk.prefix)
    assert away is not None
    desk.mirror._target = away

    with pytest.raises(SearchUnavailableError):
        desk.mirror.step(now)
    desk.mirror._target = target

    assert desk.mirror.step(now) == 2


def test_the_embedded_index_has_no_mirror(tmp_path: Path, now: datetime) -> None:
    assert open_mirror(f"sqlite:///{tmp_path}/index.db") is None
    assert open_house(home=tmp_path / "home", clock=lambda: now).mirror() == 0
