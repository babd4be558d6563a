"""`canhgiac entity`: what the register knows of a number, account, wallet or link."""

from __future__ import annotations

from typing import Any

import click

from console.shapes import stamp
from console.terminal import emit, example, local_time
from model.document import ROLE_LABELS, Role
from model.errors import CanhGiacError


@click.command(epilog=example("canhgiac entity '0912.345.678' --json"))
@click.argument("value")
@click.option("--json", "as_json", is_flag=True, help="Mỗi định danh một dòng JSON.")
@click.pass_context
def entity(context: click.Context, value: str, as_json: bool) -> None:
    """Tra sổ đăng ký định danh nghi vấn: số điện thoại, tài khoản, ví, đường dẫn, viết kiểu nào cũng được."""
    from console.wiring import open_house
    from extraction.defang import defang
    from extraction.extract import normalise
    from extraction.kinds.base import kinds
    from store import entities

    open_house().connect()
    readings = normalise(value)
    if not readings:
        raise CanhGiacError(f"không đọc được {value!r} là số điện thoại, tài khoản, ví hay đường dẫn nào")
    found = entities.get_many([reading.key for reading in readings])
    names = kinds()
    for entry in found:
        if as_json:
            emit(_entry_json(entry))
            continue
        label = names[entry.entity.kind].label if entry.entity.kind in names else entry.entity.kind
        click.echo(f"{label} {defang(entry.entity.value)}: {ROLE_LABELS.get(Role(entry.status), entry.status)}")
        click.echo(
            f"  thấy lần đầu {local_time(entry.first_seen)}, lần cuối {local_time(entry.last_seen)}, {entry.documents} bài"
        )
        click.echo(f"  nguồn: {', '.join(f'{source} ({count})' for source, count in entry.sources.items())}")
        click.echo(f"  đầu mối: {', '.join(entry.leads) or 'chưa có'}")
    if not found:
        read_as = ", ".join(
            f"{names[item.kind].label if item.kind in names else item.kind} {defang(item.value)}" for item in readings
        )
        click.echo(f"Chưa thấy trong sổ đăng ký (đã đọc là: {read_as}).", err=True)
        context.exit(1)


def _entry_json(entry: Any) -> dict[str, Any]:
    return {
        "kind": entry.entity.kind,
        "value": entry.entity.value,
        "status": entry.status,
        "first_seen": stamp(entry.first_seen),
        "last_seen": stamp(entry.last_seen),
        "documents": entry.documents,
        "sources": dict(entry.sources),
        "roles": dict(entry.roles),
        "leads": list(entry.leads),
    }
