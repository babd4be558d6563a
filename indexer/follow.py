"""The search index follows the document log by its own checkpoint, after matching (step 7).

A document is put at its `position`, and an index ignores an older position than the one it holds, so a step that is
repeated after a crash, or done by two processes at once, ends in the same index. The checkpoint carries the index's
identity: an index that was deleted or cleared has a new one and is filled from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from indexer.port import SearchIndex
from model.document import DocumentVersion, Quarantined
from model.errors import StaleFenceError
from store import documents
from store.audit import entries, record
from store.faults import fault_point

DROPPED = "index.dropped"
"""Action in the audit trail: a month has left the search index."""

_SUBJECT = "search index"

Progress = Callable[[int], None]
"""Called with the documents written so far."""


def follow(index: SearchIndex, *, limit: int = 500, now: datetime | None = None, since: datetime | None = None) -> int:
    """One step: put the next `limit` matched documents into the index; returns how many there were.

    since: documents first seen earlier are passed by (`first_kept`): their month has been dropped.

    What the index will never take is quarantined (at `now`, else at the time of its version) and passed. Raises
    SearchUnavailableError, having moved nothing, when the index does not answer.
    """
    if index.outdated:
        index.clear()
    name = checkpoint_name(index)
    after = documents.checkpoint(name)
    if after and _is_empty(index) and (since is None or documents.any_seen_since(since)):
        # Someone emptied the index behind our back: its identity stayed, its documents did not.
        documents.set_checkpoint(name, 0)
        after = 0
    versions = documents.since_position(after, limit)
    if not versions:
        return 0
    fault_point("follow: before index put")
    result = index.put([version for version in versions if since is None or version.first_seen >= since])
    fault_point("follow: after index put")
    if result.refused:
        _quarantine(versions, dict(result.refused), now)
    try:
        documents.set_checkpoint(name, max(version.position for version in versions), expected=after)
    except StaleFenceError:
        # Another process follows the same index; both wrote the same, and the next step begins where it stands.
        return len(versions)
    fault_point("follow: after checkpoint")
    return len(versions)


def catch_up(
    index: SearchIndex,
    *,
    limit: int = 500,
    now: datetime | None = None,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> int:
    """Follow until nothing is left, then make it visible; returns the documents handled."""
    total = 0
    while handled := follow(index, limit=limit, now=now, since=since):
        total += handled
        if progress is not None:
            progress(total)
    index.refresh()
    return total


def reindex(
    index: SearchIndex,
    *,
    limit: int = 500,
    now: datetime | None = None,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> int:
    """Empty the index and fill it from the log; to move to another index, fill that one and then switch to it.

    The worker may go on following the old index meanwhile: every index has its own checkpoint.
    """
    index.clear()
    return catch_up(index, limit=limit, now=now, since=since, progress=progress)


def first_kept(now: datetime, months: int) -> datetime | None:
    """The beginning of the oldest month that an index keeps: the present one and `months` whole ones before it, in UTC; None
    for 0, which keeps everything."""
    if not months:
        return None
    utc = now.astimezone(UTC)
    year, month = divmod(utc.year * 12 + utc.month - 1 - months, 12)
    return datetime(max(1, year), month + 1, 1, tzinfo=UTC)


def retain(index: SearchIndex, *, now: datetime, months: int) -> Mapping[str, int]:
    """Drop the months that are older than the index keeps; noted in the audit trail. Months and the documents they held.

    The log, the register and leads with their documents keep everything: only searching ends there.
    """
    first = first_kept(now, months)
    if first is None or index.outdated:
        return {}
    dropped = index.drop_before(first)
    for month, count in dropped.items():
        record("system", DROPPED, _SUBJECT, {"month": month, "documents": count}, now)
    return dropped


def dropped_months(limit: int = 3) -> list[tuple[str, int, datetime]]:
    """The months that left the index last: month, documents, when; the latest first."""
    return [
        (str(entry.detail["month"]), int(str(entry.detail["documents"])), entry.at)
        for entry in entries(limit, subject=_SUBJECT)
        if entry.action == DROPPED
    ]


def lag(index: SearchIndex) -> int:
    """Places of the change log that the index has not seen yet."""
    return max(0, documents.last_position() - documents.checkpoint(checkpoint_name(index)))


def checkpoint_name(index: SearchIndex) -> str:
    """The follower's checkpoint of this very index."""
    return f"index:{index.identity}"


def _is_empty(index: SearchIndex) -> bool:
    if index.count():
        return False
    index.refresh()
    return not index.count()


def _quarantine(versions: Sequence[DocumentVersion], reasons: dict[str, str], now: datetime | None) -> None:
    documents.quarantine(
        [
            Quarantined(
                source=version.document.source,
                external_id=version.document.external_id,
                reason=f"search index: {reasons[version.document.id]}",
                payload="{}",
                at=now or version.updated,
            )
            for version in versions
            if version.document.id in reasons
        ]
    )
