"""What passes between a spider's readers and the mechanics: a page goes in; documents, listed items, further asks and marks come out.

A reader is a pure function `(Page, Options) -> iterable of Document | ListedItem | Ask | Mark | Verdict`. A `ListedItem` is an item
with a page of its own, fetched only if it is not known; a `Document` is kept as it is; an `Ask` is a further page; a `Verdict`
is a doubt about the page, noted in the visit's run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias
from urllib.parse import urljoin

from attrs import field, frozen
from parsel import Selector

from crawler.health import Verdict
from extraction.article import refuse_bombs
from model.document import Document
from model.errors import LayoutChangedError
from model.source import ListedItem, Source


@frozen(kw_only=True)
class Ask:
    """A page to be fetched.

    reader: which of the spider's readers reads it. number: its place among the pages of one listing, from 1. chain: the
    listing's name in the cursor's marks, so that an interrupted walk is taken up at the next visit; "" for none.
    only_if_new: follow it only when the page that asks for it gave something not known before. item: the listed item
    whose page this is. root: address of the first of the pages that this is one of, for the spider's own use.
    conditional: send the validators of the last answer.
    """

    url: str
    reader: str = "list"
    number: int = 1
    chain: str = ""
    only_if_new: bool = False
    item: ListedItem | None = None
    root: str = ""
    conditional: bool = True

    @property
    def lists(self) -> bool:
        """Whether it is a page of the source's listing, on whose health the source's health rests."""
        return self.item is None and self.reader == "list"


@frozen(kw_only=True)
class Mark:
    """Something the spider wants to remember of this source until the next visit; value None forgets it."""

    name: str
    value: str | None


@frozen(kw_only=True, slots=False)
class Page:
    """A page that was fetched, classified as ok, and is to be read.

    url: after redirects. now: when it was fetched. captured: bodies of the answers to the page's own requests, in order
    (browser only). Selector and data are parsed at first use.
    """

    source: Source
    url: str
    text: str
    now: datetime
    ask: Ask = field(factory=lambda: Ask(url=""))
    captured: tuple[str, ...] = ()

    @cached_property
    def selector(self) -> Selector:
        """The page as HTML. Raises BadDocumentError for one whose parsing would not end in time."""
        refuse_bombs(self.text)
        return Selector(text=self.text, type="html")

    @cached_property
    def data(self) -> Any:
        """The page as JSON. Raises LayoutChangedError when it is not."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise self.changed(f"the answer is not JSON ({type(error).__name__})") from None

    @property
    def hint(self) -> Mapping[str, str]:
        """What the listing told of this item."""
        hint: Mapping[str, str] = json.loads(self.ask.item.hint) if self.ask.item else {}
        return hint

    def join(self, address: str) -> str:
        """An address on this page as an absolute one; "" when it is none, or not an http address."""
        written = address.strip()
        return web_address(urljoin_or_empty(self.url, written)) if written else ""

    def changed(self, problem: str) -> LayoutChangedError:
        """The error for a page that is not as the sheet expects."""
        return LayoutChangedError(problem, source=self.source.id, url=self.url)


Found: TypeAlias = Document | ListedItem | Ask | Mark | Verdict
Reader: TypeAlias = Callable[[Page, Any], Iterable[Found]]

LONGEST_ADDRESS = 2048


def urljoin_or_empty(base: str, address: str) -> str:
    """`urljoin`, total: what cannot be joined is ""."""
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def web_address(address: str) -> str:
    """The address if a crawler may ask for it: http or https, no control character, backslash or user name, not longer
    than 2,048 characters; else ""."""
    scheme, separator, rest = address.partition("://")
    authority = rest.partition("/")[0].partition("?")[0].partition("#")[0]
    if not separator or scheme.lower() not in ("http", "https") or not authority:
        return ""
    if len(address) > LONGEST_ADDRESS or "@" in authority or "\\" in address:
        return ""
    if any(ord(character) < 33 or ord(character) == 127 for character in address):
        return ""
    return address


def hint_text(**told: str) -> str:
    """What a listing told of an item, as `ListedItem.hint`; empty values are left out."""
    return json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=False)
