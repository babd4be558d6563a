"""The state of one source's visit inside a crawl child."""

from __future__ import annotations

from datetime import datetime

from attrs import define, evolve, field

from crawler.health import Verdict, judge
from crawler.options import SpiderOptions
from indexer.ingest import IngestResult
from model.source import Cursor, Run, Source, SourceState


@define(kw_only=True, eq=False)
class Visit:
    """Counts, troubles and what is still under way.

    under_way: requests and parcels not finished; at 0 the visit is over. asked: addresses asked for, so that none is
    asked for twice. items_asked: fetched on their own. images: pictures asked for; reading:
    seconds spent on reading them. quota_answers: answers in a row that asked us to come back later.
    lost: the lease passed to another, so nothing may be reported. resume: chains begun at an earlier visit.
    """

    source: Source
    options: SpiderOptions
    run: Run
    cursor: Cursor = field(factory=Cursor)
    started_at: float = 0.0
    most_items: int = 0
    under_way: int = 0
    asked: set[str] = field(factory=set)
    items_asked: int = 0
    items_read: int = 0
    seen: int = 0
    pages: int = 0
    images: int = 0
    reading: float = 0.0
    received: int = 0
    listed: int = 0
    not_modified: int = 0
    quota_answers: int = 0
    kept: IngestResult = field(factory=IngestResult)
    troubles: list[Verdict] = field(factory=list)
    item_troubles: list[Verdict] = field(factory=list)
    pending_asked: bool = False
    stopped: str = ""
    lost: bool = False
    reported: bool = False

    def count_kept(self, result: IngestResult) -> None:
        """Adds what one transaction kept."""
        self.kept += evolve(result, appended=())

    def not_kept(self, reason: str) -> None:
        """Nothing of a transaction was kept."""
        self.troubles.append(Verdict(state=SourceState.FAILED, reason=f"not kept: {reason}"))

    def finished(self, now: datetime, *, cut_short: str = "") -> Run:
        """The run as it ends now. cut_short: why it was ended before it was done."""
        troubles = list(self.troubles)
        if cut_short and self.under_way:
            troubles.append(Verdict(state=SourceState.FAILED, reason=cut_short))
        outcome = judge(
            troubles=tuple(troubles),
            item_troubles=tuple(self.item_troubles),
            items_read=self.items_read,
            seen=self.seen,
            not_modified=self.not_modified,
            expect_min=self.source.expect_min,
        )
        return evolve(
            self.run,
            finished=now,
            state=outcome.state,
            error=outcome.error or self.stopped,
            retry_after=outcome.retry_after,
            pages=self.pages,
            bytes=self.received,
            listed=self.listed,
            not_modified=self.not_modified,
            new=self.kept.new,
            updated=self.kept.updated,
            unchanged=self.kept.unchanged,
            quarantined=self.kept.quarantined,
        )
