"""Elasticsearch, and the process that fills it, are killed in the middle; afterwards it holds what the embedded index holds.

20,000 posts with `CANHGIAC_PROVE=1` (`make prove`), fewer always.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch, TransportError

from console.elasticsearch_server import ElasticsearchServer, ServerUnavailableError, start
from indexer.follow import catch_up, checkpoint_name, follow
from indexer.index import open_index
from indexer.port import SearchIndex
from model.document import Document
from model.errors import SearchUnavailableError
from store import documents
from store.connect import connect
from store.leads import LeadChange, commit

NOW = datetime(2026, 7, 1, 2, 30, tzinfo=UTC)
DOCUMENTS = 20_000 if os.environ.get("CANHGIAC_PROVE") else 2_000
POSTS = 20_000 if os.environ.get("CANHGIAC_PROVE") else 1_500


@pytest.fixture
def server(
    need_elasticsearch: Callable[[Exception], None], elasticsearch_version: str
) -> Iterator[ElasticsearchServer]:
    """A server of this test's own, which it may kill."""
    try:
        started = start(elasticsearch_version, short_lived=True)
    except ServerUnavailableError as error:
        need_elasticsearch(error)
        raise
    yield started
    started.stop()


def restarted(server: ElasticsearchServer) -> ElasticsearchServer:
    """The killed server once more, on its data and its port."""
    port = int(server.url.rpartition(":")[2])
    return start(server.version, port=port, directory=server.directory, short_lived=True)


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

    again = restarted(server)
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


# The whole way of a file, from its lines to the index, the process and the server killed in turn


class Ingest:
    """`canhgiac ingest` of one file over one home, into one Elasticsearch; killed when a number is reached."""

    def __init__(self, folder: Path, url: str) -> None:
        self.home, self.file, self.url = folder / "home", folder / "posts.jsonl", url
        self.client = Elasticsearch(url, request_timeout=2, max_retries=0)

    def start(self) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CANHGIAC_")}
        return subprocess.Popen(
            [sys.executable, "-m", "console.cli", "ingest", str(self.file), "--json"],
            env=environment | {"CANHGIAC_HOME": str(self.home), "CANHGIAC_INDEX_URL": self.url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def kept(self) -> int:
        """Documents in the log."""
        return self._number("SELECT count(*) FROM documents")

    def matched(self) -> int:
        """The last version that has been matched."""
        return self._number("SELECT coalesce(max(value), 0) FROM checkpoints WHERE name = 'match'")

    def indexed(self) -> int:
        """Documents that Elasticsearch finds."""
        try:
            self.client.indices.refresh(index="canhgiac-documents", ignore_unavailable=True)
            return int(self.client.count(index="canhgiac-documents", ignore_unavailable=True)["count"])
        except TransportError:
            return 0

    def _number(self, question: str) -> int:
        try:
            with closing(sqlite3.connect(f"file:{self.home / 'canhgiac.db'}?mode=ro", uri=True)) as database:
                return int(database.execute(question).fetchone()[0])
        except sqlite3.OperationalError:
            return 0

    def when(
        self, reached: Callable[[], int], least: int, do: Callable[[], None], child: subprocess.Popen[str]
    ) -> None:
        """Does it when the number is reached, while the child is at work."""
        while reached() < least:
            assert child.poll() is None, child.communicate()
            time.sleep(0.02)
        do()


@pytest.mark.elasticsearch
@pytest.mark.timeout(3600)
def test_a_file_is_ingested_through_kills_of_the_process_and_of_the_server(
    server: ElasticsearchServer, tmp_path: Path
) -> None:
    run = Ingest(tmp_path, server.url)
    with run.file.open("w", encoding="utf-8") as lines:
        for number in range(POSTS):
            text = f"Bài số {number}: công an giả gọi từ 09000{number % 97:05d} báo có lệnh bắt, dọa rửa tiền"
            line = {"source": f"nguon_{number % 7}", "external_id": str(number), "text": text}
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")
    third = POSTS // 3
    for reached, least in ((run.kept, third), (run.matched, third)):
        child = run.start()
        run.when(reached, least, child.kill, child)
        assert child.wait() == -signal.SIGKILL
    child = run.start()
    # The process stands still while its server is killed: on a fast machine it would be done before.
    run.when(run.indexed, 1, lambda: child.send_signal(signal.SIGSTOP), child)
    server.kill()
    child.send_signal(signal.SIGCONT)
    said, _ = child.communicate()
    assert (child.returncode, json.loads(said.splitlines()[-1])["indexed"]) == (1, False)

    again = restarted(server)
    try:
        child = run.start()
        run.when(run.indexed, 2 * third - 1, child.kill, child)
        assert child.wait() in (-signal.SIGKILL, 0)
        said, problem = (child := run.start()).communicate()
        assert child.returncode == 0, problem
        answer = json.loads(said.splitlines()[-1])
        assert (answer["read"], answer["new"], answer["indexed"]) == (POSTS, 0, True)
        connect(f"sqlite:///{run.home / 'canhgiac.db'}")
        _same_as_embedded(open_index(server.url), tmp_path)
    finally:
        run.client.close()
        again.stop()


def _same_as_embedded(index: SearchIndex, folder: Path) -> None:
    embedded = open_index(f"sqlite:///{folder / 'search.db'}")
    catch_up(embedded)
    for query in ("seq: *", "source: nguon_3", '"lệnh bắt" and not phones: "0900000001"', "leads: *"):
        assert list(index.iterate(query)) == list(embedded.iterate(query)), query
    assert index.count() == embedded.count() == POSTS
    index.close()
    embedded.close()
