"""How many documents a second go into the operations database, and through the whole of ingest.

Usage: python -m bench.ingest [--documents N] [--database URL]

`append`: documents made ready beforehand, 50 to a transaction, SQLite with `synchronous=FULL` beside plain `sqlite3` with
the same pragmas and payloads. `ingest`: cleaning, extraction, masking, fingerprints and append. `to lead`: all that and
matching, families, leads and their mails with the saved queries that are shipped, in one process, over the mixed feed of
tests/corpus/feed.py; `index`: the embedded index behind it. `dense`: posts that all stand on one lead, at its beginning and when it
has the others. Each line is one JSON object: what, documents, seconds, per_second, and per_cpu_second, which a busy
machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.raise_leads import raise_leads
from alerts.rules.base import rules
from bench.leads import load_feed
from config.sheets import load_queries, shipped_folders
from extraction.narratives import forms
from indexer.follow import catch_up
from indexer.heap import collect_seldom
from indexer.index import open_index
from indexer.ingest import ingest, prepare, read_line
from model.document import Document
from model.message import Recipient
from store import codec, documents
from store.connect import connect

NOW = datetime(2026, 7, 1, tzinfo=UTC)
BATCH = 50

_OPENINGS = (
    "Cảnh báo mọi người, sáng nay em nhận được cuộc gọi tự xưng công an phường yêu cầu cập nhật định danh mức hai.",
    "Nhà mình cần thanh lý gấp bộ bàn ghế gỗ còn mới, ai quan tâm thì nhắn tin, giá hạt dẻ cho người thiện chí.",
    "Tuyển cộng tác viên làm việc tại nhà, chốt đơn hưởng hoa hồng, ngày kiếm ba trăm đến năm trăm nghìn.",
    "Hội từ thiện xã kêu gọi bà con ủng hộ cháu bé bị bỏng đang nằm viện, mọi đóng góp xin gửi về quỹ.",
    "Shop em vừa về lô hàng mới, freeship toàn quốc, kiểm tra hàng trước khi thanh toán nha cả nhà.",
)
_ENDINGS = (
    "Liên hệ {phone} gặp chị Hoa.",
    "Chuyển khoản về số tài khoản {account} ngân hàng Vietcombank chủ TK NGUYEN VAN A rồi báo lại giúp em.",
    "Truy cập https://{host}/xac-minh?id={number} để xác minh trước 17h hôm nay kẻo bị khoá tài khoản.",
    "Zalo {phone}, không làm phiền giờ nghỉ trưa ạ.",
    "Mọi người cẩn thận nhé, chia sẻ để ai cũng biết mà tránh.",
)
_MIDDLES = (
    "Họ đọc đúng họ tên, số căn cước và địa chỉ nhà nên em suýt tin.",
    "Sau đó có người kết bạn gửi đường dẫn bảo cài ứng dụng.",
    "Em hỏi lại thì bên kia tắt máy luôn.",
    "Chất lượng đảm bảo, đổi trả trong bảy ngày nếu lỗi của bên em.",
    "Gia đình hoàn cảnh khó khăn, bố mẹ đi làm xa, cháu ở với bà.",
    "Chỉ cần điện thoại có mạng, không cần cọc, không cần kinh nghiệm.",
    "Ở chợ ai cũng bảo đã từng bị gọi như vậy ít nhất một lần.",
)


def drafts(number: int, seed: int = 7) -> Iterator[Document]:
    """Invented posts of about 400 characters, most with an invented identifier."""
    chance = random.Random(seed)
    for index in range(number):
        ending = chance.choice(_ENDINGS).format(
            phone=f"09{chance.randrange(10**8):08d}",
            account=f"10{chance.randrange(10**9):09d}",
            host=f"xacminh{chance.randrange(10**4)}.example",
            number=index,
        )
        middles = chance.sample(_MIDDLES, 4)
        yield Document(
            source=f"nguon_{index % 20}",
            source_kind="social",
            external_id=str(index),
            url=f"https://dien-dan.example/bai/{index}",
            title="",
            text="\n".join([chance.choice(_OPENINGS), *middles, ending]),
            author=f"Người dùng {index % 300}",
            published=NOW,
            collected=NOW,
            likes=chance.randrange(100),
        )


def _report(what: str, number: int, work: Callable[[], object]) -> None:
    started, cpu = time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    figures = {
        "what": what,
        "documents": number,
        "seconds": round(seconds, 3),
        "per_second": round(number / seconds),
        "per_cpu_second": round(number / cpu),
    }
    print(json.dumps(figures), flush=True)


def _parts(items: Sequence[Document]) -> Iterator[Sequence[Document]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _append(items: Sequence[Document]) -> None:
    for part in _parts(items):
        documents.append(part, now=NOW)


def _plain(path: Path, items: Sequence[Document]) -> None:
    """The least that could be done: one table, the same payloads, the same guarantees."""
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE log (id TEXT PRIMARY KEY, payload TEXT)"
    )
    for part in _parts(items):
        rows = [(document.id, codec.document_payload(document)) for document in part]
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO log VALUES (?, ?)", rows)
        database.execute("COMMIT")
    database.close()


def _read() -> None:
    after = 0
    while page := documents.unmatched(after=after, limit=1000):
        after = page[-1].revision


RECIPIENT = Recipient(id="truc", name="Trực ban", addresses=("truc@example.vn",), daily_budget=1000)


def _raise(now: datetime) -> None:
    loaded = load_queries(list(shipped_folders("queries")), forms=forms(), rules=rules())
    raise_leads(
        queries=loaded.items,
        recipients=[RECIPIENT],
        now=lambda: now,
        console_url="http://127.0.0.1:8600",
        sender="canhgiac@example.vn",
    )


def _to_lead(folder: str, number: int) -> None:
    """The mixed feed: a third of it campaigns of fraud, as dense as in `bench.leads`."""
    connect(f"sqlite:///{folder}/lead.db")
    now = datetime.now(UTC)
    scale = number / 1500
    items = load_feed().feed(1, campaigns=max(1, round(40 * scale)), honest_posts=round(1000 * scale), documents=number)
    lines = [json.dumps(item, ensure_ascii=False) for item in items]

    def work() -> None:
        ingest((read_line(line, now=now) for line in lines), now=now)
        _raise(now)

    _report("to lead: read, prepare, append, match, raise", number, work)
    _report("index: follow behind it", number, lambda: catch_up(open_index(f"sqlite:///{folder}/index.db")))


def dense(first: int, number: int) -> Iterator[Document]:
    """Posts of one fraud: each names two of its forty phones and one of its accounts, in words of its own."""
    for index in range(first, first + number):
        chance = random.Random(index)
        one, other = (f"09{chance.randrange(40) * 1_250_017 + 20_000_003:08d}" for _ in range(2))
        words = " ".join(chance.sample(_MIDDLES, 3))
        yield Document(
            source=f"nguon_{index % 7}",
            source_kind="social",
            external_id=f"dense {index}",
            text=f"Đối tượng lừa đảo dùng số {one} và {other}, bắt chuyển tiền vào tài khoản 10{chance.randrange(40):09d}"
            f" Vietcombank. {words} Tin {chance.randrange(10**6)} {chance.choice(_OPENINGS)}",
            collected=NOW + timedelta(seconds=index),
        )


def _dense(folder: str, number: int) -> None:
    connect(f"sqlite:///{folder}/dense.db")
    ends = NOW + timedelta(days=1)
    part = max(1, number // 10)
    for start in range(0, number, part):
        ready = [prepare(draft) for draft in dense(start, part)]
        documents.append(ready, now=ends)
        if start in (0, part, number - part):
            _report(f"dense: match and raise, {start} posts before on one lead", part, lambda: _raise(ends))
        else:
            _raise(ends)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--documents", type=int, default=10_000)
    options.add_argument("--database", default="", help="another database than a temporary SQLite file")
    chosen = options.parse_args()
    collect_seldom()
    number = chosen.documents
    with tempfile.TemporaryDirectory() as folder:
        ready = [prepare(draft) for draft in drafts(number)]
        _report("append: plain sqlite3, one table", number, lambda: _plain(Path(folder) / "plain.db", ready))
        connect(chosen.database or f"sqlite:///{folder}/append.db")
        _report("append: store, 50 a transaction", number, lambda: _append(ready))
        _report("append: store, all unchanged", number, lambda: _append(ready))
        _report("unmatched: read back", number, _read)
        if not chosen.database:
            connect(f"sqlite:///{folder}/ingest.db")
            _report("ingest: prepare and append", number, lambda: ingest(drafts(number), now=NOW))
            _to_lead(folder, number)
            _dense(folder, number)


if __name__ == "__main__":
    main()
