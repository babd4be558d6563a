"""The town behaves as real sites do."""

from __future__ import annotations

import html
import json
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from extraction.image import extract_image
from town import address
from town.server import Running
from town.sites import ads, channel, classifieds, forum, news, portal
from town.state import Town

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
CHANNEL = "/s/chotin_ptdl"


def titles_in(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "\n", page))


def test_every_site_answers_and_has_robots(running: Running, get) -> None:
    for site, base in running.ready.items():
        assert get(base + address.FRONT.get(site, "/")).status in (200, 302)
        assert "User-agent: *" in get(base + "/robots.txt").text
    assert "Disallow: /noi-bo/" in get(running.ready["portal"] + "/robots.txt").text
    assert "Crawl-delay: 0.1" in get(running.ready["news"] + "/robots.txt").text


def test_every_document_stands_on_its_page_with_its_disguises(running: Running, town: Town, get) -> None:
    town.unlocked = True
    for site in ("portal", "news", "classifieds"):
        for item in town.documents(site):
            answer = get(running.ready[site] + address.path_of(item))
            assert answer.status == 200
            shown = html.unescape(answer.text)
            assert all(surface.raw in shown for surface in item.surfaces), item
    everything = all_pages(running, get, "channel") + all_pages(running, get, "forum") + all_ads(running, get)
    for site in ("channel", "forum", "ads"):
        for item in town.documents(site):
            assert all(surface.raw in everything for surface in item.surfaces), item


@pytest.mark.usefixtures("reads_pictures")
def test_pictures_are_served_where_their_pages_name_them_and_can_be_read(running: Running, town: Town, get) -> None:
    """What nothing but a picture says is in the picture as it is served, to the digit."""
    for site, path in (("channel", channel.picture_path), ("classifieds", classifieds.picture_path)):
        shown = [item for item in town.documents(site) if item.picture]
        assert shown
        for item in shown:
            address_of = path(item)
            listing = all_pages(running, get, "channel") if site == "channel" else ""
            page = listing or get(running.ready[site] + address.path_of(item)).text
            assert address_of in page
            answer = get(running.ready[site] + address_of)
            assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
            read = {(mention.kind, mention.value) for mention in extract_image(answer.data)}
            surface = item.picture.surface
            assert surface is None or (surface.kind, surface.value) in read, (item, read)
        assert (
            get(running.ready[site] + path(next(item for item in town.documents(site) if not item.picture))).status
            == 404
        )


def all_pages(running: Running, get, site: str) -> str:
    base, shown = running.ready[site], ""
    if site == "channel":
        target = CHANNEL
        while target:
            page = get(base + target).text
            shown += page
            older = re.search(r'href="(/s/[^"]+\?before=\d+)"', page)
            target = older[1] if older else ""
        return plain(shown)
    for number in (1, 2, 3):
        board = get(f"{base}{forum.BOARD}page-{number}" if number > 1 else base + forum.BOARD)
        for path in re.findall(r'structItem-title"><a href="([^"]+)"', board.text):
            for page in range(1, 5):
                answer = get(base + path + (f"page-{page}" if page > 1 else ""))
                shown += answer.text if answer.status == 200 else ""
    return plain(shown)


def plain(page: str) -> str:
    return html.unescape(page.replace("<br/>", "\n"))


def all_ads(running: Running, get) -> str:
    page = get(running.ready["ads"] + ads.LIBRARY).text
    found = [json.loads(re.search(r'id="payload">(.*?)</script>', page, re.S)[1])]
    connection = found[0]["require"][0][3][0]["__bbox"]["result"]["data"]["ad_library_main"][
        "search_results_connection"
    ]
    shown = [connection]
    while connection["page_info"]["has_next_page"]:
        form = urlencode({"variables": json.dumps({"cursor": connection["page_info"]["end_cursor"]})})
        answer = get(running.ready["ads"] + ads.GRAPHQL, body=form).text
        assert answer.startswith("for (;;);")
        connection = json.loads(answer.removeprefix("for (;;);"))["data"]["ad_library_main"][
            "search_results_connection"
        ]
        shown.append(connection)
    results = [result for part in shown for edge in part["edges"] for result in edge["node"]["collated_results"]]
    assert len({result["ad_archive_id"] for result in results}) == len(results) == shown[0]["count"]
    return "\n".join(
        [
            result["snapshot"]["title"]
            + "\n"
            + ((result["snapshot"]["body"] or {}).get("text") or result["snapshot"]["cards"][0]["body"])
            for result in results
        ]
    )


def test_listings_answer_304_to_their_validators(running: Running, get) -> None:
    for site, target in (
        ("portal", portal.LIST),
        ("news", news.FEED),
        ("channel", CHANNEL),
        ("forum", forum.BOARD),
        ("classifieds", classifieds.API),
    ):
        url = running.ready[site] + target
        first = get(url)
        assert first.status == 200
        assert get(url, headers={"If-None-Match": first.headers["etag"]}).status == 304
        assert get(url, headers={"If-Modified-Since": first.headers["last-modified"]}).status == 304
        assert (
            get(url, headers={"If-None-Match": 'W/"other"', "If-Modified-Since": first.headers["last-modified"]}).status
            == 200
        )
        assert get(url, headers={"If-Modified-Since": "rubbish"}).status == 200


def test_a_view_counter_changes_the_page_but_not_its_etag(running: Running, town: Town, get) -> None:
    url = running.ready["portal"] + portal.path_of(town.documents("portal")[0])
    first, second = get(url), get(url)
    assert first.text != second.text
    assert first.headers["etag"] == second.headers["etag"]


def test_the_busy_article_answers_429_until_its_listing_is_asked_again(running: Running, town: Town, get) -> None:
    busy = next(item for item in town.documents("portal") if item.external_id == portal.busy_id(town))
    article, listing = running.ready["portal"] + portal.path_of(busy), running.ready["portal"] + portal.LIST
    first = get(listing)
    refused = get(article)
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    assert get(listing + "?page=2").status == 200
    assert get(article).status == 429
    assert get(listing, headers={"If-None-Match": first.headers["etag"]}).status == 304
    assert get(article).status == 200


def test_the_portal_listing_names_a_gone_a_moved_and_a_forbidden_article(running: Running, town: Town, get) -> None:
    base = running.ready["portal"]
    paths = re.findall(r'news-title" href="([^"]+)"', get(base + portal.LIST).text)
    assert [path for path in paths if path.startswith("/noi-bo/")]
    assert [get(base + path).status for path in paths if portal.GONE_ID in path] == [404]
    (old,) = [path for path in paths if path.startswith("/chi-tiet/")]
    answer = get(base + old)
    assert answer.status == 301
    assert get(base + answer.headers["location"]).status == 200


def test_the_feed_is_rss_with_a_moved_item(running: Running, town: Town, get) -> None:
    root = ElementTree.fromstring(get(running.ready["news"] + news.FEED).text)
    links = [item.findtext("link") for item in root.iter("item")]
    assert len(links) == len(town.documents("news"))
    assert root.find("channel/item/pubDate").text.endswith("+0700")
    assert [get(link).status for link in links if "/tin-cu/" in link] == [301]


def test_one_news_page_is_slow(running: Running, town: Town) -> None:
    site = news.News()
    waits = [site._article(item, town).wait for item in town.documents("news")]
    assert sorted(waits)[-2:] == [0.0, 1.5]


def test_an_article_has_json_ld_and_open_graph(running: Running, town: Town, get) -> None:
    item = town.documents("news")[-1]
    page = get(running.ready["news"] + news.path_of(item)).text
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', page, re.S)[1])
    assert data["headline"] == item.title
    assert datetime.fromisoformat(data["datePublished"]) == item.published
    assert 'property="og:title"' in page


def test_the_channel_pages_back_to_its_first_message(running: Running, town: Town, get) -> None:
    page = get(running.ready["channel"] + CHANNEL).text
    assert len(re.findall(r'data-post="chotin_ptdl/\d+" data-view', page)) == channel.PER_PAGE
    shown = all_pages(running, get, "channel")
    assert set(re.findall(r'data-post="chotin_ptdl/(\d+)" data-view', shown)) == {
        item.external_id for item in town.documents("channel")
    }
    assert "service_message" in page


def test_the_classifieds_pages_cover_all_and_repeat_the_sticky_offer(running: Running, town: Town, get) -> None:
    ids: list[int] = []
    for offset in range(0, 60, 10):
        ids += [
            ad["list_id"]
            for ad in json.loads(get(f"{running.ready['classifieds']}{classifieds.API}?limit=10&o={offset}").text)[
                "ads"
            ]
        ]
    assert {str(number) for number in ids} == {item.external_id for item in town.documents("classifieds")}
    assert len(ids) > len(set(ids))


def test_the_forum_has_threads_of_several_pages_and_quotes(running: Running, town: Town, get) -> None:
    shown = all_pages(running, get, "forum")
    assert set(re.findall(r'data-content="post-(\d+)"', shown)) == {
        item.external_id for item in town.documents("forum")
    }
    assert "pageNav-jump--next" in shown
    assert "bbCodeBlock--quote" in shown
    last = town.documents("forum")[-1]
    assert get(running.ready["forum"] + forum.path_of(last)).headers["location"].endswith(f"#post-{last.external_id}")


def test_publishing_changes_the_listing_once_per_token(running: Running, town: Town, get) -> None:
    for site, target in (("channel", CHANNEL), ("forum", forum.BOARD)):
        url = running.ready[site] + target
        before = get(url)
        ask = {"Accept": "application/json"}
        body = urlencode({"token": f"t-{site}", "site": site})
        first = json.loads(get(running.ready["index"] + "/publish", body=body, headers=ask).text)
        again = json.loads(get(running.ready["index"] + "/publish", body=body, headers=ask).text)
        assert first == again
        after = get(
            url, headers={"If-None-Match": before.headers["etag"], "If-Modified-Since": before.headers["last-modified"]}
        )
        assert (after.status, after.headers["etag"] == before.headers["etag"]) == (200, False)
        assert {item["kind"] for item in first["identifiers"]} >= {"phone"}
        assert len([item for item in town.documents(site) if item.external_id == first["external_id"]]) == 1


def test_the_button_of_the_index_page_publishes(running: Running, town: Town, get) -> None:
    index = running.ready["index"]
    page = get(index + "/").text
    assert "Đăng tin lừa đảo mới" in page
    token, site = re.search(r'name="token" value="(\w+)"><input type="hidden" name="site" value="(\w+)"', page).groups()
    before = len(town.documents(site))
    answer = get(index + "/publish", body=urlencode({"token": token, "site": site}))
    assert answer.status == 303
    assert "Đã đăng một tin lừa đảo mới" in get(index + answer.headers["location"]).text
    assert len(town.documents(site)) == before + 1


def test_publishing_elsewhere_is_refused(running: Running, get) -> None:
    assert get(running.ready["index"] + "/publish", body="token=x&site=portal").status == 400
    assert get(running.ready["index"] + "/elsewhere", body="").status == 404


def test_a_forum_post_is_edited_on_request(running: Running, town: Town, get) -> None:
    answer = get(running.ready["index"] + "/edit", body="")
    number = json.loads(answer.text)["post"]
    again = get(running.ready["index"] + "/edit", body=f"post={number}")
    assert (answer.status, again.status) == (200, 200)
    post = next(item for item in town.documents("forum") if item.external_id == number)
    assert post.text.count("Cập nhật:") == 1
    assert "message-lastEdit" in all_pages(running, get, "forum")
    assert get(running.ready["index"] + "/edit", body="post=1").status == 404


def test_bad_requests_get_an_answer(running: Running, get) -> None:
    for target in ("/nothing", "/%00%ff", "/threads/", "/threads/x.1/page-9999", "/posts/abc/"):
        assert get(running.ready["forum"] + target).status == 404
    assert get(running.ready["portal"] + portal.LIST + "?page=99").status == 404
    assert get(running.ready["portal"] + portal.LIST + "?page=x").status == 200
    assert get(running.ready["ads"] + ads.GRAPHQL, body="variables={").status == 400
    assert get(running.ready["ads"] + ads.GRAPHQL, body="variables=%7B%7D").status == 400


def test_the_ledger_counts(running: Running, get) -> None:
    get(running.ready["news"] + "/nothing")
    rows = json.loads(get(running.ready["index"] + "/so-lieu.json").text)
    assert {"site": "news", "path": "/nothing", "status": 404, "count": 1} in rows


def test_the_town_comes_back_as_it_was(tmp_path: Path, get) -> None:
    first = Town(1, NOW, tmp_path)
    with Running(first) as servers:
        post = first.publish("t", "channel", NOW)
        ready = servers.ready
    second = Town(1, datetime(2026, 12, 1, tzinfo=UTC), tmp_path)
    with Running(second) as servers:
        assert second.start == first.start
        assert second.documents("channel")[-1] == post
        assert servers.ready == ready


def test_another_seed_starts_a_new_town(tmp_path: Path) -> None:
    first = Town(1, NOW, tmp_path)
    first.publish("t", "forum", NOW)
    assert len(Town(2, NOW, tmp_path).documents("forum")) == len(Town(2, NOW).documents("forum"))


def test_the_server_process_writes_its_ready_file_and_ends_on_sigterm(tmp_path: Path, get) -> None:
    ready = tmp_path / "ready.json"
    command = [
        sys.executable,
        "-m",
        "town.server",
        "--seed",
        "2",
        "--ready-file",
        str(ready),
        "--state",
        str(tmp_path / "state"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as child:
        try:
            assert child.stdout is not None
            line = json.loads(child.stdout.readline())
            assert json.loads(ready.read_text()) == line
            assert get(line["index"] + "/").status == 200
        finally:
            child.send_signal(signal.SIGTERM)
            assert child.wait(timeout=20) == 0
