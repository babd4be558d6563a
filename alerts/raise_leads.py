"""Steps 5 and 6: match what is new, and make or grow leads, with their messages, in one transaction a batch.

Document versions are taken in order of revision from the checkpoint `match`. Everything is worked out before the
transaction; it then moves the checkpoint only from where this batch began, so of two processes that work at the same
time one commits and the other starts again from there. What a killed process had not committed leaves no trace but
unused lead codes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from attrs import evolve, frozen

from alerts.decide import Book
from alerts.letters import Letters
from alerts.mail import Letterhead
from alerts.work import Memory, Work, refusal, usable
from indexer.matcher import Matcher
from model.document import DocumentVersion, Quarantined
from model.errors import StaleFenceError
from model.message import Recipient
from model.query import SavedQuery
from store import backfills, documents, leads
from store import queries as saved
from store.faults import fault_point

CHECKPOINT = "match"
"""Name of the checkpoint: the last revision that is matched."""


@frozen(kw_only=True)
class Raised:
    """What `raise_leads` did until it was caught up."""

    documents: int = 0
    matches: int = 0
    leads_new: int = 0
    leads_updated: int = 0
    deliveries: int = 0
    quarantined: int = 0

    def __add__(self, other: Raised) -> Raised:
        return Raised(
            documents=self.documents + other.documents,
            matches=self.matches + other.matches,
            leads_new=self.leads_new + other.leads_new,
            leads_updated=self.leads_updated + other.leads_updated,
            deliveries=self.deliveries + other.deliveries,
            quarantined=self.quarantined + other.quarantined,
        )


def raise_leads(
    *,
    queries: Sequence[SavedQuery] | Book,
    recipients: Sequence[Recipient],
    now: Callable[[], datetime],
    console_url: str,
    sender: str,
    department: str = "Sở Khoa học và Công nghệ",
    province: str = "",
    limit: int = 500,
    matcher: Matcher | None = None,
    edition: str = "",
) -> Raised:
    """Match everything that is not matched yet. queries: or what `alerts.work.usable` made of them, kept by a caller that
    calls often. limit: documents a batch. edition: of `queries` (`store.queries.edition`);
    given, the call ends early when they are others meanwhile, for what came before a query is looked up from there.

    matcher: kept by a caller that calls often, so that only changed queries are compiled again. A saved query that
    cannot be used is left out with a notice to the owner; it stops nothing.
    """
    head = Letterhead(department=department, sender=sender, console_url=console_url.rstrip("/"), province=province)
    book = queries if isinstance(queries, Book) else usable(queries, now())
    matcher = matcher or Matcher(())
    matcher.update(list(book.queries.values()))
    total = Raised()
    memory = Memory()
    if edition:
        try:
            backfills.note(list(book.queries.values()), edition=edition, now=now(), follower=CHECKPOINT)
        except StaleFenceError:
            return total
    after = documents.checkpoint(CHECKPOINT)
    while versions := documents.unmatched(after=after, limit=limit):
        if edition and edition != saved.edition():
            break
        turn = leads.turn()
        met, refused = match(versions, matcher, now())
        work = Work(versions, book, Letters(recipients, head, book.queries), now(), memory, met=met)
        try:
            total += _commit(work, refused, after, turn, edition)
        except StaleFenceError:
            import structlog  # a tenth of a second to import, for a line that is hardly ever written

            structlog.get_logger().info("another process changed the leads", after=after)
            memory = Memory()
        after = documents.checkpoint(CHECKPOINT)
    return total


def match(
    versions: Sequence[DocumentVersion], matcher: Matcher, now: datetime
) -> tuple[dict[str, list[str]], list[Quarantined]]:
    """Document id -> ids of the queries it meets; a document that cannot be matched is set aside alone."""
    try:
        found = matcher.match(versions)
    except Exception as error:  # noqa: BLE001 - one of the four edges: one document never stops the others
        if len(versions) == 1:
            import structlog  # a tenth of a second to import, for a line that is hardly ever written

            structlog.get_logger().warning(
                "document not matched", document=versions[0].document.id, problem=repr(error)
            )
            return {}, [refusal(versions[0], error, now)]
        half = len(versions) // 2
        (met, refused), (more, others) = match(versions[:half], matcher, now), match(versions[half:], matcher, now)
        return {**met, **more}, [*refused, *others]
    names: dict[str, list[str]] = {}
    for query, places in found.items():
        for place in places:
            names.setdefault(versions[place].document.id, []).append(query)
    return {document: sorted(queries) for document, queries in names.items()}, []


def _commit(work: Work, refused: Sequence[Quarantined], after: int, turn: int, edition: str) -> Raised:
    """Work the batch out and write it. Raises StaleFenceError when another process was first."""
    worked = work.result()
    last = max(version.revision for version in work.versions.values())
    change = evolve(
        worked.change,
        checkpoint=(CHECKPOINT, after, last),
        turn=turn,
        edition=edition,
        quarantined=(*refused, *worked.change.quarantined),
    )
    fault_point("raise leads: before commit")
    leads.commit(change, now=work.now)
    work.memory.keep(work.evidence)
    fault_point("raise leads: after commit")
    return Raised(
        documents=len(work.versions),
        matches=len(change.matches),
        leads_new=len(worked.new),
        leads_updated=worked.leads_updated,
        deliveries=worked.deliveries,
        quarantined=len(change.quarantined),
    )
