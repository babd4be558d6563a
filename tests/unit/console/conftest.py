"""The command line as a script sees it: a fresh home, a child process, stdin, stdout, status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

POSTS = [
    {
        "source": "fb_an_ninh",
        "source_kind": "social",
        "external_id": "1",
        "author": "Lan",
        "url": "https://mxh.example.vn/p/1",
        "text": "Mọi người cẩn thận số 0900.000.015 tự xưng công an, nói dính đường dây rửa tiền, có lệnh bắt, "
        "bắt chuyển vào STK 1010000000015 Vietcombank NGUYEN VAN A",
        "published": "2026-11-23T08:00:00",
        "counts": {"likes": 3},
    },
    {
        "source": "rao_vat",
        "source_kind": "classified",
        "external_id": "2",
        "text": "Bán nhà Phan Thiết, liên hệ anh Nam 0900 000 321",
        "published": "2026-11-23T09:00:00+07:00",
    },
    {
        "source": "kenh_canh_bao",
        "source_kind": "channel",
        "external_id": "3",
        "title": "Việc nhẹ",
        "text": "Công an giả gọi từ số 0900 000 015 báo có lệnh bắt, dọa rửa tiền, gửi link vcb-xacminh[.]top/vn",
        "published": "2026-11-23T10:00:00",
    },
]


@frozen
class Answer:
    """What a command said. rows: stdout as JSON lines."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON objects of stdout."""
        return [json.loads(line) for line in self.out.splitlines() if line]


Cli = Callable[..., Answer]


def run_in(home: Path, *arguments: str, given: str | bytes = "", **variables: str) -> Answer:
    """Runs `canhgiac` with that home, in its parent folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CANHGIAC_")}
    environment |= {"CANHGIAC_HOME": str(home), "COLUMNS": "200", **variables}
    done = subprocess.run(
        [sys.executable, "-m", "console.cli", *arguments],
        input=given if isinstance(given, bytes) else given.encode(),
        capture_output=True,
        env=environment,
        cwd=home.parent,
        timeout=120,
        check=False,
    )
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """`cli("search", "phones: *", given=stdin, CANHGIAC_X=...)` in a fresh home."""
    return lambda *arguments, **more: run_in(tmp_path / "home", *arguments, **more)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """Like `cli`, in a home that holds three posts and one lead; for commands that only read."""
    home = tmp_path_factory.mktemp("filled") / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "recipients.yaml").write_text(
        "id: truc_ban\nname: Trực ban\naddresses: [truc@example.vn]\n", encoding="utf-8"
    )
    lines = "\n".join(json.dumps(post, ensure_ascii=False) for post in POSTS)
    answer = run_in(home, "ingest", "-", "--json", given=lines)
    assert answer.status == 0, answer.err
    return lambda *arguments, **more: run_in(home, *arguments, **more)
