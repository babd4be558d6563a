"""How much memory a crawl child has used: its own, not what its parent had when it was started."""

from __future__ import annotations

import re
from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage

_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


class OwnMemory(MemoryUsage):
    """Scrapy's limit on memory, held against this program alone.

    Scrapy asks `getrusage`, whose peak a process keeps from before `exec`: a child of a parent of 1 GB was shut down with its
    first page unread. `VmHWM` of proc(5) begins with the program.
    """

    def get_virtual_size(self) -> int:
        """Peak of resident memory since this program began, in bytes."""
        status = Path("/proc/self/status")
        peak = _PEAK.search(status.read_text("ascii", errors="replace")) if status.exists() else None
        return int(peak[1]) * 1024 if peak else int(super().get_virtual_size())
