"""Where a page of results ended, as an opaque text: the sort keys of its last hit."""

from __future__ import annotations

import base64
import binascii
import json

from attrs import frozen

from model.errors import SearchError


@frozen
class Cursor:
    """sort: of the request it belongs to. key: the date that it sorts by, None when the hit has none. seq: of the hit."""

    sort: str
    key: int | None
    seq: int


def write_cursor(cursor: Cursor) -> str:
    """The cursor as URL-safe text."""
    payload = json.dumps([cursor.sort, cursor.key, cursor.seq], separators=(",", ":"))
    return base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")


def read_cursor(text: str, sort: str) -> Cursor:
    """The cursor again. Raises SearchError when it is not ours or belongs to another order."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        written, key, seq = found
    except (binascii.Error, ValueError, TypeError) as error:
        raise SearchError(f"{text[:40]!r} is not a page cursor; begin again without it") from error
    if written != sort or not isinstance(seq, int) or not isinstance(key, int | None):
        raise SearchError(f"the page cursor belongs to another order than {sort!r}; begin again without it")
    return Cursor(written, key, seq)
