"""Small readers: HTML, counts, times, paths into JSON; and addresses that a crawler may ask for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree
from parsel import Selector

from crawler.keeping import MOST_VALIDATORS, Parcel, moved_on
from crawler.options import ArticleOptions, RecordOptions
from crawler.page import Page, web_address
from crawler.reading import (
    cut,
    dig,
    fill,
    pick,
    plain,
    read_count,
    read_record,
    read_time,
    search_key,
    text_of,
    without,
    written,
)
from model.source import Cursor, Source

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def test_text_of_an_element_has_a_line_per_block() -> None:
    node = Selector(text="<div>a <b>b</b>\n c<br>d<p>e</p><script>x</script><ul><li>f<li>g</ul></div> after")
    assert text_of(node.css("div")[0].root) == "a b c\nd\ne\nf\ng"


def test_a_deeply_nested_page_is_read_without_recursion() -> None:
    top = node = etree.Element("div")
    for _ in range(5000):
        node = etree.SubElement(node, "b")
    node.text = "x"
    assert text_of(top) == "x"


def test_pick_takes_text_attribute_and_the_node_itself() -> None:
    node = Selector(text='<p id=1 data-x="7"><a href="/b">link</a></p>').css("p")[0]
    assert (pick(node, "a"), pick(node, "a::attr(href)"), pick(node, "::attr(data-x)"), pick(node, "")) == (
        "link",
        "/b",
        "7",
        "",
    )
    assert pick(without(node, "a"), "p") == ""


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("37.2K", 37200),
        ("1,2 N lượt xem", 1200),
        ("1.234", 1234),
        ("12 345 views", 12345),
        ("3 triệu", 3_000_000),
        ("không", None),
        ("5 người", 5),
    ],
)
def test_counts(text: str, count: int | None) -> None:
    assert read_count(text) == count


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1_780_000_000, datetime.fromtimestamp(1_780_000_000, UTC)),
        (1_780_000_000_000, datetime.fromtimestamp(1_780_000_000, UTC)),
        ("1780000000", datetime.fromtimestamp(1_780_000_000, UTC)),
        ("2026-06-30T20:00:00+07:00", datetime(2026, 6, 30, 13, tzinfo=UTC)),
        ("30/06/2026 20:00", datetime(2026, 6, 30, 13, tzinfo=UTC)),
        ("99999-01-01", None),
        (True, None),
        (10**30, None),
        (None, None),
        ({}, None),
    ],
)
def test_times(value: object, moment: datetime | None) -> None:
    assert read_time(value, now=NOW)[0] == moment


def test_paths_into_json() -> None:
    record = {"a": {"b": [{"c": 1}, {"c": 2}]}, "t": None, "x": "", "h": "<p>Một</p><p>Hai</p>", "e": "A &amp; B"}
    assert dig(record, "a.b[].c") == [1, 2]
    assert dig(record, "a.b.1.c") == [2]
    assert dig(record, "t | x | a.b.0.c") == [1]
    assert dig(record, "no.such[]") == []
    assert written(record, "h + e") == "Một\nHai\nA & B"
    assert fill("https://x.vn/{a.b.0.c}.htm", record) == "https://x.vn/1.htm"
    assert fill("https://x.vn/{a}/{no}", record) == ""
    assert list(search_key([{"q": {"k": 1}}, {"k": {"k": 2}}], "k")) == [{"k": 2}, 1, 2]


def test_small_ones() -> None:
    assert cut(r"-(\d+)\.html", "/a-12.html") == "12"
    assert cut(r"\d+", "a 34") == "34"
    assert cut("", "x") == ""
    assert plain("5 < 6 & 7") == "5 < 6 & 7"
    assert ArticleOptions(text=".b", title="h1").selectors == {"title": "h1", "body": ".b"}


@pytest.mark.parametrize(
    "address",
    [
        "javascript:x",
        "file:///etc",
        "http://",
        "http://a@b/",
        "http://a\\b/",
        "http://a/\n",
        "http://a/ b",
        "//a/b",
        "http://a/" + "x" * 3000,
    ],
)
def test_addresses_that_are_not_asked_for(address: str) -> None:
    assert web_address(address) == ""


def test_a_cursor_keeps_the_newest_validators_and_forgets_marks() -> None:
    cursor = Cursor(etags={"old": "1"}, marks={"next:0": "x", "kept": "y"})
    parcels = [Parcel(source="s", validators=(f"u{number}", "e", "")) for number in range(MOST_VALIDATORS)]
    moved = moved_on(cursor, [*parcels, Parcel(source="s", marks={"next:0": None, "new": "z"})])
    assert len(moved.etags) == MOST_VALIDATORS
    assert "old" not in moved.etags
    assert moved.modified == {}
    assert moved.marks == {"kept": "y", "new": "z"}


def test_pictures_of_a_record_are_absolute_addresses_whatever_their_shape() -> None:
    source = Source(id="a", title="a", spider="json_api", kind="ad", url="https://ads.example/api")
    record = {"id": 7, "snapshot": {"images": [{"url": "https://cdn.example/1.jpg"}, {"url": "/2.png"}, {"url": None}]}}
    record["snapshot"]["more"] = ["javascript:alert(1)", "data:image/png;base64,AA", "//cdn.example/3.webp", 4]
    page = Page(source=source, url="https://ads.example/api?page=1", text="", now=NOW)
    shown = read_record(record, RecordOptions(id="id", images="snapshot.images[].url"), page)
    assert shown is not None
    assert shown.images == ("https://cdn.example/1.jpg", "https://ads.example/2.png")
    more = read_record(record, RecordOptions(id="id", images="snapshot.more"), page)
    assert more is not None
    assert more.images == ("https://cdn.example/3.webp",)
