"""A sheet's options: what is wrong is told with file, key and cure."""

from __future__ import annotations

import importlib

import pytest

from crawler.options import read_options
from model.errors import ConfigError
from model.source import Source

POST = {"item": "a", "id": "b", "text": "c"}


@pytest.mark.parametrize(
    ("spider", "options", "says"),
    [
        ("feed", {"artcle": {}}, "s.yaml: options.artcle: is not an option of this spider"),
        (
            "feed",
            {"article": {"titel": "x"}},
            "options.article.titel: is not an option of this spider. Known: title, lead",
        ),
        ("feed", {"article": 3}, "options.article: 3 is not keys and values"),
        ("feed", {"id_pattern": "(("}, "options.id_pattern: '((' is not a regular expression"),
        ("feed", {"delay": 99}, "options.delay: 99 is not from 0 to 60"),
        ("feed", {"delay": "soon"}, "options.delay: 'soon' is not a number"),
        ("feed", {"article_pages": "yes"}, "options.article_pages: 'yes' is neither true nor false"),
        ("listing", {}, "options.item: is missing. Add a line `item: ...`"),
        ("listing", {"itme": "li"}, "options.itme: is not an option of this spider"),
        ("json_api", {"record": {"id": "x"}, "paging": {"style": "x"}}, "options.paging.style: 'style' must be in"),
        (
            "thread",
            {"post": POST, "list": {"thread": "x", "recheck": "q"}},
            "options.list.recheck: 'q' is not a number",
        ),
    ],
)
def test_what_is_wrong_is_said(spider: str, options: dict[str, object], says: str) -> None:
    source = Source(id="s", title="s", spider=spider, kind="news", options=options, file="s.yaml")
    with pytest.raises(ConfigError) as caught:
        read_options(importlib.import_module(f"spiders.{spider}").Options, source)
    assert says in str(caught.value)


def test_numbers_and_defaults() -> None:
    source = Source(
        id="s", title="s", spider="listing", kind="news", options={"item": "li", "delay": 2, "max_pages": 3}
    )
    options = read_options(importlib.import_module("spiders.listing").Options, source)
    assert (options.delay, options.max_pages, options.max_items, options.link) == (2.0, 3, 200, "a::attr(href)")
