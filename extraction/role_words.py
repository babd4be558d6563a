"""A text as the model of roles reads it: its words and pairs of words as numbers, and which of them stand where.

A `Lexicon` numbers what the model has a weight for. A text is looked up in it once; what stands before and behind an
identifier, in its sentence and in the whole text are then ranges of numbers. Training fills a lexicon with all words of the
labelled texts and reads them with the same functions.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from extraction.folded import Folded, folded
from model.document import Mention

UNIT = 1 << 20
"""Amounts are whole numbers of this part of one, so that weights can be added as whole numbers."""

_REACH = 9
"""Words before and behind an identifier that are read by their distance."""
_FADES = [round(UNIT * 0.85**distance) for distance in range(_REACH)]
"""What a word counts by its distance."""
_SENTENCE = 25
"""Words to either side that are read of a sentence, or of a part of one between two marks."""
SENTENCE_WEIGHT = round(UNIT * 0.6)
_BESIDE = 3
"""Words right before and right behind an identifier that are read as they stand."""
_DOCUMENT = 400
"""Words of a document that are read."""
_DOCUMENT_WEIGHT = 4.2
"""Divided by the root of the number of words: a long text says no more than a short one."""
_FEWEST = 35

MARKS = frozenset('.,:"()¶')
_STOPS = frozenset(".¶")


@lru_cache(maxsize=4096)
def _mark(gap: str) -> str:
    """The mark that stands between two words: one sign for each sort, nothing for a space."""
    if "\n" in gap:
        return "¶"
    for sort, signs in ((".", ".!?;…"), (":", ":"), ('"', '"“”«»'), ("(", "("), (")", ")"), (",", ",")):
        if any(sign in gap for sign in signs):
            return sort if sort != "." or gap[-1:].isspace() else ""
    return ""


class Lexicon:
    """Numbers of words and of pairs of words (grams); 0 stands for all that are not known. names: by number."""

    def __init__(self) -> None:
        self.names = [""]
        self._words: dict[str, int] = {}
        self._behind: dict[int, dict[int, int]] = {}
        """For the first word of a pair, by the number of the second one, the pair."""

    def add(self, gram: str) -> int:
        """The number of a word, or of two with a space between, which is known from now on."""
        first, _, second = gram.partition(" ")
        if not second:
            return self._words.get(first) or self._words.setdefault(first, self._new(first))
        behind, last = self._behind.setdefault(self.add(first), {}), self.add(second)
        return behind.get(last) or behind.setdefault(last, self._new(gram))

    def _new(self, name: str) -> int:
        self.names.append(name)
        return len(self.names) - 1

    def words(self, tokens: Sequence[str]) -> list[int]:
        """The number of each word."""
        known = self._words
        return [known.get(token, 0) for token in tokens]

    def pairs(self, words: Sequence[int]) -> list[int]:
        """The number of each word with the one behind it."""
        behind = self._behind
        return [behind[one].get(two, 0) if one in behind else 0 for one, two in pairwise(words)]


class Words(NamedTuple):
    """A text as the model reads it: words, marks, and each identifier as one token. starts: where each token begins in
    the text; marks, stops: those that are marks, that end a sentence or a line; words, pairs: numbers of each token, and
    of it with the one behind."""

    tokens: Sequence[str]
    starts: Sequence[int]
    marks: Sequence[int]
    stops: Sequence[int]
    words: Sequence[int]
    pairs: Sequence[int]

    def place(self, start: int) -> int:
        """The token that holds an offset of the text."""
        return max(0, bisect_left(self.starts, start + 1) - 1)


NO_WORDS = Words(tokens=(), starts=(), marks=(), stops=(), words=(), pairs=())


def read_words(text: str, mentions: Sequence[Mention], lexicon: Lexicon) -> Words:
    """The words of a text in which the mentions stand."""
    if not text:
        return NO_WORDS
    tokens, starts = _tokens(folded(text), mentions)
    words = lexicon.words(tokens)
    marks = [place for place, token in enumerate(tokens) if token in MARKS]
    stops = [place for place in marks if tokens[place] in _STOPS]
    return Words(tokens=tokens, starts=starts, marks=marks, stops=stops, words=words, pairs=lexicon.pairs(words))


def _tokens(folding: Folded, mentions: Sequence[Mention]) -> tuple[list[str], list[int]]:
    """Words with the marks before them, a token `<kind>` for the words of each mention, and where each token begins."""
    words = [word if word.isalpha() else _digits(word) for word in folding.tokens]
    tokens: list[str] = []
    starts: list[int] = []
    done = 0
    for first, last, sign, start in _signs(folding, mentions):
        if first < done:
            continue  # a mark inside a mention
        tokens += words[done:first]
        starts += folding.starts[done:first]
        tokens.append(sign)
        starts.append(start)
        done = last
    return tokens + words[done:], starts + folding.starts[done:]


def _signs(folding: Folded, mentions: Sequence[Mention]) -> list[tuple[int, int, str, int]]:
    """Marks and mentions in order: the words that they stand for (none for a mark), the token, where it begins."""
    found = [(place, place, mark, folding.starts[place] - 1) for place, gap in folding.gaps if (mark := _mark(gap))]
    reached = 0
    for begin, end, kind in _merged(mentions):
        first, last = max(reached, bisect_right(folding.ends, begin)), bisect_left(folding.starts, end)
        if first < last:
            found.append((first, last, f"<{kind}>", begin))
            reached = last
    found.sort()
    return found


@lru_cache(maxsize=4096)
def _digits(word: str) -> str:
    return re.sub(r"\d+", "#", word)


def _merged(mentions: Sequence[Mention]) -> list[tuple[int, int, str]]:
    spans: list[tuple[int, int, str]] = []
    for mention in sorted(mentions, key=lambda mention: (mention.start, mention.end)):
        if spans and mention.start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], mention.end), spans[-1][2])
        else:
            spans.append((mention.start, mention.end, mention.kind))
    return spans


class Whole(NamedTuple):
    """What the text and the other field (a title) say as a whole: numbers of grams, and how much of each in UNITs."""

    grams: Collection[int]
    amount: int


def in_document(words: Words, other: Words) -> Whole:
    """Each word and pair once, however often it is said."""
    grams: set[int] = set()
    size = 0
    for source in (words, other):
        grams.update(source.words[:_DOCUMENT], source.pairs[:_DOCUMENT])
        size += min(len(source.words), _DOCUMENT)
    return Whole(grams=grams, amount=round(UNIT * _DOCUMENT_WEIGHT / math.sqrt(max(size, _FEWEST))))


Fading = tuple[Sequence[int], Sequence[int]]
"""Numbers of grams, and how much of each in UNITs."""


class Near(NamedTuple):
    """What stands before and behind an identifier, in its sentence, and in its part of the sentence between two marks
    (each gram SENTENCE_WEIGHT)."""

    before: Fading
    after: Fading
    sentence: Sequence[int]
    clause: Sequence[int]


def near(words: Words, place: int) -> Near:
    """What stands around the token at a place."""
    singles, pairs = words.words, words.pairs
    first, last = max(0, place - _REACH), place + 1 + _REACH
    before = _fading(singles[first:place][::-1], pairs[first : max(first, place - 1)][::-1])
    after = _fading(singles[place + 1 : last], pairs[place + 1 : last - 1])
    return Near(
        before=before, after=after,
        sentence=_between(words, words.stops, place), clause=_between(words, words.marks, place),
    )  # fmt: skip


def _fading(singles: Sequence[int], pairs: Sequence[int]) -> Fading:
    """Grams, the nearest first, and what they count: a pair as the farther of its words."""
    return [*singles, *pairs], [*_FADES[: len(singles)], *_FADES[1 : 1 + len(pairs)]]


def _between(words: Words, ends: Sequence[int], place: int) -> list[int]:
    """Grams from the last of the ends before a place to the next one behind it."""
    end = bisect_left(ends, place)
    first = max(ends[end - 1] + 1 if end else 0, place - _SENTENCE)
    last = min(ends[end] if end < len(ends) else len(words.words), place + _SENTENCE + 1)
    return [*words.words[first:last], *words.pairs[first : max(first, last - 1)]]


def beside(words: Words, place: int) -> Iterator[str]:
    """The one, two and three tokens right before, and right behind, the token at a place."""
    tokens = words.tokens
    for size in range(1, _BESIDE + 1):
        if size <= place:
            yield f"before {' '.join(tokens[place - size : place])}"
        if place + size < len(tokens):
            yield f"behind {' '.join(tokens[place + 1 : place + 1 + size])}"
