"""How much a cluster weighs, 0 to 100, and why it is raised and why it is new, in Vietnamese sentences. Pure.

The weights only ever add up as documents join (one exception: a cluster known from articles alone), so a fraud that was
too light at first is raised when it recurs, in whatever order its documents came.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attrs import frozen

from alerts.evidence import Evidence
from alerts.leads import Cluster, warning_gap_hours
from alerts.wording import capital, hours, join, number
from extraction.kinds.base import kinds as entity_kinds

RAISE_AT = 55
"""Least score of a lead: one sign alone is not enough unless the form is urgent. A sure suspect never seen before that met a
query of a form has 50; it is raised when it recurs, is disguised, or can be both called and paid. Chosen on the feeds of
tests/corpus/feed.py and on the demo's town."""

RAISE_ALONE_AT = 70
"""Least score where one post is all there is: no second post with its number, no official warning of it. A wording that many
honest people copy is misread in every copy, each with another number: on a feed in wording that nobody here had seen, 47 of
48 false leads were single posts of 55 to 65 points, and of 40 frauds one would wait for its second post."""

_FORM = 30
_RECOGNISED = 25
_PLAIN_WORDS = 15
_SOFT = 15
_GENERIC = 5
_OWN_QUERY = 55
_URGENT = 5
_OPEN = -15
_SUSPECT = 10
_SURE = 5
_SURE_FROM = 0.75
_CERTAIN = 15
_CERTAIN_FROM = 0.93
"""On 2,500 posts in wording that nobody here had seen, 1 in 6 posts of frauds reached it and no honest one."""
_SEVERAL_KINDS = 10
_MARKS = {"disguised": 10, "look_alike": 15, "installable": 10, "shortener": 5}
_REPEATS = ((2, 10), (5, 5), (12, 5))
_SEVERAL_SOURCES = 10
_WARNED = 10
_FRESH = 5
_REACH = ((1_000, 5), (20_000, 5))

_MARK_WORDS = {
    "disguised": "số được viết biến dạng để né kiểm duyệt",
    "look_alike": "tên miền nhái cơ quan hoặc thương hiệu",
    "installable": "dụ cài tệp ứng dụng ngoài kho chính thức",
    "shortener": "giấu địa chỉ sau liên kết rút gọn",
}


@frozen(kw_only=True)
class Weight:
    """The score of a cluster with what it is made of: (points, Vietnamese words), heaviest first.

    alone: one post is all there is, see RAISE_ALONE_AT.
    """

    score: int
    parts: tuple[tuple[int, str], ...]
    alone: bool = False

    @property
    def needed(self) -> int:
        """The least score at which it is raised."""
        return RAISE_ALONE_AT if self.alone else RAISE_AT

    @property
    def reason(self) -> str:
        """One sentence for people."""
        words = [text for points, text in self.parts if points > 0 and text]
        return f"{capital('; '.join(words))}." if words else ""


def weigh(
    cluster: Cluster,
    *,
    titles: Sequence[str],
    forms: Sequence[str],
    own_query: bool,
    generic_titles: Collection[str] = (),
    fresh: Collection[str] = (),
    urgent: bool = False,
) -> Weight:
    """The weight of a cluster.

    titles: titles of the queries that fired and name a form. forms: names of the forms recognised. own_query: a query
    of the installation's own fired. generic_titles: titles of fired queries without a
    form. fresh: entity keys seen in no other document. urgent: a query that is to be told at once fired.
    """
    grounds = {item.ground for item in cluster.evidence if item.suspects}
    soft = grounds == {"soft"}
    parts = [_base(titles, forms, own_query=own_query, generic=generic_titles, grounds=grounds)]
    parts += _identifiers(cluster.evidence, fresh, soft=soft)
    recurring = _recurring(cluster.evidence, soft=soft)
    parts += _spread(cluster.evidence, *recurring)
    gap = warning_gap_hours(cluster)
    posts = [item for item in cluster.evidence if not item.official]
    if gap is not None and posts:
        parts.append((_WARNED, "trùng định danh trong cảnh báo chính thức"))
    if urgent and not soft:
        parts.append((_URGENT, ""))
    if posts and all("open" in item.marks for item in posts):
        parts.append((_OPEN, ""))
    ranked = tuple(sorted((part for part in parts if part[0]), key=lambda part: -part[0]))
    alone = not own_query and gap is None and recurring[0] < 2
    return Weight(score=max(0, min(100, sum(points for points, _ in ranked))), parts=ranked, alone=alone)


def _base(
    titles: Sequence[str], forms: Sequence[str], *, own_query: bool, generic: Collection[str], grounds: Collection[str]
) -> tuple[int, str]:
    soft = grounds == {"soft"}
    if own_query:
        named = [*titles, *sorted(generic)]
        return _OWN_QUERY, f"khớp truy vấn do đơn vị đặt “{named[0]}”" if named else "khớp truy vấn do đơn vị đặt"
    if titles:
        more = f" và {len(titles) - 1} truy vấn khác" if len(titles) > 1 else ""
        return _SOFT if soft else _FORM, f"khớp truy vấn “{titles[0]}”{more}"
    if not generic:
        return 0, ""
    if forms:
        return _SOFT if soft else _RECOGNISED, f"có dấu hiệu của hình thức “{forms[0]}”"
    return (_GENERIC if soft else _PLAIN_WORDS), f"khớp truy vấn “{sorted(generic)[0]}”"


def _identifiers(evidence: Sequence[Evidence], fresh: Collection[str], *, soft: bool) -> list[tuple[int, str]]:
    strong = [mention for item in evidence for mention in item.strong]
    kinds = sorted({mention.kind for mention in strong}, key=_order)
    parts: list[tuple[int, str]] = []
    if strong:
        words = join([_label(kind) for kind in kinds[:3]])
        parts.append((_SUSPECT, f"có {words} nghi vấn"))
        sureness = max(mention.confidence for mention in strong)
        if sureness >= _SURE_FROM:
            parts.append((_CERTAIN if sureness >= _CERTAIN_FROM else _SURE, ""))
        if len(_ways(kinds) - ({"call", "pay"} if soft else set())) > (0 if soft else 1):
            parts.append((_SEVERAL_KINDS, ""))
    for mark, points in _MARKS.items():
        if any(mark in item.marks for item in evidence):
            parts.append((points, _MARK_WORDS[mark]))
    if any(mention.entity.key in fresh for mention in strong):
        parts.append((_FRESH, ""))
    return parts


def _ways(kinds: Collection[str]) -> set[str]:
    """Ways to reach or pay: a handle that repeats a phone is not a second one. An honest seller has both."""
    groups = {"phone": "call", "hotline": "call", "handle": "call", "account": "pay", "wallet": "pay", "card": "pay"}
    return {groups.get(kind, kind) for kind in kinds}


def _recurring(evidence: Sequence[Evidence], *, soft: bool) -> tuple[int, int]:
    """(documents, sources) of the identifier that recurs most. Copies of a text under different numbers count once: honest
    sellers share a wording, only one hand shares a number. Where nothing but soft words speaks against it, reposts of one
    text count once too."""
    holders: dict[str, list[Evidence]] = {key: [] for item in evidence for key in item.keys}
    for item in evidence:
        for key in item.keys if soft else {*item.keys, *item.echoes}:
            if key in holders:
                holders[key].append(item)
    same = max(holders.values(), key=lambda items: (len(items), len({item.source for item in items})), default=[])
    return len({item.family for item in same}) if soft else len(same), len({item.source for item in same})


def _spread(evidence: Sequence[Evidence], documents: int, sources: int) -> list[tuple[int, str]]:
    """How often one identifier recurs, see `_recurring`, and how many people the posts have reached."""
    parts: list[tuple[int, str]] = []
    repeated = sum(points for least, points in _REPEATS if documents >= least)
    if repeated:
        where = f"{documents} bài" + (f", {sources} nguồn" if sources > 1 else "")
        parts.append((repeated, f"cùng định danh lặp lại ở {where}"))
    if sources > 1 and documents > 1:
        parts.append((_SEVERAL_SOURCES, ""))
    reach = sum(item.reach for item in evidence)
    reached = sum(points for least, points in _REACH if reach >= least)
    if reached:
        parts.append((reached, f"đã có khoảng {number(reach)} lượt tiếp cận"))
    return parts


def novelty(cluster: Cluster, *, fresh: Collection[str]) -> str:
    """Why the lead is new, in one sentence. fresh: entity keys seen in no document outside the cluster."""
    entities = {mention.entity.key for item in cluster.evidence for mention in item.suspects}
    unseen = len(entities & set(fresh))
    gap = warning_gap_hours(cluster)
    if not entities:
        first = "Chưa có bài nào giống nội dung này trong kho"
    elif unseen == len(entities):
        first = (
            "Định danh này chưa từng có trong sổ đăng ký"
            if unseen == 1
            else f"Cả {unseen} định danh đều chưa từng có trong sổ đăng ký"
        )
    elif unseen:
        first = (
            f"{unseen} trong {len(entities)} định danh chưa từng có trong sổ đăng ký, số còn lại đã gặp trước đợt này"
        )
    else:
        first = "Định danh đã gặp trước đây nay hoạt động trở lại"
    return f"{first}; {_warned(gap)}."


def _warned(gap: float | None) -> str:
    if gap is None:
        return "chưa thấy cơ quan nào cảnh báo"
    if gap > 0:
        return f"hệ thống thấy trước cảnh báo chính thức {hours(gap)}"
    return f"đã có cảnh báo chính thức trước đó {hours(-gap)}" if gap < 0 else "cảnh báo chính thức ra cùng lúc"


def _label(kind: str) -> str:
    known = entity_kinds().get(kind)
    return known.label[:1].lower() + known.label[1:] if known else kind


def _order(kind: str) -> tuple[int, str]:
    known = entity_kinds().get(kind)
    return (known.rank if known else 99), kind
