"""Sources, when each is due, how its visits went, and what its listings named.

A source's lease is the resource `source:<id>`. Columns `state`, `failures` and `next_due` are moved by `finish_run`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve, frozen

from model.errors import StoreError
from model.ids import document_id
from model.source import Cursor, ItemState, ListedItem, Origin, Run, Source, SourceState, SourceStatus
from store import codec
from store.audit import write_entry
from store.base import (
    Row,
    execute,
    execute_many,
    from_ms,
    maybe_ms,
    maybe_time,
    refusals,
    select,
    select_in,
    to_ms,
    writing,
)
from store.leases import Lease, check, drop_lease, take_lease
from store.models import CursorRow, RunRow, SourceRow

_HEALTHY = frozenset({SourceState.OK, SourceState.EMPTY, SourceState.QUOTA})


@frozen(kw_only=True)
class Robots:
    """A robots.txt as last fetched. status: of the answer, 0 when there was none."""

    host: str
    body: str
    status: int
    fetched: datetime
    expires: datetime


def upsert(sources: Sequence[Source], *, now: datetime) -> None:
    """Writes sources by id; what is known of their visits stays. `enabled` of a new one is its sheet's; later it is ours.

    A source that the register already has keeps its own `enabled`, so that what staff switched on or off survives a
    reload of the sheets (`set_enabled` moves it).
    """
    present = {row[0] for row in select_in("SELECT id FROM sources WHERE id IN {}", [source.id for source in sources])}
    with writing("sources upsert"):
        execute_many(
            "INSERT INTO sources (id, origin, crawled, enabled, retired, state, state_since, next_due, last_run, documents,"
            " failures, payload) VALUES (%s, %s, %s, %s, %s, 'new', %s, %s, '', 0, 0, %s)"
            " ON CONFLICT (id) DO UPDATE SET origin = excluded.origin, crawled = excluded.crawled, retired = excluded.retired,"
            " payload = excluded.payload",
            [
                (
                    source.id,
                    source.origin.value,
                    bool(source.spider),
                    source.enabled,
                    False,
                    to_ms(now),
                    to_ms(now),
                    codec.dumps(source),
                )
                for source in sources
            ],
        )
        _count_documents([source.id for source in sources if source.id not in present])


def _count_documents(ids: Sequence[str]) -> None:
    """Counts what a source gave before it was registered."""
    counts = select_in(
        "SELECT source, COUNT(*), MAX(first_seen) FROM documents WHERE source IN {} GROUP BY source", ids
    )
    execute_many(
        "UPDATE sources SET documents = %s, last_document = %s WHERE id = %s",
        [(number, latest, source) for source, number, latest in counts],
    )


def note_documents(noted: Mapping[str, tuple[int, int]]) -> None:
    """Adds new documents to the sources' counts; source -> (number, latest collected); in the caller's transaction."""
    execute_many(
        "UPDATE sources SET documents = documents + %s, last_document = CASE WHEN last_document IS NULL OR last_document < %s"
        " THEN %s ELSE last_document END WHERE id = %s",
        [(number, latest, latest, source) for source, (number, latest) in noted.items()],
    )


def retire(origin: Origin | str, keep_ids: Collection[str]) -> list[str]:
    """Retires the sources of an origin whose sheets are gone; the ids retired. Their documents and runs stay."""
    with writing("sources retire"):
        rows = SourceRow.objects.filter(origin=Origin(origin).value, retired=False).values_list("id", flat=True)
        gone = sorted(set(rows) - set(keep_ids))
        execute_many("UPDATE sources SET retired = %s WHERE id = %s", [(True, identifier) for identifier in gone])
    return gone


_STATUS = (
    "SELECT s.id, s.enabled, s.state, s.state_since, s.next_due, s.last_document, s.documents, s.failures, s.payload,"
    " r.payload FROM sources s LEFT JOIN runs r ON r.id = s.last_run"
)


def _statuses(rows: Sequence[Row]) -> list[SourceStatus]:
    pending: dict[str, int] = dict(
        select_in(
            "SELECT source, COUNT(*) FROM items WHERE state = 'pending' AND source IN {} GROUP BY source",
            [row[0] for row in rows],
        )
    )
    return [_status(row, pending.get(row[0], 0)) for row in rows]


def _status(row: Row, pending: int) -> SourceStatus:
    _, enabled, state, state_since, next_due, last_document, documents, failures, payload, run = row
    return SourceStatus(
        source=_source(payload, bool(enabled)),
        state=SourceState(state),
        state_since=maybe_time(state_since),
        next_due=maybe_time(next_due),
        last_run=codec.loads(run, Run) if run else None,
        last_document=maybe_time(last_document),
        documents=documents,
        pending=pending,
        failures=failures,
    )


def _source(payload: str, enabled: bool) -> Source:
    return evolve(codec.loads(payload, Source), enabled=enabled)


def get(id: str) -> Source | None:
    """One source, also a retired one."""
    rows = select("SELECT payload, enabled FROM sources WHERE id = %s", (id,))
    return _source(rows[0][0], bool(rows[0][1])) if rows else None


def get_status(id: str) -> SourceStatus | None:
    """One source with what is known of its visits."""
    rows = _statuses(select(f"{_STATUS} WHERE s.id = %s", (id,)))
    return rows[0] if rows else None


def list_statuses(*, include_retired: bool = False) -> list[SourceStatus]:
    """All sources with what is known of their visits, by id."""
    where = "" if include_retired else "WHERE NOT s.retired"
    return _statuses(select(f"{_STATUS} {where} ORDER BY s.id"))


def set_enabled(id: str, enabled: bool, now: datetime, *, actor: str = "system") -> None:
    """Switches a source on or off; audited. Raises StoreError for an unknown one."""
    with writing("source enable"):
        if not execute("UPDATE sources SET enabled = %s, next_due = %s WHERE id = %s", (enabled, to_ms(now), id)):
            raise StoreError(f"no source {id!r}")
        write_entry(actor, "source.enable" if enabled else "source.disable", id, {}, now)


def due(now: datetime, *, limit: int, only: Collection[str] | None = None, force: bool = False) -> list[SourceStatus]:
    """Sources to be visited now and not leased, longest due first.

    only: among these ids. force: also those that are not due, parked or disabled (a person named them).
    """
    moment = to_ms(now)
    clauses, parameters = ["s.crawled", "NOT s.retired", "(l.until IS NULL OR l.until <= %s)"], [moment]
    if not force:
        clauses += ["s.enabled", "(s.next_due IS NULL OR s.next_due <= %s)"]
        parameters.append(moment)
    sql = (
        f"{_STATUS} LEFT JOIN leases l ON l.resource = 'source:' || s.id WHERE {' AND '.join(clauses)}"
        " ORDER BY COALESCE(s.next_due, 0), s.id"
    )
    rows = select(sql, parameters)
    if only is not None:
        rows = [row for row in rows if row[0] in only]
    return _statuses(rows[:limit])


def lease(ids: Sequence[str], holder: str, *, now: datetime, ttl: timedelta) -> dict[str, Lease]:
    """Takes sources for a visit: id -> lease, without those that another holds."""
    with writing("sources lease"):
        taken = {identifier: take_lease(f"source:{identifier}", holder, now=now, ttl=ttl) for identifier in ids}
    return {identifier: held for identifier, held in taken.items() if held is not None}


def start_run(run: Run, lease: Lease | None) -> None:
    """Notes that a visit has begun. Raises StaleFenceError when the lease has passed on."""
    with writing("run start"):
        if lease is not None:
            check(lease)
        _put_run(run)


def finish_run(run: Run, lease: Lease | None, *, next_due: datetime) -> None:
    """Notes how a visit ended: state and failures of its source, when it is due next; the lease is given back.

    Raises StaleFenceError when the lease has passed on.
    """
    moment = to_ms(run.finished or run.started)
    with writing("run finish"):
        if lease is not None:
            check(lease)
        _put_run(run)
        execute(
            "UPDATE sources SET state_since = CASE WHEN state = %s THEN state_since ELSE %s END, state = %s, last_run = %s,"
            " next_due = %s, failures = CASE WHEN %s THEN 0 ELSE failures + 1 END WHERE id = %s",
            (
                run.state.value,
                moment,
                run.state.value,
                run.id,
                to_ms(next_due),
                run.state in _HEALTHY,
                run.source,
            ),
        )
        if lease is not None:
            drop_lease(lease)


def _put_run(run: Run) -> None:
    execute(
        "INSERT INTO runs (id, source, started, finished, state, payload) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (id) DO UPDATE SET finished = excluded.finished, state = excluded.state, payload = excluded.payload",
        (run.id, run.source, to_ms(run.started), maybe_ms(run.finished), run.state.value, codec.dumps(run)),
    )


def runs(source: str | None = None, limit: int = 50, *, since: datetime | None = None) -> list[Run]:
    """Visits, newest first; of one source, or of all."""
    rows = RunRow.objects.order_by("-started", "id")
    if source is not None:
        rows = rows.filter(source=source)
    if since is not None:
        rows = rows.filter(started__gte=to_ms(since))
    with refusals():
        return [codec.loads(payload, Run) for payload in rows.values_list("payload", flat=True)[:limit]]


def park(source: str, until: datetime) -> None:
    """Leaves a source alone until then."""
    with writing("source park"):
        execute("UPDATE sources SET next_due = %s WHERE id = %s", (to_ms(until), source))


def cursor(source: str) -> Cursor:
    """What is remembered of the source's listing; an empty cursor before its first visit."""
    with refusals():
        row = CursorRow.objects.filter(source=source).values_list("payload", flat=True).first()
    return codec.loads(row, Cursor) if row else Cursor()


def put_cursor(source: str, cursor: Cursor) -> None:
    """Remembers the cursor; within the caller's write transaction."""
    execute(
        "INSERT INTO cursors (source, payload) VALUES (%s, %s) ON CONFLICT (source) DO UPDATE SET payload = excluded.payload",
        (source, codec.dumps(cursor)),
    )


def put_items(source: str, listed: Sequence[ListedItem]) -> None:
    """Notes items that a listing named; within the caller's write transaction.

    A new item is as given. One that is still pending takes the new url and hint, the higher number of attempts, and
    the new `not_before` if there is one. One that is stored or gone stays as it is.
    """
    execute_many(
        "INSERT INTO items (id, source, external_id, url, hint, state, attempts, not_before)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET url = excluded.url,"
        " hint = CASE WHEN excluded.hint = '{}' THEN items.hint ELSE excluded.hint END, state = excluded.state,"
        " attempts = CASE WHEN excluded.attempts > items.attempts THEN excluded.attempts ELSE items.attempts END,"
        " not_before = COALESCE(excluded.not_before, items.not_before) WHERE items.state = 'pending'",
        [
            (
                document_id(source, item.external_id),
                source,
                item.external_id,
                item.url,
                item.hint,
                item.state.value,
                item.attempts,
                maybe_ms(item.not_before),
            )
            for item in listed
        ],
    )


def settle_items(source: str, settled: Mapping[str, ItemState]) -> None:
    """Moves items that were pending to `stored` or `gone`; within the caller's write transaction."""
    execute_many(
        "UPDATE items SET state = %s WHERE id = %s AND state = 'pending'",
        [(ItemState(state).value, document_id(source, external_id)) for external_id, state in settled.items()],
    )


_ITEM = "external_id, url, hint, state, attempts, not_before"


def _item(row: Row) -> ListedItem:
    external_id, url, hint, state, attempts, not_before = row
    return ListedItem(
        external_id=external_id, url=url, hint=hint, state=state, attempts=attempts, not_before=maybe_time(not_before)
    )


def pending(source: str, now: datetime, limit: int) -> list[ListedItem]:
    """Items of the source that are still to be fetched and may be asked for now, fewest attempts first."""
    sql = (
        f"SELECT {_ITEM} FROM items WHERE source = %s AND state = 'pending' AND (not_before IS NULL OR not_before <= %s)"  # noqa: S608
        " ORDER BY attempts, id LIMIT %s"
    )
    return [_item(row) for row in select(sql, (source, to_ms(now), limit))]


def items(source: str, external_ids: Collection[str]) -> dict[str, ListedItem]:
    """External id -> item, for those that a listing of the source has named."""
    ids = [document_id(source, external_id) for external_id in external_ids]
    found = [_item(row) for row in select_in(f"SELECT {_ITEM} FROM items WHERE id IN {{}}", ids)]  # noqa: S608
    return {item.external_id: item for item in found}


def robots_get(host: str) -> Robots | None:
    """The host's robots.txt as last fetched, also when it has expired."""
    rows = select("SELECT host, body, status, fetched, expires FROM robots WHERE host = %s", (host,))
    return _robots(rows[0]) if rows else None


def _robots(row: Row) -> Robots:
    host, body, status, fetched, expires = row
    return Robots(host=host, body=body, status=status, fetched=from_ms(fetched), expires=from_ms(expires))


def robots_put(host: str, body: str, status: int, fetched: datetime, expires: datetime) -> None:
    """Remembers a host's robots.txt. status: of the answer, 0 when there was none."""
    values: tuple[Any, ...] = (host, body.replace("\0", ""), status, to_ms(fetched), to_ms(expires))
    with writing("robots"):
        execute(
            "INSERT INTO robots (host, body, status, fetched, expires) VALUES (%s, %s, %s, %s, %s) ON CONFLICT (host)"
            " DO UPDATE SET body = excluded.body, status = excluded.status, fetched = excluded.fetched, expires = excluded.expires",
            values,
        )
