"""A text cut at its mentions, for showing them in place; every piece is made harmless, none is a link."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from extraction.defang import defang
from model.document import Mention


@frozen
class Piece:
    """A stretch of text as shown, and the mention it is, if any."""

    text: str
    mention: Mention | None = None


def pieces(text: str, mentions: Sequence[Mention], *, field: str) -> list[Piece]:
    """The text of `field` in order. Of mentions that overlap, the first counts, then the longest."""
    placed = sorted(
        (mention for mention in mentions if mention.field == field and 0 <= mention.start < mention.end <= len(text)),
        key=lambda mention: (mention.start, -mention.end),
    )
    cut: list[Piece] = []
    at = 0
    for mention in placed:
        if mention.start < at:
            continue
        if mention.start > at:
            cut.append(Piece(defang(text[at : mention.start])))
        cut.append(Piece(defang(text[mention.start : mention.end]), mention))
        at = mention.end
    if at < len(text):
        cut.append(Piece(defang(text[at:])))
    return cut
