"""Identifiers made harmless for people: defanged so that no program links them, masked where they are a victim's."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from model.document import Mention, Role


def defang(text: str) -> str:
    """The text with nothing left that a mail program or a messenger turns into a link."""
    return text.replace("http", "hxxp").replace("://", "[:]//").replace(".", "[.]").replace("@", "[@]")


def mask(kind: str, value: str) -> str:
    """The value with its middle hidden, as shown to people who need not know it."""
    return value[:2] + "•" * max(0, len(value) - 5) + value[-3:]


def mask_victims(text: str, mentions: Sequence[Mention]) -> tuple[str, tuple[Mention, ...]]:
    """The text with victims' identifiers hidden by as many `•`, and the mentions with victims' values masked."""
    characters = list(text)
    kept = []
    for mention in mentions:
        if mention.role is Role.VICTIM:
            characters[mention.start : mention.end] = "•" * (mention.end - mention.start)
            hidden = mask(mention.kind, mention.value)
            mention = evolve(mention, value=hidden, raw="•" * (mention.end - mention.start), attributes={})
        kept.append(mention)
    return "".join(characters), tuple(kept)
