"""The index follows the log: from its checkpoint, again after a crash, anew after it was emptied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from indexer.follow import DROPPED, catch_up, checkpoint_name, dropped_months, first_kept, follow, lag, reindex, retain
from indexer.index import open_index
from indexer.port import PutResult, SearchIndex
from model.document import Document, DocumentVersion
from model.errors import SearchUnavailableError
from store import audit, documents
from store.leads import LeadChange, commit

NOW = datetime(2026, 7, 1, 2, 30, tzinfo=UTC)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SearchIndex]:
    opened = open_index(f"sqlite:///{tmp_path / 'search.db'}")
    yield opened
    opened.close()


def log(count: int, *, first: int = 1, text: str = "tin", now: datetime = NOW) -> None:
    """Append documents and mark them matched, as steps 4 to 6 do."""
    documents.append(
        [
            Document(
                source="town",
                source_kind="social",
                external_id=f"post-{number}",
                text=f"{text} {number}",
                fingerprint=f"{text}-{number}",
                collected=NOW,
            )
            for number in range(first, first + count)
        ],
        now=now,
    )
    at = documents.checkpoint("leads")
    waiting = documents.unmatched(after=at, limit=10_000)
    commit(
        LeadChange(
            families={version.document.id: version.document.id for version in waiting},
            checkpoint=("leads", at, waiting[-1].revision),
        ),
        lease=None,
        now=NOW,
    )


@pytest.mark.usefixtures("database")
class TestFollowing:
    def test_steps_until_nothing_is_left(self, index: SearchIndex) -> None:
        log(25)
        assert lag(index) > 0
        assert follow(index, limit=10) == 10
        assert catch_up(index, limit=10) == 15
        assert (index.count(), lag(index), follow(index)) == (25, 0, 0)

    def test_a_changed_document_is_written_again(self, index: SearchIndex) -> None:
        log(3)
        catch_up(index)
        log(1, text="sửa")
        assert catch_up(index) == 1
        assert len(list(index.iterate("sửa"))) == 1
        assert index.count() == 3

    def test_a_step_repeated_after_a_crash_changes_nothing(self, index: SearchIndex) -> None:
        log(5)
        follow(index)
        documents.set_checkpoint(checkpoint_name(index), 0)
        assert catch_up(index) == 5
        assert index.count() == 5

    def test_an_emptied_index_is_filled_anew(self, index: SearchIndex) -> None:
        log(5)
        catch_up(index)
        index.clear()
        assert catch_up(index) == 5
        index.delete(list(index.iterate("seq: *")))
        assert catch_up(index) == 5

    def test_reindex_gives_the_same_answers(self, index: SearchIndex, tmp_path: Path) -> None:
        log(12)
        catch_up(index)
        before = list(index.iterate("tin"))
        seen = list[int]()
        assert reindex(index, limit=5, progress=seen.append) == 12
        assert seen == [5, 10, 12]
        assert list(index.iterate("tin")) == before
        other = open_index(f"sqlite:///{tmp_path / 'other.db'}")
        assert reindex(other) == 12
        assert list(other.iterate("tin")) == before
        assert lag(index) == 0
        other.close()

    def test_an_index_of_another_fold_is_cleared_and_filled(self, index: SearchIndex, tmp_path: Path) -> None:
        import sqlite3

        log(4)
        catch_up(index)
        with sqlite3.connect(tmp_path / "search.db") as connection:
            connection.execute("UPDATE meta SET value = 'older' WHERE key = 'format'")
        connection.close()
        assert index.outdated
        assert "reindex" in index.health().problems[0]
        assert catch_up(index) == 4
        assert not index.outdated


@pytest.mark.parametrize(
    ("now", "months", "first"),
    [
        (datetime(2026, 11, 24, 12, tzinfo=UTC), 0, None),
        (datetime(2026, 11, 24, 12, tzinfo=UTC), 1, datetime(2026, 10, 1, tzinfo=UTC)),
        (datetime(2026, 11, 1, tzinfo=UTC), 11, datetime(2025, 12, 1, tzinfo=UTC)),
        (datetime(2026, 1, 31, tzinfo=UTC), 24, datetime(2024, 1, 1, tzinfo=UTC)),
        (datetime(2026, 12, 1, 3, tzinfo=timezone(timedelta(hours=7))), 1, datetime(2026, 10, 1, tzinfo=UTC)),
        (datetime(2026, 1, 31, tzinfo=UTC), 1200, datetime(1926, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_oldest_month_that_is_kept(now: datetime, months: int, first: datetime | None) -> None:
    assert first_kept(now, months) == first


@pytest.mark.usefixtures("database")
class TestRetention:
    LATER = NOW + timedelta(days=92)

    def test_old_months_leave_the_index_and_nothing_else(self, index: SearchIndex) -> None:
        log(5)
        log(3, first=6, now=self.LATER)
        catch_up(index)
        assert retain(index, now=self.LATER, months=0) == {}
        assert retain(index, now=self.LATER, months=3) == {}
        assert retain(index, now=self.LATER, months=2) == {"2026-07": 5}
        assert retain(index, now=self.LATER, months=2) == {}
        assert (index.count(), documents.count()) == (3, 8)
        (entry,) = [item for item in audit.entries() if item.action == DROPPED]
        assert entry.detail == {"month": "2026-07", "documents": 5}
        assert dropped_months() == [("2026-07", 5, self.LATER)]

    def test_neither_a_rebuild_nor_an_update_brings_them_back(self, index: SearchIndex) -> None:
        log(5)
        log(3, first=6, now=self.LATER)
        since = first_kept(self.LATER, 2)
        catch_up(index, since=since)
        assert index.count() == 3
        assert reindex(index, since=since) == 8
        assert index.count() == 3
        log(1, text="sửa")
        catch_up(index, since=since)
        assert index.count() == 3

    def test_an_index_that_keeps_nothing_comes_to_an_end(self, index: SearchIndex) -> None:
        log(5)
        since = first_kept(self.LATER, 2)
        assert catch_up(index, since=since) == 5
        assert catch_up(index, since=since) == 0


class Refusing:
    """An index of the outside world that refuses one document, or does not answer."""

    identity, outdated = "refusing", False

    def __init__(self, *, down: bool = False) -> None:
        self.down, self.held = down, set[str]()

    def put(self, versions: Sequence[DocumentVersion]) -> PutResult:
        if self.down:
            raise SearchUnavailableError("down")
        refused = versions[0].document.id
        self.held |= {version.document.id for version in versions[1:]}
        return PutResult(written=len(versions) - 1, refused=((refused, "mapper_parsing_exception"),))

    def count(self) -> int:
        return len(self.held)

    def refresh(self) -> None:
        """Nothing to do."""


@pytest.mark.usefixtures("database")
def test_what_the_index_never_takes_is_quarantined_and_passed() -> None:
    log(3)
    index: SearchIndex = Refusing()  # type: ignore[assignment]
    assert catch_up(index, now=NOW) == 3
    quarantined = documents.quarantine_list()
    assert [item.reason for item in quarantined] == ["search index: mapper_parsing_exception"]
    assert lag(index) == 0


@pytest.mark.usefixtures("database")
def test_an_index_that_is_down_moves_nothing() -> None:
    log(3)
    index: SearchIndex = Refusing(down=True)  # type: ignore[assignment]
    with pytest.raises(SearchUnavailableError):
        catch_up(index)
    assert documents.checkpoint(checkpoint_name(index)) == 0


@pytest.mark.usefixtures("database")
def test_the_matched_log_alone_is_indexed(index: SearchIndex) -> None:
    documents.append(
        [Document(source="town", source_kind="social", external_id="x", text="tin", collected=NOW)], now=NOW
    )
    assert catch_up(index) == 0
