"""Conversations: forum threads and channels whose messages have their own identity; an edited post is a new version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import ClassVar
from urllib.parse import urldefrag

from attrs import field, frozen
from parsel import Selector

from crawler.options import SpiderOptions, bounds, pattern
from crawler.page import Ask, Found, Mark, Page, Reader, hint_text, web_address
from crawler.reading import cut, pick, pick_all, read_count, read_time, without
from crawler.spider import SourceSpider
from extraction.fingerprint import canonical_url
from model.document import Document
from model.ids import stable_id
from model.source import Cursor, ListedItem, Source

THREADS_MARK = "threads"


@frozen(kw_only=True)
class PostOptions:
    """Selectors of one post or message.

    item: CSS of one post on the page (needed). The others are inside it: id (needed; `::attr(data-post)` is the
    item's own attribute), text, title, author, date (a `datetime` attribute or written date), url (its permanent
    address; without it the page's address with `#` and the id), images, likes, comments, shares, views (37.2K is read).
    remove: CSS of parts that are not the post (quotes, signatures). id_pattern: regular expression with one group that
    cuts the id out of what `id` gives (`post-(\\d+)`). skip: CSS; a post that has it is not taken (service messages).
    """

    item: str
    id: str
    text: str
    id_pattern: str = field(default="", validator=pattern)
    title: str = ""
    author: str = ""
    date: str = ""
    url: str = ""
    images: str = ""
    likes: str = ""
    comments: str = ""
    shares: str = ""
    views: str = ""
    remove: str = ""
    skip: str = ""


@frozen(kw_only=True)
class ThreadListOptions:
    """Selectors of a forum's list of threads: thread: CSS of one row; the others inside it: link, title, and activity
    (what changes when somebody answers: time of the last post or number of answers).

    A thread is fetched when it is new or its activity changed; the newest `recheck` threads are fetched at every visit
    (by conditional GET), so that edited posts are seen.
    """

    thread: str
    link: str = "a::attr(href)"
    title: str = ""
    activity: str = ""
    recheck: int = field(default=10, validator=bounds(0, 200))


@frozen(kw_only=True)
class Options(SpiderOptions):
    """A conversation's sheet. `url` is the channel page, or with `list` the forum's list of threads.

    post: selectors of a post. list: only for forums. title: CSS on the page of the thread's title, given to its first
    post. older: CSS of the link to older posts (`?before=`), followed while a page held something new, up to max_pages.
    next: CSS of the link to the next page of a thread (or, with list_next, of the list). list_next: CSS on the list page.

    Example (channel):
        options:
          post: {item: '.tgme_widget_message', id: '::attr(data-post)', text: '.tgme_widget_message_text',
                 date: 'time::attr(datetime)', views: '.tgme_widget_message_views', author: '.tgme_widget_message_owner_name'}
          older: 'a.tme_messages_more::attr(href)'
          max_pages: 10
    Example (forum):
        options:
          list: {thread: .structItem--thread, link: '.structItem-title a::attr(href)', activity: 'time.last::attr(datetime)'}
          title: h1.p-title-value
          post: {item: article.message--post, id: '::attr(data-content)', id_pattern: 'post-(\\d+)', text: .bbWrapper,
                 author: '::attr(data-author)', date: 'time::attr(datetime)', remove: .bbCodeBlock--quote}
          next: a.pageNav-jump--next::attr(href)
          max_pages: 5
    """

    post: PostOptions
    list: ThreadListOptions | None = None
    title: str = ""
    older: str = ""
    next: str = ""
    list_next: str = ""


def read_start(page: Page, options: Options) -> Iterator[Found]:
    """The source's own page: a forum's list of threads, or a page of a channel."""
    return _read_threads(page, options, options.list) if options.list else _read_channel(page, options)


def _read_channel(page: Page, options: Options) -> Iterator[Found]:
    yield from _posts(page, options)
    older = page.join(pick(page.selector, options.older)) if options.older else ""
    if older and page.ask.number < options.max_pages:
        yield Ask(url=older, number=page.ask.number + 1, chain=page.ask.chain, only_if_new=True)


def _read_threads(page: Page, options: Options, listed: ThreadListOptions) -> Iterator[Found]:
    rows = page.selector.css(listed.thread)
    if not rows:
        raise page.changed(f"nothing on the page is {listed.thread!r}")
    addresses: list[str] = []
    for row in rows:
        address = page.join(pick(row, listed.link))
        if not address:
            continue
        addresses.append(address)
        activity = pick(row, listed.activity)
        yield ListedItem(
            external_id=f"thread:{canonical_url(address)}" + (f"@{activity}" if activity else ""),
            url=address,
            hint=hint_text(title=pick(row, listed.title)),
        )
    if not addresses:
        raise page.changed(f"no thread has an address at {listed.link!r}")
    if page.ask.number == 1:
        newest = addresses[: listed.recheck]
        yield Mark(name=THREADS_MARK, value=json.dumps(newest) if newest else None)
        yield from (_thread(address) for address in newest)
    following = page.join(pick(page.selector, options.list_next)) if options.list_next else ""
    if following and page.ask.number < options.max_pages:
        yield Ask(url=following, number=page.ask.number + 1, chain=page.ask.chain, only_if_new=True)


def _thread(address: str) -> Ask:
    return Ask(url=address, reader="item", root=address)


def read_thread(page: Page, options: Options) -> Iterator[Found]:
    """The posts of one page of a thread, and its next page."""
    yield from _posts(page, options)
    following = page.join(pick(page.selector, options.next)) if options.next else ""
    number = page.ask.number
    if following and number < options.max_pages:
        yield Ask(url=following, reader="item", number=number + 1, item=page.ask.item, root=page.ask.root)
    elif number > 1 and page.ask.root:
        yield Mark(name=_last_mark(page.ask.root), value=page.url)


def _last_mark(address: str) -> str:
    """Name of the mark that remembers the last page of a thread."""
    return f"last:{stable_id('thread', canonical_url(address))}"


def _posts(page: Page, options: Options) -> Iterator[Document]:
    """The posts of a page. Raises LayoutChangedError when there is none that can be read."""
    wanted = options.post
    posts = page.selector.css(wanted.item)
    if not posts:
        raise page.changed(f"nothing on the page is {wanted.item!r}")
    title = pick(page.selector, options.title)
    begins = page.ask.number == 1
    readable = 0
    for place, post in enumerate(posts):
        if wanted.skip and post.css(wanted.skip):
            readable += 1
            continue
        document = _post(post, page, wanted, title=title if begins and place == 0 else "")
        if document is not None:
            readable += 1
            yield document
    if not readable:
        raise page.changed(f"no post has an id at {wanted.id!r} and a text at {wanted.text!r}")


def _post(post: Selector, page: Page, wanted: PostOptions, *, title: str) -> Document | None:
    identifier = pick(post, wanted.id)
    if wanted.id_pattern:
        identifier = cut(wanted.id_pattern, identifier)
    if not identifier:
        return None
    published, precision = read_time(pick(post, wanted.date), now=page.now)
    address = page.join(pick(post, wanted.url)) if wanted.url else f"{urldefrag(page.url)[0]}#{identifier}"
    own = {
        name: pick(post, getattr(wanted, name)) for name in ("title", "author", "likes", "comments", "shares", "views")
    }
    images = tuple(
        image for value in pick_all(post, wanted.images) if (image := web_address(page.join(_in_style(value))))
    )
    text = pick(without(post, wanted.remove), wanted.text)
    if not text and not images and not own["title"]:
        return None
    return Document(
        source=page.source.id,
        source_kind=page.source.kind,
        external_id=identifier,
        url=address,
        title=own["title"] or title,
        text=text,
        author=own["author"],
        published=published,
        published_precision=precision,
        collected=page.now,
        images=images,
        likes=read_count(own["likes"]),
        comments=read_count(own["comments"]),
        shares=read_count(own["shares"]),
        views=read_count(own["views"]),
    )


_URL = re.compile(r"""url\(\s*(["']?)(?P<address>.*?)\1\s*\)""")


def _in_style(value: str) -> str:
    """The address in a style (`background-image:url('...')`, as channel previews have it), else the value itself."""
    found = _URL.search(value)
    return found["address"] if found else value


class ThreadSpider(SourceSpider):
    """Forums and channels."""

    name = "thread"
    options_type = Options
    readers: ClassVar[Mapping[str, Reader]] = {"list": read_start, "item": read_thread}

    @classmethod
    def item_ask(cls, item: ListedItem, source: Source, options: Options) -> Ask:
        """A thread is asked for conditionally: a new answer may be all that changed."""
        return Ask(url=item.url, reader="item", item=item, root=item.url)

    @classmethod
    def unchanged_asks(cls, ask: Ask, source: Source, options: Options, cursor: Cursor) -> Iterator[Ask]:
        """After an unchanged list the newest threads, after an unchanged first page the thread's last."""
        if ask.reader == "list":
            for address in json.loads(cursor.marks.get(THREADS_MARK, "[]")):
                yield _thread(address)
        elif ask.number == 1 and (last := cursor.marks.get(_last_mark(ask.url))):
            yield Ask(url=last, reader="item", number=2, item=ask.item, root=ask.root)
