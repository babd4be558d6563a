"""A full distribution of Elasticsearch, as documented: what the minimal one of the other tests lacks, and API keys.

The server on loopback keeps what is sent to it and answers the few requests that making an index needs, with the bodies and
the errors of the reference: life cycles, the simulation of a template, `Authorization: ApiKey` of base64 `id:key`.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from attrs import define, field
from elasticsearch import Elasticsearch

from indexer.backends.elasticsearch_templates import LIFECYCLE, VI_ANALYSIS
from indexer.compile_elastic import mapping
from indexer.index import open_index
from model.document import DocumentVersion, Mention, Role
from model.errors import ConfigError, SearchError, SearchUnavailableError

Json = dict[str, Any]
KEY_ID, KEY = "VuaCfGcBCdbkQm-e5aOx", "ui2lp2axTNmsyakw9tvNnw"
ENCODED = b64encode(f"{KEY_ID}:{KEY}".encode()).decode()
ITEM_ERRORS = {
    400: "strict_dynamic_mapping_exception",
    409: "version_conflict_engine_exception",
    429: "cluster_block_exception",
    503: "unavailable_shards_exception",
}


@define
class FullServer:
    """The server. key: wanted in the header, "" for an open one. held: what was put, by path. refuse: status and body for a
    path. sent: (method, path, body) in order. bulk: status of an item, by its id and how often it has come before; bulks:
    ids of each bulk request. slow: seconds before an answer."""

    key: str = ""
    held: dict[str, Json] = field(factory=dict)
    refuse: dict[str, tuple[int, Json]] = field(factory=dict)
    sent: list[tuple[str, str, Json]] = field(factory=list)
    bulk: Callable[[str, int], int] = lambda _id, _before: 201
    bulks: list[list[str]] = field(factory=list)
    slow: float = 0
    url: str = ""

    def take(self, lines: list[Json]) -> Json:
        """A bulk request: one result an item, whatever became of the others."""
        actions = [line["index"] for line in lines if set(line) == {"index"}]
        before = [id_ for ids in self.bulks for id_ in ids]
        self.bulks.append([action["_id"] for action in actions])
        items = []
        for action in actions:
            status = self.bulk(action["_id"], before.count(action["_id"]))
            error = {"error": {"type": ITEM_ERRORS[status], "reason": "..."}} if status in ITEM_ERRORS else {}
            items.append({"index": {"_id": action["_id"], "_index": action["_index"], "status": status, **error}})
        return {"took": 1, "errors": any("error" in item["index"] for item in items), "items": items}

    def answer(self, method: str, path: str, body: Json, authorization: str | None) -> tuple[int, Json]:
        """What the reference says."""
        if self.key and authorization != f"ApiKey {self.key}":
            return 401, _error(401, "security_exception", "unable to authenticate with provided credentials")
        self.sent.append((method, path, body))
        if path in self.refuse:
            return self.refuse[path]
        if path == "/_ilm/status":
            return 200, {"operation_mode": "RUNNING"}
        if path == "/_index_template/_simulate":
            return 200, {"template": {"settings": {}, "mappings": {}, "aliases": {}}, "overlapping": []}
        if method == "PUT" and path != "/_bulk":
            self.held[path] = body
            return 200, {"acknowledged": True}
        if path.endswith("/_count"):
            return 200, {"count": 7, "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0}}
        if path in ("/canhgiac-documents-*", "/_bulk"):
            return 200, {}
        if path in self.held:
            return 200, _listed(path, self.held[path])
        return 404, _error(404, "resource_not_found_exception", f"{path} not found")


def _listed(path: str, body: Json) -> Json:
    kind, _, name = path.strip("/").partition("/")
    if kind == "_component_template":
        return {"component_templates": [{"name": name, "component_template": body}]}
    return {name: body}


def _error(status: int, kind: str, reason: str) -> Json:
    cause = {"type": kind, "reason": reason}
    return {"error": {"root_cause": [cause], **cause}, "status": status}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_state: FullServer

    def handle_any(self) -> None:
        """Answers one request."""
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length)
        path = self.path.partition("?")[0]
        if self.server_state.slow:
            time.sleep(self.server_state.slow)
        lines = [json.loads(line) for line in text.splitlines() if line]
        authorization = self.headers.get("Authorization")
        status, body = self.server_state.answer(self.command, path, lines[0] if lines else {}, authorization)
        if path == "/_bulk" and status == 200:
            body = self.server_state.take(lines)
        content = b"" if self.command == "HEAD" else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_HEAD = handle_any  # noqa: N815 - names of http.server

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def server() -> Iterator[FullServer]:
    """A full distribution without anything in it."""
    state = FullServer()
    http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"server_state": state}))
    threading.Thread(target=http.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{http.server_port}"
    yield state
    http.shutdown()
    http.server_close()


# Parts for servers that offer more


def test_analyzer_and_life_cycle_are_sent_where_they_are_offered(server: FullServer) -> None:
    index = open_index(server.url)
    assert index.identity
    index.close()

    held = server.held
    assert list(held) == [
        "/_component_template/canhgiac-documents-core",
        "/_component_template/canhgiac-documents-vi",
        "/_ilm/policy/canhgiac-documents",
        "/_component_template/canhgiac-documents-ilm",
        "/_index_template/canhgiac-documents",
    ]
    assert held["/_ilm/policy/canhgiac-documents"] == {"policy": LIFECYCLE}
    assert held["/_component_template/canhgiac-documents-ilm"]["template"] == {
        "settings": {"index.lifecycle.name": "canhgiac-documents"}
    }
    vietnamese = held["/_component_template/canhgiac-documents-vi"]["template"]
    assert vietnamese["settings"] == {"analysis": VI_ANALYSIS}
    assert {name: part["search_analyzer"] for name, part in vietnamese["mappings"]["properties"].items()} == {
        "text": "vi_search",
        "title": "vi_search",
    }
    assert held["/_index_template/canhgiac-documents"] == {
        "index_patterns": ["canhgiac-documents-*"],
        "composed_of": ["canhgiac-documents-core", "canhgiac-documents-vi", "canhgiac-documents-ilm"],
        "template": {"aliases": {"canhgiac-documents": {}}},
        "priority": 500,
        "_meta": {"by": "canhgiac"},
    }


def test_a_life_cycle_neither_deletes_nor_makes_read_only() -> None:
    """A post of last year may be edited, and what is kept is decided by the log: each phase has documented actions only."""
    actions = {name for phase in LIFECYCLE["phases"].values() for name in phase["actions"]}

    assert list(LIFECYCLE["phases"]) == ["hot", "warm", "cold"]
    assert actions == {"set_priority"}
    assert all(re.fullmatch(r"\d+(d|ms)", phase["min_age"]) for phase in LIFECYCLE["phases"].values())


def test_a_policy_that_an_operator_changed_stays(server: FullServer) -> None:
    theirs = {"policy": {"phases": {"delete": {"min_age": "365d", "actions": {"delete": {}}}}}}
    server.held["/_ilm/policy/canhgiac-documents"] = theirs
    index = open_index(server.url)
    index.clear()
    index.close()

    assert server.held["/_ilm/policy/canhgiac-documents"] == theirs
    assert "canhgiac-documents-ilm" in server.held["/_index_template/canhgiac-documents"]["composed_of"]


def test_a_role_without_life_cycles_works_without(server: FullServer, caplog: pytest.LogCaptureFixture) -> None:
    reason = "action [cluster:admin/ilm/get] is unauthorized for user [may], this action is granted by [manage_ilm]"
    server.refuse["/_ilm/status"] = 403, _error(403, "security_exception", reason)
    with caplog.at_level(logging.WARNING):
        index = open_index(server.url)
        assert index.identity
        index.close()

    assert server.held["/_index_template/canhgiac-documents"]["composed_of"] == [
        "canhgiac-documents-core",
        "canhgiac-documents-vi",
    ]
    assert "no life cycle" in caplog.text


def test_a_server_in_trouble_is_no_server_without_the_part(server: FullServer) -> None:
    server.refuse["/_ilm/status"] = 500, _error(500, "exception", "boom")
    index = open_index(server.url)
    with pytest.raises(SearchError, match="boom"):
        _ = index.identity
    index.close()

    assert "/_index_template/canhgiac-documents" not in server.held


@pytest.mark.elasticsearch
def test_the_minimal_distribution_gets_the_core_alone(elasticsearch_url: str) -> None:
    prefix = f"test-{uuid.uuid4().hex[:10]}"
    index = open_index(elasticsearch_url, prefix=prefix)
    assert index.identity
    with Elasticsearch(elasticsearch_url) as client:
        found = client.indices.get_index_template(name=f"{prefix}-documents")["index_templates"][0]["index_template"]
    index.close()

    assert found["composed_of"] == [f"{prefix}-documents-core"]


@pytest.mark.elasticsearch
def test_a_field_that_came_with_an_upgrade_is_added(
    elasticsearch_url: str, make_version: Callable[..., DocumentVersion]
) -> None:
    """The mapping is strict: without it the first document with the new kind would be refused for ever."""
    prefix = f"test-{uuid.uuid4().hex[:10]}"
    before = open_index(elasticsearch_url, prefix=prefix)
    before.put([make_version(1, text="tin cũ")])
    identity = before.identity
    with Elasticsearch(elasticsearch_url) as client:
        _forget_field(client, f"{prefix}-documents", "files")
    file = Mention(kind="file", value="vay-nhanh.apk", raw="vay-nhanh.apk", role=Role.SUSPECT)
    after = open_index(elasticsearch_url, prefix=prefix)

    put = after.put([make_version(2, text="tải vay-nhanh.apk", mentions=(file,))])
    after.refresh()

    assert (put.written, put.refused) == (1, ())
    assert len(list(after.iterate("files: vay*"))) == 1
    assert (after.identity, after.outdated, after.count()) == (identity, False, 2)
    after.clear()
    before.close()
    after.close()


def _forget_field(client: Elasticsearch, alias: str, name: str) -> None:
    """Leaves the server as a program without that field would have: one document, its index and templates."""
    core = client.cluster.get_component_template(name=f"{alias}-core")["component_templates"][0]["component_template"]
    del core["template"]["mappings"]["properties"][name]
    client.cluster.put_component_template(name=f"{alias}-core", template=core["template"], meta=core["_meta"])
    (month,) = client.indices.get(index=f"{alias}-*")
    client.indices.delete(index=month)
    client.index(index=month, id="old", document={"id": "old", "seq": 1}, version=1, version_type="external")
    assert name in mapping()["properties"]


# API keys


@pytest.mark.parametrize("given", [ENCODED, f"{KEY_ID}:{KEY}", f" {ENCODED}\n"])
def test_an_api_key_in_either_form_in_which_it_is_handed_out(server: FullServer, given: str) -> None:
    server.key = ENCODED
    index = open_index(server.url, api_key=given)
    assert index.count() == 7
    index.close()


def test_a_wrong_api_key_is_told_with_where_to_mend_it(server: FullServer) -> None:
    server.key = ENCODED
    wrong = f"{KEY_ID}:khong-phai-khoa"
    index = open_index(server.url, api_key=wrong)
    with pytest.raises(SearchError, match=r"refused access \(401\).*CANHGIAC_INDEX_API_KEY") as caught:
        index.count()
    index.close()

    assert not re.search("khong-phai|" + b64encode(wrong.encode()).decode(), str(caught.value))


@pytest.mark.parametrize("given", ["hai từ", "id: khóa", "a\nb", "Bearer abc", "{}"])
def test_what_is_no_api_key_is_refused_before_it_is_sent(server: FullServer, given: str) -> None:
    with pytest.raises(ConfigError, match="CANHGIAC_INDEX_API_KEY") as caught:
        open_index(server.url, api_key=given)

    assert given not in str(caught.value)
    assert server.sent == []


# Full, slow, half refusing


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The driver's pauses between tries, not waited for."""
    pauses: list[float] = []
    monkeypatch.setattr("elasticsearch.helpers.actions.time.sleep", pauses.append)
    return pauses


def three(make_version: Callable[..., DocumentVersion]) -> tuple[list[DocumentVersion], list[str]]:
    """Three documents and their ids."""
    versions = [make_version(number, text="tin") for number in (1, 2, 3)]
    return versions, [version.document.id for version in versions]


def test_only_what_was_put_off_is_sent_again_after_a_pause(
    server: FullServer, quick: list[float], make_version: Callable[..., DocumentVersion]
) -> None:
    versions, ids = three(make_version)
    server.bulk = lambda id_, before: 429 if id_ == ids[1] and before < 2 else 201
    index = open_index(server.url)

    assert index.put(versions).written == 3
    assert server.bulks == [ids, [ids[1]], [ids[1]]]
    assert quick == sorted(quick)
    assert len(quick) == 2
    index.close()


@pytest.mark.parametrize("status", [429, 503])
def test_a_full_disk_or_a_lost_shard_is_told_and_tried_again_later(
    server: FullServer, quick: list[float], make_version: Callable[..., DocumentVersion], status: int
) -> None:
    """The follower keeps its place: the same documents come again, and the server takes a repeated version as it is."""
    versions, ids = three(make_version)
    server.bulk = lambda id_, _before: status if id_ == ids[1] else 201
    index = open_index(server.url)

    with pytest.raises(SearchUnavailableError, match=f"did not take {ids[1]}: {ITEM_ERRORS[status]}"):
        index.put(versions)
    server.bulk = lambda id_, _before: 409 if id_ == ids[0] else 201
    again = index.put(versions)
    assert (again.written, again.stale) == (2, 1)
    index.close()


def test_what_is_refused_for_good_is_named_and_holds_nothing_up(
    server: FullServer, make_version: Callable[..., DocumentVersion]
) -> None:
    versions, ids = three(make_version)
    server.bulk = lambda id_, _before: 400 if id_ == ids[0] else 201
    index = open_index(server.url)

    put = index.put(versions)

    assert (put.written, put.refused) == (2, ((ids[0], "strict_dynamic_mapping_exception: ..."),))
    assert len(server.bulks) == 1
    index.close()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_request_that_is_put_off_as_a_whole(
    server: FullServer, quick: list[float], make_version: Callable[..., DocumentVersion], status: int
) -> None:
    index = open_index(server.url)
    assert index.identity
    server.refuse["/_bulk"] = status, _error(status, "es_rejected_execution_exception", "queue full")

    with pytest.raises(SearchUnavailableError, match="not ready"):
        index.put([make_version(1, text="tin")])
    index.close()


def test_a_server_slower_than_the_timeout(server: FullServer, make_version: Callable[..., DocumentVersion]) -> None:
    index = open_index(server.url, timeout=0.1)
    assert index.identity
    server.slow = 0.5

    with pytest.raises(SearchUnavailableError, match="does not answer"):
        index.put([make_version(1, text="tin")])
    server.slow = 0
    assert index.put([make_version(1, text="tin")]).written == 1
    index.close()
