"""The classifieds site: a paged JSON API (`{ads, total}`, times in milliseconds, a sticky offer on every page) and one page per offer."""

from __future__ import annotations

import json
from html import escape

from town.plan import Planned, scripts
from town.state import Town
from town.web import Request, Response, breaks, not_found, picture, robots

API = "/v1/public/ad-listing"
LIMIT = 50


class Classifieds:
    """The town's site of small offers."""

    name, kind = "classifieds", "classified"
    about = "Rao vặt: dữ liệu qua API JSON phân trang."

    def respond(self, request: Request, town: Town) -> Response:
        if request.path == "/robots.txt":
            return robots(disallow=("/user/",))
        if request.path == API:
            return self._listing(request, town)
        if request.path == "/":
            rows = "".join(
                f'<li><a href="{path_of(item)}">{escape(item.title)}</a></li>'
                for item in reversed(town.documents("classifieds"))
            )
            return Response(body=_frame("Tin mới", f"<ul>{rows}</ul>"), validators=True)
        for item in town.documents("classifieds"):
            if picture_path(item) == request.path:
                return picture(item)
            if path_of(item) == request.path:
                body = f'<h1>{escape(item.title)}</h1><p class="price">{_price(item)}</p><div class="body">{breaks(item.text)}</div>'
                if item.picture:
                    body += f'<p><img src="{picture_path(item)}" alt="" width="420"></p>'
                return Response(body=_frame(item.title, body), validators=True, modified=item.published)
        return not_found()

    def _listing(self, request: Request, town: Town) -> Response:
        items = list(reversed(town.documents("classifieds")))
        limit, offset = min(request.number("limit", 20), LIMIT), request.number("o", 0)
        sticky = items[len(items) // 2]
        shown = items[offset : offset + limit]
        if shown and sticky not in shown:
            shown = [sticky, *shown]
        data = {"total": len(items), "ads": [_ad(item, sticky=item is sticky) for item in shown]}
        return Response(
            body=json.dumps(data, ensure_ascii=False),
            type="application/json; charset=utf-8",
            validators=True,
            modified=items[0].published,
        )


def path_of(item: Planned) -> str:
    """Where an offer stands."""
    return f"/{item.external_id}.htm"


def picture_path(item: Planned) -> str:
    """Where an offer's picture stands."""
    return f"/anh/{item.external_id}.png"


def _price(item: Planned) -> str:
    price = int(item.extra.get("price", 0))
    return f"{price:,} đ".replace(",", ".") if price else "Thỏa thuận"


def _ad(item: Planned, *, sticky: bool) -> dict[str, object]:
    number = int(item.external_id)
    data: dict[str, object] = {
        "ad_id": number + 40_000_000,
        "list_id": number,
        "list_time": int(item.published.timestamp() * 1000),
        "date": "hôm nay",
        "account_name": item.author,
        "subject": item.title,
        "body": item.text,
        "category": 5000 + number % 9 * 10,
        "region_name": "Lâm Sơn",
        "price": int(item.extra.get("price", 0)),
        "price_string": _price(item),
        "type": "s",
        "number_of_images": 1 if item.picture else 0,
    }
    if item.picture:
        data["image"] = picture_path(item)
    if sticky:
        data["sticky"] = True
    return data


def _frame(title: str, body: str) -> str:
    heading = scripts()["sites"]["classifieds"]["heading"]
    return f"""<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{escape(title)} | {heading}</title>
<style>body{{font:16px/1.5 sans-serif;margin:0}}header{{background:#ffba00;padding:12px 20px;font-weight:bold;font-size:20px}}main{{max-width:760px;margin:16px auto;padding:0 14px}}.price{{color:#c00;font-weight:bold}}</style></head>
<body><header>{heading}</header><main>{body}</main><footer>{heading}. Tổng đài 19000933.</footer></body></html>"""
