"""Visits of due sources, several at a time: a slow site holds up nobody but its own sources.

`crawler.batches.run_due` runs batches to their end; here each batch is a call of its own on a small pool, so that what
becomes due meanwhile is started at the next look.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import structlog
from attrs import frozen

from console.wiring import House
from crawler.schedule import Group, group, site_of
from model.source import Run, Source, SourceStatus
from store import sources
from store.connect import close_thread

log = structlog.get_logger()

BROWSER = "browser"
MOST_DUE = 1000
"""Due sources looked at together; what is left is seen at the next look."""


@frozen
class _Batch:
    """A batch under way. since: when it was submitted."""

    group: Group
    since: datetime

    def unfinished(self, statuses: Mapping[str, SourceStatus]) -> list[Source]:
        """Those of its sources whose visit has not been noted as finished yet."""
        return [source for source in self.group.sources if not self._is_done(statuses.get(source.id))]

    def _is_done(self, status: SourceStatus | None) -> bool:
        run = status.last_run if status else None
        return run is not None and run.finished is not None and run.started >= self.since


class Visits:
    """Keeps at most `crawl_workers` batches running, and one with a browser besides.

    allow: loopback addresses that the children may reach. stop: when set, running children are ended. force: every
    source that is on is visited once although it is not due.
    """

    def __init__(self, house: House, *, allow: tuple[str, ...], stop: threading.Event, force: bool = False) -> None:
        self.house, self.allow, self.stop = house, allow, stop
        self.slots = house.settings.crawl_workers
        self.pool = ThreadPoolExecutor(max_workers=self.slots + 1, thread_name_prefix="visit")
        self.running: dict[Future[None], _Batch] = {}
        self.forced = set(_watched()) if force else set[str]()

    def look(self) -> None:
        """Starts what is due and has room. Raises what went wrong with a batch since the last look."""
        ended = [future for future in self.running if future.done()]
        failures = [future.exception() for future in ended]
        for future in ended:
            del self.running[future]
        watched = _watched()
        due = self._due(watched)
        longest = {source.id: place for place, source in enumerate(due)}
        # Longest due first: by any other order, sources that are due again and again would starve those behind them.
        for candidate in sorted(group(due), key=lambda batch: min(longest[source.id] for source in batch.sources)):
            if self._has_room(candidate, watched):
                self._start(candidate)
        for failure in failures:
            if failure is not None:
                raise failure

    def _due(self, watched: Mapping[str, SourceStatus]) -> list[Source]:
        busy = {source.id for batch in self.running.values() for source in batch.unfinished(watched)}
        due = sources.due(self.house.clock(), limit=MOST_DUE, only=watched.keys() - busy)
        named = {status.source.id for status in due}
        forced = (self.forced & watched.keys()) - busy - named
        return [status.source for status in (*due, *(watched[identifier] for identifier in sorted(forced)))]

    def _has_room(self, candidate: Group, watched: Mapping[str, SourceStatus]) -> bool:
        batches = list(self.running.values())
        sites = {site_of(source.url) for batch in batches for source in batch.unfinished(watched)}
        if self.stop.is_set() or candidate.sites & sites:
            return False
        browsers = sum(batch.group.spider == BROWSER for batch in batches)
        return not browsers if candidate.spider == BROWSER else len(batches) - browsers < self.slots

    def _start(self, candidate: Group) -> None:
        identifiers = [source.id for source in candidate.sources]
        force = not self.forced.isdisjoint(identifiers)
        self.forced -= set(identifiers)
        batch = _Batch(candidate, self.house.clock())
        self.running[self.pool.submit(self._visit, identifiers, force)] = batch

    def _visit(self, identifiers: list[str], force: bool) -> None:
        try:
            self.house.crawl(allow=self.allow, only=identifiers, force=force, on_run=_log_run, stop=self.stop)
        finally:
            close_thread()

    def close(self) -> None:
        """Waits for the batches that `stop` has ended."""
        self.pool.shutdown(wait=True, cancel_futures=True)


def _watched() -> dict[str, SourceStatus]:
    return {
        status.source.id: status for status in sources.list_statuses() if status.source.enabled and status.source.spider
    }


def _log_run(run: Run) -> None:
    log.info("visited", source=run.source, state=run.state.value, new=run.new, updated=run.updated, error=run.error)
