"""Documents from a file through steps 4 to 7: kept, matched, indexed; nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from attrs import evolve, frozen

from console.wiring import House
from indexer import ingest
from model.document import Document, Quarantined
from model.errors import BadDocumentError, SearchUnavailableError
from model.source import Origin, Source
from store import sources

CHUNK = 500
"""Lines of a file that are in memory together."""


@frozen(kw_only=True)
class Imported:
    """What became of a file. leads: new ones. index_problem: why the index could not follow, when `indexed` is False."""

    read: int
    new: int
    updated: int
    unchanged: int
    quarantined: int
    leads: int
    indexed: bool
    index_problem: str = ""


def import_lines(house: House, lines: Iterable[str], *, on_batch: Callable[[int], None]) -> Imported:
    """Keeps every line that is a document, quarantines the others, matches and indexes. on_batch: lines read so far."""
    totals = ingest.IngestResult()
    known: set[str] = set()
    for part in _chunks(lines):
        totals += _keep(house, part, known)
        on_batch(totals.read)
    raised = house.raise_leads()
    problem = ""
    try:
        house.backfill_all()
    except SearchUnavailableError as error:
        problem = str(error)
    return Imported(
        read=totals.read,
        new=totals.new,
        updated=totals.updated,
        unchanged=totals.unchanged,
        quarantined=totals.quarantined,
        leads=raised.leads_new if raised else 0,
        indexed=not problem,
        index_problem=problem,
    )


def _chunks(lines: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(lines)
    while part := list(islice(remaining, CHUNK)):
        yield part


def _keep(house: House, part: Sequence[str], known: set[str]) -> ingest.IngestResult:
    now = house.clock()
    drafts: list[Document] = []
    refused: list[Quarantined] = []
    for line in part:
        try:
            drafts.append(ingest.read_line(line, now=now))
        except BadDocumentError as error:
            refused.append(ingest.line_refusal(line, error, now))
    _register(house, drafts, known)
    return evolve(ingest.ingest(drafts, now=now, quarantined=refused), read=len(part), appended=())


def _register(house: House, drafts: Sequence[Document], known: set[str]) -> None:
    """Registers sources that nobody has described; imported ones are never crawled."""
    fresh = {draft.source: draft.source_kind for draft in drafts if draft.source not in known}
    known |= set(fresh)
    unknown = [
        Source(id=name, title=name, kind=kind, origin=Origin.IMPORTED, access_basis="imported file")
        for name, kind in fresh.items()
        if sources.get(name) is None
    ]
    if unknown:
        sources.upsert(unknown, now=house.clock())
