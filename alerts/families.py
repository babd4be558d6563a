"""Near-duplicate families, and copies: which texts are the same post again, numbers aside. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from extraction.fingerprint import SIMILAR, masked
from model.document import DocumentVersion

COPY = 0.9
"""Least likeness (numbers masked) at which a post joins the lead of another without sharing an identifier with it: a
repost under a new number. Families are wider; at their threshold, posts of two frauds of one trade would be one lead."""

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


class _Texts:
    """Masked texts with their runs of characters, each worked out once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, frozenset[str]]] = {}

    def put(self, document: str, text: str) -> None:
        folded = masked(text)
        runs = frozenset(folded[start : start + _RUN] for start in range(max(1, len(folded) - _RUN + 1)))
        self._known[document] = (folded, runs)

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
    texts: Mapping[str, str],
) -> Families:
    """Families of a batch. candidates: band -> (document, family) already stored; texts: of those documents, by id.

    As in the store, each family is compared with by one member for each band, its first.
    """
    known = _Texts()
    for document, text in texts.items():
        known.put(document, text)
    here: dict[str, dict[str, str]] = defaultdict(dict)
    families: dict[str, str] = {}
    copies: dict[str, tuple[str, ...]] = {}
    for version in versions:
        identifier, bands = version.document.id, version.document.bands
        near = {pair for band in bands for pair in candidates.get(band, ())}
        near |= {(other, family) for band in bands for family, other in here[band].items()}
        known.put(identifier, text_of(version))
        alike = {
            other: (family, known.likeness(identifier, other))
            for other, family in near
            if other != identifier and other in known
        }
        found = [family for family, likeness in alike.values() if likeness >= SIMILAR]
        families[identifier] = mine = version.family or min(found, default=identifier)
        copies[identifier] = tuple(sorted(other for other, (_, likeness) in alike.items() if likeness >= COPY))
        for band in bands:
            here[band].setdefault(mine, identifier)
    outside = {other for found in copies.values() for other in found} - set(families)
    return Families(families=families, copies=copies, kin=frozenset(outside))


def text_of(version: DocumentVersion) -> str:
    """What is compared: title and body."""
    return f"{version.document.title}\n{version.document.text}"
