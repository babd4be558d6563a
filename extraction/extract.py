"""Text to mentions: the one entry that the other rooms call."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from attrs import evolve

from extraction.kinds.base import kinds, reading_order
from extraction.reading import ENTITY_LIMIT, Page, in_order
from extraction.roles import assign
from model.document import Entity, Mention


def extract(
    text: str, *, title: str = "", source_kind: str = "", url: str = "", published: datetime | None = None
) -> tuple[Mention, ...]:
    """Every identifier of the title, then of the text, in text order, with its role. Pure and deterministic.

    published: lets numbers be read under the numbering plan of their day. A field with more identifiers than
    ENTITY_LIMIT is a flood: the first are kept and the last of them says `entity_flood` in its attributes.
    """
    found: tuple[Mention, ...] = ()
    for field, body, other in (("title", title, text), ("text", text, title)):
        if body:
            mentions = _read(body, field, published)
            found += assign(body, mentions, source_kind=source_kind, url=url, other_field_text=other)
    return found


def _read(text: str, field: str, published: datetime | None) -> list[Mention]:
    page = Page(text, field=field, published=published)
    mentions = in_order(mention for kind in reading_order() for mention in islice(kind.find(page), ENTITY_LIMIT + 1))
    if len(mentions) > ENTITY_LIMIT or (page.memo.get("flood") and mentions):
        mentions = mentions[:ENTITY_LIMIT]
        mentions[-1] = evolve(mentions[-1], attributes={**mentions[-1].attributes, "note": "entity_flood"})
    return mentions


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
