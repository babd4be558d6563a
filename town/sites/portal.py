"""The provincial portal: an old SharePoint-like layout with a banner, a view counter, a video strip and visitor statistics around the text.

Its listing names an article that is gone (404), one that moved (301), one under a path that robots.txt forbids, and
one that answers 429 until the listing was asked for again.
"""

from __future__ import annotations

from html import escape

from town.plan import Planned, scripts
from town.state import Town
from town.web import Request, Response, local, long_date, moved, not_found, paragraphs, robots

LIST = "/chuyen-muc/thong-bao-canh-bao"
PER_PAGE = 12
GONE_ID, HIDDEN_ID = "5096", "5097"
TRIES = 6
"""The busy article gives in at this many tries, whatever the listing did."""


class Portal:
    """The portal of the town's province."""

    name, kind = "portal", "warning"
    about = "Cổng thông tin của tỉnh: trang thông báo, cảnh báo và các bài viết, giao diện kiểu cũ."

    def respond(self, request: Request, town: Town) -> Response:
        if request.path == "/robots.txt":
            return robots(disallow=("/noi-bo/", "/tim-kiem"))
        if request.path == "/":
            return moved(LIST, 302)
        if request.path == LIST:
            return self._listing(request, town)
        if request.path.startswith("/noi-bo/"):
            return Response(body=_frame("Tài liệu nội bộ", "<p>Tài liệu nội bộ, không thu thập.</p>"))
        if request.path.startswith("/chi-tiet/"):
            wanted = request.path.removeprefix("/chi-tiet/").removesuffix(".html")
            return next(
                (moved(path_of(item)) for item in town.documents("portal") if item.external_id == wanted), not_found()
            )
        return next(
            (self._article(item, town) for item in town.documents("portal") if path_of(item) == request.path),
            not_found(),
        )

    def _listing(self, request: Request, town: Town) -> Response:
        items = list(reversed(town.documents("portal")))
        page, pages = request.number("page", 1), -(-len(items) // PER_PAGE)
        if not 1 <= page <= pages:
            return not_found()
        rows = [_row(item, _listed_path(item, town)) for item in items[(page - 1) * PER_PAGE : page * PER_PAGE]]
        if page == 1:
            town.viewed(LIST)
            date = f"{local(items[2].published):%d/%m/%Y}"
            rows.insert(
                3,
                _bare_row("Thông báo hoãn họp báo thường kỳ", f"/bai-viet/thong-bao-hoan-hop-bao-{GONE_ID}.html", date),
            )
            rows.insert(
                6, _bare_row("Tài liệu họp giao ban nội bộ", f"/noi-bo/tai-lieu-giao-ban-{HIDDEN_ID}.html", date)
            )
        links = "".join(f'<a href="{LIST}?page={number}">{number}</a> ' for number in range(1, pages + 1))
        if page < pages:
            links += f'<a class="next" href="{LIST}?page={page + 1}">Trang sau</a>'
        body = f'<div id="ctl00_ctl30_g_9f31c2d7_ctl00_pnListNews" class="list-news">{"".join(rows)}</div><div class="pager">Trang: {links}</div>'
        return Response(body=_frame("Thông báo – Cảnh báo", body), validators=True, modified=items[0].published)

    def _article(self, item: Planned, town: Town) -> Response:
        path = path_of(item)
        if item.external_id == busy_id(town) and not self._free(path, town):
            return Response(
                status=429,
                headers={"Retry-After": "1"},
                body=_frame("Quá nhiều lượt truy cập", "<p>Vui lòng thử lại sau.</p>"),
            )
        body = f"""
<div class="detail"><div class="ngaydang">{long_date(item.published)}</div>
<div id="ctl00_ctl30_g_77ab_ctl00_divArticleDescription3"><h1 class="tieude">{escape(item.title)}</h1></div>
<div class="luotxem">Lượt xem: {town.viewed(path) + 1203}</div>
<div id="ctl00_ctl30_g_77ab_ctl00_divArticleDescription2" class="noidung">{paragraphs(item.text)}</div>
<div class="tacgia">{escape(item.author)}</div></div>
<div class="ykien"><h3>Ý kiến bạn đọc</h3><div class="comment"><b>Nguyễn Thanh</b> <i>08:15, 02/01/2025</i><p>Bài viết rất hữu ích, cảm ơn quý cơ quan.</p></div></div>"""
        return Response(
            body=_frame(item.title, body), validators=True, modified=item.published, stamp=item.title + item.text
        )

    @staticmethod
    def _free(path: str, town: Town) -> bool:
        """Whether the busy article answers: the listing came a second time, or enough tries."""
        if not town.unlocked and (town.views[LIST] >= 2 or town.asked("portal", path) >= TRIES):
            town.unlocked = True
            town.save()
        return town.unlocked


def path_of(item: Planned) -> str:
    """Where an article stands."""
    return f"/bai-viet/{item.slug}-{item.external_id}.html"


def busy_id(town: Town) -> str:
    """The article that answers 429 at first: the second newest honest one."""
    return [item for item in town.plan.of("portal") if not item.campaign][-2].external_id


def moved_id(town: Town) -> str:
    """The article that the listing names by its old address: the fourth newest honest one."""
    return [item for item in town.plan.of("portal") if not item.campaign][-4].external_id


def _listed_path(item: Planned, town: Town) -> str:
    return f"/chi-tiet/{item.external_id}.html" if item.external_id == moved_id(town) else path_of(item)


def _row(item: Planned, path: str) -> str:
    return f"""<div class="news-item"><a class="news-title" href="{path}">{escape(item.title)}</a>
<span class="news-date">({local(item.published):%d/%m/%Y})</span><p class="sapo">{escape(item.text.split(chr(10))[0][:140])}...</p></div>"""


def _bare_row(title: str, path: str, date: str) -> str:
    return f'<div class="news-item"><a class="news-title" href="{path}">{title}</a> <span class="news-date">({date})</span></div>'


def _frame(title: str, body: str) -> str:
    heading = scripts()["sites"]["portal"]["heading"]
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN">
<html xmlns="http://www.w3.org/1999/xhtml"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>{escape(title)} - {heading}</title>
<style>body{{font:14px Arial;margin:0;background:#eef2f7;color:#222}}#banner{{background:#b3121d;color:#ffe9a8;padding:18px 24px;font-size:20px;font-weight:bold}}
#menu{{background:#7d0c14;padding:6px 24px}}#menu a{{color:#fff;margin-right:16px;text-decoration:none}}#main{{width:980px;margin:12px auto;background:#fff}}
#main>tbody>tr>td{{padding:14px;vertical-align:top}}.news-item{{border-bottom:1px dotted #ccc;padding:8px 0}}.news-title{{font-weight:bold;color:#0b4a8f;text-decoration:none}}
.news-date,.ngaydang,.luotxem{{color:#888;font-size:12px}}.tieude{{font-size:20px;color:#0b4a8f}}.noidung{{line-height:1.5}}.tacgia{{text-align:right;font-weight:bold}}
.side{{width:210px;background:#f6f8fb}}.side h4{{background:#0b4a8f;color:#fff;margin:0 0 6px;padding:5px 8px}}#chantrang{{text-align:center;padding:14px;color:#555}}</style></head>
<body><form method="post" action="#" id="aspnetForm"><div id="banner">{heading}</div>
<div id="menu"><a href="/">Trang chủ</a><a href="{LIST}">Thông báo – Cảnh báo</a><a href="/noi-bo/lich-lam-viec.html">Lịch làm việc</a></div>
<table id="main"><tbody><tr><td class="center">{body}</td>
<td class="side"><h4>Video</h4><div class="video-strip"><p>Toàn cảnh lễ hội biển 2026 (03:12)</p><p>Phóng sự: một ngày ở bến cá (05:40)</p></div>
<h4>Thống kê truy cập</h4><div class="thongke"><p>Đang truy cập: 37</p><p>Hôm nay: 1.204</p><p>Tháng này: 41.377</p><p>Tổng lượt truy cập: 12.904.113</p></div>
<h4>Liên kết website</h4><p>Cổng Dịch vụ công quốc gia</p></td></tr></tbody></table>
<div id="chantrang">{heading}<br/>Giấy phép số 18/GP-TTĐT. Điện thoại Ban biên tập: (0263) 3000 999. Ghi rõ nguồn khi sử dụng lại thông tin.</div></form></body></html>"""
