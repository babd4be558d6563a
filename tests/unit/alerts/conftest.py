"""Documents, evidence and a database for the tests of this room. All numbers and names are invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.evidence import Evidence
from model.document import Document, DocumentVersion, Mention
from store.connect import connect, disconnect

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    url = f"sqlite:///{tmp_path / 'canhgiac.db'}"
    connect(url)
    yield url
    disconnect()


@pytest.fixture
def at() -> Callable[[float], datetime]:
    """A moment so many hours after the start."""
    return lambda hours: START + timedelta(hours=hours)


@pytest.fixture
def phone() -> Callable[..., Mention]:
    def make(number: str, role: str = "suspect", **more: object) -> Mention:
        return Mention(kind="phone", value=f"+84{number[1:]}", raw=number, role=role, **more)  # type: ignore[arg-type]

    return make


@pytest.fixture
def document() -> Callable[..., Document]:
    """A document as ingest makes it: mentions are looked up in the text so that their spans are right."""

    def make(
        external_id: str,
        text: str,
        *mentions: Mention,
        source: str = "dien_dan",
        kind: str = "forum",
        hours: float = 0,
        **more: object,
    ) -> Document:
        placed = []
        for mention in mentions:
            start = max(0, text.find(mention.raw))
            placed.append(
                Mention(
                    kind=mention.kind,
                    value=mention.value,
                    raw=mention.raw,
                    start=start,
                    end=start + len(mention.raw),
                    role=mention.role,
                    confidence=mention.confidence,
                    attributes=mention.attributes,
                )
            )
        defaults: dict[str, object] = {
            "title": "",
            "collected": START + timedelta(hours=hours),
            "published": START + timedelta(hours=hours - 1),
            "fingerprint": f"{source}/{external_id}/{text}",
        }
        return Document(
            source=source,
            source_kind=kind,
            external_id=external_id,
            text=text,
            mentions=tuple(placed),
            **{**defaults, **more},  # type: ignore[arg-type]
        )

    return make


@pytest.fixture
def version() -> Callable[[Document, int], DocumentVersion]:
    def make(item: Document, seq: int = 1) -> DocumentVersion:
        return DocumentVersion(document=item, seq=seq, revision=seq, first_seen=item.collected, updated=item.collected)

    return make


@pytest.fixture
def evidence() -> Callable[..., Evidence]:
    def make(name: str, *keys: str, hours: float = 0, kind: str = "social", **more: object) -> Evidence:
        values: dict[str, object] = {
            "document": name,
            "seq": int("".join(char for char in name if char.isdigit()) or 0),
            "at": START + timedelta(hours=hours),
            "source": "mang",
            "source_kind": kind,
            "keys": tuple(f"phone:{key}" for key in keys),
            "bridges": kind not in ("news", "warning"),
            "queries": ("q",),
        }
        return Evidence(**{**values, **more})  # type: ignore[arg-type]

    return make
