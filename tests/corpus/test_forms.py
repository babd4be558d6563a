"""Scam forms, provinces and languages on texts of three hands: floors, which only rise.

Batches `first` and `second` are one author's, `third` to `sixth` are others' and hard on purpose; the words of the forms
were written with all but `sixth` in sight, so that this one tells what fresh texts of that kind give.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from extraction.extract import extract
from extraction.language import language
from extraction.narratives import narratives
from extraction.places import regions

CORPUS = Path(__file__).parent / "forms.jsonl"
PLACES = (0.96, 0.98)
"""Precision and recall of provinces."""

LANGUAGES = 0.99

FORMS_FLOORS = {
    "first": (0.95, 0.96),
    "second": (0.9, 0.97),
    "third": (0.78, 0.83),
    "fourth": (0.75, 0.87),
    "fifth": (0.88, 0.94),
    "sixth": (0.35, 0.9),
}
"""Macro F1 over the forms and precision of what is named, by batch."""


@cache
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]


@cache
def shown(batch: str) -> list[tuple[set[str], set[str], set[str]]]:
    """What is wanted, what is right as well, and what is shown."""
    found = []
    for row in rows():
        if row["batch"] == batch:
            title, text = row.get("title", ""), row["text"]
            mentions = extract(text, title=title, source_kind=row.get("source_kind", ""))
            found.append((set(row["forms"]), set(row["forms_also"]), set(narratives(title, text, mentions))))
    return found


@pytest.mark.parametrize("batch", FORMS_FLOORS)
def test_forms_keep_their_floors(batch: str) -> None:
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    named = good = 0
    for wanted, also, got in shown(batch):
        right.update(got & wanted)
        wrong.update(got - wanted - also)
        missed.update(() if got & (wanted | also) else wanted)
        named += len(got)
        good += len(got & (wanted | also))
    names = {*right, *wrong, *missed}
    macro = sum(2 * right[name] / (2 * right[name] + wrong[name] + missed[name]) for name in names) / len(names)
    least, precise = FORMS_FLOORS[batch]
    assert macro >= least
    assert good / named >= precise


def test_provinces_keep_their_floors() -> None:
    right = wrong = missed = 0
    for row in rows():
        if "regions" in row:
            got, wanted = set(regions(row["text"])), set(row["regions"])
            right += len(got & wanted)
            wrong += len(got - wanted)
            missed += len(wanted - got)
    assert right / (right + wrong) >= PLACES[0]
    assert right / (right + missed) >= PLACES[1]


def test_languages_keep_their_floor() -> None:
    told = [language(row["text"]) == row["language"] for row in rows() if "language" in row]
    assert sum(told) / len(told) >= LANGUAGES
