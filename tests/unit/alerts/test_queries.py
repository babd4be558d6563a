"""Every shipped saved query loads, is inside the query subset, and meets its own examples and no others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerts.rules.base import make_rule, rules
from config.sheets import load_queries, shipped_folders
from extraction.narratives import forms
from indexer.ingest import prepare
from indexer.matcher import Matcher
from model.document import Document, DocumentVersion
from model.query import SavedQuery

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LOADED = load_queries(shipped_folders("queries"), forms=forms(), rules=rules())


def version(text: str) -> DocumentVersion:
    draft = Document(source="vi_du", source_kind="social", external_id="1", text=text, collected=NOW)
    return DocumentVersion(document=prepare(draft), seq=1, revision=1, first_seen=NOW, updated=NOW)


def test_all_load_and_cover_many_forms() -> None:
    assert LOADED.errors == ()
    assert len(LOADED.items) >= 16
    assert len({query.form for query in LOADED.items if query.form}) >= 16


@pytest.mark.parametrize("query", LOADED.items, ids=lambda query: query.id)
def test_examples(query: SavedQuery) -> None:
    make_rule(query)
    matcher = Matcher([query])
    for text in query.examples.match:
        assert matcher.match([version(text)]).get(query.id), text
    for text in query.examples.no_match:
        assert not matcher.match([version(text)]).get(query.id), text


@pytest.mark.parametrize("query", [query for query in LOADED.items if query.form], ids=lambda query: query.id)
def test_every_form_has_both_kinds_of_example(query: SavedQuery) -> None:
    assert query.examples.match
    assert query.examples.no_match
