"""A lead that nobody has taken in time goes on to the stand-in, once.

A mail says when that will be (`alerts.mail`), so this is called at every tick of the worker. What has been passed on is
known by its delivery: its id is that of the lead, the stand-in's address and the purpose `lead`, and an existing delivery
is never written again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts.letters import Letters
from alerts.mail import Letterhead
from model.lead import Lead, LeadStatus
from model.message import Delivery, DeliveryState, Recipient
from model.query import SavedQuery
from store import deliveries, leads


def escalate(*, queries: Sequence[SavedQuery], recipients: Sequence[Recipient], head: Letterhead, now: datetime) -> int:
    """Write the mails to stand-ins that are due; how many."""
    passing = {one.id: one for one in recipients if one.stand_in and one.escalate_after is not None}
    if not passing:
        return 0
    waiting = {lead.id: lead for lead in leads.list_leads(status=LeadStatus.NEW) if lead.priority == "immediate"}
    if not waiting:
        return 0
    known = deliveries.list_deliveries(subject_ids=list(waiting))
    told = {(one.subject_id, one.recipient) for one in known}
    letters = Letters(recipients, head, {query.id: query for query in queries})
    made = [
        delivery
        for sent in known
        if _overdue(sent, passing, now)
        for delivery in _pass_on(waiting[sent.subject_id], passing[sent.recipient], told, letters, now)
    ]
    deliveries.add(made)
    return len(made)


def _overdue(sent: Delivery, passing: dict[str, Recipient], now: datetime) -> bool:
    recipient = passing.get(sent.recipient)
    if recipient is None or recipient.escalate_after is None or sent.purpose != "lead":
        return False
    return (
        sent.state is DeliveryState.SENT and sent.sent_at is not None and now - sent.sent_at >= recipient.escalate_after
    )


def _pass_on(
    lead: Lead, recipient: Recipient, told: set[tuple[str, str]], letters: Letters, now: datetime
) -> list[Delivery]:
    if (lead.id, recipient.stand_in) in told or recipient.stand_in not in letters.recipients:
        return []
    told.add((lead.id, recipient.stand_in))
    return letters.to(lead, letters.recipients[recipient.stand_in], now=now)
