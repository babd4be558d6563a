"""Patterns of whole words match what the plain way of writing them matches."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from extraction.words import whole_words

ALTERNATIVES = r"s\W?d\W?t|so (?:dt|tk)|zalo(?! ?pay)|tk[|/]|dt|t\.k"


def test_alternatives_in_brackets_stay_together() -> None:
    assert [match.group() for match in re.finditer(whole_words(ALTERNATIVES), "so tk, s.d.t; tk| zalo pay zalo t.k")] == [
        "so tk", "s.d.t", "tk|", "zalo", "t.k",
    ]  # fmt: skip


@given(st.text("sdtkzalopy .|/", max_size=40))
def test_it_matches_as_the_plain_pattern_does(text: str) -> None:
    plain = re.compile(rf"(?<![a-z])(?:{ALTERNATIVES})(?![a-z])")
    assert [match.span() for match in re.finditer(whole_words(ALTERNATIVES), text)] == [
        match.span() for match in plain.finditer(text)
    ]
