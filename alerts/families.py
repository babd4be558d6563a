"""Near-duplicate families, and copies: which texts are the same post again, numbers aside. It reads nothing itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice

from attrs import field, frozen

from extraction.fingerprint import SIMILAR, masked
from model.document import DocumentVersion
from store.documents import Wording

COPY = 0.9
"""Least likeness (numbers masked) at which a post joins the lead of another without sharing an identifier with it: a
repost under a new number. Families are wider; at their threshold, posts of two frauds of one trade would be one lead."""

COPY_LENGTH = 100
"""Folded characters from which a text is not written twice by chance (tests/corpus/feed.py: at 100, of 45 leads 39 hold one
campaign alone; without it 23 of 36)."""

LIMIT = 3_000
"""Texts in memory: about 5 kB each, 20 kB once compared."""

COMMON = 16
"""Families that a band is kept for: one that more have tells them apart no better than a common word. It bounds what has to
be looked at of each band, whatever number of posts there is."""

NEAREST = 16
"""Stored documents that one is compared with, those that share most bands with it; as many of its own batch. Without a limit,
posts that fill one form with other words (half of all bands shared by some other) are compared with ever more of them."""

COPY_BANDS = 7
"""Bands out of 32 that two texts at least as alike as COPY share: 21 on average; fewer than 7 once in ten million."""

FAMILY_BANDS = 6
"""Shared bands from which two texts are one family without being compared: two that just fail (SIMILAR) share 0.3 on average,
and 6 once in two million."""

_RUN = 5
_SHORTEST = 48
"""As in `extraction.fingerprint`: a text shorter than this is a repeat only when it is the same."""


@frozen(kw_only=True)
class Families:
    """What a batch belongs to.

    families: document id -> its family, the id of the first member. bands: (band, family, document) of bands that a family
    has through this batch for the first time. copies: document id -> earlier documents that it is a copy of. kin: those of
    them that are outside the batch.
    """

    families: Mapping[str, str] = field(factory=dict)
    bands: tuple[tuple[str, str, str], ...] = ()
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


class _Text:
    """A text to compare; what costs something is worked out when the first comparison asks for it."""

    def __init__(self, wording: Wording) -> None:
        self.bands = frozenset(wording.bands)
        self._wording = wording

    @cached_property
    def masked(self) -> str:
        """Folded, each number as `0`."""
        return masked(f"{self._wording.title}\n{self._wording.body}")

    @cached_property
    def runs(self) -> frozenset[str]:
        """All runs of _RUN characters."""
        text = self.masked
        return frozenset(text[start : start + _RUN] for start in range(max(1, len(text) - _RUN + 1)))

    @cached_property
    def ways(self) -> Mapping[str, set[str]]:
        """Suspects by what they are for."""
        ways: dict[str, set[str]] = defaultdict(set)
        for kind, value in self._wording.suspects:
            if kind in _WAYS:
                ways[_WAYS[kind]].add(value)
        return ways


class Texts:
    """Texts to compare with, each worked out once; kept from batch to batch, LIMIT at most."""

    def __init__(self) -> None:
        self._known: dict[str, _Text] = {}

    def make_room(self) -> None:
        """Forget what was longest not asked for: what is needed again is read again."""
        for document in list(islice(self._known, max(0, len(self._known) - LIMIT))):
            del self._known[document]

    def put(self, wording: Wording) -> None:
        self._known[wording.id] = _Text(wording)

    def missing(self, documents: Collection[str]) -> set[str]:
        """Those of the documents that are not here; the others are kept longer."""
        for document in self._known.keys() & documents:
            self._known[document] = self._known.pop(document)
        return set(documents) - self._known.keys()

    def long(self, document: str) -> bool:
        """Whether a text is long enough not to be written twice by chance."""
        return len(self._known[document].masked) >= COPY_LENGTH

    def contradict(self, one: str, other: str) -> bool:
        """Whether two texts name different suspects in at least two ways."""
        mine, theirs = self._known[one].ways, self._known[other].ways
        return sum(mine[way].isdisjoint(theirs[way]) for way in mine.keys() & theirs.keys()) > 1

    def __contains__(self, document: str) -> bool:
        return document in self._known

    def shared(self, one: str, other: str) -> int:
        """How many bands two texts share: the more alike they are, the more."""
        return len(self._known[one].bands & self._known[other].bands)

    def may_be_copies(self, one: str, shared: int) -> bool:
        """Whether a text may be a copy of another that shares so many bands. A short text has one band, its very words."""
        return shared >= min(COPY_BANDS, len(self._known[one].bands))

    def alike(self, one: str, other: str, least: float) -> bool:
        """Whether the Jaccard likeness of two texts, 0 to 1, is at least so much."""
        first, second = self._known[one], self._known[other]
        if first.bands == second.bands and first.masked == second.masked:
            return True
        if min(len(first.masked), len(second.masked)) < _SHORTEST:
            return False
        small, large = sorted((len(first.runs), len(second.runs)))
        if small < least * large:
            return False
        shared = len(first.runs & second.runs)
        return shared >= least * (small + large - shared)


def assign(
    versions: Sequence[DocumentVersion],
    candidates: Mapping[str, Sequence[tuple[str, str]]],
    texts: Texts | None = None,
    *,
    arrival: Mapping[str, int] | None = None,
) -> Families:
    """Families of a batch. candidates: band -> (document, family) already stored; texts: holds those of these documents that
    `nearest` names. arrival: document -> seq, where documents are looked at again: none is a copy of what came after it.

    As in the store, each family is compared with by one member for each band, its first.
    """
    known = texts if texts is not None else Texts()
    here: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    families: dict[str, str] = {}
    copies: dict[str, tuple[str, ...]] = {}
    bands: list[tuple[str, str, str]] = []
    owners = {band: {family for _, family in found} for band, found in candidates.items()}
    for version in versions:
        identifier = version.document.id
        near = nearest(version, candidates)
        near |= _nearest(pair for band in version.document.bands if band in here for pair in here[band].values())
        known.put(_wording(version))
        shared = {
            other: known.shared(identifier, other)
            for other in near
            if other != identifier and other in known and (arrival is None or arrival[other] < arrival[identifier])
        }
        mine = families[identifier] = version.family or _family(identifier, near, shared, known)
        copies[identifier] = _copies(identifier, shared, known)
        for band in version.document.bands:
            ours = here[band]
            if mine not in ours:
                ours[mine] = (identifier, mine)
                theirs = owners.get(band, ())
                if len(theirs) + len(ours) <= COMMON and mine not in theirs:
                    bands.append((band, mine, identifier))
    outside = {other for found in copies.values() for other in found} - set(families)
    return Families(families=families, bands=tuple(bands), copies=copies, kin=frozenset(outside))


def nearest(version: DocumentVersion, candidates: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, str]:
    """The stored documents to compare a version with, and their families."""
    return _nearest(pair for band in version.document.bands if band in candidates for pair in candidates[band])


def _nearest(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The NEAREST (document, family) that are named most often."""
    listed = list(pairs)
    few = dict(listed)
    if len(few) <= NEAREST:
        return few
    times = Counter(listed)
    return dict(sorted(times, key=lambda pair: (-times[pair], pair))[:NEAREST])


def _wording(version: DocumentVersion) -> Wording:
    document = version.document
    suspects = tuple((mention.kind, mention.value) for mention in document.suspects)
    return Wording(id=document.id, title=document.title, body=document.body, bands=document.bands, suspects=suspects)


def _family(identifier: str, near: Mapping[str, str], shared: Mapping[str, int], known: Texts) -> str:
    """The first, by id, of the families that a text is like a member of; itself where there is none."""
    members: dict[str, list[str]] = defaultdict(list)
    for other in sorted(shared, key=lambda other: -shared[other]):
        members[near[other]].append(other)
    alike = (
        family
        for family in sorted(members)
        if any(shared[other] >= FAMILY_BANDS or known.alike(identifier, other, SIMILAR) for other in members[family])
    )
    return next(alike, identifier)


def _copies(identifier: str, shared: Mapping[str, int], known: Texts) -> tuple[str, ...]:
    """The texts that a text is a copy of."""
    return tuple(
        sorted(
            other
            for other, bands in shared.items()
            if known.may_be_copies(identifier, bands)
            and not known.contradict(identifier, other)
            and known.alike(identifier, other, COPY)
            and known.long(other)
        )
    )
