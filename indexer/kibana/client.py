"""Kibana's HTTP API as documented: import a file, export objects of a type, state, spaces, roles. Standard library only.

Only these endpoints are used; all are public in 8.19 and 9.x. Kibana asks for the header `kbn-xsrf` on every request that
is not a GET, and answers an import with status 200 even when single objects were refused. It does not ask whether the space
of a request exists: objects sent to a misspelled one lie where nobody can open them, so the space is asked for first.
"""

from __future__ import annotations

import http.client
import json
import ssl
import uuid
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from attrs import evolve, frozen

from indexer.access import encoded_key, is_loopback
from indexer.kibana.saved_objects import Json, packed
from indexer.kibana_roles import DEFAULT_SPACE
from model.errors import ConfigError, SearchError, SearchUnavailableError

TIMEOUT_SECONDS = 60.0
"""An import of our objects takes a few seconds; a Kibana that is starting may hold the connection."""

LONGEST_ANSWER = 64 * 1024 * 1024
"""Bytes read of an answer."""

_NOT_READY = frozenset({408, 429, 502, 503, 504})


@frozen(kw_only=True)
class Access:
    """How a Kibana is reached. url: `http(s)://host:port[/base]`. space: "" for the default space. api_key: `id:key` or the
    encoded form. ca: file with the certificate authority. insecure: send credentials over plain HTTP to another machine.
    timeout: seconds that one answer may take."""

    url: str
    space: str = ""
    user: str = ""
    password: str = ""
    api_key: str = ""
    ca: str = ""
    insecure: bool = False
    timeout: float = TIMEOUT_SECONDS


@frozen(kw_only=True)
class Refused:
    """An object that an import did not take. reason: Vietnamese, with what to do."""

    type: str
    id: str
    title: str
    reason: str


@frozen(kw_only=True)
class Imported:
    """What an import did. count: objects taken."""

    count: int
    refused: tuple[Refused, ...] = ()


@frozen(kw_only=True)
class State:
    """What a Kibana says of itself. version: "" when it tells only those who log in; level: `available` when all is well."""

    version: str
    level: str


class Kibana:
    """One Kibana and one space of it. Raises ConfigError for an address it must not or cannot use."""

    def __init__(self, access: Access) -> None:
        parts = urlsplit(access.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                f"{access.url!r} không phải địa chỉ Kibana",
                key="CANHGIAC_KIBANA_URL",
                cure="Viết như https://kibana.example.vn:5601",
            )
        if parts.scheme == "http" and not (access.insecure or is_loopback(parts.hostname)):
            raise ConfigError(
                f"{access.url} không có TLS, mật khẩu sẽ đi qua mạng ở dạng đọc được",
                key="CANHGIAC_KIBANA_URL",
                cure="Dùng https; hoặc đặt CANHGIAC_INDEX_ALLOW_INSECURE=1 nếu mạng này chỉ của riêng mình",
            )
        self._access, self._host = access, parts.hostname
        self._key = encoded_key(access.api_key, setting="CANHGIAC_KIBANA_API_KEY") if access.api_key else ""
        self._secure = parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 5601)
        space = access.space.strip()
        self._root = parts.path.rstrip("/")
        self._space = "" if space == DEFAULT_SPACE else space
        self._base = self._root + (f"/s/{quote(self._space, safe='')}" if self._space else "")
        self._space_seen = not self._space

    def quick(self, timeout: float) -> Kibana:
        """The same with an answer awaited for that many seconds only."""
        return Kibana(evolve(self._access, timeout=timeout))

    def state(self) -> State:
        """How it is. Raises SearchError, SearchUnavailableError."""
        # While it is degraded it answers 503 with the same body.
        status, answer = self._send("GET", f"{self._root}/api/status")
        told = self._json(answer) if status in (http.client.OK, http.client.SERVICE_UNAVAILABLE) else None
        if not isinstance(told, dict) or not isinstance(told.get("status"), dict):
            raise _refusal(status, answer)
        version, overall = told.get("version") or {}, told["status"].get("overall") or {}
        return State(version=str(version.get("number", "")), level=str(overall.get("level", "")))

    def check_space(self) -> None:
        """Raises SearchError when the space of this access does not exist; asks once."""
        if self._space_seen:
            return
        path = f"{self._root}/api/spaces/space/{quote(self._space, safe='')}"
        status, answer = self._send("GET", path)
        if status == http.client.NOT_FOUND:
            raise SearchError(
                f"Kibana không có không gian {self._space!r}. Cách sửa: tạo trong Stack Management > Spaces, "
                "hoặc sửa --space, CANHGIAC_KIBANA_SPACE"
            )
        if status != http.client.OK:
            raise _refusal(status, answer)
        self._space_seen = True

    def put_role(self, name: str, role: Json) -> None:
        """Makes or replaces a role, for Elasticsearch and Kibana together. Raises SearchError, SearchUnavailableError."""
        path = f"{self._root}/api/security/role/{quote(name, safe='')}"
        status, answer = self._send("PUT", path, packed(role).encode(), "application/json")
        if status not in (http.client.OK, http.client.NO_CONTENT):
            raise _refusal(status, answer)

    def import_objects(self, text: str, *, overwrite: bool = True) -> Imported:
        """Sends an NDJSON file. overwrite: replace objects of the same id. Raises SearchError, SearchUnavailableError."""
        boundary = uuid.uuid4().hex
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="canhgiac.ndjson"\r\n'
            f"Content-Type: application/ndjson\r\n\r\n{text}\r\n--{boundary}--\r\n"
        ).encode()
        path = f"/api/saved_objects/_import?overwrite={str(overwrite).lower()}"
        answer = self._json(self._ask(path, body, f"multipart/form-data; boundary={boundary}"))
        if not isinstance(answer, dict) or "successCount" not in answer:
            raise SearchError(f"Kibana trả lời lạ cho lệnh nhập: {str(answer)[:200]}")
        return Imported(
            count=int(answer["successCount"]), refused=tuple(_refused(item) for item in answer.get("errors", ()))
        )

    def export_objects(self, *types: str) -> list[Json]:
        """All objects of these types in the space. Raises SearchError, SearchUnavailableError."""
        wanted = {"type": list(types), "excludeExportDetails": True, "includeReferencesDeep": False}
        answer = self._ask("/api/saved_objects/_export", packed(wanted).encode(), "application/json")
        found = [self._json(line) for line in answer.split(b"\n") if line.strip()]
        return [item for item in found if isinstance(item, dict) and item.get("type") in types]

    def _ask(self, path: str, body: bytes, content_type: str) -> bytes:
        self.check_space()
        status, answer = self._send("POST", self._base + path, body, content_type)
        if status != http.client.OK:
            raise _refusal(status, answer)
        return answer

    def _send(
        self, method: str, path: str, body: bytes | None = None, content_type: str = "application/json"
    ) -> tuple[int, bytes]:
        """Status and body of one request."""
        connection = self._connection()
        try:
            connection.request(method, path, body, self._headers(content_type))
            response = connection.getresponse()
            answer = response.read(LONGEST_ANSWER + 1)
        except ssl.SSLCertVerificationError as error:
            raise SearchError(
                f"chứng thư của Kibana không được chấp nhận ({error.verify_message}). Chỉ tệp CA bằng --ca hoặc CANHGIAC_INDEX_CA"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise SearchUnavailableError(f"Kibana {self._access.url} không trả lời: {error}") from error
        finally:
            connection.close()
        if len(answer) > LONGEST_ANSWER:
            raise SearchError(f"Kibana trả lời dài quá {LONGEST_ANSWER} byte")
        return response.status, answer

    def _connection(self) -> http.client.HTTPConnection:
        if not self._secure:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._access.timeout)
        try:
            context = ssl.create_default_context(cafile=self._access.ca or None)
        except OSError as error:
            raise ConfigError(
                f"không đọc được tệp CA {self._access.ca}: {error.strerror or error}", key="CANHGIAC_INDEX_CA"
            ) from error
        return http.client.HTTPSConnection(self._host, self._port, timeout=self._access.timeout, context=context)

    def _headers(self, content_type: str) -> Mapping[str, str]:
        headers = {"kbn-xsrf": "canhgiac", "Content-Type": content_type, "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"ApiKey {self._key}"
        elif self._access.user:
            login = b64encode(f"{self._access.user}:{self._access.password}".encode()).decode()
            headers["Authorization"] = f"Basic {login}"
        return headers

    def _json(self, text: bytes) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            raise SearchError(
                f"{self._access.url} không trả lời như Kibana: {text[:120].decode(errors='replace')!r}"
            ) from error


def _refusal(status: int, answer: bytes) -> SearchError:
    """The error for an answer that is not 200, with what to do about it."""
    try:
        told = json.loads(answer)
        message = str(told.get("message", "")) if isinstance(told, dict) else ""
    except ValueError:
        message = answer[:200].decode(errors="replace").strip()
    if status in _NOT_READY:
        return SearchUnavailableError(f"Kibana chưa sẵn sàng ({status}): {message}")
    cures = {
        401: "kiểm tra --user và CANHGIAC_INDEX_PASSWORD, hoặc --api-key (khóa API có thể đã hết hạn hoặc bị thu hồi)",
        403: "tài khoản này cần quyền Saved Objects Management trong không gian (space) đó",
        404: "kiểm tra địa chỉ và tên không gian (--space)",
        409: "có người đang sửa cùng đối tượng, hãy chạy lại",
        400: "nếu Kibana nói vượt giới hạn xuất: tăng savedObjects.maxImportExportSize trong kibana.yml",
        413: "tăng savedObjects.maxImportPayloadBytes trong kibana.yml",
    }
    cure = f". Cách sửa: {cures[status]}" if status in cures else ""
    return SearchError(f"Kibana từ chối ({status}): {message}{cure}")


def _refused(item: Json) -> Refused:
    error = item.get("error") or {}
    kind = str(error.get("type", "unknown"))
    reasons = {
        "conflict": "đã có đối tượng cùng mã; bỏ --no-overwrite để ghi đè",
        "ambiguous_conflict": "trùng với nhiều đối tượng trong Kibana; xóa bớt bản trùng rồi nhập lại",
        "unsupported_type": "bản Kibana này không có loại đối tượng đó",
    }
    if kind == "missing_references":
        missing = ", ".join(f"{one.get('type')}:{one.get('id')}" for one in error.get("references", ()))
        reason = f"thiếu đối tượng mà nó dùng: {missing}"
    else:
        reason = reasons.get(kind) or f"{error.get('statusCode', '')} {error.get('message', kind)}".strip()
    title = str(item.get("title") or (item.get("meta") or {}).get("title") or "")
    return Refused(type=str(item.get("type", "")), id=str(item.get("id", "")), title=title, reason=reason)
