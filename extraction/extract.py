"""Text to mentions: the one entry that the other rooms call."""

from __future__ import annotations

from datetime import datetime

from extraction.kinds.base import kinds
from model.document import Entity, Mention


def extract(
    text: str, *, title: str = "", source_kind: str = "", url: str = "", published: datetime | None = None
) -> tuple[Mention, ...]:
    """Every identifier of the title, then of the text, in text order, with its role. Pure and deterministic."""
    return ()


def keys(mention: Mention) -> tuple[str, ...]:
    """Join keys of a suspect mention, best first; empty for a kind that joins nothing."""
    kind = kinds().get(mention.kind)
    return kind.keys(mention) if kind else ()


def key_rank(key: str) -> int:
    """Order among join keys; smaller ranks higher."""
    prefix = key.partition(":")[0]
    kind = kinds().get(prefix)
    return kind.rank if kind else 50


def normalise(text: str) -> tuple[Entity, ...]:
    """Every reading of a pasted value, whatever its spelling."""
    found = []
    for name, kind in kinds().items():
        value = kind.normalise(text)
        if value is not None:
            found.append(Entity(kind=name, value=value))
    return tuple(found)
