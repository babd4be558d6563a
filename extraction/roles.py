"""Why an identifier stands in a text: suspect, official, victim, neutral, example, chrome, spoofed or unknown."""

from __future__ import annotations

from collections.abc import Sequence

from model.document import Mention


def official_values() -> frozenset[tuple[str, str]]:
    """(kind, value) of the allow-list `data/official.csv`."""
    return frozenset()


def is_official_domain(domain: str) -> bool:
    """Whether the host belongs to the allow-list or to a government domain."""
    return domain == "gov.vn" or domain.endswith(".gov.vn")


def assign(
    text: str,
    mentions: Sequence[Mention],
    *,
    field: str = "text",
    source_kind: str = "",
    url: str = "",
    other_field_text: str = "",
) -> tuple[Mention, ...]:
    """The mentions of one field with role, confidence and reason."""
    return tuple(mentions)
