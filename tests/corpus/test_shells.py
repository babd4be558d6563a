"""Articles out of 25 layouts, beside trafilatura on the same pages."""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import trafilatura

from extraction.article import read_article

HERE = Path(__file__).parent


def shared(wanted: str, found: str) -> float:
    """F1 over the words of two texts, each as often as it stands."""
    gold, got = Counter(wanted.split()), Counter(found.split())
    return 2 * (gold & got).total() / (gold.total() + got.total() or 1)


@cache
def scores() -> dict[str, list[tuple[bool, float, float, bool]]]:
    """For each shell: whether the story is a notice, our F1, trafilatura's, and whether the title is right."""
    sys.path.insert(0, str(HERE))
    try:
        import shells
    finally:
        sys.path.remove(str(HERE))
    found: dict[str, list[tuple[bool, float, float, bool]]] = {}
    for name, story, html in shells.pages():
        article = read_article(html, url="https://zq.vn/bai")
        theirs = trafilatura.extract(html, fast=True, include_comments=False) or ""
        row = (
            not story.lead,
            shared(story.text, article.text),
            shared(story.text, theirs),
            article.title == story.title,
        )
        found.setdefault(name, []).append(row)
    return found


def rows() -> list[tuple[bool, float, float, bool]]:
    return [row for shell in scores().values() for row in shell]


def test_25_layouts_read_better_than_trafilatura_reads_them() -> None:
    assert len(scores()) == 25
    ours = statistics.mean(row[1] for row in rows())
    assert ours >= 0.995
    assert ours >= statistics.mean(row[2] for row in rows()) + 0.01


def test_notices_of_forty_words_read_cleanly() -> None:
    assert statistics.mean(row[1] for row in rows() if row[0]) >= 0.99


def test_titles() -> None:
    assert sum(row[3] for row in rows()) >= 72


@pytest.mark.parametrize("depth", [12_000])
def test_nested_strips_take_bounded_time(depth: int) -> None:
    title = "Cảnh báo cuộc gọi mạo danh điện lực"
    page = (
        f"<title>{title}</title><h1>{title}</h1>"
        + "<div class=menu><p>một câu văn đủ dài để thành văn xuôi thật.</p>" * depth
    )
    assert read_article(page, url="https://zq.vn/").title == title
