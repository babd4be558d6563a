"""What a batch costs and says where thousands of posts stand on one lead. Work is counted, not timed: calls of Python
functions, and steps of SQLite's own machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from types import FrameType

import pytest
from attrs import evolve
from django.db import connection

from alerts.raise_leads import raise_leads
from alerts.work import LEAD_DOCUMENTS
from model.document import Document, Mention
from model.lead import Lead
from model.message import Recipient
from model.query import SavedQuery
from store import documents, entities, leads
from store.connect import connect, disconnect

NOW = datetime(2026, 11, 21, tzinfo=UTC)
QUERY = SavedQuery(id="vay", title="Cho vay thu phí trước", form="S07", query='"vay nhanh"', priority="digest")
OFTEN = SavedQuery(
    id="don_dap", title="Dồn dập", query='"dồn dập"', rule={"type": "frequency", "num_events": 3, "timeframe": "1h"}
)
NUMBERS = 7
"""Phones of the fraud; each post names two of them, so that all of them are one lead."""

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def posts(
    document: Callable[..., Document], phone: Callable[..., Mention]
) -> Callable[[Iterable[int]], list[Document]]:
    """Posts by number. Each has words of its own, so that none is a copy of another."""

    def make(numbers: Iterable[int]) -> list[Document]:
        made = []
        for number in numbers:
            one, other = f"090000000{number % NUMBERS}", f"090000000{(number + 1) % NUMBERS}"
            words = " ".join(f"w{number}x{place}" for place in range(12))
            text = f"vay nhanh {words} {one} {other}"
            bands = tuple(f"{place:02x}{number:06x}{place:06x}" for place in range(32))
            made.append(
                document(str(number), text, phone(one), phone(other), hours=number / 1000, bands=bands, views=number)
            )
        return made

    return make


def run(limit: int = 500, queries: tuple[SavedQuery, ...] = (QUERY,)) -> None:
    raise_leads(
        queries=queries,
        recipients=[Recipient(id="truc", name="Trực ban", addresses=("truc@example.vn",))],
        now=lambda: NOW,
        console_url="http://127.0.0.1:1",
        sender="a@so.example.vn",
        limit=limit,
    )


def work(step: Callable[[], None]) -> tuple[int, int]:
    """Calls of Python functions, and thousands of steps of SQLite, that something takes."""
    calls = steps = 0

    def called(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    def stepped() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.ensure_connection()
    connection.connection.set_progress_handler(stepped, 1000)
    sys.setprofile(called)
    try:
        step()
    finally:
        sys.setprofile(None)
        connection.connection.set_progress_handler(None, 0)
    return calls, steps


def test_a_batch_costs_the_same_however_large_the_lead_is(posts: Callable[[Iterable[int]], list[Document]]) -> None:
    """Each batch is a call of its own, as in the worker, which remembers nothing of the one before."""

    def batch(first: int, size: int) -> tuple[int, int]:
        documents.append(posts(range(first, first + size)), now=NOW)
        return work(run)

    batch(0, 1000)
    small = batch(1000, 50)
    for first in range(1050, 5050, 500):
        batch(first, 500)
    large = batch(5050, 50)
    (lead,) = leads.list_leads()
    print(f"Python calls {small[0]} and {large[0]}, thousands of SQLite steps {small[1]} and {large[1]}")
    assert sum(one.documents for one in lead.identifiers) == 2 * 5100
    assert large[0] < 1.25 * small[0], f"Python calls: {small[0]} with 1,000 posts on the lead, {large[0]} with 5,000"
    assert large[1] < 1.5 * small[1], f"1,000 steps of SQLite: {small[1]} with 1,000 posts, {large[1]} with 5,000"


def test_only_what_changes_is_indexed_again(posts: Callable[[Iterable[int]], list[Document]]) -> None:
    documents.append(posts(range(300)), now=NOW)
    run()
    before = documents.last_position()
    documents.append(posts(range(300, 303)), now=NOW)
    run()
    assert [one.document.external_id for one in documents.since_position(before, 1000)] == ["300", "301", "302"]


def _said(lead: Lead) -> object:
    return (
        sorted(lead.documents),
        {one.entity.key: (one.mentions, one.documents) for one in lead.identifiers},
        {key for key in lead.keys if not key.startswith("copy:")},
        (lead.first_seen, lead.last_seen, lead.first_post, lead.last_post),
        (lead.queries, lead.title, lead.forms, lead.score),
    )


def test_in_small_batches_it_says_what_it_says_in_one(
    posts: Callable[[Iterable[int]], list[Document]], database: str, tmp_path: object
) -> None:
    said = []
    for name, limit in (("one", 10_000), ("many", 40)):
        connect(f"sqlite:///{tmp_path}/{name}.db")
        documents.append(posts(range(3 * LEAD_DOCUMENTS)), now=NOW)
        run(limit=limit)
        (lead,) = leads.list_leads()
        said.append(_said(lead))
        assert {version.leads for version in documents.iterate()} == {(lead.code,)}
        disconnect()
    assert said[0] == said[1]
    connect(database)


@pytest.fixture
def large(posts: Callable[[Iterable[int]], list[Document]]) -> Lead:
    documents.append(posts(range(2 * LEAD_DOCUMENTS)), now=NOW)
    run(limit=100)
    (lead,) = leads.list_leads()
    return lead


def test_an_edited_post_is_not_counted_twice(large: Lead, posts: Callable[[Iterable[int]], list[Document]]) -> None:
    (edited,) = posts([3])
    documents.append([evolve(edited, text=f"{edited.text} sửa", fingerprint="khác")], now=NOW)
    run()
    (lead,) = leads.list_leads()
    assert _said(lead)[1] == _said(large)[1]  # type: ignore[index]


def test_a_rule_about_several_posts_sees_those_of_the_batches_before(
    large: Lead, document: Callable[..., Document], phone: Callable[..., Mention]
) -> None:
    for number in range(3):
        documents.append([document(f"n{number}", f"dồn dập 0900000001 {number}", phone("0900000001"))], now=NOW)
        run(queries=(QUERY, OFTEN))
    (lead,) = leads.list_leads()
    assert "don_dap" in lead.queries


def test_two_large_leads_become_one(
    large: Lead, document: Callable[..., Document], phone: Callable[..., Mention]
) -> None:
    others = [
        document(f"o{number}", f"vay nhanh khác {number} 0911111111", phone("0911111111")) for number in range(300)
    ]
    documents.append(others, now=NOW)
    run()
    documents.append(
        [document("tie", "vay nhanh 0911111111 0900000001", phone("0911111111"), phone("0900000001"))], now=NOW
    )
    run()
    (lead,) = leads.list_leads()
    assert lead.code == large.code
    assert len(lead.documents) == 2 * LEAD_DOCUMENTS + 301
    counts = {one.entity.key: one.documents for one in lead.identifiers}
    assert counts["phone:+84911111111"] == 301
    assert sum(counts.values()) == 4 * LEAD_DOCUMENTS + 302
    assert {version.leads for version in documents.iterate()} == {(lead.code,)}


def test_documents_on_a_lead_are_not_looked_for_again(large: Lead) -> None:
    (found,) = entities.holders(["phone:+84900000001"], loose=400, settled=50).values()
    assert (len(found.loose), len(found.settled)) == (0, 50)
    newest = documents.get(found.settled[-1])
    assert newest is not None
    assert int(newest.document.external_id) > 2 * LEAD_DOCUMENTS - NUMBERS - 1
