"""What a query would have done, against what it then does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve

from alerts.backtest import backtest
from alerts.raise_leads import raise_leads
from indexer.follow import catch_up
from indexer.index import open_index
from indexer.port import SearchIndex
from model.document import Document, Mention
from model.errors import ConfigError
from model.message import Recipient
from model.query import SavedQuery
from store import deliveries, documents, leads

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
QUERY = SavedQuery(
    id="vay", title="Cho vay", form="S07", query='"vay nhanh" and suspects: *', priority="immediate", origin="site"
)
DESK = Recipient(id="truc", name="Trực ban", addresses=("truc@example.vn", "pho@example.vn"), daily_budget=3)
OTHER = Recipient(id="khac", name="Khác", addresses=("khac@example.vn",), regions=("VN-SG",))

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SearchIndex]:
    opened = open_index(f"sqlite:///{tmp_path / 'index.db'}")
    yield opened
    opened.close()


@pytest.fixture
def posts(document: Callable[..., Document], phone: Callable[..., Mention]) -> list[Document]:
    """Six campaigns of two posts a day apart, three on one day; honest posts between."""
    made = []
    for number in range(6):
        found = phone(f"090000000{number}")
        for again in range(2):
            made.append(
                document(
                    f"{number}-{again}",
                    f"vay nhanh gọi {found.raw} lần {again}",
                    found,
                    hours=24 * max(0, number - 2) + again,
                    source=f"nguon_{again}",
                    regions=("VN-35",),
                )
            )
        made.append(document(f"xe-{number}", "bán xe đạp", hours=number))
    return made


def raise_all(index: SearchIndex, *queries: SavedQuery) -> None:
    raise_leads(
        queries=queries, recipients=[DESK, OTHER], now=lambda: NOW, console_url="", sender="a@so.example.vn", limit=9999
    )
    catch_up(index)


def test_the_forecast_is_what_comes(index: SearchIndex, posts: list[Document]) -> None:
    documents.append(posts, now=NOW)
    raise_all(index)
    done = backtest(QUERY, index=index, recipients=[DESK, OTHER], now=NOW, days=30)
    assert (done.hits, done.leads, done.share) == (12, 6, 12 / 18)
    assert done.broad
    desk, other = done.loads
    assert (desk.mails, desk.busiest, desk.over, desk.within) == (12 / 30, 6, 1, False)
    assert (other.mails, other.within) == (0, True), "another region"
    assert not done.within
    assert leads.list_leads() == []
    assert deliveries.list_deliveries() == []
    assert leads.reserve_codes(1) == ["CG-1"], "a forecast uses up nothing"


def test_of_a_query_that_runs_its_own_mails_are_no_load(index: SearchIndex, posts: list[Document]) -> None:
    documents.append(posts, now=NOW)
    roomy = evolve(DESK, daily_budget=50)
    raise_leads(
        queries=[QUERY], recipients=[roomy], now=lambda: NOW, console_url="", sender="a@so.example.vn", limit=9999
    )
    catch_up(index)
    assert len(leads.list_leads()) == 6
    done = backtest(QUERY, index=index, recipients=[roomy], now=NOW + timedelta(minutes=1), days=30)
    assert done.leads == 6
    assert [(load.mails, load.others, load.within) for load in done.loads] == [(12 / 30, 0, True)]
    other = evolve(QUERY, id="khac", query="vay*")
    assert backtest(other, index=index, recipients=[roomy], now=NOW, days=30).overlaps == {"vay": 12}


def test_a_query_of_the_digest_mails_nobody(index: SearchIndex, posts: list[Document]) -> None:
    documents.append(posts, now=NOW)
    raise_all(index)
    done = backtest(evolve(QUERY, priority="digest"), index=index, recipients=[DESK], now=NOW, days=30)
    assert (done.leads, done.loads, done.within, done.mails_per_day) == (6, (), True, 0)


def test_only_the_days_asked_for_count(index: SearchIndex, posts: list[Document]) -> None:
    documents.append(posts, now=NOW)
    raise_all(index)
    assert backtest(QUERY, index=index, recipients=[], now=NOW, days=1).hits == 0
    assert backtest(QUERY, index=index, recipients=[], now=NOW, days=7).hits == 4


def test_rules_decide_as_they_will(index: SearchIndex, posts: list[Document]) -> None:
    documents.append(posts, now=NOW)
    raise_all(index)
    strict = evolve(QUERY, rule={"type": "frequency", "num_events": 3, "timeframe": "24h"})
    assert backtest(strict, index=index, recipients=[DESK], now=NOW, days=30).leads == 0
    with pytest.raises(ConfigError):
        backtest(evolve(QUERY, rule={"type": "frequency"}), index=index, recipients=[], now=NOW, days=30)


def test_an_empty_log(index: SearchIndex) -> None:
    done = backtest(QUERY, index=index, recipients=[DESK], now=NOW, days=30)
    assert (done.hits, done.share, done.leads, done.broad, done.within) == (0, 0, 0, False, True)
