"""Feeds: RSS 2.0, RSS 1.0, Atom, sitemaps and news sitemaps, and the articles that they name."""

from __future__ import annotations

from attrs import field, frozen

from crawler.options import ArticleOptions, SpiderOptions, pattern


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
    article: ArticleOptions = ArticleOptions()
    id_pattern: str = field(default="", validator=pattern)
    include: str = field(default="", validator=pattern)
    exclude: str = field(default="", validator=pattern)
