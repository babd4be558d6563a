"""Why a document is a hit: the places in its texts that met the query, the same whichever index answered.

An index gives ids; the words are looked for here, in what the store has, by the plan that the engines were given. What
stands under `not` marks nothing. An identifier is marked where it is written, in whatever spelling it was asked for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, frozen

from extraction.fold import exact, fold_map
from indexer.fields import Value, index_values
from indexer.plan import AllOf, AnyOf, Atom, NotOf, Phrase, Plan, Term, TermPrefix, WordPrefix, plan_query
from indexer.predicate import matches
from model.document import DocumentVersion, Mention

Span = tuple[int, int]
"""First character and the one behind the last, in code points of the text as it is kept."""

OPENING, CLOSING = "\ue000", "\ue001"
"""Around a hit in a text that still has to be made safe to show; taken out of whatever the author wrote."""

_READ_BY = {"text": ("title", "text", "image"), "title": ("title",), "exact": ("title", "text")}
_IGNORED = ("Mn", "Me", "Cf")
_TIED = frozenset(".@:/-")
_STANDS_APART = "\u0e00"
"""From here on are the scripts of which `fold` makes a word of every sign."""


@frozen(kw_only=True)
class Marks:
    """Where the hits stand: in order, none over another."""

    title: tuple[Span, ...] = ()
    text: tuple[Span, ...] = ()
    image: tuple[Span, ...] = ()


class Highlighter:
    """Finds what a query met; made once a query. Raises QuerySyntaxError."""

    def __init__(self, query: str) -> None:
        found = tuple(_wanted(plan_query(query)))
        self._words = [atom for atom in found if isinstance(atom, Phrase | WordPrefix)]
        self._atoms = [atom for atom in found if isinstance(atom, Phrase | WordPrefix | Term | TermPrefix)]
        self._fields = frozenset(atom.field for atom in self._atoms)

    def marks(self, version: DocumentVersion) -> Marks:
        """The places in title, text and what was read from pictures."""
        document = version.document
        placed = [mention for mention in document.mentions if self._meets(version, mention)]

        def marked(field: str, text: str) -> tuple[Span, ...]:
            spans = [
                (one.start, one.end) for one in placed if one.field == field and 0 <= one.start < one.end <= len(text)
            ]
            return _merged([*spans, *self._spans(field, text)], text)

        return Marks(
            title=marked("title", document.title),
            text=marked("text", document.text),
            image=marked("image", document.image_text),
        )

    def _spans(self, field: str, text: str) -> Iterable[Span]:
        wanted = [atom for atom in self._words if field in _READ_BY[atom.field]]
        if not wanted or not text:
            return
        words = _words(text)
        folded = [word for word, _ in words]
        accented = [exact(text[start:end]) for _, (start, end) in words] if _asks_accents(wanted) else folded
        for atom in wanted:
            among = accented if atom.field == "exact" else folded
            asked = atom.words.split(" ") if isinstance(atom, Phrase) else [atom.word]
            last = len(asked) - 1
            for at in range(len(among) - last):
                if isinstance(atom, WordPrefix):
                    hit = among[at].startswith(atom.word)
                else:
                    hit = among[at] == asked[0] and among[at : at + last + 1] == asked
                if hit:
                    yield words[at][1][0], words[at + last][1][1]

    def _meets(self, version: DocumentVersion, mention: Mention) -> bool:
        """Whether the document meets a part of the query by this mention and not without it."""
        alone = self._values(version, mention)
        without = self._values(version)
        return any(matches(atom, alone) and not matches(atom, without) for atom in self._atoms)

    def _values(self, version: DocumentVersion, *mentions: Mention) -> Mapping[str, Value]:
        document = evolve(version.document, title="", text="", mentions=mentions, pictures=())
        return index_values(evolve(version, document=document), self._fields)


def _wanted(plan: Plan) -> Iterable[Atom]:
    if isinstance(plan, AnyOf | AllOf):
        for item in plan.items:
            yield from _wanted(item)
    elif not isinstance(plan, NotOf):
        yield plan


def _asks_accents(atoms: Iterable[Phrase | WordPrefix]) -> bool:
    return any(atom.field == "exact" for atom in atoms)


def _words(text: str) -> list[tuple[str, Span]]:
    """Each word of the folded text with the place that it was written in."""
    folded, offsets = fold_map(text)
    found, start = [], 0
    for word in folded.split(" "):
        if word:
            end = offsets[start + len(word) - 1] + 1
            while end < len(text) and unicodedata.category(text[end]) in _IGNORED:
                end += 1
            found.append((word, (offsets[start], end)))
        start += len(word) + 1
    return found


def _merged(spans: Iterable[Span], text: str) -> tuple[Span, ...]:
    """In order, joined where they overlap; widened to whole addresses, which are made harmless as a whole or not at all."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span[1] <= merged[-1][1]:
            continue
        start, end = _whole(span, text)
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _whole(span: Span, text: str) -> Span:
    start, end = span
    while start and _goes_on(text, start):
        start -= 1
    while end < len(text) and _goes_on(text, end):
        end += 1
    return start, end


def _goes_on(text: str, at: int) -> bool:
    """Whether the characters on both sides of a place are of one word or address."""
    before, behind = text[at - 1], text[at]
    if before.isalnum() and behind.isalnum():
        return max(before, behind) < _STANDS_APART
    if before.isalnum():
        return behind in _TIED and text[at + 1 : at + 2].isalnum()
    return before in _TIED and behind.isalnum() and at > 1 and text[at - 2].isalnum()


def sentinels(text: str, spans: Sequence[Span]) -> str:
    """The text with OPENING and CLOSING around its hits, to be made safe and only then turned into marks."""
    parts, at = [], 0
    for start, end in spans:
        parts += [_plain(text[at:start]), OPENING, _plain(text[start:end]), CLOSING]
        at = end
    return "".join([*parts, _plain(text[at:])])


def _plain(text: str) -> str:
    return text.replace(OPENING, "").replace(CLOSING, "")


def excerpt(text: str, spans: Sequence[Span], *, width: int) -> str:
    """About `width` characters of the text from before its first hit on, whole words, with sentinels."""
    first = spans[0][0] if spans else 0
    start = 0 if first < width // 2 else text.rfind(" ", 0, max(0, first - width // 4)) + 1
    end = min(len(text), start + width)
    if end < len(text):
        end = max(text.rfind(" ", start, end), first + 1) if " " in text[start:end] else end
    cut = [(max(start, a) - start, min(end, b) - start) for a, b in spans if a < end and b > start]
    return ("… " if start else "") + sentinels(text[start:end], cut) + ("…" if end < len(text) else "")
