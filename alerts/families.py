"""Near-duplicate families, and copies: which texts are the same post again, numbers aside. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from extraction.fingerprint import SIMILAR, masked
from model.document import DocumentVersion

COPY = 0.9
"""Least likeness (numbers masked) at which a post joins the lead of another without sharing an identifier with it: a
repost under a new number. Families are wider; at their threshold, posts of two frauds of one trade would be one lead."""

COPY_LENGTH = 100
"""Folded characters from which a text is not written twice by chance (tests/corpus/feed.py: at 100, of 45 leads 39 hold one
campaign alone; without it 23 of 36)."""

LIMIT = 3_000
"""Texts in memory: about 15 kB each."""

_RUN = 5
_SHORTEST = 48
"""As in `extraction.fingerprint`: a text shorter than this is a repeat only when it is the same."""


@frozen(kw_only=True)
class Families:
    """What a batch belongs to.

    families: document id -> its family, the id of the first member. copies: document id -> earlier documents that it is a
    copy of. kin: those of them that are outside the batch.
    """

    families: Mapping[str, str] = field(factory=dict)
    copies: Mapping[str, tuple[str, ...]] = field(factory=dict)
    kin: frozenset[str] = frozenset()


_WAYS = {
    "phone": "call",
    "hotline": "call",
    "handle": "call",
    "account": "pay",
    "wallet": "pay",
    "card": "pay",
    "crypto": "pay",
    "link": "web",
}
"""What a kind is for. A repost changes its number and keeps its account or its site; where all of two ways differ, two hands
use one script."""


class Texts:
    """Masked texts with their runs of characters, each worked out once; kept from batch to batch, LIMIT at most."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, frozenset[str]]] = {}
        self._ways: dict[str, dict[str, set[str]]] = {}

    def make_room(self) -> None:
        """Forget everything when there is too much: what is needed again is read again."""
        if len(self._known) > LIMIT:
            self._known.clear()
            self._ways.clear()

    def put(self, version: DocumentVersion) -> None:
        folded = masked(f"{version.document.title}\n{version.document.body}")
        runs = frozenset(folded[start : start + _RUN] for start in range(max(1, len(folded) - _RUN + 1)))
        self._known[version.document.id] = (folded, runs)
        ways: dict[str, set[str]] = defaultdict(set)
        for mention in version.document.suspects:
            if mention.kind in _WAYS:
                ways[_WAYS[mention.kind]].add(mention.value)
        self._ways[version.document.id] = ways

    def long(self, document: str) -> bool:
        """Whether a text is long enough not to be written twice by chance."""
        return len(self._known[document][0]) >= COPY_LENGTH

    def contradict(self, one: str, other: str) -> bool:
        """Whether two texts name different suspects in at least two ways."""
        mine, theirs = self._ways[one], self._ways[other]
        return sum(mine[way].isdisjoint(theirs[way]) for way in mine.keys() & theirs.keys()) > 1

    def __contains__(self, document: str) -> bool:
        return document in self._known

    def likeness(self, one: str, other: str) -> float:
        """Jaccard likeness, 0 to 1."""
        (first, mine), (second, theirs) = self._known[one], self._known[other]
        if first == second:
            return 1.0
        small, large = sorted((len(mine), len(theirs)))
        if min(len(first), len(second)) < _SHORTEST or small < SIMILAR * large:
            return 0.0
        shared = len(mine & theirs)
        return shared / (small + large - shared)


def assign(
    versions: Sequence[DocumentVersion],
    candidates: Mapping[str, Sequence[tuple[str, str]]],
    stored: Iterable[DocumentVersion] = (),
    texts: Texts | None = None,
    *,
    arrival: Mapping[str, int] | None = None,
) -> Families:
    """Families of a batch. candidates: band -> (document, family) already stored; stored: those of
    these documents that `texts` does not hold yet. arrival: document -> seq, where documents are looked at again: none is a
    copy of what came after it.

    As in the store, each family is compared with by one member for each band, its first.
    """
    known = texts if texts is not None else Texts()
    for version in stored:
        known.put(version)
    here: dict[str, dict[str, str]] = defaultdict(dict)
    families: dict[str, str] = {}
    copies: dict[str, tuple[str, ...]] = {}
    for version in versions:
        identifier, bands = version.document.id, version.document.bands
        near = {pair for band in bands for pair in candidates.get(band, ())}
        near |= {(other, family) for band in bands for family, other in here[band].items()}
        known.put(version)
        alike = {
            other: (family, known.likeness(identifier, other))
            for other, family in near
            if other != identifier and other in known and (arrival is None or arrival[other] < arrival[identifier])
        }
        found = [family for family, likeness in alike.values() if likeness >= SIMILAR]
        families[identifier] = mine = version.family or min(found, default=identifier)
        copies[identifier] = tuple(
            sorted(
                other
                for other, (_, likeness) in alike.items()
                if likeness >= COPY and known.long(other) and not known.contradict(identifier, other)
            )
        )
        for band in bands:
            here[band].setdefault(mine, identifier)
    outside = {other for found in copies.values() for other in found} - set(families)
    return Families(families=families, copies=copies, kin=frozenset(outside))
