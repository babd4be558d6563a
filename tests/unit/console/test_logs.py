"""Logs: facts on every line, no secret on any."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from console.logs import keep_off_stdout, redact, set_up_logs


@pytest.fixture
def clean_logging() -> Iterator[None]:
    """Leaves logging as it was."""
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    yield
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


def test_secrets_are_taken_out() -> None:
    """By the name of the value, and inside addresses."""
    event = {"smtp_password": "hunter2", "url": "smtp://me:hunter2@mail.example:587", "event": "x"}

    assert redact(None, "info", event) == {
        "smtp_password": "***",
        "url": "smtp://me:***@mail.example:587",
        "event": "x",
    }


@pytest.mark.usefixtures("clean_logging")
def test_lines_of_libraries_and_ours_are_json_alike(capsys: pytest.CaptureFixture[str]) -> None:
    """One object a line, with what stands on every line."""
    set_up_logs("json", "info", process="worker")

    structlog.get_logger().info("started", home="/x")
    logging.getLogger("waitress").warning("queue %s", "full")
    logging.getLogger("apscheduler").warning("skipped")
    structlog.get_logger().debug("quiet")

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["process"]) for line in lines] == [("started", "worker"), ("queue full", "worker")]


@pytest.mark.usefixtures("clean_logging")
def test_a_command_warns_on_stderr_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Its stdout is the answer, which a script reads."""
    keep_off_stdout()

    structlog.get_logger().info("another process changed the leads")
    structlog.get_logger().warning("delivery deferred", attempt=2)

    said = capsys.readouterr()
    assert said.out == ""
    assert "delivery deferred" in said.err
    assert "another process" not in said.err
