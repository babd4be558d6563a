"""The register of identifiers: every phone, account, link, ... with where, when and in what role it was seen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

from model.document import Entity, Role
from store import codec
from store.base import Row, execute_many, from_ms, refusals, select, select_in, to_ms
from store.models import EntityRow

_ASKED = 400
"""Keys asked for in one statement, fewer than `select_in` cuts at: the limit on rows is that of one statement."""


@frozen(kw_only=True)
class Sighting:
    """An entity in a document; one per entity and document. at: when the document was collected; lead_ids: ids of leads;
    settled: the document stands on a lead that has the entity among its keys: who asks for the key finds it by that lead."""

    entity: Entity
    document: str
    source: str
    source_kind: str
    role: Role = field(converter=Role)
    at: datetime
    lead_ids: tuple[str, ...] = ()
    settled: bool = False


@frozen(kw_only=True)
class RegisterEntry:
    """What the register knows of an entity.

    documents: how many mention it; sources, roles: how many of them by source and by role; leads: codes of its leads
    (merged ones counted with the lead they went into). status: `suspect` once a document has it as suspect, else the
    role it has most often.
    """

    entity: Entity
    first_seen: datetime
    last_seen: datetime
    documents: int
    sources: Mapping[str, int]
    roles: Mapping[str, int]
    leads: tuple[str, ...]
    status: str


def insert_sightings(sightings: Iterable[Sighting]) -> None:
    """Enters sightings; a repeated one takes the newer role and leads. Within the caller's write transaction."""
    chosen = {(codec.short(sighting.entity.key), sighting.document): sighting for sighting in sightings}
    execute_many(
        "INSERT INTO entities (key, kind, value, first_seen, last_seen, status) VALUES (%s, %s, %s, %s, %s, '')"
        " ON CONFLICT (key) DO UPDATE SET"
        " first_seen = CASE WHEN excluded.first_seen < entities.first_seen THEN excluded.first_seen ELSE entities.first_seen END,"
        " last_seen = CASE WHEN excluded.last_seen > entities.last_seen THEN excluded.last_seen ELSE entities.last_seen END",
        [
            (key, sighting.entity.kind, sighting.entity.value, to_ms(sighting.at), to_ms(sighting.at))
            for (key, _), sighting in chosen.items()
        ],
    )
    execute_many(
        "INSERT INTO sightings (entity, document, source, source_kind, role, at, leads, settled)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (entity, document) DO UPDATE SET role = excluded.role,"
        " settled = CASE WHEN excluded.settled > 0 THEN excluded.settled ELSE sightings.settled END,"
        " leads = CASE WHEN excluded.leads = '' THEN sightings.leads ELSE excluded.leads END",
        [
            (
                key,
                document,
                sighting.source,
                sighting.source_kind,
                sighting.role.value,
                to_ms(sighting.at),
                codec.joined(sighting.lead_ids),
                int(sighting.settled),
            )
            for (key, document), sighting in chosen.items()
        ],
    )


def settle(pairs: Collection[tuple[str, str]]) -> None:
    """Notes that documents seen before stand on a lead now. pairs: (entity key, document). Within the caller's write
    transaction."""
    execute_many(
        "UPDATE sightings SET settled = 1 WHERE entity = %s AND document = %s",
        [(codec.short(key), document) for key, document in pairs],
    )


@frozen(kw_only=True)
class Holders:
    """Documents that name an entity, in order of `at`, the newest of each sort. settled: those that stand on a lead that has
    it among its keys; loose: the others."""

    loose: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


_TOGETHER = 5_000
"""Rows read for several keys at once; beyond it each key is asked for alone, and no more of it than is wanted."""


def holders(keys: Collection[str], *, loose: int, settled: int) -> dict[str, Holders]:
    """Entity key (`kind:value`) -> documents that name it; keys that nothing names are absent. loose, settled: at most so
    many of each sort. The work does not grow with the documents that there are."""
    columns = {codec.short(key): key for key in keys}
    found = _newest(list(columns), 0, loose)
    stand = _newest(list(columns), 1, settled)
    return {
        columns[column]: Holders(loose=found.get(column, ()), settled=stand.get(column, ()))
        for column in found.keys() | stand.keys()
    }


def _newest(columns: Sequence[str], settled: int, limit: int) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(columns), _ASKED):
        part = columns[start : start + _ASKED]
        rows = select_in(
            f"SELECT at, document, entity FROM sightings WHERE settled = {settled} AND entity IN {{}} LIMIT {_TOGETHER + 1}",  # noqa: S608
            part,
        )
        if len(rows) > _TOGETHER:
            rows = [row for column in part for row in _newest_of(column, settled, limit)]
        by_entity: dict[str, list[str]] = defaultdict(list)
        for _, document, entity in sorted(rows):
            by_entity[entity].append(document)
        found |= {entity: tuple(documents[-limit:]) for entity, documents in by_entity.items()}
    return found


def _newest_of(column: str, settled: int, limit: int) -> list[Row]:
    return select(
        "SELECT at, document, entity FROM sightings WHERE entity = %s AND settled = %s ORDER BY at DESC LIMIT %s",
        (column, settled, limit),
    )


def known(keys: Collection[str]) -> set[str]:
    """Which of these keys (`kind:value`) the register has."""
    columns = {codec.short(key): key for key in keys}
    return {columns[row[0]] for row in select_in("SELECT key FROM entities WHERE key IN {}", list(columns))}


def get(kind: str, value: str) -> RegisterEntry | None:
    """What the register knows of one entity."""
    found = get_many([f"{kind}:{value}"])
    return found[0] if found else None


def get_many(keys: Collection[str]) -> list[RegisterEntry]:
    """What the register knows of these entities (`kind:value`), in the order of first sighting."""
    columns = [codec.short(key) for key in keys]
    rows = select_in("SELECT key, kind, value, first_seen, last_seen, status FROM entities WHERE key IN {}", columns)
    return _entries(sorted(rows, key=lambda row: (row[3], row[0])))


def list_entries(
    *,
    kind: str | None = None,
    since: datetime | None = None,
    new_since: datetime | None = None,
    limit: int | None = None,
    order: str = "last_seen",
) -> list[RegisterEntry]:
    """Entries of the register, newest first by `order` (`last_seen` or `first_seen`).

    since: seen since then; new_since: seen for the first time since then.
    """
    if order not in ("last_seen", "first_seen"):
        raise ValueError(f"the register is ordered by last_seen or first_seen, not by {order!r}")
    rows = EntityRow.objects.order_by(f"-{order}", "key")
    if kind is not None:
        rows = rows.filter(kind=kind)
    if since is not None:
        rows = rows.filter(last_seen__gte=to_ms(since))
    if new_since is not None:
        rows = rows.filter(first_seen__gte=to_ms(new_since))
    with refusals():
        page = list(rows.values_list("key", "kind", "value", "first_seen", "last_seen", "status")[:limit])
    return _entries(page)


def iterate(batch: int = 2000) -> Iterator[list[RegisterEntry]]:
    """The whole register in the order of its keys, a batch at a time: it may be larger than memory."""
    after = ""
    while True:
        with refusals():
            rows = EntityRow.objects.filter(key__gt=after).order_by("key")
            page = list(rows.values_list("key", "kind", "value", "first_seen", "last_seen", "status")[:batch])
        if not page:
            return
        yield _entries(page)
        after = page[-1][0]


def _entries(rows: Collection[Row]) -> list[RegisterEntry]:
    seen: dict[str, list[Row]] = defaultdict(list)
    for sighting in select_in(
        "SELECT entity, source, role, leads FROM sightings WHERE entity IN {} ORDER BY at, document",
        [row[0] for row in rows],
    ):
        seen[sighting[0]].append(sighting)
    codes = lead_codes({lead for rows_of in seen.values() for row in rows_of for lead in codec.split(row[3])})
    return [_entry(row, seen[row[0]], codes) for row in rows]


def _entry(row: Row, sightings: list[Row], codes: Mapping[str, str]) -> RegisterEntry:
    _, kind, value, first_seen, last_seen, status = row
    roles = Counter(sighting[2] for sighting in sightings)
    leads = dict.fromkeys(codes[lead] for sighting in sightings for lead in codec.split(sighting[3]) if lead in codes)
    return RegisterEntry(
        entity=Entity(kind=kind, value=value),
        first_seen=from_ms(first_seen),
        last_seen=from_ms(last_seen),
        documents=len(sightings),
        sources=dict(Counter(sighting[1] for sighting in sightings)),
        roles=dict(roles),
        leads=tuple(leads),
        status=status or _guess(roles),
    )


def _guess(roles: Counter[str]) -> str:
    if roles[Role.SUSPECT.value]:
        return Role.SUSPECT.value
    return roles.most_common(1)[0][0] if roles else Role.UNKNOWN.value


def lead_codes(leads: Collection[str]) -> dict[str, str]:
    """Lead id -> code of the lead that it is, or was merged into."""
    codes: dict[str, str] = {}
    wanted = {lead: lead for lead in leads}
    while wanted:
        rows = select_in("SELECT id, number, merged_into FROM leads WHERE id IN {}", set(wanted.values()))
        found = {identifier: (number, merged_into) for identifier, number, merged_into in rows}
        codes |= {lead: f"CG-{found[at][0]}" for lead, at in wanted.items() if at in found and not found[at][1]}
        wanted = {lead: found[at][1] for lead, at in wanted.items() if at in found and found[at][1]}
    return codes
