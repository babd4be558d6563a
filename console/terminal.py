"""What commands print: JSON lines for scripts, tables and times for people, progress on a terminal."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


def json_line(value: object) -> str:
    """One JSON object on one line, letters as they are; escaped where UTF-8 has no form for them (lone surrogates)."""
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return line


def emit(value: object) -> None:
    """Prints one JSON object on one line of stdout."""
    click.echo(json_line(value))


def local_time(moment: datetime | None, *, missing: str = "–") -> str:
    """The moment for people: day/month/year hour:minute in Viet Nam."""
    return moment.astimezone(LOCAL).strftime("%d/%m/%Y %H:%M") if moment else missing


def number(value: int) -> str:
    """A count as written in Viet Nam: 12.345."""
    return f"{value:,}".replace(",", ".")


def decimal(value: float) -> str:
    """A number with one decimal as written in Viet Nam: 0,8."""
    return f"{value:,.1f}".translate(str.maketrans(",.", ".,"))


def table(rows: Iterable[Sequence[object]], headers: Sequence[str], *, marks: tuple[str, str] = ("", "")) -> str:
    """A plain table; the last column is cut to the width of the terminal (never when the output is a file).

    marks: characters that stand before and behind what is to be shown bold; they take no room.
    """
    cells = [[one_line(str(cell), keep="".join(marks)) for cell in row] for row in rows]
    widths = [max(_width(str(row[column]), marks) for row in [headers, *cells]) for column in range(len(headers))]
    if sys.stdout.isatty():
        width = shutil.get_terminal_size((120, 24)).columns
        widths[-1] = max(12, min(widths[-1], width - sum(widths[:-1]) - 2 * len(widths)))
    lines = [headers, ["-" * width for width in widths], *cells]
    return "\n".join(
        "  ".join(_fit(str(cell), width, marks) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _width(text: str, marks: tuple[str, str]) -> int:
    return sum(char not in marks for char in text)


def _fit(text: str, width: int, marks: tuple[str, str]) -> str:
    missing = width - _width(text, marks)
    if missing >= 0:
        return _bold(text, marks) + " " * missing
    kept, room = "", width - 1
    for char in text:
        room -= char not in marks
        if room < 0:
            break
        kept += char
    return _bold(kept, marks) + "…"


def _bold(text: str, marks: tuple[str, str]) -> str:
    """Every stretch between marks bold, the last one closed; `click.echo` takes the bold out where nobody sees it."""
    opening, closing = marks
    if not opening or opening not in text:
        return text
    first, *others = text.split(opening)
    styled = [click.style(hit, bold=True) + rest for hit, _, rest in (other.partition(closing) for other in others)]
    return "".join([first, *styled]).replace(closing, "")


def one_line(text: str, *, keep: str = "") -> str:
    """The text on one line, with nothing in it that moves the cursor or recolours a terminal. keep: characters left as they are."""
    safe = "".join(char if char.isprintable() or char.isspace() or char in keep else "�" for char in text)
    return " ".join(safe.split())


def warn(errors: Iterable[Exception]) -> None:
    """Prints what is wrong and was passed over (broken sheets), one line each on stderr."""
    for error in errors:
        click.echo(f"Cảnh báo: {error}", err=True)


class Progress:
    """A line on stderr that is rewritten while work goes on; silent when stderr is not a terminal."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.shown = sys.stderr.isatty()

    def update(self, text: str) -> None:
        """Shows `text` after the label."""
        if self.shown:
            width = shutil.get_terminal_size((120, 24)).columns - 1
            sys.stderr.write("\r\x1b[K" + one_line(f"{self.label}: {text}")[:width])
            sys.stderr.flush()

    def close(self) -> None:
        """Clears the line."""
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A Progress that clears its line at the end, however it ends."""
    shown = Progress(label)
    try:
        yield shown
    finally:
        shown.close()


def example(text: str) -> Any:
    """The epilog of a command: its working example, run by a test."""
    return "\b\nVí dụ:\n" + "\n".join(f"  {line}" for line in text.strip().splitlines())
