"""`canhgiac init`: the first questions of an installation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import yaml

from console.terminal import example, warn
from model.errors import ConfigError

if TYPE_CHECKING:
    from console.wiring import House


@click.command(epilog=example("canhgiac init --province VN-35 --recipient truc@example.vn --yes"))
@click.option("--province", help="Mã tỉnh của Sở, vd. VN-35; bỏ trống = cả nước.")
@click.option("--department", help="Tên Sở như ký trên bản tin.")
@click.option("--smtp-url", help="Máy chủ thư: smtp://user:password@host:587?starttls=1.")
@click.option("--sender", help="Địa chỉ gửi thư.")
@click.option("--recipient", help="Địa chỉ thư của người trực.")
@click.option("--admin", help="Tên tài khoản quản trị của trang web.")
@click.option("--yes", is_flag=True, help="Không hỏi gì thêm: lấy những gì đã cho và mặc định.")
def init(
    province: str | None,
    department: str | None,
    smtp_url: str | None,
    sender: str | None,
    recipient: str | None,
    admin: str | None,
    yes: bool,
) -> None:
    """Cài đặt lần đầu: tỉnh, máy chủ thư (kèm thư thử), người trực, tài khoản, nguồn tin. Chạy lại được.

    Trả lời được ghi vào .env ở thư mục hiện tại và $CANHGIAC_HOME/config/recipients.yaml.
    """
    from console.wiring import open_house

    before = open_house().settings

    def answer(given: str | None, question: str, default: str, *, secret: bool = False) -> str:
        if given is not None or yes:
            return given if given is not None else default
        hint = ", Enter = giữ như cũ" if secret and default else ""
        return str(click.prompt(question + hint, default=default, show_default=not secret)).strip()

    answers = {
        "PROVINCE": _province(answer(province, "Mã tỉnh (vd. VN-35, để trống = cả nước)", before.province)),
        "DEPARTMENT": answer(department, "Tên Sở", before.department),
        "SMTP_URL": answer(
            smtp_url, "Máy chủ thư (để trống = chưa gửi thư)", before.smtp_url.get_secret_value(), secret=True
        ),
        "MAIL_SENDER": answer(sender, "Địa chỉ gửi thư", before.mail_sender),
    }
    _write_env(Path(".env"), answers)
    house = open_house().connect()
    recipient = answer(recipient, "Địa chỉ thư của người trực (để trống = bỏ qua)", "")
    if recipient:
        _write_recipient(house, recipient)
    warn(house.sync().errors)
    if answers["SMTP_URL"] and recipient and (yes or click.confirm(f"Gửi thư thử tới {recipient}?", default=True)):
        reply = _send_test_mail(house, recipient)
        click.echo(f"Máy chủ thư đã nhận thư thử: {reply}")
    if not yes:
        _accept_sources(house)
    admin = answer(admin, "Tài khoản quản trị (để trống = để sau)", "")
    click.echo("Đã ghi .env. Kiểm tra: canhgiac doctor. Chạy: canhgiac run.")
    if admin:
        click.echo(f"Đặt mật khẩu cho tài khoản quản trị: canhgiac user add {admin}")


def _province(code: str) -> str:
    """The province code as the table has it. Raises ConfigError for an unknown one."""
    from extraction.places import place_label

    code = code.upper()
    if code and place_label(code) == code:
        raise ConfigError(
            f"không có tỉnh {code!r}", key="CANHGIAC_PROVINCE", cure="Viết mã ISO của tỉnh, vd. VN-35 (Lâm Đồng)"
        )
    return code


def _write_env(path: Path, answers: dict[str, str]) -> None:
    """Sets the answers in `.env`, keeping what else stands there; readable by its owner alone."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for name, value in answers.items():
        line = f"CANHGIAC_{name}={_quoted(value)}"
        at = next((place for place, old in enumerate(lines) if old.startswith(f"CANHGIAC_{name}=")), None)
        if at is None:
            lines.append(line)
        else:
            lines[at] = line
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(value: str) -> str:
    """The value as `.env` reads it back; in single quotes nothing but the quote and the backslash is special."""
    if re.fullmatch(r"[\w.:/@?=&%+-]*", value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _write_recipient(house: House, address: str) -> None:
    """Makes the address that of `truc_ban`, to whom the shipped queries go; other recipients stay."""
    path = house.site_folder / "recipients.yaml"
    kept = []
    if path.exists():
        loaded = [part for part in yaml.safe_load_all(path.read_text(encoding="utf-8")) if part]
        kept = [
            entry
            for part in loaded
            for entry in (part if isinstance(part, list) else [part])
            if entry.get("id") != "truc_ban"
        ]
    path.parent.mkdir(parents=True, exist_ok=True)
    documents = [{"id": "truc_ban", "name": "Trực ban", "addresses": [address]}, *kept]
    path.write_text(yaml.safe_dump_all(documents, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _send_test_mail(house: House, address: str) -> str:
    """Sends one mail that says it is a test; the server's answer. Raises DeliveryError or ConfigError."""
    from alerts.outbox import channels
    from model.ids import stable_id
    from model.message import Delivery, Message

    now = house.clock()
    identifier = stable_id("test mail", address, now.isoformat())
    text = "Đây là thư thử của Cảnh Giác. Nhận được thư này nghĩa là máy chủ thư đã đặt đúng.\n"
    message_id = f"{identifier}@{house.letterhead.domain}"
    delivery = Delivery(
        id=identifier,
        subject_id="test",
        purpose="notice",
        recipient="test",
        channel="smtp",
        address=address,
        message=Message(subject="Cảnh Giác: thư thử", text=text, html=f"<p>{text}</p>", message_id=message_id),
        created=now,
    )
    channel = channels()["smtp"](house.channel_config)
    try:
        return channel.send(delivery, now=now)
    finally:
        channel.close()


def _accept_sources(house: House) -> None:
    """Asks for each shipped source that is off whether it may be visited."""
    from store import sources

    for status in sources.list_statuses():
        source = status.source
        if not source.spider or source.enabled:
            continue
        if click.confirm(f"Bật nguồn {source.title} ({source.url})? {source.notice}", default=False):
            sources.set_enabled(source.id, True, house.clock(), actor="cli")
