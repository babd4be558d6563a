"""Pictures of posts over loopback sites that misbehave: fetched through the gate, read, and never at the cost of a post."""

from __future__ import annotations

import asyncio
import io
import json
import struct
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from PIL import Image, ImageDraw, ImageFont

from crawler.pictures import MOST_OF_A_POST, addresses, may_come_yet, place
from extraction.image import MOST_BYTES
from model.document import SOURCE_KINDS, Document, Picture, Role
from model.source import Source, SourceState
from store import documents, pictures

pytestmark = pytest.mark.usefixtures("reads_pictures")

SCAM = "Vay nhanh trong ngày, nợ xấu vẫn duyệt, chỉ cần đóng phí hồ sơ trước. Liên hệ số trong ảnh."


def drawn(text: str, kind: str = "PNG") -> bytes:
    """A picture that says something in letters."""
    picture = Image.new("RGB", (800, 160), "white")
    ImageDraw.Draw(picture).text((40, 50), text, font=ImageFont.load_default(40), fill="black")
    written = io.BytesIO()
    picture.save(written, kind)
    return written.getvalue()


def serving(data: bytes, content_type: str = "image/png", status: int = 200) -> Callable[[web.Request], Any]:
    """A handler that answers with these bytes."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=data, content_type=content_type, status=status)

    return answer


def api(*records: dict[str, Any]) -> Callable[[web.Request], Any]:
    """A handler that lists these ads."""
    return serving(json.dumps({"ads": records}).encode(), "application/json")


def source(site: Any, *, kind: str = "classified", **options: Any) -> Source:
    """The sheet of a site with a JSON listing."""
    record = {"id": "id", "text": "body", "images": "images"}
    return Source(
        id="rao_vat", title="Rao vặt", spider="json_api", kind=kind, url=f"{site.url}/ads",
        options={"records": "ads", "record": record, "delay": 0, **options},
    )  # fmt: skip


@pytest.fixture
def market(house: Any, new_site: Any) -> Callable[..., Document]:
    """Crawls a site with one ad whose pictures are served by these handlers; the ad as kept."""

    def crawl(*handlers: Any, kind: str = "classified", **options: Any) -> Document:
        site = new_site()
        names = [f"/anh/{number}" for number in range(len(handlers))]
        site.routes.update(dict(zip(names, handlers, strict=True)))
        site.routes["/ads"] = api({"id": 7, "body": SCAM, "images": [site.url + name for name in names]})
        house.sites.append(site)
        house.add(source(site, kind=kind, **options))
        run = house.crawl()["rao_vat"]
        assert (run.state, run.new, run.error) == (SourceState.OK, 1, "")
        crawl.site = site  # type: ignore[attr-defined]
        version = next(iter(documents.iterate()))
        return version.document

    return crawl


def test_a_phone_that_is_only_in_a_picture_is_found(market: Callable[..., Document]) -> None:
    found = market(serving(drawn("LH 0900 012 345")))

    (phone,) = found.mentions
    site = market.site  # type: ignore[attr-defined]
    assert (phone.value, phone.role, phone.field) == ("+84900012345", Role.SUSPECT, "image")
    assert found.image_text[phone.start : phone.end] == phone.raw
    assert phone.attributes["image"] == f"{site.url}/anh/0"
    assert phone.attributes["read_by"] == "ocr"
    assert found.pictures[0].problems == ()
    assert "referer" not in site.asked("/anh/0")[0]


def test_pictures_of_news_and_warnings_are_not_asked_for(market: Callable[..., Document], make_version: Any) -> None:
    found = market(serving(drawn("LH 0900 012 345")), kind="news")
    assert found.pictures == ()
    assert not market.site.asked("/anh/0")  # type: ignore[attr-defined]
    shown = {
        "images": ("https://a.example/1.png", "javascript:x", "https://a.example/1.png", "https://a.example/2.png")
    }
    for kind in SOURCE_KINDS:
        document = make_version(1, source_kind=kind, **shown).document
        wanted = [] if kind in ("news", "warning", "app") else ["https://a.example/1.png", "https://a.example/2.png"]
        assert addresses(document) == wanted, kind


def test_five_pictures_of_a_post_and_no_more(market: Callable[..., Document]) -> None:
    found = market(*[serving(drawn(f"LH 0900 012 34{number}")) for number in range(7)])
    site = market.site  # type: ignore[attr-defined]
    assert len(found.pictures) == MOST_OF_A_POST == 5
    assert [len(site.asked(f"/anh/{number}")) for number in range(7)] == [1] * 5 + [0] * 2
    assert {mention.value for mention in found.mentions} == {f"+8490001234{number}" for number in range(5)}


def test_a_sheet_may_say_fewer_or_none(market: Callable[..., Document]) -> None:
    assert market(serving(drawn("LH 0900 012 345")), max_images=0).pictures == ()


def _bomb() -> bytes:
    """A PNG of 3.6 gigapixels in 4 kB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(4_000_000)))
        + chunk(b"IEND", b"")
    )


async def _endless(request: web.Request) -> web.StreamResponse:
    """More bytes than any picture may have."""
    answer = web.StreamResponse(headers={"Content-Type": "image/png"})
    await answer.prepare(request)
    await answer.write(b"\x89PNG\r\n\x1a\n")
    try:
        for _ in range(4 * MOST_BYTES // 65_536):
            await answer.write(b"\0" * 65_536)
    except (ConnectionError, asyncio.CancelledError):
        pass
    return answer


async def _cut_off(request: web.Request) -> web.StreamResponse:
    """Fewer bytes than it says."""
    whole = drawn("LH 0900 012 345")
    answer = web.StreamResponse(headers={"Content-Type": "image/png", "Content-Length": str(len(whole))})
    await answer.prepare(request)
    await answer.write(whole[: len(whole) // 2])
    assert request.transport is not None
    request.transport.abort()
    return answer


BAD = {
    "404": (serving(b"not here", "text/html", 404), "not_fetched: 404"),
    "500": (serving(b"oops", "text/html", 500), "not_fetched: 500"),
    "page": (serving(b"<html>login</html>", "image/png"), "not_a_picture"),
    "svg": (serving(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"), "not_a_picture"),
    "broken": (serving(drawn("LH 0900 012 345")[:-400]), "broken"),
    "bomb": (serving(_bomb()), "too_many_pixels"),
    "endless": (_endless, "not_fetched"),
    "cut": (_cut_off, "not_fetched"),
}
"""What a picture may be instead of one, and the problem that is recorded."""


def test_a_picture_that_fails_is_recorded_and_its_post_and_the_next_picture_are_kept(house: Any, new_site: Any) -> None:
    """One crawl: each ad has a bad picture and a good one."""
    site = new_site()
    site.routes |= {f"/{name}": handler for name, (handler, _) in BAD.items()}
    ads = []
    for number, name in enumerate(BAD):
        site.routes[f"/good/{number}"] = serving(drawn(f"LH 0900 012 30{number}"), "application/octet-stream")
        ads.append({"id": name, "body": SCAM, "images": [f"{site.url}/{name}", f"{site.url}/good/{number}"]})
    site.routes["/ads"] = api(*ads)
    house.sites.append(site)
    house.add(source(site))

    run = house.crawl()["rao_vat"]

    assert (run.state, run.new, run.quarantined) == (SourceState.OK, len(BAD), 0)
    kept = {version.document.external_id: version.document for version in documents.iterate()}
    assert list(kept) == list(BAD)
    for number, (name, (_, problem)) in enumerate(BAD.items()):
        (said,) = kept[name].pictures[0].problems
        assert said.startswith(problem), name
        assert kept[name].text == SCAM
        values = [mention.value for mention in kept[name].mentions]
        assert values == [f"+8490001230{number}"], "content is sniffed, not believed"


def test_a_picture_that_never_comes_is_left(market: Callable[..., Document]) -> None:
    """The child's own bound is 20 s; the visit's, here 3 s, leaves what has not begun."""

    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(4)
        return web.Response(body=drawn("LH 0900 012 345"))

    found = market(slow, *[serving(drawn(f"LH 0900 012 34{number}")) for number in range(3)], max_seconds=3)
    assert found.text == SCAM
    assert len(found.pictures) == 4


def test_pictures_go_through_the_gate_and_keep_to_robots(house: Any, new_site: Any) -> None:
    """Another address of this machine, one that robots.txt closes, and one that redirects inside."""
    site, inside, closed = new_site(), new_site(), new_site()
    inside.routes["/secret.png"] = serving(drawn("LH 0900 012 345"))
    closed.routes |= {"/robots.txt": "User-agent: *\nDisallow: /", "/a.png": serving(drawn("LH 0900 012 346"))}

    async def moved(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{inside.url}/secret.png"})

    site.routes["/moved.png"] = moved
    images = [
        f"{inside.url}/secret.png",
        f"{closed.url}/a.png",
        f"{site.url}/moved.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
    ]
    site.routes["/ads"] = api({"id": 7, "body": SCAM, "images": images})
    house.sites += [site, closed]
    house.add(source(site))

    run = house.crawl()["rao_vat"]

    assert (run.state, run.new) == (SourceState.OK, 1)
    assert inside.requests == [], "no connection was made"
    assert not closed.asked("/a.png")
    kept = next(iter(documents.iterate())).document
    assert [one.address for one in kept.pictures] == images[:3]
    assert all(one.problems[0].startswith("not_fetched") for one in kept.pictures), kept.pictures
    assert {refusal.port for refusal in house.refusals} == {inside.port}
    assert kept.mentions == ()


def test_what_was_read_is_neither_fetched_nor_read_again(house: Any, new_site: Any) -> None:
    site = new_site()
    same = drawn("LH 0900 012 345")
    first = {"id": 1, "body": SCAM, "images": [f"{site.url}/a.png?token=1"]}
    site.routes |= {"/a.png": serving(same), "/b.png": serving(same), "/ads": api(first)}
    house.sites.append(site)
    house.add(source(site))
    house.crawl()
    again = {**first, "images": [f"{site.url}/a.png?token=2"]}
    other = {"id": 2, "body": "Cần vay gọi ngay, đóng phí hồ sơ trước", "images": [f"{site.url}/b.png"]}
    site.routes["/ads"] = api(again, other)

    run = house.crawl()["rao_vat"]

    assert (run.new, run.updated, run.unchanged) == (1, 0, 1)
    assert len(site.asked("/a.png?token=1")) == 1
    assert not site.asked("/a.png?token=2"), "a signed address changes at every visit"
    kept = {version.document.external_id: version.document for version in documents.iterate()}
    assert kept["1"].pictures[0].digest == kept["2"].pictures[0].digest
    assert [mention.attributes["image"] for mention in kept["2"].mentions] == [f"{site.url}/b.png"]
    assert pictures.get(kept["1"].pictures[0].digest).text == kept["1"].image_text  # type: ignore[union-attr]


def test_a_picture_that_comes_later_makes_a_new_version(house: Any, new_site: Any) -> None:
    site = new_site()
    site.routes["/ads"] = api({"id": 1, "body": SCAM, "images": [f"{site.url}/a.png"]})
    site.routes["/a.png"] = serving(b"busy", "text/plain", 503)
    house.sites.append(site)
    house.add(source(site))
    assert house.crawl()["rao_vat"].new == 1
    site.routes["/a.png"] = serving(drawn("LH 0900 012 345"))

    run = house.crawl()["rao_vat"]

    assert (run.new, run.updated) == (0, 1)
    (version,) = documents.iterate()
    assert [mention.value for mention in version.document.mentions] == ["+84900012345"]


def test_a_picture_that_is_gone_is_not_asked_for_again(house: Any, new_site: Any) -> None:
    site = new_site()
    site.routes["/ads"] = api({"id": 1, "body": SCAM, "images": [f"{site.url}/a.png"]})
    house.sites.append(site)
    house.add(source(site))
    house.crawl()
    house.crawl()
    assert len(site.asked("/a.png")) == 1


def test_what_may_come_yet() -> None:
    for problem, yet in (
        ("not_fetched: 503", True),
        ("not_fetched: 404", False),
        ("not_fetched: robots.txt forbids it", False),
        ("not_a_picture", False),
        ("no_text", True),
        ("cut", False),
    ):
        assert may_come_yet(Picture(problems=(problem,))) is yet, problem
    assert not may_come_yet(Picture())
    assert place("https://cdn.example/a.jpg?oe=1&x=2#f") == "cdn.example/a.jpg"


def test_readings_are_forgotten_in_time(database: str, now: Any) -> None:
    pictures.put([Picture(digest="a" * 64, text="cũ"), Picture(text="không có mã băm")], now)
    pictures.put([Picture(digest="b" * 64, text="mới", words=((0, 3, 1, 2, 3, 4, 95),))], now + timedelta(days=61))
    assert pictures.get("a" * 64) is None
    assert pictures.get("b" * 64) == Picture(digest="b" * 64, text="mới", words=((0, 3, 1, 2, 3, 4, 95),))
