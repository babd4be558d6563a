"""What every module of the store stands on: Django set up, transactions, plain SQL, times as integers.

Importing this module sets Django up with `DJANGO_SETTINGS_MODULE`, by default `store.settings`; a process that needs
other settings (the web console) sets that variable before its first import of anything in `store`.

Times are columns of UTC milliseconds: they order and compare alike on SQLite and PostgreSQL.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "store.settings")
if not apps.ready and not apps.loading:
    django.setup()

from django.db import DatabaseError, InterfaceError, connection, transaction

from model.errors import StoreError
from store.faults import fault_point

T = TypeVar("T")
Row = tuple[Any, ...]
Parameters = Sequence[Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

_WRITE_LOCK = 0x43616E68  # "Canh"; one number for all processes that share a PostgreSQL database
_CHUNK = 500


def to_ms(moment: datetime) -> int:
    """The moment as UTC milliseconds since 1970."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(value: int) -> datetime:
    """UTC milliseconds as an aware moment."""
    return _EPOCH + value * _MILLISECOND


def maybe_ms(moment: datetime | None) -> int | None:
    """Like `to_ms`, None staying None."""
    return None if moment is None else to_ms(moment)


def maybe_time(value: int | None) -> datetime | None:
    """Like `from_ms`, None staying None."""
    return None if value is None else from_ms(value)


def is_postgresql() -> bool:
    """Whether the operations database is PostgreSQL."""
    return connection.vendor == "postgresql"


def _refused(error: Exception) -> StoreError:
    return StoreError(f"the operations database refused: {type(error).__name__}: {error}")


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what the database driver raises into StoreError; a dead connection is dropped so that the next call dials anew."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        raise _refused(error) from error


@contextmanager
def writing(tag: str) -> Iterator[None]:
    """One write transaction, alone among all writers of this database, with a fault point on either side of its commit.

    SQLite: BEGIN IMMEDIATE. PostgreSQL: a transaction-level advisory lock, taken before anything is read, so that
    numbers are committed in the order in which they were given; without it a follower that has seen number 2 never
    looks back for number 1, which was still uncommitted. tag: names the transaction for the crash tests.
    """
    with refusals():
        with transaction.atomic(durable=True):
            if is_postgresql():
                execute("SELECT pg_advisory_xact_lock(%s)", (_WRITE_LOCK,))
            yield
            fault_point(f"{tag}: before commit")
        fault_point(f"{tag}: after commit")


def select(sql: str, parameters: Parameters = ()) -> list[Row]:
    """All rows of a query with `%s` placeholders."""
    with refusals(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def select_in(sql: str, values: Collection[T], *, before: Parameters = ()) -> list[Row]:
    """All rows of a query whose `{}` stands for a list of values, asked in chunks; before: parameters ahead of the list."""
    found: list[Row] = []
    remaining = list(values)
    for start in range(0, len(remaining), _CHUNK):
        part = remaining[start : start + _CHUNK]
        found += select(sql.replace("{}", "(" + ",".join(["%s"] * len(part)) + ")"), [*before, *part])
    return found


def execute(sql: str, parameters: Parameters = ()) -> int:
    """Runs one statement; the number of rows it changed."""
    with refusals(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def execute_many(sql: str, rows: Iterable[Parameters]) -> None:
    """Runs one statement for every row of parameters."""
    rows = list(rows)
    if not rows:
        return
    with refusals(), connection.cursor() as cursor:
        cursor.executemany(sql, rows)
