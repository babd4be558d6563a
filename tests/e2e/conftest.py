"""What the end-to-end tests share: a bare environment, waiting, a real mailbox."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def environment() -> Callable[..., dict[str, str]]:
    """`environment(home, CANHGIAC_X=...)`: no settings but the home and what is given."""

    def bare(home: Path, **more: str) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("CANHGIAC_") or "CHROMIUM" in name
        }
        return kept | {"CANHGIAC_HOME": str(home)} | more

    return bare


@pytest.fixture(scope="session")
def wait_until() -> Callable[[Callable[[], Any], float], Any]:
    """`wait_until(check, seconds)`: the first true answer of `check`."""

    def wait(check: Callable[[], Any], seconds: float) -> Any:
        until = time.monotonic() + seconds
        while not (answer := check()):
            assert time.monotonic() < until, "not in time"
            time.sleep(0.1)
        return answer

    return wait


@pytest.fixture
def mailbox(tmp_path: Path, wait_until: Callable[[Callable[[], Any], float], Any]) -> Iterator[tuple[Path, str]]:
    """A real SMTP server on loopback: the folder of its mails, its address."""
    folder, ready = tmp_path / "inbox", tmp_path / "inbox.ready"
    command = [sys.executable, "-m", "console.inbox", "--folder", str(folder), "--ready-file", str(ready)]
    process = subprocess.Popen(command)
    wait_until(ready.exists, 30)
    yield folder, f"smtp://127.0.0.1:{ready.read_text()}"
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
