"""Matches, leads and suppressions, and the one transaction that makes them.

A lead's columns hold its status and what it was merged into; people move the status (`transition`), `commit` never does.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from attrs import evolve, field, frozen

from model.document import Quarantined
from model.errors import StaleFenceError, StoreError
from model.lead import LEAD_MOVES, Lead, LeadStatus, Match, Suppression
from model.message import Delivery
from store import codec, numbers, queries
from store.audit import write_entry
from store.backfills import Backfill, move
from store.base import Row, execute, execute_many, from_ms, maybe_ms, refusals, select, select_in, to_ms, writing
from store.deliveries import insert_deliveries
from store.documents import checkpoint, insert_quarantined, move_checkpoint, write_bands
from store.entities import Sighting, insert_sightings, known, lead_codes, settle
from store.faults import fault_point
from store.leases import Lease, check
from store.models import LeadRow, MatchRow, SuppressionRow

KEYS_LISTED = 500
"""Join keys that a lead carries with it, its first ones; it is found by any that it ever had."""

_PREFIX = "CG-"
_COLUMNS = "id, number, status, merged_into, payload"


@frozen(kw_only=True)
class LeadChange:
    """What one batch of matching makes of the leads, all or nothing.

    matches: kept once per query, document and revision. leads: written whole by id, except status, code and `created`
    of those that exist. merged: lead id -> id of the lead that it goes into; both may be in `leads`. families: document id
    -> family. bands: (band, family, document) that the family did not have. document_queries: document id -> all query ids that it
    has now. document_leads: document id -> lead ids that it joins beside those that it has; merged ones are followed.
    settled: (entity key, document) of earlier sightings whose document stands on a lead with that key now.
    deliveries: by id, those that exist stay. checkpoint: (name, expected, value) counts revisions: documents whose newest
    revision lies in (expected, value] are matched from now on and go to the change log, whether anything met them or not.
    quarantined: documents that matching failed on. turn: `turn()` when the leads were read that this change was worked out
    from. edition: `store.queries.edition` of the queries it knows, "" where none matter. backfills: (as one stood, as it
    stands now).
    """

    matches: tuple[Match, ...] = ()
    leads: tuple[Lead, ...] = ()
    merged: Mapping[str, str] = field(factory=dict)
    families: Mapping[str, str] = field(factory=dict)
    bands: tuple[tuple[str, str, str], ...] = ()
    document_queries: Mapping[str, tuple[str, ...]] = field(factory=dict)
    document_leads: Mapping[str, tuple[str, ...]] = field(factory=dict)
    deliveries: tuple[Delivery, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    settled: tuple[tuple[str, str], ...] = ()
    checkpoint: tuple[str, int, int] | None = None
    quarantined: tuple[Quarantined, ...] = ()
    turn: int | None = None
    edition: str = ""
    backfills: tuple[tuple[Backfill, Backfill], ...] = ()


_TURN = "turn"


def turn() -> int:
    """How many changes there have been: two that were worked out from the same leads cannot both be made."""
    return checkpoint(_TURN)


def reserve_codes(n: int) -> list[str]:
    """The next n lead codes, for messages that are written before their lead is; unused ones stay unused."""
    if n <= 0:
        return []
    with writing("lead codes"):
        first = numbers.take(code=n).code + 1
    return [f"{_PREFIX}{number}" for number in range(first, first + n)]


def commit(change: LeadChange, *, lease: Lease | None = None, now: datetime) -> tuple[Lead, ...]:
    """Makes the change in one transaction; the leads as they are then, in the order given.

    Raises StaleFenceError, writing nothing, when the lease has passed to another, or the checkpoint, the turn, the edition
    or the backfill is not where the change expects it: what another process has done in the meantime is never done twice.
    """
    fault_point("leads commit: before begin")
    with writing("leads commit"):
        if lease is not None:
            check(lease)
        _check_ground(change)
        written = _write_leads(change.leads)
        _merge(change)
        _insert_matches(change.matches)
        _insert_suppressions(change.suppressions)
        insert_deliveries(change.deliveries)
        insert_sightings(change.sightings)
        settle(change.settled)
        insert_quarantined(change.quarantined)
        write_bands(change.bands)
        _mark_documents(change)
        leads = get_many(written)
    return tuple(leads[identifier] for identifier in written)


def _check_ground(change: LeadChange) -> None:
    """Moves on what the change stands on, or refuses it."""
    if change.edition and queries.edition() != change.edition:
        raise StaleFenceError("the saved queries are others now")
    if change.checkpoint is not None:
        name, expected, value = change.checkpoint
        move_checkpoint(name, value, expected=expected)
    if change.turn is not None:
        move_checkpoint(_TURN, change.turn + 1, expected=change.turn)
    for before, after in change.backfills:
        move(before, after)


def _write_leads(leads: Sequence[Lead]) -> list[str]:
    present = {
        row[0]: row[1] for row in select_in("SELECT id, number FROM leads WHERE id IN {}", [lead.id for lead in leads])
    }
    fresh = [lead for lead in leads if lead.id not in present]
    unnumbered = [lead for lead in fresh if not lead.code]
    numbers.raise_code(max((_number(lead.code) for lead in fresh if lead.code), default=0))
    first = numbers.take(code=len(unnumbered)).code + 1 if unnumbered else 0
    given = {lead.id: first + offset for offset, lead in enumerate(unnumbered)}
    execute_many(
        "INSERT INTO leads (id, number, status, score, created, first_seen, last_seen, merged_into, payload)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET score = excluded.score,"
        " first_seen = excluded.first_seen, last_seen = excluded.last_seen, payload = excluded.payload,"
        " merged_into = CASE WHEN excluded.merged_into = '' THEN leads.merged_into ELSE excluded.merged_into END",
        [
            (
                lead.id,
                present.get(lead.id) or given.get(lead.id) or _number(lead.code),
                lead.status.value,
                lead.score,
                to_ms(lead.created),
                to_ms(lead.first_seen),
                to_ms(lead.last_seen),
                lead.merged_into,
                codec.dumps(evolve(lead, keys=lead.keys[:KEYS_LISTED]) if len(lead.keys) > KEYS_LISTED else lead),
            )
            for lead in leads
        ],
    )
    execute_many(
        "INSERT INTO lead_keys (key, lead) VALUES (%s, %s) ON CONFLICT (key, lead) DO NOTHING",
        [(codec.short(key), lead.id) for lead in leads for key in dict.fromkeys((lead.key, *lead.keys))],
    )
    return list(dict.fromkeys(lead.id for lead in leads))


def _number(code: str) -> int:
    digits = code.removeprefix(_PREFIX)
    if not code.startswith(_PREFIX) or not digits.isascii() or not digits.isdigit():
        raise StoreError(f"{code!r} is not a lead code; take one from store.leads.reserve_codes")
    return int(digits)


def _merge(change: LeadChange) -> None:
    """Points merged leads at those that stay; their keys and documents go with them."""
    merged = {lead.id: lead.merged_into for lead in change.leads if lead.merged_into} | dict(change.merged)
    if not merged:
        return
    ends = _ends(merged)
    execute_many("UPDATE leads SET merged_into = %s WHERE id = %s", [(into, lead) for lead, into in merged.items()])
    execute_many(
        "INSERT INTO lead_keys (key, lead) SELECT key, %s FROM lead_keys WHERE lead = %s ON CONFLICT (key, lead) DO NOTHING",
        [(end, lead) for lead, end in ends.items()],
    )
    leads = get_many([*ends, *ends.values()])
    codes = {leads[lead].code: leads[end].code for lead, end in ends.items() if lead in leads and end in leads}
    documents = {document for lead in ends if lead in leads for document in leads[lead].documents}
    changed = []
    for identifier, column in select_in("SELECT id, leads FROM documents WHERE id IN {}", documents):
        former = codec.split(column)
        followed = tuple(dict.fromkeys(codes.get(code, code) for code in former))
        if followed != former:
            changed.append((codec.joined(followed), identifier))
    execute_many("UPDATE documents SET leads = %s WHERE id = %s", changed)
    _move_in_log([identifier for _, identifier in changed])


def _ends(merged: Mapping[str, str]) -> dict[str, str]:
    """Where each merged lead ends up, chains followed. Raises StoreError for a circle."""
    ends: dict[str, str] = {}
    for lead in merged:
        seen, at = {lead}, merged[lead]
        while following := merged.get(at) or _merged_into(at):
            if at in seen:
                break
            seen.add(at)
            at = following
        if at in seen:
            raise StoreError(f"lead {lead} would be merged into itself")
        ends[lead] = at
    return ends


def _merged_into(lead: str) -> str:
    rows = select("SELECT merged_into FROM leads WHERE id = %s", (lead,))
    return str(rows[0][0]) if rows else ""


def _move_in_log(documents: Collection[str]) -> None:
    """Gives matched documents new places at the end of the change log, in order of seq."""
    rows = sorted(select_in("SELECT seq FROM documents WHERE id IN {}", set(documents)))
    _place_in_log([row[0] for row in rows])


def _place_in_log(seqs: Sequence[int]) -> None:
    if seqs:
        first = numbers.take(position=len(seqs)).position + 1
        execute_many(
            "UPDATE documents SET position = %s WHERE seq = %s",
            [(first + offset, seq) for offset, seq in enumerate(seqs)],
        )


def _mark_documents(change: LeadChange) -> None:
    """Writes on documents what they belong to, each once; those that changed or are matched now go to the change log."""
    codes = lead_codes({lead for leads in change.document_leads.values() for lead in leads})
    columns = "SELECT seq, id, family, queries, leads FROM documents WHERE"
    touched = {*change.families, *change.document_queries, *change.document_leads}
    rows = {row[0]: row[1:] for row in select_in(f"{columns} id IN {{}}", touched)}
    matched: set[int] = set()
    if change.checkpoint is not None:
        _, expected, value = change.checkpoint
        arrived = select(f"{columns} revision > %s AND revision <= %s", (expected, value))
        matched = {row[0] for row in arrived}
        rows |= {row[0]: row[1:] for row in arrived}
    marks = []
    for seq, (document, *former) in sorted(rows.items()):
        family, queries, leads = former
        joined = [codes[lead] for lead in change.document_leads.get(document, ()) if lead in codes]
        now = [
            change.families.get(document, family),
            codec.joined(change.document_queries.get(document, codec.split(queries))),
            codec.joined(list(dict.fromkeys((*codec.split(leads), *joined)))),
        ]
        if seq in matched or now != former:
            marks.append((*now, seq))
    if marks:
        first = numbers.take(position=len(marks)).position + 1
        execute_many(
            "UPDATE documents SET family = %s, queries = %s, leads = %s, position = %s WHERE seq = %s",
            [(*now, first + offset, seq) for offset, (*now, seq) in enumerate(marks)],
        )


def _insert_matches(matches: Iterable[Match]) -> None:
    execute_many(
        "INSERT INTO matches (query, document, revision, at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (query, document, revision) DO NOTHING",
        [(match.query, match.document, match.revision, to_ms(match.at)) for match in matches],
    )


def _insert_suppressions(suppressions: Iterable[Suppression]) -> None:
    execute_many(
        "INSERT INTO suppressions (lead, reason, at, payload) VALUES (%s, %s, %s, %s)",
        [(item.lead, item.reason, to_ms(item.at), codec.dumps(item)) for item in suppressions],
    )


# Reading


def _lead(row: Row) -> Lead:
    _, number, status, merged_into, payload = row
    return evolve(
        codec.loads(payload, Lead), code=f"{_PREFIX}{number}", status=LeadStatus(status), merged_into=merged_into
    )


def get(id: str) -> Lead | None:
    """One lead, also a merged one."""
    return get_many([id]).get(id)


def get_many(ids: Collection[str]) -> dict[str, Lead]:
    """Leads by id; unknown ids are absent."""
    rows = select_in(f"SELECT {_COLUMNS} FROM leads WHERE id IN {{}}", set(ids))  # noqa: S608 - our own columns
    return {row[0]: _lead(row) for row in rows}


def by_code(code: str) -> Lead | None:
    """The lead with that code (`CG-1142`, in any case, or the number alone)."""
    digits = code.strip().upper().removeprefix(_PREFIX)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        return None
    rows = select(f"SELECT {_COLUMNS} FROM leads WHERE number = %s", (int(digits),))  # noqa: S608
    return _lead(rows[0]) if rows else None


def open_by_keys(keys: Collection[str], *, since: datetime | None = None) -> list[Lead]:
    """Leads that have one of these join keys or families and are not merged into another, oldest first.

    Whatever their status: the caller decides whether an episode has ended. since: only those seen since then. Each has the
    keys that it was found by among its keys.
    """
    columns = {codec.short(key): key for key in keys}
    met: dict[str, list[str]] = defaultdict(list)
    for lead, key in select_in("SELECT lead, key FROM lead_keys WHERE key IN {}", list(columns)):
        met[lead].append(columns[key])
    rows = select_in(
        f"SELECT {_COLUMNS} FROM leads WHERE merged_into = '' AND last_seen >= %s AND id IN {{}}",  # noqa: S608
        met,
        before=[to_ms(since) if since else -codec.LARGEST],
    )
    found = [_lead(row) for row in sorted(rows, key=lambda row: row[1])]
    return [evolve(lead, keys=tuple(dict.fromkeys((*lead.keys, *sorted(met[lead.id]))))) for lead in found]


_ORDERS = {
    "newest": ("-created", "-number"),
    "oldest": ("created", "number"),
    "score": ("-score", "-number"),
    "last_seen": ("-last_seen", "-number"),
}


def list_leads(
    *,
    include_merged: bool = False,
    status: LeadStatus | str | Collection[LeadStatus | str] | None = None,
    since: datetime | None = None,
    limit: int | None = None,
    order: str = "newest",
) -> list[Lead]:
    """Leads. since: created since then; order: `newest`, `oldest`, `score` or `last_seen`."""
    if order not in _ORDERS:
        raise ValueError(f"leads are ordered by {', '.join(_ORDERS)}, not by {order!r}")
    rows = LeadRow.objects.order_by(*_ORDERS[order])
    if not include_merged:
        rows = rows.filter(merged_into="")
    if status is not None:
        wanted = [status] if isinstance(status, str) else list(status)
        rows = rows.filter(status__in=[LeadStatus(item).value for item in wanted])
    if since is not None:
        rows = rows.filter(created__gte=to_ms(since))
    with refusals():
        return [_lead(row) for row in rows.values_list(*_COLUMNS.split(", "))[:limit]]


def list_changed(known: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[Lead]]:
    """A mark of every lead, merged ones too, by id; and those whose mark is not the known one, newest first.

    For who looks again and again: reading a lead takes five times as long as seeing that it is the same.
    """
    with refusals():
        rows = list(LeadRow.objects.order_by(*_ORDERS["newest"]).values_list(*_COLUMNS.split(", ")))
    marks = {row[0]: hashlib.blake2b(repr(row).encode(), digest_size=8).digest() for row in rows}
    return marks, [_lead(row) for row in rows if known.get(row[0]) != marks[row[0]]]


def matches_for(query: str, since: datetime | None = None) -> list[Match]:
    """Matches of a saved query, oldest first."""
    rows = MatchRow.objects.filter(query=query)
    if since is not None:
        rows = rows.filter(at__gte=to_ms(since))
    with refusals():
        found = list(rows.order_by("at", "id").values_list("query", "document", "revision", "at"))
    return [Match(query=row[0], document=row[1], revision=row[2], at=from_ms(row[3])) for row in found]


def marked(query: str, *, after: int, revision: int, limit: int) -> list[tuple[int, str]]:
    """(seq, id) of documents that a saved query met in the version that they have now, in order of seq behind `after`.

    revision: only versions up to it.
    """
    return [
        (row[0], row[1])
        for row in select(
            "SELECT d.seq, d.id FROM documents d JOIN matches m ON m.document = d.id AND m.revision = d.revision"
            " WHERE m.query = %s AND d.seq > %s AND d.revision <= %s ORDER BY d.seq LIMIT %s",
            (query, after, revision, limit),
        )
    ]


def match_counts(*, since: datetime, until: datetime | None = None) -> dict[str, int]:
    """Query -> how many different documents met it in that time."""
    return dict(
        select(
            "SELECT query, COUNT(DISTINCT document) FROM matches WHERE at >= %s AND at < %s GROUP BY query",
            (to_ms(since), maybe_ms(until) or codec.LARGEST),
        )
    )


def suppressions(lead: str | None = None, since: datetime | None = None) -> list[Suppression]:
    """Why nothing was sent, oldest first; of one lead (its id), or of all."""
    rows = SuppressionRow.objects.order_by("id")
    if lead is not None:
        rows = rows.filter(lead=lead)
    if since is not None:
        rows = rows.filter(at__gte=to_ms(since))
    with refusals():
        return [codec.loads(payload, Suppression) for payload in rows.values_list("payload", flat=True)]


def suppressions_by_lead(leads: Collection[str]) -> dict[str, list[Suppression]]:
    """`suppressions` of several leads at once: lead id -> oldest first; leads without are absent."""
    found: dict[str, list[Suppression]] = defaultdict(list)
    for lead, payload in select_in("SELECT lead, payload FROM suppressions WHERE lead IN {} ORDER BY id", list(leads)):
        found[lead].append(codec.loads(payload, Suppression))
    return dict(found)


def known_entities(keys: Collection[str]) -> set[str]:
    """Which of these keys (`kind:value`) the register has."""
    return known(keys)


# What people do


def transition(lead_id: str, to: LeadStatus | str, *, actor: str, note: str = "", now: datetime) -> Lead:
    """Moves a lead to another status, audited. Raises StoreError for an unknown lead or a move that does not exist."""
    target = LeadStatus(to)
    with writing("lead transition"):
        lead = get(lead_id)
        if lead is None:
            raise StoreError(f"no lead {lead_id!r}")
        if target not in LEAD_MOVES[lead.status]:
            raise StoreError(f"lead {lead.code} is {lead.status.value} and cannot become {target.value}")
        changed = execute(
            "UPDATE leads SET status = %s WHERE id = %s AND status = %s", (target.value, lead_id, lead.status.value)
        )
        if not changed:
            raise StoreError(f"lead {lead.code} was moved by someone else")
        detail = {"from": lead.status.value, "to": target.value, "note": note}
        write_entry(actor, "lead.transition", lead.code, detail, now)
    return evolve(lead, status=target)
