"""What the words around an identifier say about its role: a linear model, trained on labelled texts, read as a table.

Every word and pair of words of the document, of the sentence and of the few words before and behind the identifier has
a weight for each role, and so have the identifier's kind, its place among the others, and what the hand-made evidence of
`roles` says. The weights are in `data/role_weights.tsv`; `tests/corpus/train_roles.py` makes them from the labelled texts
of `tests/corpus/roles.jsonl`, with the features that are made here, so that training and reading cannot differ.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from heapq import nsmallest
from importlib.resources import files
from itertools import pairwise

from attrs import frozen

from extraction.folded import folded
from model.document import Mention, Role

Feature = tuple[str, str, float]
"""Table (`d` document, `s` sentence, `b` before, `a` after, `x` signs), what was seen, how much of it."""

_REACH = 9
"""Words before and behind an identifier that are read by their distance."""
_FADE = 0.85
"""What each word farther away counts."""
_SENTENCE = 25
_SENTENCE_WEIGHT = 0.6
_DOCUMENT = 400
"""Words of a document that are read."""
_DOCUMENT_WEIGHT = 5.5
"""Divided by the root of the number of words and pairs: a long text says no more than a short one."""
_FEWEST = 60

_MARKS = frozenset('.,:"()¶')


@lru_cache(maxsize=4096)
def _mark(gap: str) -> str:
    """The mark that stands between two words: one sign for each sort, nothing for a space."""
    if "\n" in gap:
        return "¶"
    for sort, signs in ((".", ".!?;…"), (":", ":"), ('"', '"“”«»'), ("(", "("), (")", ")"), (",", ",")):
        if any(sign in gap for sign in signs):
            return sort if sort != "." or gap[-1:].isspace() else ""
    return ""


@frozen(kw_only=True)
class Words:
    """A text as the model reads it. tokens: folded words and marks, each identifier one token; starts: where each
    begins in the text; pairs: each token with the next one."""

    tokens: Sequence[str]
    starts: Sequence[int]
    pairs: Sequence[str]

    def place(self, start: int) -> int:
        """The token that holds an offset of the text."""
        return max(0, bisect_left(self.starts, start + 1) - 1)


def read_words(text: str, mentions: Sequence[Mention]) -> Words:
    """The words of a text in which the mentions stand."""
    tokens: list[str] = []
    starts: list[int] = []
    spans = _merged(mentions)
    inside, reached = 0, 0
    folding = folded(text)
    offsets = folding.offsets
    for first, word in folding.words:
        start, end = offsets[first], offsets[first + len(word) - 1] + 1
        while inside < len(spans) and spans[inside][1] <= start:
            inside += 1
        mark = _mark(text[reached:start]) if reached else ""
        reached = end
        held = inside < len(spans) and end > spans[inside][0]
        if held and starts and starts[-1] == spans[inside][0]:
            continue
        if mark:
            tokens.append(mark)
            starts.append(start - 1)
        tokens.append(f"<{spans[inside][2]}>" if held else word if word.isalpha() else _digits(word))
        starts.append(spans[inside][0] if held else start)
    return Words(tokens=tokens, starts=starts, pairs=[f"{one} {two}" for one, two in pairwise(tokens)])


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


def document_features(words: Words, other: Words) -> Iterator[Feature]:
    """What the text and the other field (a title) say as a whole."""
    seen = {
        gram: None
        for source in (words, other)
        for grams in (source.tokens[:_DOCUMENT], source.pairs[:_DOCUMENT])
        for gram in grams
        if gram[0] not in _MARKS and gram[-1] not in _MARKS
    }
    weight = _DOCUMENT_WEIGHT / math.sqrt(max(len(seen), _FEWEST))
    for gram in seen:
        yield "d", gram, weight


def near_features(words: Words, place: int) -> Iterator[Feature]:
    """What stands before and behind the token at a place, and in its sentence."""
    tokens, pairs = words.tokens, words.pairs
    weight = 1.0
    for index in range(place - 1, max(-1, place - 1 - _REACH), -1):
        yield "b", tokens[index], weight
        if index < place - 1:
            yield "b", pairs[index], weight
            if index < place - 2:
                yield "b", f"{pairs[index]} {tokens[index + 2]}", weight
        weight *= _FADE
    weight = 1.0
    for index in range(place + 1, min(len(tokens), place + 1 + _REACH)):
        yield "a", tokens[index], weight
        if index > place + 1:
            yield "a", pairs[index - 1], weight
            if index > place + 2:
                yield "a", f"{tokens[index - 2]} {pairs[index - 1]}", weight
        weight *= _FADE
    first, last = _sentence(tokens, place)
    for index in range(first, last + 1):
        if tokens[index][0] not in _MARKS:
            yield "s", tokens[index], _SENTENCE_WEIGHT
            if index < last and tokens[index + 1][0] not in _MARKS:
                yield "s", pairs[index], _SENTENCE_WEIGHT


def _sentence(tokens: Sequence[str], place: int) -> tuple[int, int]:
    """First and last token of the sentence."""
    first = last = place
    while first > max(0, place - _SENTENCE) and tokens[first - 1] not in ".¶":
        first -= 1
    while last < min(len(tokens) - 1, place + _SENTENCE) and tokens[last + 1] not in ".¶":
        last += 1
    return first, last


# ---- the weights


_SHOWN = 12
"""Features that a reason is chosen from."""


class RoleModel:
    """Weights of features for each role. roles: in the order of the weights."""

    def __init__(self, roles: Sequence[Role], weights: Mapping[str, Mapping[str, tuple[float, ...]]]) -> None:
        self.roles = tuple(roles)
        self._weights = weights

    def total(self, features: Iterable[Feature]) -> list[float]:
        """What features weigh together, role by role."""
        alike: dict[float, list[tuple[float, ...]]] = {}
        for table, seen, amount in features:
            weights = self._weights[table].get(seen)
            if weights is not None:
                alike.setdefault(amount, []).append(weights)
        total = [0.0] * len(self.roles)
        for amount, found in alike.items():
            for index, column in enumerate(zip(*found, strict=True)):
                total[index] += amount * sum(column)
        return total

    def strongest(self, features: Iterable[Feature], role: Role) -> list[tuple[float, str, str]]:
        """The features that speak most for a role: weight, table, what was seen. Weights of a feature sum to nothing."""
        place = self.roles.index(role)
        found = []
        for table, seen, amount in features:
            weights = self._weights[table].get(seen)
            if weights is not None and weights[place] > 0 and table != "x":
                found.append((-amount * weights[place], table, seen))
        return nsmallest(_SHOWN, found)

    def shares(self, *totals: Sequence[float]) -> dict[Role, float]:
        """How likely each role is, from the weights of all features."""
        sums = [sum(parts) for parts in zip(*totals, strict=True)]
        top = max(sums)
        powers = [math.exp(value - top) for value in sums]
        whole = sum(powers)
        return {role: power / whole for role, power in zip(self.roles, powers, strict=True)}


@cache
def role_model() -> RoleModel:
    """The model of `data/role_weights.tsv`: a line of roles, then table, feature and weights in thousandths."""
    lines = (files("extraction") / "data" / "role_weights.tsv").read_text("utf-8").splitlines()
    weights: dict[str, dict[str, tuple[float, ...]]] = {"d": {}, "s": {}, "b": {}, "a": {}, "x": {}}
    for line in lines[1:]:
        table, seen, *amounts = line.split("\t")
        weights[table][seen] = tuple(int(amount) / 1000 for amount in amounts)
    return RoleModel([Role(name) for name in lines[0].split("\t")], weights)
