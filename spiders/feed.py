"""Feeds: RSS 2.0, RSS 1.0, Atom, sitemaps and news sitemaps, and the articles that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from attrs import field, frozen
from parsel import Selector

from crawler.options import ArticleOptions, SpiderOptions, pattern
from crawler.page import Ask, Found, Page, Reader, hint_text
from crawler.reading import article_document, cut, pick, plain, read_time
from crawler.spider import SourceSpider
from model.document import Document
from model.source import ListedItem

HINT = 2000
"""Characters of the feed's own text that are kept with an item until its article is fetched."""


@frozen(kw_only=True)
class Options(SpiderOptions):
    """A feed's sheet: `url` is the feed (the format is told by its root element).

    article_pages: fetch each article (True), or keep what the feed itself says (False: video channels, feeds with full
    text). article: selectors of the article page. id_pattern: regular expression with one group that cuts the stable id
    out of the article's address (`-(\\d+)\\.html$`: slugs are edited, numbers are not); without it the id is the feed's
    guid, else the address. include, exclude: regular expressions on the address; an item is taken when include finds
    something and exclude does not. A sitemap index is followed one level deep, newest `max_pages` files.

    Example:
        options: {id_pattern: '-(\\d+)\\.html', article: {title: h1.title-detail, text: article.fck_detail, date: span.date}}
    """

    article_pages: bool = True
    article: ArticleOptions = field(factory=ArticleOptions)
    id_pattern: str = field(default="", validator=pattern)
    include: str = field(default="", validator=pattern)
    exclude: str = field(default="", validator=pattern)


def read_feed(page: Page, options: Options) -> Iterator[Found]:
    """Items of an RSS or Atom feed, a sitemap or a news sitemap; the files of a sitemap index as further asks."""
    feed = Selector(text=_from_root(page), type="xml")
    feed.remove_namespaces()
    root = feed.root.tag.lower() if isinstance(feed.root.tag, str) else ""
    if root == "sitemapindex":
        yield from _sitemaps(feed, page, options)
    elif root == "urlset":
        for entry in feed.css("url"):
            yield from _entry(_sitemap_entry(entry), page, options)
    elif root in ("rss", "rdf", "feed"):
        for entry in feed.css("item, entry"):
            yield from _entry(_feed_entry(entry), page, options)
    else:
        raise page.changed(f"neither RSS, Atom nor sitemap: the root element is {root[:40]!r}")


def read_item(page: Page, options: Options) -> Iterator[Found]:
    """The article of an item's page; what the page does not tell is taken from the feed."""
    yield article_document(page, options.article)


def _from_root(page: Page) -> str:
    """The text without what stands before its XML; sites put blank lines and notices there."""
    start = page.text.find("<")
    if start < 0:
        raise page.changed("the answer holds no markup")
    return page.text[start:]


def _sitemaps(index: Selector, page: Page, options: Options) -> Iterator[Ask]:
    if page.ask.number > 1:
        return  # a sitemap index inside a sitemap index: endless ones exist
    files = [(pick(entry, "lastmod"), pick(entry, "loc")) for entry in index.css("sitemap")]
    for _, address in sorted(files, reverse=True)[: options.max_pages]:
        yield Ask(url=page.join(address), number=2)


def _sitemap_entry(entry: Selector) -> dict[str, str]:
    return {
        "url": pick(entry, "loc"),
        "guid": "",
        "title": pick(entry, "news title, title"),
        "published": pick(entry, "publication_date") or pick(entry, "lastmod"),
        "text": "",
        "author": "",
    }


def _feed_entry(entry: Selector) -> dict[str, str]:
    address = (
        pick(entry, "link::text") or pick(entry, 'link[rel="alternate"]::attr(href)') or pick(entry, "link::attr(href)")
    )
    return {
        "url": address,
        "guid": pick(entry, "guid::text") or pick(entry, "id::text") or pick(entry, "videoId::text"),
        "title": plain(_raw(entry, "title")),
        "published": pick(entry, "pubDate, published, date") or pick(entry, "updated"),
        "text": plain(_raw(entry, "encoded") or _raw(entry, "content") or _raw(entry, "description, summary")),
        "author": pick(entry, "creator::text") or pick(entry, "author name::text") or pick(entry, "author::text"),
    }


def _raw(entry: Selector, css: str) -> str:
    """The text of an element whose content is HTML, written as CDATA or escaped."""
    return "".join(entry.css(css)[:1].xpath(".//text()").getall()).strip()


def _entry(told: dict[str, str], page: Page, options: Options) -> Iterator[Found]:
    address = page.join(told["url"])
    if not address or not _wanted(address, options):
        return
    identifier = cut(options.id_pattern, address) or told["guid"] or address
    if options.article_pages:
        hint = hint_text(
            title=told["title"], published=told["published"], text=told["text"][:HINT], author=told["author"]
        )
        yield ListedItem(external_id=identifier, url=address, hint=hint)
        return
    published, precision = read_time(told["published"], now=page.now)
    yield Document(
        source=page.source.id,
        source_kind=page.source.kind,
        external_id=identifier,
        url=address,
        title=told["title"],
        text=told["text"],
        author=told["author"],
        published=published,
        published_precision=precision,
        collected=page.now,
    )


def _wanted(address: str, options: Options) -> bool:
    if options.include and not re.search(options.include, address):
        return False
    return not (options.exclude and re.search(options.exclude, address))


class FeedSpider(SourceSpider):
    """Feeds and their articles."""

    name = "feed"
    options_type = Options
    readers: ClassVar[Mapping[str, Reader]] = {"list": read_feed, "item": read_item}
