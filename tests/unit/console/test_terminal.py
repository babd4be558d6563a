"""What commands print."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from console.terminal import json_line, local_time, number, one_line, table


def test_json_keeps_letters_and_survives_lone_surrogates() -> None:
    """One line, always UTF-8."""
    assert json_line({"a": "lừa đảo"}) == '{"a":"lừa đảo"}'
    assert json.loads(json_line({"a": "\ud800đ"})) == {"a": "\ud800đ"}
    assert "\n" not in json_line({"a": "x\ny"})


def test_times_are_local_and_numbers_as_written_in_viet_nam() -> None:
    """Day first, +07:00, a dot between thousands."""
    assert local_time(datetime(2026, 6, 30, 17, 5, tzinfo=UTC)) == "01/07/2026 00:05"
    assert local_time(None) == "–"
    assert number(1234567) == "1.234.567"


def test_a_post_cannot_move_the_cursor() -> None:
    """Escape sequences and line breaks of a post stay out of the terminal."""
    assert one_line("a\x1b[2J\nb\tc") == "a�[2J b c"


def test_a_table_stays_one_line_a_row() -> None:
    """Columns line up; a file gets every letter."""
    lines = table([("a", "x" * 300), ("bb", "y\ny")], ("K", "V")).splitlines()

    assert len(lines) == 4
    assert lines[2].endswith("x" * 300)
    assert lines[3] == "bb  y y"


def test_marks_are_bold_take_no_room_and_end_with_their_cell() -> None:
    """A post's own escape sequences stay out beside ours."""
    lines = table([("a", "x \ue000y\x1b[31m\ue001 z"), ("b", "\ue000open")], ("K", "V"), marks=("\ue000", "\ue001"))

    assert lines.splitlines()[2] == "a  x \x1b[1my�[31m\x1b[0m z"
    assert lines.splitlines()[3].startswith("b  \x1b[1mopen\x1b[0m")
    assert click.unstyle(lines).splitlines()[1] == "-  ----------"
