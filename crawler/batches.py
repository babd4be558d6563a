"""The parent's side of a crawl: leases what is due, runs each batch in a child process, notes how every visit ended.

A child runs in a process group of its own and has a hard limit of time; then the group is killed, browser and all. What
a child reported before it died counts; only its unreported sources are noted as failed. No Scrapy here: this module is
used by the worker's threads and by commands.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue

from attrs import evolve, field, frozen

from crawler.batch import Batch, Report, read_report, write_batch
from crawler.egress import Refusal, parse_allowed, read_refusals
from crawler.health import failed
from crawler.schedule import Group, group, next_due
from model.document import Document
from model.errors import ConfigError, StaleFenceError
from model.ids import stable_id
from model.source import Run, Source, SourceStatus
from store import sources
from store.connect import close_thread
from store.faults import fault_point
from store.leases import Lease, release

log = logging.getLogger(__name__)

ROOT = Path(__file__).parent.parent
BROWSER = "browser"
SOFT_SECONDS, HARD_SECONDS = 300.0, 360.0
BROWSER_SOFT_SECONDS, BROWSER_HARD_SECONDS = 200.0, 260.0
LEASE_MARGIN = timedelta(seconds=60)
MOST_SOURCES = 1000
"""Sources taken in one look; what is left is taken in the next."""
_SECRET_WORDS = ("PASSWORD", "SECRET", "TOKEN", "KEY", "SMTP", "DATABASE_URL", "INDEX_URL")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ftp_proxy")

OnRun = Callable[[Run], None]
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The moment now, where no other clock is handed down."""
    return datetime.now(UTC)


@frozen(kw_only=True)
class Limits:
    """Seconds of one child: after soft it winds up, after hard its process group is killed."""

    soft: float = SOFT_SECONDS
    hard: float = HARD_SECONDS
    browser_soft: float = BROWSER_SOFT_SECONDS
    browser_hard: float = BROWSER_HARD_SECONDS

    def of(self, spider: str) -> tuple[float, float]:
        """Soft and hard limit of a batch of that spider."""
        return (self.browser_soft, self.browser_hard) if spider == BROWSER else (self.soft, self.hard)


def run_due(
    *,
    database_url: str,
    now: Clock = utc_now,
    allow: Sequence[str] = (),
    only: Collection[str] | None = None,
    force: bool = False,
    workers: int = 2,
    on_run: OnRun | None = None,
    refusal_log: Path | None = None,
    stop: threading.Event | None = None,
    limits: Limits | None = None,
    holder: str = "",
) -> list[Run]:
    """Visits every source that is due (or, with only and force, is named), and returns one run per visit.

    Blocks until all are done; safe from any thread after `store.connect.connect`. allow: loopback `HOST:PORT` that the
    children may reach. workers: children at once, of which one may be a browser. on_run: called for each run as it ends,
    from this thread. stop: when set, children are ended and what they had not reported is due again. Raises ConfigError
    for an address that cannot be allowed.
    """
    _check_allowed(allow)
    due = sources.due(now(), limit=MOST_SOURCES, only=only, force=force)
    if not due:
        return []
    work = _Work(
        database_url=database_url,
        now=now,
        allow=tuple(allow),
        refusal_log=str(refusal_log) if refusal_log else "",
        stop=stop or threading.Event(),
        limits=limits or Limits(),
        holder=holder or f"crawl:{os.getpid()}",
        statuses={status.source.id: status for status in due},
    )
    runs: list[Run] = []
    for run in work.run_groups(group([status.source for status in due]), workers):
        runs.append(run)
        if on_run is not None:
            on_run(run)
    return runs


def _check_allowed(allow: Sequence[str]) -> None:
    try:
        parse_allowed(allow)
    except ValueError as error:
        raise ConfigError(
            str(error), key="--allow-address", cure="Name a server on this machine, host and port"
        ) from None


@frozen(kw_only=True)
class _Work:
    """One call of `run_due`."""

    database_url: str
    now: Clock
    allow: tuple[str, ...]
    refusal_log: str
    stop: threading.Event
    limits: Limits
    holder: str
    statuses: Mapping[str, SourceStatus]
    ended: SimpleQueue[Run] = field(factory=SimpleQueue)

    def run_groups(self, groups: Sequence[Group], workers: int) -> Iterator[Run]:
        """Runs the groups in a bounded pool, never two of one site at once nor two browsers; each run as it ends."""
        waiting, running = list(groups), dict[Future[None], Group]()
        with ThreadPoolExecutor(max_workers=max(workers, 1), thread_name_prefix="batch") as pool:
            while waiting or running or not self.ended.empty():
                for candidate in list(waiting):
                    if len(running) >= workers or self.stop.is_set():
                        break
                    if not any(_collide(candidate, other) for other in running.values()):
                        waiting.remove(candidate)
                        running[pool.submit(self._run_group, candidate)] = candidate
                if not running and self.ended.empty():
                    return
                with contextlib.suppress(Empty):
                    yield self.ended.get(timeout=0.1)
                for future in [future for future in running if future.done()]:
                    del running[future]
                    future.result()

    def _run_group(self, batch_group: Group) -> None:
        """One batch from lease to the last note, on a thread of its own."""
        began = self.now()
        soft, hard = self.limits.of(batch_group.spider)
        leases = sources.lease(
            [source.id for source in batch_group.sources],
            self.holder,
            now=began,
            ttl=timedelta(seconds=hard) + LEASE_MARGIN,
        )
        batch = self._batch(batch_group, leases, began, soft)
        finished: set[str] = set()
        try:
            if batch.sources:
                self._visit(batch, finished, hard)
        except Exception as error:
            log.exception("batch %s", batch.id)
            self._close_unreported(batch, finished, f"{type(error).__name__}: {error}")
        finally:
            close_thread()

    def _visit(self, batch: Batch, finished: set[str], hard: float) -> None:
        fault_point("crawl: leased")
        for source in batch.sources:
            sources.start_run(batch.runs[source.id], batch.leases[source.id])
        with contextlib.closing(run_child(batch, hard_seconds=hard, stop=self.stop)) as reports:
            for report in reports:
                if isinstance(report, str):
                    self._close_unreported(batch, finished, report)
                elif report.run is not None and report.run.source in batch.leases:
                    self._finish(report.run, batch.leases[report.run.source], finished)

    def _batch(self, batch_group: Group, leases: Mapping[str, Lease], began: datetime, soft: float) -> Batch:
        taken = tuple(source for source in batch_group.sources if source.id in leases)
        identifier = stable_id("batch", self.holder, began.isoformat(), *(source.id for source in taken))
        return Batch(
            id=identifier,
            spider=batch_group.spider,
            sources=taken,
            leases=leases,
            runs={source.id: begin_run(source, identifier, began) for source in taken},
            database_url=self.database_url,
            allow=self.allow,
            soft_seconds=soft,
            refusal_log=self.refusal_log,
        )

    def _close_unreported(self, batch: Batch, finished: set[str], how_it_ended: str) -> None:
        """Notes the visits that the child did not report. When we stopped it ourselves they are due again at once."""
        for source in batch.sources:
            if source.id in finished:
                continue
            lease, run = batch.leases[source.id], batch.runs[source.id]
            if self.stop.is_set():
                release(lease)
                finished.add(source.id)
                self.ended.put(failed(run, "stopped before it was done", self.now()))
            else:
                self._finish(failed(run, how_it_ended, self.now()), lease, finished)

    def _finish(self, run: Run, lease: Lease, finished: set[str]) -> None:
        status = self.statuses[run.source]
        current = sources.get_status(run.source)
        run = evolve(run, pending=current.pending if current else 0)
        due = next_due(status.source, run, failures=status.failures, now=self.now())
        fault_point("crawl: before run is noted")
        try:
            sources.finish_run(run, lease, next_due=due)
        except StaleFenceError as error:
            log.warning("%s: %s", run.source, error)
            run = evolve(run, error=run.error or "the lease passed to another process")
        fault_point("crawl: after run is noted")
        finished.add(run.source)
        self.ended.put(run)


def _collide(one: Group, other: Group) -> bool:
    return bool(one.sites & other.sites) or one.spider == other.spider == BROWSER


def begin_run(source: Source, batch: str, now: datetime) -> Run:
    """The run of a visit that begins now."""
    return Run(id=stable_id("run", source.id, batch, now.isoformat()), source=source.id, batch=batch, started=now)


# The child process


def run_child(
    batch: Batch, *, hard_seconds: float, stop: threading.Event | None = None
) -> Generator[Report | str, None, None]:
    """Runs one child; its reports as they come, and at the end how it ended, as a text.

    The child's process group is killed at the hard limit, when `stop` is set, and when the iterator is closed.
    """
    read_end, write_end = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler.child", str(write_end)],
        stdin=subprocess.PIPE,
        stdout=sys.stderr if _has_descriptor(sys.stderr) else subprocess.DEVNULL,
        pass_fds=(write_end,),
        env=child_environment(os.environ),
        start_new_session=True,
    )
    os.close(write_end)
    ended = threading.Event()
    why: list[str] = []
    watch = threading.Thread(target=_watch, args=(process, hard_seconds, stop, ended, why), daemon=True)
    watch.start()
    try:
        _hand_over(process, batch)
        with os.fdopen(read_end, "r", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if report := read_report(line):
                    yield report
        status = process.wait()
        ended.set()
        yield why[0] if why else f"the crawl child ended before it reported (status {status})"
    finally:
        ended.set()
        kill_group(process)
        process.wait()
        watch.join()


def _has_descriptor(stream: object) -> bool:
    try:
        return stream.fileno() >= 0  # type: ignore[attr-defined,no-any-return]
    except (AttributeError, OSError, ValueError):
        return False


def _hand_over(process: subprocess.Popen[bytes], batch: Batch) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(write_batch(batch).encode("utf-8"))
        process.stdin.close()
    except BrokenPipeError:
        log.error("a crawl child died before it read its batch")


def _watch(
    process: subprocess.Popen[bytes],
    hard_seconds: float,
    stop: threading.Event | None,
    ended: threading.Event,
    why: list[str],
) -> None:
    """Kills the child's group at the hard limit or when asked to stop; looks five times a second."""
    deadline = time.monotonic() + hard_seconds
    while not ended.wait(0.2):
        if time.monotonic() >= deadline:
            why.append(f"killed at the hard limit of {hard_seconds:g} s")
        elif stop is not None and stop.is_set():
            why.append("stopped")
        elif process.poll() is not None:
            # A grandchild may still hold nothing of ours; the results end with the child itself.
            return
        else:
            continue
        kill_group(process)
        return


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills the child and everything it started; harmless when they are gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a crawl child: without secrets (its database comes with the batch), without proxies."""
    kept = {
        name: value
        for name, value in environment.items()
        if name.lower() not in _PROXIES
        and not (name.startswith("CANHGIAC_") and any(word in name for word in _SECRET_WORDS))
    }
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), environment.get("PYTHONPATH", ""))))
    kept["PYTHONUNBUFFERED"] = "1"
    return kept


# Trying a source


@frozen(kw_only=True)
class Trial:
    """What a visit would give: nothing of it was stored. refusals: of the egress gate."""

    run: Run
    documents: tuple[Document, ...] = ()
    refusals: tuple[Refusal, ...] = field(factory=tuple)


def try_source(
    source: Source,
    *,
    allow: Sequence[str] = (),
    limit: int = 5,
    now: Clock = utc_now,
    seconds: float = 90.0,
    refusal_log: Path | None = None,
) -> Trial:
    """Visits a source without storing anything: its listing, and at most `limit` of the items it names.

    Raises ConfigError when its sheet cannot be used or an address cannot be allowed.
    """
    _check_allowed(allow)
    run = begin_run(source, "trial", now())
    batch = Batch(
        id="trial",
        spider=source.spider,
        sources=(source,),
        runs={source.id: run},
        allow=tuple(allow),
        soft_seconds=seconds,
        refusal_log=str(refusal_log) if refusal_log else "",
        trial=True,
        limit=limit,
    )
    documents: list[Document] = []
    for report in run_child(batch, hard_seconds=seconds + 30):
        if isinstance(report, str):
            run = run if run.finished else failed(run, report, now())
        elif report.document is not None:
            documents.append(report.document)
        elif report.run is not None:
            run = report.run
    refusals = read_refusals(refusal_log) if refusal_log else ()
    return Trial(run=run, documents=tuple(documents), refusals=refusals)


test_source = try_source
"""The name that `canhgiac source test` knows it by."""
