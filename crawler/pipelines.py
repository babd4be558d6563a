"""From the reactor to the one writer thread: 50 documents or one second to a transaction, and a parcel counts after it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from typing import TYPE_CHECKING

from scrapy.crawler import Crawler

from crawler.keeping import Keeper, Parcel
from crawler.visit import Visit
from model.errors import StaleFenceError
from store.faults import fault_point

if TYPE_CHECKING:
    from crawler.spider import SourceSpider

log = logging.getLogger(__name__)

MOST_DOCUMENTS = 50
LONGEST_WAIT = 1.0

Waiting = list[tuple[Parcel, "asyncio.Future[None]"]]


class KeepPipeline:
    """`process_item` returns when the parcel is on disk, so Scrapy reads no faster than we write."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.waiting: dict[str, Waiting] = defaultdict(list)
        self.timers: dict[str, asyncio.TimerHandle] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> KeepPipeline:
        """As Scrapy makes it."""
        return cls(crawler)

    @property
    def spider(self) -> SourceSpider:
        """The spider of this crawl."""
        spider: SourceSpider = self.crawler.spider  # type: ignore[assignment]
        return spider

    @property
    def keeper(self) -> Keeper:
        """Where parcels go."""
        return self.spider.keeper

    async def process_item(self, item: Parcel) -> Parcel:
        """Waits until the parcel is kept; one that cannot be kept is its visit's trouble."""
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[None] = loop.create_future()
        waiting = self.waiting[item.source]
        waiting.append((item, kept))
        if sum(len(parcel.documents) for parcel, _ in waiting) >= MOST_DOCUMENTS:
            self._flush(item.source)
        elif item.source not in self.timers:
            self.timers[item.source] = loop.call_later(LONGEST_WAIT, self._flush, item.source)
        await kept
        return item

    def _flush(self, source: str) -> None:
        timer = self.timers.pop(source, None)
        if timer is not None:
            timer.cancel()
        waiting = self.waiting.pop(source, [])
        if waiting:
            task = asyncio.get_running_loop().create_task(self._keep(source, waiting))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _keep(self, source: str, waiting: Waiting) -> None:
        visit: Visit = self.spider.visits[source]
        fault_point("crawl child: before keep")
        try:
            async with self.locks[source]:
                result = await self.keeper.commit(source, [parcel for parcel, _ in waiting])
        except StaleFenceError as error:
            visit.lost = True
            log.error("%s: %s; this child stops", source, error)
            self.spider.stop("lease lost")
        except Exception as error:
            log.exception("%s: cannot keep what was found", source)
            visit.not_kept(f"{type(error).__name__}: {error}")
        else:
            visit.count_kept(result)
        finally:
            fault_point("crawl child: after keep")
            for _, kept in waiting:
                kept.set_result(None)
                self.spider.release(visit)

    async def close_spider(self) -> None:
        """Keeps what still waits."""
        for source in list(self.waiting):
            self._flush(source)
        while self.tasks:
            await asyncio.gather(*self.tasks)
