"""The ad library: needs a real browser. The first ads lie in the page's JSON, the rest come by XHR as one scrolls, until `has_next_page` is false.

The shape follows the public ad library of notes: `ad_library_main.search_results_connection` nested in a `require`
payload, `edges[].node.collated_results[]`, `page_info{has_next_page, end_cursor}`; XHR answers begin with `for (;;);`.
"""

from __future__ import annotations

import json
from html import escape

from town.plan import Planned, scripts
from town.state import Town
from town.web import Request, Response, not_found, robots

LIBRARY = "/ads/library/"
GRAPHQL = "/api/graphql/"
FIRST, MORE = 8, 6

SCRIPT = """
"use strict";
const list = document.getElementById("ads");
const state = JSON.parse(document.getElementById("payload").textContent);
function find(node) {
  if (node && typeof node === "object") {
    if (node.search_results_connection) { return node.search_results_connection; }
    for (const value of Object.values(node)) { const hit = find(value); if (hit) { return hit; } }
  }
  return null;
}
let page = null, busy = false;
function draw(connection) {
  page = connection.page_info;
  for (const edge of connection.edges) {
    for (const ad of edge.node.collated_results) {
      const box = document.createElement("div");
      box.className = "ad";
      const cards = (ad.snapshot.cards || []).map((card) => card.body).join("\\n");
      const text = (ad.snapshot.body && ad.snapshot.body.text) || cards;
      for (const [tag, words] of [["small", "ID thư viện: " + ad.ad_archive_id], ["b", ad.page_name], ["p", text], ["i", ad.snapshot.title || ""]]) {
        const part = document.createElement(tag);
        part.textContent = words;
        box.append(part);
      }
      list.append(box);
    }
  }
}
async function more() {
  if (busy || !page || !page.has_next_page) { return; }
  if (window.innerHeight + window.scrollY < document.body.offsetHeight - 200) { return; }
  busy = true;
  const form = new URLSearchParams({fb_api_req_friendly_name: "AdLibrarySearchPaginationQuery", variables: JSON.stringify({cursor: page.end_cursor, first: @MORE@})});
  const answer = await fetch("@GRAPHQL@", {method: "POST", headers: {"Content-Type": "application/x-www-form-urlencoded"}, body: form});
  const words = await answer.text();
  draw(find(JSON.parse(words.replace("for (;;);", ""))));
  busy = false;
}
draw(find(state));
window.addEventListener("scroll", more);
""".replace("@MORE@", str(MORE)).replace("@GRAPHQL@", GRAPHQL)


class Ads:
    """The town's ad library."""

    name, kind = "ads", "ad"
    about = "Thư viện quảng cáo: phải mở bằng trình duyệt thật, cuộn trang để tải thêm."

    def respond(self, request: Request, town: Town) -> Response:
        if request.path == "/robots.txt":
            return robots(disallow=("/ajax/",))
        if request.path == "/static/library.js":
            return Response(body=SCRIPT, type="text/javascript; charset=utf-8", validators=True)
        if request.path == GRAPHQL and request.method == "POST":
            return self._more(request, town)
        if request.path == LIBRARY:
            return self._library(town)
        return not_found()

    def _library(self, town: Town) -> Response:
        items = list(reversed(town.documents("ads")))
        payload = {
            "require": [
                ["ScheduledServerJS", "handle", None, [{"__bbox": {"result": {"data": _connection(items, 0, FIRST)}}}]]
            ]
        }
        data = json.dumps(payload, ensure_ascii=False).replace("<", "\\u003c")
        heading = scripts()["sites"]["ads"]["heading"]
        body = f"""<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{escape(heading)}</title>
<style>body{{font:15px/1.45 sans-serif;background:#f0f2f5;margin:0}}header{{background:#1c3f94;color:#fff;padding:14px 22px;font-size:20px}}#ads{{max-width:620px;margin:16px auto}}
.ad{{background:#fff;border-radius:8px;padding:14px;margin:12px 0;min-height:180px;white-space:pre-line}}.ad small{{color:#888;display:block}}</style></head>
<body><header>{escape(heading)}</header><p style="text-align:center">~{len(items)} kết quả</p><div id="ads"></div>
<script type="application/json" data-sjs id="payload">{data}</script><script src="/static/library.js"></script></body></html>"""
        return Response(body=body)

    def _more(self, request: Request, town: Town) -> Response:
        try:
            cursor = json.loads(request.form("variables", "{}")).get("cursor", "")
        except json.JSONDecodeError:
            return Response(status=400, body='{"error":1675001}', type="application/json")
        items = list(reversed(town.documents("ads")))
        at = next((number for number, item in enumerate(items) if _cursor(item) == cursor), None)
        if at is None:
            return Response(status=400, body='{"error":1675002}', type="application/json")
        data = {"data": _connection(items, at + 1, MORE)}
        return Response(body="for (;;);" + json.dumps(data, ensure_ascii=False), type="application/json; charset=utf-8")


def path_of(item: Planned) -> str:
    """Where an ad stands."""
    return f"{LIBRARY}?id={item.external_id}"


def _cursor(item: Planned) -> str:
    return f"AQHR{int(item.external_id) * 7:x}"


def _connection(items: list[Planned], start: int, count: int) -> dict[str, object]:
    shown = items[start : start + count]
    return {
        "ad_library_main": {
            "search_results_connection": {
                "count": len(items),
                "edges": [{"node": {"collated_results": [_ad(item)]}} for item in shown],
                "page_info": {
                    "has_next_page": start + count < len(items),
                    "end_cursor": _cursor(shown[-1]) if shown else None,
                },
            }
        }
    }


def _ad(item: Planned) -> dict[str, object]:
    carousel = int(item.external_id) % 5 == 0
    snapshot: dict[str, object] = {
        "body": None if carousel else {"text": item.text},
        "title": item.title,
        "caption": None,
        "cta_text": item.extra.get("cta"),
        "cta_type": "MESSAGE_PAGE",
        "link_url": None,
        "link_description": None,
        "cards": [{"title": item.title, "body": item.text, "link_url": None}] if carousel else [],
        "images": [],
        "videos": [],
        "display_format": "CAROUSEL" if carousel else "IMAGE",
        "page_profile_uri": None,
        "page_categories": [],
        "branded_content": None,
    }
    return {
        "ad_archive_id": item.external_id,
        "page_id": str(int(item.external_id) % 10**9),
        "page_name": item.author,
        "start_date": int(item.published.timestamp()),
        "end_date": None,
        "is_active": True,
        "publisher_platform": ["FACEBOOK", "INSTAGRAM"],
        "collation_id": item.external_id,
        "collation_count": 1,
        "snapshot": snapshot,
    }
