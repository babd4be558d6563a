"""The sheets' selectors find every document on the pages, read as their spiders' options say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from parsel import Selector

from town.plan import Planned
from town.server import Running
from town.sheets import sheet
from town.state import Town


@pytest.fixture
def sheet_of(running: Running) -> Callable[[str], dict[str, Any]]:
    """The sheet of a site of the running town."""
    running.town.unlocked = True
    return lambda site: sheet(site, running.ready[site])


def words(selection: Any) -> str:
    return "\n".join(" ".join(part.css("*::text").getall()) for part in selection)


def check(found: dict[str, str], wanted: tuple[Planned, ...]) -> None:
    """Every document is found under its id, with every identifier as it is written."""
    assert set(found) == {item.external_id for item in wanted}
    for item in wanted:
        shown = " ".join(found[item.external_id].split())
        for surface in item.surfaces:
            assert " ".join(surface.raw.split()) in shown or surface.raw in item.title, item


def pages(get: Any, url: str, following: str) -> Iterator[tuple[str, Selector]]:
    """A page and those that follow it by a link."""
    while url:
        page = Selector(get(url).text)
        yield url, page
        link = page.css(following).get()
        url = urljoin(url, link) if link else ""


def follow(get: Any, url: str) -> tuple[int, str]:
    """Status and text behind at most one redirect."""
    answer = get(url)
    if answer.status == 301:
        answer = get(urljoin(url, answer.headers["location"]))
    return answer.status, answer.text


def test_portal(sheet_of: Any, get: Any, town: Town) -> None:
    given = sheet_of("portal")
    options, found = given["options"], {}
    for url, page in pages(get, given["url"], options["next"]):
        for row in page.css(options["item"]):
            link = urljoin(url, row.css(options["link"]).get())
            if "/noi-bo/" in link:
                continue
            status, text = follow(get, link)
            if status == 200:
                article = Selector(text)
                assert article.css(options["article"]["date"])
                found[re.search(options["id_pattern"], link)[1]] = words(article.css(options["article"]["text"]))
    check(found, town.documents("portal"))


def test_news(sheet_of: Any, get: Any, town: Town) -> None:
    given = sheet_of("news")
    options, found = given["options"], {}
    for link in re.findall(r"<link>([^<]+\.htm)</link>", get(given["url"]).text):
        article = Selector(follow(get, link)[1])
        parts = [article.css(options["article"][name]) for name in ("title", "lead", "text")]
        assert all(parts)
        found[re.search(options["id_pattern"], link)[1]] = "\n".join(words(part) for part in parts)
    check(found, town.documents("news"))


def test_channel(sheet_of: Any, get: Any, town: Town) -> None:
    given = sheet_of("channel")
    post, found = given["options"]["post"], {}
    for _url, page in pages(get, given["url"], given["options"]["older"]):
        for row in page.css(post["item"]):
            if not row.css(post["skip"]):
                assert row.css(post["date"]).get()
                found[row.css(post["id"]).get().removeprefix("chotin_ptdl/")] = words(row.css(post["text"]))
    check(found, town.documents("channel"))


def test_forum(sheet_of: Any, get: Any, town: Town) -> None:
    given = sheet_of("forum")
    options, found = given["options"], {}
    post = options["post"]
    for url, board in pages(get, given["url"], options["list_next"]):
        for thread in board.css(options["list"]["thread"]):
            assert thread.css(options["list"]["activity"]).get()
            for _url, page in pages(get, urljoin(url, thread.css(options["list"]["link"]).get()), options["next"]):
                for row in page.css(post["item"]):
                    row.css(post["remove"]).drop()
                    found[re.search(post["id_pattern"], row.css(post["id"]).get())[1]] = words(row.css(post["text"]))
    check(found, town.documents("forum"))


def test_classifieds(sheet_of: Any, get: Any, town: Town) -> None:
    given = sheet_of("classifieds")
    options, paging, found = given["options"], given["options"]["paging"], {}
    for offset in range(0, 100, paging["size"]):
        data = json.loads(
            get(f"{given['url']}?{paging['size_parameter']}={paging['size']}&{paging['parameter']}={offset}").text
        )
        for record in data[options["records"]]:
            found[str(record[options["record"]["id"]])] = record[options["record"]["text"]]
    check(found, town.documents("classifieds"))
    assert get(options["record"]["url"].format(list_id=next(iter(found)))).status == 200
