"""Leads, matches and the register behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from attrs import evolve

from model.document import Document, Entity, Quarantined, Role
from model.errors import StaleFenceError, StoreError
from model.lead import Lead, LeadIdentifier, LeadStatus, Match, Suppression
from model.message import Delivery
from store import audit, deliveries, documents, entities, leads, leases
from store.entities import Sighting
from store.invariants import broken
from store.leads import LeadChange, commit

pytestmark = pytest.mark.usefixtures("any_database")
Make = Callable[..., Lead]
Post = Callable[..., Document]
Send = Callable[..., Delivery]
PHONE = Entity(kind="phone", value="+84900000001")


def sighting(
    document: Document, now: datetime, role: str = "suspect", entity: Entity = PHONE, **more: object
) -> Sighting:
    fields = {"source": document.source, "source_kind": document.source_kind, "at": now, **more}
    return Sighting(entity=entity, document=document.id, role=role, **fields)  # type: ignore[arg-type]


def test_a_lead_comes_back_as_it_went_in(lead: Make, now: datetime) -> None:
    given = lead(
        "a",
        keys=("phone:+84900000001", "family:x"),
        documents=("d1", "d2"),
        identifiers=(LeadIdentifier(entity=PHONE, role="suspect", mentions=2),),
        warning_gap_hours=2.5,
        suppressed=Suppression(reason="realert", detail="đã báo", at=now),
        score=70,
    )
    (kept,) = commit(LeadChange(leads=(given,)), now=now)
    assert kept == evolve(given, code="CG-1")
    assert leads.get(given.id) == leads.by_code("cg-1") == leads.by_code(" 1 ") == kept
    assert leads.by_code("CG-2") is leads.by_code("CG-x") is leads.get("không") is None


def test_codes_are_given_once(lead: Make, now: datetime) -> None:
    assert leads.reserve_codes(2) == ["CG-1", "CG-2"]
    assert leads.reserve_codes(0) == []
    kept = commit(LeadChange(leads=(lead("a", code="CG-2"), lead("b"), lead("c", code="CG-40"))), now=now)
    assert [item.code for item in kept] == ["CG-2", "CG-41", "CG-40"]
    assert leads.reserve_codes(1) == ["CG-42"]
    with pytest.raises(StoreError, match="reserve_codes"):
        commit(LeadChange(leads=(lead("d", code="no 7"),)), now=now)


def test_a_later_change_keeps_code_and_what_people_decided(lead: Make, now: datetime) -> None:
    commit(LeadChange(leads=(lead("a"),)), now=now)
    leads.transition("lead_a", LeadStatus.CONFIRMED, actor="lan", note="đã gọi ngân hàng", now=now)
    (kept,) = commit(LeadChange(leads=(lead("a", code="CG-9", score=90, last_seen=now + timedelta(hours=1)),)), now=now)
    assert (kept.code, kept.status, kept.score, kept.last_seen) == ("CG-1", "confirmed", 90, now + timedelta(hours=1))


def test_everything_of_a_change_appears_together_or_not_at_all(
    lead: Make, post: Post, delivery: Send, now: datetime
) -> None:
    documents.append([post(1), post(2)], now=now)
    identifier = post(1).id
    change = LeadChange(
        matches=(Match(query="q", document=identifier, revision=1, at=now),),
        leads=(lead("a", documents=(identifier,)),),
        families={identifier: identifier},
        document_queries={identifier: ("q", "r")},
        document_leads={identifier: ("lead_a",)},
        deliveries=(delivery("a"),),
        suppressions=(Suppression(reason="budget", detail="hết lượt", at=now, lead="lead_a", query="q"),),
        sightings=(sighting(post(1), now, lead_ids=("lead_a",)),),
        checkpoint=("match", 0, 2),
        quarantined=(Quarantined(source="dien_dan", external_id="2", reason="lỗi", payload="", at=now),),
    )
    with pytest.raises(StaleFenceError, match="match"):
        commit(evolve(change, checkpoint=("match", 1, 2)), now=now)
    assert (leads.list_leads(), deliveries.list_deliveries(), leads.matches_for("q")) == ([], [], [])
    assert (leads.suppressions(), entities.list_entries(), documents.quarantine_list()) == ([], [], [])
    commit(change, now=now)
    assert [item.document.external_id for item in documents.since_position(0, 9)] == ["1", "2"]
    kept = documents.get(identifier)
    assert kept is not None
    assert (kept.queries, kept.leads, kept.family) == (("q", "r"), ("CG-1",), identifier)
    assert [item.id for item in deliveries.list_deliveries()] == ["delivery_a"]
    assert (leads.matches_for("q"), leads.match_counts(since=now)) == (list(change.matches), {"q": 1})
    assert leads.suppressions("lead_a") == list(change.suppressions) == leads.suppressions_by_lead(["lead_a"])["lead_a"]
    assert (documents.checkpoint("match"), documents.quarantine_count()) == (2, 1)
    with pytest.raises(StaleFenceError):
        commit(change, now=now)
    assert broken() == []


def test_a_stale_lease_commits_nothing(lead: Make, now: datetime) -> None:
    stale = leases.acquire("raise_leads", "a", now=now, ttl=timedelta(seconds=1))
    assert leases.acquire("raise_leads", "b", now=now + timedelta(seconds=1), ttl=timedelta(seconds=1)) is not None
    with pytest.raises(StaleFenceError, match="raise_leads"):
        commit(LeadChange(leads=(lead("a"),)), lease=stale, now=now)
    assert leads.list_leads() == []


def test_leads_are_found_by_any_of_their_keys(lead: Make, now: datetime) -> None:
    long = "link:" + "đ" * 1000
    first = lead("a", key="phone:1", keys=("phone:1", long, "family:f"))
    second = lead("b", key="phone:2", last_seen=now - timedelta(days=3))
    commit(LeadChange(leads=(first, second)), now=now)
    assert [item.id for item in leads.open_by_keys([long])] == ["lead_a"]
    assert [item.id for item in leads.open_by_keys(["phone:2", "family:f", "phone:9"])] == ["lead_a", "lead_b"]
    assert [item.id for item in leads.open_by_keys(["phone:1", "phone:2"], since=now)] == ["lead_a"]
    assert leads.open_by_keys([long[:-1]]) == leads.open_by_keys([]) == []


def test_keys_and_documents_follow_a_merged_lead(lead: Make, post: Post, now: datetime) -> None:
    documents.append([post(1), post(2)], now=now)
    one, two = post(1).id, post(2).id
    first, second = lead("a", key="k:a", documents=(one,)), lead("b", key="k:b", documents=(two,))
    commit(
        LeadChange(
            leads=(first, second), document_leads={one: ("lead_a",), two: ("lead_b",)}, checkpoint=("match", 0, 2)
        ),
        now=now,
    )
    before = documents.last_position()
    commit(LeadChange(leads=(evolve(first, documents=(one, two)),), merged={"lead_b": "lead_a"}), now=now)
    assert [(item.document.external_id, item.leads) for item in documents.since_position(before, 9)] == [
        ("2", ("CG-1",))
    ]
    assert [item.id for item in leads.open_by_keys(["k:b"])] == ["lead_a"]
    assert [item.id for item in leads.list_leads()] == ["lead_a"]
    merged = leads.get("lead_b")
    assert merged is not None
    assert merged.merged_into == "lead_a"
    assert len(leads.list_leads(include_merged=True)) == 2


def test_a_chain_of_merges_ends_at_its_last_lead_and_a_circle_is_refused(lead: Make, post: Post, now: datetime) -> None:
    documents.append([post(1)], now=now)
    one = post(1).id
    commit(
        LeadChange(leads=(lead("a"), lead("b"), lead("c", documents=(one,))), document_leads={one: ("lead_c",)}),
        now=now,
    )
    commit(LeadChange(merged={"lead_b": "lead_a"}), now=now)
    commit(LeadChange(merged={"lead_c": "lead_b"}), now=now)
    kept = documents.get(one)
    assert kept is not None
    assert kept.leads == ("CG-1",)
    with pytest.raises(StoreError, match="into itself"):
        commit(LeadChange(merged={"lead_a": "lead_c"}), now=now)


def test_lists_are_ordered_and_filtered(lead: Make, now: datetime) -> None:
    hour = timedelta(hours=1)
    made = (
        lead("a", score=5, last_seen=now + 3 * hour),
        lead("b", score=90, created=now + hour),
        lead("c", score=50, created=now + 2 * hour, last_seen=now + hour),
    )
    commit(LeadChange(leads=made), now=now)
    leads.transition("lead_b", "dismissed", actor="lan", note="", now=now)

    def names(**options: object) -> str:
        return "".join(item.id[-1] for item in leads.list_leads(**options))  # type: ignore[arg-type]

    assert (names(), names(order="oldest"), names(order="score"), names(order="last_seen")) == (
        "cba",
        "abc",
        "bca",
        "acb",
    )
    assert (names(status="new"), names(status=["new", LeadStatus.DISMISSED]), names(limit=1)) == ("ca", "cba", "c")
    assert names(since=now + hour) == "cb"
    with pytest.raises(ValueError, match="newest"):
        leads.list_leads(order="best")


def test_a_status_moves_only_along_its_paths_and_is_audited(lead: Make, now: datetime) -> None:
    commit(LeadChange(leads=(lead("a"),)), now=now)
    assert leads.transition("lead_a", "acknowledged", actor="lan", note="", now=now).status is LeadStatus.ACKNOWLEDGED
    with pytest.raises(StoreError, match="cannot become new"):
        leads.transition("lead_a", "new", actor="lan", now=now)
    with pytest.raises(StoreError, match="no lead"):
        leads.transition("lead_z", "closed", actor="lan", now=now)
    (entry,) = audit.entries(subject="CG-1")
    assert (entry.actor, entry.detail) == ("lan", {"from": "new", "to": "acknowledged", "note": ""})


def test_the_register_counts_documents_sources_roles_and_leads(lead: Make, post: Post, now: datetime) -> None:
    one, two, three = post(1), post(2, source="bao"), post(3)
    documents.append([one, two, three], now=now)
    hour = timedelta(hours=1)
    seen = (
        sighting(one, now + hour, lead_ids=("lead_a",)),
        sighting(two, now, role="official"),
        sighting(three, now + 2 * hour, lead_ids=("lead_b",)),
        sighting(three, now, entity=Entity(kind="link", value="x" * 1024)),
    )
    commit(LeadChange(leads=(lead("a"), lead("b")), merged={"lead_b": "lead_a"}, sightings=(*seen, seen[0])), now=now)
    commit(LeadChange(sightings=(evolve(seen[1], role=Role.NEUTRAL),)), now=now)
    entry = entities.get("phone", PHONE.value)
    assert entry is not None
    assert (entry.first_seen, entry.last_seen, entry.documents) == (now, now + 2 * hour, 3)
    assert (entry.sources, entry.roles) == ({"bao": 1, "dien_dan": 2}, {"neutral": 1, "suspect": 2})
    assert (entry.leads, entry.status) == (("CG-1",), "suspect")
    assert entities.known([PHONE.key, "phone:+84900000002", f"link:{'x' * 1024}"]) == {PHONE.key, f"link:{'x' * 1024}"}
    assert leads.known_entities([PHONE.key]) == {PHONE.key}
    assert [item.entity.kind for item in entities.list_entries()] == ["phone", "link"]
    assert [item.entity.kind for item in entities.list_entries(kind="link", new_since=now, limit=5)] == ["link"]
    assert entities.list_entries(since=now + 3 * hour) == []
    assert documents.with_entities([PHONE.key, "a:b"]) == {PHONE.key: [two.id, one.id, three.id]}
    assert entities.get("phone", "?") is None
