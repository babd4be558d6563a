"""Recipients, messages and their deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum

from attrs import field, frozen


@frozen(kw_only=True)
class Hours:
    """When a recipient is on duty, Asia/Ho_Chi_Minh. days: `mon` ... `sun`."""

    days: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    start: time = time(0, 0)
    end: time = time(23, 59, 59)


@frozen(kw_only=True)
class Recipient:
    """Who is told, over which channel. channel: name of a file in `alerts/channels` (`smtp`, `terminal`, ...).

    stand_in: recipient id used outside hours or after escalate_after without acknowledgement. daily_budget: immediate
    mails a day; the rest goes to the digest. regions: province codes, empty = all. masking: `none` or `identifiers`.
    digest: receives the daily digest.
    """

    id: str
    name: str
    addresses: tuple[str, ...]
    channel: str = "smtp"
    hours: Hours = Hours()
    stand_in: str = ""
    escalate_after: timedelta | None = None
    daily_budget: int = 40
    regions: tuple[str, ...] = ()
    masking: str = "none"
    digest: bool = True


@frozen(kw_only=True)
class Message:
    """A rendered message, ready for a channel: nothing in it is rendered again when it is sent.

    subject: never holds text of a post. message_id, references: RFC 5322 identifiers without angle brackets; a repeat
    after a lost `250` carries the same message_id.
    """

    subject: str
    text: str
    html: str
    message_id: str
    references: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(factory=dict)


class DeliveryState(StrEnum):
    """`new` and `sending` are on their way; every delivery ends `sent` or `dead`; `held` waits for a person or a slot."""

    NEW = "new"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    HELD = "held"


DELIVERY_LABELS: Mapping[DeliveryState, str] = {
    DeliveryState.NEW: "chờ gửi",
    DeliveryState.SENDING: "đang gửi",
    DeliveryState.SENT: "đã gửi",
    DeliveryState.DEAD: "không gửi được",
    DeliveryState.HELD: "tạm giữ",
}


@frozen(kw_only=True)
class Delivery:
    """One message to one address. subject_id: lead id, or `digest:<slot>`. purpose: `lead`, `update`, `correction`, `digest`, `notice`."""

    id: str
    subject_id: str
    purpose: str
    recipient: str
    channel: str
    address: str
    message: Message
    state: DeliveryState = field(default=DeliveryState.NEW, converter=DeliveryState)
    fence: int = 0
    attempts: int = 0
    created: datetime
    next_at: datetime | None = None
    sent_at: datetime | None = None
    reply: str = ""
