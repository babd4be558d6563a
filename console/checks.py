"""The self-check behind `canhgiac doctor`: one finding per part, each fault with its cure."""

from __future__ import annotations

import json
import platform
import re
import shutil
import smtplib
import subprocess
import threading
from collections.abc import Callable, Iterator
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import frozen

from console.chromium import find_browser
from console.terminal import local_time, number
from model.errors import CanhGiacError, ConfigError, SearchError, SearchUnavailableError
from model.source import Source

if TYPE_CHECKING:
    from console.wiring import House
    from indexer.kibana.client import State
    from indexer.kibana.compare import Standing

SMTP_SECONDS = 10.0
KIBANA_SECONDS = 5.0
KIBANA_FROM, KIBANA_BEFORE = (8, 19), (10,)
"""Releases of Kibana whose saved objects and endpoints we know, from the first to before the last."""

LEAST_FREE = 1_000_000_000
"""Bytes that must be free where the home lies; a month of ten sources takes about 300 MB."""


class Verdict(StrEnum):
    """`warning` does not make the command fail."""

    GOOD = "good"
    WARNING = "warning"
    FAULT = "fault"


@frozen(kw_only=True)
class Finding:
    """What a check found. part: what was looked at; text: what is so; cure: what to do, for faults and warnings."""

    part: str
    verdict: Verdict
    text: str
    cure: str = ""


def good(part: str, text: str) -> Finding:
    """All is well."""
    return Finding(part=part, verdict=Verdict.GOOD, text=text)


def warning(part: str, text: str, cure: str) -> Finding:
    """Works, but somebody should know."""
    return Finding(part=part, verdict=Verdict.WARNING, text=text, cure=cure)


def fault(part: str, text: str, cure: str) -> Finding:
    """Does not work."""
    return Finding(part=part, verdict=Verdict.FAULT, text=text, cure=cure)


def check_all(house: House, *, quick: bool = False) -> Iterator[Finding]:
    """All findings in the order in which faults should be mended; what needs the database is left out without it.

    quick: without what takes seconds (browser, pictures, gate, the queries' examples).
    """
    yield python_version()
    yield settings_in_force(house)
    yield from home_folder(house)
    yield from sheets(house, examples=not quick)
    try:
        house.connect()
    except CanhGiacError as error:
        yield fault("cơ sở dữ liệu", str(error), getattr(error, "cure", "") or "Xem CANHGIAC_DATABASE_URL")
        return
    yield good("cơ sở dữ liệu", "kết nối được, bảng đúng phiên bản")
    slow = () if quick else (browser, pictures, gate)
    for check in (
        audit_chain,
        search_index,
        looking_back,
        kibana,
        matching,
        sources,
        outbox,
        quarantine,
        mail_server,
        recipients,
        *slow,
    ):
        yield from check(house)


def python_version() -> Finding:
    """The interpreter; one that is too old never comes so far (`console.cli.main`)."""
    return good("Python", platform.python_version())


def settings_in_force(house: House) -> Finding:
    """What differs from the defaults, secrets masked."""
    changed = ", ".join(f"{name}={value}" for name, value in house.settings_in_force().items())
    return good("cấu hình", changed or "mọi thiết lập đều mặc định")


def home_folder(house: House) -> Iterator[Finding]:
    """Whether the home can be written and has room."""
    try:
        home = house.prepare_home()
    except ConfigError as error:
        yield fault("thư mục dữ liệu", error.problem, error.cure)
        return
    free = shutil.disk_usage(home).free
    text = f"{home}, còn trống {free / 1e9:.1f} GB"
    if free < LEAST_FREE:
        yield fault("thư mục dữ liệu", text, "Giải phóng đĩa: cần ít nhất 1 GB trống")
    else:
        yield good("thư mục dữ liệu", text)


def sheets(house: House, *, examples: bool) -> Iterator[Finding]:
    """Sources, queries and recipients as written, and the queries' own examples."""
    from console.commands.query import failed_examples

    read = house.read_sheets()
    problems = [str(error) for error in read.errors]
    for query in read.queries if examples else ():
        problems += failed_examples(query)
    for problem in problems:
        yield fault("phiếu", problem, "Sửa tệp và khóa nêu trên; các phiếu khác vẫn chạy")
    yield good(
        "phiếu", f"{len(read.sources)} nguồn, {len(read.queries)} truy vấn, {len(read.recipients)} người nhận dùng được"
    )


def recipients(house: House) -> Iterator[Finding]:
    """Whether anybody would be told."""
    named = {name for query in house.read_sheets().queries if query.enabled for name in query.recipients}
    known = {recipient.id: recipient for recipient in house.recipients}
    missing = sorted(named - known.keys())
    if missing:
        yield fault(
            "người nhận",
            f"truy vấn gửi tới {', '.join(missing)} nhưng chưa khai báo",
            f"Thêm vào {house.site_folder / 'recipients.yaml'}",
        )


def audit_chain(_: House) -> Iterator[Finding]:
    """The chain of the audit trail."""
    from store import audit

    broken = audit.verify()
    if broken:
        yield fault("nhật ký kiểm tra", broken[0], "Có người sửa nhật ký: giữ nguyên tệp, đối chiếu với bản sao lưu")
    else:
        yield good("nhật ký kiểm tra", "chuỗi băm nguyên vẹn")


def search_index(house: House) -> Iterator[Finding]:
    """The index and how far behind the log it is."""
    from indexer.follow import lag

    try:
        health = house.index.health()
        behind = lag(house.index)
    except CanhGiacError as error:
        yield fault(
            "chỉ mục",
            f"{house.shown_index}: {error}",
            "Kiểm tra CANHGIAC_INDEX_URL và máy chủ; bài và đầu mối vẫn được giữ",
        )
        return
    for problem in health.problems:
        text, _, cure = problem.rpartition(": ")
        yield warning("chỉ mục", text or problem, cure)
    text = f"{health.kind} {health.version}, {number(health.documents)} bài{_kept(house)}"
    if behind > 1000:
        yield warning("chỉ mục", f"{text}, còn chậm {number(behind)} bài", "Chạy canhgiac run, hoặc canhgiac reindex")
    else:
        yield good("chỉ mục", text)


def _kept(house: House) -> str:
    """How far back the index goes, and what left it last."""
    from indexer.follow import dropped_months

    months = house.settings.index_months
    told = f"; giữ {months} tháng trước tháng này" if months else "; giữ mọi tháng"
    gone = ", ".join(f"{month} ({number(count)} bài, {local_time(at)})" for month, count, at in dropped_months())
    return f"{told}; đã bỏ {gone}" if gone else told


def looking_back(house: House) -> Iterator[Finding]:
    """Saved queries that have not been taken over the posts before them yet."""
    from store.backfills import BackfillState, list_backfills

    waiting = [item for item in list_backfills() if item.state is not BackfillState.DONE]
    days = house.settings.backfill_days
    if not waiting:
        yield good("rà lại bài cũ", f"mọi truy vấn đã rà {days} ngày trước khi có" if days else "tắt")
        return
    names = ", ".join(f"{item.query} (từ {local_time(item.started)})" for item in waiting[:5])
    more = f" và {len(waiting) - 5} truy vấn khác" if len(waiting) > 5 else ""
    yield warning(
        "rà lại bài cũ", f"còn {names}{more}", "Chạy canhgiac run; nếu đang chạy, chờ chỉ mục theo kịp nhật ký"
    )


def kibana(house: House) -> Iterator[Finding]:
    """The desk's Kibana, where there is one: reachable, of a version we know, the space there, our objects as we write them.

    Alerting never depends on it, so what is wrong with it is a warning; only a refused login is a fault.
    """
    from indexer.kibana.compare import TYPES, compare

    if not house.settings.kibana_url:
        if house.settings.search_url.startswith("http"):
            yield warning(
                "Kibana", "chưa đặt địa chỉ; truy vấn [CB] của cán bộ không được lấy về", "Đặt CANHGIAC_KIBANA_URL"
            )
        return
    try:
        target = house.open_kibana().quick(KIBANA_SECONDS)
        state = target.state()
        target.check_space()
        standing = compare(
            [json.loads(line) for line in house.kibana_objects().splitlines()], target.export_objects(*TYPES)
        )
    except SearchUnavailableError as error:
        yield warning("Kibana", str(error), "Kiểm tra máy chủ Kibana; thư báo và tìm ở trang Tra cứu vẫn chạy")
        return
    except (SearchError, ConfigError) as error:
        problem, _, cure = str(error).partition(". Cách sửa: ")
        yield fault("Kibana", problem, cure or "Kiểm tra CANHGIAC_KIBANA_URL, CANHGIAC_KIBANA_SPACE và tài khoản")
        return
    if state.version and not KIBANA_FROM <= _release(state.version) < KIBANA_BEFORE:
        yield warning("Kibana", f"bản {state.version} chưa thử với chương trình này", "Dùng Kibana 8.19 hoặc 9.x")
    if state.level != "available":
        yield warning("Kibana", f"tình trạng: {state.level or 'không rõ'}", "Xem trang trạng thái của Kibana: /status")
    yield from _standing(standing, state)


def _standing(standing: Standing, state: State) -> Iterator[Finding]:
    again = "canhgiac kibana import, với tài khoản quản trị"
    if standing.missing:
        some = ", ".join(standing.missing[:3]) + ("…" if len(standing.missing) > 3 else "")
        yield warning("Kibana", f"thiếu {len(standing.missing)} đối tượng: {some}", again)
    if standing.outdated:
        yield warning("Kibana", f"khung xem của bản khác: {', '.join(standing.outdated)}", again)
    if not (standing.missing or standing.outdated):
        yield good("Kibana", f"{state.version or 'không cho biết phiên bản'}, đủ khung xem, phiên tìm và bảng tổng hợp")


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def matching(_: House) -> Iterator[Finding]:
    """Whether everything kept has been matched."""
    from alerts.raise_leads import CHECKPOINT
    from store import documents

    behind = documents.last_revision() - documents.checkpoint(CHECKPOINT)
    if behind > 0:
        yield warning("đối chiếu", f"{number(behind)} bài chưa đối chiếu", "Chạy canhgiac run")
    else:
        yield good("đối chiếu", "mọi bài đã đối chiếu")


def sources(_: House) -> Iterator[Finding]:
    """Sources that are blind, and whether any is on."""
    from model.source import BLIND_STATES, STATE_LABELS
    from store import sources as store

    watched = [status for status in store.list_statuses() if status.source.enabled and status.source.spider]
    if not watched:
        yield warning("nguồn tin", "chưa bật nguồn nào", "canhgiac source list --all, rồi canhgiac source enable ID")
        return
    for status in watched:
        if status.state in BLIND_STATES:
            error = status.last_run.error if status.last_run else ""
            since = local_time(status.state_since)
            yield fault(
                "nguồn tin",
                f"{status.source.id}: {STATE_LABELS[status.state]} từ {since} {error}".strip(),
                f"canhgiac source test {status.source.id}",
            )
    yield good("nguồn tin", f"{len(watched)} nguồn đang bật")


def outbox(_: House) -> Iterator[Finding]:
    """Deliveries that will not go by themselves."""
    from store import deliveries

    counts = deliveries.counts()
    if counts.get("dead"):
        yield fault(
            "hộp gửi",
            f"{counts['dead']} thư không gửi được",
            "canhgiac outbox list --state dead, sửa rồi canhgiac outbox retry --all",
        )
    waiting = counts.get("new", 0) + counts.get("sending", 0)
    yield good("hộp gửi", f"{counts.get('sent', 0)} đã gửi, {waiting} đang chờ")


def quarantine(_: House) -> Iterator[Finding]:
    """Items that could not be kept, the newest reasons first."""
    from store import documents

    total = documents.quarantine_count()
    if not total:
        yield good("cách ly", "không có bài nào bị cách ly")
        return
    reasons = "; ".join(dict.fromkeys(item.reason[:120] for item in documents.quarantine_list(20)))
    yield warning(
        "cách ly", f"{number(total)} bài; lý do gần đây: {reasons[:400]}", "Sửa tệp nhập hoặc phiếu nguồn rồi nhập lại"
    )


def mail_server(house: House) -> Iterator[Finding]:
    """Whether the mail server answers; nothing is sent."""
    url = house.settings.smtp_url.get_secret_value()
    if not url:
        yield warning(
            "thư",
            "chưa đặt máy chủ thư; thư chờ trong hộp gửi",
            "Đặt CANHGIAC_SMTP_URL=smtp://user:password@host:587?starttls=1, hoặc chạy canhgiac init",
        )
        return
    parts = urlsplit(url)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    shown = f"{parts.hostname}:{parts.port or (465 if parts.scheme == 'smtps' else 25)}"
    try:
        with kind(parts.hostname or "", parts.port or 0, timeout=SMTP_SECONDS) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        yield fault("thư", f"{shown} không trả lời: {error}", "Kiểm tra CANHGIAC_SMTP_URL, tường lửa và máy chủ thư")
    else:
        yield good("thư", f"{shown} trả lời")


def browser(house: House) -> Iterator[Finding]:
    """A Chromium that starts, for pages that need a browser."""
    found = find_browser(house.settings.chromium)
    if found.found:
        yield good("trình duyệt", found.text)
    else:
        text = f"{found.text}; các nguồn cần trình duyệt sẽ mù"
        yield warning("trình duyệt", text, "apt-get install chromium, hoặc đặt CANHGIAC_CHROMIUM")


def pictures(_: House) -> Iterator[Finding]:
    """Whether QR codes and text in pictures can be read here."""
    from extraction.image import CURES, PROBLEMS, missing

    lacking = missing()
    for code, reason in lacking.items():
        yield warning("đọc ảnh", f"{PROBLEMS[code]} ({reason}); số trong ảnh sẽ bị bỏ sót", CURES[code])
    if not lacking:
        yield good("đọc ảnh", "đọc được mã QR và chữ trong ảnh")


def java() -> Finding:
    """For `canhgiac dev elasticsearch` alone."""
    path = shutil.which("java")
    if path is None:
        return warning(
            "Java", "không có", "Chỉ cần để chạy Elasticsearch trên máy này: apt-get install openjdk-17-jre-headless"
        )
    shown = subprocess.run(
        [path, "-version"], capture_output=True, text=True, timeout=30, check=False
    ).stderr.splitlines()
    return good("Java", shown[0] if shown else path)


def gate(house: House) -> Iterator[Finding]:
    """That a crawl cannot reach this machine's own services: a real crawl child is sent to a canary here."""
    visits: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Canary) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        source = Source(
            id="canary", title="canary", spider="feed", kind="news", url=f"http://127.0.0.1:{server.server_port}/rss"
        )
        trial = house.try_source(source)
        server.shutdown()
    if visits or not trial.run.error:
        yield fault(
            "cổng ra mạng", "một trang nội bộ đã bị tải", "Không chạy thu thập khi cổng không chặn; cài lại: make setup"
        )
    else:
        yield good("cổng ra mạng", "địa chỉ nội bộ bị chặn")


Check = Callable[["House"], Iterator[Finding]]
