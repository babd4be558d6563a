"""Dates as Vietnamese sites write them: day first, +07:00 where no zone is given, relative forms, precision kept."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

Precision = Literal["minute", "day"]


def read_date(text: str, *, now: datetime) -> tuple[datetime, Precision] | None:
    """The moment that the text names (aware, UTC) and how precisely; None when it names none."""
    return None
