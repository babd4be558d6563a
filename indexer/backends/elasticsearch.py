"""The search index of a department: Elasticsearch 8.19 or 9.x, beside Kibana.

Documents lie in monthly indices by first-seen time (`canhgiac-documents-2026.11`) behind the read alias
`canhgiac-documents`. They are written with external versions, the position in the change log, so that repeated and
out-of-order writes end right. Only the minimal distribution is needed: neither `GET /` nor scripts nor by-query writes;
the analyzer for what people type in Kibana is added where the server offers its parts.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
import uuid
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

from elastic_transport import ConnectionError as NoConnectionError
from elastic_transport import TlsError, TransportError
from elasticsearch import ApiError, Elasticsearch, helpers

from extraction.fold import FOLD_VERSION
from indexer.access import encoded_key, is_loopback
from indexer.backends.elasticsearch_templates import put_templates
from indexer.compile_elastic import ID_FIELD, compile_elastic, mapping, source
from indexer.cursors import Cursor, read_cursor, write_cursor
from indexer.fields import FIELDS, FieldType, from_milliseconds, index_values
from indexer.plan import plan_query, within
from indexer.port import Health, PutResult, SearchRequest, SearchResult
from model.document import DocumentVersion
from model.errors import ConfigError, SearchError, SearchUnavailableError

FORMAT = f"3 fold {FOLD_VERSION} unicode {unicodedata.unidata_version}"
"""What the documents were folded by; an index of another format is filled anew."""

PAGE = 10_000
"""`index.max_result_window`: what one request may return; beyond it a point in time is read page by page."""

FACET_SHARD_SIZE = 20_000
"""Values counted per index before they are merged: counts are exact up to as many distinct values."""

LOWEST_VERSION = (8, 19)
LOCAL = timezone(timedelta(hours=7))
_LEAST, _GREATEST = -(2**63), 2**63 - 1
_KEEP_ALIVE = "2m"
_MAX_RETRIES = 6
_SORTS: dict[str, tuple[str, str]] = {
    "newest": ("published", "desc"),
    "oldest": ("published", "asc"),
    "collected": ("collected", "desc"),
}


class ElasticsearchIndex:
    """`indexer.port.SearchIndex` over an Elasticsearch."""

    def __init__(self, client: Elasticsearch, *, prefix: str = "canhgiac") -> None:
        self._client = client
        self._alias = f"{prefix}-documents"
        self._ready = False

    # Writing

    def put(self, versions: Sequence[DocumentVersion]) -> PutResult:
        self._set_up()
        written, stale, refused = 0, 0, list[tuple[str, str]]()
        with driver_errors():
            for done, item in helpers.streaming_bulk(
                self._client,
                (self._action(version) for version in versions),
                chunk_size=500,
                max_chunk_bytes=8 * 1024 * 1024,
                # Without it 429 items raise before they are retried (notes/search.md section 4).
                raise_on_error=False,
                max_retries=_MAX_RETRIES,
                initial_backoff=0.5,
                max_backoff=30,
            ):
                outcome = next(iter(item.values()))
                if done:
                    written += 1
                elif outcome["status"] == 409:
                    stale += 1
                elif outcome["status"] == 400:
                    refused.append((outcome["_id"], _reason(outcome)))
                else:
                    raise SearchUnavailableError(f"Elasticsearch did not take {outcome['_id']}: {_reason(outcome)}")
        return PutResult(written=written, stale=stale, refused=tuple(refused))

    def delete(self, ids: Iterable[str]) -> int:
        removed = 0
        with driver_errors():
            found = [hit for part in _chunks(list(ids), PAGE) for hit in self._located(part)]
            actions = ({"_op_type": "delete", "_index": index, "_id": document_id} for index, document_id in found)
            for done, item in helpers.streaming_bulk(
                self._client, actions, raise_on_error=False, max_retries=_MAX_RETRIES
            ):
                outcome = next(iter(item.values()))
                removed += done
                if not done and outcome["status"] != 404:
                    raise SearchUnavailableError(f"Elasticsearch did not delete {outcome['_id']}: {_reason(outcome)}")
        return removed

    def drop_before(self, first: datetime) -> dict[str, int]:
        dropped = {}
        with driver_errors():
            for name in sorted(self._indices()):
                month = name.removeprefix(f"{self._alias}-")
                if re.fullmatch(r"\d{4}\.\d\d", month) and month < f"{first.astimezone(UTC):%Y.%m}":
                    dropped[month.replace(".", "-")] = int(self._client.count(index=name)["count"])
                    self._client.indices.delete(index=name, ignore_unavailable=True)
        return dropped

    def refresh(self) -> None:
        with driver_errors():
            self._client.indices.refresh(index=self._alias, ignore_unavailable=True, allow_no_indices=True)

    def clear(self) -> None:
        with driver_errors():
            for name in self._indices():
                self._client.indices.delete(index=name)
            self._make_templates()

    def close(self) -> None:
        self._client.close()

    # Asking

    @property
    def identity(self) -> str:
        return self._meta()["identity"]

    @property
    def outdated(self) -> bool:
        return self._meta()["format"] != FORMAT

    def count(self) -> int:
        with driver_errors():
            answer = self._client.count(index=self._alias, ignore_unavailable=True, allow_no_indices=True)
        return int(answer["count"])

    def search(self, request: SearchRequest) -> SearchResult:
        query = compile_elastic(within(plan_query(request.query), request))
        body = self._body(query, request.sort)
        body["aggs"] = self._aggregations(request)
        if request.after:
            cursor = read_cursor(request.after, request.sort)
            body["search_after"] = [self._sentinel(request.sort) if cursor.key is None else cursor.key, cursor.seq]
        wanted = request.limit + 1 if request.limit else 0
        with driver_errors():
            answer = self._search(body, size=min(wanted, PAGE))
            hits = answer["hits"]["hits"]
            if wanted > PAGE and len(hits) == PAGE:
                del body["aggs"]
                hits = [hit for page in self._pages(body) for hit in page][:wanted]
        more, hits = len(hits) > request.limit, hits[: request.limit]
        return SearchResult(
            total=answer["hits"]["total"]["value"],
            ids=tuple(_ids(hits)),
            next=self._next(hits[-1], request.sort) if more and hits else "",
            facets={name: _counts(answer["aggregations"][f"facet-{name}"]) for name in request.facets}
            if "aggregations" in answer
            else dict.fromkeys(request.facets, ()),
            histogram=tuple(
                (from_milliseconds(bucket["key"]).astimezone(LOCAL), bucket["doc_count"])
                for bucket in answer.get("aggregations", {}).get("histogram", {}).get("buckets", ())
            ),
        )

    def iterate(self, query: str, *, sort: str = "newest") -> Iterator[str]:
        body = self._body(compile_elastic(plan_query(query)), sort)
        with driver_errors():
            answer = self._search(body, size=PAGE)
            if answer["hits"]["total"]["value"] <= PAGE:
                yield from _ids(answer["hits"]["hits"])
                return
            for page in self._pages(body):
                yield from _ids(page)

    def health(self) -> Health:
        problems = []
        with driver_errors():
            nodes = self._client.nodes.info(filter_path="nodes.*.version")["nodes"]
            status = self._client.cluster.health()["status"]
        versions = sorted(node["version"] for node in nodes.values())
        if any(_version(text) < LOWEST_VERSION for text in versions):
            problems.append(f"Elasticsearch {versions[0]} is too old: install 8.19 or 9.x")
        if status == "red":
            problems.append("the cluster is red: some data is not available; see GET _cluster/allocation/explain")
        if self.outdated:
            problems.append("the index was made by another version of the program: run `canhgiac reindex`")
        return Health(
            kind="elasticsearch", version=", ".join(versions), documents=self.count(), problems=tuple(problems)
        )

    # Requests

    def _action(self, version: DocumentVersion) -> dict[str, Any]:
        return {
            "_op_type": "index",
            "_index": f"{self._alias}-{version.first_seen.astimezone(UTC):%Y.%m}",
            "_id": version.document.id,
            "version": version.position,
            "version_type": "external",
            "_source": source(version.document.id, index_values(version)),
        }

    def _search(self, body: dict[str, Any], *, size: int) -> dict[str, Any]:
        target: dict[str, Any] = (
            {} if "pit" in body else {"index": self._alias, "ignore_unavailable": True, "allow_no_indices": True}
        )
        found = {key: value for key, value in body.items() if value != {}}
        answer = self._client.search(
            **target,
            **found,
            size=size,
            source=False,
            stored_fields="_none_",
            docvalue_fields=[{"field": ID_FIELD}],
            track_total_hits=True,
            allow_partial_search_results=False,
        )
        return dict(answer.body)

    def _pages(self, body: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
        """All hits behind `body`'s cursor, over one state of the index."""
        opened = self._client.open_point_in_time(index=self._alias, keep_alive=_KEEP_ALIVE)
        pit = opened["id"]
        body = dict(body)
        try:
            while True:
                body["pit"] = {"id": pit, "keep_alive": _KEEP_ALIVE}
                answer = self._search(body, size=PAGE)
                pit = answer.get("pit_id", pit)
                page = answer["hits"]["hits"]
                yield page
                if len(page) < PAGE:
                    return
                body["search_after"] = page[-1]["sort"]
        finally:
            self._client.close_point_in_time(id=pit)

    def _body(self, query: dict[str, Any], sort: str) -> dict[str, Any]:
        key, order = _SORTS[sort]
        # Constant score and no `_source`: a hit is its id and its sort keys.
        return {
            "query": {"constant_score": {"filter": query}},
            "sort": [{key: {"order": order, "missing": "_last"}}, {"seq": {"order": order}}],
        }

    def _aggregations(self, request: SearchRequest) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in request.facets:
            field = FIELDS.get(name)
            if field is None or field.type is not FieldType.KEYWORD:
                raise SearchError(f"{name!r} cannot be counted: it is no keyword field")
            found[f"facet-{name}"] = {
                "terms": {"field": name, "size": request.facet_size, "shard_size": FACET_SHARD_SIZE}
            }
        if request.histogram:
            found["histogram"] = {
                "date_histogram": {
                    "field": request.histogram.field,
                    "calendar_interval": request.histogram.interval,
                    "time_zone": "+07:00",
                    "min_doc_count": 1,
                }
            }
        return found

    def _sentinel(self, sort: str) -> int:
        """The sort key that Elasticsearch gives to a document without the date, always behind the others."""
        return _LEAST if _SORTS[sort][1] == "desc" else _GREATEST

    def _next(self, hit: dict[str, Any], sort: str) -> str:
        key, seq = hit["sort"][:2]
        return write_cursor(Cursor(sort, None if key == self._sentinel(sort) else key, seq))

    def _located(self, ids: Sequence[str]) -> list[tuple[str, str]]:
        answer = self._search({"query": {"ids": {"values": list(ids)}}}, size=PAGE)
        hits = answer["hits"]["hits"]
        return [(hit["_index"], document_id) for hit, document_id in zip(hits, _ids(hits), strict=True)]

    # Templates

    def _indices(self) -> list[str]:
        return list(self._client.indices.get(index=f"{self._alias}-*", allow_no_indices=True, filter_path="*.aliases"))

    def _meta(self) -> dict[str, str]:
        self._set_up()
        with driver_errors():
            name = f"{self._alias}-core"
            found = self._client.cluster.get_component_template(name=name)["component_templates"]
        return dict(found[0]["component_template"]["_meta"])

    def _make_templates(self) -> None:
        put_templates(self._client, self._alias, {"identity": uuid.uuid4().hex, "format": FORMAT})

    def _set_up(self) -> None:
        """Make the templates unless they are there, and make room for fields that are new; once per process."""
        if self._ready:
            return
        with driver_errors():
            if not self._client.indices.exists_index_template(name=self._alias):
                self._make_templates()
            else:
                self._add_fields()
        self._ready = True

    def _add_fields(self) -> None:
        """Fields of entity kinds that came with an upgrade: the mapping is strict and would refuse their documents."""
        core = self._client.cluster.get_component_template(name=f"{self._alias}-core")["component_templates"][0]
        known = core["component_template"]["template"]["mappings"]["properties"]
        fresh = {name: field for name, field in mapping()["properties"].items() if name not in known}
        if not fresh:
            return
        kept = core["component_template"]["_meta"]
        put_templates(self._client, self._alias, {name: kept[name] for name in ("identity", "format")})
        if self._indices():
            self._client.indices.put_mapping(index=f"{self._alias}-*", properties=fresh)


@contextlib.contextmanager
def driver_errors() -> Iterator[None]:
    """The driver's errors as ours: unavailable when trying later can help, refused when it cannot."""
    try:
        yield
    except TlsError as error:
        cure = "give the certificate of its authority in CANHGIAC_INDEX_CA"
        raise SearchError(f"Elasticsearch's certificate was not accepted ({error.message}): {cure}") from error
    except NoConnectionError as error:
        raise SearchUnavailableError(f"Elasticsearch does not answer: {error.message}") from error
    except TransportError as error:
        raise SearchUnavailableError(f"Elasticsearch does not answer: {error.message}") from error
    except ApiError as error:
        if error.status_code in (401, 403) and "cluster_block" not in str(error):
            cure = (
                "check CANHGIAC_INDEX_USER and CANHGIAC_INDEX_PASSWORD, or CANHGIAC_INDEX_API_KEY (an API key may be revoked "
                "or expired)"
                if error.status_code == 401
                else "give its role the privileges that `canhgiac kibana roles` prints"
            )
            raise SearchError(f"Elasticsearch refused access ({error.status_code}): {cure}") from error
        if error.status_code in (403, 408, 429, 502, 503, 504):
            raise SearchUnavailableError(f"Elasticsearch is not ready: {error}") from error
        raise SearchError(f"Elasticsearch refused the request: {error}") from error


def open_url(url: str, *, prefix: str = "canhgiac", **options: Any) -> ElasticsearchIndex:
    """The index at `http(s)://[user:password@]host:port`; options as those of `connect`. Raises ConfigError."""
    return ElasticsearchIndex(connect(url, **options), prefix=prefix)


def connect(
    url: str, *, api_key: str = "", ca_certs: str = "", insecure: bool = False, timeout: float = 30.0
) -> Elasticsearch:
    """A client of the server at `http(s)://[user:password@]host:port`; nothing is sent yet.

    api_key: `id:key` or the encoded form; it wins over user and password. An address that is not loopback must have TLS and credentials, unless `insecure` says otherwise. Raises ConfigError.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    protected = parts.scheme == "https" and bool(api_key or parts.username)
    if not (protected or insecure or is_loopback(host)):
        raise ConfigError(
            f"{parts.scheme}://{host} is not protected by TLS and credentials",
            key="CANHGIAC_INDEX_URL",
            cure="Use https with a user or API key; or set CANHGIAC_INDEX_ALLOW_INSECURE=1 if the network is yours alone",
        )
    # On loopback compressing costs more than it saves.
    compress = not is_loopback(host)
    options: dict[str, Any] = {"request_timeout": timeout, "http_compress": compress, "retry_on_timeout": True}
    if api_key:
        options["api_key"] = encoded_key(api_key, setting="CANHGIAC_INDEX_API_KEY")
    elif parts.username:
        # Encoded here: of a pair the client takes ASCII only, and a password may be Vietnamese.
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        options["basic_auth"] = b64encode(login.encode()).decode()
    if ca_certs:
        options["ca_certs"] = ca_certs
    port = parts.port or (443 if parts.scheme == "https" else 9200)
    address = f"[{host}]" if ":" in host else host
    return Elasticsearch(f"{parts.scheme}://{address}:{port}{parts.path}", **options)


def _reason(outcome: dict[str, Any]) -> str:
    error = outcome.get("error")
    if not isinstance(error, dict):
        return str(error or outcome.get("status"))
    cause = error.get("caused_by") or {}
    return ": ".join(str(part) for part in (error.get("type"), error.get("reason"), cause.get("reason")) if part)


def _ids(hits: Sequence[dict[str, Any]]) -> list[str]:
    return [hit["fields"][ID_FIELD][0] for hit in hits]


def _counts(aggregation: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((bucket["key"], bucket["doc_count"]) for bucket in aggregation["buckets"])


def _chunks(items: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")[:2]
    return int(major), int(minor)
