"""What is to be visited when, and what is visited together. Pure: times and chance are arguments."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from attrs import frozen

from extraction.hosts import is_address, registrable_domain
from model.source import Run, Source, SourceState

JITTER = 0.1
"""Share of the interval by which a visit comes earlier or later, so that sources spread out."""
LONGEST_PAUSE = timedelta(hours=24)
LEAST_PAUSE = timedelta(seconds=5)
BLOCKED_PAUSE = timedelta(hours=6)
"""A site that refused us is not asked again soon."""
DEAD_AFTER = 50
"""Failures in a row after which a source counts as dead; at a day apart, some seven weeks."""
BATCH_SIZE = 100
"""Sources of one child. Each costs 9 ms of start-up in a batch, 700 ms alone; more would make one dead child dear."""

_RETRY_STATES = frozenset({SourceState.FAILED, SourceState.DRIFT, SourceState.DEAD})


def next_due(source: Source, run: Run, *, failures: int, now: datetime) -> datetime:
    """When the source is due again after that run. failures: failed visits in a row before it."""
    pause: timedelta = source.interval
    if run.state in _RETRY_STATES:
        pause = min(source.interval * 2 ** min(failures + 1, 16), max(LONGEST_PAUSE, source.interval))
    elif run.state in (SourceState.BLOCKED, SourceState.LOGIN_WALL):
        pause = max(min(BLOCKED_PAUSE * 2 ** min(failures, 16), LONGEST_PAUSE), source.interval)
    pause = max(pause * (1 + JITTER * chance(source.id, run.id)), LEAST_PAUSE)
    if run.retry_after is not None:
        pause = max(pause, timedelta(seconds=run.retry_after))
    return now + pause


def item_pause(attempts: int, retry_after: float | None) -> timedelta:
    """How long an item that could not be fetched is left alone: what the site says, else 5 minutes doubling to a day."""
    if retry_after is not None:
        return timedelta(seconds=max(retry_after, 1.0))
    return min(timedelta(minutes=5 * 2 ** min(max(attempts - 1, 0), 16)), LONGEST_PAUSE)


def chance(*parts: str) -> float:
    """A number from -1 to 1 that depends on the parts alone."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return int.from_bytes(digest[:4], "big") / 0xFFFFFFFF * 2 - 1


def site_of(url: str) -> str:
    """The site that one pace is kept to: the registrable domain; an IP address with its port (it may serve several)."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        return "?"
    if is_address(host) or ":" in host:
        return f"{host}:{port}" if port else host
    return registrable_domain(host) or host or "?"


@frozen(kw_only=True)
class Group:
    """What one child visits: sources of one spider. sites: theirs; no two groups that share one run at the same time."""

    spider: str
    sources: tuple[Source, ...]
    sites: frozenset[str]


def group(sources: Sequence[Source], *, size: int = BATCH_SIZE) -> list[Group]:
    """The batches for these sources: all sources of one spider and one site in the same batch, largest sites first.

    A site with more than `size` sources is still one batch: two children would double the load on it.
    """
    together: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for source in sources:
        together[source.spider, site_of(source.url)].append(source)
    open_groups: dict[str, list[tuple[list[Source], set[str]]]] = defaultdict(list)
    for (spider, site), members in sorted(together.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        for filled, sites in open_groups[spider]:
            if len(filled) + len(members) <= size:
                filled.extend(members)
                sites.add(site)
                break
        else:
            open_groups[spider].append((list(members), {site}))
    return [
        Group(spider=spider, sources=tuple(members), sites=frozenset(sites))
        for spider, groups in sorted(open_groups.items())
        for members, sites in groups
    ]
