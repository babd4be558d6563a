"""How far each saved query has been taken over the documents that came before it.

A query that is new, edited, approved or taken up again has a new version; documents that were matched before that version
was known are looked at once more (`alerts.backfill`). One row a query: which version, how far, and what came of it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from model.errors import StaleFenceError
from model.query import SavedQuery
from store import queries as saved
from store.base import Row, execute, from_ms, maybe_ms, maybe_time, select, to_ms, writing
from store.documents import checkpoint, last_position


class BackfillState(StrEnum):
    """CLEAR: documents that an edited query does not meet any more lose its mark; MARK: its hits are looked up and written
    down; JUDGE: they become leads, in order of arrival; DONE."""

    CLEAR = "clear"
    MARK = "mark"
    JUDGE = "judge"
    DONE = "done"


@frozen(kw_only=True)
class Backfill:
    """One query on its way through the past.

    revision: documents up to it were matched without this version of the query; those behind it meet it when they are
    matched. position: how far the index must have followed before it is asked. cursor: where marking stands in the hits;
    seq: where judging stands. hits, leads: documents that met it and new leads so far.
    """

    query: str
    version: int
    state: BackfillState = field(default=BackfillState.MARK, converter=BackfillState)
    revision: int
    position: int
    cursor: str = ""
    seq: int = 0
    hits: int = 0
    leads: int = 0
    started: datetime
    finished: datetime | None = None


_COLUMNS = "query, version, state, revision, position, cursor, seq, hits, leads, started, finished"


def _backfill(row: Row) -> Backfill:
    return Backfill(
        query=row[0],
        version=row[1],
        state=row[2],
        revision=row[3],
        position=row[4],
        cursor=row[5],
        seq=row[6],
        hits=row[7],
        leads=row[8],
        started=from_ms(row[9]),
        finished=maybe_time(row[10]),
    )


def list_backfills() -> list[Backfill]:
    """Every query's latest, by id."""
    return [_backfill(row) for row in select(f"SELECT {_COLUMNS} FROM backfills ORDER BY query")]  # noqa: S608


def note(queries: Collection[SavedQuery], *, edition: str, now: datetime, follower: str) -> list[Backfill]:
    """Takes note of the versions in force and gives those whose backfill is not done, oldest first.

    queries: all that are in force; the unfinished backfill of any other is dropped. edition: `store.queries.edition` of just
    these; raises StaleFenceError when they are others meanwhile. follower: checkpoint of matching: what it has passed was
    matched without a version that is noted now; whoever matches commits under an edition too, so nothing slips between.
    """
    known = {item.query: item for item in list_backfills()}
    wanted = {query.id: query for query in queries}
    fresh = [query for query in wanted.values() if query.id not in known or known[query.id].version != query.version]
    gone = [key for key, item in known.items() if key not in wanted and item.state is not BackfillState.DONE]
    if fresh or gone:
        with writing("backfills note"):
            if saved.edition() != edition:
                raise StaleFenceError("the saved queries are others now")
            revision, position = checkpoint(follower), last_position()
            for query in fresh:
                first = BackfillState.MARK if query.version == 1 else BackfillState.CLEAR
                item = Backfill(
                    query=query.id,
                    version=query.version,
                    state=first if revision else BackfillState.DONE,
                    revision=revision,
                    position=position,
                    started=now,
                    finished=None if revision else now,
                )
                _put(item)
            for key in gone:
                execute("DELETE FROM backfills WHERE query = %s", (key,))
        known = {item.query: item for item in list_backfills()}
    pending = [item for key, item in known.items() if key in wanted and item.state is not BackfillState.DONE]
    return sorted(pending, key=lambda item: (item.started, item.query))


def _put(item: Backfill) -> None:
    execute(
        f"INSERT INTO backfills ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608
        " ON CONFLICT (query) DO UPDATE SET version = excluded.version, state = excluded.state,"
        " revision = excluded.revision, position = excluded.position, cursor = excluded.cursor, seq = excluded.seq,"
        " hits = excluded.hits, leads = excluded.leads, started = excluded.started, finished = excluded.finished",
        (
            item.query,
            item.version,
            item.state.value,
            item.revision,
            item.position,
            item.cursor,
            item.seq,
            item.hits,
            item.leads,
            to_ms(item.started),
            maybe_ms(item.finished),
        ),
    )


def move(before: Backfill, after: Backfill) -> None:
    """Writes how far it is now, within the caller's write transaction.

    Raises StaleFenceError when it does not stand at `before`: another process went on, or the query has changed.
    """
    rows = select(f"SELECT {_COLUMNS} FROM backfills WHERE query = %s", (before.query,))  # noqa: S608
    if not rows or _backfill(rows[0]) != before:
        raise StaleFenceError(f"the backfill of {before.query} has moved on")
    _put(after)
