"""`canhgiac reindex`: the search index anew from the log, or moved to another address."""

from __future__ import annotations

import click

from console.terminal import emit, example, number, progress


@click.command(epilog=example("canhgiac reindex"))
@click.option("--to", "target", metavar="URL", help="Chỉ mục mới: sqlite:////đường/dẫn.db hoặc http(s)://máy:9200.")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
def reindex(target: str | None, as_json: bool) -> None:
    """Dựng lại chỉ mục tìm kiếm từ nhật ký bài viết; kết quả tìm không đổi."""
    from console.wiring import open_house

    house = open_house().connect()
    with progress("Đang lập chỉ mục") as shown:
        count = house.reindex(target, on_progress=lambda done: shown.update(f"{number(done)} bài"))
    if as_json:
        emit({"indexed": count, "index": target or house.shown_index})
        return
    click.echo(f"Đã lập chỉ mục {number(count)} bài.")
    if target:
        click.echo(f"Đặt CANHGIAC_INDEX_URL={target} rồi khởi động lại để dùng chỉ mục mới.")
