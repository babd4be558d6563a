"""The forum: XenForo-2-like markup, threads of several pages, quoted posts, posts that were edited."""

from __future__ import annotations

from datetime import datetime
from html import escape

from town.plan import Planned, scripts
from town.state import Town
from town.web import Request, Response, breaks, local, moved, not_found, robots

BOARD = "/forums/chuyen-pho-nui.4/"
THREADS_PER_PAGE = 15
POSTS_PER_PAGE = 4


class Forum:
    """The town's forum."""

    name, kind = "forum", "forum"
    about = "Diễn đàn: chủ đề nhiều trang, bài trả lời có trích dẫn, bài có thể được sửa."

    def respond(self, request: Request, town: Town) -> Response:
        path = request.path
        if path == "/robots.txt":
            return robots(disallow=("/members/", "/account/", "/login/"))
        if path == "/":
            return moved(BOARD, 302)
        if path.startswith(BOARD):
            return self._board(path.removeprefix(BOARD), town)
        if path.startswith("/posts/"):
            return self._post(path.removeprefix("/posts/").strip("/"), town)
        if path.startswith("/threads/"):
            return self._thread(path, town)
        return not_found()

    def _board(self, tail: str, town: Town) -> Response:
        page = _page_number(tail)
        threads = threads_of(town)
        pages = -(-len(threads) // THREADS_PER_PAGE)
        if not 1 <= page <= pages:
            return not_found()
        rows = "".join(_thread_row(posts) for posts in threads[(page - 1) * THREADS_PER_PAGE : page * THREADS_PER_PAGE])
        body = f'<div class="structItemContainer"><div class="structItemContainer-group js-threadList">{rows}</div></div>{_nav(BOARD, page, pages)}'
        newest = max(post.published for post in town.documents("forum"))
        return Response(body=_frame("Chuyện phố núi", "forum_view", body), validators=True, modified=newest)

    def _thread(self, path: str, town: Town) -> Response:
        _, _, rest = path.partition("/threads/")
        name, _, tail = rest.partition("/")
        posts = next((posts for posts in threads_of(town) if name == _thread_name(posts[0])), None)
        page = _page_number(tail)
        if posts is None or not 1 <= page <= pages_of(posts):
            return not_found()
        shown = posts[(page - 1) * POSTS_PER_PAGE : page * POSTS_PER_PAGE]
        first_number = (page - 1) * POSTS_PER_PAGE + 1
        rows = "".join(_message(post, number, posts[0], town) for number, post in enumerate(shown, start=first_number))
        base = f"/threads/{_thread_name(posts[0])}/"
        nav = _nav(base, page, pages_of(posts))
        body = f'<h1 class="p-title-value">{escape(posts[0].title)}</h1>{nav}<div class="block-body js-replyNewMessageContainer">{rows}</div>{nav}'
        return Response(body=_frame(posts[0].title, "thread_view", body), validators=True, modified=shown[-1].published)

    def _post(self, number: str, town: Town) -> Response:
        for posts in threads_of(town):
            for at, post in enumerate(posts):
                if post.external_id == number:
                    page = at // POSTS_PER_PAGE + 1
                    return moved(
                        f"/threads/{_thread_name(posts[0])}/{f'page-{page}' if page > 1 else ''}#post-{number}"
                    )
        return not_found()


def threads_of(town: Town) -> list[list[Planned]]:
    """The forum's threads as lists of posts, the one with the newest post first."""
    grouped: dict[int, list[Planned]] = {}
    for item in town.documents("forum"):
        grouped.setdefault(item.thread, []).append(item)
    return sorted(grouped.values(), key=lambda posts: posts[-1].published, reverse=True)


def pages_of(posts: list[Planned]) -> int:
    """How many pages a thread has."""
    return -(-len(posts) // POSTS_PER_PAGE)


def path_of(item: Planned) -> str:
    """Where a post stands."""
    return f"/posts/{item.external_id}/"


def _thread_name(first: Planned) -> str:
    return f"{first.slug}.{first.thread}"


def _page_number(tail: str) -> int:
    tail = tail.strip("/")
    if not tail:
        return 1
    number = tail.removeprefix("page-")
    return int(number) if tail.startswith("page-") and number.isdecimal() else 0


def _nav(base: str, page: int, pages: int) -> str:
    if pages == 1:
        return ""
    links = "".join(
        f'<li class="pageNav-page{" pageNav-page--current" if number == page else ""}"><a href="{base}{f"page-{number}" if number > 1 else ""}">{number}</a></li>'
        for number in range(1, pages + 1)
    )
    jump = f'<a href="{base}page-{page + 1}" class="pageNav-jump pageNav-jump--next">Tiếp</a>' if page < pages else ""
    return f'<nav class="pageNavWrapper"><div class="pageNav"><ul class="pageNav-main">{links}</ul>{jump}</div></nav>'


def _time(moment: datetime) -> str:
    here = local(moment)
    return f'<time class="u-dt" dir="auto" datetime="{here:%Y-%m-%dT%H:%M:%S%z}" data-time="{int(moment.timestamp())}">{here:%d/%m/%y}</time>'


def _thread_row(posts: list[Planned]) -> str:
    first, last, name = posts[0], posts[-1], _thread_name(posts[0])
    pages = pages_of(posts)
    jump = (
        f'<span class="structItem-pageJump"><a href="/threads/{name}/page-{pages}">{pages}</a></span>'
        if pages > 1
        else ""
    )
    return f"""<div class="structItem structItem--thread js-threadListItem-{first.thread}" data-author="{escape(first.author)}">
<div class="structItem-cell structItem-cell--main"><div class="structItem-title"><a href="/threads/{name}/" data-tp-primary="on">{escape(first.title)}</a></div>
<div class="structItem-minor"><ul class="structItem-parts"><li>{escape(first.author)}</li><li class="structItem-startDate">{_time(first.published)}</li></ul>{jump}</div></div>
<div class="structItem-cell structItem-cell--meta"><dl class="pairs pairs--justified"><dt>Trả lời:</dt><dd>{len(posts) - 1}</dd></dl></div>
<div class="structItem-cell structItem-cell--latest"><a href="/posts/{last.external_id}/">{_time(last.published)}</a></div></div>"""


def _message(post: Planned, number: int, first: Planned, town: Town) -> str:
    quote = ""
    if post.quote:
        quote = f"""<blockquote class="bbCodeBlock bbCodeBlock--expandable bbCodeBlock--quote js-expandWatch"><div class="bbCodeBlock-title">{escape(first.author)} đã viết:</div>
<div class="bbCodeBlock-content"><div class="bbCodeBlock-expandContent">{breaks(first.text)}</div></div></blockquote>"""
    edited = (
        f'<div class="message-lastEdit">Chỉnh sửa cuối: {_time(post.published)}</div>'
        if town.is_edited(post.external_id)
        else ""
    )
    author, pid = escape(post.author), post.external_id
    return f"""<article class="message message--post js-post js-inlineModContainer" data-author="{author}" data-content="post-{pid}" id="js-post-{pid}"><span class="u-anchorTarget" id="post-{pid}"></span>
<div class="message-inner"><div class="message-cell message-cell--user"><section class="message-user"><h4 class="message-name"><a href="/members/{post.thread}{number}/" class="username">{author}</a></h4><h5 class="userTitle">Thành viên</h5></section></div>
<div class="message-cell message-cell--main"><header class="message-attribution"><a href="/posts/{pid}/" rel="nofollow">{_time(post.published)}</a><a href="/posts/{pid}/">#{number}</a></header>
<div class="message-content js-messageContent"><article class="message-body js-selectToQuote"><div class="bbWrapper">{quote}{breaks(post.text)}</div></article>{edited}</div>
<footer class="message-footer"><div class="reactionsBar"><a href="/posts/{pid}/reactions">{int(pid) % 19} thích</a></div></footer></div></div></article>"""


def _frame(title: str, template: str, body: str) -> str:
    heading = scripts()["sites"]["forum"]["heading"]
    return f"""<!DOCTYPE html><html id="XF" lang="vi-VN" dir="LTR" data-app="public" data-template="{template}"><head><meta charset="utf-8"><title>{escape(title)} | {heading}</title>
<style>body{{font:15px/1.5 "Segoe UI",sans-serif;margin:0;background:#edf0f3}}.p-header{{background:#23497c;color:#fff;padding:14px 22px;font-size:20px}}.p-body{{max-width:960px;margin:14px auto;background:#fff;padding:14px}}
.structItem{{display:flex;border-bottom:1px solid #e2e6ea;padding:8px 0}}.structItem-cell--main{{flex:1}}.structItem-cell{{padding:0 8px}}.structItem-parts{{list-style:none;display:flex;gap:8px;padding:0;color:#789;font-size:13px}}
a{{color:#23497c;text-decoration:none}}.message-inner{{display:flex;border:1px solid #dfe4e9;margin:8px 0}}.message-cell--user{{width:140px;background:#f5f7f9;padding:8px}}.message-cell--main{{flex:1;padding:10px}}
.bbCodeBlock{{border-left:3px solid #9ab;background:#f6f8fa;margin:6px 0;padding:6px 10px}}.message-lastEdit,.message-footer{{color:#89a;font-size:12px}}.pageNav-main{{display:inline-flex;gap:6px;list-style:none;padding:0}}</style></head>
<body data-template="{template}"><div class="p-pageWrapper"><header class="p-header">{heading}</header><div class="p-body">{body}</div>
<footer class="p-footer"><p>Quản trị diễn đàn: 0900 000 933. Nội dung do thành viên đăng.</p></footer></div></body></html>"""
