"""The document log behaves alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime

import pytest

from model.document import Document
from store import documents


def post(number: int | str, text: str = "", **more: object) -> Document:
    """A draft as a spider gives it, with a fingerprint of its own."""
    text = text or f"Bài số {number}"
    base = {"source": "dien_dan", "source_kind": "forum", "external_id": str(number), "text": text, "fingerprint": text}
    return Document(**{"collected": datetime.fromisoformat("2026-07-01T02:00:00+00:00"), **base, **more})  # type: ignore[arg-type]


@pytest.mark.usefixtures("any_database")
def test_a_document_comes_back_as_it_went_in(now: datetime) -> None:
    document = post(1, likes=3, shares=0, bands=("a", "b"))
    (outcome,) = documents.append([document], now=now)
    kept = documents.get(document.id)
    assert (outcome.outcome, outcome.version) == ("new", 1)
    assert kept is not None
    assert kept.document == document
