"""`canhgiac kibana`: the objects of the desk out to Kibana, and the saved queries of staff back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.terminal import emit, example, number, one_line
from model.errors import ConfigError

if TYPE_CHECKING:
    from indexer.kibana.client import Kibana
    from indexer.kibana.pull import RefusedQuery


@click.group()
def kibana() -> None:
    """Kibana: đưa khung xem, phiên tìm, bảng tổng hợp sang; lấy truy vấn [CB] của cán bộ về."""


@kibana.command("export", epilog=example("canhgiac kibana export kibana.ndjson"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--console-url", metavar="URL", help="Địa chỉ trang Cảnh Giác mà mã đầu mối dẫn tới.")
def export(file: Path | None, console_url: str | None) -> None:
    """Ghi mọi đối tượng ra tệp NDJSON, để nhập ở Stack Management > Saved Objects; không có FILE thì in ra màn hình."""
    from console.wiring import open_house

    text = open_house().kibana_objects(console_url=console_url)
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"không ghi được: {error.strerror}", file=str(file)) from None
    click.echo(f"Đã ghi {number(text.count(chr(10)))} đối tượng vào {file}.")


def _where(command: click.Command) -> click.Command:
    """The options that say which Kibana, and as whom."""
    options = (
        click.option("--url", metavar="URL", help="Địa chỉ Kibana; mặc định CANHGIAC_KIBANA_URL."),
        click.option("--space", metavar="TÊN", help="Không gian (space) trong Kibana; mặc định là không gian chung."),
        click.option("--user", metavar="TÊN", help="Người dùng; mật khẩu đọc từ CANHGIAC_INDEX_PASSWORD."),
        click.option("--api-key", metavar="KHÓA", help="Khóa API thay cho người dùng và mật khẩu."),
        click.option(
            "--ca",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Tệp chứng thư của nơi cấp cho Kibana.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@kibana.command("import", epilog=example("canhgiac kibana import --url http://127.0.0.1:5601 --user elastic"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@_where  # type: ignore[arg-type]
@click.option("--overwrite/--no-overwrite", default=True, show_default=True, help="Ghi đè đối tượng cùng mã.")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@click.pass_context
def import_(
    context: click.Context,
    file: Path | None,
    url: str | None,
    space: str | None,
    user: str | None,
    api_key: str | None,
    ca: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Đưa các đối tượng (hoặc tệp FILE đã xuất) vào Kibana. Chạy lại bao nhiêu lần cũng được."""
    from console.wiring import open_house

    house = open_house()
    target: Kibana = house.open_kibana(url=url, space=space, user=user, api_key=api_key, ca=ca)
    text = _objects_in(file) if file else house.kibana_objects()
    done = target.import_objects(text, overwrite=overwrite)
    if as_json:
        refused = [{"type": item.type, "id": item.id, "reason": item.reason} for item in done.refused]
        emit({"imported": done.count, "refused": refused})
    else:
        click.echo(f"Đã nhập {number(done.count)} đối tượng vào Kibana.")
        for item in done.refused:
            click.echo(f"Không nhập được {item.type} {item.id} “{one_line(item.title)}”: {item.reason}", err=True)
    context.exit(1 if done.refused else 0)


def _objects_in(file: Path) -> str:
    """The lines of an exported file, each seen to be an object. Raises ConfigError with the first line that is not."""
    cure = "Dùng tệp do `canhgiac kibana export` hoặc Kibana xuất ra"
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"không đọc được: {error}", file=str(file), cure=cure) from None
    for place, line in enumerate(text.split("\n"), start=1):
        try:
            fit = not line.strip() or isinstance(json.loads(line), dict)
        except ValueError:
            fit = False
        if not fit:
            raise ConfigError(f"dòng {place} không phải đối tượng JSON", file=str(file), cure=cure)
    if not text.strip():
        raise ConfigError("tệp trống", file=str(file), cure=cure)
    return text


@kibana.command("pull", epilog=example("canhgiac kibana pull --url http://127.0.0.1:5601 --user elastic"))
@_where  # type: ignore[arg-type]
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
def pull(
    url: str | None, space: str | None, user: str | None, api_key: str | None, ca: Path | None, as_json: bool
) -> None:
    """Lấy về truy vấn lưu trong Kibana có tên bắt đầu bằng [CB]; truy vấn mới chỉ vào bản tin ngày tới khi được duyệt."""
    from console.wiring import open_house

    house = open_house().connect()
    house.sync()
    done = house.pull_kibana(house.open_kibana(url=url, space=space, user=user, api_key=api_key, ca=ca))
    if as_json:
        emit(
            {
                "new": [query.id for query in done.new],
                "changed": [query.id for query in done.changed],
                "kept": [query.id for query in done.kept],
                "retired": list(done.retired),
                "refused": [_refused_json(item) for item in done.refused],
            }
        )
        return
    click.echo(
        f"Truy vấn từ Kibana: {len(done.new)} mới, {len(done.changed)} sửa, {len(done.kept)} giữ nguyên, "
        f"{len(done.retired)} bỏ, {len(done.refused)} bị từ chối."
    )
    for item in done.refused:
        click.echo(f"  {item.sentence}", err=True)


@kibana.command("roles", epilog=example("canhgiac kibana roles --file-realm"))
@_where  # type: ignore[arg-type]
@click.option("--apply", "apply_", is_flag=True, help="Gửi vào Kibana thay vì in ra.")
@click.option("--file-realm", is_flag=True, help="In dạng roles.yml của Elasticsearch.")
def roles(
    url: str | None,
    space: str | None,
    user: str | None,
    api_key: str | None,
    ca: Path | None,
    apply_: bool,
    file_realm: bool,
) -> None:
    """Hai vai trò ít quyền nhất: canhgiac_program cho máy, canhgiac_staff cho cán bộ theo dõi (chỉ đọc chỉ mục)."""
    from console.wiring import open_house
    from indexer.kibana_roles import kibana_roles, roles_yml

    house = open_house()
    where = house.settings.kibana_space if space is None else space
    if file_realm:
        click.echo(roles_yml(where), nl=False)
        return
    found = kibana_roles(where)
    if not apply_:
        for name, role in found.items():
            emit({"name": name, "role": role})
        return
    target = house.open_kibana(url=url, space=space, user=user, api_key=api_key, ca=ca)
    target.check_space()
    for name, role in found.items():
        target.put_role(name, role)
    click.echo(f"Đã ghi vai trò {', '.join(found)} vào Kibana.")


@kibana.command("approve", epilog=example("canhgiac kibana approve kibana_gia_shipper"))
@click.argument("identifier", metavar="ID")
@click.option("--digest", "back", is_flag=True, help="Ngược lại: chỉ cho vào bản tin ngày.")
def approve(identifier: str, back: bool) -> None:
    """Duyệt cho một truy vấn lấy từ Kibana được báo ngay. Sửa truy vấn trong Kibana thì phải duyệt lại."""
    from console.wiring import open_house
    from indexer.kibana.pull import approve as approve_query
    from model.query import PRIORITY_LABELS, Priority

    house = open_house().connect()
    priority = Priority.DIGEST if back else Priority.IMMEDIATE
    query = approve_query(identifier, now=house.clock(), actor="cli", priority=priority)
    click.echo(f"{query.id}: {query.title}: {PRIORITY_LABELS[query.priority]}.")


def _refused_json(item: RefusedQuery) -> dict[str, object]:
    return {"id": item.id, "title": item.title, "position": item.position, "problem": item.problem, "hint": item.hint}
