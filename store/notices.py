"""Notices to the owner: what needs a hand, shown until it is closed."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from store.base import execute, from_ms, select, to_ms, writing


@frozen(kw_only=True)
class Notice:
    """key: what it is about, such as `source:blocked:vtv`; text: Vietnamese; at: since when it has been open."""

    key: str
    text: str
    at: datetime


def add(key: str, text: str, now: datetime) -> None:
    """Opens a notice. One that is open keeps its time and takes the new text."""
    with writing("notice add"):
        execute(
            "INSERT INTO notices (key, text, at) VALUES (%s, %s, %s) ON CONFLICT (key) DO UPDATE SET text = excluded.text,"
            " at = CASE WHEN notices.closed_at IS NULL THEN notices.at ELSE excluded.at END, closed_at = NULL",
            (key, text, to_ms(now)),
        )


def close(key: str, now: datetime) -> bool:
    """Closes a notice; whether it was open."""
    with writing("notice close"):
        return bool(
            execute("UPDATE notices SET closed_at = %s WHERE key = %s AND closed_at IS NULL", (to_ms(now), key))
        )


def open_notices() -> list[Notice]:
    """All open notices, oldest first."""
    rows = select("SELECT key, text, at FROM notices WHERE closed_at IS NULL ORDER BY at, key")
    return [Notice(key=key, text=text, at=from_ms(at)) for key, text, at in rows]
