"""What every request passes on its way out: robots.txt, validators, the site's pace, the gate."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares import redirect
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    StopDownload,
)
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from twisted.internet.error import ConnectError, ConnectionClosed

from crawler.health import GATE_HEADER
from crawler.keeping import utc_now
from crawler.page import Ask, web_address
from crawler.schedule import site_of
from crawler.visit import Visit
from store.sources import Robots

if TYPE_CHECKING:
    from crawler.spider import SourceSpider

log = logging.getLogger(__name__)

FETCH_FAILURES = (
    IgnoreRequest,
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    StopDownload,
    TunnelError,
    ConnectError,
    ConnectionClosed,
    OSError,
)
"""Everything that a download can end with instead of an answer."""

ROBOTS_NAME = "canhgiac"
ROBOTS_KEPT = timedelta(hours=24)
ROBOTS_RETRY = timedelta(minutes=5)
"""How long a site whose robots.txt answers 5xx or nothing stays closed to us before we ask again (RFC 9309, 2.3.1.4)."""
LONGEST_ROBOTS = 512 * 1024
"""Bytes that are read; RFC 9309 asks for 500 KiB. Protego takes 0.7 s for 100,000 rules."""
LONGEST_DELAY = 60.0
"""Seconds. `Crawl-delay: 1e20` is read as 1e20."""


class _Middleware:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Middleware:
        """As Scrapy makes it."""
        return cls(crawler)

    @property
    def spider(self) -> SourceSpider:
        """The spider of this crawl."""
        spider: SourceSpider = self.crawler.spider  # type: ignore[assignment]
        return spider


class Refused(IgnoreRequest):
    """We do not ask for this address. lasting: it will be the same tomorrow."""

    def __init__(self, reason: str, *, lasting: bool) -> None:
        super().__init__(reason)
        self.lasting = lasting


class RobotsMiddleware(_Middleware):
    """Keeps to robots.txt. Answers are shared between crawls for a day; 5xx or no answer closes the site for a while."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.rules: dict[str, asyncio.Future[_Rules]] = {}

    async def process_request(self, request: Request) -> None:
        """Raises Refused for what the site does not want asked for."""
        if request.meta.get("is_robots"):
            return
        rules = await self._rules(request)
        if rules.closed:
            raise Refused(f"robots.txt {rules.closed}", lasting=False)
        if not rules.parsed.can_fetch(request.url, ROBOTS_NAME):
            raise Refused("robots.txt forbids it", lasting=True)
        if rules.delay:
            request.meta["crawl_delay"] = rules.delay

    async def _rules(self, request: Request) -> _Rules:
        parts = urlsplit(request.url)
        host = f"{parts.scheme}://{parts.netloc}"
        known = self.rules.get(host)
        if known is None:
            known = self.rules[host] = asyncio.get_running_loop().create_future()
            try:
                known.set_result(_Rules(await self._robots(host)))
            except BaseException as error:
                known.set_exception(error)
                known.exception()
                raise
        return await known

    async def _robots(self, host: str) -> Robots:
        kept = await self.spider.keeper.robots_get(host)
        now = utc_now()
        if kept is not None and kept.expires > now:
            return kept
        status, body = await self._fetch(host)
        closed = status == 0 or status >= 500 or status == 429
        if closed and kept is not None and kept.status == 200:
            # RFC 9309: an old copy may be used while the site has trouble.
            status, body = kept.status, kept.body
        robots = Robots(
            host=host, body=body, status=status, fetched=now, expires=now + (ROBOTS_RETRY if closed else ROBOTS_KEPT)
        )
        await self.spider.keeper.robots_put(robots)
        return robots

    async def _fetch(self, host: str) -> tuple[int, str]:
        request = Request(
            f"{host}/robots.txt",
            callback=NO_CALLBACK,
            priority=1000,
            meta={"is_robots": True, "dont_retry": True, "download_timeout": 15.0},
        )
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(request)
        except FETCH_FAILURES as error:
            log.info("%s/robots.txt: %s", host, error)
            return 0, ""
        said = (response.headers.get(GATE_HEADER) or b"").decode("latin-1")
        if response.status == 403 and said:
            raise Refused(f"egress gate: {said}", lasting=False)
        if said:
            return 0, ""
        body = response.body[:LONGEST_ROBOTS].decode("utf-8", "replace") if response.status == 200 else ""
        return response.status, body


class _Rules:
    """A robots.txt as it binds us."""

    def __init__(self, robots: Robots) -> None:
        status = robots.status
        self.closed = (
            "cannot be fetched" if status == 0 else f"answers {status}" if status >= 500 or status == 429 else ""
        )
        self.parsed = Protego.parse(robots.body if status == 200 else "")
        delay = self.parsed.crawl_delay(ROBOTS_NAME)
        self.delay = min(max(float(delay), 0.0), LONGEST_DELAY) if delay is not None and delay == delay else 0.0


class ConditionalMiddleware(_Middleware):
    """Sends the validators of the last answer that was kept, so that an unchanged listing costs one 304."""

    def process_request(self, request: Request) -> None:
        """Sets If-None-Match and If-Modified-Since."""
        visit: Visit | None = request.meta.get("visit")
        ask: Ask | None = request.meta.get("ask")
        if visit is None or ask is None or not ask.conditional or request.url != request.meta["asked"]:
            return
        if etag := visit.cursor.etags.get(ask.url):
            request.headers["If-None-Match"] = etag
        if modified := visit.cursor.modified.get(ask.url):
            request.headers["If-Modified-Since"] = modified


class PaceMiddleware(_Middleware):
    """One request at a time to a site, and the longest pause that the sheet or the site's robots.txt asks for."""

    def process_request(self, request: Request) -> None:
        """Gives the request its site's slot."""
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        site = site_of(request.url)
        request.meta["download_slot"] = site
        visit: Visit | None = request.meta.get("visit")
        pause = float(request.meta.get("pause", visit.options.delay if visit else 0.0))
        delay = max(min(pause, visit.options.delay) if visit else pause, float(request.meta.get("crawl_delay", 0.0)))
        known = downloader.per_slot_settings.get(site)
        delay = max(delay, known["delay"]) if known else delay
        downloader.per_slot_settings[site] = {"concurrency": 1, "delay": delay}
        if site in downloader.slots:
            downloader.slots[site].delay = delay


class RedirectMiddleware(redirect.RedirectMiddleware):
    """Scrapy's, without a Referer, and only to addresses that a crawler may ask for."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RedirectMiddleware:
        """As Scrapy makes it, but without its look for a component that sets Referer: none is ever sent."""
        made = cls(crawler.settings)
        made.crawler = crawler
        return made

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        """The request for the new address. Raises Refused for one that is not http."""
        result = super().process_response(request, response)
        if isinstance(result, Request) and not web_address(result.url):
            raise Refused("redirect to an address that is not http", lasting=False)
        return result


class GateMiddleware(_Middleware):
    """Sends everything through the egress gate, robots.txt and redirects too."""

    def process_request(self, request: Request) -> None:
        """Names the gate as the request's proxy, whatever it said before. Raises Refused for another scheme."""
        if urlsplit(request.url).scheme not in ("http", "https"):
            raise Refused("not an http address", lasting=True)
        request.meta["proxy"] = self.spider.gate.url

    def process_response(self, request: Request, response: Response) -> Response:
        """Counts what came in, 304 and errors included."""
        visit: Visit | None = request.meta.get("visit")
        if visit is not None:
            visit.received += len(response.body)
        return response
