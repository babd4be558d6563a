"""Saved queries: what the department watches for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from attrs import field, frozen

from model.source import Origin


class Priority(StrEnum):
    IMMEDIATE = "immediate"
    DIGEST = "digest"


PRIORITY_LABELS: Mapping[Priority, str] = {Priority.IMMEDIATE: "khẩn", Priority.DIGEST: "bản tin ngày"}


@frozen(kw_only=True)
class Examples:
    """Texts that the query must and must not match; checked by `canhgiac query check` and by the tests."""

    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()


@frozen(kw_only=True)
class SavedQuery:
    """A KQL-subset query with the rule that turns its matches into leads (DESIGN section 6).

    form: row of the table of scam forms, or "". rule: {"type": ..., options}. realert: an episode ends when this long
    has passed since its last document. recipients: ids.
    """

    id: str
    title: str
    form: str = ""
    query: str
    rule: Mapping[str, object] = field(factory=lambda: {"type": "any"})
    priority: Priority = field(default=Priority.DIGEST, converter=Priority)
    realert: timedelta = timedelta(hours=24)
    recipients: tuple[str, ...] = ()
    examples: Examples = Examples()
    enabled: bool = True
    origin: Origin = field(default=Origin.SITE, converter=Origin)
    file: str = ""
    version: int = 1
