"""A query that comes after its documents raises the leads that it would have raised before them, on every index."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve

from alerts.backfill import Ground, Step, step
from alerts.mail import Letterhead
from alerts.raise_leads import raise_leads
from alerts.work import usable
from indexer.follow import catch_up
from indexer.index import open_index
from indexer.ingest import prepare
from indexer.port import SearchIndex
from model.document import Document
from model.errors import StaleFenceError
from model.message import Recipient
from model.query import SavedQuery
from store import backfills, deliveries, documents, leads, queries
from store.backfills import BackfillState
from store.connect import connect, disconnect

START = datetime(2026, 11, 1, tzinfo=UTC)
NOW = START + timedelta(days=12)
HEAD = Letterhead(console_url="http://127.0.0.1:1", sender="a@so.example.vn")
DESK = Recipient(id="truc", name="Trực ban", addresses=("truc@so.example.vn",), daily_budget=10_000)
NOTHING = SavedQuery(id="khong", title="Không có gì", query='"khongcogi"')

TRICKS = (
    "Vay nhanh không thế chấp, giải ngân trong ngày, liên hệ {phone} để được duyệt hồ sơ",
    "Đối tượng tự xưng công an gọi từ số {phone}, dọa có lệnh bắt, bắt chuyển tiền vào tài khoản {account} Vietcombank",
    "Tuyển cộng tác viên việc nhẹ lương cao, nạp tiền nhận hoa hồng, zalo {phone}",
    "Nhận quà trúng thưởng, đóng phí trước vào tài khoản {account} Techcombank, hỏi {phone}",
    "Cảnh báo lừa đảo: số {phone} giả nhân viên điện lực, yêu cầu chuyển tiền ngay",
    "Bán xe đạp cũ, còn mới, ai cần gọi {phone}",
    "Hôm nay trời đẹp, cả nhà đi biển Phan Thiết chơi vui quá",
)
FILLERS = ("", " Bà con chia sẻ nhé.", " Mình vừa gặp xong.", " Ai gặp chưa ạ?", " Đã báo công an phường.")
CONDITIONS = (
    '"vay nhanh"',
    '"chuyển tiền"',
    "phones: *",
    "accounts: *",
    "suspects: *",
    '"công an"',
    '"hoa hồng" or "trúng thưởng"',
    "not source_kind: news",
    "not accounts: *",
    "giải*",
    "banks: VCB",
    "views >= 100",
)
RULES: tuple[dict[str, object], ...] = (
    {"type": "any"},
    {"type": "any"},
    {"type": "frequency", "num_events": 2, "timeframe": "48h"},
    {"type": "cardinality", "field": "sources", "min_cardinality": 2},
)


def posts(luck: random.Random, count: int, *, late: bool = True) -> list[Document]:
    """Documents in the order of their arrival: campaigns with numbers of their own, some with two numbers that one post
    ties together; honest posts, articles, reposts under another number. late: some come after younger ones."""
    campaigns = [
        (
            luck.sample([f"09{luck.randrange(10**8):08d}" for _ in range(2)], luck.randint(1, 2)),
            f"10{luck.randrange(10**11):011d}",
            luck.choice(TRICKS),
        )
        for _ in range(count // 5)
    ]
    made = []
    for number in range(count):
        phones, account, trick = campaigns[min(len(campaigns) - 1, number // 5 + luck.choice((-2, -1, 0, 0, 0)))]
        text = trick.format(phone=luck.choice(phones), account=account)
        if len(phones) == 2 and luck.random() < 0.2:
            text += f" hoặc {phones[0]}, {phones[1]}"
        made.append(
            prepare(
                Document(
                    source=luck.choice(("dien_dan", "mang", "bao")),
                    source_kind=luck.choice(("forum", "social", "social", "social", "news")),
                    external_id=str(number),
                    text=f"{text}.{luck.choice(FILLERS)} Tin {luck.randrange(9999)}",
                    collected=START + timedelta(hours=12 * 24 * number / count - luck.choice((0, 0, 0, 0, 3)) * late),
                    views=luck.choice((None, 5, 500)),
                )
            )
        )
    return made


def saved(luck: random.Random, count: int) -> list[SavedQuery]:
    realert = timedelta(hours=luck.choice((6, 24, 168)))
    return [
        SavedQuery(
            id=f"q{number}",
            title=f"Truy vấn {number}",
            form=luck.choice(("", "S07", "S14")),
            query=f" {luck.choice(('and', 'or'))} ".join(
                f"({one})" for one in luck.sample(CONDITIONS, luck.randint(1, 3))
            ),
            rule=luck.choice(RULES),
            priority=luck.choice(("immediate", "digest")),
            realert=realert,
            origin=luck.choice(("shipped", "site")),
        )
        for number in range(count)
    ]


def new_index(kind: str, request: pytest.FixtureRequest, folder: Path) -> SearchIndex:
    if kind == "embedded":
        return open_index(f"sqlite:///{folder / uuid.uuid4().hex}.db")
    url: str = request.getfixturevalue("elasticsearch_url")
    return open_index(url, prefix=f"test-{uuid.uuid4().hex[:10]}")


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    opened = new_index(request.param, request, tmp_path)
    yield opened
    opened.clear()
    opened.close()


def match_all() -> None:
    raise_leads(
        queries=queries.list_queries(enabled_only=True),
        recipients=[DESK],
        now=lambda: NOW,
        console_url=HEAD.console_url,
        sender=HEAD.sender,
        edition=queries.edition(),
    )


def backfill(index: SearchIndex, limit: int = 500) -> list[Step]:
    """All steps until nothing is left; the index follows between them as the worker lets it."""
    done, stands = [], ground(index, limit)
    while (one := step(stands)) is not None:
        done.append(one)
        catch_up(index)
    return done


def ground(index: SearchIndex, limit: int = 500) -> Ground:
    return Ground(
        index=index,
        book=usable(queries.list_queries(enabled_only=True), NOW),
        edition=queries.edition(),
        recipients=[DESK],
        head=HEAD,
        now=lambda: NOW,
        span=timedelta(days=30),
        limit=limit,
    )


def outcome() -> dict[str, object]:
    found = leads.list_leads()
    return {
        "leads": {
            one.id: (sorted(one.documents), one.queries, one.key, one.first_seen, one.last_seen) for one in found
        },
        "marks": {one.document.id: one.queries for one in documents.iterate() if one.queries},
        "matches": sorted(
            (item.query, item.document) for query in queries.list_queries() for item in leads.matches_for(query.id)
        ),
    }


def before_and_after(
    index: SearchIndex, first: str, second: str, luck: random.Random, count: int
) -> list[dict[str, object]]:
    """What becomes of the same posts where the saved queries came first, and where they came last, in two databases."""
    arrived, known = posts(luck, 100), saved(luck, count)

    connect(first)
    queries.upsert(known, NOW)
    documents.append(arrived, now=NOW)
    match_all()
    outcomes = [outcome()]
    disconnect()

    connect(second)
    queries.upsert([NOTHING], NOW)
    documents.append(arrived, now=NOW)
    match_all()
    assert leads.list_leads() == []
    queries.upsert(known, NOW)
    catch_up(index)
    backfill(index, limit=luck.choice((7, 30, 500)))
    assert {item.state for item in backfills.list_backfills()} == {BackfillState.DONE}
    outcomes.append(outcome())
    disconnect()
    return outcomes


@pytest.mark.parametrize("seed", range(10))
def test_the_same_leads_whichever_came_first(index: SearchIndex, sqlite_url: str, tmp_path: Path, seed: int) -> None:
    """One query: the leads, their ids, documents, marks and matches."""
    first, second = before_and_after(index, sqlite_url, f"sqlite:///{tmp_path / 'other.db'}", random.Random(seed), 1)
    assert second == first


@pytest.mark.parametrize("seed", range(20))
def test_the_same_leads_of_many_queries(index: SearchIndex, sqlite_url: str, tmp_path: Path, seed: int) -> None:
    """Several queries that come at once: they are judged together, as they would have been when they were there first."""
    first, second = before_and_after(index, sqlite_url, f"sqlite:///{tmp_path / 'other.db'}", random.Random(seed), 8)
    assert second == first
    assert len(second["leads"]) > 4  # type: ignore[arg-type]


LOAN = SavedQuery(
    id="vay",
    title="Cho vay thu phí trước",
    query='"vay nhanh" and phones: *',
    priority="immediate",
    realert=timedelta(days=7),
)


def loan(number: int, *, phone: str, days: float, text: str = "Vay nhanh không thế chấp") -> Document:
    """A post collected so many days ago."""
    return prepare(
        Document(
            source="dien_dan",
            source_kind="forum",
            external_id=str(number),
            text=f"{text}, đóng phí trước, chuyển tiền cọc rồi gọi {phone} để giải ngân. Lừa đảo đấy. Tin {number}",
            collected=NOW - timedelta(days=days),
        )
    )


OLD, FRESH, TOO_OLD = "0912000001", "0912000002", "0912000003"


@pytest.fixture
def past(index: SearchIndex, database: str) -> SearchIndex:
    """Documents that were there before their query, matched and indexed."""
    queries.upsert([NOTHING], NOW - timedelta(days=60))
    documents.append(
        [
            loan(1, phone=OLD, days=5),
            loan(2, phone=OLD, days=4),
            loan(3, phone=FRESH, days=0.2),
            loan(4, phone=FRESH, days=0.1),
            loan(5, phone=TOO_OLD, days=45),
        ],
        now=NOW,
    )
    match_all()
    catch_up(index)
    backfill(index)
    return index


def raised() -> dict[str, tuple[str, int]]:
    """Phone of each lead -> its priority and documents."""
    return {
        one.identifiers[0].entity.value.replace("+84", "0"): (one.priority, len(one.documents))
        for one in leads.list_leads()
    }


def test_what_is_news_is_mailed_and_what_is_old_waits_for_the_digest(past: SearchIndex) -> None:
    queries.upsert([LOAN], NOW)
    steps = backfill(past)
    assert (steps[-1].state, steps[-1].hits, steps[-1].leads) == (BackfillState.DONE, 4, 2)
    assert raised() == {OLD: ("digest", 2), FRESH: ("immediate", 2)}
    (mail,) = deliveries.list_deliveries()
    fresh = next(one for one in leads.list_leads() if one.priority == "immediate")
    assert mail.subject_id == fresh.id
    assert "rà lại" in fresh.novelty
    assert "rà lại" in mail.message.text
    assert [(row.reason, row.lead != fresh.id) for row in leads.suppressions()] == [("backfill", True)]
    assert [item.queries for item in documents.iterate()] == [("vay",)] * 4 + [()]


def test_a_second_time_changes_nothing(past: SearchIndex) -> None:
    queries.upsert([LOAN], NOW)
    backfill(past)
    before = (outcome(), len(deliveries.list_deliveries()), len(leads.suppressions()), documents.last_position())
    assert step(ground(past)) is None
    # The same again as a new version: looked up again, and nothing comes of it.
    queries.upsert([evolve(LOAN, recipients=("truc",))], NOW)
    backfill(past)
    assert (
        outcome(),
        len(deliveries.list_deliveries()),
        len(leads.suppressions()),
        documents.last_position(),
    ) == before


def test_a_new_post_makes_an_old_lead_urgent(past: SearchIndex) -> None:
    queries.upsert([LOAN], NOW)
    backfill(past)
    documents.append([loan(6, phone=OLD, days=0)], now=NOW)
    match_all()
    assert raised()[OLD] == ("immediate", 3)
    assert len(deliveries.list_deliveries()) == 2


def test_an_approved_query_tells_of_what_is_still_news(past: SearchIndex) -> None:
    waiting = evolve(LOAN, priority="digest", origin="kibana")
    queries.upsert([waiting], NOW)
    backfill(past)
    assert deliveries.list_deliveries() == []
    queries.upsert([evolve(waiting, priority="immediate")], NOW)
    backfill(past)
    assert raised() == {OLD: ("digest", 2), FRESH: ("immediate", 2)}
    assert len(deliveries.list_deliveries()) == 1


def test_an_edited_query_gives_up_what_it_does_not_meet_any_more(past: SearchIndex) -> None:
    queries.upsert([LOAN], NOW)
    backfill(past)
    queries.upsert([evolve(LOAN, query=f'"vay nhanh" and phones: {FRESH}')], NOW)
    backfill(past)
    marked = {item.document.external_id for item in documents.iterate() if "vay" in item.queries}
    assert marked == {"3", "4"}
    assert set(past.iterate('queries: "vay"')) == {
        item.document.id for item in documents.iterate() if item.document.external_id in ("3", "4")
    }
    assert raised() == {OLD: ("digest", 2), FRESH: ("immediate", 2)}, "leads stay"


@pytest.mark.parametrize("how", ["paused", "deleted"])
def test_a_query_that_is_not_in_force_raises_nothing(past: SearchIndex, how: str) -> None:
    queries.upsert([LOAN], NOW)
    assert step(ground(past)) is not None
    if how == "paused":
        queries.upsert([evolve(LOAN, enabled=False)], NOW)
    else:
        queries.retire("site", ["khong"])
    backfill(past)
    assert leads.list_leads() == []
    assert {item.query for item in backfills.list_backfills()} == {"khong"}


def test_a_query_taken_up_again_is_looked_up_again(past: SearchIndex) -> None:
    queries.upsert([evolve(LOAN, enabled=False)], NOW)
    backfill(past)
    queries.upsert([LOAN], NOW)
    backfill(past)
    assert len(leads.list_leads()) == 2


def test_the_index_is_waited_for(past: SearchIndex) -> None:
    documents.append([loan(7, phone=OLD, days=2)], now=NOW)
    match_all()
    queries.upsert([LOAN], NOW)
    done = step(ground(past))
    assert done is not None
    assert done.waiting
    catch_up(past)
    backfill(past)
    assert raised()[OLD] == ("digest", 3)


def test_no_days_no_backfill(past: SearchIndex) -> None:
    queries.upsert([LOAN], NOW)
    stands = evolve(ground(past), span=timedelta(0))
    while step(stands) is not None:
        pass
    assert leads.list_leads() == []


def test_documents_that_come_meanwhile_meet_the_query_when_they_are_matched(past: SearchIndex) -> None:
    queries.upsert([LOAN], NOW)
    assert step(ground(past)) is not None
    documents.append([loan(8, phone=OLD, days=0)], now=NOW)
    match_all()
    catch_up(past)
    backfill(past)
    assert raised() == {OLD: ("immediate", 3), FRESH: ("immediate", 2)}
    assert sorted({item.document for item in leads.matches_for("vay")}) == sorted(
        item.document.id for item in documents.iterate() if item.document.external_id != "5"
    )


def test_who_matches_with_queries_of_yesterday_stops(past: SearchIndex) -> None:
    """An import that runs for an hour does not know a query that is saved meanwhile: it must ask again."""
    edition = queries.edition()
    queries.upsert([LOAN], NOW)
    documents.append([loan(9, phone=OLD, days=0)], now=NOW)
    done = raise_leads(
        queries=[NOTHING], recipients=[], now=lambda: NOW, console_url="", sender="a@b.vn", edition=edition
    )
    assert done.documents == 0
    assert documents.checkpoint("match") < documents.last_revision()


def test_of_two_that_do_the_same_step_one_wins(past: SearchIndex) -> None:
    queries.upsert([LOAN], NOW)
    before = backfills.note([NOTHING, LOAN], edition=queries.edition(), now=NOW, follower="match")[0]
    assert step(ground(past)) is not None
    with pytest.raises(StaleFenceError):
        leads.commit(leads.LeadChange(backfills=((before, evolve(before, state=BackfillState.DONE)),)), now=NOW)
