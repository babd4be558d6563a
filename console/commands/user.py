"""`canhgiac user`: accounts of the web console."""

from __future__ import annotations

import click

from console.terminal import example, table
from model.errors import CanhGiacError


@click.group()
def user() -> None:
    """Tài khoản vào trang web."""


@user.command("add", epilog=example("echo 'mat-khau-du-dai-2026' | canhgiac user add can.bo --password-stdin"))
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Đọc mật khẩu từ stdin thay vì hỏi.")
def add(name: str, password_stdin: bool) -> None:
    """Thêm tài khoản, hoặc đổi mật khẩu của tài khoản đã có (ít nhất 12 ký tự)."""
    from console.serve import prepare_web
    from console.wiring import open_house

    if password_stdin:
        password = click.get_text_stream("stdin").readline().rstrip("\r\n")
    else:
        password = click.prompt("Mật khẩu", hide_input=True, confirmation_prompt="Nhập lại")
    prepare_web(open_house())
    from console.web.accounts import put_account

    problems = put_account(name, password)
    if problems:
        raise CanhGiacError("mật khẩu không được nhận: " + " ".join(problems))
    click.echo(f"Đã lưu tài khoản {name}.")


@user.command("list", epilog=example("canhgiac user list"))
def list_users() -> None:
    """Các tài khoản."""
    from console.serve import prepare_web
    from console.wiring import open_house

    prepare_web(open_house())
    from console.web.accounts import list_accounts

    rows = [
        (account.name, "có" if account.active else "khóa", account.last_login or "–") for account in list_accounts()
    ]
    click.echo(
        table(rows, ("Tài khoản", "Vào được", "Lần cuối")) if rows else "Chưa có tài khoản nào: canhgiac user add TÊN"
    )
