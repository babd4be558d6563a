"""Text that every later step may trust: no NUL, no lone surrogates, no controls, bounded."""

from __future__ import annotations

import re

from extraction.alphabet import encoded

MAX_TEXT = 200_000
"""Longest text kept, in code points; a post is some hundred, the longest article met some 60,000."""

_REMOVED = re.compile(
    "[\x00\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(chr(plane * 0x10000 + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
"""NUL, lone surrogates and Unicode noncharacters: neither UTF-8 files nor SQLite nor Elasticsearch take them."""

_CONTROLS = re.compile("[\x01-\x09\x0b-\x1f\x7f-\x84\x86-\x9f]")
"""C0 and C1 controls but the line feed and NEL, TAB included: each becomes one space."""

_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")


def clean_text(text: str) -> str:
    """The text without what cannot be stored, line ends as `\\n`, cut to `MAX_TEXT` code points.

    Not normalised: offsets of mentions count the code points that the author wrote.
    """
    cut = text[: MAX_TEXT * 2]
    if "\0" not in cut and encoded(cut) is not None:
        return cut[:MAX_TEXT]
    cut = _LINE_ENDS.sub("\n", _REMOVED.sub("", cut))
    return _CONTROLS.sub(" ", cut)[:MAX_TEXT]
