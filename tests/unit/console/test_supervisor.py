"""Children: ready, restarted, stopped, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from console import supervisor as module
from console.supervisor import ChildFailedError, ChildPlan, Supervisor


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Fails when it does not become true."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_child_that_ends_before_it_is_ready_is_told_with_its_last_words(tmp_path: Path) -> None:
    """Where to read on is in the message."""
    with Supervisor(log_folder=tmp_path) as supervisor:
        supervisor.start(ChildPlan(name="bad", arguments=["-c", "print('no luck'); raise SystemExit(3)"]))
        with pytest.raises(ChildFailedError, match=r"mã 3.*no luck"):
            supervisor.wait_ready("bad", lambda: False, seconds=20)


def test_a_fallen_child_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a pause that grows."""
    monkeypatch.setattr(module, "RESTART_PAUSES", (0.05,))
    log = tmp_path / "starts"
    code = f"open({str(log)!r}, 'a').write('x'); raise SystemExit(1)"
    with Supervisor(log_folder=tmp_path) as supervisor:
        supervisor.start(ChildPlan(name="weak", arguments=["-c", code]))
        supervisor.watch(until=lambda: log.exists() and len(log.read_text()) >= 3, pause=0.02)

    assert len(log.read_text()) >= 3


def test_a_child_that_may_not_fall_ends_the_watch(tmp_path: Path) -> None:
    """The demo's town is not restarted: it would be another town."""
    with Supervisor(log_folder=tmp_path) as supervisor:
        supervisor.start(ChildPlan(name="town", arguments=["-c", "raise SystemExit(4)"], restart=False))
        with pytest.raises(ChildFailedError, match="town"):
            supervisor.watch(pause=0.02)


def test_children_are_stopped_together(tmp_path: Path) -> None:
    """Asked with SIGTERM, waited for."""
    code = (
        "import signal, sys, time, pathlib\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path({str(tmp_path / 'bye')!r}).touch(), sys.exit(0)))\n"
        f"pathlib.Path({str(tmp_path / 'up')!r}).touch()\n"
        "time.sleep(60)"
    )
    with Supervisor(log_folder=tmp_path) as supervisor:
        supervisor.start(ChildPlan(name="long", arguments=["-c", code]))
        supervisor.wait_ready("long", (tmp_path / "up").exists, seconds=20)

    assert (tmp_path / "bye").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no parent-death signal")
def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path) -> None:
    """kill -9 of `canhgiac run` takes worker and console with it."""
    child = f"import os, time, pathlib; pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid())); time.sleep(60)"
    parent = (
        "from console.supervisor import *\n"
        f"s = Supervisor().__enter__(); s.start(ChildPlan(name='c', arguments=['-c', {child!r}])); s.watch()"
    )
    process = subprocess.Popen([sys.executable, "-c", parent])
    wait_until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
    pid = int((tmp_path / "pid").read_text())

    process.send_signal(signal.SIGKILL)
    process.wait()

    wait_until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2])
    assert os.getpid() != pid
