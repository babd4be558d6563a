"""A crawl child: one batch on stdin, one report a line on the given descriptor, logs on stderr.

    python -m crawler.child RESULTS_FD < batch.json

The parent may kill it at any moment: what it reported is done, what it committed is kept, the rest is visited again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler import settings as project
from crawler.batch import Batch, Report, read_batch, write_report
from crawler.egress import REFUSALS
from crawler.keeping import utc_now
from crawler.schedule import next_due
from crawler.spider import SourceSpider, Tell, new_run, refuse
from indexer.heap import collect_seldom
from model.errors import CanhGiacError, ConfigError
from model.source import Run
from store import connect, sources
from store.faults import fault_point

T = TypeVar("T")

SCRAPY_COMMAND_LEASE = timedelta(minutes=15)


def main(arguments: list[str]) -> int:
    """Runs the batch on stdin; the exit status is 0 when the crawl came to its end."""
    collect_seldom()
    descriptor = int(arguments[0]) if arguments else 1
    os.set_inheritable(descriptor, False)
    batch = read_batch(sys.stdin.read())
    tell = teller(descriptor)
    process = AsyncCrawlerProcess(scrapy_settings(batch))
    spider = process.spider_loader.load(batch.spider)
    assert issubclass(spider, SourceSpider)
    try:
        spider.prepare()
    except CanhGiacError as error:
        refuse(batch, tell, error)
        return 1
    process.crawl(spider, batch=batch, tell=tell)
    process.start()
    return 1 if process.bootstrap_failed else 0


def scrapy_settings(batch: Batch) -> Settings:
    """The project's settings with what this batch changes."""
    settings = Settings()
    settings.setmodule(project, priority="project")
    # Only the batch's own spider is imported: the browser's brings Playwright with it, 0.3 s and 30 MB.
    settings.set("SPIDER_MODULES", [f"spiders.{batch.spider}"], priority="cmdline")
    settings.set("CLOSESPIDER_TIMEOUT", batch.soft_seconds, priority="cmdline")
    return settings


def teller(descriptor: int) -> Tell:
    """Writes reports to the descriptor, each line in one piece."""

    def tell(report: Report) -> None:
        line = write_report(report).encode("ascii") + b"\n"
        fault_point("crawl child: before report")
        while line:
            line = line[os.write(descriptor, line) :]
        fault_point("crawl child: after report")

    return tell


def batch_of_source(spider: str, source_id: str, allow: str) -> tuple[Batch, Tell]:
    """The batch of `scrapy crawl SPIDER -a source=ID [-a allow=HOST:PORT,...]`: the source is leased here, not by a parent."""
    batch = _aside(lambda: _lease_source(spider, source_id, allow))
    return batch, finisher(batch)


def _aside(call: Callable[[], T]) -> T:
    """Calls on a thread of its own: the store is never used on the reactor's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def _lease_source(spider: str, source_id: str, allow: str) -> Batch:
    if not source_id:
        raise ConfigError("no source is named", key="source", cure=f"Write scrapy crawl {spider} -a source=ID")
    url = project.house.operations_url
    connect.connect(url)
    source, now = sources.get(source_id), utc_now()
    if source is None or source.spider != spider:
        known = [status.source.id for status in sources.list_statuses() if status.source.spider == spider]
        raise ConfigError(
            f"the register has no source {source_id!r} of the spider {spider!r}",
            key="source",
            cure=f"Known: {', '.join(known) or 'none; canhgiac source list reads the sheets in'}",
        )
    leases = sources.lease([source_id], f"scrapy:{os.getpid()}", now=now, ttl=SCRAPY_COMMAND_LEASE)
    if source_id not in leases:
        raise CanhGiacError(f"{source_id} is being visited by another process")
    run = new_run(source, f"scrapy-{os.getpid()}")
    sources.start_run(run, leases[source_id])
    return Batch(
        id=run.batch,
        spider=spider,
        sources=(source,),
        leases=leases,
        runs={source_id: run},
        database_url=url,
        allow=tuple(filter(None, allow.split(","))),
        refusal_log=str(Path(project.house.home_path) / REFUSALS),
    )


def finisher(batch: Batch) -> Tell:
    """Without a parent, the child itself notes how the visit ended."""
    write = teller(sys.stdout.fileno())

    def finish(run: Run) -> None:
        status = sources.get_status(run.source)
        due = next_due(batch.sources[0], run, failures=status.failures if status else 0, now=utc_now())
        sources.finish_run(run, batch.leases[run.source], next_due=due)

    def tell(report: Report) -> None:
        run = report.run
        if run is not None:
            _aside(lambda: finish(run))
        write(report)

    return tell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
