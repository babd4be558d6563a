"""The web process of `canhgiac run` and of the demo: the console behind waitress, until SIGTERM."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import click
import structlog

from console.logs import set_up_logs
from console.web.options import WebOptions, install
from console.wiring import House, open_house
from model.errors import ConfigError

log = structlog.get_logger()

THREADS = 8
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def prepare_web(house: House, *, demo: bool = False) -> None:
    """Sets Django up for the console in this process and connects it; before anything else imports `store`."""
    settings = house.settings
    house.prepare_home()
    public = urlsplit(settings.public_url)
    install(
        WebOptions(
            secret_key=settings.secret_key.get_secret_value() or _kept_key(house.home / "secret_key"),
            open_index=lambda: house.index,
            clock=house.clock,
            hosts=tuple({*LOOPBACK, "[::1]", public.hostname or "", settings.console_host} - {"", "0.0.0.0"}),  # noqa: S104 - compared, not bound
            inbox=house.home / "inbox" if demo else None,
            open_reading=demo,
            secure=public.scheme == "https",
            department=settings.department,
        )
    )
    os.environ["DJANGO_SETTINGS_MODULE"] = "console.web.settings"
    house.connect()


def _kept_key(path: Path) -> str:
    """The key of this installation, made at its first start; readable by its owner alone."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigError with the cure when the port is taken or not allowed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"không mở được cổng {host}:{port} ({error.strerror})",
            key="CANHGIAC_CONSOLE_PORT",
            cure="Cổng đang được dùng: dừng chương trình kia, hoặc đặt CANHGIAC_CONSOLE_PORT sang cổng khác",
        ) from None
    return listener


def free_port(host: str, wanted: int) -> int:
    """The wanted port when nobody listens there, else a free one."""
    try:
        with listen(host, wanted) as listener:
            return int(listener.getsockname()[1])
    except ConfigError:
        with listen(host, 0) as listener:
            return int(listener.getsockname()[1])


@click.command()
@click.option("--demo", is_flag=True, help="Read-only without login, with the inbox; on loopback alone.")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Written with the port once the console answers.")
def main(demo: bool, ready_file: Path | None) -> None:
    """Serves the console."""
    from waitress.server import create_server

    house = open_house()
    settings = house.settings
    set_up_logs(settings.log_format, settings.log_level, process="console")
    if demo and settings.console_host not in LOOPBACK:
        raise ConfigError("bản trình diễn chỉ mở trên máy này", key="CANHGIAC_CONSOLE_HOST", cure="Đặt 127.0.0.1")
    listener = listen(settings.console_host, settings.console_port)
    prepare_web(house, demo=demo)
    from django.core.wsgi import get_wsgi_application

    server = create_server(get_wsgi_application(), sockets=[listener], threads=THREADS, ident=None)

    def stop(number: int, _: FrameType | None) -> None:
        log.info("stopping", signal=signal.Signals(number).name)
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    port = listener.getsockname()[1]
    log.info("console answers", url=f"http://{settings.console_host}:{port}/")
    if ready_file:
        part = ready_file.with_name(f"{ready_file.name}.{os.getpid()}")
        part.write_text(str(port), encoding="ascii")
        part.replace(ready_file)
    server.run()


if __name__ == "__main__":
    main()
