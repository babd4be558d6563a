"""The JSON shapes that scripts rely on (DESIGN section 6): nouns to plain objects, one place each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from model.document import Document, DocumentVersion, Mention, Picture
from model.lead import Lead, Suppression
from model.message import Delivery
from model.query import SavedQuery
from model.source import Run, SourceStatus

if TYPE_CHECKING:
    from alerts.backtest import Backtest

Json = dict[str, Any]


def stamp(moment: datetime | None) -> str | None:
    """The moment for scripts: ISO 8601, UTC, milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def mention_json(mention: Mention) -> Json:
    """A mention: start and end are code points of `field`."""
    return {
        "kind": mention.kind,
        "value": mention.value,
        "raw": mention.raw,
        "field": mention.field,
        "start": mention.start,
        "end": mention.end,
        "role": mention.role.value,
        "confidence": round(mention.confidence, 3),
        "reason": mention.reason,
        "attributes": dict(mention.attributes),
    }


def backtest_json(done: Backtest) -> Json:
    """What a saved query would have done; mails and recipients are those of one that warns at once."""
    return {
        "query": done.query.id,
        "days": done.days,
        "hits": done.hits,
        "hits_per_day": round(done.hits / done.days, 2),
        "share": round(done.share, 4),
        "broad": done.broad,
        "leads": done.leads,
        "leads_per_day": round(done.leads_per_day, 2),
        "mails_per_day": round(done.mails_per_day, 2),
        "within_budget": done.within,
        "recipients": [
            {
                "id": load.recipient.id,
                "mails_per_day": round(load.mails, 2),
                "busiest_day": load.busiest,
                "days_over": load.over,
                "other_mails_per_day": round(load.others, 2),
                "daily_budget": load.recipient.daily_budget,
                "within_budget": load.within,
            }
            for load in done.loads
        ],
        "overlaps": dict(done.overlaps),
        "source_kinds": dict(done.source_kinds),
        "sample": [version.document.id for version in done.sample],
    }


def picture_json(picture: Picture) -> Json:
    """A picture as it was read; problems: why it was not, or not wholly."""
    return {
        "address": picture.address,
        "sha256": picture.digest,
        "width": picture.width,
        "height": picture.height,
        "text": picture.text,
        "problems": list(picture.problems),
    }


def draft_json(document: Document) -> Json:
    """A document by itself: title and text as written, mentions with their spans."""
    return {
        "id": document.id,
        "source": document.source,
        "source_kind": document.source_kind,
        "external_id": document.external_id,
        "url": document.url,
        "title": document.title,
        "text": document.text,
        "author": document.author,
        "published": stamp(document.published),
        "collected": stamp(document.collected),
        "mentions": [mention_json(mention) for mention in document.mentions],
        "image_text": document.image_text,
        "images": [picture_json(picture) for picture in document.pictures],
        "counts": {
            name: value
            for name in ("likes", "comments", "shares", "views")
            if (value := getattr(document, name)) is not None
        },
        "regions": list(document.regions),
        "narratives": list(document.narratives),
        "language": document.language,
    }


def document_json(version: DocumentVersion) -> Json:
    """A document as the log has it: line of `search --json`."""
    return draft_json(version.document) | {
        "queries": list(version.queries),
        "leads": list(version.leads),
        "family": version.family,
        "version": version.version,
    }


def lead_json(lead: Lead, documents: Mapping[str, DocumentVersion], deliveries: Sequence[Delivery]) -> Json:
    """A lead: line of `leads list --json`. documents: at least those of the lead, by id."""
    return {
        "id": lead.id,
        "code": lead.code,
        "title": lead.title,
        "queries": list(lead.queries),
        "rule": lead.rule,
        "priority": lead.priority,
        "status": lead.status.value,
        "score": lead.score,
        "reason": lead.reason,
        "novelty": lead.novelty,
        "created": stamp(lead.created),
        "first_seen": stamp(lead.first_seen),
        "last_seen": stamp(lead.last_seen),
        "documents": [
            {"id": known.document.id, "external_id": known.document.external_id, "url": known.document.url}
            for known in (documents[identifier] for identifier in lead.documents if identifier in documents)
        ],
        "identifiers": [
            {
                "kind": identifier.entity.kind,
                "value": identifier.entity.value,
                "role": identifier.role.value,
                "mentions": identifier.mentions,
                "documents": identifier.documents,
                "attributes": dict(identifier.attributes),
            }
            for identifier in lead.identifiers
        ],
        "regions": list(lead.regions),
        "warning_gap_hours": lead.warning_gap_hours,
        "deliveries": [delivery_json(delivery) for delivery in deliveries],
        "suppressed": suppression_json(lead.suppressed) if lead.suppressed else None,
    }


def suppression_json(suppression: Suppression) -> Json:
    """Why nothing was sent."""
    return {
        "reason": suppression.reason,
        "detail": suppression.detail,
        "at": stamp(suppression.at),
        "query": suppression.query,
        "document": suppression.document,
    }


def delivery_json(delivery: Delivery) -> Json:
    """A delivery, without the body of its message."""
    return {
        "id": delivery.id,
        "subject_id": delivery.subject_id,
        "purpose": delivery.purpose,
        "recipient": delivery.recipient,
        "channel": delivery.channel,
        "address": delivery.address,
        "subject": delivery.message.subject,
        "message_id": delivery.message.message_id,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "created": stamp(delivery.created),
        "next_at": stamp(delivery.next_at),
        "sent_at": stamp(delivery.sent_at),
        "reply": delivery.reply,
    }


def run_json(run: Run) -> Json:
    """One visit of one source: line of `crawl --json`."""
    return {
        "id": run.id,
        "source": run.source,
        "batch": run.batch,
        "started": stamp(run.started),
        "finished": stamp(run.finished),
        "state": run.state.value,
        "pages": run.pages,
        "bytes": run.bytes,
        "listed": run.listed,
        "new": run.new,
        "updated": run.updated,
        "unchanged": run.unchanged,
        "quarantined": run.quarantined,
        "not_modified": run.not_modified,
        "pending": run.pending,
        "error": run.error,
        "retry_after": run.retry_after,
    }


def source_json(status: SourceStatus) -> Json:
    """A source and how it stands: line of `source list --json`."""
    source = status.source
    return {
        "id": source.id,
        "title": source.title,
        "spider": source.spider,
        "kind": source.kind,
        "url": source.url,
        "interval_seconds": source.interval.total_seconds(),
        "enabled": source.enabled,
        "expect_min": source.expect_min,
        "origin": source.origin.value,
        "file": source.file,
        "notice": source.notice,
        "state": status.state.value,
        "state_since": stamp(status.state_since),
        "next_due": stamp(status.next_due),
        "last_document": stamp(status.last_document),
        "documents": status.documents,
        "pending": status.pending,
        "failures": status.failures,
        "last_run": run_json(status.last_run) if status.last_run else None,
    }


def query_json(query: SavedQuery) -> Json:
    """A saved query: line of `query list --json`."""
    return {
        "id": query.id,
        "title": query.title,
        "form": query.form,
        "query": query.query,
        "rule": dict(query.rule),
        "priority": query.priority.value,
        "realert_seconds": query.realert.total_seconds(),
        "recipients": list(query.recipients),
        "enabled": query.enabled,
        "origin": query.origin.value,
        "file": query.file,
        "version": query.version,
    }
