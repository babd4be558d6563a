"""The town's front page: what its sites are, the button that publishes a scam post, and a ledger of what visitors asked for."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from html import escape

from town import address
from town.plan import Planned, scripts
from town.sites.forum import threads_of
from town.state import Town
from town.web import Request, Response, moved, not_found, robots

EDIT_TEXT = "\n\nCập nhật: mình đã ra công an phường trình báo, mọi người cẩn thận nha."


class Index:
    """The front page. `POST /publish` (fields `token`, `site`: channel or forum) publishes; `POST /edit` (field `post`, an id) edits a forum post."""

    name, kind = "index", ""
    about = "Trang giới thiệu."

    def __init__(self, others: tuple[tuple[str, str], ...]) -> None:
        self.others = others

    def respond(self, request: Request, town: Town) -> Response:
        if request.method == "POST":
            return self._post(request, town)
        if request.path == "/robots.txt":
            return robots()
        if request.path == "/so-lieu.json":
            return Response(body=json.dumps(town.ledger(), ensure_ascii=False), type="application/json; charset=utf-8")
        return self._page(request, town) if request.path == "/" else not_found()

    def _post(self, request: Request, town: Town) -> Response:
        if request.path == "/publish":
            site = request.form("site", "channel")
            if site not in ("channel", "forum"):
                return Response(
                    status=400,
                    body='{"error":"site phải là channel hoặc forum"}',
                    type="application/json; charset=utf-8",
                )
            post = town.publish(request.form("token") or secrets.token_hex(8), site, datetime.now(UTC))
            return self._published(request, post, town)
        if request.path == "/edit":
            chosen = (
                request.form("post")
                or next(item for item in town.plan.of("forum") if item.campaign and item.title).external_id
            )
            status = 200 if town.edit(chosen, EDIT_TEXT) else 404
            return Response(status=status, body=json.dumps({"post": chosen}), type="application/json; charset=utf-8")
        return not_found()

    def _published(self, request: Request, post: Planned, town: Town) -> Response:
        if "application/json" not in request.headers.get("accept", ""):
            return moved(f"/?da-dang={post.site}", 303)
        data = {
            "site": post.site,
            "external_id": post.external_id,
            "url": town.addresses[post.site] + address.path_of(post),
            "campaign": post.campaign,
            "identifiers": [{"kind": surface.kind, "value": surface.value} for surface in post.surfaces],
        }
        return Response(body=json.dumps(data, ensure_ascii=False), type="application/json; charset=utf-8")

    def _page(self, request: Request, town: Town) -> Response:
        names = scripts()["sites"]
        cards = "".join(
            f'<a class="card" href="{town.addresses[name]}{address.FRONT[name]}"><h3>{escape(names[name]["title"])}</h3><p>{escape(about)}</p><small>{len(town.documents(name))} bài</small></a>'
            for name, about in self.others
        )
        done = {"channel": "kênh tin", "forum": "diễn đàn"}.get(request.query("da-dang"), "")
        notice = (
            f'<p class="notice">Đã đăng một tin lừa đảo mới trên {done}. Cảnh Giác sẽ thấy trong vài giây.</p>'
            if done
            else ""
        )
        buttons = "".join(
            f'<form method="post" action="/publish"><input type="hidden" name="token" value="{secrets.token_hex(8)}"><input type="hidden" name="site" value="{site}"><button>Đăng tin lừa đảo mới {where}</button></form>'
            for site, where in (("channel", "lên kênh tin"), ("forum", "lên diễn đàn"))
        )
        return Response(body=_PAGE.format(notice=notice, buttons=buttons, cards=cards, seed=town.seed))


def _editable(town: Town) -> Planned:
    """The opening post of the newest thread that tells of a fraud."""
    return next(posts[0] for posts in threads_of(town) if posts[0].campaign)


_PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Thị trấn giả lập của Cảnh Giác</title>
<style>body{{font:17px/1.55 system-ui,sans-serif;margin:0;background:#f4f1ea;color:#23302b}}header{{background:#14532d;color:#fff;padding:32px 24px}}header h1{{margin:0 0 6px;font-size:28px}}
main{{max-width:980px;margin:24px auto;padding:0 18px}}.grid{{display:grid;grid-template-columns:repeat(auto-fill,minmax(280px,1fr));gap:16px}}.card{{background:#fff;border-radius:12px;padding:16px 18px;text-decoration:none;color:inherit;box-shadow:0 1px 3px #0002}}
.card:hover{{box-shadow:0 4px 12px #0003}}.card h3{{margin:0 0 6px;color:#14532d}}.card p{{margin:0 0 8px}}small{{color:#777}}form{{display:inline-block;margin:0 10px 10px 0}}
button{{font:inherit;background:#b42318;color:#fff;border:0;border-radius:10px;padding:12px 20px;cursor:pointer}}.notice{{background:#e6f4ea;border-left:4px solid #14532d;padding:10px 14px}}</style></head>
<body><header><h1>Thị trấn giả lập</h1><p>Sáu trang web chạy trên máy này để trình diễn và kiểm thử Cảnh Giác. Mọi tên người, số điện thoại, tài khoản, đường dẫn đều bịa ra.</p></header>
<main>{notice}<h2>Thử ngay</h2><p>Bấm nút để một tin lừa đảo mới xuất hiện trên một trang. Nếu Cảnh Giác đang chạy, thư báo sẽ đến mà không ai phải làm gì.</p>{buttons}
<h2>Các trang</h2><div class="grid">{cards}</div><p><small>Mã sinh dữ liệu: {seed}. Trang chỉ mở trên máy này (127.0.0.1).</small></p></main></body></html>"""
