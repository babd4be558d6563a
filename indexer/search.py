"""Searching in bulk: what `canhgiac search --batch` answers, one line a query, the same on every index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from indexer.kql import parse
from indexer.port import SearchIndex
from model.errors import QuerySyntaxError

Answer = dict[str, object]


def batch(index: SearchIndex, lines: Iterable[str]) -> Iterator[Answer]:
    """For each line `{"query", "total", "ids"}`, all ids newest first, or `{"query", "error", "position"}`.

    A refused query costs its own line only. Raises SearchError when the index does not answer.
    """
    for line in lines:
        query = line.rstrip("\r\n")
        try:
            parse(query)
            ids = list(index.iterate(query))
        except QuerySyntaxError as error:
            yield {"query": query, "error": str(error), "position": error.position}
        else:
            yield {"query": query, "total": len(ids), "ids": ids}
