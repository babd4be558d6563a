"""`canhgiac query`: saved queries, checked against their examples and against the past."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.shapes import backtest_json, query_json
from console.terminal import decimal, emit, example, local_time, number, one_line, table, warn
from model.errors import CanhGiacError, ConfigError, SearchUnavailableError
from model.query import PRIORITY_LABELS, Priority, SavedQuery

if TYPE_CHECKING:
    from alerts.backtest import Backtest
    from console.wiring import House


@click.group()
def query() -> None:
    """Truy vấn lưu: những gì đang được theo dõi."""


def _house() -> House:
    from console.wiring import open_house

    house = open_house().connect()
    warn(house.sync().errors)
    return house


@query.command("list", epilog=example("canhgiac query list"))
@click.option("--json", "as_json", is_flag=True, help="Mỗi truy vấn một dòng JSON.")
def list_queries(as_json: bool) -> None:
    """Các truy vấn lưu."""
    from store import queries

    _house()
    found = queries.list_queries()
    if as_json:
        for item in found:
            emit(query_json(item))
        return
    rows = [
        (
            item.id,
            "bật" if item.enabled else "tắt",
            item.form or "–",
            PRIORITY_LABELS[item.priority],
            ",".join(item.recipients) or "–",
            item.title,
        )
        for item in found
    ]
    click.echo(
        table(rows, ("Truy vấn", "Bật", "Hình thức", "Mức", "Người nhận", "Tên")) if rows else "Chưa có truy vấn nào."
    )


@query.command("check", epilog=example("canhgiac query check '\"lừa đảo\" and phones: *'"))
@click.argument("kql", required=False)
@click.option("--all", "everything", is_flag=True, help="Mọi truy vấn lưu, với ví dụ của chúng.")
@click.pass_context
def check(context: click.Context, kql: str | None, everything: bool) -> None:
    """Kiểm tra cú pháp một truy vấn; --all kiểm tra mọi truy vấn lưu cùng các ví dụ phải khớp, không được khớp."""
    if (kql is None) == (not everything):
        raise click.UsageError("Cần một truy vấn, hoặc --all")
    if kql is not None:
        from indexer.kql import parse, print_kql

        click.echo(f"Đúng cú pháp: {print_kql(parse(kql))}")
        return
    from console.wiring import open_house

    read = open_house().read_sheets()
    problems = [str(error) for error in read.errors]
    for item in read.queries:
        problems += failed_examples(item)
    for problem in problems:
        click.echo(problem, err=True)
    click.echo(f"{len(read.queries)} truy vấn, {len(problems)} lỗi.")
    context.exit(2 if problems else 0)


def failed_examples(item: SavedQuery) -> list[str]:
    """A sentence for every example that the query treats otherwise than its sheet says."""
    from console.trying import matches_text

    problems = []
    for wanted, texts in ((True, item.examples.match), (False, item.examples.no_match)):
        for text in texts:
            if matches_text(item, text) is not wanted:
                verdict = "không khớp" if wanted else "lại khớp"
                problems.append(f"{item.file or item.id}: examples: {verdict} với ví dụ {one_line(text)[:80]!r}")
    return problems


@query.command("backtest", epilog=example("canhgiac query backtest fake_police --days 30"))
@click.argument("identifier", metavar="ID|TỆP")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="Số ngày nhìn lại.")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
def backtest(identifier: str, days: int, as_json: bool) -> None:
    """Truy vấn này sẽ khớp bao nhiêu bài, gửi bao nhiêu thư mỗi ngày, có vượt hạn mức, trùng với truy vấn nào.

    ID là truy vấn đang lưu; hoặc tên tệp YAML của truy vấn chưa thêm.
    """
    from extraction.defang import defang

    house = _house()
    done = house.backtest(_query(house, identifier), days=days)
    if as_json:
        emit(backtest_json(done))
        return
    for line in _told(done):
        click.echo(line)
    rows = [
        (
            local_time(version.document.collected),
            version.document.source,
            defang(one_line(version.document.title or version.document.text))[:120],
        )
        for version in done.sample
    ]
    if rows:
        click.echo(f"\nMẫu {len(rows)} bài mới nhất:\n" + table(rows, ("Thu thập", "Nguồn", "Nội dung")))


def _query(house: House, identifier: str) -> SavedQuery:
    """The saved query of that id, or of a file that is not added yet."""
    from store import queries

    path = Path(identifier)
    if path.suffix in (".yaml", ".yml") and path.is_file():
        return house.read_query_file(path)
    item = queries.get(identifier)
    if item is None:
        raise CanhGiacError(f"không có truy vấn {identifier!r}. Xem danh sách: canhgiac query list")
    return item


def _told(done: Backtest) -> Iterator[str]:
    """The outcome in sentences, what is wrong last."""
    name, days = done.query.id, done.days
    yield (
        f"{name}: {number(done.hits)} bài trong {days} ngày, {decimal(done.hits / days)} bài mỗi ngày, "
        f"{decimal(done.share * 100)}% số bài thu thập."
    )
    weighed, reach = done.weighed
    part = "" if weighed >= done.hits else f" (tính trên {number(weighed)} bài mới nhất, {decimal(reach)} ngày)"
    yield f"Đầu mối: {number(done.leads)}, {decimal(done.leads_per_day)} mỗi ngày{part}."
    if not done.loads:
        urgent = done.query.priority is Priority.IMMEDIATE
        yield "Thư báo ngay: " + (
            "chưa có nơi nhận nào (recipients.yaml)." if urgent else "không, chỉ vào bản tin ngày."
        )
    for load in done.loads:
        yield (
            f"Thư cho {load.recipient.name}: {decimal(load.mails)} mỗi ngày, ngày nhiều nhất {load.busiest}; "
            f"hạn mức {load.recipient.daily_budget}, các truy vấn khác đã gửi {decimal(load.others)} mỗi ngày."
        )
    if done.overlaps:
        shares = (f"{other} ({number(hits)})" for other, hits in done.overlaps.items())
        yield "Bài trùng với truy vấn khác: " + ", ".join(shares)
    if not done.hits:
        yield "LƯU Ý: không khớp bài nào. Thử bớt điều kiện, hoặc canhgiac query check để xem truy vấn được hiểu thế nào."
    if done.broad:
        yield "LƯU Ý: quá rộng, khớp hơn một phần hai mươi số bài. Hãy thêm điều kiện bằng and."
    for load in done.loads:
        if not load.within:
            yield (
                f"VƯỢT HẠN MỨC: {load.recipient.name}"
                + (f", {load.over} ngày quá {load.recipient.daily_budget} thư" if load.over else "")
                + ". Thư vượt vào bản tin ngày. Hãy thu hẹp truy vấn, đặt priority: digest, hoặc tăng daily_budget."
            )


@query.command("add", epilog=example("canhgiac query add truy-van.yaml"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def add(file: Path) -> None:
    """Thêm truy vấn từ tệp YAML vào $CANHGIAC_HOME/config/queries, sau khi kiểm tra cú pháp và ví dụ."""
    house = _house()
    item = house.read_query_file(file)
    if problems := failed_examples(item):
        raise ConfigError("; ".join(problems), file=str(file), key="examples", cure="Sửa truy vấn hoặc ví dụ")
    kept = house.keep_query_file(item.id, file)
    warn(house.sync().errors)
    click.echo(f"Đã thêm {item.id}: {item.title} ({kept})")
    _look_back(house, item.id)


def _look_back(house: House, identifier: str) -> None:
    """Takes the query over what came before it, as the worker would, and says what came of it."""
    try:
        done = [one for one in house.backfill_all() if one.query == identifier]
    except SearchUnavailableError as error:
        click.echo(f"Chưa rà lại được bài cũ: {error}. Tiến trình nền sẽ rà lại khi chỉ mục trả lời.", err=True)
        return
    days = house.settings.backfill_days
    for one in done:
        click.echo(f"Đã rà lại {days} ngày qua: {number(one.hits)} bài khớp, {number(one.leads)} đầu mối mới.")
