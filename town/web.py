"""Requests and responses of the town's sites, as plain values: a site is a function from one to the other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from attrs import field, frozen

from town.pictures import draw

if TYPE_CHECKING:
    from town.plan import Planned
    from town.state import Town

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")


@frozen(kw_only=True)
class Request:
    """One request as a site sees it. headers: lower-case names."""

    method: str
    target: str
    headers: Mapping[str, str] = field(factory=dict)
    body: str = ""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    def query(self, name: str, default: str = "") -> str:
        """A parameter of the address."""
        return parse_qs(urlsplit(self.target).query).get(name, [default])[0]

    def form(self, name: str, default: str = "") -> str:
        """A field of a posted form."""
        return parse_qs(self.body).get(name, [default])[0]

    def number(self, name: str, default: int) -> int:
        """A numeric parameter of the address; the default when it is not a number."""
        text = self.query(name)
        return int(text) if text.isdecimal() else default


@frozen(kw_only=True)
class Response:
    """What a site answers. data: the body of what is no text. modified: moment of the newest thing on the page. validators: whether ETag and Last-Modified are given; stamp: what
    the ETag is made of when the body holds something that changes with every view. wait: seconds before the first byte."""

    status: int = 200
    body: str = ""
    data: bytes = b""
    type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(factory=dict)
    modified: datetime | None = None
    validators: bool = False
    stamp: str = ""
    wait: float = 0.0

    @property
    def etag(self) -> str:
        return 'W/"' + hashlib.sha256(self.data or (self.stamp or self.body).encode()).hexdigest()[:16] + '"'


class Site(Protocol):
    """One site of the town."""

    name: str
    kind: str
    about: str

    def respond(self, request: Request, town: Town) -> Response:
        """The answer to any request; a 404 for what is not there."""
        ...


def not_found(text: str = "Không tìm thấy trang") -> Response:
    """A 404 page."""
    return Response(status=404, body=f"<!doctype html><html lang='vi'><title>404</title><h1>{escape(text)}</h1></html>")


def picture(item: Planned) -> Response:
    """The picture of a document; a 404 for one without, or where it cannot be drawn."""
    data = draw(item.picture.kind, item.picture.content) if item.picture else b""
    return Response(data=data, type="image/png") if data else not_found("Không có ảnh")


def moved(location: str, status: int = 301) -> Response:
    """A redirect."""
    return Response(status=status, headers={"Location": location})


def robots(*, disallow: tuple[str, ...] = (), delay: float = 0.1) -> Response:
    """The robots.txt of a site, with a short Crawl-delay (seconds)."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in disallow), f"Crawl-delay: {delay}"]
    return Response(body="\n".join(lines) + "\n", type="text/plain; charset=utf-8", validators=True)


def conditional(request: Request, response: Response) -> Response:
    """The response with its validators, or a 304 when the client holds it already."""
    if not response.validators or response.status != 200:
        return response
    headers = {"ETag": response.etag, "Cache-Control": "no-cache"}
    if response.modified is not None:
        headers["Last-Modified"] = format_datetime(
            response.modified.astimezone(UTC).replace(microsecond=0), usegmt=True
        )
    held, since = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
    if held is not None:
        fresh = response.etag in [tag.strip() for tag in held.split(",")]
    else:
        fresh = since is not None and response.modified is not None and _not_newer(response.modified, since)
    if fresh:
        return Response(status=304, headers=headers, wait=response.wait)
    return Response(
        status=200, body=response.body, type=response.type, headers={**response.headers, **headers}, wait=response.wait
    )


def _not_newer(modified: datetime, since: str) -> bool:
    try:
        held = parsedate_to_datetime(since)
    except ValueError:
        return False
    return modified.astimezone(UTC).replace(microsecond=0) <= held


def paragraphs(text: str) -> str:
    """Lines of a text as paragraphs; a run of lines that begin with a dash as a list."""
    parts: list[str] = []
    items: list[str] = []
    for line in text.split("\n"):
        if line.startswith("- "):
            items.append(f"<li>{escape(line[2:])}</li>")
            continue
        if items:
            parts.append(f"<ul>{''.join(items)}</ul>")
            items = []
        if line.strip():
            parts.append(f"<p>{escape(line)}</p>")
    return "\n".join([*parts, *([f"<ul>{''.join(items)}</ul>"] if items else [])])


def breaks(text: str) -> str:
    """Lines of a text with `<br/>` between them."""
    return escape(text).replace("\n", "<br/>")


def local(moment: datetime) -> datetime:
    """The moment in Vietnamese time."""
    return moment.astimezone(LOCAL)


def long_date(moment: datetime) -> str:
    """`Thứ tư, 22/10/2025, 19:25 (GMT+7)`."""
    here = local(moment)
    return f"{WEEKDAYS[here.weekday()]}, {here:%d/%m/%Y, %H:%M} (GMT+7)"
