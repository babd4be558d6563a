"""`canhgiac demo`: the main job on the bundled town."""

from __future__ import annotations

import os
from pathlib import Path

import click

from console.terminal import example


@click.command(epilog=example("canhgiac demo --once"))
@click.option("--once", is_flag=True, help="Chạy xong thì thoát (mã 1 khi chưa đạt sự thật).")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Đổi số, tên và thứ tự của thị trấn."
)
@click.option(
    "--index",
    type=click.Choice(["embedded", "elasticsearch"]),
    default="embedded",
    show_default=True,
    help="Chỉ mục tìm kiếm.",
)
@click.pass_context
def demo(context: click.Context, once: bool, seed: int, index: str) -> None:
    """Chạy toàn bộ việc chính trên một thị trấn giả lập: thu thập, tách, đối chiếu, gửi thư vào hộp thư trên máy này.

    Dữ liệu ở var/demo (hoặc CANHGIAC_HOME nếu đã đặt); chạy lại trên cùng dữ liệu không báo gì hai lần.
    """
    from console.demo import DEFAULT_SEED, Plan, run_demo

    given = os.environ.get("CANHGIAC_HOME")
    home = Path(given) if given else Path("var") / ("demo" if seed == DEFAULT_SEED else f"demo-{seed}")
    context.exit(run_demo(Plan(home=home.expanduser().absolute(), seed=seed, once=once, index=index)))
