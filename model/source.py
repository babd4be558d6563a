"""Where documents come from, and how one visit went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import field, frozen, validators

from model.document import SOURCE_KINDS


class Origin(StrEnum):
    """Which hand wrote a source or a saved query. Shipped and site files are read-only in the console."""

    SHIPPED = "shipped"
    SITE = "site"
    CONSOLE = "console"
    KIBANA = "kibana"
    IMPORTED = "imported"


class SourceState(StrEnum):
    """How the last visit ended. `empty` and `blocked` must never look alike."""

    NEW = "new"
    OK = "ok"
    EMPTY = "empty"
    BLOCKED = "blocked"
    LOGIN_WALL = "login_wall"
    QUOTA = "quota"
    DRIFT = "drift"
    FAILED = "failed"
    DEAD = "dead"


STATE_LABELS: Mapping[SourceState, str] = {
    SourceState.NEW: "chưa chạy",
    SourceState.OK: "hoạt động",
    SourceState.EMPTY: "không có tin",
    SourceState.BLOCKED: "bị chặn",
    SourceState.LOGIN_WALL: "đòi đăng nhập",
    SourceState.QUOTA: "bị giới hạn lượt",
    SourceState.DRIFT: "trang đổi giao diện",
    SourceState.FAILED: "lỗi",
    SourceState.DEAD: "không còn",
}

BLIND_STATES = frozenset(
    {SourceState.BLOCKED, SourceState.LOGIN_WALL, SourceState.DRIFT, SourceState.FAILED, SourceState.DEAD}
)
"""States in which we see nothing of the source: named in the coverage line of every digest."""

NOT_CHECKED = "chưa thử với trang thật"


@frozen(kw_only=True)
class Source:
    """One thing that is watched: its sheet, as a noun.

    id: lower_snake, publisher first. spider: name of the spider family (`feed`, `listing`, `json_api`, `thread`,
    `browser`) or of a peculiar site's own spider; "" for imported sources, which are never crawled. kind: source kind of
    its documents. url: where a visit begins. interval: between visits. options: what the spider's `Options` check.
    expect_min: documents or known items that a healthy visit sees. notice: what officials should know of
    it, in Vietnamese; a sheet that nobody has tried yet begins with `NOT_CHECKED`.
    """

    id: str
    title: str
    spider: str = ""
    kind: str = field(validator=validators.in_(SOURCE_KINDS))
    url: str = ""
    interval: timedelta = timedelta(minutes=30)
    enabled: bool = False
    expect_min: int = 1
    options: Mapping[str, object] = field(factory=dict)
    access_basis: str = "public page"
    terms_checked_on: str = ""
    notice: str = ""
    origin: Origin = field(default=Origin.SITE, converter=Origin)
    file: str = ""


@frozen(kw_only=True)
class Cursor:
    """What is remembered of a listing between visits: validators for conditional GET, by URL, and the spider's own marks."""

    etags: Mapping[str, str] = field(factory=dict)
    modified: Mapping[str, str] = field(factory=dict)
    marks: Mapping[str, str] = field(factory=dict)


class ItemState(StrEnum):
    """What became of an item that a listing named."""

    PENDING = "pending"
    STORED = "stored"
    GONE = "gone"


@frozen(kw_only=True)
class ListedItem:
    """An item seen in a listing: committed as `pending` together with the listing's validators.

    hint: what the listing already told (title, time), kept as JSON text for the retry. not_before: do not ask again
    earlier (Retry-After).
    """

    external_id: str
    url: str
    hint: str = "{}"
    state: ItemState = field(default=ItemState.PENDING, converter=ItemState)
    attempts: int = 0
    not_before: datetime | None = None


@frozen(kw_only=True)
class Run:
    """One visit of one source: row of the run table and line of `crawl --json`."""

    id: str
    source: str
    batch: str
    started: datetime
    finished: datetime | None = None
    state: SourceState = field(default=SourceState.NEW, converter=SourceState)
    pages: int = 0
    bytes: int = 0
    listed: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0
    not_modified: int = 0
    pending: int = 0
    error: str = ""
    retry_after: float | None = None


@frozen(kw_only=True)
class SourceStatus:
    """A source with what is known of its visits: row of `source list` and of the health page."""

    source: Source
    state: SourceState = field(default=SourceState.NEW, converter=SourceState)
    state_since: datetime | None = None
    next_due: datetime | None = None
    last_run: Run | None = None
    last_document: datetime | None = None
    documents: int = 0
    pending: int = 0
    failures: int = 0
