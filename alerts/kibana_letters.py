"""The mail that answers saved queries made in Kibana: what each would have met, or where it is at fault.

One mail a pull and address, whatever it holds. A saved query is its author's text: it is written so that no mail program
makes a link or a call of it, and never stands in a header.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import frozen

from alerts.mail import Letterhead, clock, message_id, render, show
from indexer.kibana.pull import RefusedQuery
from model.ids import delivery_id
from model.message import Delivery, Message, Recipient
from model.query import SavedQuery

SHOWN_QUERY = 500
"""Characters of a query that the mail shows."""


@frozen(kw_only=True)
class Answer:
    """What a pull has to say. taken: new and changed saved queries; hits: documents that each met in the last `days`, by id,
    left out where the index did not answer; refused: what is told for the first time."""

    taken: Sequence[SavedQuery]
    hits: Mapping[str, int]
    days: int
    refused: Sequence[RefusedQuery]


def letters(
    answer: Answer, recipients: Sequence[Recipient], *, head: Letterhead, now: datetime
) -> tuple[Delivery, ...]:
    """A delivery for each address of those who get the digest; none when there is nothing to say."""
    if not answer.taken and not answer.refused:
        return ()
    keys = sorted([*(f"{query.id}:{query.version}" for query in answer.taken), *(item.key for item in answer.refused)])
    subject_id = f"kibana:{hashlib.sha256(' '.join(keys).encode()).hexdigest()[:24]}"
    return tuple(
        _delivery(answer, subject_id, recipient, address, head, now)
        for recipient in recipients
        if recipient.digest
        for address in recipient.addresses
    )


def _delivery(
    answer: Answer, subject_id: str, recipient: Recipient, address: str, head: Letterhead, now: datetime
) -> Delivery:
    identifier = delivery_id(subject_id, recipient.channel, address, "notice")
    subject = f"Truy vấn lưu từ Kibana: {len(answer.taken)} nhận, {len(answer.refused)} bị từ chối"
    shown = {
        "subject": subject,
        "taken": [_taken(query, answer) for query in answer.taken],
        "refused": [_refused(item) for item in answer.refused],
        "sent": clock(now),
        "department": head.department,
        "link": head.console_url,
    }
    message = Message(
        subject=subject,
        text=render("kibana.txt", shown),
        html=render("kibana.html", shown),
        message_id=message_id(identifier, head),
        headers={"Auto-Submitted": "auto-generated"},
    )
    return Delivery(
        id=identifier,
        subject_id=subject_id,
        purpose="notice",
        recipient=recipient.id,
        channel=recipient.channel,
        address=address,
        message=message,
        created=now,
        next_at=now,
    )


def _taken(query: SavedQuery, answer: Answer) -> dict[str, str]:
    hits = answer.hits.get(query.id)
    tried = (
        "chưa chạy thử được vì chỉ mục tìm kiếm không trả lời"
        if hits is None
        else f"{hits} bài trong {answer.days} ngày qua, khoảng {hits / answer.days:.1f} bài mỗi ngày".replace(".", ",")
    )
    return {"title": show("query", query.title), "query": show("query", query.query[:SHOWN_QUERY]), "tried": tried}


def _refused(item: RefusedQuery) -> dict[str, str]:
    return {"query": show("query", item.query[:SHOWN_QUERY]), "why": show("query", item.sentence)}
