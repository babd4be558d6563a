"""The whole path over small loopback sites: parent, child, gate, robots, cursor, store."""

from __future__ import annotations

from model.source import Source, SourceState
from store import documents

LONG = "Cơ quan công an cảnh báo thủ đoạn giả danh cán bộ gọi điện yêu cầu chuyển tiền. " * 6


def page(title: str, text: str = LONG) -> str:
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div class=body><p>{text}</p></div></body></html>"


def listing_source(site, **given) -> Source:
    options = {"item": "li.news", "id_pattern": r"/(\d+)$", "delay": 0, "article": {"title": "h1", "text": ".body"}}
    return Source(
        id="portal", title="Cổng", spider="listing", kind="warning", url=f"{site.url}/list", options=options, **given
    )


def test_a_listing_and_its_articles_are_kept(house, new_site):
    site = new_site()
    site.routes.update(
        {
            "/list": '<ul><li class=news><a href="/a/1">Một</a><li class=news><a href="/a/2">Hai</a></ul>' + " " * 100,
            "/a/1": page("Cảnh báo một", "Gọi 0912 345 678 để nhận quà. " + LONG),
            "/a/2": page("Cảnh báo hai"),
        }
    )
    house.sites.append(site)
    house.add(listing_source(site))
    run = house.crawl()["portal"]
    assert (run.state, run.new, run.pages, run.error) == (SourceState.OK, 2, 3, "")
    found = {version.document.external_id: version.document for version in documents.iterate()}
    assert set(found) == {"1", "2"}
    assert found["1"].title == "Cảnh báo một"
    assert house.refusals == ()
    again = house.crawl()["portal"]
    assert (again.new, again.unchanged, again.pages) == (0, 0, 1)
