"""The worker process itself is killed, again and again over one home, while posts come in and mails go out.

Every start is also the recovery from the kill before it. A kill falls at a named fault point (the worker's threads reach
them in another order every time). At last a worker runs in peace; then nothing may be lost and nothing be there twice,
and the leads must be those that the same documents give in one go. A mail may be repeated only where the worker was
killed between handing it to the server and noting that. Four kills are tried always, one at every name with
`CANHGIAC_PROVE=1` (`make prove`).
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import define, field

from console.inbox import read_inbox
from console.wiring import House, open_house
from indexer.follow import lag
from indexer.ingest import ingest
from indexer.port import SearchRequest
from model.document import Document
from model.message import DeliveryState
from store import deliveries, documents, leads, sources
from store.connect import disconnect
from store.invariants import broken

KILLS = (
    "run finish: before commit",
    "leads commit: before commit",
    "smtp: after accept",
    "follow: after index put",
)
OF_CHILDREN = ("crawl child:", "documents append:", "robots:")
UNDER_WAY = ("smtp: before data", "smtp: after accept", "outbox: before sent", "delivery sent: before commit")
MAIL_TAGS = (*UNDER_WAY, "delivery sent: after commit")
HOUR_MS = 3_600_000
PATIENCE = 180
"""Seconds for anything that the worker does; a guard against hanging, not a promise."""

SHEET = {
    "id": "portal",
    "title": "Cổng",
    "spider": "listing",
    "kind": "warning",
    "interval": "24h",
    "enabled": True,
    "options": {"item": "li", "id_pattern": r"/(\d+)$", "delay": 0, "article": {"title": "h1", "text": "p"}},
}
QUERY = {
    "id": "chuyen_tien",
    "title": "Yêu cầu chuyển tiền",
    "query": '"chuyển tiền"',
    "priority": "immediate",
    "recipients": ["truc"],
}
ARTICLES = ("1", "2", "3")


def posts(turn: int) -> list[Document]:
    """What comes in around one start: a campaign with a number of its own, a late post of the one before, honest posts."""

    def post(name: str, text: str) -> Document:
        return Document(
            source="dien_dan", source_kind="forum", external_id=name, text=text, collected=open_house().clock()
        )

    fraud = "Đối tượng tự xưng công an gọi từ số 09{:08d}, bắt chuyển tiền để phục vụ điều tra. Bài {}."
    own, former = 11223300 + turn, 11223300 + max(turn - 1, 0)
    return [
        *(post(f"{turn}-{number}", fraud.format(own, f"{turn}.{number}")) for number in range(3)),
        post(f"{turn}-late", fraud.format(former, f"{turn} muộn")),
        *(
            post(f"{turn}-honest-{number}", f"Nhà mình cần bán xe đạp còn mới, bài {turn}.{number}.")
            for number in (1, 2)
        ),
    ]


@define
class Place:
    """A home, its mail server and its site; what happened in it."""

    home: Path
    house: House
    environment: dict[str, str]
    address: str
    inbox: Path
    logs: list[Path] = field(factory=list)
    expected: set[str] = field(factory=set)

    @property
    def log(self) -> Path:
        """Where the workers log to."""
        return self.home.parent / "worker.log"

    @property
    def said(self) -> str:
        """The end of it."""
        return self.log.read_text()[-3000:]

    def start(self, point: str = "", *, crawl: bool = False) -> subprocess.Popen[bytes]:
        """Starts the worker as `canhgiac run` does; killed at the first fault point of that name."""
        self.logs.append(self.home.parent / f"points{len(self.logs)}")
        extra = {"CANHGIAC_FAULT_LOG": str(self.logs[-1]), "CANHGIAC_FAULT_POINT": f"1 {point}" if point else ""}
        output = self.log.open("ab")
        with output:
            return subprocess.Popen(
                [sys.executable, "-m", "console.worker", "--allow-address", self.address] + ["--crawl-now"] * crawl,
                cwd=self.home.parent,
                env=self.environment | extra,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def bring(self, drafts: list[Document]) -> None:
        """Ingests posts from this process, as `canhgiac ingest` would beside the worker."""
        ingest(drafts, now=self.house.clock(), batch=2)
        self.expected.update(draft.external_id for draft in drafts)

    def an_hour_passes(self) -> None:
        """What was claimed or leased by the dead is free; the worker's clock is the machine's, so the database ages."""
        with contextlib.closing(sqlite3.connect(self.home / "canhgiac.db", timeout=60)) as database, database:
            database.execute("UPDATE leases SET until = MAX(until - ?, 0)", (HOUR_MS,))
            database.execute("UPDATE deliveries SET lease_until = lease_until - ? WHERE state = 'sending'", (HOUR_MS,))
            database.execute("UPDATE deliveries SET next_at = next_at - ? WHERE state = 'new'", (HOUR_MS,))

    def at_rest(self, visits: int) -> bool:
        """Whether the worker has nothing left to do. visits: finished visits of the site that there were before."""
        moving = [DeliveryState.NEW, DeliveryState.SENDING]
        return (
            len(_finished_visits()) > visits
            and documents.checkpoint("match") == documents.last_revision()
            and not any(deliveries.list_deliveries(state=state) for state in moving)
            and lag(self.house.index) == 0
        )


def _finished_visits() -> list[Any]:
    return [run for run in sources.runs("portal") if run.finished is not None]


@pytest.fixture
def place(tmp_path: Path, new_site: Callable[..., Any]) -> Iterator[Place]:
    """A fresh home with one query, one recipient, one site; and a real SMTP server."""
    site, home, ready = new_site(), tmp_path / "home", tmp_path / "inbox.ready"
    site.routes["/list"] = "<ul>" + "".join(f'<li><a href="/a/{name}">Tin</a></li>' for name in ARTICLES) + "</ul>"
    for name in ARTICLES:
        text = f"Công an cảnh báo số 09{22334400 + int(name)} giả danh cán bộ, yêu cầu chuyển tiền ngay. " * 5
        site.routes[f"/a/{name}"] = f"<h1>Cảnh báo {name}</h1><p>{text}</p>"
    for kind, sheet in (("sources", SHEET | {"url": f"{site.url}/list"}), ("queries", QUERY)):
        (home / "config" / kind).mkdir(parents=True)
        (home / "config" / kind / f"{sheet['id']}.yaml").write_text(yaml.safe_dump(sheet, allow_unicode=True))
    recipient = {"id": "truc", "name": "Trực ban", "addresses": ["truc@example.vn"]}
    (home / "config" / "recipients.yaml").write_text(yaml.safe_dump(recipient, allow_unicode=True))
    inbox = subprocess.Popen(
        [sys.executable, "-m", "console.inbox", "--folder", str(tmp_path / "mails"), "--ready-file", str(ready)]
    )
    try:
        _wait(ready.exists)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CANHGIAC_")}
        environment |= {
            "CANHGIAC_HOME": str(home),
            "CANHGIAC_SMTP_URL": f"smtp://127.0.0.1:{ready.read_text()}",
            "CANHGIAC_TICK_INTERVAL": "1s",
            "CANHGIAC_OUTBOX_INTERVAL": "1s",
        }
        house = open_house(_env_file=None, home=home).connect()
        house.sync()
        yield Place(home, house, environment, site.address, tmp_path / "mails")
        disconnect()
    finally:
        inbox.terminate()
        inbox.wait(30)


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < deadline, "nothing happened for too long"
        time.sleep(0.2)


def run_in_peace(place: Place) -> None:
    """A worker that is not killed: until it has nothing left to do, then SIGTERM."""
    visits = len(_finished_visits())
    worker = place.start(crawl=True)
    try:
        _wait(lambda: place.at_rest(visits) or worker.poll() is not None)
        assert worker.poll() is None, place.said
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0, place.said
    finally:
        worker.kill()
        worker.wait()


def names_of(place: Place) -> tuple[str, ...]:
    """The names of fault points to kill at; to prove it, every one that a run in peace goes through."""
    if not os.environ.get("CANHGIAC_PROVE"):
        return KILLS
    place.bring(posts(99))
    run_in_peace(place)
    met = dict.fromkeys(tag for log in place.logs for tag in log.read_text().splitlines())
    return tuple(tag for tag in met if not tag.startswith(OF_CHILDREN))


@pytest.mark.timeout(1800)
def test_a_worker_that_is_killed_again_and_again_loses_nothing(place: Place) -> None:
    for turn, name in enumerate(names_of(place)):
        drafts = posts(turn)
        place.bring(drafts[:3])
        worker = place.start(name, crawl=name.startswith(("run ", "crawl", "sources")))
        try:
            place.bring(drafts[3:])
            assert worker.wait(PATIENCE) == -signal.SIGKILL, f"{name}: {place.said}"
        finally:
            worker.kill()
        assert broken() == [], f"killed at {name}"
        place.an_hour_passes()
    run_in_peace(place)
    assert broken() == []
    _assert_documents_and_mails(place)
    _assert_leads(place)


def _assert_documents_and_mails(place: Place) -> None:
    kept = [(kept.document.external_id, kept.version) for kept in documents.iterate()]
    assert sorted(kept) == sorted((name, 1) for name in {*place.expected, *ARTICLES})
    sent = deliveries.list_deliveries()
    assert {delivery.state for delivery in sent} <= {DeliveryState.SENT}
    wanted = Counter((delivery.message.message_id, delivery.address) for delivery in sent)
    arrived = Counter((mail.message_id, mail.to) for mail in read_inbox(place.inbox))
    assert set(wanted.values()) == {1}, "one delivery of a message to an address"
    assert set(arrived) == set(wanted), "every mail has arrived, and no other"
    assert (arrived - wanted).total() <= sum(map(_mail_under_way, place.logs)), "a repeat has lost its 250"


def _mail_under_way(log: Path) -> bool:
    """Whether the process that wrote this log died between handing a mail over and noting that it was taken."""
    tags = [tag for tag in log.read_text().splitlines() if tag in MAIL_TAGS]
    return bool(tags) and tags[-1] in UNDER_WAY


def _assert_leads(place: Place) -> None:
    """The leads are those that the same documents give when all is done in one go, each mailed once as new."""
    found = _leads()
    first = Counter(item.subject_id for item in deliveries.list_deliveries() if item.purpose == "lead")
    assert first, "some leads are urgent"
    assert set(first.values()) == {1}
    assert set(first) <= {identifier for identifier, *_ in found}
    hits = place.house.index.search(SearchRequest(query='"chuyển tiền"', limit=0)).total
    all_kept = list(documents.iterate())
    assert hits == sum("chuyển tiền" in kept.document.text for kept in all_kept)
    drafts = [kept.document for kept in sorted(all_kept, key=lambda kept: kept.revision)]
    other = open_house(_env_file=None, home=place.home.parent / "whole").connect()
    (other.home / "config").symlink_to(place.home / "config")
    other.sync()
    ingest(drafts, now=other.clock())
    while other.raise_leads():
        pass
    assert found == _leads()


def _leads() -> list[Any]:
    return sorted(
        (lead.id, sorted(lead.documents), sorted(lead.keys), lead.merged_into, sorted(lead.queries))
        for lead in leads.list_leads(include_merged=True)
    )
