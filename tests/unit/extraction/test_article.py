"""Articles of the pages in `tests/corpus/articles`: written for this project, in the markup of portals and papers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from extraction.article import MAX_HTML, html_to_text, read_article, read_text_page, strip_boilerplate
from model.errors import BadDocumentError

PAGES = sorted((Path(__file__).parents[2] / "corpus" / "articles").iterdir())


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_page(folder: Path) -> None:
    gold: dict[str, Any] = json.loads((folder / "fields.json").read_text("utf-8"))
    article = read_article(
        (folder / "page.html").read_text("utf-8"), url=gold["url"], selectors=gold.get("selectors", {})
    )
    assert article.title == gold["title"]
    if "text" in gold:
        assert article.text == gold["text"]
    for part in gold.get("contains", ()):
        assert part in article.text
    for part in gold.get("excludes", ()):
        assert part not in article.text
    assert article.author == gold.get("author", article.author)
    published = datetime.fromisoformat(gold["published"]) if gold["published"] else None
    assert article.published == published
    assert article.precision == gold.get("precision", "minute")
    assert len(article.images) == gold.get("images", len(article.images))
    assert all(image.startswith("https://") for image in article.images)


def test_there_are_enough_pages() -> None:
    assert len(PAGES) >= 12


def test_a_page_that_came_as_text_reads_cleanly() -> None:
    prose = "Các sở, ban, ngành tiếp tục thực hiện nghiêm túc chỉ đạo về phòng ngừa lừa đảo trên không gian mạng. " * 2
    page = f"""image banner
Tăng cường phòng ngừa lừa đảo trên không gian mạng
Lượt xem: 124

{prose.strip()}

Nguyễn Phương

Video tuyên truyền
  • Hướng dẫn nộp hồ sơ
  • Bãi biển đẹp
1 2
Thống kê truy cập
  • Đang truy cập: 1
  • Tổng lượt truy cập: 1"""
    article = read_text_page(page)
    assert article.title == "Tăng cường phòng ngừa lừa đảo trên không gian mạng"
    assert article.text == f"{prose.strip()}\nNguyễn Phương"


def test_neighbours_go_and_prose_after_a_heading_stays() -> None:
    prose = "Đây là một đoạn văn dài có đủ ý để là nội dung của bài viết, không phải tiêu đề của bài bên cạnh, và nó kết thúc bằng một dấu chấm như mọi câu văn bình thường khác trong bài."
    assert strip_boilerplate(f"{prose}\nTin liên quan\nMột tiêu đề khác") == prose
    assert strip_boilerplate(f"{prose}\nVideo\n{prose}") == f"{prose}\n{prose}"


def test_relative_times_need_a_clock() -> None:
    html = (
        '<h1>Một tiêu đề đủ dài</h1><span class="date">2 giờ trước</span><div class="entry-content">'
        + "chữ " * 60
        + "</div>"
    )
    assert read_article(html, url="https://x.vn/").published is None
    now = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
    assert read_article(html, url="https://x.vn/", now=now).published == datetime(2026, 11, 24, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "html",
    [
        "x" * (MAX_HTML + 1),
        "<p " + " ".join(f'a{number}="1"' for number in range(2_000)) + ">",
        "<b>" * 130_000,
    ],
)
def test_bombs_are_refused_before_parsing(html: str) -> None:
    with pytest.raises(BadDocumentError):
        read_article(html, url="https://x.vn/")
    with pytest.raises(BadDocumentError):
        html_to_text(html)


def test_a_long_data_address_is_no_bomb() -> None:
    html = '<h1>Tiêu đề của bài viết</h1><img src="data:image/png;base64,' + "A" * 50_000 + '"><p>Nội dung</p>'
    assert "Nội dung" in read_article(html, url="https://x.vn/").text


@pytest.mark.parametrize(
    "html", ["", "<", "không phải html", "<html></html>", "<div>" * 3_000, "<p>" + "</p></div>" * 2_000]
)
def test_anything_gives_an_article(html: str) -> None:
    assert read_article(html, url="not a url").title is not None


def test_fragments_keep_their_lines() -> None:
    assert html_to_text("a<br>b<p>c</p><script>x</script><div>d <b>e</b></div>") == "a\nb\nc\nd e"
    assert html_to_text("<p>chưa đóng<p>hai") == "chưa đóng\nhai"


def test_a_selector_that_is_no_css_names_itself() -> None:
    with pytest.raises(BadDocumentError, match="selector"):
        read_article("<p>a</p>", url="https://x.vn/", selectors={"body": ":::"})


def test_half_a_character_is_replaced() -> None:
    """JSON carries lone surrogates; a parser raised on one (found by `make fuzz`)."""
    assert html_to_text("<p>Cảnh \ud83d báo</p>") == "Cảnh \ufffd báo"
    assert "\ufffd" in read_article("<title>A</title><p>\udada báo", url="https://a.example/1").text
