"""A database of an older version keeps what it knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from store import base, documents
from store.connect import connect, disconnect


@pytest.fixture
def older(tmp_path: Path) -> Iterator[None]:
    """A database before bands were numbers alone."""
    connect(f"sqlite:///{tmp_path / 'older.db'}")
    call_command("migrate", "store", "0003", verbosity=0)
    yield
    disconnect()


@pytest.mark.usefixtures("older")
def test_bands_are_found_after_their_table_changed() -> None:
    first, second = f"00{0xA1:012x}", f"01{0xB2:012x}"
    rows = [(1, "a" * 20, "a" * 20, f"{first}\n{second}"), (2, "b" * 20, "a" * 20, first), (3, "c" * 20, "", second)]
    base.execute_many(
        "INSERT INTO documents (seq, id, source, external_id, version, revision, position, fingerprint, family, bands,"
        " counts, queries, leads, first_seen, updated) VALUES (%s, %s, 's', %s, 1, %s, 0, 'f', %s, %s, '', '', '', 0, 0)",
        [(seq, identifier, identifier, seq, family, bands) for seq, identifier, family, bands in rows],
    )
    call_command("migrate", "store", verbosity=0)
    member = [("a" * 20, "a" * 20)]
    assert documents.family_candidates([first, second]) == {first: member, second: member}
