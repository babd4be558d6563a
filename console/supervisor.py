"""Child processes of one command: started together, watched, restarted when they fall, stopped together.

`run` supervises worker and console, the demo also its town and inbox. Children get SIGTERM when the parent dies, however
it dies, so that nothing is left running.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

import structlog
from attrs import define, frozen

from model.errors import CanhGiacError

log = structlog.get_logger()

STOP_SECONDS = 20.0
"""How long a child may take to stop: longer than one page's time limit, shorter than systemd's default of 90 s."""
RESTART_PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before the n-th restart in a row; a child that ran for `STEADY_SECONDS` starts again from the first."""
STEADY_SECONDS = 120.0

_PR_SET_PDEATHSIG = 1


class ChildFailedError(CanhGiacError):
    """A child that was needed has ended or did not become ready."""


@frozen(kw_only=True)
class ChildPlan:
    """How to start a child. restart: whether it is started again when it falls."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = {}
    restart: bool = True


@define
class _Running:
    plan: ChildPlan
    process: subprocess.Popen[bytes]
    started: float
    falls: int = 0
    next_start: float = 0.0


class Supervisor:
    """Starts children and keeps them running until it is told to stop. A context manager: leaving it stops all.

    log_folder: where each child's output goes, else to our stderr. folder: working directory of the children.
    """

    def __init__(self, *, log_folder: Path | None = None, folder: Path | None = None) -> None:
        self.log_folder, self.folder = log_folder, folder
        self.children: dict[str, _Running] = {}
        self.stopping = False

    def __enter__(self) -> Supervisor:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_stop)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _asked_to_stop(self, number: int, _: FrameType | None) -> None:
        self.stopping = True

    def start(self, plan: ChildPlan) -> None:
        """Starts a child; its output goes to `<log_folder>/<name>.log`, or to our stderr."""
        self.children[plan.name] = _Running(plan, self._spawn(plan), time.monotonic())

    def _spawn(self, plan: ChildPlan) -> subprocess.Popen[bytes]:
        output: IO[bytes] | None = None
        if self.log_folder:
            output = (self.log_folder / f"{plan.name}.log").open("ab")
        try:
            return subprocess.Popen(
                [sys.executable, *plan.arguments],
                cwd=self.folder,
                env={**os.environ, **plan.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        finally:
            if output:
                output.close()

    def wait_ready(self, name: str, ready: Callable[[], bool], *, seconds: float) -> None:
        """Waits until `ready()`; raises ChildFailedError when the child ends first or the time is over."""
        until = time.monotonic() + seconds
        while not ready():
            code = self.children[name].process.poll()
            if code is not None or time.monotonic() > until:
                ended = f"đã dừng với mã {code}" if code is not None else f"chưa sẵn sàng sau {seconds:.0f} giây"
                raise ChildFailedError(f"tiến trình {name!r} {ended}{self._last_words(name)}")
            if self.stopping:
                raise ChildFailedError("đã được yêu cầu dừng")
            time.sleep(0.05)

    def _last_words(self, name: str) -> str:
        if not self.log_folder:
            return ""
        path = self.log_folder / f"{name}.log"
        lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] if path.exists() else []
        return f"; dòng cuối trong {path}: {' '.join(lines)[:300]}" if lines else ""

    def watch(self, *, until: Callable[[], bool] | None = None, pause: float = 0.2) -> None:
        """Restarts what falls, until asked to stop or `until()`. Raises ChildFailedError for a child not to be restarted."""
        while not self.stopping and not (until and until()):
            self.look()
            time.sleep(pause)

    def look(self) -> None:
        """One look at all children."""
        now = time.monotonic()
        for child in self.children.values():
            code = child.process.poll()
            if code is None:
                continue
            if not child.plan.restart:
                raise ChildFailedError(
                    f"tiến trình {child.plan.name!r} đã dừng với mã {code}{self._last_words(child.plan.name)}"
                )
            if not child.next_start:
                child.falls = 0 if now - child.started > STEADY_SECONDS else child.falls
                pause = RESTART_PAUSES[min(child.falls, len(RESTART_PAUSES) - 1)]
                child.falls, child.next_start = child.falls + 1, now + pause
                log.error("child ended", child=child.plan.name, code=code, restart_in=pause)
            elif now >= child.next_start:
                child.process, child.started, child.next_start = self._spawn(child.plan), now, 0.0

    def stop(self) -> None:
        """Stops all children, the last started first: SIGTERM, then SIGKILL to the whole group after STOP_SECONDS."""
        for child in reversed(self.children.values()):
            _signal(child.process, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            try:
                child.process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("child did not stop, killed", child=child.plan.name)
                _signal(child.process, signal.SIGKILL, group=True)
                child.process.wait()
        self.children.clear()


def _signal(process: subprocess.Popen[bytes], number: int, *, group: bool = False) -> None:
    if process.poll() is not None:
        return
    try:
        if group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    except ProcessLookupError:
        return


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
