"""Counts for digests and reports: what was found in a period, and what became of it. Reads the store, writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from model.document import Role
from model.lead import Lead, LeadStatus, Suppression
from model.message import Delivery, DeliveryState
from model.query import SavedQuery
from model.source import BLIND_STATES, SourceStatus
from store import audit, deliveries, documents, entities, leads, sources
from store.entities import RegisterEntry

OVERDUE_AFTER = timedelta(hours=24)
"""A lead that nobody has taken for this long is overdue."""

RISING = 5
NEW_ENTITIES = 500
AUDIT_ENTRIES = 5_000

REASONS: Mapping[str, str] = {
    "realert": "đã báo trong đợt này",
    "merged": "gộp vào đầu mối cũ hơn",
    "official_only": "chỉ có định danh chính thức hoặc trung tính",
    "low_score": "chưa đủ dấu hiệu",
    "rule": "quy tắc của truy vấn chưa thỏa",
    "budget": "nơi nhận đã đủ thư trong ngày",
    "quiet_hours": "ngoài giờ trực",
    "muted": "đã tắt báo",
    "digest_only": "chờ bản tin ngày",
    "backfill": "bài cũ, tìm thấy khi rà lại; chờ bản tin ngày",
    "no_recipient": "không có nơi nhận trong cấu hình",
    "region": "ngoài địa bàn của nơi nhận",
    "other": "lý do khác",
}


@frozen(kw_only=True)
class Period:
    """From `start` on, before `end`; both aware."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def before(self, by: timedelta) -> Period:
        """The same length of time, that much earlier."""
        return Period(start=self.start - by, end=self.end - by)

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


@frozen(kw_only=True)
class Counts:
    """The figures that a digest sets against the day and the week before."""

    matches: int
    leads: int
    urgent: int
    identifiers: int
    mails: int


@frozen(kw_only=True)
class Ledger:
    """What became of every document that met a query in the period: each is counted once.

    matched = mailed + digested + sum(held.values()). held: Vietnamese reason -> documents.
    """

    matched: int
    mailed: int
    digested: int
    held: Mapping[str, int]


@frozen(kw_only=True)
class Rise:
    """A saved query with the documents that met it in the period and in the same time before."""

    title: str
    now: int
    before: int


@frozen(kw_only=True)
class Coverage:
    """What we can see: enabled sources, the blind ones, when the last document came, and what failed."""

    watched: int
    alive: int
    blind: Sequence[SourceStatus]
    last_document: datetime | None
    quarantined: int
    dead: int
    waiting: int


def counts(period: Period) -> Counts:
    """The figures of a period."""
    made = [lead for lead in leads.list_leads(since=period.start) if lead.created < period.end]
    return Counts(
        matches=sum(leads.match_counts(since=period.start, until=period.end).values()),
        leads=len(made),
        urgent=sum(1 for lead in made if lead.priority == "immediate"),
        identifiers=len(new_identifiers(period)),
        mails=sum(1 for one in _sent(period) if one.purpose != "digest"),
    )


def _sent(period: Period) -> list[Delivery]:
    return [
        one
        for one in deliveries.list_deliveries(DeliveryState.SENT)
        if one.sent_at is not None and period.holds(one.sent_at)
    ]


def waiting() -> list[Lead]:
    """Leads that nobody has taken yet, heaviest first."""
    return leads.list_leads(status=LeadStatus.NEW, order="score")


def overdue(now: datetime) -> list[Lead]:
    """Leads that nobody has taken for too long, oldest first."""
    return sorted((lead for lead in waiting() if now - lead.created > OVERDUE_AFTER), key=lambda lead: lead.created)


def new_leads(period: Period) -> list[Lead]:
    """Leads made in the period, heaviest first."""
    made = [lead for lead in leads.list_leads(since=period.start) if lead.created < period.end]
    return sorted(made, key=lambda lead: (-lead.score, lead.code))


def rising(period: Period, queries: Sequence[SavedQuery]) -> list[Rise]:
    """The saved queries met by more documents than in the same time before, the steepest first."""
    titles = {query.id: query.title for query in queries if query.form}
    earlier = period.before(period.length)
    now = leads.match_counts(since=period.start, until=period.end)
    before = leads.match_counts(since=earlier.start, until=earlier.end)
    rises = [
        Rise(title=titles[query], now=number, before=before.get(query, 0))
        for query, number in now.items()
        if query in titles and number > before.get(query, 0)
    ]
    return sorted(rises, key=lambda rise: (rise.before - rise.now, rise.title))[:RISING]


def new_identifiers(period: Period) -> list[RegisterEntry]:
    """Suspects of the register first seen in the period, those in most documents first."""
    found = entities.list_entries(new_since=period.start, order="first_seen", limit=NEW_ENTITIES)
    kept = [entry for entry in found if entry.first_seen < period.end and entry.status == Role.SUSPECT.value]
    return sorted(kept, key=lambda entry: (-entry.documents, entry.entity.key))


def warned(period: Period) -> list[Lead]:
    """Leads with an official warning that were made or grew in the period, those we saw earliest first."""
    found = [lead for lead in leads.list_leads(order="last_seen") if lead.warning_gap_hours is not None]
    recent = [lead for lead in found if period.holds(lead.created) or period.holds(lead.last_seen)]
    return sorted(recent, key=lambda lead: -(lead.warning_gap_hours or 0))


def outcomes(period: Period) -> Counter[LeadStatus]:
    """How many leads people moved to each status in the period."""
    moved: Counter[LeadStatus] = Counter()
    for entry in audit.entries(AUDIT_ENTRIES):
        if entry.action == "lead.transition" and period.holds(entry.at):
            moved[LeadStatus(str(entry.detail["to"]))] += 1
    return moved


def coverage(period: Period) -> Coverage:
    """What we saw and what we missed."""
    statuses = [status for status in sources.list_statuses() if status.source.enabled and status.source.spider]
    blind = [status for status in statuses if status.state in BLIND_STATES]
    times = [status.last_document for status in sources.list_statuses() if status.last_document is not None]
    states = deliveries.counts()
    return Coverage(
        watched=len(statuses),
        alive=len(statuses) - len(blind),
        blind=blind,
        last_document=max(times, default=None),
        quarantined=documents.quarantine_count(since=period.start, until=period.end),
        dead=states.get("dead", 0),
        waiting=states.get("new", 0) + states.get("sending", 0),
    )


def ledger(period: Period, queries: Sequence[SavedQuery]) -> Ledger:
    """What became of every document that met a query in the period."""
    matched = {
        match.document
        for query in queries
        for match in leads.matches_for(query.id, period.start)
        if match.at < period.end
    }
    codes = {key: version.leads for key, version in documents.get_many(matched).items()}
    open_leads = {lead.code: lead for lead in leads.list_leads()}
    mailed_ids = {one.subject_id for one in deliveries.list_deliveries() if one.purpose in ("lead", "update")}
    reasons = _reasons(leads.suppressions(since=period.start))
    outcome: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for document in matched:
        held_in = [open_leads[code] for code in codes.get(document, ()) if code in open_leads]
        if any(lead.id in mailed_ids for lead in held_in):
            outcome["mailed"] += 1
        elif held_in:
            outcome["digested"] += 1
        else:
            held[reasons.get(document, REASONS["other"])] += 1
    return Ledger(
        matched=len(matched), mailed=outcome["mailed"], digested=outcome["digested"], held=dict(held.most_common())
    )


def _reasons(rows: Sequence[Suppression]) -> dict[str, str]:
    """Document -> the latest reason why it made no lead."""
    return {row.document: REASONS.get(row.reason, REASONS["other"]) for row in rows if row.document}
