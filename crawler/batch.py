"""What the parent hands to a crawl child, and the lines that the child reports back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from model.document import Document
from model.source import Run, Source
from store import codec
from store.leases import Lease


@frozen(kw_only=True)
class Batch:
    """One crawl in one child.

    spider: name of the family or own spider. leases, runs: by source id; none of either in a trial. allow: loopback
    addresses this command may reach. soft_seconds: the child winds up then; the parent kills it some time after.
    refusal_log: file that the gate's refusals are appended to, "" for none. trial: read without storing (`source test`).
    limit: items fetched of each source in a trial.
    """

    id: str
    spider: str
    sources: tuple[Source, ...]
    leases: Mapping[str, Lease] = field(factory=dict)
    runs: Mapping[str, Run] = field(factory=dict)
    database_url: str = ""
    allow: tuple[str, ...] = ()
    soft_seconds: float = 300.0
    refusal_log: str = ""
    trial: bool = False
    limit: int = 0


@frozen(kw_only=True)
class Report:
    """One line from a child: the end of a run, with a document count by outcome inside the run; or a trial's document."""

    run: Run | None = None
    document: Document | None = None


def write_batch(batch: Batch) -> str:
    """The batch as one JSON text."""
    return codec.dumps(batch)


def read_batch(text: str) -> Batch:
    """The batch of a JSON text."""
    return codec.loads(text, Batch)


def write_report(report: Report) -> str:
    """The report as one line of JSON, all ASCII: whatever a page said, the line stays one line."""
    return json.dumps(codec.plain(report), ensure_ascii=True, separators=(",", ":"))


def read_report(line: str) -> Report | None:
    """The report of a line; None when it is none (a library printed something)."""
    try:
        data: Any = json.loads(line)
        return codec.structure(data, Report) if isinstance(data, dict) else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
