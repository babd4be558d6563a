"""Saved queries with all their versions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from attrs import evolve

from model.errors import ConfigError
from model.query import SavedQuery
from model.source import Origin
from store import codec
from store.audit import write_entry
from store.base import execute, execute_many, refusals, select, select_in, to_ms, writing
from store.models import QueryRow

_HANDS = {Origin.SHIPPED: "files", Origin.SITE: "files", Origin.CONSOLE: "the console", Origin.KIBANA: "Kibana"}


def upsert(queries: Sequence[SavedQuery], now: datetime, *, actor: str = "system") -> tuple[SavedQuery, ...]:
    """Writes queries by id and gives them back with their version; an equal one keeps its version.

    Shipped and site files win over each other by coming later; a query of another hand (console, Kibana) is never
    overwritten by a different one: raises ConfigError naming both, and nothing is written.
    """
    with writing("queries upsert"):
        present = {
            row[0]: row[1:]
            for row in select_in(
                "SELECT id, origin, retired, version, payload FROM queries WHERE id IN {}",
                [query.id for query in queries],
            )
        }
        written = []
        for query in queries:
            written.append(_write(query, present.get(query.id), now, actor))
            kept = written[-1]
            present[query.id] = (kept.origin.value, False, kept.version, codec.dumps(kept))
    return tuple(written)


def _write(query: SavedQuery, row: tuple[str, bool, int, str] | None, now: datetime, actor: str) -> SavedQuery:
    if row is not None:
        origin, retired, version, payload = row
        _refuse_other_hand(query, Origin(origin), retired=bool(retired))
        if not retired and payload == codec.dumps(evolve(query, version=version)):
            return evolve(query, version=version)
    query = evolve(query, version=row[2] + 1 if row is not None else 1)
    payload = codec.dumps(query)
    execute(
        "INSERT INTO queries (id, origin, enabled, retired, version, payload) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (id) DO UPDATE SET origin = excluded.origin, enabled = excluded.enabled, retired = excluded.retired,"
        " version = excluded.version, payload = excluded.payload",
        (query.id, query.origin.value, query.enabled, False, query.version, payload),
    )
    execute(
        "INSERT INTO query_versions (query, version, at, payload) VALUES (%s, %s, %s, %s)",
        (query.id, query.version, to_ms(now), payload),
    )
    write_entry(actor, "query.write", query.id, {"version": query.version, "origin": query.origin.value}, now)
    return query


def _refuse_other_hand(query: SavedQuery, origin: Origin, *, retired: bool) -> None:
    if not retired and _HANDS.get(origin, origin.value) != _HANDS.get(query.origin, query.origin.value):
        raise ConfigError(
            f"the saved query {query.id!r} already exists, written in {_HANDS.get(origin, origin.value)}",
            file=query.file,
            key=query.id,
            cure="Give the new one another id",
        )


def retire(origin: Origin | str, keep_ids: Collection[str]) -> list[str]:
    """Retires the queries of an origin that are gone; the ids retired. Their versions, matches and leads stay."""
    with writing("queries retire"):
        rows = QueryRow.objects.filter(origin=Origin(origin).value, retired=False).values_list("id", flat=True)
        gone = sorted(set(rows) - set(keep_ids))
        execute_many("UPDATE queries SET retired = %s WHERE id = %s", [(True, identifier) for identifier in gone])
    return gone


def edition() -> str:
    """Names the set of saved queries in force: another one whenever a query is written or retired."""
    versions, retired = select(
        "SELECT COALESCE(MAX(id), 0), (SELECT COUNT(*) FROM queries WHERE retired = %s) FROM query_versions", (True,)
    )[0]
    return f"{versions}.{retired}"


def list_queries(enabled_only: bool = False) -> list[SavedQuery]:
    """Saved queries by id, without retired ones."""
    rows = QueryRow.objects.filter(retired=False).order_by("id")
    if enabled_only:
        rows = rows.filter(enabled=True)
    with refusals():
        return [codec.loads(payload, SavedQuery) for payload in rows.values_list("payload", flat=True)]


def get(id: str) -> SavedQuery | None:
    """One saved query, also a retired one."""
    rows = select("SELECT payload FROM queries WHERE id = %s", (id,))
    return codec.loads(rows[0][0], SavedQuery) if rows else None


def versions(id: str) -> list[SavedQuery]:
    """Every version of a saved query, oldest first."""
    rows = select("SELECT payload FROM query_versions WHERE query = %s ORDER BY version", (id,))
    return [codec.loads(row[0], SavedQuery) for row in rows]
