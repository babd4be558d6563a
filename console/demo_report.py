"""What the demo prints before it looks at the truth: sources, identifiers, leads with reasons, mails, seconds."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import click
from attrs import frozen

from console.terminal import number, one_line, table
from extraction.kinds.base import kinds
from model.document import DocumentVersion
from model.lead import Lead
from model.message import Delivery
from model.source import STATE_LABELS, Run, SourceStatus
from store import deliveries, documents, leads, sources

RUNS_READ = 2000


@frozen(kw_only=True)
class Tally:
    """What the store holds at one moment, so that a run can say what it added. sent: deliveries that were accepted."""

    documents: int
    leads: int
    sent: int


@frozen(kw_only=True)
class Result:
    """What the store holds at the end. runs: visits since the demo was started. leads: oldest first."""

    statuses: Sequence[SourceStatus]
    runs: Sequence[Run]
    versions: Mapping[str, DocumentVersion]
    leads: Sequence[Lead]
    deliveries: Sequence[Delivery]


def tally() -> Tally:
    """The store now."""
    return Tally(documents=documents.count(), leads=len(leads.list_leads()), sent=deliveries.counts().get("sent", 0))


def watched() -> list[SourceStatus]:
    """The sources that are visited."""
    return [status for status in sources.list_statuses() if status.source.enabled and status.source.spider]


def read_result(started: datetime) -> Result:
    """Everything that the report and the judgement need."""
    return Result(
        statuses=watched(),
        runs=sources.runs(limit=RUNS_READ, since=started),
        versions={version.document.id: version for version in documents.iterate()},
        leads=leads.list_leads(order="oldest"),
        deliveries=deliveries.list_deliveries(),
    )


def print_report(result: Result, before: Tally) -> None:
    """Prints the tables."""
    click.echo("\nNguồn tin")
    rows = [
        _source_row(status, [run for run in result.runs if run.source == status.source.id])
        for status in result.statuses
    ]
    click.echo(table(rows, ("Nguồn", "Tình trạng", "Bài", "Lượt ghé", "Trang", "304", "Chờ tải lại")))
    click.echo("\nĐịnh danh tìm được")
    click.echo(_kinds_line(result.versions.values()))
    click.echo(f"\nĐầu mối ({len(result.leads)})")
    click.echo(table(map(_lead_row, result.leads), ("Mã", "Điểm", "Mức", "Bài", "Đầu mối", "Vì sao")))
    mails = Counter(delivery.purpose for delivery in result.deliveries if delivery.sent_at)
    click.echo(
        f"\nThư đã gửi: {mails['lead']} báo đầu mối, {mails['update']} tin thêm, {mails['digest']} bản tin ngày."
    )
    click.echo(_speed_line(result))
    after = tally()
    click.echo(
        f"Lần chạy này: {number(after.documents - before.documents)} bài mới, "
        f"{after.leads - before.leads} đầu mối mới, {after.sent - before.sent} thư."
    )


def _source_row(status: SourceStatus, runs: Sequence[Run]) -> tuple[object, ...]:
    error = one_line(status.last_run.error) if status.last_run else ""
    return (
        status.source.title,
        STATE_LABELS[status.state] + (f": {_cut(error, 60)}" if error else ""),
        number(status.documents),
        sum(run.finished is not None for run in runs),
        sum(run.pages for run in runs),
        sum(run.not_modified for run in runs),
        status.pending,
    )


def _kinds_line(versions: Iterable[DocumentVersion]) -> str:
    counts = Counter(mention.kind for version in versions for mention in version.document.mentions)
    known = kinds()
    return ", ".join(
        f"{known[kind].label if kind in known else kind}: {number(count)}" for kind, count in counts.most_common()
    )


def _lead_row(lead: Lead) -> tuple[object, ...]:
    """A lead with its reasons; the query that it met is its title already."""
    reason = lead.reason.partition("; ")[2] or lead.reason if lead.reason.startswith("Khớp truy vấn") else lead.reason
    urgency = "khẩn" if lead.priority == "immediate" else "bản tin"
    return lead.code, lead.score, urgency, len(lead.documents), _cut(lead.title, 44), _cut(reason, 110)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _speed_line(result: Result) -> str:
    """Seconds from the fetch of a lead's latest document known when its mail was written to the server's acceptance."""
    by_id = {lead.id: lead for lead in result.leads}
    taken = []
    for delivery in result.deliveries:
        lead = by_id.get(delivery.subject_id)
        if lead is None or delivery.sent_at is None or delivery.purpose != "lead":
            continue
        fetched = [result.versions[key].document.collected for key in lead.documents if key in result.versions]
        known = [moment for moment in fetched if moment <= delivery.created]
        if known:
            taken.append((delivery.sent_at - max(known)).total_seconds())
    if not taken:
        return "Từ lúc tải trang tới lúc thư được nhận: chưa có thư nào."
    taken.sort()
    slow = taken[min(len(taken) - 1, int(len(taken) * 0.95))]
    return f"Từ lúc tải trang tới lúc thư được nhận: trung vị {statistics.median(taken):.1f} giây, 95% trong {slow:.1f} giây."
