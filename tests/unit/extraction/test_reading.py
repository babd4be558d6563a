"""The views of a text, and the way back to what was written."""

from __future__ import annotations

import pytest

from extraction.reading import Page


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("0️⃣9️⃣", "09"), ("e\u0323\u0302", "ệ"), ("a\u200b\u0301b", "áb"), ("\n\u0301x", "\nx"), ("&amp;\u0301", "&"), ("&\u0301", "&"), ("🇻🇳0", "⚑0"), (".🇻🇳", ".VN"),
        ("0<b>9</b>1<br/>2", "091\n2"), ("&#48;&#x39;&nbsp;1", "09 1"), ("%30%39", "09"), ("%30", "%30"), ("a <3 b & c", "a <3 b & c"), ("𝟗➌", "93"),
    ],
)  # fmt: skip
def test_special_pieces_are_read(text: str, plain: str) -> None:
    assert Page(text).plain == plain


def test_every_position_maps_back_to_what_was_written() -> None:
    text = "x\u20630️⃣&#57;\u0301 e\u0301 💯 z"
    page = Page(text)
    assert page.plain == "x09 é 100 z"
    assert [text[slice(*page.span(at, at + 1))] for at in range(len(page.plain))] == [
        "x", "0️⃣", "&#57;", " ", "e\u0301", " ", "💯", "💯", "💯", " ", "z",
    ]  # fmt: skip
    assert text[slice(*page.span(0, 3))] == "x\u20630️⃣&#57;"
