"""Small sites on loopback, well-behaved and hostile, and a house to crawl them with."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from attrs import define, field

from crawler import batches
from crawler.egress import Refusal, read_refusals
from model.source import Run, Source
from store import sources
from store.connect import connect, disconnect

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@define
class Site:
    """A site on loopback. routes: path -> handler, or the text of the page; requests: (path, headers), in order."""

    routes: dict[str, Handler | str] = field(factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Its address, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """As `--allow-address` takes it."""
        return f"127.0.0.1:{self.port}"

    def asked(self, path: str) -> list[dict[str, str]]:
        """Headers of every request for a path."""
        return [headers for asked, headers in self.requests if asked == path]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Serves one request."""
        self.requests.append((request.path_qs, {name.lower(): value for name, value in request.headers.items()}))
        route = self.routes.get(request.path_qs, self.routes.get(request.path))
        if route is None:
            return web.Response(status=404, text="not here")
        if isinstance(route, str):
            return web.Response(text=route, content_type="text/html")
        return await route(request)


@pytest.fixture
def new_site() -> Iterator[Callable[..., Site]]:
    """Starts sites, each on a free port of 127.0.0.1, served from a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runners: list[web.AppRunner] = []

    async def begin(site: Site) -> None:
        application = web.Application(client_max_size=1024)
        application.router.add_route("*", "/{path:.*}", site.answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        listener = web.TCPSite(runner, "127.0.0.1", 0)
        await listener.start()
        site.port = runner.addresses[0][1]
        runners.append(runner)

    def start(**routes: Handler | str) -> Site:
        site = Site()
        asyncio.run_coroutine_threadsafe(begin(site), loop).result(10)
        site.routes.update(routes)
        return site

    yield start

    async def end() -> None:
        for runner in runners:
            await runner.cleanup()

    asyncio.run_coroutine_threadsafe(end(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@define
class House:
    """An operations database of its own, and crawls over it. now: the moment, moved by the test."""

    folder: Path
    url: str
    sites: list[Site] = field(factory=list)
    shift: timedelta = timedelta()

    def now(self) -> datetime:
        """The clock of the parent."""
        return datetime.now(UTC) + self.shift

    def add(self, *found: Source) -> None:
        """Registers sources."""
        sources.upsert(found, now=self.now())

    def crawl(self, *ids: str, limits: batches.Limits | None = None, workers: int = 2) -> dict[str, Run]:
        """Visits the named sources, or all, whether due or not; runs by source."""
        runs = batches.run_due(
            database_url=self.url,
            now=self.now,
            allow=[site.address for site in self.sites],
            only=ids or None,
            force=True,
            workers=workers,
            refusal_log=self.folder / "refusals.jsonl",
            limits=limits,
        )
        return {run.source: run for run in runs}

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What the egress gate refused."""
        return read_refusals(self.folder / "refusals.jsonl")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A fresh house."""
    url = f"sqlite:///{tmp_path / 'house.db'}"
    connect(url)
    yield House(tmp_path, url)
    disconnect()


def article(title: str, text: str) -> str:
    """An article page."""
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div class=body><p>{text}</p></div></body></html>"
