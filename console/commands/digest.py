"""`canhgiac digest`: what the daily digest says, now or for a day."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from console.terminal import example, warn


@click.command(epilog=example("canhgiac digest --html ban-tin.html"))
@click.option(
    "--date", type=click.DateTime(["%Y-%m-%d"]), help="Bản tin của ngày này (làm lúc 7:30); mặc định: tới bây giờ."
)
@click.option("--send", is_flag=True, help="Gửi cho những người nhận bản tin (mỗi kỳ chỉ một lần).")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Ghi bản HTML vào tệp.")
@click.pass_context
def digest(context: click.Context, date: datetime | None, send: bool, html: Path | None) -> None:
    """In bản tin ngày: đầu mối mới, đầu mối chờ quyết định, thủ đoạn tăng, nguồn không nhìn thấy, sổ cái thư."""
    from console.wiring import open_house

    house = open_house().connect()
    warn(house.sync().errors)
    due = house.digest_due(date.date()) if date else house.clock()
    message = house.preview_digest(due)
    if html:
        html.write_text(message.html, encoding="utf-8")
        click.echo(f"Đã ghi {html}")
    elif not send:
        click.echo(message.subject + "\n\n" + message.text)
    if not send:
        return
    made = house.make_digest(due)
    if made is None:
        click.echo("Bản tin kỳ này đã được làm rồi; không gửi lại.", err=True)
        context.exit(1)
    result = house.flush_outbox()
    click.echo(
        f"Bản tin cho {len(made or ())} địa chỉ; đã gửi {result.sent} thư, hoãn {result.deferred}, không gửi được {result.dead}."
    )
    context.exit(1 if result.dead or result.deferred else 0)
