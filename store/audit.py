"""The audit trail: who did what, each entry bound to the one before by its hash.

An entry is written in the transaction of the act that it records. `verify` recomputes the chain: a changed, removed or
inserted entry breaks it at that place (the end of the chain can be cut off unseen, so its last hash belongs in every
periodic report).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from attrs import frozen

from store.base import execute, from_ms, select, to_ms, writing

_START = "0" * 64
_PAGE = 2000


@frozen(kw_only=True)
class AuditEntry:
    """One act. subject: what was acted on, such as a lead's code. digest: hash over this entry and `previous`."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object]
    previous: str
    digest: str


def record(actor: str, action: str, subject: str, detail: Mapping[str, object], now: datetime) -> None:
    """Records an act that changes nothing else in the store."""
    with writing("audit record"):
        write_entry(actor, action, subject, detail, now)


def write_entry(actor: str, action: str, subject: str, detail: Mapping[str, object], now: datetime) -> None:
    """`record` within the caller's write transaction. Detail must be JSON values."""
    last = select("SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1")
    seq, previous = (last[0][0] + 1, last[0][1]) if last else (1, _START)
    text = json.dumps(detail, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    moment = to_ms(now)
    digest = _digest(seq, moment, actor, action, subject, text, previous)
    execute(
        "INSERT INTO audit (seq, at, actor, action, subject, detail, previous, digest) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (seq, moment, actor, action, subject, text, previous, digest),
    )


def _digest(seq: int, at: int, actor: str, action: str, subject: str, detail: str, previous: str) -> str:
    text = json.dumps([seq, at, actor, action, subject, detail, previous], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def verify() -> list[str]:
    """What is wrong with the chain, one sentence per fault; empty when it is whole."""
    faults: list[str] = []
    expected, previous = 1, _START
    for seq, at, actor, action, subject, detail, stored_previous, digest in _all_rows():
        if seq != expected:
            faults.append(f"entries {expected} to {seq - 1} are missing")
        elif stored_previous != previous:
            faults.append(f"entry {seq} does not follow from entry {seq - 1}")
        if _digest(seq, at, actor, action, subject, detail, stored_previous) != digest:
            faults.append(f"entry {seq} was changed after it was written")
        expected, previous = seq + 1, digest
    return faults


def _all_rows() -> Iterator[tuple[int, int, str, str, str, str, str, str]]:
    after = 0
    while True:
        page = select(
            "SELECT seq, at, actor, action, subject, detail, previous, digest FROM audit WHERE seq > %s ORDER BY seq LIMIT %s",
            (after, _PAGE),
        )
        yield from page  # type: ignore[misc]
        if len(page) < _PAGE:
            return
        after = page[-1][0]


def entries(limit: int = 100, *, subject: str | None = None) -> list[AuditEntry]:
    """The newest entries, newest first; of one subject if given."""
    where, parameters = ("WHERE subject = %s", [subject]) if subject is not None else ("", [])
    rows = select(
        f"SELECT seq, at, actor, action, subject, detail, previous, digest FROM audit {where} ORDER BY seq DESC LIMIT %s",  # noqa: S608
        [*parameters, limit],
    )
    return [
        AuditEntry(
            seq=row[0],
            at=from_ms(row[1]),
            actor=row[2],
            action=row[3],
            subject=row[4],
            detail=json.loads(row[5]),
            previous=row[6],
            digest=row[7],
        )
        for row in rows
    ]
