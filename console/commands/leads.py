"""`canhgiac leads`: what was raised, why, and who was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import click

from console.commands.search import Moment
from console.shapes import delivery_json, document_json, lead_json, suppression_json
from console.terminal import emit, example, local_time, number, one_line, table
from model.document import ROLE_LABELS, DocumentVersion
from model.errors import CanhGiacError
from model.lead import LEAD_STATUS_LABELS, Lead, LeadStatus, Suppression
from model.message import DELIVERY_LABELS, Delivery


@click.group()
def leads() -> None:
    """Đầu mối: danh sách và từng đầu mối, kèm lý do, bài viết, thư đã gửi."""


@leads.command("list", epilog=example("canhgiac leads list --status new --json"))
@click.option("--status", type=click.Choice([status.value for status in LeadStatus]), help="Chỉ tình trạng này.")
@click.option("--since", type=Moment(), help="Tạo từ ngày.")
@click.option("--limit", type=click.IntRange(min=0), default=0, help="Số đầu mối; 0 = tất cả.")
@click.option("--json", "as_json", is_flag=True, help="Mỗi đầu mối một dòng JSON.")
def list_leads(status: str | None, since: datetime | None, limit: int, as_json: bool) -> None:
    """Các đầu mối, mới nhất trước; đầu mối đã nhập vào đầu mối khác không hiện."""
    from console.wiring import open_house
    from store import leads as store

    open_house().connect()
    found = store.list_leads(status=status, since=since, limit=limit or None)
    if as_json:
        _emit(found)
        return
    rows = [
        (
            lead.code,
            lead.score,
            LEAD_STATUS_LABELS[lead.status],
            local_time(lead.created),
            len(lead.documents),
            f"{lead.title}: {lead.reason}",
        )
        for lead in found
    ]
    click.echo(f"{number(len(found))} đầu mối")
    if rows:
        click.echo(table(rows, ("Mã", "Điểm", "Tình trạng", "Tạo lúc", "Bài", "Vì sao")))


def _emit(found: list[Lead], page: int = 200) -> None:
    """One JSON line a lead; documents and deliveries are read for many leads at a time."""
    from store import deliveries, documents

    for start in range(0, len(found), page):
        part = found[start : start + page]
        known = documents.get_many({identifier for lead in part for identifier in lead.documents})
        sent = deliveries.list_deliveries(subject_ids=[lead.id for lead in part])
        for lead in part:
            emit(lead_json(lead, known, [item for item in sent if item.subject_id == lead.id]))


@leads.command("show", epilog=example("canhgiac leads show CG-1"))
@click.argument("lead_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
def show(lead_id: str, as_json: bool) -> None:
    """Một đầu mối, theo mã (CG-12) hoặc id."""
    from console.wiring import open_house
    from store import deliveries, documents
    from store import leads as store

    open_house().connect()
    lead = store.by_code(lead_id) or store.get(lead_id)
    if lead is None:
        raise CanhGiacError(f"không có đầu mối {lead_id!r}. Xem danh sách: canhgiac leads list")
    known = documents.get_many(lead.documents)
    sent = deliveries.list_deliveries(subject_id=lead.id)
    held = store.suppressions(lead=lead.id)
    if as_json:
        emit(
            lead_json(lead, known, sent)
            | {
                "documents": [document_json(known[identifier]) for identifier in lead.documents if identifier in known],
                "deliveries": [delivery_json(delivery) for delivery in sent],
                "suppressions": [suppression_json(item) for item in held],
                "merged_into": lead.merged_into,
            }
        )
        return
    _show(lead, known, sent, held)


def _show(
    lead: Lead, known: Mapping[str, DocumentVersion], sent: Sequence[Delivery], held: Sequence[Suppression]
) -> None:
    """A lead for people: every indicator defanged."""
    from alerts import wording
    from extraction.defang import defang
    from extraction.kinds.base import kinds
    from extraction.places import place_label

    click.echo(f"{lead.code}  {lead.title}  (điểm {lead.score}, {LEAD_STATUS_LABELS[lead.status]})")
    click.echo("CHƯA XÁC MINH: không gọi, không truy cập, không chuyển tiếp.")
    click.echo(f"\nVì sao: {lead.reason}\nMới ở chỗ: {lead.novelty}")
    click.echo(f"Thấy lần đầu {local_time(lead.first_seen)}, lần cuối {local_time(lead.last_seen)}")
    if lead.regions:
        click.echo("Địa bàn: " + "; ".join(place_label(code) for code in lead.regions))
    names = kinds()
    click.echo("\nĐịnh danh:")
    for count, item in enumerate(lead.identifiers, 1):
        label = names[item.entity.kind].label if item.entity.kind in names else item.entity.kind
        told = [ROLE_LABELS[item.role], f"{item.documents} bài", wording.pictured(item.attributes)]
        click.echo(f"  {count}. {label}: {defang(item.entity.value)} ({', '.join(filter(None, told))})")
    click.echo("\nBài viết:")
    for identifier in lead.documents:
        if identifier in known:
            document = known[identifier].document
            text = defang(one_line(document.title or document.text))[:110]
            click.echo(f"  {local_time(document.published or document.collected)}  {document.source}  {text}")
    click.echo("\nThư:")
    for delivery in sent:
        click.echo(f"  {DELIVERY_LABELS[delivery.state]}: {delivery.address} ({delivery.purpose}) {delivery.reply}")
    for suppression in held:
        click.echo(f"  không gửi: {suppression.detail}")
