"""`canhgiac dev`: what only developers need."""

from __future__ import annotations

import signal
import threading

import click

from console.terminal import example


@click.group()
def dev() -> None:
    """Công cụ cho người phát triển."""


@dev.command("elasticsearch", epilog=example("canhgiac dev elasticsearch --check"))
@click.option("--server-version", "version", help="Phiên bản máy chủ, vd. 9.2.0.")
@click.option("--check", is_flag=True, help="Khởi động, in địa chỉ rồi dừng.")
def elasticsearch(version: str | None, check: bool) -> None:
    """Chạy một Elasticsearch thật trên cổng trống của máy này, tới khi nhận Ctrl-C."""
    from console.elasticsearch_server import VERSION, running

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with running(version or VERSION) as server:
        click.echo(server.url)
        click.echo(f"Dùng với: CANHGIAC_INDEX_URL={server.url} (Ctrl-C để dừng)", err=True)
        if not check:
            stop.wait()
