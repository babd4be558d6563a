"""How often Python looks for cycles of garbage in a process that reads many documents."""

from __future__ import annotations

import gc

_NEW_OBJECTS = 100_000


def collect_seldom() -> None:
    """Looks for cycles once in 100,000 new objects, for the rest of the process.

    A document makes some thousands of objects and hardly a cycle, and with Python's own 700 they are walked over and over:
    22 to 24 % of the CPU from ingest to lead (1,000 posts of the mixed feed, two rounds beside the default). What cycles hold
    until then is a few megabytes.
    """
    gc.set_threshold(_NEW_OBJECTS, 10, 10)
