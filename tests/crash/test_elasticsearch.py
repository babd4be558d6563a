"""Elasticsearch is killed in the middle of what it is sent; afterwards it holds what the embedded index holds."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.elasticsearch_server import ElasticsearchServer, ServerUnavailableError, start
from indexer.follow import catch_up, checkpoint_name, follow
from indexer.index import open_index
from indexer.port import SearchIndex
from model.document import Document
from model.errors import SearchUnavailableError
from store import documents
from store.leads import LeadChange, commit

NOW = datetime(2026, 7, 1, 2, 30, tzinfo=UTC)
DOCUMENTS = 20_000 if os.environ.get("CANHGIAC_PROVE") else 2_000


@pytest.fixture
def server(
    need_elasticsearch: Callable[[Exception], None], elasticsearch_version: str
) -> Iterator[ElasticsearchServer]:
    """A server of this test's own, which it may kill."""
    try:
        started = start(elasticsearch_version)
    except ServerUnavailableError as error:
        need_elasticsearch(error)
        raise
    yield started
    started.stop()


def log(count: int, text: str) -> None:
    """Append documents and mark them matched, as steps 4 to 6 do."""
    for first in range(0, count, 1000):
        documents.append(
            [
                Document(
                    source="town",
                    source_kind="social",
                    external_id=str(number),
                    text=f"{text} số {number}",
                    fingerprint=f"{text}-{number}",
                    collected=NOW,
                )
                for number in range(first, min(first + 1000, count))
            ],
            now=NOW,
        )
        at = documents.checkpoint("leads")
        waiting = documents.unmatched(after=at, limit=1000)
        families = {version.document.id: version.document.id for version in waiting}
        commit(LeadChange(families=families, checkpoint=("leads", at, waiting[-1].revision)), lease=None, now=NOW)


def write_until_it_breaks(index: SearchIndex, reached: threading.Event) -> int:
    """Follow in small steps, telling when a third is written; the documents handled before the index went away."""
    handled = 0
    try:
        while step := follow(index, limit=100):
            handled += step
            if handled >= DOCUMENTS // 3:
                reached.set()
    except SearchUnavailableError:
        return handled
    return handled


@pytest.mark.elasticsearch
@pytest.mark.usefixtures("database")
def test_killed_in_the_middle_of_being_filled(server: ElasticsearchServer, tmp_path: Path) -> None:
    log(DOCUMENTS, "bản đầu")
    log(DOCUMENTS // 10, "bản sửa")
    index = open_index(server.url, timeout=10)
    assert index.identity
    reached = threading.Event()
    killer = threading.Thread(target=lambda: (reached.wait(), server.kill()))
    killer.start()
    handled = write_until_it_breaks(index, reached)
    reached.set()
    killer.join()
    assert DOCUMENTS // 3 <= handled < DOCUMENTS
    with pytest.raises(SearchUnavailableError):
        follow(index)

    again = start(server.version, port=int(server.url.rpartition(":")[2]), directory=server.directory)
    try:
        at = documents.checkpoint(checkpoint_name(index))
        assert at > 0
        catch_up(index)
        embedded = open_index(f"sqlite:///{tmp_path / 'search.db'}")
        catch_up(embedded)
        for query in ('"bản đầu"', '"bản sửa"', "seq: *"):
            assert list(index.iterate(query)) == list(embedded.iterate(query)), query
        assert index.count() == embedded.count() == DOCUMENTS
        embedded.close()
    finally:
        again.stop()
        index.close()
