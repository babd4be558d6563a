"""The pictures of posts and ads: fetched through the gate like everything else, read in a child, kept with the post.

A pipeline in front of the one that keeps: a post goes on with what its pictures say, or with the reason why they could
not be read; no picture ever costs a post. Pictures of news and warnings are not asked for: they are the paper's own.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import evolve
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from crawler.health import GATE_HEADER
from crawler.keeping import Parcel, utc_now
from crawler.middlewares import FETCH_FAILURES
from crawler.page import web_address
from crawler.visit import Visit
from extraction.image import MOST_BYTES, read_picture
from extraction.image_process import ImageProcess
from model.document import Document, Picture

if TYPE_CHECKING:
    from crawler.spider import SourceSpider

log = logging.getLogger(__name__)

SOURCE_KINDS = frozenset(("social", "forum", "channel", "video", "classified", "ad", "landing"))
MOST_OF_A_POST = 5
MOST_OF_A_VISIT = 150
"""Pictures fetched at one visit; the posts beyond it are kept, and their pictures asked for at the next."""
SECONDS = 20.0
PAUSE = 0.25
"""Seconds between two pictures of a site that shows nothing but pictures to us; robots' Crawl-delay counts if longer. A
browser asks for all pictures of a page at once."""
MOST_READING = 90.0
"""Seconds that one visit spends on reading pictures: what a hostile site can take of the others' time."""
OUT_OF_BOUNDS = "the visit's bounds are reached"
ASKED_AGAIN = timedelta(hours=6)
"""How long after a post was first collected a picture that could not be had is asked for again."""
LASTING = frozenset(("404", "410", "403", "401", "robots.txt forbids it"))
ACCEPT = "image/png,image/jpeg,image/webp,image/gif,image/*;q=0.5"


class PicturePipeline:
    """Gives documents their pictures before they are kept."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.process = ImageProcess()
        # One: the child reads one picture at a time.
        self.pool = ThreadPoolExecutor(1, "pictures")
        self.asked: dict[str, asyncio.Task[Picture]] = {}
        self.read: dict[str, Picture] = {}
        self.missing: Mapping[str, str] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PicturePipeline:
        """As Scrapy makes it."""
        return cls(crawler)

    @property
    def spider(self) -> SourceSpider:
        """The spider of this crawl."""
        spider: SourceSpider = self.crawler.spider  # type: ignore[assignment]
        return spider

    async def process_item(self, item: Parcel) -> Parcel:
        """The parcel, its posts with their pictures."""
        shown = [document for document in item.documents if addresses(document)]
        visit = self.spider.visits[item.source]
        if not shown or not visit.options.max_images:
            return item
        names = [document.external_id for document in shown]
        kept = await self.spider.keeper.collected(item.source, names)
        found = await asyncio.gather(
            *(self._pictures(document, kept.get(document.external_id), visit) for document in shown)
        )
        pictures = dict(zip(map(id, shown), found, strict=True))
        documents = tuple(
            evolve(document, pictures=pictures[id(document)]) if id(document) in pictures else document
            for document in item.documents
        )
        return evolve(item, documents=documents)

    async def _pictures(self, document: Document, kept: Document | None, visit: Visit) -> tuple[Picture, ...]:
        wanted = addresses(document)[: visit.options.max_images]
        known = {place(picture.address): picture for picture in kept.pictures} if kept else {}
        again = kept is None or utc_now() - kept.collected < ASKED_AGAIN
        tasks = []
        for address in wanted:
            before = known.get(place(address))
            if before is not None and not (again and may_come_yet(before)):
                tasks.append(_at_once(before))
            else:
                tasks.append(self._picture(address, visit))
        return tuple(await asyncio.gather(*tasks))

    async def _picture(self, address: str, visit: Visit) -> Picture:
        """The picture of an address, asked for once in this crawl."""
        if self.missing is None:
            self.missing = await asyncio.get_running_loop().run_in_executor(self.pool, self.process.missing)
        if {"no_codes", "no_text"} <= self.missing.keys():
            return Picture(address=address, problems=("no_codes", "no_text"))
        if address not in self.asked:
            self.asked[address] = asyncio.ensure_future(self._fetch(address, visit))
        return await self.asked[address]

    async def _fetch(self, address: str, visit: Visit) -> Picture:
        if visit.images >= MOST_OF_A_VISIT or visit.stopped or _late(visit):
            return _not_fetched(address, OUT_OF_BOUNDS)
        visit.images += 1
        request = Request(
            address,
            callback=NO_CALLBACK,
            headers={"Accept": ACCEPT},
            meta={
                "visit": visit,
                "pause": PAUSE,
                "dont_retry": True,
                "download_timeout": SECONDS,
                "download_maxsize": MOST_BYTES,
            },
        )
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(request)
        except FETCH_FAILURES as error:
            return _not_fetched(address, str(error) or type(error).__name__)
        except Exception as error:
            log.exception("%s: a picture of %s could not be fetched", visit.source.id, address[:200])
            return _not_fetched(address, type(error).__name__)
        return await self._read(response, address, visit)

    async def _read(self, response: Response, address: str, visit: Visit) -> Picture:
        """What the answer shows; the same bytes are read once, whoever posts them."""
        if (said := response.headers.get(GATE_HEADER)) is not None:
            return _not_fetched(address, f"egress gate: {said.decode('latin-1')}")
        if response.status != 200:
            return _not_fetched(address, str(response.status))
        data = response.body
        digest = hashlib.sha256(data).hexdigest()
        known = self.read.get(digest) or await self.spider.keeper.picture(digest)
        if known is None:
            if visit.reading > MOST_READING or _late(visit):
                return _not_fetched(address, OUT_OF_BOUNDS)
            known = await asyncio.get_running_loop().run_in_executor(self.pool, self._timed, data, visit)
            if known is None:
                return _not_fetched(address, OUT_OF_BOUNDS)
        self.read[digest] = known
        return evolve(known, address=address)

    def _timed(self, data: bytes, visit: Visit) -> Picture | None:
        """On the reading thread. None when the visit's time for reading was spent while the picture waited its turn."""
        if visit.reading > MOST_READING:
            return None
        begun = time.monotonic()
        picture = read_picture(data, process=self.process)
        visit.reading += time.monotonic() - begun
        return picture

    def close_spider(self) -> None:
        """Ends the child."""
        self.process.close()
        self.pool.shutdown(wait=False, cancel_futures=True)


def addresses(document: Document) -> list[str]:
    """The pictures of a post that are worth a look, in its order; none for a kind whose pictures are its own."""
    if document.source_kind not in SOURCE_KINDS:
        return []
    return list(dict.fromkeys(filter(None, map(web_address, document.images))))[:MOST_OF_A_POST]


def place(address: str) -> str:
    """What stays of a picture's address from visit to visit: signed addresses change their parameters every time."""
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}"


def may_come_yet(picture: Picture) -> bool:
    """Whether a picture is worth asking for once more: it did not come, or this machine could not read it then."""
    for problem in picture.problems:
        code, _, detail = problem.partition(":")
        if code in ("no_codes", "no_text") or (code == "not_fetched" and detail.strip() not in LASTING):
            return True
    return False


def _late(visit: Visit) -> bool:
    return time.monotonic() - visit.started_at > visit.options.max_seconds


def _not_fetched(address: str, reason: str) -> Picture:
    log.info("picture %s: %s", address[:200], reason)
    return Picture(address=address, problems=(f"not_fetched: {' '.join(reason.split())[:120]}",))


async def _at_once(picture: Picture) -> Picture:
    return picture
