"""Listings: an HTML page that names articles, and the articles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from attrs import field, frozen

from crawler.options import ArticleOptions, SpiderOptions, pattern
from crawler.page import Ask, Found, Page, Reader, hint_text
from crawler.reading import article_document, cut, pick
from crawler.spider import SourceSpider
from extraction.fingerprint import canonical_url
from model.source import ListedItem


@frozen(kw_only=True)
class Options(SpiderOptions):
    """A listing's sheet: `url` is its first page.

    item: CSS of one entry (needed). link: CSS inside the entry of its address. title, date: CSS inside the entry, used
    where the article page does not tell. id_pattern: regular expression with one group that cuts the stable id out of
    the address; without it the id is the canonical address. next: CSS of the link to the next page; page_url: an address
    with {page} in it (2, 3, ...) instead. Pages after the first are asked for only while a page named something new, and
    up to max_pages. article: selectors of the article page.

    Example:
        options:
          item: ul.news-list > li
          link: h3 a::attr(href)
          date: span.date
          id_pattern: '/(\\d+)$'
          next: a.next::attr(href)
          max_pages: 3
          article: {title: h1, text: '#divArticleContent', date: .ngaydang, remove: '.visitor-stats, .video'}
    """

    item: str
    link: str = "a::attr(href)"
    title: str = ""
    date: str = ""
    id_pattern: str = field(default="", validator=pattern)
    next: str = ""
    page_url: str = ""
    article: ArticleOptions = field(factory=ArticleOptions)


def read_list(page: Page, options: Options) -> Iterator[Found]:
    """The items of a listing page, and the next page."""
    entries = page.selector.css(options.item)
    if not entries:
        raise page.changed(f"nothing on the page is {options.item!r}")
    usable = 0
    for entry in entries:
        address = page.join(pick(entry, options.link))
        if not address:
            continue
        usable += 1
        yield ListedItem(
            external_id=cut(options.id_pattern, address) or canonical_url(address),
            url=address,
            hint=hint_text(title=pick(entry, options.title), published=pick(entry, options.date)),
        )
    if not usable:
        raise page.changed(f"no entry has an address at {options.link!r}")
    following = _next(page, options)
    if following and page.ask.number < options.max_pages:
        yield Ask(url=following, number=page.ask.number + 1, chain=page.ask.chain, only_if_new=True)


def _next(page: Page, options: Options) -> str:
    if options.page_url:
        return page.join(options.page_url.replace("{page}", str(page.ask.number + 1)))
    return page.join(pick(page.selector, options.next)) if options.next else ""


def read_item(page: Page, options: Options) -> Iterator[Found]:
    """The article of an item's page."""
    yield article_document(page, options.article)


class ListingSpider(SourceSpider):
    """HTML listings and their articles."""

    name = "listing"
    options_type = Options
    readers: ClassVar[Mapping[str, Reader]] = {"list": read_list, "item": read_item}
