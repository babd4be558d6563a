"""Fault points: nothing in production, a kill where the crash tests want one."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

CODE = """
from store.faults import fault_point
for tag in ("one", "two", "three"):
    print(tag, flush=True)
    fault_point(tag)
"""
Run = Callable[..., subprocess.CompletedProcess[str]]


def test_without_settings_nothing_happens(run_child: Run) -> None:
    assert run_child(CODE).stdout == "one\ntwo\nthree\n"


def test_the_nth_point_kills_the_process(run_child: Run, tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = run_child(CODE, env={"CANHGIAC_FAULT_POINT": "2", "CANHGIAC_FAULT_LOG": str(log)})
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == "one\ntwo\n"
    assert log.read_text() == "one\ntwo\n"
