"""`canhgiac search`: the search index, for people and for scripts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TextIO

import click

from console.shapes import document_json
from console.terminal import LOCAL, emit, example, local_time, number, table

if TYPE_CHECKING:
    from console.finding import Found
    from indexer.highlight import Marks
    from model.document import DocumentVersion

FACETS = ("source", "source_kind", "narratives", "regions", "queries", "banks", "domains", "phones", "accounts")
"""Fields that `--facets` counts when it is given without names."""


WIDTH = 160
"""Characters of a hit that are shown."""


class Moment(click.ParamType):
    """A day or an ISO 8601 time; without offset it is Viet Nam's. As an end, a day means the end of it."""

    name = "ngày"

    def __init__(self, *, end: bool = False) -> None:
        self.end = end

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} không phải ngày giờ; viết như 2026-11-24 hoặc 2026-11-24T07:30", param, context)
        if self.end and len(value) == len("2026-11-24"):
            moment += timedelta(days=1)
        return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).astimezone(UTC)


@click.command(epilog=example("canhgiac search 'phones: * and not source_kind: news' --limit 5"))
@click.argument("kql", required=False)
@click.option("--from", "start", type=Moment(), help="Đăng từ ngày (giờ).")
@click.option("--to", "end", type=Moment(end=True), help="Đăng đến hết ngày (giờ).")
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="Số bài; 0 = tất cả.")
@click.option(
    "--sort", type=click.Choice(["newest", "oldest", "collected"]), default="newest", show_default=True, help="Thứ tự."
)
@click.option("--json", "as_json", is_flag=True, help="Mỗi bài một dòng JSON.")
@click.option("--count", is_flag=True, help="Chỉ in số bài tìm được.")
@click.option(
    "--facets", "facets", is_flag=False, flag_value=",".join(FACETS), help="Đếm theo trường, vd. source,banks."
)
@click.option(
    "--batch", type=click.File("r", encoding="utf-8-sig", errors="replace"), help="Mỗi dòng một truy vấn; - là stdin."
)
def search(
    kql: str | None,
    start: datetime | None,
    end: datetime | None,
    limit: int,
    sort: str,
    as_json: bool,
    count: bool,
    facets: str | None,
    batch: TextIO | None,
) -> None:
    """Tìm bài bằng KQL, cùng ngôn ngữ với ô tìm của Kibana. Gõ có dấu hay không dấu đều được.

    Dán số điện thoại, số tài khoản viết kiểu nào cũng tìm ra. Tìm đúng dấu: exact: "lừa đảo".
    """
    from console.finding import find
    from console.wiring import open_house
    from indexer.port import SearchRequest
    from indexer.search import batch as answer_batch

    if (kql is None) == (batch is None):
        raise click.UsageError("Cần một truy vấn, hoặc --batch FILE")
    if batch is not None and (start or end):
        raise click.UsageError(
            "--batch không đi cùng --from, --to: viết khoảng thời gian trong truy vấn, vd. published >= 2026-11-01"
        )
    house = open_house().connect()
    if batch is not None:
        for answer in answer_batch(house.index, (line for line in batch if not line.isspace())):
            emit(answer)
        return
    names = tuple(name.strip() for name in (facets or "").split(",") if name.strip())
    request = SearchRequest(query=kql or "", start=start, end=end, sort=sort, facets=names)
    found = find(house.index, request, most=0 if count else limit or None)
    if count:
        click.echo(found.result.total)
    elif as_json:
        _emit_json(found, names)
    else:
        _show(found, names, kql or "")


def _emit_json(found: Found, facets: tuple[str, ...]) -> None:
    for version in found.documents:
        emit(document_json(version))
    if facets:
        emit(
            {"total": found.result.total, "facets": {name: dict(found.result.facets.get(name, ())) for name in facets}}
        )


def _show(found: Found, facets: tuple[str, ...], query: str) -> None:
    """The hits for people: every indicator defanged, so that a terminal makes no link of it; what met the query stands out."""
    from extraction.defang import defang
    from indexer.highlight import CLOSING, OPENING, Highlighter

    shown = Highlighter(query)
    rows = [
        (
            local_time(version.document.published or version.document.collected),
            version.document.source,
            " ".join(version.leads) or "–",
            _excerpt(version, shown.marks(version)),
        )
        for version in found.documents
    ]
    click.echo(f"{number(found.result.total)} bài")
    if rows:
        click.echo(table(rows, ("Thời gian", "Nguồn", "Đầu mối", "Nội dung"), marks=(OPENING, CLOSING)))
    for name in facets:
        values = found.result.facets.get(name, ())
        click.echo(f"\n{name}: " + (", ".join(f"{defang(value)} ({number(hits)})" for value, hits in values) or "–"))


def _excerpt(version: DocumentVersion, marks: Marks) -> str:
    """The title, or the part of the text that met the query, its hits bold on a terminal that can."""
    from extraction.defang import defang
    from indexer.highlight import excerpt

    document = version.document
    inside = bool(marks.text) and not marks.title
    text, spans = (document.text, marks.text) if inside or not document.title else (document.title, marks.title)
    return defang(excerpt(text, spans, width=WIDTH))
