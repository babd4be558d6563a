"""All saved queries against a batch of documents, without an index: bit-parallel.

Every distinct atom of every query has one integer per batch, in which bit *j* says that document *j* has it. Phrases and
word prefixes are found in one Aho-Corasick pass over the folded text, keyword values by dictionary, comparisons by
bisection. A query, compiled once to Python, is then integer algebra over its atoms, evaluated once per batch, and only
when an atom that it cannot do without occurs in the batch.

The cost grows with the atoms that occur, not with queries times documents (bench/matching.py).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import compress

from ahocorasick_rs import AhoCorasick
from attrs import define, field, frozen

from indexer.fields import Value, index_values
from indexer.plan import (
    AllOf,
    AnyOf,
    Atom,
    Comparison,
    NotOf,
    Phrase,
    Plan,
    Present,
    Term,
    TermPrefix,
    WordPrefix,
    plan_query,
)
from model.document import DocumentVersion
from model.query import SavedQuery

_BLOCK = 256
"""Queries whose expressions are compiled together: large enough to spread the cost of `compile`, small enough that an
edited query recompiles few others."""

_ROW = 64
"""Terms in one row of an expression: `compile` recurses once for each and gives up behind a few thousand."""

_REBUILD_SHARE = 0.25
"""Patterns added since the automaton was built, as a share of it, beyond which it is built anew."""

Evaluate = Callable[[Sequence[int], int], int]


class Matcher:
    """Matches batches against a set of queries; `update` recompiles what changed."""

    def __init__(self, queries: Iterable[SavedQuery] = ()) -> None:
        self._atoms: dict[Atom, int] = {}
        self._texts: dict[str, _TextAtoms] = {}
        self._keywords: dict[str, _KeywordAtoms] = {}
        self._comparisons: dict[tuple[str, str], list[tuple[int, int]]] = {}
        self._compiled: dict[str, _Compiled] = {}
        self._needed: dict[int, list[str]] = {}
        self._always: list[str] = []
        self._left = 0
        self.update(queries)

    def update(self, queries: Iterable[SavedQuery]) -> int:
        """Take over this set of queries; returns how many had to be compiled. Raises QuerySyntaxError."""
        texts = {query.id: query.query for query in queries}
        self._forget_stale(texts)
        kept = {key: item for key, item in self._compiled.items() if texts.get(key) == item.text}
        fresh = {key: text for key, text in texts.items() if key not in kept}
        plans = {key: plan_query(text) for key, text in fresh.items()}
        if not fresh and len(kept) == len(self._compiled):
            return 0
        for key, found in zip(plans, _compile(plans, fresh, self._number), strict=True):
            kept[key] = found
        self._compiled = {key: kept[key] for key in texts}
        self._needed, self._always = {}, []
        for key, item in self._compiled.items():
            if item.needs is None:
                self._always.append(key)
                continue
            for number in item.needs:
                self._needed.setdefault(number, []).append(key)
        return len(fresh)

    def _forget_stale(self, texts: Mapping[str, str]) -> None:
        """Begin anew when more queries have left or changed than there are: their atoms would still be looked for."""
        self._left += sum(texts.get(key) != item.text for key, item in self._compiled.items())
        if self._left > len(texts) + _BLOCK:
            self._atoms, self._texts, self._keywords = {}, {}, {}
            self._comparisons, self._compiled, self._left = {}, {}, 0

    @property
    def fields(self) -> frozenset[str]:
        """The document fields that the queries name."""
        return frozenset(atom.field for atom in self._atoms)

    def match(self, versions: Sequence[DocumentVersion]) -> dict[str, list[int]]:
        """For every query that any document meets, the positions of those documents in `versions`, ascending."""
        fields = self.fields
        return self.match_values([index_values(version, fields) for version in versions])

    def match_values(self, documents: Sequence[Mapping[str, Value]]) -> dict[str, list[int]]:
        """Like `match`, for documents already read by `index_values`."""
        bits = self._bits(documents)
        everything = (1 << len(documents)) - 1
        found: dict[str, list[int]] = {}
        for key in self._candidates(bits):
            hits = self._compiled[key].evaluate(bits, everything)
            if hits:
                found[key] = _positions(hits, len(documents))
        return found

    def _candidates(self, bits: Sequence[int]) -> Iterator[str]:
        """Queries whose needed atoms occur, and those that need none, each once."""
        needed = self._needed
        seen = dict.fromkeys(self._always)
        for number in compress(range(len(bits)), bits):
            keys = needed.get(number)
            if keys is not None:
                seen.update(dict.fromkeys(keys))
        return iter(seen)

    def _number(self, atom: Atom) -> int:
        """The number of an atom, registered with its detector when it is new."""
        number = self._atoms.get(atom)
        if number is not None:
            return number
        number = self._atoms[atom] = len(self._atoms)
        if isinstance(atom, Phrase | WordPrefix):
            self._texts.setdefault(atom.field, _TextAtoms()).add(atom, number)
        elif isinstance(atom, Comparison):
            self._comparisons.setdefault((atom.field, atom.operator), []).append((atom.value, number))
        else:
            self._keywords.setdefault(atom.field, _KeywordAtoms()).add(atom, number)
        return number

    def _bits(self, documents: Sequence[Mapping[str, Value]]) -> list[int]:
        bits = [0] * len(self._atoms)
        for name, texts in self._texts.items():
            texts.find([str(document.get(name, "")) for document in documents], bits)
        for name, keywords in self._keywords.items():
            keywords.find([document.get(name) for document in documents], bits)
        for (name, operator), thresholds in self._comparisons.items():
            pairs = [(value, 1 << at) for at, item in enumerate(documents) if isinstance(value := item.get(name), int)]
            _compare(sorted(pairs), operator, thresholds, bits)
        return bits


@frozen
class _Compiled:
    """text: the query as written. needs: atoms of which at least one must occur; None: none is needed."""

    text: str
    evaluate: Evaluate
    needs: frozenset[int] | None


def _compile(plans: Mapping[str, Plan], texts: Mapping[str, str], number: Callable[[Atom], int]) -> Iterator[_Compiled]:
    """The compiled queries in order. Only numbers and operators reach `eval`, never anything that a person wrote."""
    keys = list(plans)
    for start in range(0, len(keys), _BLOCK):
        block = keys[start : start + _BLOCK]
        source = ",".join(f"lambda a,E:{_expression(plans[key], number)}" for key in block)
        functions: Sequence[Evaluate] = eval(f"({source},)", {"__builtins__": {}})  # noqa: S307
        for key, function in zip(block, functions, strict=True):
            yield _Compiled(texts[key], function, _needs(plans[key], number))


def _expression(plan: Plan, number: Callable[[Atom], int]) -> str:
    match plan:
        case AnyOf(items):
            return _joined("|", [_expression(item, number) for item in items])
        case AllOf(items):
            return _joined("&", [_expression(item, number) for item in items]) if items else "E"
        case NotOf(item):
            return f"(E^{_expression(item, number)})"
        case atom:
            return f"a[{number(atom)}]"


def _joined(sign: str, parts: list[str]) -> str:
    """The parts with the sign between, in parentheses; a long row in parts of its own, since a compiler nests it as deep."""
    while len(parts) > _ROW:
        parts = [f"({sign.join(parts[at : at + _ROW])})" for at in range(0, len(parts), _ROW)]
    return f"({sign.join(parts)})"


def _needs(plan: Plan, number: Callable[[Atom], int]) -> frozenset[int] | None:
    """Atoms of which one at least must occur for the plan to hold; the smallest such set that is easily seen."""
    match plan:
        case AnyOf(items):
            needs = [_needs(item, number) for item in items]
            return None if None in needs else frozenset().union(*(item for item in needs if item is not None))
        case AllOf(items):
            found = [needed for item in items if (needed := _needs(item, number)) is not None]
            return min(found, key=len, default=None)
        case NotOf():
            return None
        case atom:
            return frozenset((number(atom),))


@define
class _TextAtoms:
    """Phrases and word prefixes of one text field, as patterns between spaces.

    Patterns that come after the automaton was built wait in a second, small one.
    """

    _patterns: list[str] = field(factory=list)
    _numbers: list[int] = field(factory=list)
    _main: AhoCorasick | None = None
    _main_size: int = 0
    _extra: AhoCorasick | None = None
    _covered: int = 0

    def add(self, atom: Phrase | WordPrefix, number: int) -> None:
        self._patterns.append(f" {atom.words} " if isinstance(atom, Phrase) else f" {atom.word}")
        self._numbers.append(number)

    def find(self, texts: Sequence[str], bits: list[int]) -> None:
        """Set the bit of every document in which a pattern occurs."""
        self._build()
        if self._main is not None:
            _search(self._main, self._numbers, texts, bits)
        if self._extra is not None:
            _search(self._extra, self._numbers[self._main_size :], texts, bits)

    def _build(self) -> None:
        total = len(self._patterns)
        if self._covered == total:
            return
        if total - self._main_size > _REBUILD_SHARE * total:
            self._main, self._extra = AhoCorasick(self._patterns, store_patterns=False), None
            self._main_size = total
        else:
            self._extra = AhoCorasick(self._patterns[self._main_size :], store_patterns=False)
        self._covered = total


def _search(automaton: AhoCorasick, numbers: Sequence[int], texts: Sequence[str], bits: list[int]) -> None:
    search = automaton.find_matches_as_indexes
    for at, text in enumerate(texts):
        found = search(f" {text} ", overlapping=True)
        if found:
            bit = 1 << at
            for pattern in {item[0] for item in found}:
                bits[numbers[pattern]] |= bit


@define
class _KeywordAtoms:
    """Values, beginnings and presence of one field."""

    values: dict[str, int] = field(factory=dict)
    beginnings: dict[int, dict[str, int]] = field(factory=dict)
    present: int | None = None

    def add(self, atom: Term | TermPrefix | Present, number: int) -> None:
        if isinstance(atom, Term):
            self.values[atom.value] = number
        elif isinstance(atom, TermPrefix):
            self.beginnings.setdefault(len(atom.value), {})[atom.value] = number
        else:
            self.present = number

    def find(self, column: Sequence[Value | None], bits: list[int]) -> None:
        """Set the bit of every document whose values meet an atom."""
        for at, value in enumerate(column):
            if value is None:
                continue
            bit = 1 << at
            if self.present is not None:
                bits[self.present] |= bit
            for item in value if isinstance(value, tuple) else (str(value),):
                number = self.values.get(item)
                if number is not None:
                    bits[number] |= bit
                for length, beginnings in self.beginnings.items():
                    number = beginnings.get(item[:length])
                    if number is not None:
                        bits[number] |= bit


def _compare(
    pairs: Sequence[tuple[int, int]], operator: str, thresholds: Collection[tuple[int, int]], bits: list[int]
) -> None:
    """Bits of the documents (value, bit), sorted by value, that stand in `operator` to each (threshold, atom number)."""
    values = [value for value, _ in pairs]
    below = [0]
    for _, bit in pairs:
        below.append(below[-1] | bit)
    everything = below[-1]
    for threshold, number in thresholds:
        less, up_to = below[bisect_left(values, threshold)], below[bisect_right(values, threshold)]
        bits[number] |= {
            "<": less,
            "<=": up_to,
            ">": everything ^ up_to,
            ">=": everything ^ less,
            "=": up_to ^ less,
        }[operator]


_BIT = bytes.maketrans(b"01", b"\x00\x01")
_FEW = 12
"""Set bits up to which taking them off one by one is the quicker way (measured at 1,000 documents a batch)."""


def _positions(hits: int, count: int) -> list[int]:
    """The set bits, ascending."""
    if hits.bit_count() <= _FEW:
        found = []
        while hits:
            low = hits & -hits
            found.append(low.bit_length() - 1)
            hits ^= low
        return found
    return list(compress(range(count), f"{hits:b}".encode()[::-1].translate(_BIT)))
