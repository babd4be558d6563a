"""Whether this machine has a Chromium that starts; asked of the crawler's own search, in a child of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from attrs import frozen

SECONDS = 120
"""For starting each Chromium on this machine once."""


@frozen(kw_only=True)
class Browser:
    """What was found. text: path and version, or what was tried and the cure."""

    found: bool
    text: str


def find_browser(given: str) -> Browser:
    """The Chromium that pages are rendered with. given: path from the settings, or ""."""
    done = subprocess.run(
        [sys.executable, "-m", "crawler.browser"],
        env={**os.environ, "CANHGIAC_CHROMIUM": given},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    said = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    return Browser(found=done.returncode == 0, text=said[-1] if said else f"status {done.returncode}")
