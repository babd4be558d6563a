"""A text as the model of roles reads it: its words, pairs and triples of words as numbers, and which of them stand where.

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
SENTENCE_WEIGHT = round(UNIT * 0.6)
_DOCUMENT = 400
"""Words of a document that are read."""
_DOCUMENT_WEIGHT = 5.5
"""Divided by the root of the number of words and pairs: a long text says no more than a short one."""
_FEWEST = 60

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
    """Numbers of words, pairs and triples of words (grams); 0 stands for all that are not known. names: by number."""

    def __init__(self) -> None:
        self.names = [""]
        self._words: dict[str, int] = {}
        self._longer: list[dict[int, int]] = [{}]
        """For each gram, by the number of the word behind it, the gram that is one word longer."""

    def add(self, gram: str) -> int:
        """The number of a gram of one to three words, which is known from now on."""
        number = 0
        for size, word in enumerate(gram.split(" ")):
            one = self._words.get(word) or self._words.setdefault(word, self._new(word))
            number = self._longer[number].get(one) or self._longer[number].setdefault(
                one, self._new(f"{self.names[number]} {word}")
            ) if size else one  # fmt: skip
        return number

    def _new(self, name: str) -> int:
        self.names.append(name)
        self._longer.append({})
        return len(self.names) - 1

    def words(self, tokens: Sequence[str]) -> list[int]:
        """The number of each word."""
        known = self._words
        return [known.get(token, 0) for token in tokens]

    def longer(self, grams: Sequence[int], words: Sequence[int]) -> list[int]:
        """The number of each gram with the word behind it."""
        longer = self._longer
        return [longer[gram].get(word, 0) if gram else 0 for gram, word in zip(grams, words, strict=False)]


class Words(NamedTuple):
    """A text as the model reads it. tokens: folded words and marks, each identifier one token; starts: where each
    begins in the text; stops: tokens that end a sentence or a line; words, pairs, triples: numbers of the token at each
    place, and of it with the one or two behind it."""

    tokens: Sequence[str]
    starts: Sequence[int]
    stops: Sequence[int]
    words: Sequence[int]
    pairs: Sequence[int]
    triples: Sequence[int]

    def place(self, start: int) -> int:
        """The token that holds an offset of the text."""
        return max(0, bisect_left(self.starts, start + 1) - 1)


NO_WORDS = Words(tokens=(), starts=(), stops=(), words=(), pairs=(), triples=())


def read_words(text: str, mentions: Sequence[Mention], lexicon: Lexicon) -> Words:
    """The words of a text in which the mentions stand."""
    if not text:
        return NO_WORDS
    tokens, starts = _tokens(folded(text), mentions)
    words = lexicon.words(tokens)
    pairs = lexicon.longer(words, words[1:])
    return Words(
        tokens=tokens, starts=starts, stops=[place for place, token in enumerate(tokens) if token in _STOPS],
        words=words, pairs=pairs, triples=lexicon.longer(pairs, words[2:]),
    )  # fmt: skip


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
    seen: set[object] = set()
    grams: set[int] = set()
    for source in (words, other):
        tokens = source.tokens[: _DOCUMENT + 1]
        if tokens:
            seen.update(tokens[:_DOCUMENT])
            seen.update(pairwise(tokens) if MARKS.isdisjoint(tokens) else _unmarked(tokens))
            grams.update(source.words[:_DOCUMENT], source.pairs[:_DOCUMENT])
    amount = round(UNIT * _DOCUMENT_WEIGHT / math.sqrt(max(len(seen - MARKS), _FEWEST)))
    return Whole(grams=grams, amount=amount)


def _unmarked(tokens: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of words between which no mark stands."""
    return ((one, two) for one, two in pairwise(tokens) if one not in MARKS and two not in MARKS)


Fading = tuple[Sequence[int], Sequence[int]]
"""Numbers of grams, and how much of each in UNITs."""


class Near(NamedTuple):
    """What stands before and behind an identifier, and in its sentence (each gram SENTENCE_WEIGHT)."""

    before: Fading
    after: Fading
    sentence: Sequence[int]


def near(words: Words, place: int) -> Near:
    """What stands around the token at a place."""
    singles, pairs, triples = words.words, words.pairs, words.triples
    first, last = max(0, place - _REACH), place + 1 + _REACH
    before = _fading(
        singles[first:place][::-1],
        pairs[first : max(first, place - 1)][::-1],
        triples[first : max(first, place - 2)][::-1],
    )
    after = _fading(singles[place + 1 : last], pairs[place + 1 : last - 1], triples[place + 1 : last - 2])
    first, last = _sentence(words, place)
    return Near(before=before, after=after, sentence=[*singles[first : last + 1], *pairs[first:last]])


def _fading(singles: Sequence[int], pairs: Sequence[int], triples: Sequence[int]) -> Fading:
    """Grams, the nearest first, and what they count: a longer one as its farthest word."""
    amounts = [*_FADES[: len(singles)], *_FADES[1 : 1 + len(pairs)], *_FADES[2 : 2 + len(triples)]]
    return [*singles, *pairs, *triples], amounts


def _sentence(words: Words, place: int) -> tuple[int, int]:
    """First and last token of the sentence."""
    stop = bisect_left(words.stops, place)
    before = words.stops[stop - 1] + 1 if stop else 0
    stop = bisect_right(words.stops, place)
    behind = words.stops[stop] - 1 if stop < len(words.stops) else len(words.tokens) - 1
    return max(before, place - _SENTENCE), min(behind, place + _SENTENCE)
