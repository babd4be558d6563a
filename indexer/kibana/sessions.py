"""Discover sessions, one for each thing a person at the desk begins the day with, and the saved queries of the rule pack."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from indexer.kibana.saved_objects import VIEW_TYPE, Json, packed, reference, saved_object
from indexer.kibana.views import DOCUMENTS_VIEW, ENTITIES_VIEW, LEADS_VIEW, SOURCES_VIEW, DataView
from model.query import SavedQuery
from model.source import BLIND_STATES, SourceState

SILENT_STATES = tuple(
    sorted(state.value for state in (*BLIND_STATES, SourceState.EMPTY, SourceState.QUOTA)),
)
"""States in which a source tells us nothing: blind ones, and those that answer without news."""

SILENT_QUERY = f"enabled: on and state: ({' or '.join(SILENT_STATES)})"

_INDEX_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.index"


@frozen(kw_only=True)
class Session:
    """A Discover session. query: KQL over the view; columns: what the person needs, left to right; newest: sort field,
    greatest first; since: where its time window begins in Kibana's date arithmetic, "" to leave the window alone;
    widths: of columns, in pixels."""

    id: str
    title: str
    description: str
    view: DataView
    query: str
    columns: tuple[str, ...]
    newest: str
    since: str = ""
    widths: tuple[tuple[str, int], ...] = ()


SESSIONS = (
    Session(
        id="canhgiac-new-leads",
        title="Tin mới chưa ai nhận",
        description="Đầu mối chưa ai nhận, mới nhất trước, không giới hạn thời gian. Bấm vào mã để mở trang đầu mối và nhận việc.",
        view=LEADS_VIEW,
        query="status: new",
        columns=(
            "code",
            "headline",
            "priority",
            "score",
            "suspects",
            "regions",
            "documents",
            "created",
            "last_seen",
            "reason",
        ),
        newest="created",
        widths=(("code", 100), ("headline", 320), ("priority", 110), ("score", 90), ("documents", 80)),
    ),
    Session(
        id="canhgiac-suspect-posts",
        title="Bài nghi vấn từ chiều hôm trước",
        description="Bài có định danh nghi vấn thu thập từ 16 giờ hôm trước, trừ báo chí và cảnh báo chính thức.",
        view=DOCUMENTS_VIEW,
        query="suspects: * and not source_kind: (news or warning)",
        columns=(
            "source_kind",
            "source",
            "author",
            "headline",
            "content",
            "suspects",
            "narratives",
            "regions",
            "leads",
        ),
        newest="collected",
        since="now/d-8h",
        widths=(("source_kind", 120), ("content", 420), ("leads", 100)),
    ),
    Session(
        id="canhgiac-new-accounts",
        title="Tài khoản, ví mới",
        description="Tài khoản ngân hàng, ví điện tử, ví tiền mã hóa nghi vấn, mới thấy trước; không giới hạn thời gian.",
        view=ENTITIES_VIEW,
        query="kind: (account or wallet or crypto) and status: suspect",
        columns=("kind", "value", "bank", "first_seen", "last_seen", "documents", "sources", "leads"),
        newest="first_seen",
        widths=(("kind", 160), ("value", 260), ("bank", 110), ("documents", 80)),
    ),
    Session(
        id="canhgiac-suspect-ads",
        title="Quảng cáo nghi vấn",
        description="Quảng cáo có định danh nghi vấn hoặc nội dung giống một hình thức lừa đảo.",
        view=DOCUMENTS_VIEW,
        query="source_kind: ad and (suspects: * or narratives: *)",
        columns=("author", "headline", "content", "domains", "phones", "handles", "narratives", "views", "leads"),
        newest="collected",
        widths=(("content", 420), ("leads", 100)),
    ),
    Session(
        id="canhgiac-warnings",
        title="Cảnh báo của cơ quan nhà nước",
        description="Cảnh báo chính thức đã thu thập, kèm định danh và hình thức được nêu.",
        view=DOCUMENTS_VIEW,
        query="source_kind: warning",
        columns=("published", "source", "headline", "content", "suspects", "narratives", "regions", "leads"),
        newest="collected",
        widths=(("headline", 320), ("content", 420), ("leads", 100)),
    ),
    Session(
        id="canhgiac-silent-sources",
        title="Nguồn im, bị chặn",
        description="Nguồn đang theo dõi mà không cho tin: bị chặn, đòi đăng nhập, đổi giao diện, lỗi, hết lượt hoặc trống.",
        view=SOURCES_VIEW,
        query=SILENT_QUERY,
        columns=(
            "headline",
            "source",
            "source_kind",
            "state",
            "state_since",
            "last_document",
            "pending",
            "failures",
            "error",
        ),
        newest="state_since",
        widths=(("headline", 280), ("state", 150), ("failures", 90)),
    ),
)


def sessions() -> list[Json]:
    """The sessions as saved objects of the type `search`."""
    return [_session(item) for item in SESSIONS]


def saved_queries(queries: Sequence[SavedQuery]) -> list[Json]:
    """The rule pack as saved queries of Kibana, so that people can see and try what raises leads."""
    return [
        saved_object(
            "query",
            f"canhgiac-{query.id}",
            {
                "title": query.title,
                "description": f"Truy vấn lưu {query.id}",
                "query": {"query": " ".join(query.query.split()), "language": "kuery"},
                "filters": [],
            },
        )
        for query in queries
    ]


def _session(item: Session) -> Json:
    source = {
        "query": {"query": item.query, "language": "kuery"},
        "filter": [],
        "indexRefName": _INDEX_REFERENCE,
    }
    attributes: Json = {
        "title": item.title,
        "description": item.description,
        "columns": list(item.columns),
        "sort": [[item.newest, "desc"]],
        "grid": {"columns": {name: {"width": width} for name, width in item.widths}},
        "hideChart": True,
        "isTextBasedQuery": False,
        "timeRestore": bool(item.since),
        "kibanaSavedObjectMeta": {"searchSourceJSON": packed(source)},
    }
    if item.since:
        attributes["timeRange"] = {"from": item.since, "to": "now"}
    return saved_object("search", item.id, attributes, [reference(_INDEX_REFERENCE, VIEW_TYPE, item.view.id)])
