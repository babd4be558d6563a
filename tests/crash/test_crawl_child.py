"""A crawl child is killed at every fault point of a visit; the parent goes on, and the next visit makes it good.

One loopback site a point, with a listing that has an ETag, six articles, one of them slow and one that answers 429 at
first. A first visit without a kill counts and names the points. Then, for every point, a fresh site is visited by a
child that is killed there; at last one child visits all of them again, as `crawler.batches` would when they are due.
Four points are tried always, every one with `CANHGIAC_PROVE=1` (`make prove`).
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from attrs import define, field

from model.ids import document_id
from model.source import ItemState, Source, SourceState
from store import documents, sources
from store.invariants import broken

ARTICLES = tuple(str(number) for number in range(1, 7))
BUSY, SLOW = "4", "6"
TAG = '"v1"'
MOST_VISITS = 6
"""Visits until the article that asked for patience has been read: its second has often passed before the first."""


@define
class Portal:
    """A source on a site of its own. busy: how often its busy article still answers 429."""

    site: Any
    source: Source
    busy: int = 1
    stored_at_kill: frozenset[str] = frozenset()
    asked_at_kill: Counter[str] = field(factory=Counter)

    @property
    def asked(self) -> Counter[str]:
        """Requests for each path so far."""
        return Counter(path for path, _ in self.site.requests)


NewPortal = Callable[..., Portal]


@pytest.fixture
def new_portal(house: Any, new_site: Callable[..., Any]) -> NewPortal:
    """Starts a site and registers its source."""

    def start(name: str, *, slow: float = 1.2) -> Portal:
        site = new_site()
        options = {"item": "li", "id_pattern": r"/(\d+)$", "delay": 0, "article": {"title": "h1", "text": "p"}}
        portal = Portal(
            site,
            Source(id=name, title=name, spider="listing", kind="warning", url=f"{site.url}/list", options=options),
        )
        site.routes["/list"] = _listing
        for article in ARTICLES:
            site.routes[f"/a/{article}"] = _article(portal, article, slow)
        house.sites.append(site)
        house.add(portal.source)
        return portal

    return start


async def _listing(request: web.Request) -> web.Response:
    if request.headers.get("If-None-Match") == TAG:
        return web.Response(status=304, headers={"ETag": TAG})
    entries = "".join(f'<li><a href="/a/{article}">Tin {article}</a></li>' for article in ARTICLES)
    return web.Response(text=f"<ul>{entries}</ul>", content_type="text/html", headers={"ETag": TAG})


def _article(portal: Portal, article: str, slow: float) -> Callable[[web.Request], Any]:
    async def answer(_: web.Request) -> web.Response:
        if article == BUSY and portal.busy:
            portal.busy -= 1
            return web.Response(status=429, headers={"Retry-After": "1"})
        if article == SLOW:
            await asyncio.sleep(slow)
        text = f"Công an cảnh báo thủ đoạn giả danh cán bộ, số 09{11223300 + int(article)}, yêu cầu chuyển tiền. " * 5
        return web.Response(text=f"<h1>Cảnh báo {article}</h1><p>{text}</p>", content_type="text/html")

    return answer


def visit(house: Any, portals: Sequence[Portal], **environment: str) -> dict[str, Any]:
    """One crawl of these sources, in a child with that environment; the runs by source."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        runs: dict[str, Any] = house.crawl(*[portal.source.id for portal in portals])
    return runs


def visit_until_done(house: Any, portals: Sequence[Portal]) -> None:
    """Visits until nothing of these sources is pending."""
    for _ in range(MOST_VISITS):
        waiting = [portal for portal in portals if states(portal) != dict.fromkeys(ARTICLES, ItemState.STORED)]
        if not waiting:
            return
        runs = visit(house, waiting)
        assert {run.state for run in runs.values()} == {SourceState.OK}, runs
    pytest.fail(f"still pending after {MOST_VISITS} visits: {[states(portal) for portal in portals]}")


def states(portal: Portal) -> dict[str, ItemState]:
    """What has become of each item that the listing named."""
    return {name: item.state for name, item in sources.items(portal.source.id, ARTICLES).items()}


def kept(portal: Portal) -> dict[str, int]:
    """External id -> newest version, of every document of the source."""
    found = documents.get_many([document_id(portal.source.id, article) for article in ARTICLES])
    return {version.document.external_id: version.version for version in found.values()}


def ahead(portal: Portal) -> list[str]:
    """Where the cursor, or an item's state, promises more than is on disk."""
    faults = [
        f"stored without a document: {name}" for name in _in(states(portal), ItemState.STORED) - set(kept(portal))
    ]
    if sources.cursor(portal.source.id).etags and set(states(portal)) != set(ARTICLES):
        faults.append(f"the listing counts as read, but of its items only {sorted(states(portal))} are noted")
    return faults


def _in(found: dict[str, ItemState], state: ItemState) -> set[str]:
    return {name for name, own in found.items() if own is state}


def points_of(tags: Sequence[str]) -> list[int]:
    """The points to try: all of them to prove it; else nothing done, listing kept, articles lost, all kept but not told."""
    if os.environ.get("CANHGIAC_PROVE"):
        return list(range(1, len(tags) + 1))
    listing_kept = tags.index("documents append: after commit")
    articles_lost = len(tags) - 1 - tags[::-1].index("documents append: before commit")
    assert articles_lost > listing_kept, "the articles come in a transaction after that of the listing"
    told = tags.index("crawl child: before report")
    return [point + 1 for point in (0, listing_kept, articles_lost, told)]


@pytest.mark.timeout(900)
def test_a_killed_child_costs_nothing(house: Any, new_portal: NewPortal, tmp_path: Path) -> None:
    whole, log = new_portal("whole"), tmp_path / "points"
    assert visit(house, [whole], CANHGIAC_FAULT_LOG=str(log))["whole"].state is SourceState.OK
    tags = log.read_text().splitlines()
    assert {"documents append: after commit", "crawl child: before report", "robots: before commit"} <= set(tags)

    killed = []
    for point in points_of(tags):
        portal = new_portal(f"killed_{point}")
        killed.append(portal)
        run = visit(house, [portal], CANHGIAC_FAULT_POINT=str(point))[portal.source.id]
        where = f"killed at {point} ({tags[point - 1]})"
        if tags[point - 1] != "crawl child: after report":
            assert (run.state, "status -9" in run.error) == (SourceState.FAILED, True), f"{where}: {run}"
        assert ahead(portal) == [], where
        assert broken() == [], where
        portal.stored_at_kill, portal.asked_at_kill = frozenset(_in(states(portal), ItemState.STORED)), portal.asked
        portal.busy = 0
    everything = [whole, *killed]
    visit_until_done(house, everything)
    assert list(_faults(everything)) == []
    before = [portal.asked for portal in everything]
    visit(house, everything)
    again = [portal.asked - earlier for portal, earlier in zip(everything, before, strict=True)]
    assert again == [Counter({"/list": 1})] * len(everything), "then only listings are asked, and answer 304"
    assert list(_faults(everything)) == []


def _faults(portals: Collection[Portal]) -> Iterator[str]:
    """What is lost, twice, or was fetched although it was stored."""
    number = sum(1 for _ in documents.iterate())
    if number != len(portals) * len(ARTICLES):
        yield f"{number} documents of {len(portals)} sites"
    yield from broken()
    for portal in portals:
        name = portal.source.id
        if kept(portal) != dict.fromkeys(ARTICLES, 1):
            yield f"{name}: documents {kept(portal)}"
        if states(portal) != dict.fromkeys(ARTICLES, ItemState.STORED):
            yield f"{name}: items {states(portal)}"
        if sources.cursor(name).etags != {portal.source.url: TAG}:
            yield f"{name}: cursor {sources.cursor(name)}"
        later = portal.asked - portal.asked_at_kill
        for article in ARTICLES:
            limit = int(article not in portal.stored_at_kill) + (article == BUSY)
            if portal.asked_at_kill and later[f"/a/{article}"] > limit:
                yield f"{name}: article {article} was asked for {later[f'/a/{article}']} times after the kill"


@pytest.mark.timeout(300)
def test_what_was_reported_before_the_kill_counts(house: Any, new_portal: NewPortal) -> None:
    """Two sources in one child, which dies after the report of the first: only the other is noted as failed."""
    quick, slow = new_portal("quick", slow=0), new_portal("slow", slow=30)
    quick.busy = slow.busy = 0
    runs = visit(house, [quick, slow], CANHGIAC_FAULT_POINT="1 crawl child: after report")
    assert (runs["quick"].state, runs["quick"].new) == (SourceState.OK, len(ARTICLES))
    assert runs["slow"].state is SourceState.FAILED
    assert runs["slow"].batch == runs["quick"].batch
    assert (ahead(quick), ahead(slow), broken()) == ([], [], [])
    for article in ARTICLES:
        slow.site.routes[f"/a/{article}"] = _article(slow, article, 0)
    visit_until_done(house, [quick, slow])
    assert list(_faults([quick, slow])) == []
