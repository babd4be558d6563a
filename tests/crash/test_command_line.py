"""`canhgiac ingest` as a real process: killed at fault points, run again, and nothing is lost or twice.

The fault points inside are those of `test_every_fault_point`; here the whole program stands around them. A few points
are tried always, every one with `CANHGIAC_PROVE=1` (`make prove`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from store import deliveries, documents, leads
from store.connect import connect, disconnect
from store.invariants import broken

POSTS = 60
_FRAUD = (
    "Đối tượng tự xưng công an gọi từ số 09{digits:08d}, yêu cầu chuyển tiền vào tài khoản tạm giữ để phục vụ điều tra."
)
_HONEST = "Nhà mình cần bán chiếc xe đạp còn mới, ai quan tâm nhắn tin nhé, bài số {number}."


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A file of posts: one in three of six invented frauds, the others honest, one line broken."""
    lines = [
        {
            "source": "dien_dan",
            "source_kind": "forum",
            "external_id": str(number),
            "collected": f"2026-07-01T08:{number:02d}:00+07:00",
            "text": (_HONEST if number % 3 else _FRAUD).format(number=number, digits=11223300 + number % 18),
        }
        for number in range(POSTS)
    ]
    path = tmp_path / "posts.jsonl"
    path.write_text(
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines) + "{broken\n", encoding="utf-8"
    )
    return path


def ingest(feed: Path, home: Path, **env: str) -> subprocess.CompletedProcess[str]:
    code = "from console.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, "ingest", str(feed), "--json"],
        cwd=feed.parent,
        env={**os.environ, "CANHGIAC_HOME": str(home), **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def end_of(home: Path) -> dict[str, Any]:
    connect(f"sqlite:///{home / 'canhgiac.db'}", migrate=False)
    end = {
        "documents": [
            (kept.document.external_id, kept.version, kept.family, kept.queries) for kept in documents.iterate()
        ],
        "leads": sorted((lead.id, lead.documents) for lead in leads.list_leads(include_merged=True)),
        "deliveries": sorted(item.id for item in deliveries.list_deliveries()),
        "matched": documents.checkpoint("match") == documents.last_revision(),
        "broken": broken(),
    }
    disconnect()
    return end


@pytest.mark.timeout(900)
def test_ingest_is_killed_and_run_again(feed: Path, tmp_path: Path) -> None:
    log = tmp_path / "points"
    whole = ingest(feed, tmp_path / "whole", CANHGIAC_FAULT_LOG=str(log))
    assert whole.returncode == 0, whole.stderr
    expected, points = end_of(tmp_path / "whole"), len(log.read_text().splitlines())
    assert len(expected["documents"]) == POSTS
    assert expected["leads"]
    assert expected["matched"]
    assert expected["broken"] == []
    step = 1 if os.environ.get("CANHGIAC_PROVE") else max(1, points // 2)
    for point in range(points, 0, -step):
        home = tmp_path / f"home{point}"
        assert ingest(feed, home, CANHGIAC_FAULT_POINT=str(point)).returncode == -signal.SIGKILL
        again = ingest(feed, home)
        assert again.returncode == 0, again.stderr
        answer = json.loads(again.stdout.splitlines()[-1])
        assert (answer["read"], answer["updated"], answer["indexed"]) == (POSTS + 1, 0, True)
        assert end_of(home) == expected, f"killed at {point}"
