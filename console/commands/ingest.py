"""`canhgiac ingest`: documents from a file through steps 4 to 7; nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import click

from console.terminal import emit, example, number, progress, warn


@click.command(epilog=example("canhgiac ingest bai-dang.jsonl --json"))
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Kết thúc bằng một dòng JSON.")
@click.pass_context
def ingest(context: click.Context, file: BinaryIO, as_json: bool) -> None:
    """Nhập các bài viết JSONL từ FILE (hoặc - là stdin): tách định danh, đối chiếu, tạo đầu mối, lập chỉ mục.

    Mỗi dòng: source, source_kind, url, title, text hoặc html, author, published, external_id, counts, images (địa chỉ
    ảnh: chỉ ghi lại, không tải; ảnh nằm ngay trong dòng, data:image/png;base64,..., thì được đọc).
    Không gửi thư: thư chờ trong hộp gửi (canhgiac outbox flush).
    """
    from console.importing import import_lines
    from console.wiring import open_house

    house = open_house().connect()
    warn(house.sync().errors)
    with progress("Đang nhập") as shown:
        result = import_lines(house, lines_of(file), on_batch=lambda read: shown.update(f"{number(read)} bài"))
    answer = {
        "read": result.read,
        "new": result.new,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "quarantined": result.quarantined,
        "leads": result.leads,
        "indexed": result.indexed,
    }
    if as_json:
        emit(answer)
    else:
        click.echo(
            f"Đã đọc {number(result.read)} bài: {number(result.new)} mới, {number(result.updated)} cập nhật, "
            f"{number(result.unchanged)} không đổi, {number(result.quarantined)} bị cách ly; "
            f"{number(result.leads)} đầu mối mới."
        )
        if result.quarantined:
            click.echo("Lý do cách ly: canhgiac doctor")
    if not result.indexed:
        click.echo(
            f"Chưa lập chỉ mục được: {result.index_problem}. Bài và đầu mối đã lưu; sẽ lập chỉ mục sau.", err=True
        )
        context.exit(1)


def lines_of(stream: BinaryIO) -> Iterator[str]:
    """The non-blank lines as text; bytes that are not UTF-8 become U+FFFD, and the line is judged by what it then holds."""
    for line in stream:
        if not line.isspace():
            yield line.decode("utf-8-sig", "replace")
