"""Scam forms (S01 to N38 of `data/scam_forms.csv`) that a text shows."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from attrs import frozen

from model.document import Mention


@frozen(kw_only=True)
class Form:
    """A form of fraud. id: `S01` ... `N38`; name: Vietnamese; english: English."""

    id: str
    name: str
    english: str = ""


@cache
def forms() -> dict[str, Form]:
    """All forms by id, in the order of the table."""
    text = (files("extraction") / "data" / "scam_forms.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["id"]: Form(id=row["id"], name=row["name_vi"], english=row["name_en"]) for row in rows}


def form(form_id: str) -> Form:
    """The form with this id. Raises KeyError for an unknown one."""
    return forms()[form_id]


def narratives(title: str, text: str, mentions: Sequence[Mention]) -> tuple[str, ...]:
    """Ids of the forms that title and text show, in the order of the table."""
    return ()
