"""Places where the crash tests kill the process.

Every commit and every effect outside the database is surrounded by fault points. In production they do nothing. With
`CANHGIAC_FAULT_POINT=N` the N-th one reached in this process kills it with SIGKILL; with `CANHGIAC_FAULT_LOG=path`
every tag is appended to that file, so that a first run without a kill counts the points and names them.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

_count = 0
_target = int(os.environ.get("CANHGIAC_FAULT_POINT") or 0)
_log = os.environ.get("CANHGIAC_FAULT_LOG") or ""


def arm(point: int = 0, log: str = "") -> None:
    """Sets what the environment sets, from here on, for a process that was forked: counting begins anew."""
    global _count, _target, _log
    _count, _target, _log = 0, point, log


def fault_point(tag: str) -> None:
    """Marks one place between two effects; see the module's text. tag: `<what>: <before or after what>`."""
    if not _target and not _log:
        return
    global _count
    _count += 1
    if _log:
        with Path(_log).open("a", encoding="utf-8") as file:
            file.write(f"{tag}\n")
    if _count == _target:
        os.kill(os.getpid(), signal.SIGKILL)
