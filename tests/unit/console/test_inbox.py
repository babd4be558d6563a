"""The demo's mailbox is a real SMTP server: a mail is on disk before it is accepted."""

from __future__ import annotations

import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from console.inbox import read_inbox


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """Folder and port of a running inbox."""
    folder, ready = tmp_path / "inbox", tmp_path / "ready"
    command = [sys.executable, "-m", "console.inbox", "--folder", str(folder), "--ready-file", str(ready)]
    process = subprocess.Popen(command)
    until = time.monotonic() + 30
    while not ready.exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    yield folder, int(ready.read_text())
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


def send(port: int, subject: str) -> None:
    """One mail with text and HTML."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"], mail["Message-ID"] = (
        subject,
        "a@so.example.vn",
        "b@so.example.vn",
        "<m@x>",
    )
    mail.set_content("Chữ")
    mail.add_alternative("<p>Chữ</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(mail)


def test_mails_are_kept_as_they_came(inbox: tuple[Path, int]) -> None:
    """Newest first, with envelope, text and HTML."""
    folder, port = inbox
    send(port, "Bản tin một")
    send(port, "Bản tin hai")

    second, first = read_inbox(folder)

    assert (first.subject, second.subject) == ("Bản tin một", "Bản tin hai")
    assert (second.to, second.message_id) == ("b@so.example.vn", "m@x")
    assert (second.text.strip(), second.html.strip()) == ("Chữ", "<p>Chữ</p>")
