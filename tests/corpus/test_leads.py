"""Floors of precision and recall on mixed feeds with a known truth. They only rise."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem + "_for_test", path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.mark.parametrize("seed", [11, 12])
def test_leads_of_a_mixed_feed(seed: int, tmp_path: Path) -> None:
    feed, bench = module(ROOT / "tests/corpus/feed.py"), module(ROOT / "bench/leads.py")
    items = feed.feed(seed)
    found, _ = bench.run(items, f"sqlite:///{tmp_path / 'feed.db'}")
    figures = feed.score(found)
    assert figures["precision"] >= 0.9
    assert figures["recall"] >= 0.95
    assert figures["pure"] >= 0.75
    assert figures["leads_per_campaign"] <= 1.25


def test_the_order_of_a_feed_does_not_matter(tmp_path: Path) -> None:
    """The same feed backwards: the same leads, documents and identifiers."""
    feed, bench = module(ROOT / "tests/corpus/feed.py"), module(ROOT / "bench/leads.py")
    items = feed.feed(13, campaigns=12, honest_posts=150, documents=300)
    shapes = []
    for name, order in (("on", items), ("back", items[::-1])):
        found, _ = bench.run(order, f"sqlite:///{tmp_path / name}.db")
        shapes.append(
            {
                (frozenset(one["external_id"] for one in lead["documents"]), frozenset(lead["identifiers"]))
                for lead in found
            }
        )
    assert shapes[0] == shapes[1]
