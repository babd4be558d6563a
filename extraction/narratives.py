"""Scam forms (S01 to N38 of `data/scam_forms.csv`) that a text shows.

A form is shown when its phrases weigh enough and a second condition holds: an identifier in the text, or words that ask
the reader for something. One phrase of two words is what honest lenders, shops and papers say too; it takes two, or a
longer one, or an identifier that is suspect.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from attrs import frozen

from extraction.cues import CueTable, CueText, read_sections
from extraction.folded import joined
from model.document import Mention, Role

_ENOUGH = 1.0
_OFFERS = {"offer_loan": "S07", "offer_job": "S12", "offer_gamble": "S08", "offer_invest": "S11", "offer_recovery": "S18",
           "offer_mule": "N21", "offer_forged": "N22", "offer_adult": "N38", "offer_med": "N37", "offer_romance": "N18"}  # fmt: skip
"""Phrases of offers that the roles are read from, by the form that they show; each counts as a short phrase at most."""

_SUSPECT_HELPS = 0.4
_MAX_TEXT = 20_000


@frozen(kw_only=True)
class Form:
    """A form of fraud. id: `S01` ... `N38`; name: Vietnamese; english: English; targets: whom it is aimed at;
    false_friends: honest texts that use the same words."""

    id: str
    name: str
    english: str = ""
    targets: str = ""
    false_friends: str = ""


def _rows() -> list[dict[str, str]]:
    text = (files("extraction") / "data" / "scam_forms.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def forms() -> dict[str, Form]:
    """All forms by id, in the order of the table."""
    return {
        row["id"]: Form(id=row["id"], name=row["name_vi"], english=row["name_en"], targets=row["targets"], false_friends=row["false_friends"])
        for row in _rows()
    }  # fmt: skip


def form(form_id: str) -> Form:
    """The form with this id. Raises KeyError for an unknown one."""
    return forms()[form_id]


@cache
def _table() -> CueTable:
    sections = {row["id"]: [row["typical_phrases"], row["slang_teencode"]] for row in _rows()}
    for name, lines in read_sections("narrative_cues.txt").items():
        sections[name] += [line for line in lines if not line.startswith("~~")]
        sections[f"{name}?"] = [line for line in lines if line.startswith("~~")]
    roles = read_sections("role_cues.txt")
    for offer, name in _OFFERS.items():
        sections[f"{name}?"] = [*sections.get(f"{name}?", []), *roles[offer]]
    sections["solicit"] = roles["solicit"]
    return CueTable(sections, exclusive=False)


def _weight(phrase: str) -> float:
    """What one phrase counts: the longer, the less an honest text says it by chance."""
    words = phrase.count(" ") + 1
    return 1.0 if words >= 4 else 0.8 if words == 3 else 0.6 if words == 2 else 0.35


def narratives(title: str, text: str, mentions: Sequence[Mention]) -> tuple[str, ...]:
    """Ids of the forms that title and text show, in the order of the table."""
    cues = _table().find(CueText(joined(title, text)[: _MAX_TEXT if title else _MAX_TEXT - 1]))
    if not mentions and not any(cue.name == "solicit" for cue in cues):
        return ()
    helps = _SUSPECT_HELPS if any(mention.role is Role.SUSPECT for mention in mentions) else 0.0
    phrases: dict[str, dict[tuple[int, int], float]] = {}
    for cue in cues:
        name, _, _ = cue.name.partition("?")
        if cue.name != "solicit":
            weight = 0.6 if cue.name.endswith("?") else 1.0 if cue.pattern else _weight(cue.phrase)
            found = phrases.setdefault(name, {})
            found[cue.start, cue.end] = max(weight, found.get((cue.start, cue.end), 0.0))
    shown = {name for name, found in phrases.items() if _total(found) + helps >= _ENOUGH}
    return tuple(name for name in forms() if name in shown)


def _total(found: dict[tuple[int, int], float]) -> float:
    """The weights of phrases that do not overlap, the heaviest first."""
    total, taken = 0.0, list[tuple[int, int]]()
    for (start, end), weight in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        if all(end <= begin or stop <= start for begin, stop in taken):
            total += weight
            taken.append((start, end))
    return total
