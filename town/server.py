"""Serves the town: `python -m town.server --seed N --ready-file F [--state DIR]`.

One process, one thread per request, one loopback port per site. When all sites listen, the ready file holds one JSON
object, site -> base URL (`index` included), and the same line is printed. Ends on SIGTERM, SIGINT, or when the
process that started it is gone (`--with-parent`).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from town.sites.ads import Ads
from town.sites.channel import Channel
from town.sites.classifieds import Classifieds
from town.sites.forum import Forum
from town.sites.index import Index
from town.sites.news import News
from town.sites.portal import Portal
from town.state import Town
from town.web import Request, Response, Site, conditional

HOST = "127.0.0.1"
MAX_BODY = 100_000


class _Server(ThreadingHTTPServer):
    """A site on its port."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, site: Site, town: Town) -> None:
        super().__init__((HOST, port), _Handler)
        self.site, self.town = site, town

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor that hangs up is no fault of the town; anything else is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._answer("")

    def do_HEAD(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY)
        self._answer(self.rfile.read(length).decode("utf-8", "replace"))

    def _answer(self, body: str) -> None:
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        town, site = self.server.town, self.server.site
        response = conditional(request, site.respond(request, town))
        town.count(site.name, urlsplit(self.path).path, response.status)
        if response.wait:
            time.sleep(response.wait)
        self._send(response)

    def _send(self, response: Response) -> None:
        data = response.data or response.body.encode("utf-8")
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 304:
            self.send_header("Content-Type", response.type)
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD" and response.status != 304:
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the ledger counts instead."""


class Running:
    """The town's servers, listening. Use as a context manager."""

    def __init__(self, town: Town) -> None:
        self.town = town
        sites: list[Site] = [Portal(), News(), Channel(), Forum(), Classifieds(), Ads()]
        sites.append(Index(tuple((site.name, site.about) for site in sites)))
        self._servers = {site.name: _listen(site, town) for site in sites}
        town.ports = {name: server.server_port for name, server in self._servers.items()}
        town.addresses = {name: f"http://{HOST}:{port}" for name, port in town.ports.items()}
        town.save()

    @property
    def ready(self) -> dict[str, str]:
        """Site -> base URL."""
        return dict(self.town.addresses)

    def __enter__(self) -> Running:
        for name, server in self._servers.items():
            threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.02}, name=f"town-{name}", daemon=True
            ).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()


def _listen(site: Site, town: Town) -> _Server:
    """The site on the port it had before, or on a free one."""
    before = town.ports.get(site.name, 0)
    try:
        return _Server(before, site, town)
    except OSError:
        if not before:
            raise
        return _Server(0, site, town)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(
        prog="python -m town.server", description="Serve the local town of sites on loopback."
    )
    parser.add_argument("--seed", type=int, default=1, help="draws numbers, names, order and voices")
    parser.add_argument("--ready-file", type=Path, help="written when all sites listen: JSON, site -> base URL")
    parser.add_argument(
        "--state", type=Path, help="directory in which the town keeps its moment, ports and published posts"
    )
    parser.add_argument("--port", type=int, default=0, help="port of the index page (0: a free one)")
    parser.add_argument("--with-parent", action="store_true", help="end when the parent process is gone")
    options = parser.parse_args(arguments)
    if options.state:
        options.state.mkdir(parents=True, exist_ok=True)
    town = Town(options.seed, datetime.now(UTC), options.state)
    if options.port:
        town.ports["index"] = options.port
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Running(town) as running:
        line = json.dumps(running.ready)
        if options.ready_file:
            fresh = options.ready_file.with_suffix(".new")
            fresh.write_text(line + "\n", "utf-8")
            fresh.replace(options.ready_file)
        print(line, flush=True)
        parent = os.getppid()
        while not stop.wait(0.5):
            if options.with_parent and os.getppid() != parent:
                break
    return 0


if __name__ == "__main__":
    sys.exit(main())
