"""Who may work on what: leases with a fence, and slots that take effect once.

The time of a lease only decides when another may take over. Safety comes from the fence: everything written under a
lease checks, in its own transaction, that no one has taken over since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import evolve, frozen

from model.errors import StaleFenceError
from model.message import Delivery
from store.base import execute, from_ms, select, to_ms, writing
from store.deliveries import insert_deliveries
from store.models import LeaseRow, SlotRow


@frozen(kw_only=True)
class Lease:
    """The right to work on `resource` until `until`, or longer while no one else has taken over."""

    resource: str
    holder: str
    fence: int
    until: datetime


def acquire(resource: str, holder: str, *, now: datetime, ttl: timedelta) -> Lease | None:
    """Takes the resource when nobody holds it, with a new fence; None while another lease runs."""
    with writing("lease acquire"):
        return take_lease(resource, holder, now=now, ttl=ttl)


def take_lease(resource: str, holder: str, *, now: datetime, ttl: timedelta) -> Lease | None:
    """`acquire` within the caller's write transaction."""
    until = now + ttl
    taken = select(
        "INSERT INTO leases (resource, holder, fence, until) VALUES (%s, %s, 1, %s)"
        " ON CONFLICT (resource) DO UPDATE SET holder = excluded.holder, fence = leases.fence + 1, until = excluded.until"
        " WHERE leases.until <= %s RETURNING fence",
        (resource, holder, to_ms(until), to_ms(now)),
    )
    return Lease(resource=resource, holder=holder, fence=taken[0][0], until=from_ms(to_ms(until))) if taken else None


def renew(lease: Lease, *, now: datetime, ttl: timedelta) -> Lease:
    """The same lease, lasting longer. Raises StaleFenceError when another has taken over."""
    until = from_ms(to_ms(now + ttl))
    with writing("lease renew"):
        changed = LeaseRow.objects.filter(resource=lease.resource, fence=lease.fence).update(until=to_ms(until))
        if not changed:
            raise _stale(lease)
    return evolve(lease, until=until)


def release(lease: Lease) -> None:
    """Gives the resource back; harmless when another has taken over."""
    with writing("lease release"):
        drop_lease(lease)


def drop_lease(lease: Lease) -> None:
    """`release` within the caller's write transaction. The row stays: its fence must go on counting."""
    LeaseRow.objects.filter(resource=lease.resource, fence=lease.fence).update(until=0)


def check(lease: Lease) -> None:
    """Raises StaleFenceError when another has taken over. Within a write transaction the answer holds until its commit."""
    row = select("SELECT fence FROM leases WHERE resource = %s", (lease.resource,))
    if not row or row[0][0] != lease.fence:
        raise _stale(lease)


def _stale(lease: Lease) -> StaleFenceError:
    return StaleFenceError(
        f"the lease of {lease.holder} on {lease.resource} (fence {lease.fence}) has passed to another holder"
    )


def slot(job: str, due: datetime, holder: str, *, now: datetime, ttl: timedelta) -> Lease | None:
    """The right to carry out a scheduled job for one due time; None when it is done or being done elsewhere."""
    with writing("slot"):
        if SlotRow.objects.filter(job=job, due=to_ms(due), done_at__isnull=False).exists():
            return None
        return take_lease(_slot_resource(job, due), holder, now=now, ttl=ttl)


def slot_done(job: str, due: datetime, lease: Lease, *, now: datetime, deliveries: Sequence[Delivery] = ()) -> None:
    """Marks the slot as done together with the deliveries that are its effect. Raises StaleFenceError after a take-over."""
    with writing("slot done"):
        check(lease)
        execute(
            "INSERT INTO slots (job, due, done_at) VALUES (%s, %s, %s) ON CONFLICT (job, due) DO NOTHING",
            (job, to_ms(due), to_ms(now)),
        )
        insert_deliveries(deliveries)
        drop_lease(lease)


def slots_done(job: str, *, since: datetime) -> list[datetime]:
    """The due times of the job from `since` on that have taken effect, oldest first."""
    rows = SlotRow.objects.filter(job=job, due__gte=to_ms(since), done_at__isnull=False).order_by("due")
    return [from_ms(due) for due in rows.values_list("due", flat=True)]


def _slot_resource(job: str, due: datetime) -> str:
    return f"slot:{job}:{to_ms(due)}"
