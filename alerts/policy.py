"""Who is told of a lead now, who later, and why not. Pure.

An urgent lead goes to each of its recipients who is on duty, else to the stand-in who is; when nobody is, it waits for
the next hour of duty. What exceeds a recipient's daily budget is left to the digest, with a row that says so: nothing
is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from attrs import frozen

from model.lead import Lead, Suppression
from model.message import Hours, Recipient

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_STAND_INS = 5
"""Stand-ins asked one after another before waiting; also ends a circle of stand-ins."""


@frozen(kw_only=True)
class Send:
    """A mail to be made: to whom, and not before when (None: now). stand_in: who takes over without acknowledgement."""

    recipient: Recipient
    at: datetime | None = None
    stand_in: Recipient | None = None


@frozen(kw_only=True)
class Plan:
    """What is sent of a lead, and why the rest is not."""

    sends: tuple[Send, ...] = ()
    suppressions: tuple[Suppression, ...] = ()


def plan(
    lead: Lead, wanted: Sequence[str], recipients: Mapping[str, Recipient], *, now: datetime, sent: Mapping[str, int]
) -> Plan:
    """The mails of an urgent lead. wanted: recipient ids of its queries, empty = all. sent: mails today by recipient id."""
    sends: dict[str, Send] = {}
    held: list[Suppression] = []
    for name in wanted or recipients:
        recipient = recipients.get(name)
        if recipient is None:
            held.append(_held("no_recipient", f"không có nơi nhận “{name}” trong cấu hình", lead, now))
        elif recipient.regions and lead.regions and not set(recipient.regions) & set(lead.regions):
            held.append(_held("region", f"ngoài địa bàn của {recipient.name}", lead, now))
        elif sent.get(recipient.id, 0) >= recipient.daily_budget:
            detail = f"{recipient.name} đã nhận đủ {recipient.daily_budget} thư trong ngày"
            held.append(_held("budget", detail, lead, now))
        else:
            send = _send(recipient, recipients, now)
            sends.setdefault(send.recipient.id, send)
    return Plan(sends=tuple(sends.values()), suppressions=tuple(held))


def _held(reason: str, detail: str, lead: Lead, now: datetime) -> Suppression:
    return Suppression(reason=reason, detail=detail, at=now, lead=lead.id)


def _send(recipient: Recipient, recipients: Mapping[str, Recipient], now: datetime) -> Send:
    chosen: Recipient | None = recipient
    for _ in range(_STAND_INS):
        if chosen is None or on_duty(chosen.hours, now):
            break
        chosen = recipients.get(chosen.stand_in)
    if chosen is None or not on_duty(chosen.hours, now):
        return Send(
            recipient=recipient, at=next_duty(recipient.hours, now), stand_in=recipients.get(recipient.stand_in)
        )
    return Send(recipient=chosen, stand_in=recipients.get(chosen.stand_in))


def on_duty(hours: Hours, now: datetime) -> bool:
    """Whether the hours cover this moment; hours that end before they start run past midnight."""
    local = now.astimezone(HANOI)
    day, moment = _DAYS[local.weekday()], local.time()
    if hours.start <= hours.end:
        return day in hours.days and hours.start <= moment <= hours.end
    yesterday = _DAYS[(local.weekday() - 1) % 7]
    return (day in hours.days and moment >= hours.start) or (yesterday in hours.days and moment <= hours.end)


def next_duty(hours: Hours, now: datetime) -> datetime | None:
    """The next start of duty after now; None when there is no day of duty."""
    local = now.astimezone(HANOI)
    for days in range(8):
        start = datetime.combine(local.date() + timedelta(days=days), hours.start, HANOI)
        if _DAYS[start.weekday()] in hours.days and start > local:
            return start
    return None


def day_start(now: datetime) -> datetime:
    """Midnight of the Vietnamese day: from when a daily budget counts."""
    return now.astimezone(HANOI).replace(hour=0, minute=0, second=0, microsecond=0)
