"""Leads: what a person is asked to look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from model.document import Entity, Role


class LeadStatus(StrEnum):
    """Moved by people only, except NEW."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    REFERRED = "referred"
    CLOSED = "closed"


LEAD_STATUS_LABELS: Mapping[LeadStatus, str] = {
    LeadStatus.NEW: "chưa ai nhận",
    LeadStatus.ACKNOWLEDGED: "đã nhận",
    LeadStatus.CONFIRMED: "đã xác minh",
    LeadStatus.DISMISSED: "loại",
    LeadStatus.REFERRED: "đã chuyển",
    LeadStatus.CLOSED: "đã đóng",
}

LEAD_MOVES: Mapping[LeadStatus, frozenset[LeadStatus]] = {
    LeadStatus.NEW: frozenset(LeadStatus) - {LeadStatus.NEW},
    LeadStatus.ACKNOWLEDGED: frozenset(LeadStatus) - {LeadStatus.NEW, LeadStatus.ACKNOWLEDGED},
    LeadStatus.CONFIRMED: frozenset({LeadStatus.DISMISSED, LeadStatus.REFERRED, LeadStatus.CLOSED}),
    LeadStatus.DISMISSED: frozenset({LeadStatus.ACKNOWLEDGED, LeadStatus.CONFIRMED}),
    LeadStatus.REFERRED: frozenset({LeadStatus.DISMISSED, LeadStatus.CONFIRMED, LeadStatus.CLOSED}),
    LeadStatus.CLOSED: frozenset({LeadStatus.ACKNOWLEDGED}),
}
"""Which status may follow which: a dismissed or closed lead can be taken up again, none becomes new again."""

OPEN_STATUSES = frozenset({LeadStatus.NEW, LeadStatus.ACKNOWLEDGED, LeadStatus.CONFIRMED})


@frozen(kw_only=True)
class Match:
    """A saved query met a document version."""

    query: str
    document: str
    revision: int
    at: datetime


@frozen(kw_only=True)
class Suppression:
    """Why nothing was sent for a match or a lead: stored, counted in the digest's ledger, shown on the lead's page.

    reason: code (`realert`, `merged`, `official_only`, `budget`, `quiet_hours`, `muted`, `digest_only`); detail: Vietnamese.
    """

    reason: str
    detail: str
    at: datetime
    query: str = ""
    document: str = ""
    lead: str = ""


@frozen(kw_only=True)
class LeadIdentifier:
    """An identifier of a lead: role as guessed by machine, mentions and documents counted over the lead."""

    entity: Entity
    role: Role = field(converter=Role)
    mentions: int = 1
    documents: int = 1
    attributes: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Lead:
    """One fraud episode, however many queries and documents it meets (DESIGN section 2, step 6).

    id: H(key, episode). code: `CG-<number>`, given once, for people. key: its highest-ranked join key. keys: all join
    keys and families of its documents. documents: ids, in order of seq. score: 0 to 100. reason: Vietnamese, why it is
    raised; novelty: Vietnamese, why it is new. first_seen, last_seen: `collected` of its first and last document.
    first_post, last_post: the same of its posts, which alone tie; None where it has none. Of a large lead, keys and documents
    are those that it lists; more may stand on it.
    warning_gap_hours: None where no official warning exists; positive: we saw it first.
    """

    id: str
    code: str = ""
    title: str
    key: str
    keys: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    rule: str = "any"
    priority: str = "digest"
    status: LeadStatus = field(default=LeadStatus.NEW, converter=LeadStatus)
    score: int = 0
    reason: str = ""
    novelty: str = ""
    created: datetime
    first_seen: datetime
    last_seen: datetime
    first_post: datetime | None = None
    last_post: datetime | None = None
    documents: tuple[str, ...] = ()
    identifiers: tuple[LeadIdentifier, ...] = ()
    regions: tuple[str, ...] = ()
    warning_gap_hours: float | None = None
    merged_into: str = ""
    realert_seconds: int = 86400
    suppressed: Suppression | None = None
