"""Connecting a process to its operations database, once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from asgiref.local import Local
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from model.errors import ConfigError, StoreError
from store import base

BUSY_SECONDS = 30
_EXAMPLES = "Write sqlite:////var/lib/canhgiac/canhgiac.db or postgresql://user:password@host:5432/canhgiac"
_SYNCHRONOUS_FULL = 2
_connected = ""


def connect(url: str, *, migrate: bool = True) -> None:
    """Connects this process to the database at `url` and brings its tables up to date.

    url: `sqlite:////absolute/path.db` or `postgresql://user:password@host:port/name`. Calling it again with the same
    url costs nothing; with another url, the process leaves the former database. migrate: False where another process
    has already done it. Raises ConfigError for an unusable url or directory, StoreError when the database refuses.
    """
    global _connected
    if url and url == _connected:
        return
    database = _database(url)
    _point_at(database)
    try:
        if database["ENGINE"].endswith("sqlite3"):
            _prepare_sqlite(Path(str(database["NAME"])))
        else:
            connection.ensure_connection()
        if migrate:
            _migrate(database)
    except DatabaseError as error:
        disconnect()
        raise StoreError(f"cannot use the operations database {shown(url)}: {error}") from error
    except CONNECT_FAULTS:
        disconnect()
        raise
    _connected = url


CONNECT_FAULTS = (ConfigError, StoreError)


def disconnect() -> None:
    """Closes this thread's connection and forgets the database."""
    global _connected
    connections.close_all()
    _connected = ""


def close_thread() -> None:
    """Closes the calling thread's connection; a thread that ends before its process calls this last."""
    connections.close_all()


def shown(url: str) -> str:
    """The url without its password, for messages and logs."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return url.replace(f":{parts.password}@", ":***@", 1)


def _database(url: str) -> dict[str, Any]:
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "sqlite":
        path = unquote(rest.partition("?")[0])[1:]
        if not rest.startswith("//") or path.endswith("/"):
            raise ConfigError(f"{url!r} is not an absolute path to a file", key="CANHGIAC_DATABASE_URL", cure=_EXAMPLES)
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": _sqlite_options(), **_COMMON}
    if separator and scheme in ("postgresql", "postgres"):
        parts = urlsplit(url)
        name = unquote(parts.path.lstrip("/"))
        if not name:
            raise ConfigError(f"{shown(url)!r} names no database", key="CANHGIAC_DATABASE_URL", cure=_EXAMPLES)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": {"connect_timeout": BUSY_SECONDS, **dict(parse_qsl(parts.query))},
            **_COMMON,
        }
    raise ConfigError(f"unknown kind of database in {shown(url)!r}", key="CANHGIAC_DATABASE_URL", cure=_EXAMPLES)


_COMMON: dict[str, Any] = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}


def _sqlite_options() -> dict[str, Any]:
    # IMMEDIATE: a transaction that will write waits for its turn at BEGIN, where the busy time-out works; a deferred one
    # fails at its first write with "database is locked" however long the time-out is.
    return {
        "transaction_mode": "IMMEDIATE",
        "timeout": BUSY_SECONDS,
        "init_command": "PRAGMA synchronous=FULL; PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;",
    }


def _point_at(database: dict[str, Any]) -> None:
    connections.close_all()
    settings.DATABASES = {"default": database}
    connections._settings = settings.DATABASES  # type: ignore[attr-defined]
    connections.__dict__.pop("settings", None)
    connections._connections = Local(connections.thread_critical)  # type: ignore[attr-defined]


def _prepare_sqlite(path: Path) -> None:
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"cannot make the directory {folder}: {error.strerror}", cure=_OTHER_HOME) from error
    target = path if path.exists() else folder
    if not os.access(target, os.W_OK) or not os.access(folder, os.W_OK):
        raise ConfigError(f"{target} cannot be written by this user", cure=_OTHER_HOME)
    with _one_at_a_time(path), base.refusals():
        base.execute("PRAGMA journal_mode=WAL")
        journal, synchronous = base.select("PRAGMA journal_mode")[0][0], base.select("PRAGMA synchronous")[0][0]
    if str(journal).lower() != "wal" or int(synchronous) != _SYNCHRONOUS_FULL:
        raise StoreError(
            f"{path}: the file system gives journal_mode={journal}, synchronous={synchronous} instead of wal and 2 (full);"
            " keep the operations database on a local disk"
        )


_OTHER_HOME = "Give that directory to the user that runs canhgiac, or name another one in CANHGIAC_HOME"


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Only one process at a time switches a new file to WAL or migrates it."""
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate(database: dict[str, Any]) -> None:
    if not _migrations_wanting():
        return
    if database["ENGINE"].endswith("sqlite3"):
        with _one_at_a_time(Path(str(database["NAME"]))):
            _run_migrations()
        return
    base.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
    try:
        _run_migrations()
    finally:
        base.execute("SELECT pg_advisory_unlock(%s)", (_MIGRATION_LOCK,))


_MIGRATION_LOCK = 0x6D696772


def _migrations_wanting() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _run_migrations() -> None:
    if _migrations_wanting():
        call_command("migrate", verbosity=0, interactive=False)
