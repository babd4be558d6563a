"""The newspaper: an RSS feed, article pages with JSON-LD and Open Graph, one slow page and one article that moved."""

from __future__ import annotations

import json
from email.utils import format_datetime
from html import escape

from town.plan import Planned, scripts
from town.state import Town
from town.web import Request, Response, local, long_date, moved, not_found, paragraphs, robots

FEED = "/rss/tin-moi-nhat.rss"
SLOW_SECONDS = 1.5


class News:
    """The town's newspaper."""

    name, kind = "news", "news"
    about = "Báo điện tử: kênh RSS và các bài báo (JSON-LD, Open Graph)."

    def respond(self, request: Request, town: Town) -> Response:
        if request.path == "/robots.txt":
            return robots(disallow=("/tim-kiem", "/in-bai/"))
        if request.path == FEED:
            return self._feed(town)
        if request.path == "/":
            return self._front(town)
        if request.path.startswith("/tin-cu/"):
            wanted = request.path.removeprefix("/tin-cu/").removesuffix(".htm")
            return next(
                (moved(path_of(item)) for item in town.documents("news") if item.external_id == wanted), not_found()
            )
        for item in town.documents("news"):
            if path_of(item) == request.path:
                return self._article(item, town)
        return not_found()

    def _feed(self, town: Town) -> Response:
        base = town.addresses["news"]
        items = list(reversed(town.documents("news")))
        rows = []
        for item in items:
            link = base + (f"/tin-cu/{item.external_id}.htm" if item.external_id == moved_id(town) else path_of(item))
            lead = item.text.split("\n")[0]
            rows.append(
                f"""<item><title>{escape(item.title)}</title><link>{link}</link><guid isPermaLink="true">{link}</guid>
<pubDate>{format_datetime(local(item.published))}</pubDate>
<description><![CDATA[<a href="{link}"><img src="{base}/anh/{item.external_id}.jpg" width="180"></a></br>{lead[:160]}]]></description></item>"""
            )
        title = scripts()["sites"]["news"]["heading"]
        body = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>{title} - Tin mới nhất</title><link>{base}/</link>
<description>Tin mới nhất</description><pubDate>{format_datetime(local(items[0].published))}</pubDate>
{"".join(rows)}</channel></rss>"""
        return Response(
            body=body, type="application/rss+xml; charset=utf-8", validators=True, modified=items[0].published
        )

    def _front(self, town: Town) -> Response:
        rows = "".join(
            f'<article><h3><a href="{path_of(item)}">{escape(item.title)}</a></h3></article>'
            for item in reversed(town.documents("news"))
        )
        return Response(body=_frame("Trang chủ", "", rows), validators=True)

    def _article(self, item: Planned, town: Town) -> Response:
        url = town.addresses["news"] + path_of(item)
        lead, _, rest = item.text.partition("\n")
        data = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": item.title,
            "description": lead,
            "datePublished": local(item.published).isoformat(),
            "dateModified": local(item.published).isoformat(),
            "author": {"@type": "Person", "name": item.author},
            "publisher": {"@type": "Organization", "name": scripts()["sites"]["news"]["heading"]},
            "mainEntityOfPage": url,
        }
        head = f"""<meta property="og:title" content="{escape(item.title)}"><meta property="og:type" content="article"><meta property="og:url" content="{url}">
<meta property="og:description" content="{escape(lead)}"><meta property="article:published_time" content="{local(item.published).isoformat()}">
<link rel="canonical" href="{url}"><script type="application/ld+json">{json.dumps(data, ensure_ascii=False).replace("<", chr(92) + "u003c")}</script>"""
        others = [other for other in town.documents("news") if other.external_id != item.external_id][-4:]
        related = "".join(f'<li><a href="{path_of(other)}">{escape(other.title)}</a></li>' for other in others)
        body = f"""<article class="detail"><h1 class="detail-title" data-role="title">{escape(item.title)}</h1>
<div class="detail-time" data-role="publishdate">{long_date(item.published)}</div><h2 class="detail-sapo" data-role="sapo">{escape(lead)}</h2>
<div class="detail-content" data-role="content">{paragraphs(rest)}</div><p class="author">{escape(item.author)}</p></article>
<aside><h4>Tin liên quan</h4><ul>{related}</ul></aside>"""
        return Response(
            body=_frame(item.title, head, body),
            validators=True,
            modified=item.published,
            stamp=item.title + item.text,
            wait=SLOW_SECONDS if item.external_id == slow_id(town) else 0.0,
        )


def path_of(item: Planned) -> str:
    """Where an article stands."""
    return f"/{item.slug}-{item.external_id}.htm"


def slow_id(town: Town) -> str:
    """The article whose page comes slowly: the third oldest honest one."""
    return [item for item in town.plan.of("news") if not item.campaign][2].external_id


def moved_id(town: Town) -> str:
    """The article that the feed names by its old address: the fifth oldest honest one."""
    return [item for item in town.plan.of("news") if not item.campaign][4].external_id


def _frame(title: str, head: str, body: str) -> str:
    heading = scripts()["sites"]["news"]["heading"]
    return f"""<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)} - {heading}</title>{head}
<style>body{{font:17px/1.6 Georgia,serif;margin:0;color:#1b1b1b}}header{{border-bottom:3px solid #1b6b3a;padding:14px 24px;font-size:26px;font-weight:bold;color:#1b6b3a}}
main{{max-width:720px;margin:20px auto;padding:0 16px}}a{{color:#14532d}}.detail-time{{color:#777;font-size:14px}}.detail-sapo{{font-size:18px}}.author{{text-align:right;font-weight:bold}}
aside{{border-top:1px solid #ddd;font-size:15px}}footer{{background:#f2f4f2;padding:16px 24px;font-size:13px;color:#555}}</style></head>
<body><header>{heading}</header><nav></nav><main>{body}</main>
<footer>Báo điện tử {heading}. Tòa soạn: 12 đường Hoa Dã Quỳ. Hotline tòa soạn: 0900.000.911. Liên hệ quảng cáo: 0900 000 922. Giấy phép 77/GP-BC.</footer></body></html>"""
