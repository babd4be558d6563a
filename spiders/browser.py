"""Pages that need a real browser: first records in the page's JSON, the rest by the requests it makes while scrolling."""

from __future__ import annotations

from attrs import field, frozen

from crawler.options import RecordOptions, SpiderOptions, bounds


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
