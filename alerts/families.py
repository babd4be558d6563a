"""Near-duplicate families: which texts are copies of one another, numbers aside. Pure but for the function it is given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from attrs import field, frozen

from model.document import DocumentVersion

SIMILAR = 0.8
"""Least verified likeness of two members. Below it, posts of one trade that share phrases become one family."""


@frozen(kw_only=True)
class Families:
    """What a batch belongs to.

    families: document id -> its family, the id of the first member. also: document id -> further families whose texts
    it resembles. kin: documents outside the batch that it was compared with and found alike.
    """

    families: Mapping[str, str] = field(factory=dict)
    also: Mapping[str, tuple[str, ...]] = field(factory=dict)
    kin: frozenset[str] = frozenset()


def assign(
    versions: Sequence[DocumentVersion],
    candidates: Mapping[str, Sequence[tuple[str, str]]],
    texts: Mapping[str, str],
    similar: Callable[[str, str], float],
) -> Families:
    """Families of a batch. candidates: band -> (document, family) already stored; texts: of those documents, by id."""
    here: dict[str, list[tuple[str, str]]] = defaultdict(list)
    own = {version.document.id: text_of(version) for version in versions}
    families: dict[str, str] = {}
    also: dict[str, tuple[str, ...]] = {}
    kin: set[str] = set()
    for version in versions:
        document = version.document
        found: dict[str, str] = {}
        near = {pair for band in document.bands for pair in (*candidates.get(band, ()), *here[band])}
        for other, family in sorted(near):
            text = own.get(other) or texts.get(other)
            if other == document.id or family in found or text is None:
                continue
            if similar(own[document.id], text) >= SIMILAR:
                found[family] = other
        mine = version.family or min(found, default=document.id)
        families[document.id] = mine
        also[document.id] = tuple(sorted(set(found) - {mine}))
        kin.update(other for other in found.values() if other not in own)
        for band in document.bands:
            here[band].append((document.id, mine))
    return Families(families=families, also=also, kin=frozenset(kin))


def text_of(version: DocumentVersion) -> str:
    """What is compared: title and body."""
    return f"{version.document.title}\n{version.document.text}"
