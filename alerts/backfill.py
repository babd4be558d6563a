"""A saved query that is new, edited, approved or taken up again meets the documents that came before it.

New documents are matched as they come (`alerts.raise_leads`); what was matched before a version of a query was known is
looked up in the search index once, over the last days, and goes the same way from there: match, rule, lead, with the lead
ids that it would have had. First all hits of all such queries are marked, then they become leads in order of arrival, those of
all queries together, for a lead must see what else of its episode the queries met. Every step is one transaction that also moves
the backfills on: a step that was killed is done again, one that was committed is not, and of two processes one wins.

What is found is old: a lead calls somebody only while it is news (`alerts.decide.TOLD_WITHIN`), the rest is in the digest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import evolve, frozen

from alerts.decide import Book, Past
from alerts.letters import Letters
from alerts.mail import Letterhead
from alerts.raise_leads import CHECKPOINT
from alerts.work import Memory, Work
from indexer.follow import checkpoint_name
from indexer.kql import quote
from indexer.matcher import Matcher
from indexer.port import SearchIndex, SearchRequest, SearchResult
from model.document import DocumentVersion
from model.errors import SearchError, SearchUnavailableError, StaleFenceError
from model.lead import Match
from model.message import Recipient
from model.query import SavedQuery
from store import backfills, documents, leads, notices
from store.backfills import Backfill, BackfillState
from store.faults import fault_point

LIMIT = 500
"""Documents a step."""

FAMILIES = 50
"""Families asked for in one question."""

KIN_LIMIT = 400
"""Copies looked at again beside the hits of one question."""


@frozen(kw_only=True)
class Step:
    """What one step did. query: id of the saved query, of all with commas between where several go on together; state: where
    it stands now; hits, leads: of the whole backfill so far, several added up; deliveries: made by this step. waiting:
    nothing was done: the index has not followed far enough, or the saved queries are others now."""

    query: str = ""
    state: BackfillState = BackfillState.DONE
    hits: int = 0
    leads: int = 0
    deliveries: int = 0
    waiting: bool = False


@frozen(kw_only=True)
class Ground:
    """What every step stands on. book: the saved queries in force (`alerts.work.usable`); edition: `store.queries.edition` of
    just these; span: how far back it goes."""

    index: SearchIndex
    book: Book
    edition: str
    recipients: Sequence[Recipient]
    head: Letterhead
    now: Callable[[], datetime]
    span: timedelta
    limit: int = LIMIT


def step(ground: Ground) -> Step | None:
    """The next step of the oldest backfill that can go on; None when none is left. All are marked before the first is judged,
    and those that wait to be judged are judged together.

    A query that the index refuses is passed over with a notice to the owner. Raises SearchUnavailableError when the index
    does not answer.
    """
    try:
        known = list(ground.book.queries.values())
        pending = backfills.note(known, edition=ground.edition, now=ground.now(), follower=CHECKPOINT)
    except StaleFenceError:
        return Step(waiting=True)
    waiting = None
    together = [item for item in pending if item.state is BackfillState.JUDGE]
    groups = [[item] for item in pending if item.state is not BackfillState.JUDGE]
    for group in [*groups, *([together] if together else [])]:
        try:
            done = _step(ground, group)
        except SearchUnavailableError:
            raise
        except SearchError as error:
            for item in group:
                text = f"Chưa rà lại được bài cũ cho truy vấn {item.query!r}: {error}"
                notices.add(_notice(item), text, ground.now())
            continue
        except StaleFenceError:
            # Another process changed the leads: the step is worked out again.
            return _told(group)
        if not done.waiting:
            if done.state is BackfillState.DONE:
                for item in group:
                    notices.close(_notice(item), ground.now())
            return done
        waiting = waiting or done
    return waiting


def _notice(item: Backfill) -> str:
    return f"backfill:{item.query}"


def _told(group: Sequence[Backfill], *, deliveries: int = 0, waiting: bool = False) -> Step:
    return Step(
        query=", ".join(item.query for item in group),
        state=group[0].state,
        hits=sum(item.hits for item in group),
        leads=sum(item.leads for item in group),
        deliveries=deliveries,
        waiting=waiting,
    )


def _step(ground: Ground, group: Sequence[Backfill]) -> Step:
    """One step of backfills in one state, of several only where they are judged."""
    if not ground.span:
        return _move(ground, [(item, _done(item, ground.now())) for item in group])
    if documents.checkpoint(checkpoint_name(ground.index)) < max(item.position for item in group):
        return _told(group, waiting=True)
    state, query = group[0].state, ground.book.queries[group[0].query]
    if state is BackfillState.CLEAR:
        return _clear(ground, query, group[0])
    if state is BackfillState.MARK:
        return _mark(ground, query, group[0])
    return _judge(ground, group)


def _clear(ground: Ground, query: SavedQuery, item: Backfill) -> Step:
    """Take the mark of an edited query off a page of documents that it does not meet any more; their leads stay."""
    turn = leads.turn()
    page = _page(ground, item, f"queries: {quote(query.id)}")
    found = [one for one in _old(page.ids, item).values() if query.id in one.queries]
    kept = set(Matcher([query]).match(found).get(query.id, ()))
    gone = [one for at, one in enumerate(found) if at not in kept]
    change = leads.LeadChange(
        document_queries={one.document.id: tuple(name for name in one.queries if name != query.id) for one in gone},
        turn=turn,
    )
    state = BackfillState.CLEAR if page.next else BackfillState.MARK
    return _move(ground, [(item, evolve(item, state=state, cursor=page.next))], change)


def _mark(ground: Ground, query: SavedQuery, item: Backfill) -> Step:
    """Write down which documents of a page of hits the query meets."""
    turn = leads.turn()
    page = _page(ground, item, query.query)
    found = _old(page.ids, item).values()
    change = leads.LeadChange(
        matches=tuple(
            Match(query=query.id, document=one.document.id, revision=one.revision, at=ground.now()) for one in found
        ),
        document_queries={
            one.document.id: tuple(sorted({*one.queries, query.id})) for one in found if query.id not in one.queries
        },
        turn=turn,
    )
    state = BackfillState.MARK if page.next else BackfillState.JUDGE
    moved = evolve(item, state=state, cursor=page.next, hits=item.hits + len(found))
    return _move(ground, [(item, moved)], change)


def _judge(ground: Ground, group: Sequence[Backfill]) -> Step:
    """Make or grow the leads of the next documents that the queries meet. Those that came while others were under way catch up
    with them first."""
    turn, now = leads.turn(), ground.now()
    back = min(item.seq for item in group)
    last = [item for item in group if item.seq == back]
    ahead = min((item.seq for item in group if item.seq > back), default=None)
    page = _next(last, ground.limit, ahead)
    if not page:
        return _move(ground, [(item, evolve(item, seq=ahead) if ahead else _done(item, now)) for item in last])
    hits = _hits(ground, last, page)
    batch = sorted([*hits.values(), *_copies(ground, hits, last)], key=lambda one: one.seq)
    moved = [(item, evolve(item, seq=max(page))) for item in last]
    if not batch:
        return _move(ground, moved)
    met = {one.document.id: one.queries for one in batch}
    letters = Letters(ground.recipients, ground.head, ground.book.queries)
    past = Past(queries=tuple(ground.book.queries[item.query] for item in last))
    worked = Work(batch, ground.book, letters, now, Memory(), met=met, past=past).result()
    counted = [
        (before, evolve(after, leads=after.leads + sum(before.query in lead.queries for lead in worked.new)))
        for before, after in moved
    ]
    return _move(
        ground, counted, evolve(worked.change, turn=turn, edition=ground.edition), deliveries=worked.deliveries
    )


def _next(group: Sequence[Backfill], limit: int, ahead: int | None) -> dict[int, tuple[str, list[Backfill]]]:
    """seq -> document and the backfills whose queries met it: the next `limit` documents up to `ahead`."""
    found: dict[int, tuple[str, list[Backfill]]] = {}
    for item in group:
        for seq, document in leads.marked(item.query, after=item.seq, revision=item.revision, limit=limit):
            if ahead is None or seq <= ahead:
                found.setdefault(seq, (document, []))[1].append(item)
    return {seq: found[seq] for seq in sorted(found)[:limit]}


def _hits(
    ground: Ground, group: Sequence[Backfill], page: Mapping[int, tuple[str, list[Backfill]]]
) -> dict[str, DocumentVersion]:
    """Those of a page that a query still meets and that are young enough for it."""
    known = documents.get_many([document for document, _ in page.values()])
    return {
        document: known[document]
        for document, met in page.values()
        if document in known
        and any(
            item.query in known[document].queries and known[document].document.collected >= item.started - ground.span
            for item in met
        )
    }


def _copies(
    ground: Ground, hits: Mapping[str, DocumentVersion], group: Sequence[Backfill]
) -> Iterator[DocumentVersion]:
    """Documents of the families of the hits that are none themselves: a copy under another number joins the lead."""
    families = sorted({one.family for one in hits.values() if one.family})
    latest = max(group, key=lambda item: item.revision)
    for start in range(0, len(families), FAMILIES):
        asked = " or ".join(quote(family) for family in families[start : start + FAMILIES])
        request = SearchRequest(query=f"family: ({asked})", sort="collected", limit=len(hits) + KIN_LIMIT)
        found = _old([key for key in ground.index.search(request).ids if key not in hits], latest)
        yield from list(found.values())[:KIN_LIMIT]


def _page(ground: Ground, item: Backfill, query: str) -> SearchResult:
    ground.index.refresh()
    return ground.index.search(
        SearchRequest(
            query=query,
            start=item.started - ground.span,
            time_field="collected",
            sort="collected",
            limit=ground.limit,
            after=item.cursor,
        )
    )


def _old(ids: Collection[str], item: Backfill) -> dict[str, DocumentVersion]:
    """Those of the documents whose newest version was matched before the query; the others meet it when they are matched."""
    return {key: one for key, one in documents.get_many(ids).items() if one.revision <= item.revision}


def _done(item: Backfill, now: datetime) -> Backfill:
    return evolve(item, state=BackfillState.DONE, finished=now)


def _move(
    ground: Ground,
    moves: Sequence[tuple[Backfill, Backfill]],
    change: leads.LeadChange | None = None,
    *,
    deliveries: int = 0,
) -> Step:
    """Write what the step made, and that it is done. Raises StaleFenceError when another process was first."""
    fault_point("backfill: before commit")
    leads.commit(evolve(change or leads.LeadChange(), backfills=tuple(moves)), now=ground.now())
    fault_point("backfill: after commit")
    return _told([after for _, after in moves], deliveries=deliveries)
