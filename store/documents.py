"""The log of every document version, in order, with its mentions: the system of record.

`append` is the only way in. Followers go by number: matching by `revision` (`unmatched`), search indexes by `position`
(`since_position`), each with its own checkpoint.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from attrs import define, frozen

from model.document import Document, DocumentVersion, Quarantined
from model.errors import BadDocumentError, StaleFenceError
from model.ids import document_id, stable_id
from model.source import Cursor, ItemState, ListedItem
from store import codec, numbers
from store.base import Row, execute, execute_many, from_ms, select, select_in, to_ms, writing
from store.faults import fault_point
from store.leases import Lease, check
from store.sources import note_documents, put_cursor, put_items, settle_items

_JOINED = (
    "SELECT d.seq, v.revision, d.position, v.version, d.first_seen, v.at, d.family, d.queries, d.leads, d.bands, d.counts,"
    " v.payload FROM documents d JOIN versions v ON "
)
_NEWEST = _JOINED + "v.revision = d.revision"
_PAYLOAD_LIMIT = 64 * 1024


@frozen(kw_only=True)
class Appended:
    """What became of a document. outcome: `new`, `updated`, `unchanged` or `quarantined`; version: 0 if quarantined."""

    id: str
    outcome: str
    version: int


def append(
    documents: Sequence[Document],
    *,
    now: datetime,
    lease: Lease | None = None,
    source: str = "",
    cursor: Cursor | None = None,
    listed: Sequence[ListedItem] = (),
    settled: Mapping[str, ItemState] | None = None,
    quarantined: Sequence[Quarantined] = (),
) -> tuple[Appended, ...]:
    """Writes documents, and all that was learnt with them, in one transaction; the outcomes in the order given.

    A document whose fingerprint is that of its newest version makes no new version; its counts are refreshed. A document
    that no database takes is quarantined alone. source: whose cursor, listed items and settled items these are; settled:
    external id -> what became of that item. Raises StaleFenceError, writing nothing, when the lease has passed to another.
    """
    if not source and (cursor is not None or listed or settled):
        raise ValueError("a cursor and listed items need the source they belong to")
    prepared = [_prepare(document, now) for document in documents]
    refused = [item for item in prepared if isinstance(item, Quarantined)]
    fault_point("documents append: before begin")
    with writing("documents append"):
        if lease is not None:
            check(lease)
        outcomes = _write(prepared, to_ms(now))
        if cursor is not None:
            put_cursor(source, cursor)
        put_items(source, listed)
        settle_items(source, settled or {})
        insert_quarantined([*quarantined, *refused])
    return tuple(outcomes)


@frozen
class _Entry:
    """A document made ready before the transaction begins, so that the write lock is held for writing only."""

    id: str
    document: Document
    fingerprint: str
    bands: str
    counts: str
    payload: str


@define
class _Current:
    """A document as it stands within the transaction."""

    seq: int
    version: int
    revision: int
    position: int
    fingerprint: str
    counts: str
    new: bool = False
    changed: bool = False
    recounted: bool = False
    entry: _Entry | None = None


def _prepare(document: Document, now: datetime) -> _Entry | Quarantined:
    try:
        return _Entry(
            payload=codec.document_payload(document),
            id=document.id,
            document=document,
            fingerprint=document.fingerprint or stable_id("content", document.title, document.text),
            bands=codec.joined(document.bands),
            counts=codec.counts_column(document),
        )
    except BadDocumentError as error:
        payload = json.dumps(codec.plain(document), ensure_ascii=True, default=str)
        return Quarantined(
            source=document.source, external_id=document.external_id, reason=str(error), payload=payload, at=now
        )


def _write(prepared: Sequence[_Entry | Quarantined], now: int) -> list[Appended]:
    ids = {item.id for item in prepared if isinstance(item, _Entry)}
    current = {
        row[0]: _Current(*row[1:])
        for row in select_in(
            "SELECT id, seq, version, revision, position, fingerprint, counts FROM documents WHERE id IN {}", ids
        )
    }
    outcomes: list[Appended] = []
    versions: list[tuple[_Current, int, _Entry]] = []
    for item in prepared:
        if isinstance(item, Quarantined):
            identifier = document_id(printable(item.source), printable(item.external_id))
            outcomes.append(Appended(id=identifier, outcome="quarantined", version=0))
            continue
        outcome, known = _judge(item, current)
        if outcome != "unchanged":
            versions.append((known, known.version, item))
        outcomes.append(Appended(id=item.id, outcome=outcome, version=known.version))
    _store(current, versions, now)
    return outcomes


def _judge(item: _Entry, current: dict[str, _Current]) -> tuple[str, _Current]:
    """The outcome of one document; its state in `current` moves on."""
    known = current.get(item.id)
    if known is None:
        known = current[item.id] = _Current(0, 0, 0, 0, "", item.counts, new=True)
    elif known.fingerprint == item.fingerprint:
        if item.counts and item.counts != known.counts:
            known.counts, known.recounted = item.counts, True
        return "unchanged", known
    known.version += 1
    known.changed = not known.new
    known.fingerprint, known.entry, known.counts = item.fingerprint, item, item.counts or known.counts
    return ("new" if known.new and known.version == 1 else "updated"), known


def _store(current: dict[str, _Current], versions: list[tuple[_Current, int, _Entry]], now: int) -> None:
    new = [known for known in current.values() if known.new]
    recounted = [known for known in current.values() if known.recounted and not known.new]
    if not versions and not recounted:
        return
    taken = numbers.take(seq=len(new), revision=len(versions), position=len(recounted))
    for offset, known in enumerate(new, start=1):
        known.seq = taken.seq + offset
    rows = []
    for offset, (known, version, item) in enumerate(versions, start=1):
        known.revision = taken.revision + offset
        rows.append((known.revision, known.seq, version, now, item.payload))
    _insert_documents(new, now)
    _update_documents([known for known in current.values() if known.changed], now)
    execute_many("INSERT INTO versions (revision, seq, version, at, payload) VALUES (%s, %s, %s, %s, %s)", rows)
    # New counts go to the search indexes at once; a document that is not matched yet goes there later anyway.
    execute_many(
        "UPDATE documents SET counts = %s, position = CASE WHEN position > 0 THEN %s ELSE 0 END WHERE seq = %s",
        [(known.counts, taken.position + offset, known.seq) for offset, known in enumerate(recounted, start=1)],
    )
    note_documents(_noted(new, versions))


def _insert_documents(new: Sequence[_Current], now: int) -> None:
    execute_many(
        "INSERT INTO documents (seq, id, source, external_id, version, revision, position, fingerprint, family, bands, counts,"
        " queries, leads, first_seen, updated) VALUES (%s, %s, %s, %s, %s, %s, 0, %s, '', %s, %s, '', '', %s, %s)",
        [
            (
                known.seq,
                known.entry.id,
                known.entry.document.source,
                known.entry.document.external_id,
                known.version,
                known.revision,
                known.fingerprint,
                known.entry.bands,
                known.counts,
                now,
                now,
            )
            for known in new
            if known.entry is not None
        ],
    )


def _update_documents(changed: Sequence[_Current], now: int) -> None:
    execute_many(
        "UPDATE documents SET version = %s, revision = %s, fingerprint = %s, bands = %s, counts = %s, updated = %s WHERE seq = %s",
        [
            (known.version, known.revision, known.fingerprint, known.entry.bands, known.counts, now, known.seq)
            for known in changed
            if known.entry is not None
        ],
    )


def _noted(new: Sequence[_Current], versions: Sequence[tuple[_Current, int, _Entry]]) -> dict[str, tuple[int, int]]:
    """For each source: how many new documents, and the time of its latest."""
    noted: dict[str, tuple[int, int]] = {}
    for _, _, item in versions:
        number, latest = noted.get(item.document.source, (0, 0))
        noted[item.document.source] = number, max(latest, to_ms(item.document.collected))
    for known in new:
        if known.entry is not None:
            number, latest = noted[known.entry.document.source]
            noted[known.entry.document.source] = number + 1, latest
    return noted


def _version(row: Row) -> DocumentVersion:
    seq, revision, position, version, first_seen, at, family, queries, leads, bands, counts, payload = row
    return DocumentVersion(
        document=codec.document(payload, bands=bands, counts=counts),
        seq=seq,
        revision=revision,
        position=position,
        version=version,
        first_seen=from_ms(first_seen),
        updated=from_ms(at),
        family=family,
        queries=codec.split(queries),
        leads=codec.split(leads),
    )


def get(id: str) -> DocumentVersion | None:
    """The newest version of a document."""
    rows = select(f"{_NEWEST} WHERE d.id = %s", (id,))
    return _version(rows[0]) if rows else None


def get_many(ids: Collection[str]) -> dict[str, DocumentVersion]:
    """The newest versions of these documents by id; unknown ids are absent."""
    found = [_version(row) for row in select_in(f"{_NEWEST} WHERE d.id IN {{}}", set(ids))]
    return {version.document.id: version for version in found}


@frozen(kw_only=True)
class Wording:
    """What is compared of a document to find others like it, at a fifth of what reading the document costs.

    suspects: (kind, value).
    """

    id: str
    title: str
    body: str
    bands: tuple[str, ...]
    suspects: tuple[tuple[str, str], ...]


def wordings(ids: Collection[str]) -> list[Wording]:
    """The newest wording of each of these documents; unknown ids are left out."""
    rows = select_in(
        "SELECT d.id, d.bands, v.payload FROM documents d JOIN versions v ON v.revision = d.revision WHERE d.id IN {}",
        set(ids),
    )
    return [_wording(*row) for row in rows]


def _wording(id: str, bands: str, payload: str) -> Wording:
    title, body, suspects = codec.wording(payload)
    return Wording(id=id, title=title, body=body, bands=codec.split(bands), suspects=suspects)


def seqs(ids: Collection[str]) -> dict[str, int]:
    """Document id -> its place in the order of first arrival; unknown ids are absent."""
    return dict(select_in("SELECT id, seq FROM documents WHERE id IN {}", set(ids)))


def versions(id: str) -> list[DocumentVersion]:
    """Every version of a document, oldest first. Family, queries, leads, bands and counts are those of now."""
    return [_version(row) for row in select(f"{_JOINED} v.seq = d.seq WHERE d.id = %s ORDER BY v.revision", (id,))]


def unmatched(*, after: int, limit: int) -> list[DocumentVersion]:
    """Versions whose revision is above `after`, in order: every one, also those that a newer version has replaced.

    A page holds a document once: it ends before a second version of the same document, so that a fraud that was edited
    away between two matchings is still matched. Empty only when nothing is left.
    """
    rows = select(f"{_JOINED} v.seq = d.seq WHERE v.revision > %s ORDER BY v.revision LIMIT %s", (after, limit))
    page: dict[int, Row] = {}
    for row in rows:
        if row[0] in page:
            break
        page[row[0]] = row
    return [_version(row) for row in page.values()]


def last_revision() -> int:
    """The highest revision given so far."""
    return numbers.last().revision


def since_position(after: int, limit: int) -> list[DocumentVersion]:
    """Matched documents whose place in the change log is above `after`, in order, each once, as they stand now."""
    return [
        _version(row)
        for row in select(
            f"{_NEWEST} WHERE d.position > %s AND d.position > 0 ORDER BY d.position LIMIT %s", (after, limit)
        )
    ]


def any_seen_since(moment: datetime) -> bool:
    """Whether a matched document was first seen since then."""
    return bool(select("SELECT 1 FROM documents WHERE position > 0 AND first_seen >= %s LIMIT 1", (to_ms(moment),)))


def last_position() -> int:
    """The highest place in the change log given so far."""
    return numbers.last().position


def iterate(batch: int = 500) -> Iterator[DocumentVersion]:
    """The newest version of every document in order of seq, also of those not matched yet; holds one batch in memory."""
    after = 0
    while True:
        page = [_version(row) for row in select(f"{_NEWEST} WHERE d.seq > %s ORDER BY d.seq LIMIT %s", (after, batch))]
        yield from page
        if len(page) < batch:
            return
        after = page[-1].seq


def known(source: str, external_ids: Collection[str]) -> dict[str, str]:
    """External id -> fingerprint of its newest version, for those documents of the source that are there."""
    by_id = {document_id(source, external_id): external_id for external_id in external_ids}
    rows = select_in("SELECT id, fingerprint FROM documents WHERE id IN {}", list(by_id))
    return {by_id[identifier]: fingerprint for identifier, fingerprint in rows}


def with_entities(keys: Collection[str]) -> dict[str, list[str]]:
    """Entity key (`kind:value`) -> ids of the documents in which the register has seen it, oldest first."""
    columns = {codec.short(key): key for key in keys}
    found: dict[str, list[str]] = defaultdict(list)
    for entity, document in select_in(
        "SELECT entity, document FROM sightings WHERE entity IN {} ORDER BY at, document", list(columns)
    ):
        found[columns[entity]].append(document)
    return dict(found)


def count() -> int:
    """How many documents there are."""
    return int(select("SELECT COUNT(*) FROM documents")[0][0])


def count_by_source() -> dict[str, int]:
    """How many documents each source has given."""
    return dict(select("SELECT source, COUNT(*) FROM documents GROUP BY source ORDER BY source"))


# Near-duplicate families


def band_number(band: str) -> int:
    """A band as a signed 48-bit number, which a row keeps in six bytes; documents that share one by chance are told apart by
    comparing their texts. The bands of `extraction.fingerprint` are hashes already: their last 12 digits are taken as they are.
    """
    try:
        return int(band[-12:], 16) - (1 << 47)
    except ValueError:
        return int.from_bytes(hashlib.blake2b(band.encode("utf-8"), digest_size=6).digest(), "big", signed=True)


def family_candidates(bands: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """Band -> (document, family) for each family that has it: one member per family and band, to compare texts with.

    Only families that `store.leads.commit` has written are here; documents of one batch are compared by the caller.
    """
    numbers_of = {band_number(band): band for band in bands}
    rows = select_in("SELECT band, document, family FROM bands WHERE band IN {}", list(numbers_of))
    ids: dict[int, str] = dict(
        select_in("SELECT seq, id FROM documents WHERE seq IN {}", {seq for _, *pair in rows for seq in pair})
    )
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for number, document, family in rows:
        found[numbers_of[number]].append((ids[document], ids[family]))
    return dict(found)


def write_bands(bands: Collection[tuple[str, str, str]]) -> None:
    """Gives families their bands; within the caller's write transaction. bands: (band, family, document), those that the
    family did not have."""
    order = seqs({identifier for _, *pair in bands for identifier in pair})
    execute_many(
        "INSERT INTO bands (band, family, document) VALUES (%s, %s, %s) ON CONFLICT (band, family) DO NOTHING",
        # In order: neighbours go to one page.
        sorted((band_number(band), order[family], order[document]) for band, family, document in bands),
    )


# Checkpoints of followers


def checkpoint(name: str) -> int:
    """How far the follower has come; 0 before its first step."""
    rows = select("SELECT value FROM checkpoints WHERE name = %s", (name,))
    return int(rows[0][0]) if rows else 0


def set_checkpoint(name: str, value: int, *, expected: int | None = None) -> None:
    """Moves a checkpoint. With `expected`, raises StaleFenceError unless it stands there: another has moved it since."""
    with writing(f"checkpoint {name}"):
        move_checkpoint(name, value, expected=expected)


def move_checkpoint(name: str, value: int, *, expected: int | None = None) -> None:
    """`set_checkpoint` within the caller's write transaction."""
    if expected is not None:
        execute("INSERT INTO checkpoints (name, value) VALUES (%s, 0) ON CONFLICT (name) DO NOTHING", (name,))
        if not execute("UPDATE checkpoints SET value = %s WHERE name = %s AND value = %s", (value, name, expected)):
            raise StaleFenceError(f"checkpoint {name} is not at {expected} any more: another process has moved it")
        return
    execute(
        "INSERT INTO checkpoints (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


# Quarantine


def printable(text: str) -> str:
    """The text with what no database takes shown as `?`."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def quarantine(items: Sequence[Quarantined], now: datetime | None = None) -> None:
    """Keeps items that could not be kept as documents, with the reasons. now: unused, each item has its time."""
    with writing("quarantine"):
        insert_quarantined(items)


def insert_quarantined(items: Iterable[Quarantined]) -> None:
    """`quarantine` within the caller's write transaction. Takes any text."""
    execute_many(
        "INSERT INTO quarantine (source, external_id, reason, payload, at) VALUES (%s, %s, %s, %s, %s)",
        [
            (
                printable(item.source),
                printable(item.external_id),
                printable(item.reason)[:2000],
                printable(item.payload)[:_PAYLOAD_LIMIT],
                to_ms(item.at),
            )
            for item in items
        ],
    )


def quarantine_list(limit: int = 100, *, since: datetime | None = None) -> list[Quarantined]:
    """The newest quarantined items, newest first."""
    rows = select(
        "SELECT source, external_id, reason, payload, at FROM quarantine WHERE at >= %s ORDER BY id DESC LIMIT %s",
        (to_ms(since) if since else 0, limit),
    )
    return [
        Quarantined(source=row[0], external_id=row[1], reason=row[2], payload=row[3], at=from_ms(row[4]))
        for row in rows
    ]


def quarantine_count(*, since: datetime | None = None, until: datetime | None = None) -> int:
    """How many items were quarantined in that time."""
    return int(
        select(
            "SELECT COUNT(*) FROM quarantine WHERE at >= %s AND at < %s",
            (to_ms(since) if since else 0, to_ms(until) if until else codec.LARGEST),
        )[0][0]
    )
