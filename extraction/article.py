"""Title, text, author and time of an article page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen
from bs4 import BeautifulSoup


@frozen(kw_only=True)
class Article:
    """What a page says, without what stands around it. published: aware UTC or None; precision: `minute` or `day`."""

    title: str = ""
    text: str = ""
    author: str = ""
    published: datetime | None = None
    precision: str = "minute"
    images: tuple[str, ...] = ()


def html_to_text(html_fragment: str) -> str:
    """Text of an HTML fragment, one line per block."""
    return BeautifulSoup(html_fragment, "lxml").get_text("\n", strip=True)


def read_article(html: str, *, url: str, selectors: Mapping[str, str] = {}) -> Article:  # noqa: B006 - never changed
    """The article of a page."""
    return Article(text=html_to_text(html))
