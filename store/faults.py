"""Places where the crash tests kill the process.

Every commit and every effect outside the database is surrounded by fault points. In production they do nothing. With
`CANHGIAC_FAULT_POINT=N` the N-th one reached in this process kills it with SIGKILL, with `CANHGIAC_FAULT_POINT=N TAG`
the N-th of that tag (where several threads reach them, only that is the same place every time). With
`CANHGIAC_FAULT_LOG=path` every tag is appended to that file, so that a first run without a kill counts the points and
names them, and the last line of a run that was killed says where.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

_lock = threading.Lock()
_count = 0
_number, _, _tag = os.environ.get("CANHGIAC_FAULT_POINT", "").partition(" ")
_target = int(_number or 0)
_log = os.environ.get("CANHGIAC_FAULT_LOG") or ""


def arm(point: int = 0, log: str = "") -> None:
    """Sets what the environment sets, from here on, for a process that was forked: counting begins anew."""
    global _count, _target, _log, _tag
    _count, _target, _log, _tag = 0, point, log, ""


def fault_point(tag: str) -> None:
    """Marks one place between two effects; see the module's text. tag: `<what>: <before or after what>`."""
    if not _target and not _log:
        return
    global _count
    with _lock:
        _count += not _tag or tag == _tag
        if _log:
            with Path(_log).open("a", encoding="utf-8") as file:
                file.write(f"{tag}\n")
        if _count == _target and (not _tag or tag == _tag):
            os.kill(os.getpid(), signal.SIGKILL)
