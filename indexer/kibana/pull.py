"""Saved queries that staff made in Kibana, brought back so that they raise leads.

Only titles that begin with `[CB]` are meant for us. What lies in the subset becomes a saved query of ours with the origin
`kibana`, for the digest only until a person approves more; what does not is answered with place and reason. A saved query
of another hand is never touched: ours have ids of their own, made from Kibana's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from indexer.kibana.saved_objects import Json
from indexer.kql import parse
from model.errors import ConfigError, QuerySyntaxError
from model.query import Priority, SavedQuery
from model.source import Origin
from store import queries as stored_queries

MARK = "[CB]"
"""What the title of a saved query begins with that is meant to warn (cảnh báo)."""

MOST_QUERIES = 500
"""Saved queries taken from one Kibana."""


@frozen(kw_only=True)
class RefusedQuery:
    """A saved query that cannot raise leads. id: Kibana's; position: of the fault in `query`, None when it lies elsewhere;
    problem, hint: Vietnamese."""

    id: str
    title: str
    query: str
    problem: str
    hint: str = ""
    position: int | None = None

    @property
    def key(self) -> str:
        """The same refusal has the same key: it is told once."""
        text = f"{self.id}\0{self.title}\0{self.query}\0{self.problem}"
        return f"kibana:{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    @property
    def sentence(self) -> str:
        """For people: which query, where the fault is, what to write instead."""
        place = ""
        if self.position is not None:
            at = " ".join(self.query[self.position :].split())[:30]
            place = f" ở vị trí {self.position}" + (f" (“{at}”)" if at else "")
        hint = f". {self.hint}" if self.hint else ""
        return f"Truy vấn “{self.title}” trong Kibana không dùng được{place}: {self.problem}{hint}."


@frozen(kw_only=True)
class Pulled:
    """What a pull did. new, changed: saved queries written now; kept: unchanged ones; retired: ids of those gone from Kibana."""

    new: tuple[SavedQuery, ...] = ()
    changed: tuple[SavedQuery, ...] = ()
    kept: tuple[SavedQuery, ...] = ()
    retired: tuple[str, ...] = ()
    refused: tuple[RefusedQuery, ...] = ()


def pull(objects: Sequence[Json], *, now: datetime) -> Pulled:
    """Brings the store's saved queries of the origin `kibana` up to what Kibana exported as objects of the type `query`.

    A query whose edit is refused stays in force as it was; one that was deleted or lost its mark is retired. The text of a
    query decides what it may do: an unchanged one keeps what a person approved, a changed one is for the digest again.
    """
    marked = [item for item in objects if str(_attributes(item).get("title", "")).strip().startswith(MARK)]
    known = {query.id: query for query in stored_queries.list_queries()}
    read, refused = _read(marked[:MOST_QUERIES])
    refused += [
        _refuse(item, f"quá {MOST_QUERIES} truy vấn {MARK} trong Kibana", hint="Hãy bớt truy vấn cũ")
        for item in marked[MOST_QUERIES:]
    ]
    new, changed, kept = list[SavedQuery](), list[SavedQuery](), list[SavedQuery]()
    for query in read:
        present = known.get(query.id)
        wanted = _approved(query, present)
        if present is not None and evolve(wanted, version=present.version) == present:
            kept.append(present)
            continue
        try:
            written = stored_queries.upsert([wanted], now, actor="kibana")[0]
        except ConfigError as error:
            refused.append(
                RefusedQuery(id=query.id, title=query.title, query=query.query, problem=error.problem, hint=error.cure)
            )
            continue
        (new if present is None else changed).append(written)
    still_there = {query_id(str(item.get("id", ""))) for item in marked}
    retired = _retire(known, still_there)
    return Pulled(new=tuple(new), changed=tuple(changed), kept=tuple(kept), retired=retired, refused=tuple(refused))


def approve(identifier: str, *, now: datetime, actor: str, priority: Priority = Priority.IMMEDIATE) -> SavedQuery:
    """Lets a saved query from Kibana warn at once, or sends it back to the digest; audited.

    Raises ConfigError for an id that is not in force, or whose query was written by another hand.
    """
    present = {query.id: query for query in stored_queries.list_queries()}.get(identifier)
    if present is None or present.origin is not Origin.KIBANA:
        raise ConfigError(f"không có truy vấn {identifier!r} từ Kibana", cure="Xem danh sách: canhgiac query list")
    return stored_queries.upsert([evolve(present, priority=priority)], now, actor=actor)[0]


def query_id(kibana_id: str) -> str:
    """Our id for a saved query of Kibana: readable where that is possible, always its own."""
    plain = re.sub(r"[^a-z0-9]+", "_", kibana_id.lower()).strip("_")
    if plain.replace("_", "-") == kibana_id and len(plain) <= 60:
        return f"kibana_{plain}"
    return f"kibana_{plain[:40]}_{hashlib.sha256(kibana_id.encode()).hexdigest()[:10]}"


def _retire(known: Mapping[str, SavedQuery], still_there: set[str]) -> tuple[str, ...]:
    ours = {query.id for query in known.values() if query.origin is Origin.KIBANA}
    return tuple(stored_queries.retire(Origin.KIBANA, still_there)) if ours - still_there else ()


def _approved(query: SavedQuery, present: SavedQuery | None) -> SavedQuery:
    """The query as it may stand: with what was approved for the same text, else as it came."""
    if present is None or present.origin is not Origin.KIBANA or present.query != query.query:
        return query
    return evolve(present, title=query.title)


def _read(objects: Iterable[Json]) -> tuple[list[SavedQuery], list[RefusedQuery]]:
    read, refused = list[SavedQuery](), list[RefusedQuery]()
    for item in objects:
        one = _query(item)
        if isinstance(one, SavedQuery):
            read.append(one)
        else:
            refused.append(one)
    return read, refused


def _query(item: Json) -> SavedQuery | RefusedQuery:
    attributes = _attributes(item)
    asked = attributes.get("query")
    text = asked.get("query") if isinstance(asked, dict) else None
    if not isinstance(asked, dict) or asked.get("language") != "kuery" or not isinstance(text, str):
        return _refuse(item, "không viết bằng KQL", hint="Trong ô tìm của Kibana hãy chọn ngôn ngữ KQL rồi lưu lại")
    if attributes.get("filters"):
        return _refuse(
            item,
            "có bộ lọc (filter) đi kèm, không đọc được thành truy vấn",
            hint="Hãy viết điều kiện của bộ lọc vào ô tìm bằng and, bỏ bộ lọc rồi lưu lại",
        )
    try:
        parse(text)
    except QuerySyntaxError as error:
        return _refuse(item, error.problem_vi, hint=error.hint_vi, position=error.position)
    title = _title(item).removeprefix(MARK).strip() or _title(item)
    return SavedQuery(
        id=query_id(str(item.get("id", ""))),
        title=title,
        query=text,
        priority=Priority.DIGEST,
        origin=Origin.KIBANA,
    )


def _refuse(item: Json, problem: str, *, hint: str = "", position: int | None = None) -> RefusedQuery:
    asked = _attributes(item).get("query")
    text = asked.get("query") if isinstance(asked, dict) else ""
    return RefusedQuery(
        id=str(item.get("id", "")),
        title=_title(item),
        query=text if isinstance(text, str) else "",
        problem=problem,
        hint=hint,
        position=position,
    )


def _title(item: Json) -> str:
    return " ".join(str(_attributes(item).get("title", "")).split())[:200]


def _attributes(item: Json) -> Json:
    found = item.get("attributes")
    return found if isinstance(found, dict) else {}
