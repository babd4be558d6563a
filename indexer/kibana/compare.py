"""Whether a Kibana holds our objects, and as this version of the program writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from indexer.kibana.saved_objects import TYPE_VERSIONS, VIEW_TYPE, Json

TYPES = tuple(TYPE_VERSIONS)
"""The types that an export of ours holds."""


@frozen(kw_only=True)
class Standing:
    """How our objects stand in a Kibana. missing, outdated: titles, as people read them."""

    missing: tuple[str, ...]
    outdated: tuple[str, ...]


def compare(ours: Sequence[Json], theirs: Sequence[Json]) -> Standing:
    """Our export beside the objects of the same types in the space.

    People may arrange sessions and dashboards for themselves, so those need only be there. Data views carry the labels,
    the words for codes and the address of a lead: one of an older version shows people something wrong.
    """
    held = {(item["type"], item["id"]): item.get("attributes") or {} for item in theirs}
    missing, outdated = list[str](), list[str]()
    for item in ours:
        attributes, present = item["attributes"], held.get((item["type"], item["id"]))
        name = str(attributes.get("name") or attributes["title"])
        if present is None:
            missing.append(name)
        elif item["type"] == VIEW_TYPE and not _holds(present, attributes):
            outdated.append(name)
    return Standing(missing=tuple(missing), outdated=tuple(outdated))


def _holds(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a data view has what ours has; what people added to it does not count."""
    if present.get("timeFieldName", "") != wanted.get("timeFieldName", ""):
        return False
    labels, formats = _inner(present, "fieldAttrs"), _inner(present, "fieldFormatMap")
    return all(
        (labels.get(name) or {}).get("customLabel") == part["customLabel"]
        for name, part in _inner(wanted, "fieldAttrs").items()
    ) and all(formats.get(name) == part for name, part in _inner(wanted, "fieldFormatMap").items())


def _inner(attributes: Mapping[str, Any], name: str) -> dict[str, Any]:
    try:
        found = json.loads(attributes.get(name) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
