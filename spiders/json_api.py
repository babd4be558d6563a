"""JSON interfaces that answer in pages: classifieds, WordPress REST, public timelines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from attrs import field, frozen, validators

from crawler.options import RecordOptions, SpiderOptions
from crawler.page import Ask, Found, Page, Reader
from crawler.reading import dig, fill, first, read_record, record_id
from crawler.spider import SourceSpider
from model.source import Cursor, ListedItem, Source


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
    paging: PagingOptions = field(factory=PagingOptions)
    detail: str = ""
    detail_record: str = ""


def read_list(page: Page, options: Options) -> Iterator[Found]:
    """The records of one answer, as documents or (with `detail`) as items, and the next page."""
    records = _records(page, options)
    for record in records:
        if not options.detail:
            document = read_record(record, options.record, page)
            if document is not None:
                yield document
            continue
        identifier, address = record_id(record, options.record), page.join(fill(options.detail, record))
        if identifier and address:
            yield ListedItem(external_id=identifier, url=address)
    following = _next(page, options, len(records)) if records and page.ask.number < options.max_pages else ""
    if following:
        yield Ask(url=following, number=page.ask.number + 1, chain=page.ask.chain, only_if_new=True)


def read_detail(page: Page, options: Options) -> Iterator[Found]:
    """The full record of one item."""
    document = read_record(
        first(page.data, options.detail_record) if options.detail_record else page.data, options.record, page
    )
    if document is None:
        raise page.changed(f"the record has nothing at {options.record.id!r}")
    yield document


def _records(page: Page, options: Options) -> list[Any]:
    """The list of records. Raises LayoutChangedError when there is none; an empty one is only empty."""
    data = page.data
    if not options.records:
        found: Any = data
    elif options.records.endswith("[]"):
        return dig(data, options.records)
    else:
        found = first(data, options.records)
    if not isinstance(found, list):
        shown = json.dumps(data, ensure_ascii=True)[:60]
        raise page.changed(f"no list of records at {options.records!r}; the answer begins {shown}")
    return found


def _next(page: Page, options: Options, records: int) -> str:
    """Address of the page after this one; "" at the end."""
    paging = options.paging
    if paging.style == "none":
        return ""
    if paging.style in ("cursor", "link"):
        told = first(page.data, paging.next)
        if told is None or isinstance(told, bool | dict | list):
            return ""
        return page.join(str(told)) if paging.style == "link" else _with(page.ask.url, {paging.parameter: str(told)})
    begin = paging.start if paging.start >= 0 else int(paging.style == "page")
    query = dict(parse_qsl(urlsplit(page.ask.url).query, keep_blank_values=True))
    here = int(query[paging.parameter]) if query.get(paging.parameter, "").isdigit() else begin
    step = 1 if paging.style == "page" else (paging.size or records)
    seen = (here - begin + 1) * (paging.size or records) if paging.style == "page" else here - begin + records
    total = first(page.data, paging.total) if paging.total else None
    if (isinstance(total, int) and seen >= total) or records < paging.size:
        return ""
    return _with(page.ask.url, {paging.parameter: str(here + step)})


def _with(address: str, parameters: Mapping[str, str]) -> str:
    """The address with these query parameters set."""
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(parameters)
    return urlunsplit(parts._replace(query=urlencode(query)))


class JsonApiSpider(SourceSpider):
    """Interfaces that answer in pages of JSON."""

    name = "json_api"
    options_type = Options
    readers: ClassVar[Mapping[str, Reader]] = {"list": read_list, "item": read_detail}
    api = True

    @classmethod
    def first_asks(cls, source: Source, options: Options, cursor: Cursor) -> Iterator[Ask]:
        """The first page, with the size of a page in the query."""
        paging = options.paging
        given = {paging.size_parameter: str(paging.size)} if paging.size and paging.size_parameter else {}
        yield Ask(url=_with(source.url, given) if given else source.url)
