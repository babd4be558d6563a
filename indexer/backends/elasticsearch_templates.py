"""The templates behind the indices of documents: a core that every server takes, and parts for those that offer more.

`<alias>-core` holds mapping and settings within the minimal distribution. `<alias>-vi` (an analyzer, so that accents typed
in Kibana fold) and `<alias>-ilm` (a life cycle for old months) are made only where a probe says that the server has them.
"""

from __future__ import annotations

import logging
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from indexer.compile_elastic import mapping
from indexer.fields import FIELDS, FieldType

VI_ANALYSIS: dict[str, Any] = {
    "char_filter": {
        "vi_marks": {"type": "pattern_replace", "pattern": r"[\p{Mn}\p{Me}\p{Cf}]+", "replacement": ""},
        "vi_signs": {"type": "pattern_replace", "pattern": r"[^\p{L}\p{N}\p{Mc}]+", "replacement": " "},
    },
    "analyzer": {
        "vi_search": {
            "type": "custom",
            "char_filter": ["vi_marks", "vi_signs"],
            "tokenizer": "standard",
            "filter": ["lowercase", "asciifolding"],
        }
    },
}

LIFECYCLE: dict[str, Any] = {
    "phases": {
        "hot": {"min_age": "0ms", "actions": {"set_priority": {"priority": 100}}},
        "warm": {"min_age": "62d", "actions": {"set_priority": {"priority": 50}}},
        "cold": {"min_age": "400d", "actions": {"set_priority": {"priority": 0}}},
    },
    "_meta": {"by": "canhgiac"},
}
"""Months that are written to come back first after a restart, and old ones move to warm and cold nodes where there are any
(the server adds `migrate` itself). Nothing that makes an index read-only, for a post of last year may still be edited, and
nothing that deletes: the log decides what is kept, and an operator who wants less adds a `delete` phase."""

_ABSENT = (400, 404, 405)
"""What a server answers to a part of the API that it does not have (tried on the minimal distribution)."""

_log = logging.getLogger(__name__)


def put_templates(client: Elasticsearch, alias: str, meta: dict[str, str]) -> tuple[str, ...]:
    """Makes the component templates that the server can hold and the index template over them; the names of the parts.

    meta: what is remembered of the index, in the core template. Raises the driver's errors.
    """
    parts = [f"{alias}-core"]
    client.cluster.put_component_template(name=parts[0], template=_core(), meta=meta | {"by": "canhgiac"})
    if offers_folding(client):
        parts.append(f"{alias}-vi")
        client.cluster.put_component_template(name=parts[-1], template=_vietnamese(), meta={"by": "canhgiac"})
    if _keep_lifecycle(client, alias):
        parts.append(f"{alias}-ilm")
        template = {"settings": {"index.lifecycle.name": alias}}
        client.cluster.put_component_template(name=parts[-1], template=template, meta={"by": "canhgiac"})
    client.indices.put_index_template(
        name=alias,
        index_patterns=[f"{alias}-*"],
        composed_of=parts,
        template={"aliases": {alias: {}}},
        priority=500,
        meta={"by": "canhgiac"},
    )
    return tuple(parts)


def offers_folding(client: Elasticsearch) -> bool:
    """Whether the server has the parts of the Vietnamese search analyzer; the minimal distribution has not.

    Asked by simulating a template, which the program's role may do; `_analyze` would need `manage` on an index.
    """
    probe = {"x": {"type": "text", "analyzer": "whitespace", "search_analyzer": "vi_search"}}
    try:
        client.indices.simulate_template(
            index_patterns=["canhgiac-probe-*"],
            priority=600,
            template={"settings": {"analysis": VI_ANALYSIS}, "mappings": {"properties": probe}},
        )
    except ApiError as error:
        if error.status_code != 400:
            raise
        return False
    return True


def _keep_lifecycle(client: Elasticsearch, name: str) -> bool:
    """Whether the server offers life cycles; the policy is made unless there is one, for an operator may have changed it."""
    try:
        client.ilm.get_status()
        if not _has_policy(client, name):
            client.ilm.put_lifecycle(name=name, policy=LIFECYCLE)
    except ApiError as error:
        if error.status_code == 403:
            # A role without `manage_ilm`, or a service that keeps life cycles to itself: it works without.
            _log.warning("no life cycle for old months: %s", error)
            return False
        if error.status_code not in _ABSENT:
            raise
        return False
    return True


def _has_policy(client: Elasticsearch, name: str) -> bool:
    try:
        client.ilm.get_lifecycle(name=name)
    except ApiError as error:
        if error.status_code != 404:
            raise
        return False
    return True


def _core() -> dict[str, Any]:
    return {
        "settings": {
            "number_of_shards": 1,
            "auto_expand_replicas": "0-1",
            "codec": "best_compression",
            "query.default_field": ["text"],
        },
        "mappings": mapping(),
    }


def _vietnamese() -> dict[str, Any]:
    names = [name for name, field in FIELDS.items() if field.type is FieldType.TEXT and name != "exact"]
    properties = mapping("vi_search")["properties"]
    return {
        "settings": {"analysis": VI_ANALYSIS},
        "mappings": {"properties": {name: properties[name] for name in names}},
    }
