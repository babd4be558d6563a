"""Data views: which fields the desk sees, under which Vietnamese names, and what stands for a code.

Only the documents have a time field. A lead that nobody has taken, an account seen in March and a source that fell silent
last week must not hide behind "the last three days". The one link is that to the lead's page: whatever a post links to
stays plain text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from indexer.fields import FIELDS, Field, FieldType
from indexer.kibana.labels import document_labels, entity_labels, lead_labels, source_labels
from indexer.kibana.saved_objects import VIEW_TYPE, Json, packed, saved_object
from indexer.mirror_fields import ENTITIES, LEADS, SOURCES, MirrorField
from model.query import SavedQuery

HIDDEN = ("text", "title", "exact")
"""Folded copies for searching: they are searched, but never shown beside what the author wrote."""


@frozen(kw_only=True)
class DataView:
    """A data view. title: the indices it reads; fields: by name; time_field: "" where the time picker must not hide rows.

    lead_field: the field whose values are codes of leads.
    """

    id: str
    title: str
    name: str
    fields: Mapping[str, Field | MirrorField[Any]]
    time_field: str = ""
    lead_field: str = ""


DOCUMENTS_VIEW = DataView(
    id="canhgiac-documents",
    title="canhgiac-documents",
    name="Cảnh Giác: bài đã thu thập",
    fields=FIELDS,
    time_field="collected",
    lead_field="leads",
)
LEADS_VIEW = DataView(
    id="canhgiac-leads", title="canhgiac-leads", name="Cảnh Giác: đầu mối", fields=LEADS.fields, lead_field="code"
)
ENTITIES_VIEW = DataView(
    id="canhgiac-entities",
    title="canhgiac-entities",
    name="Cảnh Giác: sổ định danh",
    fields=ENTITIES.fields,
    lead_field="leads",
)
SOURCES_VIEW = DataView(
    id="canhgiac-sources", title="canhgiac-sources", name="Cảnh Giác: nguồn thu thập", fields=SOURCES.fields
)
VIEWS = (DOCUMENTS_VIEW, LEADS_VIEW, ENTITIES_VIEW, SOURCES_VIEW)


def data_views(*, queries: Sequence[SavedQuery], sources: Mapping[str, str], console_url: str) -> list[Json]:
    """The four data views. sources: titles by id. console_url: where the page of a lead is, without a trailing slash."""
    labels = (document_labels(queries, sources), lead_labels(queries), entity_labels(sources), source_labels())
    return [_data_view(view, codes, console_url) for view, codes in zip(VIEWS, labels, strict=True)]


def label(view: DataView, name: str) -> str:
    """What people read for a field, capitalised."""
    text = view.fields[name].label
    return text[:1].upper() + text[1:]


def _data_view(view: DataView, codes: Mapping[str, Mapping[str, str]], console_url: str) -> Json:
    formats = {name: _lookup(labels) for name, labels in codes.items()}
    if view.lead_field:
        formats[view.lead_field] = _lead_link(console_url)
    attributes: Json = {
        "title": view.title,
        "name": view.name,
        "fields": "[]",
        "fieldAttrs": packed({name: {"customLabel": label(view, name)} for name in view.fields}),
        "fieldFormatMap": packed(formats),
        "sourceFilters": packed([{"value": name} for name in HIDDEN if name in view.fields]),
        "runtimeFieldMap": "{}",
        "typeMeta": "{}",
        # An installation has no lead on its first day; the view must open all the same.
        "allowNoIndex": True,
    }
    if view.time_field:
        assert view.fields[view.time_field].type is FieldType.DATE
        attributes["timeFieldName"] = view.time_field
    return saved_object(VIEW_TYPE, view.id, attributes)


def _lookup(labels: Mapping[str, str]) -> Json:
    """A code's word; a code without one is shown as it is."""
    entries = [{"key": code, "value": word} for code, word in labels.items()]
    return {"id": "static_lookup", "params": {"lookupEntries": entries, "unknownKeyValue": None}}


def _lead_link(console_url: str) -> Json:
    return {
        "id": "url",
        "params": {
            "type": "a",
            "urlTemplate": f"{console_url}/vu-viec/{{{{value}}}}/",
            "labelTemplate": "{{value}}",
            "openLinkInCurrentTab": False,
        },
    }
