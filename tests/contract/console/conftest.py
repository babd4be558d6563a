"""The command line as a script sees it: a fresh home, a process, stdin, stdout, status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
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


def environment(home: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """No settings but the home and what is given."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CANHGIAC_")}
    return bare | {"CANHGIAC_HOME": str(home), "COLUMNS": "200", **variables}


class Program:
    """The command line, warm: `warm.py` and the talk with it. folder: for the streams of the command that runs."""

    def __init__(self, folder: Path) -> None:
        self.streams = [folder / name for name in ("in", "out", "err")]
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("warm.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def run_in(self, home: Path, *arguments: str, given: str | bytes = "", **variables: str) -> Answer:
        """Runs `canhgiac` with that home, in its parent folder."""
        self.streams[0].write_bytes(given if isinstance(given, bytes) else given.encode())
        wanted = {
            "arguments": arguments,
            "folder": str(home.parent),
            "environment": environment(home, variables),
            "streams": list(map(str, self.streams)),
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(wanted), file=self.process.stdin, flush=True)
        status = int(self.process.stdout.readline())
        return Answer(status, *(stream.read_text(encoding="utf-8") for stream in self.streams[1:]))


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The command line, imported once."""
    started = Program(tmp_path_factory.mktemp("program"))
    yield started
    started.process.communicate(timeout=60)


@pytest.fixture
def cli(tmp_path: Path, program: Program) -> Cli:
    """`cli("search", "phones: *", given=stdin, CANHGIAC_X=...)` in a fresh home."""
    return lambda *arguments, **more: program.run_in(tmp_path / "home", *arguments, **more)


@pytest.fixture
def cold_cli(tmp_path: Path) -> Cli:
    """Like `cli`, from a cold start."""

    def run(*arguments: str, given: str = "", **variables: str) -> Answer:
        home = tmp_path / "home"
        done = subprocess.run(
            [sys.executable, "-m", "console.cli", *arguments],
            input=given,
            capture_output=True,
            text=True,
            env=environment(home, variables),
            cwd=home.parent,
            timeout=120,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, program: Program) -> Cli:
    """Like `cli`, in a home that holds three posts and one lead; for commands that only read."""
    home = tmp_path_factory.mktemp("filled") / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "recipients.yaml").write_text(
        "id: truc_ban\nname: Trực ban\naddresses: [truc@example.vn]\n", encoding="utf-8"
    )
    lines = "\n".join(json.dumps(post, ensure_ascii=False) for post in POSTS)
    answer = program.run_in(home, "ingest", "-", "--json", given=lines)
    assert answer.status == 0, answer.err
    return lambda *arguments, **more: program.run_in(home, *arguments, **more)
