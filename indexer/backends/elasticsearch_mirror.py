"""Small indices beside the documents on Elasticsearch: what `indexer.mirror` writes for the desk in Kibana."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError, helpers

from indexer.backends.elasticsearch import connect, driver_errors
from indexer.backends.elasticsearch_templates import VI_ANALYSIS, offers_folding
from indexer.compile_elastic import properties
from indexer.fields import FieldType
from model.errors import SearchUnavailableError

_MAX_RETRIES = 6


class ElasticsearchMirror:
    """`indexer.port.MirrorTarget` over an Elasticsearch."""

    def __init__(self, client: Elasticsearch, *, prefix: str = "canhgiac") -> None:
        self._client, self._prefix = client, prefix
        self._analyzer = ""

    def prepare(self, name: str, fields: Mapping[str, FieldType]) -> bool:
        index = self._name(name)
        with driver_errors():
            if not self._analyzer:
                self._analyzer = "vi_search" if offers_folding(self._client) else "whitespace"
            mappings: dict[str, Any] = {"dynamic": "strict", "properties": properties(fields, self._analyzer)}
            mappings["_meta"] = {"by": "canhgiac", "shape": _shape(mappings)}
            present = self._present_shape(index)
            if present == mappings["_meta"]["shape"]:
                return False
            if present is not None:
                self._client.indices.delete(index=index)
            self._client.indices.create(index=index, mappings=mappings, settings=self._settings(fields))
        return True

    def put(self, name: str, rows: Mapping[str, Mapping[str, object]], *, version: int) -> int:
        index = self._name(name)
        return self._bulk(
            {"_op_type": "index", "_index": index, "_id": id_, "_source": dict(row), **_versioned(version)}
            for id_, row in rows.items()
        )

    def delete(self, name: str, ids: Iterable[str], *, version: int) -> int:
        index = self._name(name)
        return self._bulk({"_op_type": "delete", "_index": index, "_id": id_, **_versioned(version)} for id_ in ids)

    def refresh(self, name: str) -> None:
        with driver_errors():
            self._client.indices.refresh(index=self._name(name))

    def close(self) -> None:
        self._client.close()

    def _name(self, name: str) -> str:
        return f"{self._prefix}-{name}"

    def _present_shape(self, index: str) -> str | None:
        """The shape an index was made by; None when there is no such index, "" when it is not ours."""
        try:
            found = self._client.indices.get_mapping(index=index)
        except NotFoundError:
            return None
        return str(found[index]["mappings"].get("_meta", {}).get("shape", ""))

    def _settings(self, fields: Mapping[str, FieldType]) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "number_of_shards": 1,
            "auto_expand_replicas": "0-1",
            "query.default_field": [name for name, type_ in fields.items() if type_ is FieldType.TEXT],
        }
        if self._analyzer == "vi_search":
            settings["analysis"] = VI_ANALYSIS
        return settings

    def _bulk(self, actions: Iterable[dict[str, Any]]) -> int:
        """Rows taken; those that the index holds in a later state, or was to lose and has not, are passed over."""
        taken = 0
        with driver_errors():
            for done, item in _results(self._client, actions):
                taken += done
                if not done and item["status"] not in (404, 409):
                    raise SearchUnavailableError(f"Elasticsearch did not take {item['_id']}: {item.get('error')}")
        return taken


def _results(client: Elasticsearch, actions: Iterable[dict[str, Any]]) -> Iterator[tuple[bool, dict[str, Any]]]:
    for done, item in helpers.streaming_bulk(
        # 429 items raise before they are retried unless this is off (notes/search.md section 4).
        client,
        actions,
        raise_on_error=False,
        max_retries=_MAX_RETRIES,
        initial_backoff=0.5,
        max_backoff=30,
    ):
        yield done, next(iter(item.values()))


def _versioned(version: int) -> dict[str, Any]:
    return {"version": version, "version_type": "external_gte"}


def _shape(mappings: Mapping[str, Any]) -> str:
    """Tells one mapping from another: an index of another shape is made and filled anew."""
    return hashlib.sha256(json.dumps(mappings, sort_keys=True).encode()).hexdigest()[:16]


def open_mirror(url: str, *, prefix: str = "canhgiac", **options: Any) -> ElasticsearchMirror:
    """The mirror on the server at `url`; options as those of `connect`. Raises ConfigError."""
    return ElasticsearchMirror(connect(url, **options), prefix=prefix)
