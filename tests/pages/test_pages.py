"""Saved pages and what is read from them: `tests/pages/<source>/<case>/`.

A source is a shipped sheet of that id, or the `sheet.yaml` in its folder. A case holds the page (`page.html`, `.xml` or
`.json`), `case.yaml` (url, and where it is not the listing: reader, item, number) and `expected.json`. To add a case, save the page,
write case.yaml, run with CANHGIAC_WRITE_EXPECTED=1 and read what was written before it is committed.
"""

from __future__ import annotations

import importlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.sheets import Folder, load_sources, shipped_folders
from crawler.options import read_options
from crawler.page import Ask, Page
from crawler.spider import SourceSpider
from model.document import Document
from model.source import ListedItem, Origin, Source
from store import codec

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/case.yaml"))
NOW = datetime(2026, 7, 1, 2, 30, tzinfo=UTC)


def sheet_of(folder: Path) -> Source:
    """The sheet beside the cases, else the shipped one of that name."""
    own = load_sources([Folder(path=folder, origin=Origin.SITE)]) if (folder / "sheet.yaml").exists() else None
    loaded = own or load_sources(list(shipped_folders("sources")))
    assert loaded.errors == ()
    return next(source for source in loaded.items if source.id == folder.name)


def spider_of(source: Source) -> type[SourceSpider]:
    """The spider class of a source."""
    module = importlib.import_module(f"spiders.{source.spider}")
    found = [
        kind for kind in vars(module).values() if isinstance(kind, type) and getattr(kind, "name", "") == source.spider
    ]
    return next(kind for kind in found if issubclass(kind, SourceSpider))


def read(case: Path) -> list[dict[str, Any]]:
    """What the source's reader gives for the saved page."""
    source, told = sheet_of(case.parent), yaml.safe_load((case / "case.yaml").read_text("utf-8"))
    spider = spider_of(source)
    item = ListedItem(**told["item"]) if "item" in told else None
    reader = told.get("reader", "item" if item else "list")
    page = Page(
        source=source,
        url=told["url"],
        text=next(case.glob("page.*")).read_text("utf-8"),
        now=NOW,
        ask=Ask(url=told["url"], reader=reader, item=item, number=told.get("number", 1), root=told["url"]),
        captured=tuple(path.read_text("utf-8") for path in sorted(case.glob("answer*.json"))),
    )
    found = spider.readers[reader](page, read_options(spider.options_type, source))
    return [{type(thing).__name__: _plain(thing)} for thing in found]


def _plain(thing: Any) -> Any:
    plain = codec.plain(thing)
    if isinstance(thing, Document):
        plain |= {name: count for name in codec.COUNTS if (count := getattr(thing, name)) is not None}
    return plain


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_saved_page_gives_what_it_gave(case: Path) -> None:
    found, expected = read(case), case / "expected.json"
    if os.environ.get("CANHGIAC_WRITE_EXPECTED"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert found == json.loads(expected.read_text("utf-8"))


def test_there_are_cases() -> None:
    assert len(CASES) >= 7
