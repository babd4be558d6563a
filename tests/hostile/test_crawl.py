"""The whole path over small loopback sites, well-behaved and hostile: parent, child, gate, robots, cursor, store."""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from crawler.batches import Limits, try_source
from model.source import Source, SourceState
from store import documents, sources
from store.connect import close_thread

ROOT = Path(__file__).parent.parent.parent

LONG = "Cơ quan công an cảnh báo thủ đoạn giả danh cán bộ gọi điện yêu cầu chuyển tiền. " * 6


def article(title: str, text: str = LONG) -> str:
    """An article page."""
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div class=body><p>{text}</p></div></body></html>"


def listing(*numbers: int) -> str:
    """A listing page that names these articles."""
    rows = "".join(f'<li class=news><a href="/a/{number}">Tin {number}</a></li>' for number in numbers)
    return f"<html><body><ul>{rows}</ul></body></html>"


def portal(site: Any, name: str = "portal", **given: Any) -> Source:
    """The sheet of a site with a listing."""
    options = {"item": "li.news", "id_pattern": r"/(\d+)$", "delay": 0, "article": {"title": "h1", "text": ".body"}}
    return Source(
        id=name, title="Cổng", spider="listing", kind="warning", url=f"{site.url}/list", options=options, **given
    )


def kept() -> dict[str, str]:
    """External id -> title of every document."""
    return {version.document.external_id: version.document.title for version in documents.iterate()}


def answering(status: int, text: str = "", **headers: str):
    """A handler that always answers this."""

    async def answer(_: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, text=text, headers=named)

    return answer


def with_etag(text: str, tag: str = '"v1"'):
    """A handler that answers 304 to whoever has the page."""

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(text=text, content_type="text/html", headers={"ETag": tag})

    return answer


def test_a_listing_and_its_articles_are_kept_and_then_left_alone(house, new_site) -> None:
    site = new_site()
    site.routes.update({"/list": with_etag(listing(1, 2)), "/a/1": article("Một"), "/a/2": article("Hai")})
    house.sites.append(site)
    house.add(portal(site))
    run = house.crawl()["portal"]
    assert (run.state, run.new, run.pages, run.listed, run.error) == (SourceState.OK, 2, 3, 2, "")
    assert kept() == {"1": "Một", "2": "Hai"}
    again = house.crawl()["portal"]
    assert (again.state, again.pages, again.not_modified, again.new) == (SourceState.OK, 1, 1, 0)
    assert len(site.asked("/robots.txt")) == 1, "robots.txt is kept for a day"
    assert house.refusals == ()


def test_an_article_that_got_429_is_fetched_behind_an_unchanged_listing(house, new_site) -> None:
    site = new_site()
    site.routes.update(
        {"/list": with_etag(listing(1, 2)), "/a/1": article("Một"), "/a/2": answering(429, Retry_After="1")}
    )
    house.sites.append(site)
    house.add(portal(site))
    first = house.crawl()["portal"]
    assert (first.state, first.new, first.pending) == (SourceState.OK, 1, 1)
    item = sources.items("portal", ["2"])["2"]
    assert (item.attempts, item.not_before is not None) == (1, True)
    site.routes["/a/2"] = article("Hai")
    house.crawl()
    house.crawl()
    assert kept() == {"1": "Một", "2": "Hai"}
    assert len(site.asked("/a/1")) == 1, "a known item is not asked for again"


def test_a_long_retry_after_of_the_listing_parks_the_source(house, new_site) -> None:
    site = new_site()
    site.routes["/list"] = answering(429, Retry_After="7200")
    house.sites.append(site)
    house.add(portal(site))
    run = house.crawl()["portal"]
    assert (run.state, run.retry_after) == (SourceState.QUOTA, 7200.0)
    status = sources.get_status("portal")
    assert status.next_due > house.now() + timedelta(hours=1, minutes=50)


def test_robots_forbid_close_and_slow_us_down(house, new_site) -> None:
    forbidding, failing = new_site(), new_site()
    forbidding.routes.update({"/robots.txt": "User-agent: *\nDisallow: /list", "/list": listing(1)})
    failing.routes.update({"/robots.txt": answering(503), "/list": listing(1), "/a/1": article("Một")})
    house.sites += [forbidding, failing]
    house.add(portal(forbidding, "forbidding"), portal(failing, "failing"))
    runs = house.crawl()
    assert runs["forbidding"].state is SourceState.BLOCKED
    assert "robots.txt forbids" in runs["forbidding"].error
    assert (runs["failing"].state, runs["failing"].new) == (SourceState.FAILED, 0)
    assert not forbidding.asked("/list")
    assert not failing.asked("/list"), "robots.txt that answers 5xx closes the site"


def test_an_item_that_robots_forbid_is_gone_not_retried(house, new_site) -> None:
    site = new_site()
    site.routes.update({"/robots.txt": "User-agent: *\nDisallow: /a/2", "/list": listing(1, 2), "/a/1": article("Một")})
    house.sites.append(site)
    house.add(portal(site))
    run = house.crawl()["portal"]
    assert (run.state, run.new, run.pending) == (SourceState.OK, 1, 0)
    assert not site.asked("/a/2")


@pytest.mark.parametrize(
    ("handler", "state", "says"),
    [
        (answering(500), SourceState.FAILED, "HTTP 500"),
        (answering(403), SourceState.BLOCKED, "HTTP 403"),
        (answering(200, "<title>Just a moment...</title><script>cf-chl-x</script>"), SourceState.BLOCKED, "Cloudflare"),
        (answering(200, "\x00\x01\x02 \ufffd rác " * 50), SourceState.DRIFT, "nothing on the page"),
        (answering(200, ""), SourceState.EMPTY, "empty"),
        (answering(302, Location="/list"), SourceState.FAILED, "redirect"),
        (answering(302, Location="http://169.254.169.254/latest/meta-data/"), SourceState.FAILED, "gate"),
        (answering(302, Location="file:///etc/passwd"), SourceState.FAILED, ""),
    ],
)
def test_a_listing_in_trouble_is_told_by_its_name(house, new_site, handler, state, says) -> None:
    site = new_site()
    site.routes["/list"] = handler
    house.sites.append(site)
    house.add(portal(site))
    run = house.crawl()["portal"]
    assert run.state is state
    assert says in run.error
    assert documents.count() == 0


def test_a_redirect_into_the_private_network_is_refused_and_logged(house, new_site) -> None:
    site, internal = new_site(), new_site()
    internal.routes["/secret"] = article("Nội bộ")
    site.routes["/list"] = answering(302, Location=f"{internal.url}/secret")
    house.sites.append(site)
    house.add(portal(site))
    run = house.crawl()["portal"]
    assert run.state is SourceState.FAILED
    assert internal.requests == [], "no connection was made"
    assert [(refusal.host, refusal.port) for refusal in house.refusals] == [("127.0.0.1", internal.port)]


def bomb(_: web.Request):
    body = gzip.compress(b"<p>" + b"0" * 300_000_000, 1)
    response = web.Response(body=body, headers={"Content-Encoding": "gzip", "Content-Type": "text/html"})

    async def answer() -> web.Response:
        return response

    return answer()


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/html"})
    await response.prepare(request)
    for _ in range(100):
        await response.write(b"<p>" + b"x" * 1_000_000)
    return response


def test_bombs_and_huge_pages_cost_only_themselves(house, new_site) -> None:
    good, big, packed = new_site(), new_site(), new_site()
    good.routes.update({"/list": listing(1), "/a/1": article("Một")})
    big.routes["/list"] = endless
    packed.routes["/list"] = bomb
    house.sites += [good, big, packed]
    house.add(portal(good, "good"), portal(big, "big"), portal(packed, "packed"))
    runs = house.crawl()
    assert (runs["good"].state, runs["good"].new) == (SourceState.OK, 1)
    assert runs["big"].state is SourceState.FAILED
    assert runs["packed"].state is SourceState.FAILED


def test_an_attribute_bomb_is_quarantined_and_the_rest_is_kept(house, new_site) -> None:
    site = new_site()
    attributes = " ".join(f"a{number}=1" for number in range(100_000))
    site.routes.update({"/list": listing(1, 2), "/a/1": f"<div {attributes}></div>", "/a/2": article("Hai")})
    house.sites.append(site)
    house.add(portal(site))
    run = house.crawl()["portal"]
    assert (run.state, run.new, run.quarantined, run.pending) == (SourceState.OK, 1, 1, 0)


def test_a_child_that_hangs_is_killed_and_the_next_source_is_visited(house, new_site) -> None:
    bad, good = new_site(), new_site()
    bad.routes["/feed"] = f"<rss><channel><item><link>{bad.url}/{'a' * 60}!</link></item></channel></rss>"
    good.routes.update({"/list": listing(1), "/a/1": article("Một")})
    house.sites += [bad, good]
    endless = {"delay": 0, "include": "(a+)+$"}
    house.add(
        Source(id="bad", title="x", spider="feed", kind="news", url=f"{bad.url}/feed", options=endless),
        portal(good, "good"),
    )
    runs = house.crawl(limits=Limits(soft=30, hard=35), workers=1)
    assert runs["bad"].state is SourceState.FAILED
    assert "killed" in runs["bad"].error
    assert (runs["good"].state, runs["good"].new) == (SourceState.OK, 1)


def test_a_slow_page_ends_with_the_soft_limit(house, new_site) -> None:
    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(600)
        return web.Response()

    slow_site, good = new_site(), new_site()
    slow_site.routes["/list"] = slow
    good.routes.update({"/list": listing(1), "/a/1": article("Một")})
    house.sites += [slow_site, good]
    house.add(portal(slow_site, "slow"), portal(good, "good"))
    runs = house.crawl(limits=Limits(soft=20, hard=90))
    assert runs["slow"].state is SourceState.FAILED
    assert (runs["good"].state, runs["good"].new) == (SourceState.OK, 1)


def test_a_broken_sheet_costs_only_itself(house, new_site) -> None:
    site = new_site()
    site.routes.update({"/list": listing(1), "/a/1": article("Một")})
    house.sites.append(site)
    broken = Source(
        id="broken",
        title="x",
        spider="listing",
        kind="news",
        url=f"{site.url}/x",
        options={"itme": "li"},
        file="x.yaml",
    )
    house.add(portal(site, "good"), broken)
    runs = house.crawl()
    assert runs["good"].new == 1
    assert "x.yaml: options.itme: is not an option of this spider" in runs["broken"].error
    assert "did you mean 'item'?" in runs["broken"].error


def test_trying_a_source_stores_nothing(house, new_site) -> None:
    site = new_site()
    site.routes.update({"/list": listing(1, 2, 3), **{f"/a/{n}": article(f"Gọi 0912 345 67{n}") for n in (1, 2, 3)}})
    trial = try_source(portal(site), allow=[site.address], limit=2)
    assert trial.run.state is SourceState.OK
    assert len(trial.documents) == 2
    assert trial.documents[0].mentions
    assert (documents.count(), trial.refusals) == (0, ())


def test_loopback_is_closed_without_the_option(house, new_site) -> None:
    site = new_site()
    site.routes["/list"] = listing(1)
    trial = try_source(portal(site))
    assert trial.run.state is SourceState.FAILED
    assert site.requests == []


def test_a_crawl_child_does_not_load_the_console(run_child) -> None:
    code = (
        "import crawler.child, sys; from scrapy.spiderloader import get_spider_loader as loader;"
        "from scrapy.utils.project import get_project_settings as project;"
        "names = loader(project()).list(); print(*names);"
        "print([name for name in sys.modules if name.split('.')[0] in ('console', 'alerts', 'reports', 'town')])"
    )
    done = run_child(code)
    assert done.stdout.splitlines() == ["browser feed json_api listing thread", "[]"], done.stderr


def test_the_project_is_an_ordinary_scrapy_project(house, new_site) -> None:
    site = new_site()
    site.routes.update(
        {"/feed": f"<rss><channel><item><link>{site.url}/a/1</link></item></channel></rss>", "/a/1": article("Một")}
    )
    house.add(Source(id="paper", title="x", spider="feed", kind="news", url=f"{site.url}/feed", options={"delay": 0}))
    environment = {**os.environ, "CANHGIAC_HOME": str(house.folder), "CANHGIAC_DATABASE_URL": house.url}
    command = [sys.executable, "-m", "scrapy", "crawl", "feed", "-a", "source=paper", "-a", f"allow={site.address}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert list(kept().values()) == ["Một"]
    assert sources.runs("paper")[0].state is SourceState.OK


def test_a_lost_lease_stops_the_child_and_nothing_is_written(house, new_site) -> None:
    site = new_site()

    async def steal(_: web.Request) -> web.Response:
        await asyncio.to_thread(take_over)
        return web.Response(text=article("Một"), content_type="text/html")

    def take_over() -> None:
        later = house.now() + timedelta(hours=2)
        assert sources.lease(["portal"], "another", now=later, ttl=timedelta(hours=1))
        close_thread()

    site.routes.update({"/list": listing(1), "/a/1": steal})
    house.sites.append(site)
    house.add(portal(site))
    run = house.crawl()["portal"]
    assert documents.count() == 0
    assert sources.get_status("portal").last_run is None
    assert run.source == "portal"
