"""`canhgiac crawl`: visits sources now."""

from __future__ import annotations

from pathlib import Path

import click

from console.shapes import run_json
from console.terminal import emit, example, number, one_line, progress, table, warn
from model.errors import CanhGiacError
from model.source import BLIND_STATES, STATE_LABELS, Run


@click.command(epilog=example("canhgiac crawl --once --json"))
@click.option(
    "--source",
    "named",
    multiple=True,
    metavar="ID",
    help="Chỉ nguồn này (kể cả chưa tới lượt, đang tắt); lặp lại được.",
)
@click.option(
    "--sources",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Thêm các phiếu nguồn trong thư mục.",
)
@click.option("--once", is_flag=True, help="Ghé mọi nguồn đang bật một lần, kể cả chưa tới lượt.")
@click.option("--allow-address", "allow", multiple=True, metavar="HOST:PORT", help="Cho phép một địa chỉ trên máy này.")
@click.option("--json", "as_json", is_flag=True, help="Mỗi lần ghé một dòng JSON.")
@click.pass_context
def crawl(
    context: click.Context,
    named: tuple[str, ...],
    folder: Path | None,
    once: bool,
    allow: tuple[str, ...],
    as_json: bool,
) -> None:
    """Thu thập ngay các nguồn tới lượt (hoặc được nêu tên), rồi đối chiếu và lập chỉ mục; không gửi thư."""
    from console.wiring import open_house
    from model.errors import SearchUnavailableError
    from store import sources

    house = open_house(extra_sources=[folder.absolute()] if folder else []).connect()
    warn(house.sync().errors)
    known = {status.source.id: status.source for status in sources.list_statuses()}
    for identifier in named:
        if identifier not in known or not known[identifier].spider:
            raise CanhGiacError(f"không có nguồn {identifier!r} để thu thập. Xem danh sách: canhgiac source list --all")
    only = list(named) or ([item.id for item in known.values() if item.enabled] if once else None)
    visited: list[Run] = []
    with progress("Đang thu thập") as shown:

        def on_run(run: Run) -> None:
            visited.append(run)
            shown.update(f"{len(visited)} nguồn, {number(sum(item.new for item in visited))} bài mới")
            if as_json:
                emit(run_json(run))

        house.crawl(allow=allow, only=only, force=bool(only), on_run=on_run)
    house.raise_leads()
    try:
        house.catch_up()
    except SearchUnavailableError as error:
        click.echo(f"Chưa lập chỉ mục được: {error}. Bài và đầu mối đã lưu.", err=True)
    if not as_json:
        _show(visited)
    context.exit(1 if visited and all(run.state in BLIND_STATES for run in visited) else 0)


def _show(visited: list[Run]) -> None:
    if not visited:
        click.echo("Không có nguồn nào tới lượt. Ghé ngay: canhgiac crawl --once")
        return
    rows = [
        (
            run.source,
            STATE_LABELS[run.state],
            run.pages,
            run.new,
            run.updated,
            run.not_modified,
            run.pending,
            one_line(run.error),
        )
        for run in visited
    ]
    click.echo(table(rows, ("Nguồn", "Kết quả", "Trang", "Mới", "Sửa", "304", "Chờ", "Lỗi")))
