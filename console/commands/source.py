"""`canhgiac source`: the register of sources and their health."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.proposing import guess_source
from console.shapes import draft_json, run_json, source_json
from console.terminal import emit, example, local_time, number, one_line, table, warn
from extraction.defang import defang
from model.document import ROLE_LABELS, SOURCE_KINDS
from model.errors import CanhGiacError
from model.source import BLIND_STATES, STATE_LABELS, Source, SourceStatus

if TYPE_CHECKING:
    from console.wiring import House


@click.group()
def source() -> None:
    """Nguồn tin: danh sách, sức khỏe, thử, bật, tắt."""


def _house() -> House:
    """The house, its sheets read; what is wrong with them goes to stderr."""
    from console.wiring import open_house

    house = open_house().connect()
    warn(house.sync().errors)
    return house


@source.command("list", epilog=example("canhgiac source list"))
@click.option("--json", "as_json", is_flag=True, help="Mỗi nguồn một dòng JSON.")
@click.option("--all", "everything", is_flag=True, help="Cả nguồn đang tắt và nguồn nhập từ tệp.")
def list_sources(as_json: bool, everything: bool) -> None:
    """Các nguồn và tình trạng."""
    from store import sources

    _house()
    found = [
        status
        for status in sources.list_statuses()
        if everything or as_json or status.source.enabled or status.documents
    ]
    if as_json:
        for status in found:
            emit(source_json(status))
        return
    click.echo(
        table((_row(status) for status in found), ("Nguồn", "Bật", "Tình trạng", "Bài", "Chờ", "Lần tới", "Tên"))
        if found
        else "Chưa bật nguồn nào. Xem tất cả: canhgiac source list --all"
    )


def _row(status: SourceStatus) -> tuple[object, ...]:
    item = status.source
    return (
        item.id,
        "có" if item.enabled else "tắt" if item.spider else "nhập",
        STATE_LABELS[status.state],
        number(status.documents),
        status.pending,
        local_time(status.next_due) if item.enabled and item.spider else "–",
        item.title,
    )


def _status(identifier: str) -> SourceStatus:
    from store import sources

    status = sources.get_status(identifier)
    if status is None:
        raise CanhGiacError(f"không có nguồn {identifier!r}. Xem danh sách: canhgiac source list --all")
    return status


@source.command("show", epilog=example("canhgiac source show vnexpress_phap_luat"))
@click.argument("identifier", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
def show(identifier: str, as_json: bool) -> None:
    """Một nguồn và những lần ghé gần đây."""
    from store import sources

    _house()
    status = _status(identifier)
    visits = sources.runs(identifier, limit=10)
    if as_json:
        emit(source_json(status) | {"options": dict(status.source.options), "runs": [run_json(run) for run in visits]})
        return
    item = status.source
    click.echo(f"{item.id}: {item.title}\n  {item.url}")
    click.echo(
        f"  loại {item.kind}, spider {item.spider or '–'}, {'bật' if item.enabled else 'tắt'}, mỗi {item.interval}, tệp {item.file or '–'}"
    )
    click.echo(
        f"  {STATE_LABELS[status.state]} từ {local_time(status.state_since)}, {number(status.documents)} bài, {status.pending} bài chờ tải lại"
    )
    if item.notice:
        click.echo(f"  Lưu ý: {item.notice}")
    rows = [
        (
            local_time(run.started),
            STATE_LABELS[run.state],
            run.pages,
            run.new,
            run.updated,
            run.not_modified,
            one_line(run.error),
        )
        for run in visits
    ]
    if rows:
        click.echo(table(rows, ("Lúc", "Kết quả", "Trang", "Mới", "Sửa", "304", "Lỗi")))


@source.command("new", epilog=example("canhgiac source new https://bao.example.vn/rss/phap-luat.rss"))
@click.argument("url")
def new(url: str) -> None:
    """In một phiếu nguồn mẫu cho URL; sửa lại rồi lưu vào $CANHGIAC_HOME/config/sources/."""
    guess = guess_source(url)
    click.echo(
        f"id: {guess.id}\n"
        f"title: {guess.title}\n"
        f"spider: {guess.spider}            # feed, listing, json_api, thread, browser\n"
        f"kind: {guess.kind}              # {', '.join(SOURCE_KINDS)}\n"
        f"url: {guess.url}\n"
        "interval: 30m\n"
        "enabled: false          # bật sau khi thử: canhgiac source test TỆP\n"
        "expect_min: 1\n"
        "access_basis: public page\n"
        'terms_checked_on: ""\n'
        f"notice: {guess.notice}"
    )
    click.echo(
        f"# Lưu thành $CANHGIAC_HOME/config/sources/{guess.id}.yaml, rồi: canhgiac source test {guess.id}", err=True
    )


@source.command("health", epilog=example("canhgiac source health"))
@click.option("--json", "as_json", is_flag=True, help="Mỗi nguồn một dòng JSON.")
@click.pass_context
def health(context: click.Context, as_json: bool) -> None:
    """Những nguồn đang bật mà ta không nhìn thấy gì, và từ khi nào; mã thoát 1 khi có."""
    from store import sources

    _house()
    watched = [status for status in sources.list_statuses() if status.source.enabled and status.source.spider]
    blind = [status for status in watched if status.state in BLIND_STATES]
    if as_json:
        for status in watched:
            emit(source_json(status))
    else:
        click.echo(f"{len(watched)} nguồn đang bật, {len(blind)} nguồn mù")
        rows = [
            (
                status.source.id,
                STATE_LABELS[status.state],
                local_time(status.state_since),
                one_line(status.last_run.error if status.last_run else ""),
            )
            for status in blind
        ]
        if rows:
            click.echo(table(rows, ("Nguồn", "Tình trạng", "Từ lúc", "Lỗi")))
    context.exit(1 if blind else 0)


@source.command("enable", epilog=example("canhgiac source enable vnexpress_phap_luat"))
@click.argument("identifier", metavar="ID")
def enable(identifier: str) -> None:
    """Bật một nguồn: lần quét tới sẽ ghé."""
    _switch(identifier, on=True)


@source.command("disable", epilog=example("canhgiac source disable vnexpress_phap_luat"))
@click.argument("identifier", metavar="ID")
def disable(identifier: str) -> None:
    """Tắt một nguồn; bài đã có vẫn giữ."""
    _switch(identifier, on=False)


def _switch(identifier: str, *, on: bool) -> None:
    from store import sources

    house = _house()
    status = _status(identifier)
    now: datetime = house.clock()
    sources.set_enabled(identifier, on, now, actor="cli")
    click.echo(f"Đã {'bật' if on else 'tắt'} {identifier} ({status.source.title}).")


@source.command(
    "test", epilog=example("canhgiac source test http://127.0.0.1:8080/rss.xml --allow-address 127.0.0.1:8080")
)
@click.argument("target", metavar="ID|URL|TỆP")
@click.option("--allow-address", "allow", multiple=True, metavar="HOST:PORT", help="Cho phép một địa chỉ trên máy này.")
@click.option("--json", "as_json", is_flag=True, help="Mỗi bài một dòng JSON.")
@click.pass_context
def test(context: click.Context, target: str, allow: tuple[str, ...], as_json: bool) -> None:
    """Tải thử một nguồn (theo id, tệp phiếu hoặc URL của một RSS) và in những gì đọc được; không lưu gì."""
    house = _house()
    trial = house.try_source(_wanted(house, target), allow=allow)
    for document in trial.documents:
        if as_json:
            emit(draft_json(document))
            continue
        click.echo(f"- {defang(one_line(document.title or document.text))[:110]}")
        for mention in document.mentions:
            click.echo(f"    {mention.kind} {defang(mention.value)} ({ROLE_LABELS[mention.role]})")
    run = trial.run
    good = run.state not in BLIND_STATES
    click.echo(
        f"{STATE_LABELS[run.state]}: {run.pages} trang, {run.listed} mục, {len(trial.documents)} bài đọc được. {one_line(run.error)}",
        err=as_json or not good,
    )
    for refusal in trial.refusals:
        click.echo(f"Cổng ra mạng đã chặn: {refusal}", err=True)
    context.exit(0 if good else 1)


def _wanted(house: House, target: str) -> Source:
    """The source of an id, of a sheet's file, or of a bare URL."""
    if target.startswith(("http://", "https://")):
        return guess_source(target)
    if target.endswith((".yaml", ".yml")):
        return house.read_source_file(Path(target))
    return _status(target).source
