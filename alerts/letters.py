"""The mails that a batch of decisions makes: who gets which, rendered before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import frozen

from alerts.decide import Decision
from alerts.mail import LeadCase, Letterhead, lead_message
from alerts.policy import Plan, Send, day_start, plan
from extraction.narratives import forms
from extraction.places import place_label
from model.document import DocumentVersion
from model.lead import OPEN_STATUSES, Lead, Suppression
from model.message import Delivery, Recipient
from model.query import SavedQuery
from store import deliveries, documents, sources

TOLD_DOCUMENTS = 50
"""Documents of a lead that its mail counts sources and reach over."""


@frozen(kw_only=True)
class Posting:
    """Deliveries to be written with the leads, and why some were not made."""

    deliveries: tuple[Delivery, ...] = ()
    suppressions: tuple[Suppression, ...] = ()


class Letters:
    """Writes the mails of urgent leads: the first one, and later news worth a mail."""

    def __init__(self, recipients: Sequence[Recipient], head: Letterhead, queries: Mapping[str, SavedQuery]) -> None:
        self.recipients = {recipient.id: recipient for recipient in recipients}
        self.head, self.queries = head, queries
        self._titles: dict[str, str] | None = None
        self._sent: dict[str, int] = {}

    def write(self, decisions: Sequence[Decision], *, now: datetime, known: Mapping[str, DocumentVersion]) -> Posting:
        """Mails for all decisions. known: versions at hand, so that they are not read again."""
        made: list[Delivery] = []
        held: list[Suppression] = []
        for decision in decisions:
            purpose = purpose_of(decision)
            if decision.lead is None or not purpose:
                continue
            planned = self._plan(decision.lead, now)
            held += planned.suppressions
            if planned.sends:
                case = self._case(decision.lead, known)
                for send in planned.sends:
                    made += self._deliveries(case, send, purpose, now)
        return Posting(deliveries=tuple(made), suppressions=tuple(held))

    def to(self, lead: Lead, recipient: Recipient, *, now: datetime) -> list[Delivery]:
        """The first mail of a lead to one recipient, whatever the policy says: for a stand-in who takes over."""
        return self._deliveries(self._case(lead, {}), Send(recipient=recipient), "lead", now)

    def _plan(self, lead: Lead, now: datetime) -> Plan:
        wanted = [name for query in lead.queries if query in self.queries for name in self.queries[query].recipients]
        for recipient in self.recipients:
            if recipient not in self._sent:
                self._sent[recipient] = deliveries.sent_today(recipient, day_start(now))
        return plan(lead, list(dict.fromkeys(wanted)), self.recipients, now=now, sent=self._sent)

    def _deliveries(self, case: LeadCase, send: Send, purpose: str, now: datetime) -> list[Delivery]:
        made = []
        for address in send.recipient.addresses:
            identifier, message = lead_message(
                case, send.recipient, address, head=self.head, now=now, purpose=purpose, stand_in=send.stand_in
            )
            made.append(
                Delivery(
                    id=identifier,
                    subject_id=case.lead.id,
                    purpose=purpose.partition(":")[0],
                    recipient=send.recipient.id,
                    channel=send.recipient.channel,
                    address=address,
                    message=message,
                    created=now,
                    next_at=send.at or now,
                )
            )
        self._sent[send.recipient.id] = self._sent.get(send.recipient.id, 0) + len(made)
        return made

    def _case(self, lead: Lead, known: Mapping[str, DocumentVersion]) -> LeadCase:
        wanted = lead.documents[:TOLD_DOCUMENTS]
        missing = [document for document in wanted if document not in known]
        versions = {**documents.get_many(missing), **{key: known[key] for key in wanted if key in known}}
        if self._titles is None:
            self._titles = {status.source.id: status.source.title for status in sources.list_statuses()}
        titles = {key: query.title for key, query in self.queries.items()}
        return lead_case(lead, [versions[key] for key in wanted if key in versions], self._titles, titles)


def lead_case(
    lead: Lead, versions: Sequence[DocumentVersion], source_titles: Mapping[str, str], query_titles: Mapping[str, str]
) -> LeadCase:
    """What a mail tells of a lead: posts first, in the order they were seen."""
    ordered = sorted(versions, key=lambda version: (version.document.source_kind in ("news", "warning"), version.seq))
    warned = sorted(
        (
            version.document.published or version.document.collected,
            source_titles.get(version.document.source, version.document.source),
        )
        for version in versions
        if version.document.source_kind == "warning"
    )
    titles = [lead.title, *(query_titles[query] for query in lead.queries if query in query_titles)]
    return LeadCase(
        lead=lead,
        documents=ordered,
        titles=list(dict.fromkeys(titles)),
        form_names=[forms()[form].name for form in lead.forms[:2] if form in forms()],
        warnings=warned,
        source_titles=source_titles,
        places=[place_label(code) for code in lead.regions],
    )


def purpose_of(decision: Decision) -> str:
    """Why a mail is due: `lead` for a lead that has just become urgent, `update:<what>` for news, "" for none."""
    lead, before = decision.lead, decision.before
    if lead is None or decision.quiet or lead.priority != "immediate":
        return ""
    if before is None or before.priority != "immediate":
        return "lead"
    if lead.status not in OPEN_STATUSES:
        return ""
    if before.warning_gap_hours is None and lead.warning_gap_hours is not None:
        return "update:warning"
    known = {one.entity for one in before.identifiers}
    if any(one.entity not in known for one in lead.identifiers):
        grown, was = len(lead.identifiers).bit_length(), len(before.identifiers).bit_length()
        return f"update:identifiers:{grown}" if grown > was else ""
    return ""
