"""The public preview of a messenger channel: twenty messages a page, older pages by `?before=`, service messages and gaps between ids."""

from __future__ import annotations

from html import escape

from town.plan import Planned, scripts
from town.state import Town
from town.web import Request, Response, breaks, local, moved, not_found, picture, robots

PER_PAGE = 20
SERVICE_ID = 301
"""Id of the service message; no message of the plan has it."""


class Channel:
    """The town's community channel."""

    name, kind = "channel", "channel"
    about = "Kênh tin cộng đồng, xem công khai trên trình duyệt; tin cũ hơn tải bằng ?before=."

    def respond(self, request: Request, town: Town) -> Response:
        if request.path == "/robots.txt":
            return robots(disallow=("/login",))
        name = scripts()["sites"]["channel"]["name"]
        if request.path == "/":
            return moved(f"/s/{name}", 302)
        if request.path == f"/s/{name}":
            return self._page(request, town, name)
        for item in town.documents("channel"):
            if picture_path(item) == request.path:
                return picture(item)
        return not_found()

    def _page(self, request: Request, town: Town, name: str) -> Response:
        items = list(town.documents("channel"))
        before, after = request.number("before", 0), request.number("after", 0)
        if before:
            items = [item for item in items if int(item.external_id) < before]
        if after:
            items = [item for item in items if int(item.external_id) > after][:PER_PAGE]
        shown = items[-PER_PAGE:]
        older = len(items) > len(shown)
        more = ""
        if older:
            first = shown[0].external_id
            more = f'<div class="tgme_widget_message_centered js-messages_more_wrap"><a href="/s/{name}?before={first}" class="tme_messages_more js-messages_more" data-before="{first}"></a></div>'
        messages = "".join(_message(item, name, town.addresses["channel"]) for item in shown)
        service = _service(name) if shown and not before else ""
        body = _frame(
            name, f'<section class="tgme_channel_history js-message_history">{more}{service}{messages}</section>'
        )
        return Response(body=body, validators=True, modified=shown[-1].published if shown else None)


def path_of(item: Planned) -> str:
    """Where a message stands."""
    return f"/{scripts()['sites']['channel']['name']}/{item.external_id}"


def picture_path(item: Planned) -> str:
    """Where a message's picture stands."""
    return f"/file/{item.external_id}.png"


def _service(name: str) -> str:
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message text_not_supported_wrap service_message js-widget_message" data-post="{name}/{SERVICE_ID}">
<div class="tgme_widget_message_text js-message_text" dir="auto">Chợ tin đã ghim một tin nhắn</div></div></div>"""


def _message(item: Planned, name: str, base: str) -> str:
    views = 900 + int(item.external_id) * 37 % 41_000
    shown = f"{views / 1000:.1f}K" if views >= 1000 else str(views)
    author = escape(item.author)
    photo = ""
    if item.picture:
        # As the real preview does: no <img>, the address stands in the style.
        style = f"width:800px;background-image:url('{base}{picture_path(item)}')"
        photo = f'<a class="tgme_widget_message_photo_wrap" href="{base}{path_of(item)}" style="{style}"><div class="tgme_widget_message_photo" style="padding-top:60%"></div></a>'
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message text_not_supported_wrap js-widget_message" data-post="{name}/{item.external_id}" data-view="x">
<div class="tgme_widget_message_bubble"><div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" href="{base}/{name}"><span dir="auto">{author}</span></a></div>
{photo}<div class="tgme_widget_message_text js-message_text" dir="auto">{breaks(item.text)}</div>
<div class="tgme_widget_message_footer compact js-message_footer"><div class="tgme_widget_message_info short js-message_info"><span class="tgme_widget_message_views">{shown}</span>
<span class="tgme_widget_message_meta"><a class="tgme_widget_message_date" href="{base}{path_of(item)}"><time datetime="{item.published.isoformat()}" class="time">{local(item.published):%H:%M}</time></a></span></div></div></div></div></div>"""


def _frame(name: str, body: str) -> str:
    title = scripts()["sites"]["channel"]["title"]
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title} – kênh xem trước</title><meta property="og:title" content="{title}">
<style>body{{font:15px/1.45 sans-serif;background:#8fb3a5;margin:0}}header{{background:#fff;padding:12px 20px;font-weight:bold}}.tgme_channel_history{{max-width:560px;margin:16px auto}}
.tgme_widget_message_bubble{{background:#fff;border-radius:12px;padding:10px 14px;margin:8px}}.tgme_widget_message_owner_name{{color:#2a7b62;font-weight:bold;text-decoration:none}}
.tgme_widget_message_footer{{text-align:right;color:#899;font-size:12px}}.service_message{{text-align:center;color:#fff}}</style></head>
<body class="widget_frame_base tgme_webpreview"><header class="tgme_header"><div class="tgme_channel_info_header_title"><span dir="auto">{title}</span></div>
<div class="tgme_channel_info_header_username"><a href="/s/{name}">@{name}</a></div></header><main class="tgme_main">{body}</main></body></html>"""
