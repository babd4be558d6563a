"""Connecting: addresses, pragmas, migrations, and refusals that say what to do."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from model.document import Document
from model.errors import ConfigError, StoreError
from store import base, documents
from store.connect import close_thread, connect, disconnect, shown

ROOT = Path(__file__).parent.parent.parent.parent


def post(number: int) -> Document:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    return Document(source="s", source_kind="forum", external_id=str(number), text=str(number), collected=now)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("sqlite:///relative.db", "absolute path"),
        ("sqlite://", "absolute path"),
        ("sqlite:////tmp/", "absolute path"),
        ("mysql://a/b", "unknown kind"),
        ("nonsense", "unknown kind"),
        ("", "unknown kind"),
        ("postgresql://user:secret@host:5432/", "names no database"),
    ],
)
def test_an_unusable_address_is_refused_with_an_example(url: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as refused:
        connect(url)
    assert "sqlite:////" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_sqlite_is_durable_and_concurrent(database: str) -> None:
    assert base.select("PRAGMA journal_mode") == [("wal",)]
    assert base.select("PRAGMA synchronous") == [(2,)]
    assert base.select("PRAGMA busy_timeout") == [(30_000,)]


def test_the_same_address_again_costs_nothing_and_another_is_another(tmp_path: Path) -> None:
    first, second = (f"sqlite:///{tmp_path}/{name}.db" for name in "ab")
    connect(first)
    documents.append([post(1)], now=datetime.now(UTC))
    connect(first)
    assert documents.count() == 1
    connect(second)
    assert documents.count() == 0
    connect(first)
    assert documents.count() == 1
    disconnect()


def test_directories_are_made(tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/a/b/canhgiac.db")
    assert (tmp_path / "a" / "b" / "canhgiac.db").exists()
    disconnect()


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"cannot make the directory .*file.*CANHGIAC_HOME"):
        connect(f"sqlite:///{tmp_path}/file/canhgiac.db")


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "canhgiac.db").write_bytes(b"not a database at all, " * 100)
    with pytest.raises(StoreError, match="not a database"):
        connect(f"sqlite:///{tmp_path}/canhgiac.db")


_TRY = """
import os, sys
from store.connect import connect
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    connect(sys.argv[1])
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("there", [False, True])
def test_an_unwritable_directory_is_refused_with_the_cure(
    tmp_path_factory: pytest.TempPathFactory, run_child: Callable[..., subprocess.CompletedProcess[str]], there: bool
) -> None:
    folder = tmp_path_factory.mktemp("locked")
    if there:
        connect(f"sqlite:///{folder}/canhgiac.db")
        disconnect()
    for parent in (folder, *folder.parents):
        if (
            parent.stat().st_uid == os.geteuid()
            and parent != Path("/")
            and str(parent).startswith(("/tmp/pytest", "/var/tmp/pytest"))
        ):
            parent.chmod(0o555)
    done = run_child(_TRY, f"sqlite:///{folder}/canhgiac.db")
    folder.chmod(0o755)
    assert done.stdout.startswith("ConfigError"), done.stdout + done.stderr
    assert "cannot be written" in done.stdout
    assert "CANHGIAC_HOME" in done.stdout


def test_a_server_that_is_not_there_is_an_error_without_the_password() -> None:
    with pytest.raises(StoreError, match=r"\*\*\*") as refused:
        connect("postgresql://user:secret@127.0.0.1:1/nothing")
    assert "secret" not in str(refused.value)


def test_passwords_are_not_shown() -> None:
    assert shown("postgresql://u:p%40ss@h/d") == "postgresql://u:***@h/d"
    assert shown("sqlite:////a.db") == "sqlite:////a.db"


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    code = "import sys; from store.connect import connect; connect(sys.argv[1]); from store import documents; print(documents.count())"
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, f"sqlite:///{tmp_path}/new.db"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert [child.communicate(timeout=60) for child in children] == [("0\n", "")] * 4


def test_each_thread_has_its_own_connection(database: str) -> None:
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for step in range(10):
                documents.append([post(number * 100 + step)], now=datetime.now(UTC))
        except StoreError as error:
            failures.append(error)
        finally:
            close_thread()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert documents.count() == 40


def test_migrations_are_complete(database: str) -> None:
    from django.core.management import call_command

    call_command("makemigrations", "store", check=True, dry_run=True, verbosity=0)


def test_importing_and_connecting_needs_no_console(
    run_child: Callable[..., subprocess.CompletedProcess[str]], sqlite_url: str
) -> None:
    done = run_child(
        "import sys; from store.connect import connect; connect(sys.argv[1], migrate=False);"
        "from store import documents, leads; print(documents.count(), [m for m in sys.modules if m.startswith('console')])",
        sqlite_url,
    )
    assert done.stdout == "0 []\n", done.stderr
