"""The demo's mailbox: a real SMTP server on loopback that keeps every mail as a file.

Runs in its own process (`python -m console.inbox`). Mails are written before they are accepted, one `.eml` file each,
with two lines of ours on top: when it came and for whom.
"""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from itertools import count
from pathlib import Path

import click
from attrs import frozen

RECEIVED = "X-Inbox-Received"
ENVELOPE_TO = "X-Inbox-To"
SIZE_LIMIT = 10 * 1024 * 1024


@frozen(kw_only=True)
class Received:
    """A mail as it arrived. name: of its file, in order of arrival."""

    name: str
    at: datetime
    to: str
    sender: str
    subject: str
    message_id: str
    references: str
    text: str
    html: str


class KeepEverything:
    """The handler of the SMTP server: one file a mail, complete before `250` is said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        taken = [int(path.name[:6]) for path in folder.glob("*.eml") if path.name[:6].isdigit()]
        self.numbers = count(max(taken, default=0) + 1)

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        """Writes the mail. Called by aiosmtpd."""
        data: bytes = envelope.original_content or b""  # type: ignore[attr-defined]
        recipients: list[str] = envelope.rcpt_tos  # type: ignore[attr-defined]
        head = f"{RECEIVED}: {datetime.now(UTC).isoformat()}\r\n{ENVELOPE_TO}: {', '.join(recipients)}\r\n"
        path = self.folder / f"{next(self.numbers):06d}.eml"
        part = path.with_suffix(".part")
        part.write_bytes(head.encode() + data)
        part.replace(path)
        return "250 kept"


def read_inbox(folder: Path) -> list[Received]:
    """All mails, newest first."""
    return [read_mail(path) for path in sorted(folder.glob("*.eml"), reverse=True)]


def read_mail(path: Path) -> Received:
    """One mail."""
    message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    return Received(
        name=path.stem,
        at=datetime.fromisoformat(str(message[RECEIVED])),
        to=str(message[ENVELOPE_TO]),
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        message_id=str(message["Message-ID"] or "").strip("<> "),
        references=str(message["References"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


@click.command()
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--port", type=int, default=0)
@click.option("--ready-file", type=click.Path(path_type=Path), required=True)
def main(folder: Path, port: int, ready_file: Path) -> None:
    """Serves until SIGTERM; the ready file then holds the port."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(folder, port, ready_file))


async def serve(folder: Path, port: int, ready_file: Path) -> None:
    """The server itself; port 0 takes a free one."""
    from aiosmtpd.smtp import SMTP

    handler = KeepEverything(folder)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(
        lambda: SMTP(handler, data_size_limit=SIZE_LIMIT, hostname="inbox.localhost"), host="127.0.0.1", port=port
    )
    part = ready_file.with_name(f"{ready_file.name}.{os.getpid()}")
    part.write_text(str(server.sockets[0].getsockname()[1]), encoding="ascii")
    part.replace(ready_file)
    await stop.wait()
    server.close()


if __name__ == "__main__":
    main()
