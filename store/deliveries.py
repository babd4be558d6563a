"""The outbox: every message to every address, until it is `sent` or `dead`.

State moves: new -> sending (claim) -> sent | dead | new (defer); held -> new (release); dead -> new (retry). Each move is
one function whose WHERE names the state it leaves and the fence of the claim, so that a sender that was thought dead
cannot overwrite what its successor did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from model.errors import StaleFenceError
from model.message import Delivery, DeliveryState
from store import codec
from store.audit import write_entry
from store.base import execute_many, from_ms, maybe_ms, maybe_time, refusals, select, select_in, to_ms, writing
from store.models import DeliveryRow

_COLUMNS = "id, state, fence, attempts, next_at, sent_at, reply, payload"


def add(deliveries: Sequence[Delivery]) -> None:
    """Adds deliveries; one whose id is there already is left as it is."""
    with writing("deliveries add"):
        insert_deliveries(deliveries)


def insert_deliveries(deliveries: Iterable[Delivery]) -> None:
    """`add` within the caller's write transaction."""
    execute_many(
        "INSERT INTO deliveries (id, subject_id, recipient, state, fence, attempts, created, next_at, sent_at, reply, payload)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING",
        [
            (
                delivery.id,
                delivery.subject_id,
                delivery.recipient,
                delivery.state.value,
                delivery.fence,
                delivery.attempts,
                to_ms(delivery.created),
                to_ms(delivery.next_at or delivery.created),
                maybe_ms(delivery.sent_at),
                delivery.reply,
                codec.dumps(delivery),
            )
            for delivery in deliveries
        ],
    )


def _delivery(row: tuple[Any, ...]) -> Delivery:
    identifier, state, fence, attempts, next_at, sent_at, reply, payload = row
    delivery = codec.loads(payload, Delivery)
    return evolve(
        delivery,
        id=identifier,
        state=DeliveryState(state),
        fence=fence,
        attempts=attempts,
        next_at=from_ms(next_at),
        sent_at=maybe_time(sent_at),
        reply=reply,
    )


def claim(now: datetime, *, limit: int, lease_ttl: timedelta) -> list[Delivery]:
    """Takes what is due, oldest first, for sending: state `sending`, fence and attempts one higher.

    A delivery whose sender has been silent for `lease_ttl` is taken again: its mail may have gone out, and goes out
    again with the same Message-ID. lease_ttl must be longer than the longest wait for a server's answer.
    """
    moment, until = to_ms(now), to_ms(now + lease_ttl)
    with writing("deliveries claim"):
        due = select(
            "SELECT id FROM deliveries WHERE state = 'new' AND next_at <= %s ORDER BY next_at, id LIMIT %s",
            (moment, limit),
        )
        if len(due) < limit:
            due += select(
                "SELECT id FROM deliveries WHERE state = 'sending' AND lease_until <= %s ORDER BY next_at, id LIMIT %s",
                (moment, limit - len(due)),
            )
        ids = [row[0] for row in due]
        execute_many(
            "UPDATE deliveries SET state = 'sending', fence = fence + 1, attempts = attempts + 1, lease_until = %s"
            " WHERE id = %s AND (state = 'new' OR (state = 'sending' AND lease_until <= %s))",
            [(until, identifier, moment) for identifier in ids],
        )
        rows = select_in(f"SELECT {_COLUMNS} FROM deliveries WHERE id IN {{}}", ids)  # noqa: S608 - our own columns
    by_id = {row[0]: row for row in rows}
    return [_delivery(by_id[identifier]) for identifier in ids]


def mark_sent(id: str, fence: int, reply: str, now: datetime) -> None:
    """The server has taken the message. Raises StaleFenceError when the claim has passed to another sender."""
    _settle(id, fence, now, action="delivery.sent", state="sent", sent_at=to_ms(now), reply=reply)


def mark_dead(id: str, fence: int, reply: str, now: datetime) -> None:
    """The message will never be taken; it is shown until a person retries it. Raises StaleFenceError as `mark_sent`."""
    _settle(id, fence, now, action="delivery.dead", state="dead", reply=reply)


def defer(id: str, fence: int, reply: str, next_at: datetime) -> None:
    """Not taken now: again from `next_at` on. Raises StaleFenceError as `mark_sent`."""
    with writing("deliveries defer"):
        _move(id, fence, state="new", next_at=to_ms(next_at), reply=reply)


def _settle(identifier: str, fence: int, now: datetime, *, action: str, **columns: Any) -> None:
    with writing(action.replace(".", " ")):
        _move(identifier, fence, **columns)
        detail = {"fence": fence, "reply": str(columns["reply"])[:500]}
        write_entry("system", action, identifier, detail, now)


def _move(identifier: str, fence: int, **columns: Any) -> None:
    rows = DeliveryRow.objects.filter(id=identifier, fence=fence, state="sending")
    if not rows.update(lease_until=None, **columns):
        raise StaleFenceError(f"delivery {identifier}: the claim with fence {fence} has passed to another sender")


def release(ids: Collection[str], now: datetime) -> int:
    """Lets held deliveries go out; the number that were held."""
    with writing("deliveries release"):
        return DeliveryRow.objects.filter(id__in=list(ids), state="held").update(state="new", next_at=to_ms(now))


def retry(ids: Collection[str] | None, now: datetime, *, actor: str = "system") -> int:
    """Tries dead deliveries again, these or (None) all of them, and deferred ones at once; the number that will be tried."""
    with writing("deliveries retry"):
        rows = DeliveryRow.objects.filter(state__in=["dead", "new"])
        if ids is not None:
            rows = rows.filter(id__in=list(ids))
        chosen = list(rows.values_list("id", flat=True))
        rows.update(state="new", next_at=to_ms(now))
        if chosen:
            write_entry(actor, "delivery.retry", "deliveries", {"ids": chosen[:200], "number": len(chosen)}, now)
        return len(chosen)


def get(id: str) -> Delivery | None:
    """One delivery."""
    rows = select(f"SELECT {_COLUMNS} FROM deliveries WHERE id = %s", (id,))  # noqa: S608
    return _delivery(rows[0]) if rows else None


def list_deliveries(
    state: DeliveryState | str | None = None,
    subject_id: str | None = None,
    limit: int | None = None,
    *,
    subject_ids: Collection[str] | None = None,
) -> list[Delivery]:
    """Deliveries, newest first; of one subject (a lead, a digest), or of several."""
    rows = DeliveryRow.objects.order_by("-created", "id")
    if state is not None:
        rows = rows.filter(state=DeliveryState(state).value)
    if subject_id is not None:
        rows = rows.filter(subject_id=subject_id)
    if subject_ids is not None:
        rows = rows.filter(subject_id__in=list(subject_ids))
    columns = [name.strip() for name in _COLUMNS.split(",")]
    with refusals():
        return [_delivery(row) for row in rows.values_list(*columns)[:limit]]


def counts() -> dict[str, int]:
    """How many deliveries are in each state."""
    return dict(select("SELECT state, COUNT(*) FROM deliveries GROUP BY state"))


def sent_today(recipient: str, since: datetime) -> int:
    """How many messages the recipient has been sent since then, counting those on their way."""
    return int(
        select(
            "SELECT COUNT(*) FROM deliveries WHERE recipient = %s AND"
            " ((state = 'sent' AND sent_at >= %s) OR (state IN ('new', 'sending') AND created >= %s))",
            (recipient, to_ms(since), to_ms(since)),
        )[0][0]
    )
