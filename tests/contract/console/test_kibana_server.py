"""Import and pull against a loopback server that speaks Kibana's saved-objects endpoints as documented, errors included.

It keeps objects by space, wants `kbn-xsrf` and credentials, refuses what Kibana refuses and words it as Kibana does.
"""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme
from attrs import define, evolve, field

from console import checks
from console.wiring import House, open_house
from console.worker import Worker
from indexer.kibana.client import Access, Kibana
from indexer.kibana.export import export
from indexer.kibana.pull import MARK, approve, pull, query_id
from indexer.kibana.saved_objects import ndjson
from indexer.kibana_roles import kibana_roles, roles_yml
from model.document import Document
from model.errors import ConfigError, SearchError, SearchUnavailableError
from model.query import Priority, SavedQuery
from model.source import Origin
from store import deliveries, documents, notices, queries
from store.connect import connect, disconnect

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LOGIN = "Basic " + b64encode("elastic:mật khẩu".encode()).decode()
KEY = "ApiKey aWQ6a2V5"
KNOWN = {"index-pattern": (8, 0, 0), "query": (10, 2, 0), "search": (10, 15, 0), "dashboard": (10, 4, 0)}
"""Types of the server and the newest version it knows of each."""

Json = dict[str, Any]


@define
class FakeKibana:
    """The server. objects: by space, then (type, id). fail: status of the next answers, with their bodies. state: of
    `/api/status`. roles: what was put. slow: seconds before each answer."""

    spaces: dict[str, dict[tuple[str, str], Json]] = field(factory=lambda: {"default": {}, "truc-ban": {}})
    fail: list[tuple[int, bytes]] = field(factory=list)
    paths: list[str] = field(factory=list)
    state: tuple[str, str] = ("8.19.9", "available")
    roles: dict[str, Json] = field(factory=dict)
    slow: float = 0
    url: str = ""

    def save(self, title: str, text: str, *, id_: str = "", space: str = "default", **more: Any) -> None:
        """A saved query, as someone saves it in the search bar; carried to the newest version."""
        attributes = {
            "title": title,
            "description": "",
            "query": {"query": text, "language": "kuery"},
            "filters": [],
            "titleKeyword": title,
        } | more
        key = ("query", id_ or f"{len(self.spaces[space]):08d}-0000-4000-8000-000000000000")
        self.spaces[space][key] = {"type": key[0], "id": key[1], "attributes": attributes, "references": []}


class _Handler(BaseHTTPRequestHandler):
    kibana: FakeKibana

    def do_GET(self) -> None:
        """State and spaces."""
        if not self._let_in():
            return None
        if self.path == "/api/status":
            version, level = self.kibana.state
            told = {"name": "kibana", "version": {"number": version}, "status": {"overall": {"level": level}}}
            return self._send(200 if level == "available" else 503, json.dumps(told).encode())
        found = re.fullmatch(r"/api/spaces/space/([^/]+)", self.path)
        if found and found[1] in self.kibana.spaces:
            return self._send(200, json.dumps({"id": found[1], "name": found[1], "disabledFeatures": []}).encode())
        return self._error(404, "Not Found", f"Saved object [space/{found[1] if found else ''}] not found")

    def do_PUT(self) -> None:
        """Roles."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self._let_in():
            return None
        found = re.fullmatch(r"/api/security/role/([a-z_]+)", self.path)
        role = json.loads(body)
        if not found or set(role) != {"elasticsearch", "kibana"}:
            return self._error(400, "Bad Request", "[request body]: definition for this key is missing")
        self.kibana.roles[found[1]] = role
        return self._send(204, b"")

    def _let_in(self) -> bool:
        self.kibana.paths.append(self.path)
        time.sleep(self.kibana.slow)
        if self.kibana.fail:
            status, text = self.kibana.fail.pop(0)
            self._send(status, text)
        elif self.command != "GET" and not self.headers.get("kbn-xsrf"):
            self._error(400, "Bad Request", "Request must contain a kbn-xsrf header.")
        elif self.headers.get("Authorization") not in (LOGIN, KEY):
            self._error(401, "Unauthorized", "[security_exception]: unable to authenticate user [elastic]")
        else:
            return True
        return False

    def do_POST(self) -> None:
        """Import and export."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self._let_in():
            return None
        parts = urlsplit(self.path)
        found = re.fullmatch(r"(?:/s/([^/]+))?/api/saved_objects/(_import|_export)", parts.path)
        if not found:
            return self._error(404, "Not Found", "Not Found")
        # Kibana does not ask whether the space of a request exists.
        space = self.kibana.spaces.setdefault(found[1] or "default", {})
        if found[2] == "_export":
            return self._export(json.loads(body), space)
        return self._import(body, space, overwrite=parse_qs(parts.query).get("overwrite") == ["true"])

    def _export(self, wanted: Json, space: dict[tuple[str, str], Json]) -> None:
        lines = [json.dumps(item, ensure_ascii=False) for key, item in space.items() if key[0] in wanted["type"]]
        if not wanted.get("excludeExportDetails"):
            lines.append(json.dumps({"exportedCount": len(lines), "missingReferences": []}))
        self._send(200, "\n".join(lines).encode(), "application/ndjson")

    def _import(self, body: bytes, space: dict[tuple[str, str], Json], *, overwrite: bool) -> None:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = list(message_from_bytes(head + body, policy=policy.HTTP).iter_parts())
        names = [part.get_param("name", header="content-disposition") for part in parts]
        if names != ["file"] or not str(parts[0].get_filename()).endswith(".ndjson"):
            return self._error(400, "Bad Request", "Invalid file extension .")
        text = parts[0].get_payload(decode=True)
        assert isinstance(text, bytes)
        objects = [json.loads(line) for line in text.decode().split("\n") if line.strip()]
        sent = {(item["type"], item["id"]) for item in objects}
        errors = []
        for item in objects:
            problem = self._problem(item, space, sent, overwrite=overwrite)
            if problem:
                errors.append({"type": item["type"], "id": item["id"], "meta": {"title": "x"}, "error": problem})
            else:
                space[item["type"], item["id"]] = item
        answer = {"success": not errors, "successCount": len(objects) - len(errors), "warnings": []}
        return self._send(200, json.dumps(answer | ({"errors": errors} if errors else {})).encode())

    def _problem(self, item: Json, space: Any, sent: set[tuple[str, str]], *, overwrite: bool) -> Json | None:
        if item["type"] not in KNOWN:
            return {"type": "unsupported_type"}
        if tuple(map(int, item["typeMigrationVersion"].split("."))) > KNOWN[item["type"]]:
            return {"type": "unknown", "statusCode": 422, "message": "belongs to a more recent version of Kibana"}
        if (item["type"], item["id"]) in space and not overwrite:
            return {"type": "conflict"}
        # Kibana checks data views and sessions that an object needs against the file and the space.
        needed = [part for part in item["references"] if (part["type"], part["id"]) not in sent | set(space)]
        if needed:
            return {"type": "missing_references", "references": [{"type": p["type"], "id": p["id"]} for p in needed]}
        return None

    def _error(self, status: int, error: str, message: str) -> None:
        self._send(status, json.dumps({"statusCode": status, "error": error, "message": message}).encode())

    def _send(self, status: int, body: bytes, type_: str = "application/json; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", type_)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def serve(kibana: FakeKibana, *, tls: ssl.SSLContext | None = None) -> ThreadingHTTPServer:
    """Starts the server on a free loopback port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"kibana": kibana}))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kibana.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    return server


@pytest.fixture
def kibana() -> Iterator[FakeKibana]:
    """A Kibana with two spaces and nothing in them."""
    fake = FakeKibana()
    server = serve(fake)
    yield fake
    server.shutdown()
    server.server_close()


@pytest.fixture
def database(sqlite_url: str) -> Iterator[None]:
    """This process is connected to a fresh operations database."""
    connect(sqlite_url)
    yield
    disconnect()


def client(kibana: FakeKibana, **more: Any) -> Kibana:
    """A client with the right password."""
    return Kibana(Access(**({"url": kibana.url, "user": "elastic", "password": "mật khẩu"} | more)))


def everything() -> str:
    """Our own export, with one saved query."""
    watched = SavedQuery(id="giao_hang", title="Giả shipper", query='"phí giao hàng" and suspects: *')
    return ndjson(export(queries=[watched], sources={}, console_url="http://127.0.0.1:8600"))


# Import


def test_our_objects_go_in_and_again(kibana: FakeKibana) -> None:
    lines = len(everything().splitlines())

    first, again = client(kibana).import_objects(everything()), client(kibana).import_objects(everything())

    assert (first.count, first.refused) == (again.count, again.refused) == (lines, ())
    assert ("dashboard", "canhgiac-today") in kibana.spaces["default"]


def test_into_a_space_below_a_base_path_by_api_key(kibana: FakeKibana) -> None:
    done = client(kibana, space="truc-ban", user="", api_key="aWQ6a2V5").import_objects(everything())

    assert done.refused == ()
    assert kibana.spaces["default"] == {}
    assert kibana.paths == ["/api/spaces/space/truc-ban", "/s/truc-ban/api/saved_objects/_import?overwrite=true"]
    with pytest.raises(SearchError, match="--space"):
        client(kibana, url=f"{kibana.url}/kibana").import_objects(everything())
    assert kibana.paths[-1].startswith("/kibana/api/")


def test_a_space_that_is_not_there_gets_nothing(kibana: FakeKibana) -> None:
    """Kibana itself would take the objects, and nobody could open them."""
    with pytest.raises(SearchError, match=r"không có không gian 'truc_ban'.*Stack Management"):
        client(kibana, space="truc_ban").import_objects(everything())
    with pytest.raises(SearchError, match="CANHGIAC_KIBANA_SPACE"):
        client(kibana, space="truc_ban").export_objects("query")

    assert "truc_ban" not in kibana.spaces


def test_the_space_is_asked_for_once(kibana: FakeKibana) -> None:
    one = client(kibana, space="truc-ban")
    one.import_objects(everything())
    one.export_objects("query")

    assert [path for path in kibana.paths if "spaces" in path] == ["/api/spaces/space/truc-ban"]


@pytest.mark.parametrize(("version", "level"), [("8.19.9", "available"), ("9.2.0", "degraded"), ("9.2.0", "critical")])
def test_its_state(kibana: FakeKibana, version: str, level: str) -> None:
    kibana.state = version, level

    found = client(kibana).state()

    assert (found.version, found.level) == (version, level)


def test_a_slow_one_is_not_waited_for_longer_than_asked(kibana: FakeKibana) -> None:
    kibana.slow = 1

    with pytest.raises(SearchUnavailableError, match="timed out"):
        client(kibana).quick(0.05).export_objects("query")
    assert client(kibana).export_objects("query") == []


def test_an_answer_that_breaks_off(kibana: FakeKibana) -> None:
    kibana.save("[CB] một", '"một"')
    kibana.fail = [(200, b'{"type":"query","id":"a","attri')]

    with pytest.raises(SearchError, match="không trả lời như Kibana"):
        client(kibana).export_objects("query")


def test_roles_are_put_as_kibana_takes_them(kibana: FakeKibana) -> None:
    for name, role in kibana_roles("truc-ban").items():
        client(kibana).put_role(name, role)

    staff = kibana.roles["canhgiac_staff"]
    assert staff["kibana"][0]["spaces"] == ["truc-ban"]
    assert staff["elasticsearch"]["indices"][0]["privileges"] == ["read", "view_index_metadata"]
    assert kibana_roles()["canhgiac_staff"]["kibana"][0]["spaces"] == ["default"]
    assert '"space:default"' in roles_yml()
    assert '"space:truc-ban"' in roles_yml("truc-ban")


@pytest.mark.parametrize("given", ["aWQ6a2V5", "id:key", "aWQ6a2V5\n"])
def test_an_api_key_in_either_form(kibana: FakeKibana, given: str) -> None:
    assert client(kibana, user="", api_key=given).import_objects(everything()).refused == ()


def test_a_wrong_api_key(kibana: FakeKibana) -> None:
    with pytest.raises(SearchError, match=r"401.*--api-key") as caught:
        client(kibana, user="", api_key="id:sai").import_objects(everything())
    assert "sai" not in str(caught.value).replace("từ chối", "")
    with pytest.raises(ConfigError, match="CANHGIAC_KIBANA_API_KEY"):
        client(kibana, user="", api_key="khóa của tôi")


def test_what_stands_there_is_kept_when_asked(kibana: FakeKibana) -> None:
    client(kibana).import_objects(everything())

    done = client(kibana).import_objects(everything(), overwrite=False)

    assert done.count == 0
    assert {item.reason for item in done.refused} == {"đã có đối tượng cùng mã; bỏ --no-overwrite để ghi đè"}


def test_refused_objects_are_named_with_their_reason(kibana: FakeKibana) -> None:
    lines = [json.loads(line) for line in everything().splitlines()]
    views = [item for item in lines if item["type"] != "index-pattern"]
    views[0]["typeMigrationVersion"] = "10.99.0"
    views.append(views[0] | {"type": "lens", "id": "x"})

    done = client(kibana).import_objects(ndjson(views))

    reasons = {(item.type, item.id): item.reason for item in done.refused}
    assert reasons["query", "canhgiac-giao_hang"] == "422 belongs to a more recent version of Kibana"
    assert "index-pattern:canhgiac-leads" in reasons["search", "canhgiac-new-leads"]
    assert reasons["lens", "x"] == "bản Kibana này không có loại đối tượng đó"


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (401, b'{"statusCode":401,"error":"Unauthorized","message":"no"}', SearchError, "CANHGIAC_INDEX_PASSWORD"),
        (
            403,
            b'{"statusCode":403,"error":"Forbidden","message":"Unable to bulk_create"}',
            SearchError,
            "Saved Objects",
        ),
        (404, b'{"statusCode":404,"error":"Not Found","message":"Not Found"}', SearchError, "--space"),
        (409, b'{"statusCode":409,"error":"Conflict","message":"version conflict"}', SearchError, "chạy lại"),
        (413, b'{"statusCode":413,"error":"x","message":"too large"}', SearchError, "maxImportPayloadBytes"),
        (503, b"Kibana server is not ready yet", SearchUnavailableError, "not ready yet"),
        (429, b"{}", SearchUnavailableError, "429"),
        (500, b'{"statusCode":500,"error":"Internal Server Error","message":"boom"}', SearchError, "boom"),
        (
            400,
            b'{"statusCode":400,"error":"Bad Request","message":"Can\'t export more than 10000 objects"}',
            SearchError,
            "maxImportExportSize",
        ),
        (200, b"<html>login</html>", SearchError, "không trả lời như Kibana"),
        (200, b'{"message":"hello"}', SearchError, "lạ"),
        (302, b"", SearchError, "302"),
    ],
)
def test_errors_say_what_to_do(
    kibana: FakeKibana, status: int, body: bytes, kind: type[SearchError], text: str
) -> None:
    kibana.fail = [(status, body)]

    with pytest.raises(kind, match=re.escape(text)) as caught:
        client(kibana).import_objects(everything())

    assert "mật khẩu" not in str(caught.value)


def test_a_wrong_password_is_refused(kibana: FakeKibana) -> None:
    with pytest.raises(SearchError, match="401"):
        client(kibana, password="khác").import_objects(everything())


def test_nobody_listens() -> None:
    with pytest.raises(SearchUnavailableError):
        Kibana(Access(url="http://127.0.0.1:9")).export_objects("query")


@pytest.mark.parametrize("url", ["", "kibana:5601", "ftp://127.0.0.1", "http://kibana.example.vn:5601"])
def test_addresses_that_must_not_or_cannot_be_used(url: str) -> None:
    with pytest.raises(ConfigError):
        Kibana(Access(url=url))
    if url.startswith("http"):
        Kibana(Access(url=url, insecure=True))


def test_https_with_a_private_authority(tmp_path: Path) -> None:
    authority, fake = trustme.CA(), FakeKibana()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server = serve(fake, tls=context)
    try:
        assert client(fake, ca=str(tmp_path / "ca.pem")).import_objects(everything()).refused == ()
        with pytest.raises(SearchError, match="--ca"):
            client(fake).import_objects(everything())
        with pytest.raises(ConfigError):
            client(fake, ca=str(tmp_path / "none.pem")).import_objects(everything())
    finally:
        server.shutdown()
        server.server_close()


# Pull


def pulled(kibana: FakeKibana, now: datetime = NOW) -> Any:
    """One pull into the store."""
    return pull(client(kibana).export_objects("query"), now=now)


@pytest.mark.usefixtures("database")
def test_a_marked_query_becomes_one_of_ours_for_the_digest(kibana: FakeKibana) -> None:
    client(kibana).import_objects(everything())
    kibana.save(
        "[CB] Giả shipper  thu phí", '"phí giao hàng" and phones: *', id_="6f1e0b2c-1111-4222-8333-944444444444"
    )
    kibana.save("của riêng tôi", "lua dao")

    done = pulled(kibana)

    assert [query.title for query in done.new] == ["Giả shipper thu phí"]
    stored = queries.get("kibana_6f1e0b2c_1111_4222_8333_944444444444")
    assert stored is not None
    assert (stored.origin, stored.priority, stored.enabled) == (Origin.KIBANA, Priority.DIGEST, True)
    assert [query.id for query in queries.list_queries()] == [stored.id]
    assert pulled(kibana).kept == (stored,)


@pytest.mark.usefixtures("database")
def test_what_is_outside_the_subset_is_told_with_place_and_reason(kibana: FakeKibana) -> None:
    kibana.save("[CB] hai từ", "source_kind: ad and việc nhẹ")
    kibana.save("[CB] lucene", "+a +b", query={"query": "+a +b", "language": "lucene"})
    kibana.save("[CB] lọc", '"việc nhẹ"', filters=[{"meta": {"key": "source"}}])
    kibana.save("[CB] trống", "")

    refused = pulled(kibana).refused

    assert queries.list_queries() == []
    assert [item.position for item in refused] == [25, None, None, 0]
    assert "nhiều từ mà không có dấu ngoặc kép" in refused[0].sentence
    assert "ở vị trí 25 (“nhẹ”)" in refused[0].sentence
    assert '"việc nhẹ"' in refused[0].hint
    assert "KQL" in refused[1].sentence
    assert "bộ lọc" in refused[2].sentence
    assert len({item.key for item in refused}) == 4


@pytest.mark.usefixtures("database")
def test_another_hand_is_never_overwritten(kibana: FakeKibana) -> None:
    kibana.save("[CB] của tôi", '"việc nhẹ"', id_="a")
    theirs = SavedQuery(id=query_id("a"), title="Của bàn trực", query='"khác"', origin=Origin.CONSOLE)
    queries.upsert([theirs], NOW)

    done = pulled(kibana)

    assert (done.new, done.changed) == ((), ())
    assert "already exists" in done.refused[0].problem
    assert queries.get(query_id("a")) == theirs


@pytest.mark.usefixtures("database")
def test_an_edit_is_taken_and_has_to_be_approved_again(kibana: FakeKibana) -> None:
    kibana.save("[CB] việc nhẹ", '"việc nhẹ"', id_="a")
    made = pulled(kibana).new[0]
    approved = approve(made.id, now=NOW, actor="lan")

    kibana.save("[CB] Việc nhẹ lương cao", '"việc nhẹ"', id_="a")
    renamed = pulled(kibana).changed[0]
    kibana.save("[CB] Việc nhẹ lương cao", '"việc nhẹ" and phones: *', id_="a")
    edited = pulled(kibana).changed[0]

    assert renamed == evolve(approved, title="Việc nhẹ lương cao", version=3)
    assert (approved.priority, edited.priority, edited.version) == (Priority.IMMEDIATE, Priority.DIGEST, 4)


@pytest.mark.usefixtures("database")
def test_only_a_query_from_kibana_in_force_is_approved() -> None:
    queries.upsert([SavedQuery(id="site_query", title="x", query='"x"')], NOW)

    for identifier in ("site_query", "kibana_unknown"):
        with pytest.raises(ConfigError):
            approve(identifier, now=NOW, actor="lan")


@pytest.mark.usefixtures("database")
def test_a_refused_edit_leaves_the_query_in_force_and_a_lost_mark_retires_it(kibana: FakeKibana) -> None:
    kibana.save("[CB] một", '"một"', id_="a")
    kibana.save("[CB] hai", '"hai"', id_="b")
    pulled(kibana)

    kibana.save("[CB] một", "một hai", id_="a")
    kibana.save("hai", '"hai"', id_="b")
    done = pulled(kibana)

    assert [item.id for item in done.refused] == ["a"]
    assert done.retired == (query_id("b"),)
    assert [query.query for query in queries.list_queries()] == ['"một"']


@pytest.mark.usefixtures("database")
def test_nothing_is_retired_when_kibana_does_not_answer(kibana: FakeKibana) -> None:
    kibana.save("[CB] một", '"một"', id_="a")
    pulled(kibana)
    kibana.fail = [(503, b"Kibana server is not ready yet")]

    with pytest.raises(SearchUnavailableError):
        pulled(kibana)

    assert len(queries.list_queries()) == 1


@pytest.mark.usefixtures("database")
def test_the_same_title_twice_are_two_queries(kibana: FakeKibana) -> None:
    kibana.save("[CB] việc nhẹ", '"việc nhẹ"', id_="a")
    kibana.save("[CB] việc nhẹ", '"việc nhẹ" and phones: *', id_="b")

    done = pulled(kibana)

    assert [(query.id, query.title) for query in done.new] == [(query_id(name), "việc nhẹ") for name in "ab"]


@pytest.mark.usefixtures("database")
def test_a_deleted_query_is_retired_and_comes_back_unapproved_when_it_was_edited(kibana: FakeKibana) -> None:
    kibana.save("[CB] một", '"một"', id_="a")
    approve(pulled(kibana).new[0].id, now=NOW, actor="lan")

    held = kibana.spaces["default"].pop(("query", "a"))
    gone = pulled(kibana)
    kibana.spaces["default"]["query", "a"] = held
    kibana.save("[CB] một", '"một" or "hai"', id_="a")
    back = pulled(kibana)

    assert gone.retired == (query_id("a"),)
    assert [(query.query, query.priority) for query in (*back.new, *back.changed)] == [
        ('"một" or "hai"', Priority.DIGEST)
    ]


@pytest.mark.usefixtures("database")
def test_thousands_of_other_saved_queries_hide_none_of_ours(kibana: FakeKibana) -> None:
    """An export has no pages: it is one answer, up to `savedObjects.maxImportExportSize`."""
    for number in range(3000):
        kibana.save(f"của tôi {number}", "lua dao", id_=f"x{number}")
    kibana.save("[CB] cuối cùng", '"việc nhẹ"', id_="z")

    assert [query.title for query in pulled(kibana).new] == ["cuối cùng"]


@pytest.mark.parametrize("ids", [("a-b", "a_b"), ("A", "a"), ("é", "è"), ("x" * 70, "x" * 71), ("a--b", "a-b")])
def test_ids_of_kibana_never_share_one_of_ours(ids: tuple[str, str]) -> None:
    first, second = map(query_id, ids)

    assert first != second
    assert all(re.fullmatch(r"kibana_[a-z0-9_]*", one) for one in (first, second))


# The house and the command line


@pytest.fixture
def house(tmp_path: Path, kibana: FakeKibana) -> Iterator[House]:
    """A house on a home of its own, with this Kibana in its settings."""
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "recipients.yaml").write_text(
        "id: truc_ban\nname: Trực ban\naddresses: [truc@example.vn]\n", encoding="utf-8"
    )
    made = open_house(
        home=tmp_path / "home",
        kibana_url=kibana.url,
        index_user="elastic",
        index_password="mật khẩu",
        clock=lambda: NOW,
    ).connect()
    made.sync()
    yield made
    disconnect()


def doctor(house: House) -> list[tuple[str, str]]:
    """What `doctor` says of Kibana: verdict, and text with cure."""
    return [(finding.verdict.value, f"{finding.text} → {finding.cure}") for finding in checks.kibana(house)]


def test_doctor_says_what_is_missing_and_what_is_old(house: House, kibana: FakeKibana) -> None:
    ((verdict, text),) = doctor(house)
    assert verdict == "warning"
    assert re.match(r"thiếu \d+ đối tượng: Cảnh Giác: bài đã thu thập, .*→ canhgiac kibana import", text)

    house.open_kibana().import_objects(house.kibana_objects())
    assert doctor(house) == [("good", "8.19.9, đủ khung xem, phiên tìm và bảng tổng hợp → ")]

    view = kibana.spaces["default"]["index-pattern", "canhgiac-documents"]["attributes"]
    labels = json.loads(view["fieldAttrs"])
    # What people do in Discover is theirs; a label of another version is not.
    labels["phones"]["count"] = 7
    view["fieldAttrs"] = json.dumps(labels)
    assert [verdict for verdict, _ in doctor(house)] == ["good"]
    del labels["phones"]
    view["fieldAttrs"] = json.dumps(labels)
    ((verdict, text),) = doctor(house)
    assert (verdict, "khung xem của bản khác: Cảnh Giác: bài đã thu thập" in text) == ("warning", True)


@pytest.mark.parametrize(
    ("state", "said"), [(("7.17.1", "available"), "7.17.1"), (("10.0.0", "available"), "10.0.0"), (("9.2.0", "critical"), "critical")]
)  # fmt: skip
def test_doctor_says_what_kibana_says_of_itself(
    house: House, kibana: FakeKibana, state: tuple[str, str], said: str
) -> None:
    house.open_kibana().import_objects(house.kibana_objects())
    kibana.state = state

    (verdict, text), (last, _) = doctor(house)

    assert (verdict, said in text, last) == ("warning", True, "good")


@pytest.mark.parametrize(
    ("settings", "verdict", "said"),
    [
        ({"kibana_url": "http://127.0.0.1:9"}, "warning", "thư báo"),
        ({"kibana_url": "http://kibana.example.vn:5601"}, "fault", "không có TLS"),
        ({"index_password": "sai"}, "fault", "CANHGIAC_INDEX_PASSWORD"),
        ({"kibana_space": "khong-co"}, "fault", "CANHGIAC_KIBANA_SPACE"),
        ({"kibana_url": "", "index_url": "http://127.0.0.1:9"}, "warning", "CANHGIAC_KIBANA_URL"),
    ],
)
def test_doctor_names_the_cure(
    kibana: FakeKibana, tmp_path: Path, settings: dict[str, str], verdict: str, said: str
) -> None:
    given = {"kibana_url": kibana.url, "index_user": "elastic", "index_password": "mật khẩu"} | settings
    ((found, text),) = doctor(open_house(home=tmp_path / "home", clock=lambda: NOW, **given))

    assert (found, said in text) == (verdict, True)


def test_doctor_is_silent_where_there_is_no_desk(tmp_path: Path) -> None:
    assert doctor(open_house(home=tmp_path / "home", clock=lambda: NOW)) == []


def test_a_refusal_stands_as_a_notice_until_it_is_mended(house: House, kibana: FakeKibana) -> None:
    shipped = len(queries.list_queries())
    kibana.save(f"{MARK} thử", "hai từ", id_="a")

    house.pull_kibana()
    house.pull_kibana()
    waiting = [notice.text for notice in notices.open_notices() if notice.key.startswith("kibana:")]
    kibana.save(f"{MARK} thử", '"hai từ"', id_="a")
    house.pull_kibana()

    assert len(waiting) == 1
    assert "“[CB] thử”" in waiting[0]
    assert [notice for notice in notices.open_notices() if notice.key.startswith("kibana:")] == []
    assert len(queries.list_queries()) == shipped + 1


def test_the_desk_is_told_once_what_became_of_its_queries(
    house: House, kibana: FakeKibana, post: Callable[..., Document]
) -> None:
    documents.append([post(1, "việc nhẹ lương cao", collected=NOW)], now=NOW)
    house.raise_leads()
    house.catch_up()
    kibana.save(f"{MARK} việc nhẹ", '"việc nhẹ" or phones: "+84900000001"', id_="a")
    kibana.save(f"{MARK} hỏng http://zq9.example/a", "gọi 0900000002", id_="b")

    house.pull_kibana()
    house.pull_kibana()

    (mail,) = deliveries.list_deliveries()
    assert (mail.purpose, mail.recipient, mail.address) == ("notice", "truc_ban", "truc@example.vn")
    assert mail.message.subject == "Truy vấn lưu từ Kibana: 1 nhận, 1 bị từ chối"
    for body in (mail.message.text, mail.message.html):
        assert "1 bài trong 30 ngày qua" in body
        assert "nhiều từ mà không có dấu ngoặc kép" in body
        assert "zq9[.]example" in body
        assert not re.search(r"zq9\.|0900000002|84900000001", body)


def test_an_edit_is_told_again_and_an_index_that_is_away_is_said(
    house: House, kibana: FakeKibana, loopback_port: Callable[[], int]
) -> None:
    kibana.save(f"{MARK} thử", '"một"', id_="a")
    house.pull_kibana()
    away = open_house(
        home=house.home,
        kibana_url=kibana.url,
        index_url=f"http://127.0.0.1:{loopback_port()}",
        index_user="elastic",
        index_password="mật khẩu",
        clock=lambda: NOW,
    ).connect()
    kibana.save(f"{MARK} thử", '"hai"', id_="a")
    away.pull_kibana()

    texts = [mail.message.text for mail in deliveries.list_deliveries()]
    assert len(texts) == 2
    assert sum("chưa chạy thử được" in text for text in texts) == 1


def test_the_worker_looks_every_five_minutes_where_a_kibana_is_set(house: House, kibana: FakeKibana) -> None:
    kibana.save(f"{MARK} thử", '"một"', id_="a")
    worker = Worker(house)

    jobs = {job.id: job.trigger for job in worker._clock().get_jobs()}
    worker.pull()

    assert jobs["pull"].interval == timedelta(minutes=5)
    assert queries.get(query_id("a")) is not None
    without = Worker(open_house(home=house.home, clock=lambda: NOW))
    assert "pull" not in {job.id for job in without._clock().get_jobs()}


@pytest.fixture
def command(cli: Callable[..., Any], kibana: FakeKibana) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `canhgiac kibana ...` in a fresh home, with the password in the environment."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        answer = cli("kibana", *arguments, **({"CANHGIAC_INDEX_PASSWORD": "mật khẩu"} | variables))
        return subprocess.CompletedProcess(arguments, answer.status, answer.out, answer.err)

    return run


def test_the_commands(kibana: FakeKibana, command: Callable[..., Any], tmp_path: Path) -> None:
    where = ("--url", kibana.url, "--user", "elastic")
    exported = command("export", str(tmp_path / "k.ndjson"), "--console-url", "https://canhgiac.example.vn/")
    sent = command("import", *where, "--space", "truc-ban", "--json")
    from_file = command("import", str(tmp_path / "k.ndjson"), *where)
    kibana.save("[CB] thử", "hai từ", id_="a")
    kibana.save("[CB] được", '"hai từ"', id_="b")
    back = command("pull", "--json", "--user", "elastic", CANHGIAC_KIBANA_URL=kibana.url)

    assert exported.returncode == sent.returncode == from_file.returncode == back.returncode == 0, sent.stderr
    lines = (tmp_path / "k.ndjson").read_text("utf-8").splitlines()
    assert json.loads(sent.stdout) == {"imported": len(lines), "refused": []}
    assert "https://canhgiac.example.vn/vu-viec/{{value}}/" in lines[0]
    answer = json.loads(back.stdout)
    assert (answer["new"], answer["refused"][0]["position"]) == ([query_id("b")], 4)
    assert "được: khẩn" in command("approve", query_id("b")).stdout
    assert command("roles", "--apply", *where, "--space", "truc-ban").returncode == 0
    assert set(kibana.roles) == {"canhgiac_program", "canhgiac_staff"}
    assert [json.loads(line)["name"] for line in command("roles").stdout.splitlines()] == list(kibana.roles)
    assert '"space:ban-truc"' in command("roles", "--file-realm", CANHGIAC_KIBANA_SPACE="ban-truc").stdout


def test_the_commands_say_what_is_wrong(kibana: FakeKibana, command: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "bad.ndjson").write_text(everything().splitlines()[-1] + "\n", encoding="utf-8")
    where = ("--url", kibana.url, "--user", "elastic")

    partly, stranger, nowhere = (
        command("import", str(tmp_path / "bad.ndjson"), *where),
        command("import", *where, CANHGIAC_INDEX_PASSWORD="khác"),
        command("pull"),
    )

    assert (partly.returncode, stranger.returncode, nowhere.returncode) == (1, 1, 2)
    assert "thiếu đối tượng mà nó dùng" in partly.stderr
    assert "401" in stranger.stderr
    assert "Traceback" not in stranger.stderr + nowhere.stderr
    assert "CANHGIAC_KIBANA_URL" in nowhere.stderr
    for content in (b"\xff\xfe{}", b'{"type":"query"}\n[1]\n', b"\n"):
        (tmp_path / "bad.ndjson").write_bytes(content)
        refused = command("import", str(tmp_path / "bad.ndjson"), *where)
        assert (refused.returncode, "bad.ndjson" in refused.stderr, "Traceback" in refused.stderr) == (2, True, False)
