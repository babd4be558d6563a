"""Hits with their documents: the index answers ids, the store has the bodies."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from indexer.port import SearchIndex, SearchRequest, SearchResult
from model.document import DocumentVersion
from store import documents

PAGE = 500
"""Hits asked for at a time; bodies of one page are in memory together."""


@frozen(kw_only=True)
class Found:
    """result: the first page, with the exact total. documents: in the order of the hits, read page by page."""

    result: SearchResult
    documents: Iterator[DocumentVersion]


def find(index: SearchIndex, request: SearchRequest, *, most: int | None = None) -> Found:
    """The answer to a question, `most` documents at most (None: all of them), whatever `request.limit` says."""
    first = index.search(evolve(request, limit=PAGE if most is None else min(most, PAGE)))
    return Found(result=first, documents=_bodies(index, request, first, most))


def _bodies(
    index: SearchIndex, request: SearchRequest, page: SearchResult, most: int | None
) -> Iterator[DocumentVersion]:
    """The documents of the hits; those that the log no longer has are left out."""
    given = 0
    while True:
        known = documents.get_many(page.ids)
        yield from (known[identifier] for identifier in page.ids if identifier in known)
        given += len(page.ids)
        wanted = PAGE if most is None else min(most - given, PAGE)
        if not page.next or wanted <= 0:
            return
        page = index.search(evolve(request, after=page.next, limit=wanted, facets=(), histogram=None))
