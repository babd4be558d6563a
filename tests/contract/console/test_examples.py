"""Every command's help ends with an example, and every example works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
import pytest

from console.cli import COMMANDS, cli

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Báo</title><link>http://127.0.0.1/</link>
<item><title>Cảnh báo</title><link>http://127.0.0.1:{port}/bai-1</link><guid>1</guid>
<description>Người dân cẩn thận số 0912 345 678</description></item></channel></rss>"""
ARTICLE = (
    "<html><body><article><h1>Cảnh báo</h1>"
    + "<p>Người dân cẩn thận số 0912 345 678 lừa đảo.</p>" * 5
    + "</article></body></html>"
)
POSTS = [
    {"source": "fb", "text": "Số 0912.345.678 tự xưng công an, có lệnh bắt, dọa rửa tiền, lừa đảo"},
    {
        "source": "fb",
        "text": "Cẩn thận số 0900.000.015 tự xưng công an, có lệnh bắt, chuyển vào 1010000000015 Vietcombank",
    },
    {"source": "rv", "source_kind": "classified", "text": "Bán xe, gọi 0900 000 321"},
]
QUERY = "id: my_query\ntitle: Của tôi\nquery: '\"mã lạ\" and phones: *'\n"
ELSEWHERE = {"demo", "dev elasticsearch", "kibana approve", "kibana import", "kibana pull"}
"""Run by tests/e2e, by the tests that need a real Elasticsearch, and by `test_kibana_server`."""


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


LEAVES = dict(leaves(cli))


def example_of(command: click.Command) -> str:
    """The last line of its help."""
    assert command.epilog, command.name
    head, _, line = command.epilog.strip().rpartition("Ví dụ:\n")
    assert head.strip() == "\b"
    return line.strip()


@pytest.mark.parametrize("name", LEAVES)
def test_help_says_what_and_ends_with_an_example(name: str) -> None:
    """In Vietnamese, every option explained."""
    command = LEAVES[name]

    assert command.help
    assert name.split()[-1] in example_of(command)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name not in ("sort", "help"):
            assert parameter.help, f"{name} {parameter.name}"


class _Site(BaseHTTPRequestHandler):
    """A feed with one article."""

    def do_GET(self) -> None:
        port = self.server.server_port  # type: ignore[attr-defined]
        body = {"/rss.xml": FEED.format(port=port), "/bai-1": ARTICLE}.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/xml" if self.path == "/rss.xml" else "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write((body or "").encode())

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """A working directory with a filled home and the files that examples name; the port of a small site."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "bai-dang.jsonl").write_text("\n".join(json.dumps(post) for post in POSTS), encoding="utf-8")
    (folder / "truy-van.yaml").write_text(QUERY, encoding="utf-8")
    (folder / "home" / "config").mkdir(parents=True)
    (folder / "home" / "config" / "recipients.yaml").write_text(
        "id: truc_ban\naddresses: [truc@example.vn]\nchannel: terminal\n", encoding="utf-8"
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = run("canhgiac ingest bai-dang.jsonl --json", folder, server.server_port)
        assert done.returncode == 0, done.stderr
        yield folder, server.server_port
        server.shutdown()


def run(line: str, folder: Path, port: int) -> subprocess.CompletedProcess[str]:
    """Runs an example as a shell does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CANHGIAC_")}
    environment |= {
        "CANHGIAC_HOME": str(folder / "home"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CANHGIAC_CONSOLE_PORT": "0",
    }
    return subprocess.run(
        ["/bin/sh", "-c", line.replace("8080", str(port))],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", sorted(LEAVES.keys() - ELSEWHERE))
def test_the_example_works(name: str, place: tuple[Path, int]) -> None:
    """Status 0, whatever was run before."""
    done = run(example_of(LEAVES[name]), *place)

    assert done.returncode == 0, f"{example_of(LEAVES[name])}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"


def test_every_command_of_the_table_can_be_imported() -> None:
    """Those whose machinery exists are listed; none is listed that is not in the table."""
    assert set(cli.list_commands(click.Context(cli))) <= set(COMMANDS)
