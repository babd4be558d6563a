"""`canhgiac run`: worker and console for real, each in its own process."""

from __future__ import annotations

import click

from console.terminal import example, warn


@click.command(epilog=example("canhgiac run --check"))
@click.option("--check", is_flag=True, help="Chỉ kiểm tra cấu hình rồi thoát.")
@click.option("--no-console", is_flag=True, help="Chỉ chạy bộ thu thập (worker), không mở trang web.")
def run(check: bool, no_console: bool) -> None:
    """Chạy thật: thu thập, đối chiếu, gửi thư và trang web, tới khi nhận Ctrl-C hoặc SIGTERM."""
    from console.logs import set_up_logs
    from console.supervisor import ChildPlan, Supervisor
    from console.wiring import open_house

    house = open_house().connect()
    settings = house.settings
    warn(house.sync().errors)
    if not no_console:
        from console.serve import listen

        listen(settings.console_host, settings.console_port).close()
    if check:
        click.echo(f"Cấu hình dùng được. Dữ liệu: {house.home}; trang web: {settings.public_url}")
        return
    set_up_logs(settings.log_format, settings.log_level, process="run")
    with Supervisor() as supervisor:
        supervisor.start(ChildPlan(name="worker", arguments=["-m", "console.worker"]))
        if not no_console:
            supervisor.start(ChildPlan(name="console", arguments=["-m", "console.serve"]))
            click.echo(f"Cảnh Giác đang chạy: {settings.public_url} (Ctrl-C để dừng)", err=True)
        supervisor.watch()
