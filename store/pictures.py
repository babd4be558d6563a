"""What was read from pictures, by the hash of their bytes: the same picture is posted again and again, and read once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from model.document import Picture
from store import codec
from store.base import execute, execute_many, select, to_ms, writing

KEPT = timedelta(days=60)
"""Since it was last read or written anew; a campaign's picture goes round for weeks."""


def get(digest: str) -> Picture | None:
    """The reading of these bytes, if it is known; its address is that of the post that it came from first."""
    rows = select("SELECT payload FROM pictures WHERE digest = %s", (digest,))
    return codec.loads(rows[0][0], Picture) if rows else None


def put(pictures: Iterable[Picture], now: datetime) -> None:
    """Remembers readings, and forgets those that are older than KEPT."""
    rows = [
        (picture.digest, to_ms(now), codec.dumps(picture).replace("\0", "")) for picture in pictures if picture.digest
    ]
    if not rows:
        return
    with writing("pictures"):
        execute_many(
            "INSERT INTO pictures (digest, at, payload) VALUES (%s, %s, %s) ON CONFLICT (digest) DO UPDATE SET at = excluded.at",
            rows,
        )
        execute("DELETE FROM pictures WHERE at < %s", (to_ms(now - KEPT),))
