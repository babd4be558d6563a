"""JSON interfaces that answer in pages: classifieds, WordPress REST, public timelines."""

from __future__ import annotations

from attrs import field, frozen, validators

from crawler.options import RecordOptions, SpiderOptions


@frozen(kw_only=True)
class PagingOptions:
    """How the next page is asked for.

    style: `none`; `offset` (parameter = records seen so far); `page` (parameter = 1, 2, ...); `cursor` (parameter =
    what `next` gives); `link` (`next` gives the address of the next page). parameter: name in the query string.
    start: number of the first page, or first offset. size, size_parameter: records to a page, sent when both are given.
    next: path of the cursor or link in the answer. total: path of the number of all records; paging ends there.
    """

    style: str = field(default="none", validator=validators.in_(("none", "offset", "page", "cursor", "link")))
    parameter: str = "page"
    start: int = -1
    size: int = 0
    size_parameter: str = ""
    next: str = ""
    total: str = ""


@frozen(kw_only=True)
class Options(SpiderOptions):
    """An interface's sheet: `url` is the first page.

    records: path of the list of records ("" when the answer is the list). record: where the parts of a document stand
    in a record. detail: address with paths in braces (`https://x.vn/api/ads/{list_id}`) of the full record, fetched for
    records not seen before; detail_record: path of the record in that answer. Further pages are asked for only while a
    page held something new, and up to max_pages: order is not strictly by time, so one known record ends nothing.

    Example:
        options:
          records: ads
          record: {id: list_id, url: 'https://x.vn/{list_id}.htm', title: subject, text: body, author: account_name, published: list_time}
          paging: {style: offset, parameter: o, size: 50, size_parameter: limit, total: total}
          max_pages: 4
    """

    record: RecordOptions
    records: str = ""
    paging: PagingOptions = PagingOptions()
    detail: str = ""
    detail_record: str = ""
