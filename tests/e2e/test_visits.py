"""Visits side by side: a site that does not answer holds up nobody else's sources."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>B</title><link>http://x/</link></channel></rss>"""
WORKER = """
import sys, threading
from console.visits import Visits
from console.wiring import open_house

house, stop = open_house().connect(), threading.Event()
house.sync()
visits = Visits(house, allow=tuple(sys.argv[1:]), stop=stop, force=True)
for _ in range(600):
    visits.look()
    if (house.home / "enough").exists():
        break
    stop.wait(0.1)
stop.set()
visits.close()
"""


class Slow:
    """Two sites: one answers at once, one never while the test runs."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {"quick": 0, "slow": 0}
        self.release = threading.Event()
        self.servers = {name: ThreadingHTTPServer(("127.0.0.1", 0), self._handler(name)) for name in self.asked}
        for server in self.servers.values():
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def _handler(self, name: str) -> type[BaseHTTPRequestHandler]:
        sites = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/robots.txt":
                    self.send_response(404)
                    self.end_headers()
                    return
                sites.asked[name] += 1
                if name == "slow":
                    sites.release.wait(60)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "application/rss+xml")
                self.end_headers()
                self.wfile.write(FEED.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Silent."""

        return Handler


@pytest.fixture
def sites() -> Iterator[Slow]:
    """The two sites."""
    running = Slow()
    yield running
    running.release.set()
    for server in running.servers.values():
        server.shutdown()
        server.server_close()


def test_a_slow_site_holds_up_nobody_else(
    tmp_path: Path,
    sites: Slow,
    environment: Callable[..., dict[str, str]],
    wait_until: Callable[[Callable[[], Any], float], Any],
) -> None:
    """The quick one is visited again and again while the slow one is being waited for."""
    home = tmp_path / "home"
    folder = home / "config" / "sources"
    folder.mkdir(parents=True)
    for name, server in sites.servers.items():
        (folder / f"{name}.yaml").write_text(
            f"id: {name}_feed\ntitle: {name}\nspider: feed\nkind: news\nurl: http://127.0.0.1:{server.server_port}/rss\n"
            "interval: 1s\nenabled: true\noptions: {delay: 0}\n",
            encoding="utf-8",
        )
    allowed = [f"127.0.0.1:{server.server_port}" for server in sites.servers.values()]
    command = [sys.executable, "-c", WORKER, *allowed]
    process = subprocess.Popen(command, env=environment(home, CANHGIAC_CRAWL_WORKERS="2"), cwd=tmp_path)
    try:
        wait_until(lambda: sites.asked["slow"] and sites.asked["quick"] >= 2, 120)
        assert sites.asked["slow"] == 1
    finally:
        (home / "enough").touch()
        assert process.wait(timeout=60) == 0
