"""Leads, the register and the health of sources mirrored to Elasticsearch, where Kibana shows them to the desk.

A mirror is written from the operations database and read by nobody else; it can be deleted at any time and is filled again
at the next step. Rows carry the time of the step as external version, so that two workers, or a step that is repeated after
a crash, end in the newer state. Victims and examples of the register are not mirrored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from indexer.fields import FieldType, from_milliseconds, milliseconds
from indexer.mirror_fields import ENTITIES, LEADS, SOURCES, MirrorTable
from indexer.port import MirrorTarget
from model.document import Role
from store import entities, leads, sources
from store.entities import RegisterEntry

WHOLE_EVERY = timedelta(hours=6)
"""How often the whole register is written again, a part at each step: what a late document changed in the past is seen then."""

PAGES_A_STEP = 5
"""Pages of the whole register that one step writes, 10,000 entries in about a second: the documents wait behind it."""

OVERLAP = timedelta(minutes=15)
"""How far a step looks back before the one before it; documents count by the time they were collected. What it finds there
as it was sent is not sent again."""

_PRIVATE = frozenset({Role.VICTIM.value, Role.EXAMPLE.value, Role.CHROME.value})

Row = dict[str, object]


class Mirror:
    """Keeps the three indices up to the database, one step at a time; for one thread."""

    def __init__(self, target: MirrorTarget) -> None:
        self._target = target
        self._digests: dict[str, dict[str, str]] = {LEADS.index: {}, SOURCES.index: {}}
        self._lead_marks: dict[str, bytes] = {}
        self._recent: dict[str, str] = {}
        self._whole: Iterator[list[RegisterEntry]] = iter(())
        self._register_since: datetime | None = None
        self._whole_at: datetime | None = None

    def step(self, now: datetime) -> int:
        """Writes what has changed since the last step; returns the rows written and removed.

        Raises SearchUnavailableError or SearchError; the next step then does it all again.
        """
        version = milliseconds(now)
        assert version is not None
        try:
            return self._leads(version) + self._sources(version) + self._register(version, now)
        except BaseException:
            for digests in self._digests.values():
                digests.clear()
            self._lead_marks = {}
            self._register_since = self._whole_at = None
            raise

    def refresh(self) -> None:
        """Makes everything written visible to searches."""
        for table in (LEADS, SOURCES, ENTITIES):
            self._target.refresh(table.index)

    def _leads(self, version: int) -> int:
        def forget() -> None:
            self._digests[LEADS.index].clear()
            self._lead_marks = {}

        self._prepare(LEADS, forget)
        marks, found = leads.list_changed(self._lead_marks)
        shown = [lead for lead in found if not lead.merged_into]
        done = self._changed(LEADS, shown, [lead.id for lead in found if lead.merged_into], version)
        self._lead_marks = marks
        return done

    def _sources(self, version: int) -> int:
        self._prepare(SOURCES, self._forget(SOURCES.index))
        shown = sources.list_statuses()
        kept = {status.source.id for status in shown}
        gone = (one.source.id for one in sources.list_statuses(include_retired=True) if one.source.id not in kept)
        return self._changed(SOURCES, shown, gone, version)

    def _register(self, version: int, now: datetime) -> int:
        def forget() -> None:
            self._whole_at = self._register_since = None
            self._recent.clear()

        self._prepare(ENTITIES, forget)
        since, overlap, done = self._register_since, now - OVERLAP, 0
        known, self._recent = self._recent, {}
        if since is not None:
            done += self._entries(entities.list_entries(since=since), known, version, overlap)
        if self._whole_at is None or now - self._whole_at >= WHOLE_EVERY:
            self._whole, self._whole_at = entities.iterate(), now
        for page in islice(self._whole, PAGES_A_STEP):
            done += self._entries(page, self._recent, version, overlap)
        self._register_since = overlap
        return done

    def _entries(
        self, entries: Sequence[RegisterEntry], known: Mapping[str, str], version: int, overlap: datetime
    ) -> int:
        """Writes the entries that are not known as they are, and remembers those that the next step meets again."""
        rows = {ENTITIES.identify(entry): _entry_row(entry) for entry in entries}
        digests = {id_: _digest(row) if row else "" for id_, row in rows.items()}
        fresh = {id_: row for id_, row in rows.items() if known.get(id_) != digests[id_]}
        done = self._target.put(ENTITIES.index, {id_: row for id_, row in fresh.items() if row}, version=version)
        done += self._target.delete(ENTITIES.index, [id_ for id_, row in fresh.items() if not row], version=version)
        late = (ENTITIES.identify(entry) for entry in entries if entry.last_seen >= overlap)
        self._recent |= {id_: digests[id_] for id_ in late}
        return done

    def _prepare(self, table: MirrorTable[Any], forget: Callable[[], None]) -> None:
        if self._target.prepare(table.index, {name: field.type for name, field in table.fields.items()}):
            forget()

    def _forget(self, index: str) -> Callable[[], None]:
        return self._digests[index].clear

    def _changed(self, table: MirrorTable[Any], shown: Iterable[Any], gone: Iterable[str], version: int) -> int:
        """Writes the rows whose content differs from what this process last wrote; removes those that are gone."""
        known = self._digests[table.index]
        rows = {table.identify(noun): _row(table, noun) for noun in shown}
        digests = {id_: _digest(row) for id_, row in rows.items()}
        fresh = {id_: row for id_, row in rows.items() if known.get(id_) != digests[id_]}
        removed = [id_ for id_ in gone if known.get(id_) != ""]
        done = self._target.put(table.index, fresh, version=version)
        done += self._target.delete(table.index, removed, version=version)
        known.update(digests)
        known.update(dict.fromkeys(removed, ""))
        return done


def _entry_row(entry: RegisterEntry) -> Row:
    """An entry as it is sent; nothing for a victim's, an example's, a site's own."""
    return {} if entry.status in _PRIVATE else _row(ENTITIES, entry)


def _row(table: MirrorTable[Any], noun: Any) -> Row:
    """A noun as it is sent: dates as ISO 8601 in UTC, several values as a list."""
    row: Row = {}
    for name, value in table.values(noun).items():
        if table.fields[name].type is FieldType.DATE:
            assert isinstance(value, int)
            row[name] = from_milliseconds(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        else:
            row[name] = list(value) if isinstance(value, tuple) else value
    return row


def _digest(row: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:24]
