"""Labelled posts, disguises and generated volume against pinned floors, which only rise (`floors.json`).

A reading that DESIGN section 5 allows beside the labelled one (a handle's link, a wallet's phone) stands on the same
span and is not counted against us.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extraction.extract import extract

HERE = Path(__file__).parent
FLOORS = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))
SECOND_READINGS = {"handle", "link", "phone"}
Wanted = set[tuple[str, str]]


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def _read(text: str, wanted: Wanted) -> tuple[Wanted, Wanted]:
    """What was missed, and what was invented."""
    mentions = extract(text)
    right = [mention for mention in mentions if (mention.kind, mention.value) in wanted]
    invented = {
        (mention.kind, mention.value)
        for mention in mentions
        if (mention.kind, mention.value) not in wanted
        and not (
            mention.kind in SECOND_READINGS
            and any(other.start <= mention.start and mention.end <= other.end for other in right)
        )
    }
    return wanted - {(mention.kind, mention.value) for mention in mentions}, invented


@pytest.mark.parametrize("row", _rows("dev_cases.jsonl"), ids=lambda row: row["id"])
def test_shared_case(row: dict[str, Any]) -> None:
    wanted = {(mention["kind"], mention["value"]) for mention in row["mentions"]}
    assert _read(row["text"], wanted) == (set(), set())


@pytest.mark.parametrize("row", _rows("identifiers.jsonl"), ids=lambda row: row["id"])
def test_natural_post(row: dict[str, Any]) -> None:
    wanted = {(mention["kind"], mention["value"]) for mention in row["mentions"]}
    assert _read(row["text"], wanted) == (set(), set())


def test_disguises_stay_above_their_floor() -> None:
    rows = _rows("disguises.jsonl")
    found = Counter(row["kind"] for row in rows if not _read(row["text"], {(row["kind"], row["value"])})[0])
    total = Counter(row["kind"] for row in rows)
    recall = {kind: found[kind] / total[kind] for kind in total}
    assert {kind for kind, floor in FLOORS["disguises"].items() if recall[kind] < floor} == set(), recall


INVENTED_KINDS = {
    "phone",
    "hotline",
    "link",
    "account",
    "wallet",
    "email",
    "handle",
    "card",
    "shortcode",
    "phone_partial",
    "phone_prefix",
}


def test_honest_figures_are_no_identifiers() -> None:
    """Prices, scores, lottery rows, laws, timetables, measures, code: what is read in them anyway stays below its floor."""
    invented = [
        (row["id"], mention.kind, mention.value)
        for row in _rows("honest.jsonl")
        for mention in extract(row["text"])
        if mention.kind in INVENTED_KINDS
    ]
    assert len(invented) <= FLOORS["honest_invented"], invented


def _generated(count: int, seed: int) -> Iterator[dict[str, Any]]:
    sys.path.insert(0, str(HERE))
    try:
        import generator  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(HERE))
    yield from generator.posts(count, seed)


def test_generated_posts_stay_above_their_floor() -> None:
    right: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    invented: Counter[str] = Counter()
    for post in _generated(1500, FLOORS["seed"]):
        wanted = {(gold["kind"], gold["value"]) for gold in post["gold"]}
        lost, extra = _read(post["text"], wanted)
        right.update(kind for kind, _ in wanted - lost)
        missed.update(kind for kind, _ in lost)
        invented.update(kind for kind, _ in extra)
    scores = {kind: 2 * right[kind] / (2 * right[kind] + missed[kind] + invented[kind]) for kind in right}
    assert {kind for kind, floor in FLOORS["generated_f1"].items() if scores[kind] < floor} == set(), scores
