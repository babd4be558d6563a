"""The main job is killed at every fault point of a small run, started again, and must end as if nothing had happened.

Ingest with a cursor -> leads -> search index -> mail, on a real SMTP server. A first run without a kill counts and names
the fault points and gives the expected end. Then, for every point (without `CANHGIAC_PROVE=1` for some, among them the
first, the last and one of every name): a fresh database, a run that is killed there, a second run an hour later.
Nothing may be lost and nothing be there twice; a mail may be repeated only if the kill came between the server's answer
and the commit that records it, and then with the same Message-ID.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, field, frozen

from alerts.backfill import Ground, step
from alerts.mail import Letterhead
from alerts.outbox import ChannelConfig, flush
from alerts.raise_leads import raise_leads
from alerts.work import usable
from indexer.follow import catch_up
from indexer.index import open_index
from indexer.ingest import ingest
from indexer.port import SearchIndex, SearchRequest
from model.document import Document
from model.message import Recipient
from model.query import SavedQuery
from model.source import Cursor, ItemState, ListedItem, Source
from store import deliveries, documents, entities, leads, leases, sources
from store import queries as saved
from store.connect import connect, disconnect
from store.faults import arm
from store.invariants import broken

NOW = datetime(2026, 7, 1, 2, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOURCE = Source(id="dien_dan", title="Diễn đàn", spider="thread", kind="forum", enabled=True)

_FRAUDS = (
    "Đối tượng tự xưng công an gọi từ số 0912345678, bắt chuyển tiền vào tài khoản 1010000000001 Vietcombank. Bài {n}.",
    "Cảnh giác: số 0987654321 giả nhân viên điện lực, yêu cầu chuyển tiền nợ ngay kẻo cắt điện, truy cập zq9-dienluc.top. Bài {n}.",
)
_HONEST = "Nhà mình cần bán chiếc xe đạp còn mới, ai quan tâm nhắn tin nhé, bài số {n}."

QUERIES = (
    SavedQuery(
        id="chuyen_tien", title="Yêu cầu chuyển tiền", query='"chuyển tiền"', priority="immediate", recipients=("truc",)
    ),
    SavedQuery(id="dien_luc", title="Giả điện lực", query='"điện lực"', priority="immediate", recipients=("truc",)),
)
LATE = SavedQuery(
    id="xe_dap", title="Xe đạp", query='"xe đạp" or "vietcombank"', priority="immediate", recipients=("truc",)
)
RECIPIENTS = (Recipient(id="truc", name="Trực ban", addresses=("truc@example.vn", "pho@example.vn")),)

# Only a kill after the server has the message and before our commit says so may repeat it.
MAY_REPEAT = frozenset({"smtp: after accept", "outbox: before sent", "delivery sent: before commit"})


def drafts() -> list[Document]:
    """Twelve posts: two campaigns that recur, honest posts, one that is edited, one that cannot be kept."""
    texts = [
        (_HONEST if number % 3 == 2 else _FRAUDS[number % 3]).format(n=number if number != 9 else 0)
        for number in range(11)
    ]
    posts = [
        Document(
            source="dien_dan",
            source_kind="forum",
            external_id=str(number),
            url=f"https://a.example/{number}",
            text=text,
            collected=NOW,
        )
        for number, text in enumerate(texts)
    ]
    return [*posts, Document(source="dien_dan", source_kind="forum", external_id="hong", text=" ", collected=NOW)]


@frozen(kw_only=True)
class Town:
    """Where a run plays: its database, index, mail server, and the mails that arrived."""

    url: str
    index: str
    smtp: str
    mails: Path
    tags: list[str] = field(factory=list)


def work(town: Town, now: datetime) -> None:
    """The whole main job once, as the crawl child and the worker do it."""
    connect(town.url, migrate=False)
    sources.upsert([SOURCE], now=now)
    held = leases.acquire("source:dien_dan", f"child {now}", now=now, ttl=HOUR / 2)
    posts = drafts()
    ingest(
        posts,
        now=NOW,
        lease=held,
        cursor=Cursor(etags={"https://a.example/": '"1"'}),
        listed=[ListedItem(external_id=str(number), url=f"https://a.example/{number}") for number in range(13)],
        settled={post.external_id: ItemState.STORED for post in posts[:-1]},
        batch=5,
    )
    if held is not None:
        leases.release(held)
    raise_leads(
        queries=QUERIES,
        recipients=RECIPIENTS,
        now=lambda: NOW,
        console_url="http://127.0.0.1:1/",
        sender="a@example.vn",
        limit=5,
    )
    index = open_index(town.index)
    catch_up(index, limit=5, now=NOW)
    take_over_the_past(index)
    catch_up(index, limit=5, now=NOW)
    flush(config=ChannelConfig(smtp_url=town.smtp, sender="canhgiac@example.vn"), now=lambda: now)


def take_over_the_past(index: SearchIndex) -> None:
    """A query that is saved when its documents are there."""
    saved.upsert([*QUERIES, LATE], NOW)
    book = usable(saved.list_queries(), NOW)
    head = Letterhead(sender="a@example.vn", console_url="http://127.0.0.1:1")
    ground = Ground(
        index=index,
        book=book,
        edition=saved.edition(),
        recipients=RECIPIENTS,
        head=head,
        now=lambda: NOW,
        span=HOUR * 24,
        limit=2,
    )
    while (done := step(ground)) is not None:
        if done.waiting:
            catch_up(index, limit=5, now=NOW)


def run(town: Town, *, now: datetime, point: int = 0, log: str = "") -> int:
    """`work` in a forked process, killed at its point-th fault point; the signal that ended it, 0 if none."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            arm(point, log)
            work(town, now)
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    assert os.WEXITSTATUS(status) == 0, "the run failed instead of being killed"
    return 0


def end_of(town: Town) -> dict[str, Any]:
    """All that must be the same however often the run was killed; lead codes may have gaps, so leads go by id."""
    connect(town.url, migrate=False)
    index = open_index(town.index)
    found = leads.list_leads(include_merged=True, order="oldest")
    ids = {lead.code: lead.id for lead in found}
    end = {
        "documents": [
            (kept.document, kept.seq, kept.version, kept.family, kept.queries, sorted(ids[code] for code in kept.leads))
            for kept in documents.iterate()
        ],
        "leads": sorted((lead.id, sorted(lead.keys), lead.documents, lead.merged_into) for lead in found),
        "deliveries": sorted(
            (item.id, item.state.value, item.subject_id, item.message.message_id)
            for item in deliveries.list_deliveries()
        ),
        "matches": sorted(
            (match.query, match.document, match.revision)
            for query in (*QUERIES, LATE)
            for match in leads.matches_for(query.id)
        ),
        "suppressions": sorted((item.reason, item.lead, item.document) for item in leads.suppressions()),
        "register": sorted(
            (entry.entity.key, entry.documents, sorted(entry.roles.items())) for entry in entities.list_entries()
        ),
        "cursor": sources.cursor("dien_dan"),
        "pending": sorted(item.external_id for item in sources.pending("dien_dan", NOW, 99)),
        "hits": [
            index.search(SearchRequest(query=query, limit=50)).total
            for query in ('"chuyen tien"', "phones: *", "leads: *")
        ],
        "broken": broken(),
    }
    disconnect()
    return end


def mails(town: Town) -> Counter[str]:
    """How often each mail arrived: Message-ID and address."""
    return Counter(town.mails.read_text().split("\n")[:-1])


_SERVER = """
import email, sys, time
from aiosmtpd.controller import Controller

class Inbox:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content)
        with open(sys.argv[1], "a") as file:
            file.write(f"{message['Message-ID']} {envelope.rcpt_tos[0]}\\n")
        return "250 taken"

controller = Controller(Inbox(), hostname="127.0.0.1", port=int(sys.argv[2]))
controller.start()
print("ready", flush=True)
sys.stdin.read()
controller.stop()
"""


@pytest.fixture(scope="module")
def mail_server(
    tmp_path_factory: pytest.TempPathFactory, loopback_port: Callable[[], int]
) -> Iterator[tuple[str, Path]]:
    """A real SMTP server in its own process: its address, and the file that it notes every mail in."""
    noted, port = tmp_path_factory.mktemp("mails") / "mails", loopback_port()
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(noted), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    yield f"smtp://127.0.0.1:{port}", noted
    server.communicate("", timeout=10)


@pytest.fixture
def new_town(migrated_sqlite: Path, mail_server: tuple[str, Path]) -> Iterator[Callable[[], Town]]:
    """Makes a fresh town on SQLite; in memory where it can be, as a kill loses nothing that was given to the kernel."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as name:
        folder = Path(name)

        def make() -> Town:
            for old in folder.glob("*"):
                old.unlink()
            shutil.copy(migrated_sqlite, folder / "canhgiac.db")
            smtp, noted = mail_server
            noted.write_text("")
            return Town(
                url=f"sqlite:///{folder / 'canhgiac.db'}",
                index=f"sqlite:///{folder / 'index.db'}",
                smtp=smtp,
                mails=noted,
            )

        yield make


@pytest.mark.timeout(900)
def test_nothing_is_lost_and_nothing_is_twice(
    new_town: Callable[[], Town], tmp_path_factory: pytest.TempPathFactory
) -> None:
    kill_everywhere(new_town, tmp_path_factory.mktemp("points") / "log")


@pytest.mark.timeout(900)
@pytest.mark.postgresql
def test_nor_on_postgresql(
    new_town: Callable[[], Town], new_postgresql: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Fewer points: a database takes a fifth of a second to make, and the code is the same."""
    kill_everywhere(
        lambda: evolve(new_town(), url=new_postgresql()),
        tmp_path_factory.mktemp("points") / "log",
        every=16,
        named=False,
    )


def kill_everywhere(new_town: Callable[[], Town], log: Path, *, every: int = 8, named: bool = True) -> None:
    work(new_town(), NOW)  # once here, so that the forked runs inherit every table that is built at first use
    disconnect()
    town = new_town()
    assert run(town, now=NOW, log=str(log)) == 0
    expected, expected_mails, tags = end_of(town), mails(town), log.read_text().split("\n")[:-1]
    assert run(town, now=NOW + HOUR) == 0
    assert (end_of(town), mails(town)) == (expected, expected_mails), "a second run changes nothing"
    _is_worth_it(expected, expected_mails, tags)
    faults = []
    for point in _points(tags, every, named=named):
        tag = tags[point - 1]
        town = new_town()
        killed = run(town, now=NOW, point=point)
        run(town, now=NOW + HOUR)
        faults += _faults(point, tag, killed, (end_of(town), mails(town)), (expected, expected_mails))
    assert faults == []


def _points(tags: list[str], every: int, *, named: bool) -> list[int]:
    """The points to try: each `every`-th, the last, and one of every name; to prove it, all of them."""
    if os.environ.get("CANHGIAC_PROVE"):
        return list(range(1, len(tags) + 1))
    names = {tags.index(tag) + 1 for tag in tags} if named else set()
    return sorted({*range(1, len(tags) + 1, every), len(tags), *names})


def _is_worth_it(expected: dict[str, Any], arrived: Counter[str], tags: list[str]) -> None:
    """The run has something of everything, so that the comparison means something."""
    assert len(expected["documents"]) == 11
    assert len(expected["leads"]) >= 2
    assert len(arrived) >= 4
    assert {state for _, state, *_ in expected["deliveries"]} == {"sent"}
    assert expected["pending"] == ["11", "12"]
    assert all(expected["hits"])
    assert expected["broken"] == []
    assert len(tags) > 50
    assert set(tags) >= MAY_REPEAT


def _faults(
    point: int,
    tag: str,
    killed: int,
    got: tuple[dict[str, Any], Counter[str]],
    expected: tuple[dict[str, Any], Counter[str]],
) -> list[str]:
    where = f"killed at {point} ({tag})"
    faults = [] if killed == signal.SIGKILL else [f"{where}: was not killed"]
    faults += [
        f"{where}: {name} differ: {json.dumps(got[0][name], default=str)[:500]}"
        for name in expected[0]
        if got[0][name] != expected[0][name]
    ]
    lost, more = expected[1] - got[1], got[1] - expected[1]
    if lost:
        faults.append(f"{where}: lost mails {lost}")
    if more and (tag not in MAY_REPEAT or more.total() > 1 or not set(more) <= set(expected[1])):
        faults.append(f"{where}: repeated mails {more}")
    return faults
