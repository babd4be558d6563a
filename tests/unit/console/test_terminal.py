"""What commands print."""

from __future__ import annotations

import json
from datetime import UTC, datetime

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
