"""The three dashboards of the desk: today, the register of suspicious identifiers, the health of collecting."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.kibana.lens import Panel, Place, bars, metric, session_panel, table
from indexer.kibana.saved_objects import Json, packed, saved_object
from indexer.kibana.sessions import SESSIONS, SILENT_QUERY
from indexer.kibana.views import DOCUMENTS_VIEW, ENTITIES_VIEW, LEADS_VIEW, SOURCES_VIEW

TODAY = "canhgiac-today"
"""Id of the landing page, named in deploy/kibana.yml."""

REGISTER = "canhgiac-register"
HEALTH = "canhgiac-health"

_SUSPECT_POSTS = "suspects: * and not source_kind: (news or warning)"
_ALARM = "#b3261e"
_SESSIONS = {session.id: session for session in SESSIONS}


def dashboards() -> list[Json]:
    """All dashboards as saved objects."""
    return [
        _dashboard(
            TODAY,
            "Tình hình hôm nay",
            "Đầu mối chờ nhận, bài nghi vấn, thủ đoạn đang lên, cảnh báo chính thức, nguồn im. Mọi đầu mối đều chưa xác minh.",
            _today(),
        ),
        _dashboard(
            REGISTER,
            "Sổ đăng ký định danh nghi vấn",
            "Tài khoản, ví, số điện thoại, đường dẫn bị nêu là nghi vấn, từ trước tới nay; không giới hạn thời gian.",
            _register(),
        ),
        _dashboard(
            HEALTH,
            "Sức khỏe thu thập",
            "Nguồn nào còn cho tin, nguồn nào im hoặc bị chặn, từ lúc nào.",
            _health(),
        ),
    ]


def _today() -> list[Panel]:
    return [
        metric(
            "waiting",
            "Đầu mối chưa ai nhận",
            Place(x=0, y=0, w=12, h=6),
            view=LEADS_VIEW,
            query="status: new",
            color=_ALARM,
        ),
        metric("posts", "Bài đã thu thập", Place(x=12, y=0, w=12, h=6), view=DOCUMENTS_VIEW),
        metric(
            "suspicious",
            "Bài có định danh nghi vấn",
            Place(x=24, y=0, w=12, h=6),
            view=DOCUMENTS_VIEW,
            query=_SUSPECT_POSTS,
        ),
        metric("silent", "Nguồn im, bị chặn", Place(x=36, y=0, w=12, h=6), view=SOURCES_VIEW, query=SILENT_QUERY),
        session_panel("leads", Place(x=0, y=6, w=48, h=14), _SESSIONS["canhgiac-new-leads"]),
        bars(
            "rhythm",
            "Bài nghi vấn theo giờ thu thập",
            Place(x=0, y=20, w=24, h=13),
            view=DOCUMENTS_VIEW,
            x="collected",
            split="source_kind",
            query=_SUSPECT_POSTS,
        ),
        table(
            "forms",
            "Thủ đoạn đang lên",
            Place(x=24, y=20, w=12, h=13),
            view=DOCUMENTS_VIEW,
            by=("narratives",),
            query="narratives: * and not source_kind: (news or warning)",
        ),
        table(
            "identifiers",
            "Định danh bị nêu nhiều",
            Place(x=36, y=20, w=12, h=13),
            view=DOCUMENTS_VIEW,
            by=("suspects",),
            query="suspects: *",
        ),
        session_panel("warnings", Place(x=0, y=33, w=48, h=12), _SESSIONS["canhgiac-warnings"]),
    ]


def _register() -> list[Panel]:
    tiles = (
        ("accounts", "Tài khoản ngân hàng", "kind: account and status: suspect"),
        ("wallets", "Ví điện tử, ví tiền mã hóa", "kind: (wallet or crypto) and status: suspect"),
        ("phones", "Số điện thoại", "kind: phone and status: suspect"),
        ("links", "Đường dẫn", "kind: link and status: suspect"),
    )
    return [
        *(
            metric(name, title, Place(x=12 * number, y=0, w=12, h=6), view=ENTITIES_VIEW, query=query)
            for number, (name, title, query) in enumerate(tiles)
        ),
        session_panel("new_accounts", Place(x=0, y=6, w=48, h=16), _SESSIONS["canhgiac-new-accounts"]),
        table(
            "banks",
            "Tài khoản theo ngân hàng",
            Place(x=0, y=22, w=16, h=14),
            view=ENTITIES_VIEW,
            by=("bank",),
            query="kind: account and status: suspect",
            latest="last_seen",
        ),
        table(
            "kinds",
            "Theo loại",
            Place(x=16, y=22, w=16, h=14),
            view=ENTITIES_VIEW,
            by=("kind",),
            query="status: suspect",
            latest="last_seen",
        ),
        table(
            "sources",
            "Theo nguồn nêu ra",
            Place(x=32, y=22, w=16, h=14),
            view=ENTITIES_VIEW,
            by=("sources",),
            query="status: suspect",
            latest="last_seen",
        ),
    ]


def _health() -> list[Panel]:
    return [
        metric("watched", "Nguồn đang theo dõi", Place(x=0, y=0, w=16, h=6), view=SOURCES_VIEW, query="enabled: on"),
        metric(
            "silent",
            "Nguồn im, bị chặn",
            Place(x=16, y=0, w=16, h=6),
            view=SOURCES_VIEW,
            query=SILENT_QUERY,
            color=_ALARM,
        ),
        metric("posts", "Bài đã thu thập", Place(x=32, y=0, w=16, h=6), view=DOCUMENTS_VIEW),
        session_panel("silent_list", Place(x=0, y=6, w=48, h=14), _SESSIONS["canhgiac-silent-sources"]),
        bars(
            "rhythm",
            "Bài thu thập theo loại nguồn",
            Place(x=0, y=20, w=24, h=13),
            view=DOCUMENTS_VIEW,
            x="collected",
            split="source_kind",
        ),
        table(
            "states",
            "Nguồn theo tình trạng",
            Place(x=24, y=20, w=12, h=13),
            view=SOURCES_VIEW,
            by=("state",),
            query="enabled: on",
        ),
        table(
            "busiest",
            "Bài theo nguồn, lần cuối",
            Place(x=36, y=20, w=12, h=13),
            view=DOCUMENTS_VIEW,
            by=("source",),
            latest="collected",
            size=50,
        ),
    ]


def _dashboard(id_: str, title: str, description: str, panels: Sequence[Panel]) -> Json:
    attributes: Json = {
        "title": title,
        "description": description,
        "panelsJSON": packed([panel.body for panel in panels]),
        "optionsJSON": packed(
            {
                "useMargins": True,
                "syncColors": False,
                "syncCursor": True,
                "syncTooltips": False,
                "hidePanelTitles": False,
            }
        ),
        # The window stays the reader's: three days at first, wider after a holiday.
        "timeRestore": False,
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": packed({"query": {"query": "", "language": "kuery"}, "filter": []})
        },
    }
    return saved_object("dashboard", id_, attributes, [item for panel in panels for item in panel.references])
