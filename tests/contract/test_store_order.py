"""Two writers at once, and a follower that goes by number: it skips nothing, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from store import documents
from store.invariants import broken

ROOT = Path(__file__).parent.parent.parent
BATCHES, SIZE = 60, 7

# Each writer changes documents of its own and documents that both write, with a pause between taking numbers and commit.
WRITER = """
import random, sys, time
from datetime import UTC, datetime
from model.document import Document
from store import base, connect, documents

name, url, batches, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
connect.connect(url, migrate=False)
chance, now = random.Random(name), datetime.now(UTC)
base.fault_point = lambda tag: time.sleep(chance.random() * 0.004) if "before commit" in tag else None
for batch in range(batches):
    own = [(f"{name}-{batch}-{number}", "x") for number in range(size - 2)]
    shared = [(f"shared-{chance.randrange(5)}", f"{name} {batch} {number}") for number in range(2)]
    documents.append(
        [
            Document(source="s", source_kind="forum", external_id=key, text=text, fingerprint=text, collected=now)
            for key, text in own + shared
        ],
        now=now,
    )
"""


def follow(writers: list[subprocess.Popen[bytes]]) -> list[int]:
    """The revisions in the order in which a follower meets them, never looking back."""
    seen: list[int] = []
    while True:
        running = any(writer.poll() is None for writer in writers)
        page = documents.unmatched(after=seen[-1] if seen else 0, limit=20)
        seen += [version.revision for version in page]
        if not page:
            if not running:
                return seen
            time.sleep(0.001)


@pytest.mark.timeout(120)
def test_a_follower_skips_nothing_while_two_write(any_database: str) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, name, any_database, str(BATCHES), str(SIZE)], cwd=ROOT, env=dict(os.environ)
        )
        for name in ("a", "b")
    ]
    seen = follow(writers)
    assert [writer.wait() for writer in writers] == [0, 0]
    last = documents.last_revision()
    assert seen == list(range(1, last + 1))
    own = 2 * BATCHES * (SIZE - 2)
    assert documents.count() == own + 5
    assert [version.seq for version in documents.iterate()] == list(range(1, own + 6))
    assert broken() == []
