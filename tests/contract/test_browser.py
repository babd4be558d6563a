"""A real Chromium behind the gate: page JSON first, the rest by XHR, to a proven end; nothing leaks past the gate."""

from __future__ import annotations

import json

import pytest
from aiohttp import web

from model.source import Source, SourceState
from store import documents

pytestmark = pytest.mark.browser

PAGE = """<html><head><title>Quảng cáo</title>
<script type="application/json">{first}</script></head><body><div id=list></div><script>
let cursor = "1", busy = false, done = false;
async function more() {{
  if (busy || done) return; busy = true;
  const answer = await fetch("/api/graphql/?cursor=" + cursor, {{method: "POST"}});
  const text = (await answer.text()).replace("for (;;);", "");
  const page = JSON.parse(text).data.search.results;
  cursor = page.page_info.end_cursor; done = !page.page_info.has_next_page; busy = false;
  document.getElementById("list").insertAdjacentHTML("beforeend", "<p style='height:900px'>thêm</p>");
}}
document.getElementById("list").innerHTML = "<p style='height:1500px'>đầu</p>";
window.addEventListener("scroll", more);
{extra}
</script></body></html>"""


def results(first: int, last: int, *, more: bool) -> dict:
    ads = [
        {
            "node": {
                "ads": [
                    {
                        "id": str(number),
                        "page": "Trang",
                        "start": 1_780_000_000,
                        "body": {"text": f"Quảng cáo số {number}"},
                    }
                ]
            }
        }
        for number in range(first, last)
    ]
    return {
        "data": {
            "search": {
                "results": {"count": 30, "edges": ads, "page_info": {"has_next_page": more, "end_cursor": str(last)}}
            }
        }
    }


def ads_source(site, **options) -> Source:
    return Source(
        id="ads",
        title="Quảng cáo",
        spider="browser",
        kind="ad",
        url=f"{site.url}/ads",
        options={
            "connection": "results",
            "edges": "edges[].node.ads[]",
            "total": "count",
            "responses": "/api/graphql",
            "settle": 3,
            "record": {
                "id": "id",
                "author": "page",
                "text": "body.text",
                "published": "start",
                "url": f"{site.url}/ads/{{id}}",
            },
            **options,
        },
    )


def town(site, *, last: int = 30, extra: str = "") -> None:
    async def more(request: web.Request) -> web.Response:
        first = int(request.query["cursor"])
        answer = results(first, min(first + 10, 30), more=first + 10 < last)
        return web.Response(text="for (;;);" + json.dumps(answer))

    first = json.dumps(results(0, 10, more=True)).replace('"end_cursor": "10"', '"end_cursor": "10"')
    site.routes.update(
        {"/ads": PAGE.format(first=first, extra=extra).replace('cursor = "1"', 'cursor = "10"'), "/api/graphql/": more}
    )


def test_every_ad_is_kept_when_the_end_is_proven(house, new_site, chromium):
    site = new_site()
    town(site)
    house.sites.append(site)
    house.add(ads_source(site))
    run = house.crawl()["ads"]
    assert (run.state, run.error, run.new) == (SourceState.OK, "", 30)
    found = {version.document.external_id: version.document for version in documents.iterate()}
    assert found["29"].text == "Quảng cáo số 29"
    assert found["3"].author == "Trang"
    assert house.refusals == ()
    agent = site.asked("/ads")[0]["user-agent"]
    assert "canhgiac/" in agent
    assert "proxy-authorization" not in site.asked("/ads")[0]


def test_an_end_that_is_not_proven_is_told(house, new_site, chromium):
    site = new_site()
    town(site, last=99)
    house.sites.append(site)
    house.add(ads_source(site, settle=0.5))
    run = house.crawl()["ads"]
    assert (run.state, run.new) == (SourceState.DRIFT, 30)
    assert run.error == "30 of 30 records seen and no proof that these are all"


LEAKS = """
for (const to of ["/img", "/fetch"]) fetch("INTERNAL" + to, {mode: "no-cors"}).catch(() => 0);
new Image().src = "INTERNAL/image";
try { new WebSocket("INTERNAL/socket".replace("http", "ws")); } catch (error) {}
navigator.sendBeacon("INTERNAL/beacon", "x");
window.open("INTERNAL/popup");
const frame = document.createElement("iframe"); frame.src = "INTERNAL/frame"; document.body.append(frame);
"""


def test_nothing_of_a_hostile_page_reaches_a_server_that_is_not_allowed(house, new_site, chromium):
    site, internal = new_site(), new_site()
    town(site, extra=LEAKS.replace("INTERNAL", internal.url))
    house.sites.append(site)
    house.add(ads_source(site))
    assert house.crawl()["ads"].new == 30
    assert internal.requests == []
    assert {refusal.port for refusal in house.refusals} == {internal.port}, (
        "each way was refused by the gate, and nothing else was"
    )
