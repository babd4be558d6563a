"""A running town, and a visitor that keeps no connection."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from attrs import frozen

from town.server import Running
from town.state import Town

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


@frozen
class Answer:
    """What a site answered; headers in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str
    data: bytes = b""


Fetch = Callable[..., Answer]


def fetch(url: str, *, body: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """GET, or POST when there is a body; redirects are not followed."""
    parts = urlsplit(url)
    link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        link.request("GET" if body is None else "POST", target, body, dict(headers or {}))
        answer = link.getresponse()
        data = answer.read()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, data.decode("utf-8", "replace"), data)
    finally:
        link.close()


@pytest.fixture
def town() -> Town:
    """A town that is not served yet."""
    return Town(1, NOW)


@pytest.fixture
def running(town: Town) -> Iterator[Running]:
    """The town on its ports."""
    with Running(town) as servers:
        yield servers


@pytest.fixture
def get() -> Fetch:
    """One request."""
    return fetch
