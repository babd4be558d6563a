"""`canhgiac outbox`: deliveries on their way, sent, held and dead."""

from __future__ import annotations

import click

from console.shapes import delivery_json
from console.terminal import emit, example, local_time, number, table
from model.message import DELIVERY_LABELS, DeliveryState


@click.group()
def outbox() -> None:
    """Hộp gửi: thư chờ gửi, đã gửi, không gửi được."""


@outbox.command("list", epilog=example("canhgiac outbox list --state new --json"))
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]), help="Chỉ trạng thái này.")
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="Số thư; 0 = tất cả.")
@click.option("--json", "as_json", is_flag=True, help="Mỗi thư một dòng JSON.")
def list_outbox(state: str | None, limit: int, as_json: bool) -> None:
    """Các thư, mới nhất trước."""
    from console.wiring import open_house
    from store import deliveries

    open_house().connect()
    found = deliveries.list_deliveries(state=state, limit=limit or None)
    if as_json:
        for delivery in found:
            emit(delivery_json(delivery))
        return
    rows = [
        (
            DELIVERY_LABELS[item.state],
            local_time(item.sent_at or item.next_at or item.created),
            item.address,
            item.attempts,
            f"{item.message.subject}  {item.reply}",
        )
        for item in found
    ]
    click.echo(
        ", ".join(
            f"{DELIVERY_LABELS[DeliveryState(key)]}: {number(count)}" for key, count in deliveries.counts().items()
        )
        or "Chưa có thư nào."
    )
    if rows:
        click.echo(table(rows, ("Trạng thái", "Lúc", "Người nhận", "Lần thử", "Tiêu đề")))


@outbox.command("flush", epilog=example("canhgiac outbox flush --json"))
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@click.pass_context
def flush(context: click.Context, as_json: bool) -> None:
    """Gửi ngay những thư đã tới lượt."""
    from console.wiring import open_house

    result = open_house().connect().flush_outbox()
    if as_json:
        emit({"sent": result.sent, "deferred": result.deferred, "dead": result.dead})
    else:
        click.echo(f"Đã gửi {result.sent}, hoãn {result.deferred}, không gửi được {result.dead}.")
    if result.dead or result.deferred:
        click.echo("Xem lý do: canhgiac outbox list", err=True)
        context.exit(1)


@outbox.command("retry", epilog=example("canhgiac outbox retry --all"))
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Mọi thư không gửi được.")
def retry(ids: tuple[str, ...], everything: bool) -> None:
    """Cho những thư không gửi được (theo id, hoặc --all) thử lại ngay."""
    from console.wiring import open_house
    from store import deliveries

    if bool(ids) == everything:
        raise click.UsageError("Cần id của thư, hoặc --all")
    house = open_house().connect()
    count = deliveries.retry(None if everything else ids, house.clock(), actor="cli")
    click.echo(f"{number(count)} thư sẽ được gửi lại.")
