"""Running numbers: seq, revision, position and lead codes.

They are taken inside the transaction that uses them, which is alone among all writers (`store.base.writing`); so the
order of commits is the order of numbers, and a follower that goes by number skips nothing.
"""

from __future__ import annotations

from attrs import frozen

from store.base import execute, select


@frozen(kw_only=True)
class Taken:
    """The last numbers before those that were taken: the first new one is one higher."""

    seq: int
    revision: int
    position: int
    code: int


def take(*, seq: int = 0, revision: int = 0, position: int = 0, code: int = 0) -> Taken:
    """Takes that many numbers of each sort. Only within `store.base.writing`."""
    row = select(
        "UPDATE counters SET seq = seq + %s, revision = revision + %s, position = position + %s, code = code + %s"
        " WHERE id = 1 RETURNING seq, revision, position, code",
        (seq, revision, position, code),
    )[0]
    return Taken(seq=row[0] - seq, revision=row[1] - revision, position=row[2] - position, code=row[3] - code)


def last() -> Taken:
    """The highest numbers given so far."""
    row = select("SELECT seq, revision, position, code FROM counters WHERE id = 1")[0]
    return Taken(seq=row[0], revision=row[1], position=row[2], code=row[3])


def raise_code(code: int) -> None:
    """Lets no code up to this one be given again. Only within `store.base.writing`."""
    if code:
        execute("UPDATE counters SET code = %s WHERE id = 1 AND code < %s", (code, code))
