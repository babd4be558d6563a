"""`canhgiac doctor`: the self-check, with the cure for each fault."""

from __future__ import annotations

import click

from console.terminal import emit, example

_MARKS = {"good": "  tốt ", "warning": "  lưu ý", "fault": "  LỖI  "}


@click.command(epilog=example("canhgiac doctor"))
@click.option("--json", "as_json", is_flag=True, help="Mỗi mục một dòng JSON.")
@click.option(
    "--quick", is_flag=True, help="Bỏ qua những gì mất vài giây: trình duyệt, cổng ra mạng, ví dụ của truy vấn."
)
@click.pass_context
def doctor(context: click.Context, as_json: bool, quick: bool) -> None:
    """Tự kiểm tra mọi bộ phận; mỗi lỗi kèm cách sửa. Mã thoát 1 khi có lỗi."""
    from console.checks import Verdict, check_all
    from console.wiring import open_house

    faults = 0
    for finding in check_all(open_house(), quick=quick):
        faults += finding.verdict is Verdict.FAULT
        if as_json:
            emit({"part": finding.part, "verdict": finding.verdict.value, "text": finding.text, "cure": finding.cure})
            continue
        click.echo(f"{_MARKS[finding.verdict.value]}  {finding.part}: {finding.text}")
        if finding.cure:
            click.echo(f"           → {finding.cure}")
    if not as_json:
        click.echo("Mọi bộ phận đều dùng được." if not faults else f"{faults} lỗi cần sửa.")
    context.exit(1 if faults else 0)
