"""A child's memory is its own."""

from __future__ import annotations

import subprocess
import sys

ASK = """
from scrapy.utils.test import get_crawler
from crawler.memory import OwnMemory
print(OwnMemory(get_crawler(settings_dict={"MEMUSAGE_ENABLED": True})).get_virtual_size())
"""
START = """
import subprocess, sys
held = bytearray(b"x" * (400 << 20))
print(subprocess.run([sys.executable, "-c", sys.argv[1]], capture_output=True, text=True, check=True).stdout)
"""


def test_what_the_parent_held_is_not_counted() -> None:
    """A parent of 400 MB starts a child that has imported Scrapy and little else."""
    answer = subprocess.run([sys.executable, "-c", START, ASK], capture_output=True, text=True, check=True)
    assert 10 << 20 < int(answer.stdout) < 300 << 20
