"""Opens the search index that a URL names; a driver is imported only when its adapter is chosen."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from indexer.port import MirrorTarget, SearchIndex
from model.errors import ConfigError

BACKENDS: Mapping[str, str] = {
    "sqlite": "indexer.backends.embedded",
    "http": "indexer.backends.elasticsearch",
    "https": "indexer.backends.elasticsearch",
}
"""URL scheme to the module whose `open_url(url, **options)` makes the adapter."""

MIRRORS: Mapping[str, str] = {
    "http": "indexer.backends.elasticsearch_mirror",
    "https": "indexer.backends.elasticsearch_mirror",
}
"""URL scheme to the module whose `open_mirror(url, **options)` makes the mirror; the others need none."""


def open_index(url: str, **options: object) -> SearchIndex:
    """The index behind `sqlite:///relative/path`, `sqlite:////absolute/path` or `http(s)://host:port`.

    options: for Elasticsearch `api_key`, `ca_certs` (file), `insecure` (allow an unprotected address that is not
    loopback), `prefix` of index names; user and password stand in the URL. Raises ConfigError for a URL it cannot use.
    """
    scheme = urlsplit(url).scheme
    if scheme not in BACKENDS:
        raise ConfigError(
            f"{url!r} names no search index",
            key="CANHGIAC_INDEX_URL",
            cure="Use sqlite:////path/index.db or http(s)://host:9200",
        )
    module = importlib.import_module(BACKENDS[scheme])
    opener: Callable[..., SearchIndex] = module.open_url
    return opener(url, **options)


def open_mirror(url: str, **options: object) -> MirrorTarget | None:
    """Where leads, the register and sources are mirrored beside the index at `url`; None where there is no Kibana to read
    them. options as those of `open_index`."""
    name = MIRRORS.get(urlsplit(url).scheme)
    if name is None:
        return None
    opener: Callable[..., MirrorTarget] = importlib.import_module(name).open_mirror
    return opener(url, **options)
