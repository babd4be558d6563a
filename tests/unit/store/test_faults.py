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


def test_or_the_nth_of_a_name(run_child: Run) -> None:
    code = CODE.replace('"one", "two", "three"', '"one", "two: a", "one", "two: a", "three"')
    done = run_child(code, env={"CANHGIAC_FAULT_POINT": "2 two: a"})
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == "one\ntwo: a\none\ntwo: a\n"


def test_threads_lose_no_count(run_child: Run, tmp_path: Path) -> None:
    code = (
        "import threading\nfrom store.faults import fault_point\n"
        "def work():\n    for _ in range(25): fault_point('x')\n"
        "threads = [threading.Thread(target=work) for _ in range(8)]\n"
        "for thread in threads: thread.start()\nfor thread in threads: thread.join()\n"
    )
    log = tmp_path / "log"
    assert run_child(code, env={"CANHGIAC_FAULT_POINT": "200", "CANHGIAC_FAULT_LOG": str(log)}).returncode == -9
    assert log.read_text() == "x\n" * 200
