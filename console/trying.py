"""A saved query tried on a text, as if the text had just been collected from a social network."""

from __future__ import annotations

from datetime import UTC, datetime

from indexer.ingest import prepare
from indexer.matcher import Matcher
from model.document import Document, DocumentVersion
from model.query import SavedQuery

_THEN = datetime(2026, 1, 1, tzinfo=UTC)


def matches_text(query: SavedQuery, text: str, *, source_kind: str = "social") -> bool:
    """Whether the query meets a post with this text."""
    draft = Document(source="example", source_kind=source_kind, external_id="1", text=text, collected=_THEN)
    version = DocumentVersion(document=prepare(draft), seq=1, revision=1, first_seen=_THEN, updated=_THEN)
    return bool(Matcher([query]).match([version]).get(query.id))
