"""The mechanics under every spider: visits of several sources in one crawl, the cursor rule, limits, reports.

A family declares its Options and its readers, which are pure functions (`crawler.page`). Everything that a reader gives
goes one way: documents, listed items and validators of a page make one parcel, kept in one transaction; asks become
requests. The cursor rule: validators are kept together with a pending row for every item the page named; the item's own
page settles it as stored or gone; what is pending is asked for again at the next visit, also when the listing answers 304.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import scrapy
from attrs import define, evolve, field
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure

from crawler.batch import Batch, Report
from crawler.canary import prove
from crawler.egress import Gate
from crawler.health import Verdict, classify
from crawler.keeping import Keeper, Parcel, StoreKeeper, TrialKeeper, utc_now
from crawler.middlewares import FETCH_FAILURES, Refused
from crawler.options import SpiderOptions, read_options
from crawler.page import Ask, Found, Page, Reader, web_address
from crawler.schedule import item_pause, site_of
from crawler.visit import Visit
from model.document import Document, Quarantined
from model.errors import BadDocumentError, CanhGiacError, ConfigError, LayoutChangedError, SourceError
from model.ids import stable_id
from model.source import Cursor, ItemState, ListedItem, Run, Source, SourceState

MOST_ATTEMPTS = 10
"""Tries of an item before it is given up (with a quarantine row); pauses double, so the last is days after the first."""
MOST_QUOTA_ANSWERS = 3
"""Answers in a row that ask us to come back later, after which the visit asks for nothing more."""
MOST_RESUMED = 3
_CHAIN = "next:"

Output: TypeAlias = "scrapy.Request | Parcel"
Tell = Callable[[Report], None]


@define(kw_only=True)
class _Reading:
    """What a reader gave for one page, sorted."""

    documents: list[Document] = field(factory=list)
    items: list[ListedItem] = field(factory=list)
    asks: list[Ask] = field(factory=list)
    marks: dict[str, str | None] = field(factory=dict)
    doubts: list[Verdict] = field(factory=list)

    @classmethod
    def of(cls, found: Iterable[Found]) -> _Reading:
        """Runs the reader to its end."""
        reading = cls()
        for thing in found:
            if isinstance(thing, Document):
                reading.documents.append(thing)
            elif isinstance(thing, ListedItem):
                reading.items.append(thing)
            elif isinstance(thing, Ask):
                reading.asks.append(thing)
            elif isinstance(thing, Verdict):
                reading.doubts.append(thing)
            else:
                reading.marks[thing.name] = thing.value
        return reading


class SourceSpider(scrapy.Spider):
    """Base of all spiders. `scrapy crawl NAME -a source=ID` visits one source of the register."""

    name = ""
    options_type: ClassVar[type[SpiderOptions]] = SpiderOptions
    readers: ClassVar[Mapping[str, Reader]] = {}
    api: ClassVar[bool] = False
    """Whether its answers are JSON, which have no challenge pages to tell from content."""

    def __init__(self, batch: Batch, tell: Tell, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.batch, self.tell = batch, tell
        self.visits: dict[str, Visit] = {}
        self.gate = Gate(allow=batch.allow, log=Path(batch.refusal_log) if batch.refusal_log else None)
        self.keeper: Keeper = TrialKeeper(tell) if batch.trial else StoreKeeper(batch)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> SourceSpider:
        """As Scrapy makes it: with a batch from `crawler.child`, or with `-a source=ID` from Scrapy's command line."""
        if "batch" not in kwargs:
            from crawler.child import batch_of_source

            kwargs["batch"], kwargs["tell"] = batch_of_source(
                cls.name, str(kwargs.pop("source", "")), kwargs.pop("allow", "")
            )
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.wind_up, signals.spider_closed)
        return spider

    # What a family may say

    @classmethod
    def prepare(cls) -> object:
        """Looks for what the spider needs of the machine, before the crawl. Raises CanhGiacError when it is not there."""
        return None

    @classmethod
    def first_asks(cls, source: Source, options: Any, cursor: Cursor) -> Iterable[Ask]:
        """Where a visit begins."""
        return (Ask(url=source.url),)

    @classmethod
    def unchanged_asks(cls, ask: Ask, source: Source, options: Any, cursor: Cursor) -> Iterable[Ask]:
        """What to ask for after a page answered 304."""
        return ()

    @classmethod
    def item_ask(cls, item: ListedItem, source: Source, options: Any) -> Ask:
        """How a listed item's own page is asked for."""
        return Ask(url=item.url, reader="item", item=item, conditional=False)

    def fit(self, request: scrapy.Request, visit: Visit, ask: Ask) -> scrapy.Request:
        """A last touch to a request; the browser family adds what its page is to do."""
        return request

    # Visits

    async def start(self) -> AsyncIterator[Any]:
        """Opens the gate, proves it, and begins every visit."""
        await self.gate.open()
        try:
            await prove(self.gate, self.crawler)
        except CanhGiacError as error:
            refuse(self.batch, self.tell, error)
            return
        for source in self.batch.sources:
            for request in await self._begin(source):
                yield request

    async def _begin(self, source: Source) -> list[scrapy.Request]:
        run = self.batch.runs.get(source.id) or new_run(source, self.batch.id)
        try:
            options = read_options(self.options_type, source)
        except ConfigError as error:
            self.tell(Report(run=evolve(run, finished=utc_now(), state=SourceState.FAILED, error=str(error))))
            return []
        visit = self.visits[source.id] = Visit(
            source=source,
            options=options,
            run=run,
            cursor=await self.keeper.cursor(source.id),
            started_at=time.monotonic(),
            most_items=self.batch.limit or options.max_items,
        )
        visit.under_way += 1
        try:
            return [request for ask in self._opening(visit) if (request := self._request(visit, ask))]
        finally:
            self.release(visit)

    def _opening(self, visit: Visit) -> Iterable[Ask]:
        """The first asks, and the chains that an earlier visit could not finish."""
        begun = {name: value for name, value in visit.cursor.marks.items() if name.startswith(_CHAIN)}
        resumed = list(begun.items())[-MOST_RESUMED:]
        fresh = next(name for name in map(str, range(MOST_RESUMED + 1)) if _CHAIN + name not in dict(resumed))
        for ask in self.first_asks(visit.source, visit.options, visit.cursor):
            yield evolve(ask, chain=fresh) if ask.item is None else ask
        for name, value in resumed:
            told = json.loads(value)
            yield Ask(
                url=told["url"],
                reader=told["reader"],
                number=told["number"],
                chain=name.removeprefix(_CHAIN),
                conditional=False,
            )

    def _request(self, visit: Visit, ask: Ask) -> scrapy.Request | None:
        """The request for an ask; None when it was asked for before, may not be, or the visit's bounds are reached."""
        address = web_address(ask.url)
        if not address or address in visit.asked or visit.stopped:
            return None
        if time.monotonic() - visit.started_at > visit.options.max_seconds:
            visit.stopped = "time limit of the visit reached"
            return None
        if ask.item is not None and ask.number == 1:
            if visit.items_asked >= visit.most_items:
                return None
            visit.items_asked += 1
        visit.asked.add(address)
        visit.under_way += 1
        request = scrapy.Request(
            address,
            callback=self.on_page,
            errback=self.on_failure,
            cb_kwargs={"visit": visit, "ask": ask},
            meta={"visit": visit, "ask": ask, "asked": address, "download_slot": site_of(address)},
            priority=0 if ask.item is not None else 10,
            dont_filter=True,
        )
        request.meta["asked"] = request.url
        return self.fit(request, visit, ask)

    def release(self, visit: Visit) -> None:
        """One request or parcel of the visit is done; the last one ends it."""
        visit.under_way -= 1
        if visit.under_way == 0:
            self._report(visit)

    def _report(self, visit: Visit, *, cut_short: str = "") -> None:
        if not visit.reported and not visit.lost:
            visit.reported = True
            self.tell(Report(run=visit.finished(utc_now(), cut_short=cut_short)))

    def stop(self, reason: str) -> None:
        """Ends this child's crawl."""
        assert self.crawler.engine is not None
        self._stopping = self.crawler.engine.close_spider(self, reason)

    async def wind_up(self, reason: str) -> None:
        """Reports the visits that did not end, and closes what is open."""
        for visit in self.visits.values():
            self._report(visit, cut_short=f"cut short: {reason}")
        await self.gate.close()
        self.keeper.close()

    # Pages

    async def on_page(self, response: Response, visit: Visit, ask: Ask) -> AsyncIterator[Output]:
        """Classifies a page, reads it, and hands on what it gives."""
        try:
            visit.pages += 1
            page = self._page(response, visit, ask)
            verdict = classify(
                status=response.status,
                url=response.url,
                asked=ask.url,
                headers=header_values(response),
                body=page.text,
                now=page.now,
                api=self.api,
            )
            visit.quota_answers = visit.quota_answers + 1 if verdict.state is SourceState.QUOTA else 0
            if visit.quota_answers >= MOST_QUOTA_ANSWERS:
                visit.stopped = "the site asks us to come back later"
            outputs = self._read(page, response, visit) if verdict.readable else self._unread(verdict, visit, ask)
            async for output in outputs:
                yield self._counted(output, visit)
        except Exception as error:
            visit.troubles.append(Verdict(state=SourceState.FAILED, reason=f"{type(error).__name__}: {error}"))
            raise
        finally:
            self.release(visit)

    async def on_failure(self, failure: Failure) -> AsyncIterator[Output]:
        """A page that gave no answer."""
        request = failure.request  # type: ignore[attr-defined]
        visit, ask = request.cb_kwargs["visit"], request.cb_kwargs["ask"]
        try:
            error = failure.value
            if isinstance(error, Refused):
                state = SourceState.BLOCKED if error.lasting else SourceState.FAILED
                verdict = Verdict(state=state, reason=str(error), gone=error.lasting and ask.item is not None)
            elif isinstance(error, FETCH_FAILURES):
                verdict = Verdict(state=SourceState.FAILED, reason=f"{type(error).__name__}: {error}"[:300])
            else:
                verdict = Verdict(state=SourceState.FAILED, reason=f"{type(error).__name__}: {error}"[:300])
                self.logger.error("%s: %s", visit.source.id, failure.getTraceback())
            async for output in self._unread(verdict, visit, ask):
                yield self._counted(output, visit)
        finally:
            self.release(visit)

    def _counted(self, output: Output, visit: Visit) -> Output:
        if isinstance(output, Parcel):
            visit.under_way += 1
        return output

    def _page(self, response: Response, visit: Visit, ask: Ask) -> Page:
        return Page(source=visit.source, url=response.url, text=body_text(response), now=utc_now(), ask=ask)

    async def _read(self, page: Page, response: Response, visit: Visit) -> AsyncIterator[Output]:
        """What the page's reader gives: its parcel first, then the requests that follow from it."""
        ask = page.ask
        try:
            reading = _Reading.of(self.readers[ask.reader](page, visit.options))
        except LayoutChangedError as error:
            async for output in self._unread(Verdict(state=SourceState.DRIFT, reason=error.problem), visit, ask):
                yield output
            return
        except SourceError as error:
            async for output in self._unread(Verdict(state=SourceState.FAILED, reason=error.problem), visit, ask):
                yield output
            return
        except BadDocumentError as error:
            async for output in self._unreadable(str(error), visit, ask):
                yield output
            return
        visit.troubles.extend(reading.doubts)
        known = await self.keeper.items(page.source.id, [item.external_id for item in reading.items])
        news = await self._gives_news(page.source.id, reading, known)
        asks = [
            further
            for further in reading.asks
            if (news or not further.only_if_new) and web_address(further.url) not in visit.asked
        ]
        wanted = [item for item in reading.items if _may_be_asked(known.get(item.external_id), page.now)]
        yield self._parcel(page, response, visit, evolve(reading, asks=asks), wanted)
        for item in wanted:
            if request := self._request(visit, self.item_ask(item, page.source, visit.options)):
                yield request
        for further in asks:
            if request := self._request(visit, further):
                yield request
        if ask.lists:
            async for output in self._pending(visit):
                yield output

    async def _gives_news(self, source: str, reading: _Reading, known: Mapping[str, ListedItem]) -> bool:
        if any(item.external_id not in known for item in reading.items):
            return True
        if not any(ask.only_if_new for ask in reading.asks):
            return False
        ids = {document.external_id for document in reading.documents}
        return len(await self.keeper.known(source, ids)) < len(ids)

    def _parcel(
        self, page: Page, response: Response, visit: Visit, reading: _Reading, wanted: Sequence[ListedItem]
    ) -> Parcel:
        ask, settled = page.ask, {}
        if ask.lists:
            visit.seen += len(reading.documents) + len(reading.items)
            visit.listed += len(reading.items)
        elif ask.item is not None and not any(further.item is not None for further in reading.asks):
            settled[ask.item.external_id] = ItemState.STORED
            visit.items_read += 1
        validators = None
        if ask.conditional:
            headers = header_values(response)
            validators = (ask.url, headers.get("etag", ""), headers.get("last-modified", ""))
        return Parcel(
            source=page.source.id,
            documents=tuple(reading.documents),
            listed=tuple(wanted),
            settled=settled,
            validators=validators,
            marks={**reading.marks, **_chain_mark(ask, reading.asks, visit.cursor)},
        )

    async def _unread(self, verdict: Verdict, visit: Visit, ask: Ask) -> AsyncIterator[Output]:
        """A page from which nothing is read: unchanged, or in trouble."""
        if verdict.not_modified:
            visit.not_modified += 1
            requests = [
                request
                for further in self.unchanged_asks(ask, visit.source, visit.options, visit.cursor)
                if (request := self._request(visit, further))
            ]
            settled = {}
            if ask.item is not None and not any(request.meta["ask"].item for request in requests):
                settled[ask.item.external_id] = ItemState.STORED
            marks = _chain_mark(ask, (), visit.cursor)
            if marks or settled:
                yield Parcel(source=visit.source.id, marks=marks, settled=settled)
            for request in requests:
                yield request
            if ask.lists:
                async for output in self._pending(visit):
                    yield output
        elif ask.lists:
            visit.troubles.append(verdict)
        else:
            visit.item_troubles.append(verdict)
            if ask.item is not None:
                yield self._missed(verdict, visit, ask.item)

    async def _unreadable(self, reason: str, visit: Visit, ask: Ask) -> AsyncIterator[Output]:
        """A page that must not be parsed (a bomb): an item is quarantined and not asked for again."""
        verdict = Verdict(state=SourceState.FAILED, reason=reason, gone=ask.item is not None)
        if ask.item is not None:
            yield Parcel(source=visit.source.id, quarantined=(_quarantined(visit, ask.item, reason),))
        async for output in self._unread(verdict, visit, ask):
            yield output

    def _missed(self, verdict: Verdict, visit: Visit, item: ListedItem) -> Parcel:
        """What becomes of an item whose page could not be read."""
        if verdict.gone:
            return Parcel(source=visit.source.id, settled={item.external_id: ItemState.GONE})
        attempts = item.attempts + 1
        if attempts >= MOST_ATTEMPTS:
            given_up = _quarantined(visit, item, f"given up after {attempts} attempts: {verdict.reason}")
            return Parcel(source=visit.source.id, settled={item.external_id: ItemState.GONE}, quarantined=(given_up,))
        later = evolve(item, attempts=attempts, not_before=utc_now() + item_pause(attempts, verdict.retry_after))
        return Parcel(source=visit.source.id, listed=(later,))

    async def _pending(self, visit: Visit) -> AsyncIterator[Output]:
        """Requests for what earlier visits could not fetch, once a visit, after its listing has answered."""
        if visit.pending_asked:
            return
        visit.pending_asked = True
        for item in await self.keeper.pending(visit.source.id, visit.most_items):
            if request := self._request(visit, self.item_ask(item, visit.source, visit.options)):
                yield request


def _quarantined(visit: Visit, item: ListedItem, reason: str) -> Quarantined:
    payload = json.dumps({"url": item.url, "hint": item.hint})
    return Quarantined(
        source=visit.source.id, external_id=item.external_id, reason=reason, payload=payload, at=utc_now()
    )


def _may_be_asked(known: ListedItem | None, now: Any) -> bool:
    if known is None:
        return True
    return known.state is ItemState.PENDING and (known.not_before is None or known.not_before <= now)


def _chain_mark(ask: Ask, followed: Sequence[Ask], cursor: Cursor) -> dict[str, str | None]:
    """The mark that remembers where a walk through a listing's pages stands; forgotten at its end."""
    if not ask.chain:
        return {}
    name = _CHAIN + ask.chain
    for further in followed:
        if further.chain == ask.chain:
            return {name: json.dumps({"url": further.url, "reader": further.reader, "number": further.number})}
    return {name: None} if ask.number > 1 or name in cursor.marks else {}


def body_text(response: Response) -> str:
    """The body as text. UTF-8 is tried first: pages say iso-8859-1 in the header and send UTF-8."""
    try:
        return response.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if isinstance(response, TextResponse):
        try:
            return response.text
        except (LookupError, ValueError):
            pass  # charset=rot13 and other names that are no text encoding
    return response.body.decode("utf-8", "replace")


def header_values(response: Response) -> dict[str, str]:
    """The headers by lower-case name, the last value of each."""
    return {
        name.decode("latin-1").lower(): values[-1].decode("latin-1")
        for name, values in response.headers.items()
        if values
    }


def refuse(batch: Batch, tell: Tell, error: CanhGiacError) -> None:
    """Reports every visit of a batch as failed before it began."""
    for source in batch.sources:
        run = batch.runs.get(source.id) or new_run(source, batch.id)
        tell(Report(run=evolve(run, finished=utc_now(), state=SourceState.FAILED, error=str(error))))


def new_run(source: Source, batch: str) -> Run:
    """A run of the source that begins now."""
    now = utc_now()
    return Run(id=stable_id("run", source.id, batch, now.isoformat()), source=source.id, batch=batch, started=now)
