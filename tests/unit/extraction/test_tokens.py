"""Tokens stand where they say, whatever the text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extraction.reading import Page
from extraction.tokens import tokens


@given(st.text("ab9@.- \n🔥đế漢", max_size=40))
def test_tokens_are_what_stands_at_their_starts(text: str) -> None:
    page = Page(text)
    split = tokens(page)
    for index, token in enumerate(split.texts):
        start = split.start(index)
        assert page.base[start : start + len(token)] == token
    assert set(split.texts) == split.present
