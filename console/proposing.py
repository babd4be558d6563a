"""A first sheet for an address: what can be told from the address alone."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from model.errors import ConfigError
from model.source import NOT_CHECKED, Origin, Source

_FEED = re.compile(r"rss|atom|feed|sitemap|\.xml")


def guess_source(url: str) -> Source:
    """A source for the address, to be looked over by a person. Raises ConfigError for what is no web address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{url!r} không phải địa chỉ web", key="URL", cure="Viết với http:// hoặc https://")
    host = parts.hostname.removeprefix("www.")
    words = re.sub(
        r"[^a-z0-9]+", "_", f"{host.rpartition('.')[0] or host}_{parts.path.rpartition('.')[0]}".lower()
    ).strip("_")
    return Source(
        id=(words if words[:1].isalpha() else f"s_{words}")[:60].rstrip("_"),
        title=host,
        spider="feed" if _FEED.search(f"{parts.path}?{parts.query}".lower()) else "listing",
        kind="news",
        url=url,
        notice=NOT_CHECKED,
        origin=Origin.SITE,
    )
