"""A text cut at its mentions and at what a query met, for showing both in place; every piece is made harmless, none is a
link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from extraction.defang import defang
from indexer.highlight import Span
from model.document import Mention


@frozen
class Piece:
    """A stretch of text as shown, and the mention it is, if any. hit: it met the query."""

    text: str
    mention: Mention | None = None
    hit: bool = False


def pieces(text: str, mentions: Sequence[Mention], *, field: str, hits: Sequence[Span] = ()) -> list[Piece]:
    """The text of `field` in order. Of mentions that overlap, the first counts, then the longest; one that a hit touches is
    a hit as a whole. hits: in order, none over another."""
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
            cut += _plain(text, at, mention.start, hits)
        hit = any(start < mention.end and end > mention.start for start, end in hits)
        cut.append(Piece(defang(text[mention.start : mention.end]), mention, hit))
        at = mention.end
    if at < len(text):
        cut += _plain(text, at, len(text), hits)
    return cut


def _plain(text: str, at: int, until: int, hits: Sequence[Span]) -> Iterator[Piece]:
    """The stretch between two mentions, cut at the hits in it."""
    for start, end in hits:
        start, end = max(start, at), min(end, until)
        if start >= end:
            continue
        if start > at:
            yield Piece(defang(text[at:start]))
        yield Piece(defang(text[start:end]), hit=True)
        at = end
    if at < until:
        yield Piece(defang(text[at:until]))
