"""Listings: an HTML page that names articles, and the articles."""

from __future__ import annotations

from attrs import field, frozen

from crawler.options import ArticleOptions, SpiderOptions, pattern


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
    article: ArticleOptions = ArticleOptions()
