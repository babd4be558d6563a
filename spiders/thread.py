"""Conversations: forum threads and channels whose messages have their own identity; an edited post is a new version."""

from __future__ import annotations

from attrs import field, frozen

from crawler.options import SpiderOptions, bounds, pattern


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
