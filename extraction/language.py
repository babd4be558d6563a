"""Which language a text is in, as far as matching cares: Vietnamese with marks, without, or something else."""

from __future__ import annotations

from typing import Literal

Language = Literal["vi", "vi-ascii", "other"]


def language(text: str) -> Language:
    """`vi` with marks, `vi-ascii` without, `other`."""
    return "vi" if any(letter in text for letter in "ăâđêôơưạảấầậắặếềệộớợứựạị") else "vi-ascii"
