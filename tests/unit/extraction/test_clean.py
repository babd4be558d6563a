"""Text that can be stored anywhere."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from extraction.clean import MAX_TEXT, clean_text


def test_what_cannot_be_stored_is_removed() -> None:
    assert clean_text("a\x00b\ud800c\ufffed\U0010ffffe") == "abcde"


def test_controls_become_spaces_and_line_ends_line_feeds() -> None:
    assert clean_text("a\tb\x07c\r\nd\re\u2028f\x85g") == "a b c\nd\ne\nf\ng"


def test_composed_and_decomposed_stay_as_written() -> None:
    assert clean_text("e\u0301é") == "e\u0301é"


def test_bounded() -> None:
    assert len(clean_text("ă" * (MAX_TEXT + 5))) == MAX_TEXT


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_always_encodes_and_is_stable(text: str) -> None:
    clean = clean_text(text)
    assert json.loads(json.dumps(clean)).encode("utf-8")[:0] == b""
    assert clean_text(clean) == clean
