"""Pages that need a real browser: first records in the page's JSON, the rest by the requests it makes while scrolling."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from attrs import field, frozen

from crawler.browser import BrowserSpiderBase, Capture
from crawler.health import Verdict
from crawler.options import RecordOptions, SpiderOptions, bounds
from crawler.page import Ask, Found, Page, Reader
from crawler.reading import dig, first, read_record, search_key
from crawler.visit import Visit
from model.source import Cursor, Source, SourceState


@frozen(kw_only=True)
class Options(SpiderOptions):
    """A browser page's sheet: `url` is the page.

    connection: the key under which a list of records with its end stands, searched at any depth of the page's JSON and
    of each answer (`search_results_connection`). edges: path inside it of the records (`edges[].node.collated_results[]`).
    has_next: path inside it that is false at the end (`page_info.has_next_page`); only that proves the end: a scroll
    that brings nothing more is not one. total: path inside it of the number of records ("" when not told).
    embedded: CSS of the scripts that hold JSON in the page. responses: regular expression on the address of the answers
    to read. record: where the parts of a document stand in a record. ready: CSS to wait for before scrolling.
    max_scrolls; settle: seconds to wait for an answer after a scroll; max_seconds: the whole visit (45 s by default).

    Example:
        options:
          embedded: 'script[type="application/json"]'
          responses: /api/graphql
          connection: search_results_connection
          edges: 'edges[].node.collated_results[]'
          has_next: page_info.has_next_page
          total: count
          record: {id: ad_archive_id, url: 'https://x.vn/ads/{ad_archive_id}', author: page_name,
                   title: snapshot.title, text: 'snapshot.body.text + snapshot.link_url', published: start_date}
    """

    connection: str
    edges: str
    record: RecordOptions
    has_next: str = "page_info.has_next_page"
    total: str = ""
    embedded: str = 'script[type="application/json"]'
    responses: str = ""
    ready: str = ""
    max_scrolls: int = field(default=60, validator=bounds(0, 1000))
    settle: float = field(default=1.0, validator=bounds(0.05, 15))
    max_seconds: float = field(default=45.0, validator=bounds(1, 180))


def read_page(page: Page, options: Options) -> Iterator[Found]:
    """The records of the page's own JSON and of the answers to its requests; a doubt, when the end was not proven."""
    texts = page.captured or tuple(page.selector.css(f"{options.embedded}::text").getall())
    connections = list(connections_in(texts, options.connection))
    if not connections:
        raise page.changed(f"neither the page nor its requests hold {options.connection!r}")
    seen: set[str] = set()
    for connection in connections:
        for record in dig(connection, options.edges):
            document = read_record(record, options.record, page)
            if document is not None and document.external_id not in seen:
                seen.add(document.external_id)
                yield document
    total = first(connections[0], options.total) if options.total else None
    if not any(is_last(connection, options) for connection in connections):
        of = f" of {total}" if total is not None else ""
        yield Verdict(state=SourceState.DRIFT, reason=f"{len(seen)}{of} records seen and no proof that these are all")


def connections_in(texts: Sequence[str], key: str) -> Iterator[Any]:
    """Every list of records in JSON texts. An answer may begin `for (;;);` and hold several JSON values, one a line."""
    for text in texts:
        if key not in text:
            continue
        bare = text.strip().removeprefix("for (;;);").strip()
        for part in [bare] if _is_json(bare) else bare.splitlines():
            if _is_json(part):
                yield from (found for found in search_key(json.loads(part), key) if isinstance(found, Mapping))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def is_last(connection: Any, options: Options) -> bool:
    """Whether a list of records says that none follow."""
    return dig(connection, options.has_next) == [False]


class BrowserSpider(BrowserSpiderBase):
    """Pages that need a browser."""

    name = "browser"
    options_type = Options
    readers: ClassVar[Mapping[str, Reader]] = {"list": read_page}

    @classmethod
    def first_asks(cls, source: Source, options: Options, cursor: Cursor) -> Iterator[Ask]:
        """The page, always whole: what it holds comes by its own requests."""
        yield Ask(url=source.url, conditional=False)

    def plan(self, visit: Visit, ask: Ask) -> tuple[Capture, dict[str, Any]]:
        """Scrolls until an answer says that no records follow."""
        options = visit.options
        assert isinstance(options, Options)

        def ended(texts: Sequence[str]) -> bool:
            return any(is_last(found, options) for found in connections_in(texts[-2:], options.connection))

        return Capture(wanted=options.responses), {
            "ended": ended,
            "embedded": options.embedded,
            "ready": options.ready,
            "rounds": options.max_scrolls,
            "settle": options.settle,
            "seconds": options.max_seconds,
        }
