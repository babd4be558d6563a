"""The outbox behaves alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from model.errors import StaleFenceError
from model.message import Delivery, DeliveryState
from store import audit, deliveries

pytestmark = pytest.mark.usefixtures("any_database")
Send = Callable[..., Delivery]
TTL = timedelta(minutes=15)


def test_a_delivery_is_added_once(delivery: Send, now: datetime) -> None:
    deliveries.add([delivery("a"), delivery("a", address="khac@example.vn")])
    deliveries.add([delivery("a", recipient="khac")])
    (kept,) = deliveries.list_deliveries()
    assert (kept.address, kept.recipient, kept.state, kept.message.message_id) == (
        "truc@example.vn",
        "truc_ban",
        DeliveryState.NEW,
        "a@example.vn",
    )
    assert deliveries.get("delivery_a") == kept
    assert deliveries.get("?") is None


def test_what_is_due_is_claimed_once_oldest_first(delivery: Send, now: datetime) -> None:
    minute = timedelta(minutes=1)
    deliveries.add(
        [
            delivery("b", next_at=now),
            delivery("a", next_at=now - minute),
            delivery("c", next_at=now + minute),
            delivery("h", state="held"),
        ]
    )
    assert [item.id for item in deliveries.claim(now, limit=1, lease_ttl=TTL)] == ["delivery_a"]
    claimed = deliveries.claim(now, limit=9, lease_ttl=TTL)
    assert [(item.id, item.state, item.fence, item.attempts) for item in claimed] == [("delivery_b", "sending", 1, 1)]
    assert deliveries.claim(now, limit=9, lease_ttl=TTL) == []


def test_a_silent_sender_is_replaced_and_can_do_no_harm(delivery: Send, now: datetime) -> None:
    deliveries.add([delivery("a")])
    (first,) = deliveries.claim(now, limit=1, lease_ttl=TTL)
    assert deliveries.claim(now + TTL - timedelta(seconds=1), limit=1, lease_ttl=TTL) == []
    (second,) = deliveries.claim(now + TTL, limit=1, lease_ttl=TTL)
    assert (second.fence, second.attempts, second.message) == (2, 2, first.message)
    for late in (
        lambda: deliveries.mark_sent(first.id, first.fence, "250", now),
        lambda: deliveries.mark_dead(first.id, first.fence, "550", now),
        lambda: deliveries.defer(first.id, first.fence, "451", now),
    ):
        with pytest.raises(StaleFenceError, match="delivery_a"):
            late()
    deliveries.mark_sent(second.id, second.fence, "250 ok", now + TTL)
    (kept,) = deliveries.list_deliveries(state="sent")
    assert (kept.sent_at, kept.reply, kept.attempts) == (now + TTL, "250 ok", 2)
    with pytest.raises(StaleFenceError):
        deliveries.mark_sent(second.id, second.fence, "250 ok", now)


def test_deferred_dead_and_retried(delivery: Send, now: datetime) -> None:
    deliveries.add([delivery("a"), delivery("b")])
    one, two = deliveries.claim(now, limit=2, lease_ttl=TTL)
    deliveries.defer(one.id, one.fence, "451 sau", now + timedelta(hours=1))
    deliveries.mark_dead(two.id, two.fence, "550 không có", now)
    assert deliveries.counts() == {"new": 1, "dead": 1}
    assert deliveries.claim(now, limit=9, lease_ttl=TTL) == []
    assert deliveries.retry(["delivery_b"], now) == 1
    assert [item.id for item in deliveries.claim(now, limit=9, lease_ttl=TTL)] == ["delivery_b"]
    assert deliveries.retry(None, now) == 1
    assert [item.id for item in deliveries.claim(now, limit=9, lease_ttl=TTL)] == ["delivery_a"]
    assert [entry.action for entry in audit.entries()] == ["delivery.retry", "delivery.retry", "delivery.dead"]


def test_held_ones_wait_to_be_released(delivery: Send, now: datetime) -> None:
    deliveries.add([delivery("a", state="held")])
    assert deliveries.release(["delivery_a", "?"], now) == 1
    assert deliveries.release(["delivery_a"], now) == 0
    assert len(deliveries.claim(now, limit=9, lease_ttl=TTL)) == 1


def test_lists_and_the_daily_budget(delivery: Send, now: datetime) -> None:
    day = timedelta(days=1)
    deliveries.add(
        [
            delivery("a", subject_id="x", created=now - day),
            delivery("b", subject_id="y"),
            delivery("c", recipient="khac"),
        ]
    )
    for item in deliveries.claim(now, limit=2, lease_ttl=TTL):
        deliveries.mark_sent(item.id, item.fence, "250", now)
    assert [item.id for item in deliveries.list_deliveries(subject_id="x")] == ["delivery_a"]
    assert [item.id for item in deliveries.list_deliveries(subject_ids=["x", "y"], limit=9)] == [
        "delivery_b",
        "delivery_a",
    ]
    assert [item.id for item in deliveries.list_deliveries(DeliveryState.NEW)] == ["delivery_c"]
    assert deliveries.sent_today("truc_ban", now) == 2
    assert deliveries.sent_today("truc_ban", now + timedelta(seconds=1)) == 0
    assert deliveries.sent_today("khac", now) == 1
