"""Nouns that the contract suites of the store share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from model.document import Document
from model.lead import Lead
from model.message import Delivery, Message


@pytest.fixture
def post(now: datetime) -> Callable[..., Document]:
    """A document as ingest hands it over: `post(number, text, source=..., likes=...)`."""

    def make(number: int | str, text: str = "", **more: object) -> Document:
        text = text or f"Bài số {number}"
        fields: dict[str, object] = {
            "source": "dien_dan",
            "source_kind": "forum",
            "external_id": str(number),
            "text": text,
            "fingerprint": f"#{text}",
            "collected": now,
            **more,
        }
        return Document(**fields)  # type: ignore[arg-type]

    return make


@pytest.fixture
def lead(now: datetime) -> Callable[..., Lead]:
    """A lead: `lead("a", documents=(...))`."""

    def make(name: str, **more: object) -> Lead:
        fields: dict[str, object] = {
            "id": f"lead_{name}",
            "title": "Giả danh công an",
            "key": f"phone:+8490000000{ord(name[0]) % 10}",
            "created": now,
            "first_seen": now,
            "last_seen": now,
            **more,
        }
        return Lead(**fields)  # type: ignore[arg-type]

    return make


@pytest.fixture
def delivery(now: datetime) -> Callable[..., Delivery]:
    """A delivery: `delivery("a", recipient=...)`."""

    def make(name: str, **more: object) -> Delivery:
        fields: dict[str, object] = {
            "id": f"delivery_{name}",
            "subject_id": "lead_a",
            "purpose": "lead",
            "recipient": "truc_ban",
            "channel": "smtp",
            "address": "truc@example.vn",
            "message": Message(subject="[KHẨN] CG-1", text="t", html="<p>t</p>", message_id=f"{name}@example.vn"),
            "created": now,
            **more,
        }
        return Delivery(**fields)  # type: ignore[arg-type]

    return make
