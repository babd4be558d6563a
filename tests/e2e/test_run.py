"""`canhgiac run`: worker and console side by side, from a document to its mail, and a clean stop."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from console.inbox import read_inbox

POST = {
    "source": "fb",
    "external_id": "1",
    "text": "Cẩn thận số 0900.000.015 tự xưng công an, có lệnh bắt, dọa rửa tiền, bắt chuyển vào STK 1010000000015 Vietcombank",
}
Wait = Callable[[Callable[[], Any], float], Any]
Environment = Callable[..., dict[str, str]]
CLI = [sys.executable, "-m", "console.cli"]


def test_a_document_becomes_a_mail_and_sigterm_ends_all(
    tmp_path: Path, mailbox: tuple[Path, str], environment: Environment, wait_until: Wait
) -> None:
    """Nothing is done by hand between the document and the mail; the search index follows; no child is left."""
    folder, address = mailbox
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "recipients.yaml").write_text("id: truc_ban\naddresses: [truc@example.vn]\n", encoding="utf-8")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    settings = environment(home, CANHGIAC_SMTP_URL=address, CANHGIAC_CONSOLE_PORT=str(port), CANHGIAC_LOG_FORMAT="json")
    with (tmp_path / "run.log").open("w") as log:
        process = subprocess.Popen([*CLI, "run"], env=settings, cwd=tmp_path, stderr=log)
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), 60)
        subprocess.run(
            [*CLI, "ingest", "-"], input=json.dumps(POST), env=settings, cwd=tmp_path, text=True, check=True, timeout=60
        )
        (mail,) = wait_until(lambda: read_inbox(folder) if folder.exists() else [], 60)
        assert "CG-" in mail.subject
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz")["deliveries"].get("sent") == 1, 30)
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=60)

    assert status == 0
    assert answers(f"http://127.0.0.1:{port}/healthz") is None
    events = [json.loads(line) for line in (tmp_path / "run.log").read_text().splitlines() if line.startswith("{")]
    assert {"worker started", "worker stopped", "console answers"} <= {event["event"] for event in events}
    assert not [event for event in events if event["level"] == "error"]


def test_leads_are_mailed_although_the_index_is_away(
    tmp_path: Path, mailbox: tuple[Path, str], environment: Environment, wait_until: Wait
) -> None:
    """The follower rests and tries again; matching and mail do not wait for it."""
    folder, address = mailbox
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "recipients.yaml").write_text("id: truc_ban\naddresses: [truc@example.vn]\n", encoding="utf-8")
    settings = environment(home, CANHGIAC_SMTP_URL=address, CANHGIAC_INDEX_URL="http://127.0.0.1:9")
    with (tmp_path / "run.log").open("w") as log:
        process = subprocess.Popen([*CLI, "run", "--no-console"], env=settings, cwd=tmp_path, stderr=log)
    try:
        kept = subprocess.run(
            [*CLI, "ingest", "-", "--json"],
            input=json.dumps(POST),
            env=settings,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (kept.returncode, json.loads(kept.stdout)["indexed"]) == (1, False)
        wait_until(lambda: folder.exists() and read_inbox(folder), 60)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0


def answers(url: str) -> Any:
    """What a page says, as JSON; None when nobody answers."""
    try:
        with urlopen(url, timeout=10) as response:
            return json.load(response)
    except (URLError, ConnectionError, TimeoutError):
        return None


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path, environment: Environment) -> None:
    """Status 2, the port and what to do."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        settings = environment(tmp_path / "home", CANHGIAC_CONSOLE_PORT=str(listener.getsockname()[1]))
        done = subprocess.run(
            [*CLI, "run"], env=settings, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )

    assert done.returncode == 2
    assert "CANHGIAC_CONSOLE_PORT" in done.stderr


def test_run_has_no_way_to_loopback(tmp_path: Path, environment: Environment) -> None:
    """`--allow-address` belongs to `crawl`, `source test` and the demo's worker."""
    command = [*CLI, "run", "--allow-address", "127.0.0.1:80"]
    done = subprocess.run(
        command, env=environment(tmp_path / "home"), cwd=tmp_path, capture_output=True, timeout=60, check=False
    )

    assert done.returncode == 2
