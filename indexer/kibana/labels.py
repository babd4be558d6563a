"""What Kibana shows for the codes in the indices: Vietnamese words in the place of `warning`, `VN-35` or `S14`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extraction.kinds.base import kinds
from extraction.narratives import forms
from extraction.places import place_labels
from indexer.mirror_fields import SWITCHED_OFF, WATCHED
from model.document import ROLE_LABELS
from model.lead import LEAD_STATUS_LABELS
from model.query import PRIORITY_LABELS, SavedQuery
from model.source import STATE_LABELS

SOURCE_KIND_LABELS: Mapping[str, str] = {
    "news": "báo chí",
    "warning": "cảnh báo chính thức",
    "social": "mạng xã hội",
    "forum": "diễn đàn",
    "channel": "kênh tin nhắn",
    "video": "video",
    "classified": "rao vặt",
    "ad": "quảng cáo",
    "app": "ứng dụng",
    "landing": "trang đích",
}

LANGUAGE_LABELS: Mapping[str, str] = {"vi": "tiếng Việt", "vi-ascii": "tiếng Việt không dấu", "other": "tiếng khác"}

WATCH_LABELS: Mapping[str, str] = {WATCHED: "bật", SWITCHED_OFF: "tắt"}


def document_labels(queries: Sequence[SavedQuery], sources: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """Field of a document -> code -> what people read. sources: titles by id."""
    return {
        "source": sources,
        "source_kind": SOURCE_KIND_LABELS,
        "language": LANGUAGE_LABELS,
        "regions": place_labels(),
        "narratives": _forms(),
        "queries": _titles(queries),
    }


def lead_labels(queries: Sequence[SavedQuery]) -> dict[str, Mapping[str, str]]:
    """The same for leads."""
    return {
        "status": {code.value: label for code, label in LEAD_STATUS_LABELS.items()},
        "priority": {code.value: label for code, label in PRIORITY_LABELS.items()},
        "queries": _titles(queries),
        "narratives": _forms(),
        "regions": place_labels(),
    }


def entity_labels(sources: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """The same for identifiers of the register."""
    return {
        "kind": {name: kind.label for name, kind in kinds().items()},
        "status": {role.value: label for role, label in ROLE_LABELS.items()},
        "sources": sources,
    }


def source_labels() -> dict[str, Mapping[str, str]]:
    """The same for sources."""
    return {
        "source_kind": SOURCE_KIND_LABELS,
        "enabled": WATCH_LABELS,
        "state": {state.value: label for state, label in STATE_LABELS.items()},
    }


def _titles(queries: Sequence[SavedQuery]) -> dict[str, str]:
    return {query.id: query.title for query in queries}


def _forms() -> dict[str, str]:
    return {name: form.name for name, form in forms().items()}
