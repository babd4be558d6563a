"""The worker: the process that collects, matches, indexes and sends, from start to SIGTERM.

Four loops and a clock. `match` looks every 0.3 s for new document versions and turns them into leads; `send` is woken by
it and empties the outbox; `follow` keeps the search index up to date; `backfill` takes new and edited saved queries over
what came before them. They are threads of their own because a slow mail server may hold `send` for minutes and an
unreachable Elasticsearch `follow` and `backfill` for hours, while leads must not wait. The
clock (APScheduler) holds the few fixed jobs: crawl what is due, the digest, the health of sources, retention.

An error of the house (CanhGiacError) pauses its loop with growing length; any other exception ends the process with
status 1, and whoever supervises it starts it anew: everything under way is in the store.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from types import FrameType

import click
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from console.logs import set_up_logs
from console.terminal import LOCAL
from console.visits import Visits
from console.wiring import House, open_house
from model.errors import CanhGiacError

log = structlog.get_logger()

MATCH_PAUSE = 0.3
"""Seconds between two looks for new versions: one read of a single row, 0.1 ms."""
RETENTION_HOUR = 3
"""When months leave the search index, Asia/Ho_Chi_Minh: nobody searches then."""
BACKFILL_PAUSE = 2.0
"""Seconds between two looks for saved queries that have changed: one read of two numbers."""
FAULT_PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds a loop rests after the n-th error in a row."""
JOIN_SECONDS = 15.0


class Worker:
    """The loops and jobs over one house. crawl_now: visit every enabled source at the start, due or not."""

    def __init__(self, house: House, *, allow: tuple[str, ...] = (), crawl_now: bool = False) -> None:
        self.house = house
        self.stop = threading.Event()
        self.mail_waits = threading.Event()
        self.visits: Visits | None = None
        self.allow, self.crawl_now = allow, crawl_now
        self.failed = False

    def run(self) -> int:
        """Works until `stop` is set; the exit status."""
        for error in self.house.sync().errors:
            log.error("sheet cannot be used", problem=str(error))
        visits = self.visits = Visits(self.house, allow=self.allow, stop=self.stop, force=self.crawl_now)
        loops = [
            threading.Thread(target=self._loop, args=(name, step, wait), name=name, daemon=True)
            for name, step, wait in (
                ("match", self.match, lambda: self.stop.wait(MATCH_PAUSE)),
                ("send", self.send, lambda: self.mail_waits.wait(self.house.settings.outbox_interval)),
                ("follow", self.follow, lambda: self.stop.wait(MATCH_PAUSE)),
                ("backfill", self.backfill, lambda: self.stop.wait(BACKFILL_PAUSE)),
            )
        ]
        for loop in loops:
            loop.start()
        scheduler = self._clock()
        scheduler.start()
        log.info("worker started", home=str(self.house.home))
        self.stop.wait()
        self.mail_waits.set()
        scheduler.shutdown(wait=False)
        visits.close()
        for loop in loops:
            loop.join(timeout=JOIN_SECONDS)
        log.info("worker stopped", failed=self.failed)
        return 1 if self.failed else 0

    def match(self) -> None:
        """New versions to leads; wakes `send` when there is something to send."""
        raised = self.house.raise_leads()
        if raised is not None and raised.deliveries:
            self.mail_waits.set()
        if raised is not None and raised.documents:
            log.info(
                "matched", documents=raised.documents, new_leads=raised.leads_new, updated_leads=raised.leads_updated
            )

    def send(self) -> None:
        """Empties the outbox of what is due."""
        self.mail_waits.clear()
        flushed = self.house.flush_outbox()
        if flushed.sent or flushed.deferred or flushed.dead:
            log.info("outbox", sent=flushed.sent, deferred=flushed.deferred, dead=flushed.dead)

    def follow(self) -> None:
        """Brings the search index up to the log."""
        indexed = self.house.follow()
        if indexed:
            log.info("indexed", documents=indexed)
        self.house.mirror()

    def backfill(self) -> None:
        """Takes saved queries that are new or changed over what came before them, as far as the index has followed."""
        while not self.stop.is_set() and (done := self.house.backfill()) is not None and not done.waiting:
            if done.deliveries:
                self.mail_waits.set()
            if done.state == "done":
                log.info("query backfilled", query=done.query, documents=done.hits, new_leads=done.leads)

    def crawl(self) -> None:
        """Starts the visits that are due."""
        if self.visits is not None and not self.stop.is_set():
            self.visits.look()

    def digest(self) -> None:
        """The daily digest; its slot takes effect once, however many workers run."""
        now = self.house.clock()
        self.house.make_digest(self.house.digest_due(now.astimezone(LOCAL).date()))
        self.mail_waits.set()

    def escalate(self) -> None:
        """Leads that nobody has taken in time go on to the stand-in."""
        passed = self.house.escalate()
        if passed:
            log.info("escalated", deliveries=passed)
            self.mail_waits.set()

    def missed_digest(self) -> None:
        """The digest that fell due while no worker ran."""
        if self.house.make_missed_digest():
            self.mail_waits.set()

    def health(self) -> None:
        """Reads changed sheets and tells the owner of sources that have gone blind."""
        self.house.sync()

    def retain(self) -> None:
        """Drops months that the search index keeps no longer."""
        for month, count in self.house.retain().items():
            log.info("month dropped from the search index", month=month, documents=count)

    def pull(self) -> None:
        """Brings back the saved queries that staff made in Kibana."""
        pulled = self.house.pull_kibana()
        if pulled.new or pulled.changed or pulled.retired:
            log.info("kibana", new=len(pulled.new), changed=len(pulled.changed), retired=len(pulled.retired))

    def _clock(self) -> BackgroundScheduler:
        """The fixed jobs; a job that is still running when it is due again is not started twice."""
        settings = self.house.settings
        scheduler = BackgroundScheduler(timezone=LOCAL, job_defaults={"coalesce": True, "misfire_grace_time": None})
        at = settings.digest_at
        tick = IntervalTrigger(seconds=settings.tick_interval, timezone=LOCAL)
        jobs: list[tuple[str, Callable[[], None], BaseTrigger]] = [
            ("crawl", self.crawl, tick),
            ("escalate", self.escalate, tick),
            ("digest", self.digest, CronTrigger(hour=at.hour, minute=at.minute, timezone=LOCAL)),
            ("missed digest", self.missed_digest, DateTrigger(timezone=LOCAL)),
            ("retention", self.retain, CronTrigger(hour=RETENTION_HOUR, timezone=LOCAL)),
            ("health", self.health, IntervalTrigger(seconds=settings.health_interval, timezone=LOCAL)),
        ]
        if settings.kibana_url:
            jobs.append(("pull", self.pull, IntervalTrigger(seconds=settings.kibana_interval, timezone=LOCAL)))
        for name, step, trigger in jobs:
            first = {"next_run_time": datetime.now(LOCAL)} if trigger is tick else {}
            scheduler.add_job(self._guarded, trigger, args=(name, step), id=name, max_instances=1, **first)
        return scheduler

    def _guarded(self, name: str, step: Callable[[], None]) -> None:
        """One run of a scheduled job; what went wrong is logged and the next run tries again."""
        try:
            step()
        except CanhGiacError as error:
            log.error("job failed", job=name, problem=str(error))
        except BaseException:
            log.exception("worker ends", part=name)
            self._give_up()
            raise

    def _loop(self, name: str, step: Callable[[], None], wait: Callable[[], bool]) -> None:
        faults = 0
        while not self.stop.is_set():
            try:
                step()
                faults = 0
            except CanhGiacError as error:
                pause = FAULT_PAUSES[min(faults, len(FAULT_PAUSES) - 1)]
                faults += 1
                log.error("loop rests", loop=name, problem=str(error), seconds=pause)
                self.stop.wait(pause)
                continue
            except BaseException:
                log.exception("worker ends", part=name)
                self._give_up()
                raise
            wait()

    def _give_up(self) -> None:
        self.failed = True
        self.stop.set()

    def asked_to_stop(self, number: int, _: FrameType | None) -> None:
        """Signal handler."""
        log.info("stopping", signal=signal.Signals(number).name)
        self.stop.set()
        self.mail_waits.set()


@click.command()
@click.option(
    "--allow-address", multiple=True, help="Loopback addresses the demo's town serves; `canhgiac run` gives none."
)
@click.option("--crawl-now", is_flag=True, help="Visit every enabled source at the start.")
def main(allow_address: tuple[str, ...], crawl_now: bool) -> None:
    """The worker process of `canhgiac run` and of the demo."""
    house = open_house()
    set_up_logs(house.settings.log_format, house.settings.log_level, process="worker")
    worker = Worker(house.connect(), allow=allow_address, crawl_now=crawl_now)
    signal.signal(signal.SIGTERM, worker.asked_to_stop)
    signal.signal(signal.SIGINT, worker.asked_to_stop)
    sys.exit(worker.run())


if __name__ == "__main__":
    main()
