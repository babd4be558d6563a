"""Step 8: claim a delivery, send it, record what became of it.

A delivery is claimed as late as possible, one at a time, under a lease longer than the longest wait for a server's
answer. Its end is written under the fence of the claim, so that of two senders only the one that holds the claim
records. A mail is repeated only where the server's answer was lost, with the same Message-ID.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache

import structlog
from attrs import frozen

import alerts.channels
from alerts.channels.base import Channel, ChannelConfig
from model.discovery import discover
from model.errors import ConfigError, DeliveryDeferredError, DeliveryRefusedError, StaleFenceError
from model.message import Delivery
from store import deliveries
from store.faults import fault_point

__all__ = ["ChannelConfig", "Flushed", "channel_names", "flush"]

LEASE = timedelta(minutes=20)
"""How long a claim stands: 10 minutes for the answer to the final dot, 5 for each command before it, and some air."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
GIVE_UP = timedelta(days=5)
"""After this long a deferred delivery is dead and shown (RFC 5321 section 4.5.4.1: at least 4 to 5 days)."""

_log = structlog.get_logger()


@frozen(kw_only=True)
class Flushed:
    """What one flush did with the deliveries that were due."""

    sent: int = 0
    deferred: int = 0
    dead: int = 0


@cache
def channels() -> dict[str, type[Channel]]:
    """All channels by name, found by their presence in the folder `channels`."""
    return discover(alerts.channels, Channel)  # type: ignore[type-abstract]


def channel_names() -> tuple[str, ...]:
    """Names that a recipient's `channel:` may have."""
    return tuple(sorted(channels()))


def flush(*, config: ChannelConfig, now: Callable[[], datetime], limit: int = 500) -> Flushed:
    """Send what is due, oldest first, at most `limit`."""
    opened: dict[str, Channel] = {}
    counts = {"sent": 0, "deferred": 0, "dead": 0}
    started = now()
    try:
        for _ in range(limit):
            claimed = deliveries.claim(max(started, now()), limit=1, lease_ttl=LEASE)
            if not claimed:
                break
            counts[_deliver(claimed[0], opened, config, now)] += 1
    finally:
        for channel in opened.values():
            channel.close()
    return Flushed(**counts)


def _deliver(delivery: Delivery, opened: dict[str, Channel], config: ChannelConfig, now: Callable[[], datetime]) -> str:
    """Send one claimed delivery and write its end; `sent`, `deferred` or `dead`."""
    log = _log.bind(delivery=delivery.id, purpose=delivery.purpose, attempt=delivery.attempts)
    try:
        reply = _channel(delivery, opened, config).send(delivery, now=now())
    except DeliveryRefusedError as error:
        return _dead(delivery, error.problem, now())
    except (DeliveryDeferredError, ConfigError) as error:
        return _again(delivery, getattr(error, "problem", str(error)), now())
    except Exception as error:
        log.exception("delivery failed")
        return _again(delivery, f"{type(error).__name__}: {error}", now())
    fault_point("outbox: before sent")
    with suppress(StaleFenceError):
        deliveries.mark_sent(delivery.id, delivery.fence, reply, now())
    fault_point("outbox: after sent")
    log.info("delivery sent")
    return "sent"


def _channel(delivery: Delivery, opened: dict[str, Channel], config: ChannelConfig) -> Channel:
    if delivery.channel not in opened:
        kind = channels().get(delivery.channel)
        if kind is None:
            raise DeliveryRefusedError(f"no channel is called {delivery.channel!r}", recipient=delivery.recipient)
        opened[delivery.channel] = kind(config)
    return opened[delivery.channel]


def _again(delivery: Delivery, problem: str, now: datetime) -> str:
    if now - delivery.created > GIVE_UP:
        return _dead(delivery, f"given up after {GIVE_UP.days} days: {problem}", now)
    with suppress(StaleFenceError):
        deliveries.defer(delivery.id, delivery.fence, problem, now + pause(delivery.id, delivery.attempts))
    _log.warning("delivery deferred", delivery=delivery.id, attempt=delivery.attempts, problem=problem)
    return "deferred"


def _dead(delivery: Delivery, problem: str, now: datetime) -> str:
    with suppress(StaleFenceError):
        deliveries.mark_dead(delivery.id, delivery.fence, problem, now)
    _log.error("delivery dead", delivery=delivery.id, problem=problem)
    return "dead"


def pause(delivery: str, attempts: int) -> timedelta:
    """How long to wait after that many attempts: 1 minute doubling to 1 hour, spread by up to a quarter by the id."""
    base = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(12, max(0, attempts - 1))))
    spread = hashlib.sha256(f"{delivery}:{attempts}".encode()).digest()[0] / 255
    return base * (1 + spread / 4)
