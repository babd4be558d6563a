"""Kibana's saved objects: their types, the versions we pin, and how they are written one a line.

An object without `typeMigrationVersion` is taken for one of the oldest Kibana and runs through every migration since, in
which today's Lens state dies; one that is newer than the server is refused. So each type carries the lowest version whose
schema holds what we write; 8.19 and 9.x carry it forward on import (notes on search, section 5).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Json = dict[str, Any]
"""A saved object, a part of one, or JSON of Kibana's API."""

CORE_VERSION = "8.8.0"

TYPE_VERSIONS: Mapping[str, str] = {
    "index-pattern": "8.0.0",
    "query": "10.1.0",
    "search": "10.2.0",
    "dashboard": "10.2.0",
}
"""Model version N of a type is written 10.N.0. Lens charts lie inside dashboards and share their version."""

VIEW_TYPE = "index-pattern"


def saved_object(type_: str, id_: str, attributes: Json, references: Sequence[Json] = ()) -> Json:
    """One object as it stands in an export. Raises KeyError for a type we pin no version of."""
    return {
        "type": type_,
        "id": id_,
        "attributes": attributes,
        "references": list(references),
        "managed": False,
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": TYPE_VERSIONS[type_],
    }


def reference(name: str, type_: str, id_: str) -> Json:
    """A reference from one object to another; `name` is what stands in its place inside the attributes."""
    return {"name": name, "type": type_, "id": id_}


def packed(value: object) -> str:
    """JSON inside a string, as Kibana keeps the inner parts of its objects."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def ndjson(objects: Iterable[Json]) -> str:
    """The objects one a line, in the order given: what an import takes."""
    return "".join(packed(item) + "\n" for item in objects)
