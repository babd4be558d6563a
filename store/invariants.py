"""What must hold of the operations database at any moment; asserted after every crash test and by `doctor`."""

from __future__ import annotations

from store.audit import verify
from store.base import is_postgresql, select

_MUST_BE_EMPTY = (
    (
        "{} documents have no text for their newest version",
        "SELECT COUNT(*) FROM documents d LEFT JOIN versions v ON v.revision = d.revision AND v.seq = d.seq"
        " WHERE v.revision IS NULL OR v.version <> d.version",
    ),
    (
        "{} versions belong to no document",
        "SELECT COUNT(*) FROM versions v LEFT JOIN documents d ON d.seq = v.seq WHERE d.seq IS NULL",
    ),
    (
        "{} documents lack one of their versions",
        "SELECT COUNT(*) FROM documents d WHERE d.version <> (SELECT COUNT(*) FROM versions v WHERE v.seq = d.seq)",
    ),
    (
        "{} numbers are higher than the counters that give them",
        "SELECT COUNT(*) FROM counters c WHERE c.seq < (SELECT COALESCE(MAX(seq), 0) FROM documents)"
        " OR c.revision < (SELECT COALESCE(MAX(revision), 0) FROM versions)"
        " OR c.position < (SELECT COALESCE(MAX(position), 0) FROM documents)"
        " OR c.code < (SELECT COALESCE(MAX(number), 0) FROM leads)",
    ),
    (
        "{} places in the change log are taken twice",
        "SELECT COUNT(*) FROM (SELECT position FROM documents WHERE position > 0 GROUP BY position HAVING COUNT(*) > 1) twice",
    ),
    (
        "{} items are settled as stored and no document is there",
        "SELECT COUNT(*) FROM items i LEFT JOIN documents d ON d.id = i.id WHERE i.state = 'stored' AND d.id IS NULL",
    ),
    (
        "{} leads are merged into one that does not exist",
        "SELECT COUNT(*) FROM leads l LEFT JOIN leads m ON m.id = l.merged_into WHERE l.merged_into <> '' AND m.id IS NULL",
    ),
    (
        "{} sent deliveries do not say when",
        "SELECT COUNT(*) FROM deliveries WHERE state = 'sent' AND sent_at IS NULL",
    ),
    (
        "{} sightings are of no entity in the register",
        "SELECT COUNT(*) FROM sightings s LEFT JOIN entities e ON e.key = s.entity WHERE e.key IS NULL",
    ),
)


def broken() -> list[str]:
    """What does not hold, one sentence per fault; empty when all is well. Reads every row: seconds on a large database."""
    faults = [] if is_postgresql() else [str(row[0]) for row in select("PRAGMA quick_check") if row[0] != "ok"]
    for sentence, sql in _MUST_BE_EMPTY:
        number = select(sql)[0][0]
        if number:
            faults.append(sentence.format(number))
    return faults + [f"audit trail: {fault}" for fault in verify()]
