"""Structured logs of the long-running processes: an event and its facts, on stderr, secrets left out.

People at a terminal get readable lines, machines get JSON; lines of libraries that use `logging` come out the same way.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_KEY = re.compile(r"password|passwd|secret|token|api_?key|authorization|cookie", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s@/]+@", re.IGNORECASE)
_VALUE_LIMIT = 2_000
"""Characters of one logged value: a page's text in an error must not fill the disk."""


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Takes secrets out of an event: values under telling names and passwords inside URLs; cuts long values."""
    for key, value in event.items():
        if _SECRET_KEY.search(key):
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = _URL_PASSWORD.sub(r"\g<scheme>:***@", value)[:_VALUE_LIMIT]
    return event


def keep_off_stdout() -> None:
    """What a command is warned of goes to stderr, unless the process has set logging up: stdout is the answer, for scripts."""
    if not structlog.is_configured():
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        )


def set_up_logs(style: str = "auto", level: str = "info", **bound: Any) -> None:
    """Sets up logging for this process. style: `auto`, `console` or `json`; bound: facts that stand on every line."""
    json_lines = style == "json" or (style == "auto" and not sys.stderr.isatty())

    def stand_on_every_line(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {**bound, **event}

    shared: list[Processor] = [
        stand_on_every_line,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("asyncio", "elastic_transport", "waitress.queue", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It warns at every tick at which the visits of the last one still run, which is how it should be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=True,
    )
