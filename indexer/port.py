"""What a search index is to the rest of the system: asked in KQL, it answers ids, counts and buckets.

Two adapters keep this protocol with the same answers (tests/contract): `indexer.backends.embedded` and
`indexer.backends.elasticsearch`. An index never returns bodies; those come from `store`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from attrs import field as attribute
from attrs import frozen, validators

from indexer.fields import FieldType
from model.document import DocumentVersion

SORTS = ("newest", "oldest", "collected")
"""newest: `published` descending, then `seq` descending, documents without `published` last. oldest: the reverse of the
two keys, documents without `published` still last. collected: `collected` descending, then `seq` descending."""

INTERVALS = ("hour", "day", "week", "month")
"""Of a date histogram, in local time (+07:00); weeks begin on Monday."""

TIME_FIELDS = ("published", "collected", "updated")


@frozen(kw_only=True)
class Histogram:
    """Counts by time. field: a date field; interval: one of INTERVALS."""

    field: str = attribute(default="published", validator=validators.in_(TIME_FIELDS))
    interval: str = attribute(default="day", validator=validators.in_(INTERVALS))


@frozen(kw_only=True)
class SearchRequest:
    """One question. query: KQL, "" for every document. start, end: half-open range of `time_field`, aware.

    limit: hits wanted, 0 for none but the total. after: `SearchResult.next` of the page before. facets: keyword fields of
    which the `facet_size` most frequent values are counted.
    """

    query: str = ""
    start: datetime | None = None
    end: datetime | None = None
    time_field: str = attribute(default="published", validator=validators.in_(TIME_FIELDS))
    limit: int = attribute(default=50, validator=validators.ge(0))
    after: str = ""
    sort: str = attribute(default="newest", validator=validators.in_(SORTS))
    facets: tuple[str, ...] = ()
    facet_size: int = attribute(default=10, validator=validators.and_(validators.ge(1), validators.le(1000)))
    histogram: Histogram | None = None


@frozen(kw_only=True)
class SearchResult:
    """The answer. total: exact. ids: of this page, in order. next: cursor of the page behind, "" when there is none.

    facets: field to (value, documents), most frequent first, equal counts by value. histogram: (start of the bucket, local
    time with offset, documents), empty buckets left out.
    """

    total: int
    ids: tuple[str, ...] = ()
    next: str = ""
    facets: Mapping[str, tuple[tuple[str, int], ...]] = attribute(factory=dict)
    histogram: tuple[tuple[datetime, int], ...] = ()


@frozen(kw_only=True)
class PutResult:
    """What became of documents put into an index.

    written: new or newer ones. stale: the index held the same position or a later one. refused: (id, reason) of documents
    that it will never take: dead letters.
    """

    written: int = 0
    stale: int = 0
    refused: tuple[tuple[str, str], ...] = ()


@frozen(kw_only=True)
class Health:
    """State of an index for `canhgiac doctor`. problems: sentences with the cure, none when all is well."""

    kind: str
    version: str
    documents: int
    problems: tuple[str, ...] = ()


class SearchIndex(Protocol):
    """A search index. Raises SearchUnavailableError when it does not answer, SearchError when it refuses a request.

    Every method is safe to call from any thread. `search` raises QuerySyntaxError for a query outside the subset.
    """

    @property
    def identity(self) -> str:
        """Changes when the index was made anew: the follower's checkpoint carries it."""
        ...

    @property
    def outdated(self) -> bool:
        """Whether the index was made by another version of fold or fields, and must be cleared and filled again."""
        ...

    def put(self, versions: Sequence[DocumentVersion]) -> PutResult:
        """Write each document at its position; an older position than the one held changes nothing. Durable on return."""
        ...

    def delete(self, ids: Iterable[str]) -> int:
        """Remove documents; returns how many there were."""
        ...

    def drop_before(self, first: datetime) -> Mapping[str, int]:
        """Remove whole months of documents first seen before `first`, the beginning of a month in UTC.

        Returns the months that went (`2026-03`) with the documents they held, in order. Cheap: no document is looked at.
        """
        ...

    def refresh(self) -> None:
        """Make everything put so far visible to searches."""
        ...

    def clear(self) -> None:
        """Remove all documents and give the index a new identity."""
        ...

    def count(self) -> int:
        """Documents held."""
        ...

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer one question."""
        ...

    def iterate(self, query: str, *, sort: str = "newest") -> Iterator[str]:
        """Ids of all hits in order, over one state of the index however many they are."""
        ...

    def health(self) -> Health:
        """What `doctor` shows."""
        ...

    def close(self) -> None:
        """Give up connections."""
        ...


class MirrorTarget(Protocol):
    """Small indices beside the documents, for Kibana: leads, the register, sources. Raises as SearchIndex does."""

    def prepare(self, name: str, fields: Mapping[str, FieldType]) -> bool:
        """Make the index unless it is there with these fields; True when it was made now and is empty."""
        ...

    def put(self, name: str, rows: Mapping[str, Mapping[str, object]], *, version: int) -> int:
        """Write rows by id; one that is held at a later version stays. Returns the rows taken."""
        ...

    def delete(self, name: str, ids: Iterable[str], *, version: int) -> int:
        """Remove rows; returns how many there were."""
        ...

    def refresh(self, name: str) -> None:
        """Make what was written visible to searches."""
        ...

    def close(self) -> None:
        """Give up connections."""
        ...
