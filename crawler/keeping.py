"""Where a crawl child keeps what it found, and looks up what is known. Every call runs on a thread, never on the reactor.

Two threads: one that writes (extraction and transactions), one that looks up, so that a robots.txt does not wait behind
fifty articles.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from attrs import evolve, field, frozen

from crawler.batch import Batch, Report
from indexer.ingest import IngestResult, ingest, prepare
from model.document import Document, Picture, Quarantined
from model.errors import BadDocumentError
from model.ids import document_id
from model.source import Cursor, ItemState, ListedItem
from store import connect, documents, pictures, sources
from store.sources import Robots

T = TypeVar("T")
Clock = Callable[[], datetime]

MOST_VALIDATORS = 500
MOST_MARKS = 500
"""Entries of a cursor; the oldest go first. A forum of 200 threads has as many."""


def utc_now() -> datetime:
    """The moment now: the clock of a crawl child."""
    return datetime.now(UTC)


@frozen(kw_only=True)
class Parcel:
    """What one page gave, kept in one transaction: documents, items it named, what became of items, its validators.

    validators: (address, ETag, Last-Modified) of a listing page. marks: name -> value, None to forget.
    """

    source: str
    documents: tuple[Document, ...] = ()
    listed: tuple[ListedItem, ...] = ()
    settled: Mapping[str, ItemState] = field(factory=dict)
    validators: tuple[str, str, str] | None = None
    marks: Mapping[str, str | None] = field(factory=dict)
    quarantined: tuple[Quarantined, ...] = ()


def moved_on(cursor: Cursor, parcels: Sequence[Parcel]) -> Cursor:
    """The cursor after these parcels."""
    etags, modified, marks = dict(cursor.etags), dict(cursor.modified), dict(cursor.marks)
    for parcel in parcels:
        if parcel.validators is not None:
            address, etag, last_modified = parcel.validators
            _put(etags, address, etag or None)
            _put(modified, address, last_modified or None)
        for name, value in parcel.marks.items():
            _put(marks, name, value)
    return evolve(
        cursor,
        etags=_newest(etags, MOST_VALIDATORS),
        modified=_newest(modified, MOST_VALIDATORS),
        marks=_newest(marks, MOST_MARKS),
    )


def _put(mapping: dict[str, str], name: str, value: str | None) -> None:
    """Sets the value as the newest entry, or takes it out."""
    mapping.pop(name, None)
    if value is not None:
        mapping[name] = value


def _newest(mapping: dict[str, str], number: int) -> dict[str, str]:
    return dict(list(mapping.items())[-number:])


class Keeper(Protocol):
    """What a spider, its pipeline and the robots middleware need of the world behind them."""

    async def cursor(self, source: str) -> Cursor:
        """What is remembered of the source's listing."""

    async def pending(self, source: str, limit: int) -> list[ListedItem]:
        """Items that are still to be fetched and may be asked for now."""

    async def items(self, source: str, external_ids: Collection[str]) -> dict[str, ListedItem]:
        """Items that a listing has named before."""

    async def known(self, source: str, external_ids: Collection[str]) -> Collection[str]:
        """Which of these documents are kept already."""

    async def collected(self, source: str, external_ids: Collection[str]) -> Mapping[str, Document]:
        """These documents as they are kept, by external id; those that are not are absent."""

    async def picture(self, digest: str) -> Picture | None:
        """What is known of a picture with these bytes."""

    async def robots_get(self, host: str) -> Robots | None:
        """The host's robots.txt as last fetched."""

    async def robots_put(self, robots: Robots) -> None:
        """Remembers a host's robots.txt."""

    async def commit(self, source: str, parcels: Sequence[Parcel]) -> IngestResult:
        """Keeps parcels of one source in one transaction. Raises StaleFenceError when the lease has passed on."""

    def close(self) -> None:
        """Ends the threads."""


async def _on(pool: ThreadPoolExecutor, call: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, call)


class StoreKeeper:
    """Keeps in the operations database, under the leases of the batch."""

    def __init__(self, batch: Batch, clock: Clock = utc_now) -> None:
        self._batch, self._clock = batch, clock
        self._writer = ThreadPoolExecutor(1, "writer", initializer=self._connect)
        self._reader = ThreadPoolExecutor(1, "reader", initializer=self._connect)
        self._cursors: dict[str, Cursor] = {}

    def _connect(self) -> None:
        connect.connect(self._batch.database_url, migrate=False)

    async def cursor(self, source: str) -> Cursor:
        return await _on(self._reader, lambda: sources.cursor(source))

    async def pending(self, source: str, limit: int) -> list[ListedItem]:
        return await _on(self._reader, lambda: sources.pending(source, self._clock(), limit))

    async def items(self, source: str, external_ids: Collection[str]) -> dict[str, ListedItem]:
        return await _on(self._reader, lambda: sources.items(source, external_ids)) if external_ids else {}

    async def known(self, source: str, external_ids: Collection[str]) -> Collection[str]:
        return await _on(self._reader, lambda: documents.known(source, external_ids).keys()) if external_ids else ()

    async def collected(self, source: str, external_ids: Collection[str]) -> Mapping[str, Document]:
        by_id = {document_id(source, external_id): external_id for external_id in external_ids}
        found = await _on(self._reader, lambda: documents.get_many(by_id.keys()))
        return {by_id[identifier]: version.document for identifier, version in found.items()}

    async def picture(self, digest: str) -> Picture | None:
        return await _on(self._reader, lambda: pictures.get(digest))

    async def robots_get(self, host: str) -> Robots | None:
        return await _on(self._reader, lambda: sources.robots_get(host))

    async def robots_put(self, robots: Robots) -> None:
        await _on(
            self._writer,
            lambda: sources.robots_put(robots.host, robots.body, robots.status, robots.fetched, robots.expires),
        )

    async def commit(self, source: str, parcels: Sequence[Parcel]) -> IngestResult:
        return await _on(self._writer, lambda: self._commit(source, parcels))

    def _commit(self, source: str, parcels: Sequence[Parcel]) -> IngestResult:
        before = self._cursors.get(source) or sources.cursor(source)
        after = moved_on(before, parcels)
        result = ingest(
            [document for parcel in parcels for document in parcel.documents],
            now=self._clock(),
            lease=self._batch.leases.get(source),
            source=source,
            cursor=after if after != before else None,
            listed=[item for parcel in parcels for item in parcel.listed],
            settled={name: state for parcel in parcels for name, state in parcel.settled.items()},
            quarantined=[item for parcel in parcels for item in parcel.quarantined],
        )
        self._cursors[source] = after
        return result

    def close(self) -> None:
        for pool in (self._writer, self._reader):
            pool.submit(connect.close_thread)
            pool.shutdown(wait=True)


class TrialKeeper:
    """Keeps nothing (`source test`): documents go through extraction and are reported."""

    def __init__(self, report: Callable[[Report], None]) -> None:
        self._report = report
        self._writer = ThreadPoolExecutor(1, "writer")
        self._robots: dict[str, Robots] = {}
        self._seen: set[tuple[str, str]] = set()

    async def cursor(self, source: str) -> Cursor:
        return Cursor()

    async def pending(self, source: str, limit: int) -> list[ListedItem]:
        return []

    async def items(self, source: str, external_ids: Collection[str]) -> dict[str, ListedItem]:
        return {}

    async def known(self, source: str, external_ids: Collection[str]) -> Collection[str]:
        return [name for name in external_ids if (source, name) in self._seen]

    async def collected(self, source: str, external_ids: Collection[str]) -> Mapping[str, Document]:
        return {}

    async def picture(self, digest: str) -> Picture | None:
        return None

    async def robots_get(self, host: str) -> Robots | None:
        return self._robots.get(host)

    async def robots_put(self, robots: Robots) -> None:
        self._robots[robots.host] = robots

    async def commit(self, source: str, parcels: Sequence[Parcel]) -> IngestResult:
        drafts = [document for parcel in parcels for document in parcel.documents]
        self._seen.update((source, document.external_id) for document in drafts)
        result = IngestResult(read=len(drafts))
        for draft in drafts:
            try:
                document = await _on(self._writer, lambda draft=draft: prepare(draft))  # type: ignore[misc]
            except BadDocumentError:
                result += IngestResult(quarantined=1)
            else:
                self._report(Report(document=document))
                result += IngestResult(new=1)
        return result

    def close(self) -> None:
        self._writer.shutdown(wait=True)
