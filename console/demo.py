"""The demo: the main job on the bundled town, with a real inbox, and then a look at the truth.

Town, inbox, worker and console are processes of their own; the worker is that of `canhgiac run`, allowed the town's
loopback addresses. This process watches the store from outside and reads the truth in its last step alone.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
import yaml
from attrs import frozen

from console.chromium import find_browser
from console.demo_report import Result, print_report, read_result, tally, watched
from console.shapes import lead_json
from console.supervisor import ChildPlan, Supervisor
from console.terminal import number, progress
from console.wiring import House, open_house
from model.errors import CanhGiacError, ConfigError
from model.source import BLIND_STATES, SourceStatus

if TYPE_CHECKING:
    from town.truth import Score, Truth

DEFAULT_SEED = 1
READY_SECONDS = 30.0
WAIT_SECONDS = 240.0
"""Longest wait for the town to be collected; on two slow cores it takes about 30 s."""
NEEDS_BROWSER = "ads"
"""The town's site that is only seen with a browser."""
MOST_VISITS = 3
"""Visits after which a source whose items still fail is waited for no longer."""

RECIPIENTS = (
    {
        "id": "truc_ban",
        "name": "Trực ban",
        "addresses": ["truc.ban@so.example.vn"],
        "daily_budget": 200,
        "stand_in": "truong_phong",
    },
    {"id": "truong_phong", "name": "Trưởng phòng", "addresses": ["truong.phong@so.example.vn"], "daily_budget": 200},
)
"""Two people, so that the inbox shows who gets what."""

_KEPT = (
    "CANHGIAC_CHROMIUM",
    "CANHGIAC_CONSOLE_PORT",
    "CANHGIAC_LOG_",
    "CANHGIAC_FAULT_",
    "CANHGIAC_ELASTICSEARCH_HOME",
)


@frozen(kw_only=True)
class Plan:
    """What was asked. index: `embedded` or `elasticsearch`."""

    home: Path
    seed: int
    once: bool
    index: str


def run_demo(plan: Plan) -> int:
    """Runs the demo; the exit status: 0 when the truth was met."""
    _claim_home(plan)
    for name in list(os.environ):
        if name.startswith("CANHGIAC_") and not name.startswith(_KEPT):
            del os.environ[name]
    logs = plan.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        supervisor = stack.enter_context(Supervisor(log_folder=logs, folder=plan.home))
        if plan.index == "elasticsearch":
            stack.enter_context(_elasticsearch())
        sites = _start_town(supervisor, plan)
        house = _start_house(supervisor, plan, sites)
        started, before = house.clock(), tally()
        _start_worker(supervisor, house, sites)
        _wait(supervisor, house, started)
        house.make_digest(house.clock())
        _wait_for_mail(supervisor)
        result = read_result(started)
        print_report(result, before)
        status = _judge(house, plan, result)
        if plan.once or supervisor.stopping:
            return status
        click.echo(f"\nXem tại {house.settings.public_url} – thị trấn: {sites['index']} (có nút đăng tin lừa đảo mới)")
        click.echo("Ctrl-C để dừng.")
        supervisor.watch()
        return status


def _claim_home(plan: Plan) -> None:
    """Makes the home the demo's. Raises ConfigError for one that holds an installation or another seed."""
    mark = plan.home / "demo.json"
    try:
        plan.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if mark.exists():
            seed = json.loads(mark.read_text(encoding="utf-8"))["seed"]
            if seed != plan.seed:
                raise ConfigError(
                    f"thư mục {plan.home} là của bản trình diễn với --seed {seed}",
                    key="CANHGIAC_HOME",
                    cure=f"Chạy với --seed {seed}, xóa thư mục, hoặc đặt CANHGIAC_HOME sang thư mục khác",
                )
        elif (plan.home / "canhgiac.db").exists():
            raise ConfigError(
                f"thư mục {plan.home} đã có dữ liệu thật",
                key="CANHGIAC_HOME",
                cure="Đặt CANHGIAC_HOME sang thư mục khác",
            )
        mark.write_text(json.dumps({"seed": plan.seed}), encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"không ghi được vào thư mục {plan.home} ({error.strerror})",
            key="CANHGIAC_HOME",
            cure="Đặt CANHGIAC_HOME tới nơi ghi được",
        ) from None


@contextmanager
def _elasticsearch() -> Iterator[None]:
    from console.elasticsearch_server import running

    click.echo("Đang khởi động Elasticsearch (khoảng 15 giây)…", err=True)
    with running(short_lived=True) as server:
        os.environ["CANHGIAC_INDEX_URL"] = server.url
        yield


def _start_town(supervisor: Supervisor, plan: Plan) -> Mapping[str, str]:
    """Starts the town; site -> base URL. A town with a state folder comes back on the ports that it had."""
    ready = plan.home / "town.ready"
    ready.unlink(missing_ok=True)
    arguments = [
        "-m",
        "town.server",
        "--seed",
        str(plan.seed),
        "--state",
        str(plan.home / "town"),
        "--ready-file",
        str(ready),
        "--with-parent",
    ]
    supervisor.start(ChildPlan(name="town", arguments=arguments, restart=False))
    supervisor.wait_ready("town", ready.exists, seconds=READY_SECONDS)
    sites: Mapping[str, str] = json.loads(ready.read_text(encoding="utf-8"))
    return sites


def _start_house(supervisor: Supervisor, plan: Plan, sites: Mapping[str, str]) -> House:
    """Starts the inbox and writes the settings, sheets and recipients of the demo; the house on them, connected."""
    from town.sheets import write_sheets

    ready = plan.home / "inbox.ready"
    ready.unlink(missing_ok=True)
    arguments = ["-m", "console.inbox", "--folder", str(plan.home / "inbox"), "--ready-file", str(ready)]
    supervisor.start(ChildPlan(name="inbox", arguments=arguments, restart=False))
    supervisor.wait_ready("inbox", ready.exists, seconds=READY_SECONDS)
    write_sheets(sites, plan.home / "config" / "sources")
    (plan.home / "config" / "recipients.yaml").write_text(
        yaml.safe_dump_all(RECIPIENTS, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    os.environ |= {
        "CANHGIAC_HOME": str(plan.home),
        "CANHGIAC_DATABASE_URL": f"sqlite:///{plan.home / 'canhgiac.db'}",
        "CANHGIAC_SMTP_URL": f"smtp://127.0.0.1:{ready.read_text(encoding='ascii')}",
        "CANHGIAC_MAIL_SENDER": "canhgiac@so.example.vn",
        "CANHGIAC_CONSOLE_HOST": "127.0.0.1",
        "CANHGIAC_TICK_INTERVAL": "1s",
        "CANHGIAC_OUTBOX_INTERVAL": "1s",
        "CANHGIAC_CONTACT": "canhgiac@so.example.vn",
    }
    if not plan.once:
        os.environ["CANHGIAC_CONSOLE_PORT"] = _start_console(supervisor, plan)
    house = open_house(_env_file=None).connect()
    for error in house.sync().errors:
        raise error
    return house


def _start_console(supervisor: Supervisor, plan: Plan) -> str:
    """Starts the console; the port. A port that was asked for must be free; instead of the usual one another will do."""
    from console.serve import free_port, listen

    ready = plan.home / "console.ready"
    ready.unlink(missing_ok=True)
    wanted = open_house(_env_file=None).settings.console_port
    if "CANHGIAC_CONSOLE_PORT" in os.environ:
        listen("127.0.0.1", wanted).close()
    environment = {"CANHGIAC_CONSOLE_PORT": str(free_port("127.0.0.1", wanted))}
    supervisor.start(
        ChildPlan(
            name="console",
            arguments=["-m", "console.serve", "--demo", "--ready-file", str(ready)],
            environment=environment,
        )
    )
    supervisor.wait_ready("console", ready.exists, seconds=READY_SECONDS)
    return ready.read_text(encoding="ascii")


def _start_worker(supervisor: Supervisor, house: House, sites: Mapping[str, str]) -> None:
    """Starts the worker of `canhgiac run`, allowed the addresses of the town and no others."""
    arguments = ["-m", "console.worker", "--crawl-now"]
    for name, address in sites.items():
        if name != "index":
            arguments += ["--allow-address", urlsplit(address).netloc]
    supervisor.start(ChildPlan(name="worker", arguments=arguments))


def _wait(supervisor: Supervisor, house: House, started: datetime) -> None:
    """Waits until every source has been visited and all that it gave is matched, indexed and mailed."""
    until = time.monotonic() + WAIT_SECONDS
    with progress("Đang thu thập") as shown:
        while not supervisor.stopping:
            supervisor.look()
            statuses = watched()
            visited = [status for status in statuses if _is_visited(status, started, house)]
            held = tally()
            shown.update(
                f"{len(visited)}/{len(statuses)} nguồn, {number(held.documents)} bài, {held.leads} đầu mối, {held.sent} thư đã gửi"
            )
            if len(visited) == len(statuses) and not _waiting(house):
                return
            if time.monotonic() > until:
                names = (
                    ", ".join(status.source.id for status in statuses if status not in visited)
                    or "đối chiếu, chỉ mục hoặc thư"
                )
                raise CanhGiacError(
                    f"chờ quá {WAIT_SECONDS:.0f} giây, chưa xong: {names}. Xem {house.home / 'logs' / 'worker.log'}"
                )
            time.sleep(0.3)


def _is_visited(status: SourceStatus, started: datetime, house: House) -> bool:
    """Visited since the start, with nothing left that may be asked for now but what is asked for at every visit."""
    from store import sources

    run = status.last_run
    if run is None or run.finished is None or run.started < started:
        return False
    if status.state in BLIND_STATES or not status.pending:
        return True
    if not sources.pending(status.source.id, house.clock(), 1):
        return True
    former = [item for item in sources.runs(status.source.id, limit=MOST_VISITS) if item.finished and item.id != run.id]
    quiet = not run.new and not run.updated and bool(former) and former[0].pending == run.pending
    return quiet or len([item for item in former if item.started >= started]) >= MOST_VISITS - 1


def _waiting(house: House) -> bool:
    """Whether anything is still to be matched, indexed or sent."""
    from alerts.raise_leads import CHECKPOINT
    from indexer.follow import lag
    from store import deliveries, documents

    if documents.last_revision() > documents.checkpoint(CHECKPOINT) or lag(house.index):
        return True
    counts = deliveries.counts()
    return bool(counts.get("new") or counts.get("sending"))


def _wait_for_mail(supervisor: Supervisor, seconds: float = 30.0) -> None:
    from store import deliveries

    until = time.monotonic() + seconds
    while not supervisor.stopping and time.monotonic() < until:
        supervisor.look()
        counts = deliveries.counts()
        if not counts.get("new") and not counts.get("sending"):
            return
        time.sleep(0.1)


def _no_browser(house: House) -> bool:
    """Whether this machine has no Chromium that starts; then says so, with the cure."""
    browser = find_browser(house.settings.chromium)
    if not browser.found:
        click.echo(
            f"\nThư viện quảng cáo là nguồn mù: {browser.text}.\n"
            "Cách sửa: apt-get install chromium, hoặc đặt CANHGIAC_CHROMIUM. Sự thật dưới đây tính trên phần còn lại."
        )
    return not browser.found


def _unread_pictures() -> list[str]:
    """Kinds of pictures (`town.pictures`) that this machine cannot read; says so, with the cure."""
    from extraction.image import CURES, PROBLEMS, missing
    from town.pictures import CODE, LETTERS

    lacking = missing()
    for code, reason in lacking.items():
        click.echo(
            f"\nẢnh: {PROBLEMS[code]} ({reason}).\nCách sửa: {CURES[code]}. Sự thật dưới đây tính trên phần còn lại."
        )
    return [kind for kind, code in ((CODE, "no_codes"), (LETTERS, "no_text")) if code in lacking]


def _tell_of_pictures(wanted: Truth, judged: Score, result: Result, unread: Sequence[str]) -> None:
    """How many of the frauds that stand in nothing but pictures were found, and how many pictures were read."""
    pictures = [picture for version in result.versions.values() for picture in version.document.pictures]
    hidden = [campaign for campaign in wanted.campaigns if campaign.only_in]
    seen = [campaign for campaign in hidden if campaign.id in judged.found]
    read = sum(not picture.problems for picture in pictures)
    click.echo(f"  Trong đó chỉ có trong ảnh: tìm được {len(seen)}/{len(hidden)}; đã đọc {read}/{len(pictures)} ảnh")
    left_out = [campaign.id for campaign in hidden if campaign.only_in in unread]
    if left_out:
        click.echo(f"  Không tính vì máy này chưa đọc được ảnh: {', '.join(left_out)}")


def _judge(house: House, plan: Plan, result: Result) -> int:
    """The last step: compares with the truth of the town."""
    from town.sheets import source_id
    from town.truth import score, truth

    blind = {status.source.id for status in result.statuses if status.state in BLIND_STATES}
    unreached = [NEEDS_BROWSER] if source_id(NEEDS_BROWSER) in blind and _no_browser(house) else []
    unread = _unread_pictures()
    wanted = truth(plan.seed, without=unreached, unread=unread)
    collected = [
        {"source": item.document.source, "external_id": item.document.external_id} for item in result.versions.values()
    ]
    judged = score(wanted, [lead_json(lead, result.versions, []) for lead in result.leads], collected)
    click.echo("\nSo với sự thật của thị trấn")
    click.echo(f"  Vụ lừa đảo được dựng sẵn: tìm được {len(judged.found)}/{len(wanted.planted)}")
    _tell_of_pictures(wanted, judged, result, unread)
    if judged.missed:
        click.echo(f"  Bỏ sót: {', '.join(judged.missed)}")
    click.echo(f"  Đầu mối báo nhầm: {len(judged.false_leads)} {' '.join(judged.false_leads)}")
    click.echo(f"  Bài lương thiện bị nêu nhầm: {len(judged.honest_raised)}/{len(wanted.honest)}")
    if judged.missing:
        click.echo("  Bài chưa thu được: " + ", ".join(f"{source} {count}" for source, count in judged.missing.items()))
    if (unreached or unread) and os.environ.get("CI"):
        click.echo("Lỗi: trong CI phải có Chromium và bộ đọc ảnh.", err=True)
        return 1
    met = not judged.missed and len(judged.false_leads) <= 1
    click.echo("Đạt." if met else "CHƯA ĐẠT: cần tìm đủ các vụ và nhầm nhiều nhất một.")
    return 0 if met else 1
