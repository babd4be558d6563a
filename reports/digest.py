"""The daily digest: everything since the last one, in ten sections, as one delivery to each reader.

It is always sent, also with nothing in it, so that its absence is noticed. It takes effect once per slot, however many
workers run: the deliveries are written in the transaction that marks the slot as done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from attrs import frozen

from alerts import wording
from alerts.mail import HANOI, Letterhead, clock, header_text, message_id, render, show
from extraction.defang import defang
from extraction.kinds.base import kinds
from extraction.places import place_label
from model.ids import delivery_id
from model.lead import LEAD_STATUS_LABELS, Lead
from model.message import Delivery, Message, Recipient
from model.query import SavedQuery
from model.source import STATE_LABELS, SourceStatus
from reports import figures
from reports.figures import Period
from store import leases
from store.entities import RegisterEntry

JOB = "digest"
"""Name of the slot."""

FIRST_PERIOD = timedelta(days=1)
LONGEST_PERIOD = timedelta(days=31)
SLOT_TTL = timedelta(minutes=10)
SHOWN = 12
"""Leads or identifiers listed in one section; the console has the rest."""


@frozen(kw_only=True)
class Digest:
    """What a digest says, worked out once for all its readers."""

    period: Period
    made: datetime
    new: Sequence[Lead]
    waiting: Sequence[Lead]
    overdue: Sequence[Lead]
    rising: Sequence[figures.Rise]
    today: figures.Counts
    day_before: figures.Counts
    week_before: figures.Counts
    identifiers: Sequence[RegisterEntry]
    warned: Sequence[Lead]
    outcomes: Sequence[tuple[str, int]]
    coverage: figures.Coverage
    ledger: figures.Ledger


def build(period: Period, queries: Sequence[SavedQuery], *, now: datetime) -> Digest:
    """Work out the digest of a period."""
    moved = figures.outcomes(period)
    return Digest(
        period=period,
        made=now,
        new=figures.new_leads(period),
        waiting=figures.waiting(),
        overdue=figures.overdue(now),
        rising=figures.rising(period, queries),
        today=figures.counts(period),
        day_before=figures.counts(period.before(max(period.length, FIRST_PERIOD))),
        week_before=figures.counts(period.before(timedelta(days=7))),
        identifiers=figures.new_identifiers(period),
        warned=figures.warned(period),
        outcomes=[(LEAD_STATUS_LABELS[status], number) for status, number in moved.items()],
        coverage=figures.coverage(period),
        ledger=figures.ledger(period, queries),
    )


def period_of(due: datetime) -> Period:
    """What the digest due then covers: everything since the last one that took effect, at most a month."""
    done = [at for at in leases.slots_done(JOB, since=due - LONGEST_PERIOD) if at < due]
    return Period(start=max(done, default=due - FIRST_PERIOD), end=due)


def due_on(day: date, at: time) -> datetime:
    """When the digest of that day is due, Vietnamese time."""
    return datetime.combine(day, at, HANOI)


def send_digest(
    *, due: datetime, queries: Sequence[SavedQuery], recipients: Sequence[Recipient], head: Letterhead, now: datetime
) -> tuple[Delivery, ...] | None:
    """Make the digest due then and its deliveries; None when that slot has taken effect or another makes it now."""
    lease = leases.slot(JOB, due, f"digest-{uuid4().hex[:8]}", now=now, ttl=SLOT_TTL)
    if lease is None:
        return None
    digest = build(period_of(due), queries, now=now)
    made = tuple(
        delivery(digest, recipient, address, due=due, head=head)
        for recipient in recipients
        if recipient.digest
        for address in recipient.addresses
    )
    leases.slot_done(JOB, due, lease, now=now, deliveries=made)
    return made


def delivery(digest: Digest, recipient: Recipient, address: str, *, due: datetime, head: Letterhead) -> Delivery:
    """One digest to one address."""
    subject_id = f"digest:{due.astimezone(HANOI):%Y-%m-%dT%H:%M}"
    identifier = delivery_id(subject_id, recipient.channel, address, "digest")
    return Delivery(
        id=identifier,
        subject_id=subject_id,
        purpose="digest",
        recipient=recipient.id,
        channel=recipient.channel,
        address=address,
        message=message(digest, head, identifier),
        created=digest.made,
        next_at=digest.made,
    )


def message(digest: Digest, head: Letterhead, identifier: str = "preview") -> Message:
    """The digest as text and HTML."""
    shown = view(digest, head)
    subject = subject_of(digest)
    return Message(
        subject=subject,
        text=render("digest.txt", shown),
        html=render("digest.html", {**shown, "subject": subject}),
        message_id=message_id(identifier, head),
        headers={"Auto-Submitted": "auto-generated"},
    )


def subject_of(digest: Digest) -> str:
    """The three numbers that matter, and the day."""
    return header_text(
        f"[Cảnh Giác] Bản tin {digest.period.end.astimezone(HANOI):%d/%m/%Y}: {len(digest.new)} đầu mối mới, "
        f"{len(digest.waiting)} chờ quyết định, {len(digest.coverage.blind)} nguồn không thấy được"
    )


def view(digest: Digest, head: Letterhead) -> dict[str, object]:
    """The values of the templates, all texts defanged."""
    return {
        "department": head.department,
        "link": f"{head.console_url}/ban-tin/",
        "leads_link": f"{head.console_url}/",
        "day": f"{digest.period.end.astimezone(HANOI):%d/%m/%Y}",
        "period": f"từ {clock(digest.period.start)} đến {clock(digest.period.end)}",
        "numbers": [
            {"number": str(len(digest.new)), "label": "đầu mối mới"},
            {"number": str(len(digest.waiting)), "label": "chờ quyết định"},
            {"number": str(len(digest.coverage.blind)), "label": "nguồn không thấy được"},
        ],
        "conclusion": conclusion(digest),
        "waiting": [_lead(lead, head) for lead in digest.waiting[:SHOWN]],
        "waiting_more": _more(len(digest.waiting)),
        "overdue": [_lead(lead, head, since=digest.made) for lead in digest.overdue[:SHOWN]],
        "overdue_more": _more(len(digest.overdue)),
        "new": [_lead(lead, head) for lead in digest.new[:SHOWN]],
        "new_more": _more(len(digest.new)),
        "rising": [{"title": one.title, "now": str(one.now), "before": str(one.before)} for one in digest.rising],
        "figures": _figures(digest),
        "identifiers": [_entry(entry) for entry in digest.identifiers[:SHOWN]],
        "identifiers_more": _more(len(digest.identifiers)),
        "warned": [_warned(lead) for lead in digest.warned[:SHOWN]],
        "outcomes": [{"label": label, "number": str(number)} for label, number in digest.outcomes],
        "coverage": _coverage(digest),
        "blind": [_blind(status) for status in digest.coverage.blind],
        "ledger": _ledger(digest),
    }


def conclusion(digest: Digest) -> str:
    """Two sentences: what happened, and what is asked of the reader."""
    if not digest.new:
        first = "Không có đầu mối mới trong kỳ"
    else:
        urgent = sum(1 for lead in digest.new if lead.priority == "immediate")
        first = f"Có {len(digest.new)} đầu mối mới" + (f", trong đó {urgent} cần xử lý khẩn" if urgent else "")
        if digest.rising:
            first += f"; nổi lên là “{digest.rising[0].title}”"
    blind = len(digest.coverage.blind)
    if digest.overdue:
        second = f"Đề nghị xem ngay {len(digest.overdue)} đầu mối quá hạn chưa ai nhận"
    elif digest.waiting:
        second = f"Đề nghị cho ý kiến {len(digest.waiting)} đầu mối đang chờ"
    else:
        second = "Không có việc nào chờ quyết định"
    if blind:
        second += f" và kiểm tra {blind} nguồn đang không thấy được"
    return f"{first}. {second}."


def _more(number: int) -> str:
    return str(number - SHOWN) if number > SHOWN else ""


def _lead(lead: Lead, head: Letterhead, since: datetime | None = None) -> dict[str, str]:
    places = ", ".join(place_label(code) for code in lead.regions[:2]) or "chưa rõ địa bàn"
    waited = f"đã chờ {wording.hours((since - lead.created).total_seconds() / 3600)}" if since else ""
    return {
        "code": lead.code,
        "title": defang(lead.title),
        "urgent": "khẩn" if lead.priority == "immediate" else "",
        "score": str(lead.score),
        "place": defang(places),
        "size": f"{wording.number(len(lead.documents))} bài, {len(lead.identifiers)} định danh",
        "status": LEAD_STATUS_LABELS[lead.status],
        "novelty": defang(lead.novelty),
        "seen": clock(lead.first_seen),
        "waited": waited,
        "link": f"{head.console_url}/vu-viec/{lead.code}/",
    }


def _figures(digest: Digest) -> list[dict[str, str]]:
    rows = (
        ("Bài khớp truy vấn", "matches"),
        ("Đầu mối mới", "leads"),
        ("trong đó khẩn", "urgent"),
        ("Định danh nghi vấn mới", "identifiers"),
        ("Thư đã gửi", "mails"),
    )
    return [
        {
            "label": label,
            "now": wording.number(getattr(digest.today, name)),
            "day": wording.number(getattr(digest.day_before, name)),
            "week": wording.number(getattr(digest.week_before, name)),
        }
        for label, name in rows
    ]


def _entry(entry: RegisterEntry) -> dict[str, str]:
    kind = kinds().get(entry.entity.kind)
    label = kind.label if kind else {"domain": "tên miền"}.get(entry.entity.kind, entry.entity.kind)
    return {
        "label": wording.capital(label),
        "value": show(entry.entity.kind, entry.entity.value),
        "seen": f"{entry.documents} bài, {len(entry.sources)} nguồn",
        "leads": ", ".join(entry.leads[:3]),
    }


def _warned(lead: Lead) -> dict[str, str]:
    gap = lead.warning_gap_hours or 0.0
    words = (
        f"hệ thống thấy trước {wording.hours(gap)}"
        if gap > 0
        else f"cảnh báo có trước {wording.hours(-gap)}"
        if gap < 0
        else "cùng lúc"
    )
    return {"code": lead.code, "title": defang(lead.title), "gap": words}


def _coverage(digest: Digest) -> list[str]:
    seen = digest.coverage
    last = clock(seen.last_document) if seen.last_document else "chưa có"
    return [
        f"{seen.alive}/{seen.watched} nguồn đang bật còn thấy được",
        f"Tin gần nhất thu được: {last}",
        f"Tin phải cách ly: {wording.number(seen.quarantined)}; thư không gửi được: {seen.dead}; thư đang chờ: {seen.waiting}",
    ]


def _blind(status: SourceStatus) -> dict[str, str]:
    return {
        "title": defang(status.source.title),
        "state": STATE_LABELS[status.state],
        "since": clock(status.state_since) if status.state_since else "không rõ từ khi nào",
    }


def _ledger(digest: Digest) -> dict[str, object]:
    book = digest.ledger
    return {
        "matched": wording.number(book.matched),
        "mailed": wording.number(book.mailed),
        "digested": wording.number(book.digested),
        "held": wording.number(sum(book.held.values())),
        "reasons": [{"reason": reason, "number": wording.number(number)} for reason, number in book.held.items()],
    }
