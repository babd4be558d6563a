"""Places where the crash tests kill the process.

Every commit and every effect outside the database is surrounded by fault points. In production they do nothing. With
`CANHGIAC_FAULT_POINT=N` the N-th one reached in this process kills it with SIGKILL; with `CANHGIAC_FAULT_LOG=path`
every tag is appended to that file, so that a first run without a kill counts the points and names them.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

_COUNT = 0
_TARGET = int(os.environ.get("CANHGIAC_FAULT_POINT") or 0)
_LOG = os.environ.get("CANHGIAC_FAULT_LOG") or ""


def fault_point(tag: str) -> None:
    """Marks one place between two effects; see the module's text. tag: `<what>: <before or after what>`."""
    if not _TARGET and not _LOG:
        return
    global _COUNT
    _COUNT += 1
    if _LOG:
        with Path(_LOG).open("a", encoding="utf-8") as log:
            log.write(f"{tag}\n")
    if _COUNT == _TARGET:
        os.kill(os.getpid(), signal.SIGKILL)
