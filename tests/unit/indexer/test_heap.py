from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from indexer.heap import collect_seldom


@pytest.fixture
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("thresholds")
def test_cycles_are_still_collected_but_not_with_every_document() -> None:
    gc.set_threshold(700, 10, 10)
    collect_seldom()
    assert gc.isenabled()
    gc.collect()
    runs = gc.get_stats()[0]["collections"]
    held = [[] for _ in range(50_000)]
    assert gc.get_stats()[0]["collections"] == runs
    held += [[] for _ in range(60_000)]
    assert gc.get_stats()[0]["collections"] > runs
