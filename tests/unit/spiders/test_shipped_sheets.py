"""The sheets that ship: readable, with options that their spiders know, switched off, and honest about it."""

from __future__ import annotations

import importlib

import pytest

from config.sheets import load_sources, shipped_folders
from crawler.options import read_options
from model.source import NOT_CHECKED, Source

LOADED = load_sources(list(shipped_folders("sources")))


def test_every_sheet_can_be_read() -> None:
    assert LOADED.errors == ()
    assert len(LOADED.items) >= 8
    assert {source.spider for source in LOADED.items} >= {"feed", "listing", "json_api", "thread"}


@pytest.mark.parametrize("source", LOADED.items, ids=lambda source: source.id)
def test_a_shipped_source_is_off_and_says_that_it_was_not_checked(source: Source) -> None:
    spider = importlib.import_module(f"spiders.{source.spider}")
    read_options(spider.Options, source)
    assert not source.enabled
    assert source.notice.startswith(NOT_CHECKED)
    assert source.terms_checked_on == ""
