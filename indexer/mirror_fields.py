"""Fields of what stands beside the documents on Elasticsearch for the desk in Kibana: leads, identifiers, sources.

Each is a table like `indexer.fields.FIELDS`: name, type, Vietnamese label, how the value is read. The operations database
stays the truth; `indexer.mirror` writes these indices from it and Kibana reads them. `text` is folded as that of documents
is, so that a pasted number finds its lead and its entry in the register.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from attrs import frozen

from extraction.fold import fold
from extraction.kinds.base import kinds
from indexer.fields import FieldType, keyword, milliseconds, replace_surrogates
from model.lead import Lead
from model.source import SourceStatus
from store.entities import RegisterEntry

Noun = TypeVar("Noun")

MirrorValue = str | int | tuple[str, ...] | None
"""A keyword, text, count or date (UTC milliseconds), several keywords, or nothing."""

WATCHED, SWITCHED_OFF = "on", "off"
"""Values of the sources' field `enabled`: words, because true and false without quotes are constants in KQL."""


@frozen(kw_only=True)
class MirrorField(Generic[Noun]):
    """One field of a mirrored noun. label: Vietnamese. read: its value, nothing when absent."""

    name: str
    type: FieldType
    label: str
    read: Callable[[Noun], MirrorValue]


@frozen(kw_only=True)
class MirrorTable(Generic[Noun]):
    """What an index mirrors. index: its name behind the prefix; identify: the id of a noun in it."""

    index: str
    fields: Mapping[str, MirrorField[Noun]]
    identify: Callable[[Noun], str]

    def values(self, noun: Noun) -> dict[str, MirrorValue]:
        """All fields the noun has; absent ones are left out."""
        found = {name: field.read(noun) for name, field in self.fields.items()}
        return {name: value for name, value in found.items() if value is not None and value not in ("", ())}


def _text(name: str, label: str, read: Callable[[Any], str]) -> MirrorField[Any]:
    return MirrorField(name=name, type=FieldType.TEXT, label=label, read=lambda noun: fold(read(noun)))


def _stored(name: str, label: str, read: Callable[[Any], str]) -> MirrorField[Any]:
    return MirrorField(
        name=name, type=FieldType.STORED, label=label, read=lambda noun: replace_surrogates(read(noun)) or None
    )


def _keyword(name: str, label: str, read: Callable[[Any], str]) -> MirrorField[Any]:
    return MirrorField(name=name, type=FieldType.KEYWORD, label=label, read=lambda noun: keyword(read(noun)) or None)


def _keywords(name: str, label: str, read: Callable[[Any], tuple[str, ...]]) -> MirrorField[Any]:
    def unique(noun: Any) -> tuple[str, ...]:
        return tuple(dict.fromkeys(keyword(value) for value in read(noun) if value))

    return MirrorField(name=name, type=FieldType.KEYWORD, label=label, read=unique)


def _date(name: str, label: str, read: Callable[[Any], datetime | None]) -> MirrorField[Any]:
    return MirrorField(name=name, type=FieldType.DATE, label=label, read=lambda noun: milliseconds(read(noun)))


def _long(name: str, label: str, read: Callable[[Any], int | None]) -> MirrorField[Any]:
    return MirrorField(name=name, type=FieldType.LONG, label=label, read=read)


def _by_name(*fields: MirrorField[Any]) -> Mapping[str, MirrorField[Any]]:
    return {field.name: field for field in fields}


def _paste_forms(kind_name: str, value: str) -> tuple[str, ...]:
    kind = kinds().get(kind_name)
    return kind.paste_forms(value) if kind else (value,)


def _lead_text(lead: Lead) -> str:
    entities = [identifier.entity for identifier in lead.identifiers]
    forms = [form for entity in entities for form in _paste_forms(entity.kind, entity.value)]
    return " ".join((lead.code, lead.title, lead.reason, *forms))


def _gap(lead: Lead) -> int | None:
    return None if lead.warning_gap_hours is None else round(lead.warning_gap_hours)


LEADS: MirrorTable[Lead] = MirrorTable(
    index="leads",
    identify=lambda lead: lead.id,
    fields=_by_name(
        _text("text", "nội dung tìm kiếm", _lead_text),
        _keyword("code", "mã đầu mối", lambda lead: lead.code),
        _stored("headline", "tên đầu mối", lambda lead: lead.title),
        _keyword("status", "tình trạng xử lý", lambda lead: lead.status.value),
        _keyword("priority", "mức báo", lambda lead: lead.priority),
        _long("score", "điểm nghi vấn", lambda lead: lead.score),
        _stored("reason", "vì sao báo", lambda lead: lead.reason),
        _stored("novelty", "điểm mới", lambda lead: lead.novelty),
        _keywords("queries", "câu tìm đã khớp", lambda lead: lead.queries),
        _keywords("narratives", "hình thức lừa đảo", lambda lead: lead.forms),
        _keywords("regions", "địa bàn", lambda lead: lead.regions),
        _keywords(
            "suspects",
            "định danh nghi vấn",
            lambda lead: tuple(item.entity.key for item in lead.identifiers if item.role.value == "suspect"),
        ),
        _long("documents", "số bài", lambda lead: len(lead.documents)),
        _date("created", "thời điểm báo", lambda lead: lead.created),
        _date("first_seen", "thấy lần đầu", lambda lead: lead.first_seen),
        _date("last_seen", "thấy lần cuối", lambda lead: lead.last_seen),
        _long("warning_gap_hours", "sớm hơn cảnh báo chính thức (giờ)", _gap),
    ),
)
"""`canhgiac-leads`: one entry a lead that is not merged into another."""


def _bank(entry: RegisterEntry) -> str:
    if entry.entity.kind not in ("account", "account_partial"):
        return ""
    bank = entry.entity.value.partition(":")[0]
    return "" if bank == "?" else bank


def _entity_id(entry: RegisterEntry) -> str:
    key = replace_surrogates(entry.entity.key)
    # Elasticsearch takes ids of at most 512 bytes; a link may be longer.
    return key if len(key.encode()) <= 480 else hashlib.sha256(key.encode()).hexdigest()


ENTITIES: MirrorTable[RegisterEntry] = MirrorTable(
    index="entities",
    identify=_entity_id,
    fields=_by_name(
        _text("text", "nội dung tìm kiếm", lambda entry: " ".join(_paste_forms(entry.entity.kind, entry.entity.value))),
        _keyword("kind", "loại", lambda entry: entry.entity.kind),
        _keyword("value", "giá trị", lambda entry: entry.entity.value),
        _keyword("bank", "ngân hàng", _bank),
        _keyword("status", "vai trò", lambda entry: entry.status),
        _date("first_seen", "thấy lần đầu", lambda entry: entry.first_seen),
        _date("last_seen", "thấy lần cuối", lambda entry: entry.last_seen),
        _long("documents", "số bài", lambda entry: entry.documents),
        _keywords("sources", "các nguồn", lambda entry: tuple(sorted(entry.sources))),
        _keywords("leads", "đầu mối", lambda entry: entry.leads),
    ),
)
"""`canhgiac-entities`: one entry an identifier of the register, victims' excepted."""


SOURCES: MirrorTable[SourceStatus] = MirrorTable(
    index="sources",
    identify=lambda status: status.source.id,
    fields=_by_name(
        _text("text", "nội dung tìm kiếm", lambda status: f"{status.source.title} {status.source.id}"),
        _keyword("source", "mã nguồn", lambda status: status.source.id),
        _stored("headline", "tên nguồn", lambda status: status.source.title),
        _keyword("source_kind", "loại nguồn", lambda status: status.source.kind),
        _keyword("enabled", "theo dõi", lambda status: WATCHED if status.source.enabled else SWITCHED_OFF),
        _keyword("state", "tình trạng", lambda status: status.state.value),
        _date("state_since", "từ lúc", lambda status: status.state_since),
        _date("last_document", "bài mới nhất", lambda status: status.last_document),
        _date("next_due", "lần xem tới", lambda status: status.next_due),
        _long("documents", "số bài", lambda status: status.documents),
        _long("pending", "bài chờ lấy", lambda status: status.pending),
        _long("failures", "lỗi liên tiếp", lambda status: status.failures),
        _stored("error", "lỗi lần cuối", lambda status: status.last_run.error if status.last_run else ""),
    ),
)
"""`canhgiac-sources`: one entry a source and how its last visit went."""

TABLES: tuple[MirrorTable[Any], ...] = (LEADS, ENTITIES, SOURCES)
