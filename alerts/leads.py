"""Grouping documents into leads, and what a lead says. Pure: the same evidence gives the same leads in any order.

Two clusters are one when they share a join key and their times are no further apart than the realert window. Merging
only adds keys and widens the time, so the result does not depend on the order in which it is done: a lead is a
connected component. Articles and official warnings never tie two posts together (a list of thirty numbers would make
thirty frauds one); they are attached to every lead whose key they name, and form leads of their own only from what no
post uses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType

from attrs import evolve, frozen

from alerts.evidence import STRONG_KINDS, Evidence
from model.document import Entity, Mention, Role
from model.lead import Lead, LeadIdentifier

DEFAULT_REALERT = timedelta(hours=24)
"""Realert window of a document that met no saved query."""

ATTACH_WINDOW = timedelta(days=30)
"""How long before the first or after the last post of a lead an official warning still belongs to it."""

MAX_IDENTIFIERS = 200
"""Identifiers kept on a lead, most often seen first (the longest copied list read while designing had 133)."""

MAX_DOCUMENTS = 2_000
"""Documents listed on one lead; a fraud with more is counted on and listed no further."""


@frozen(kw_only=True)
class Cluster:
    """Documents of one fraud episode: evidence in order of seq, existing leads oldest first.

    whole: the documents of its leads were all looked at. Of a large lead only some are: then what the lead says already
    stands, and the others add to it.
    """

    evidence: tuple[Evidence, ...]
    leads: tuple[Lead, ...] = ()
    whole: bool = True

    @property
    def news(self) -> tuple[Evidence, ...]:
        """What does not stand on its leads yet."""
        listed = {document for lead in self.leads for document in lead.documents}
        codes = {lead.code for lead in self.leads}
        return tuple(item for item in self.evidence if item.document not in listed and codes.isdisjoint(item.leads))

    @property
    def queries(self) -> tuple[str, ...]:
        return tuple(sorted({query for item in self.evidence for query in item.queries}))

    @property
    def first_seen(self) -> datetime:
        return min(item.at for item in self.evidence)

    @property
    def last_seen(self) -> datetime:
        return max(item.at for item in self.evidence)

    @property
    def keys(self) -> tuple[str, ...]:
        """Join keys, best first: those of posts; those of articles only where there is no post."""
        tying = [item for item in self.evidence if item.bridges] or self.evidence
        return tuple(dict.fromkeys(key for item in tying for key in item.joins))


class _Node:
    """A growing cluster inside the closure."""

    def __init__(self, keys: Iterable[str], first: datetime, last: datetime, window: timedelta) -> None:
        self.keys, self.first, self.last, self.window = set(keys), first, last, window
        self.evidence: list[Evidence] = []
        self.leads: list[Lead] = []

    def near(self, other: _Node) -> bool:
        gap = max(self.first, other.first) - min(self.last, other.last)
        return gap <= max(self.window, other.window)

    def take(self, other: _Node) -> None:
        self.keys |= other.keys
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.window = max(self.window, other.window)
        self.evidence += other.evidence
        self.leads += other.leads


def group(
    evidence: Iterable[Evidence], leads: Iterable[Lead] = (), *, realert: Mapping[str, timedelta] | None = None
) -> tuple[Cluster, ...]:
    """The clusters that the evidence and the existing leads make.

    evidence must hold the documents of the given leads (as many as are kept). realert: window by saved query id.
    A cluster is not yet a lead: whether a rule fired and whether it weighs enough is decided by the caller.
    """
    items = {item.document: item for item in evidence}
    windows = realert or {}
    posts = {key: item for key, item in items.items() if item.bridges}
    reports = {key: item for key, item in items.items() if not item.bridges}
    tying, telling = _split(tuple(leads), items)
    post_nodes = _closure(
        [_node(item, windows) for item in posts.values()] + [_lead_node(lead, items) for lead in tying]
    )
    report_nodes = _closure([_node(item, windows) for item in reports.values()])
    attached = _attach(post_nodes, reports.values())
    left = [_without(node, attached) for node in report_nodes]
    remaining = [node for node in left if node.evidence]
    _give_back(telling, post_nodes, remaining)
    return tuple(_cluster(node, items) for node in [*post_nodes, *remaining] if node.evidence)


def _split(leads: Sequence[Lead], items: Mapping[str, Evidence]) -> tuple[list[Lead], list[Lead]]:
    """Leads that hold a post, and leads made of articles and warnings alone."""
    tying: list[Lead] = []
    telling: list[Lead] = []
    for lead in leads:
        known = [items[document] for document in lead.documents if document in items]
        (telling if known and not any(item.bridges for item in known) else tying).append(lead)
    return tying, telling


def _node(item: Evidence, windows: Mapping[str, timedelta]) -> _Node:
    window = max((windows.get(query, DEFAULT_REALERT) for query in item.queries), default=DEFAULT_REALERT)
    node = _Node(item.joins or (f"document:{item.document}",), item.at, item.at, window)
    node.evidence.append(item)
    return node


def _lead_node(lead: Lead, items: Mapping[str, Evidence]) -> _Node:
    """An existing lead: its own posts are tied to it by its id whatever their newest version says.

    Its time is that of its posts: a warning from weeks before would reach into the episode before this one.
    """
    posts = [items[document] for document in lead.documents if document in items and items[document].bridges]
    stored = () if _is_whole(lead, items) else (lead.first_post, lead.last_post)
    times = [*(item.at for item in posts), *(at for at in stored if at is not None)]
    first, last = min(times, default=lead.first_seen), max(times, default=lead.last_seen)
    window = timedelta(seconds=lead.realert_seconds)
    node = _Node({*lead.keys, *(key for item in posts for key in item.joins)}, first, last, window)
    node.leads.append(lead)
    node.evidence += posts
    return node


def _is_whole(lead: Lead, items: Mapping[str, Evidence]) -> bool:
    return len(lead.documents) < MAX_DOCUMENTS and all(document in items for document in lead.documents)


def _closure(nodes: Sequence[_Node]) -> list[_Node]:
    """Merge nodes that share a key and are near in time until nothing changes."""
    roots = _same_documents(nodes)
    changed = True
    while changed:
        changed = False
        holders: dict[str, list[_Node]] = defaultdict(list)
        for node in roots:
            for key in node.keys:
                holders[key].append(node)
        gone: dict[int, _Node] = {}
        for key in sorted(holders):
            for left, right in pairwise(_living(holders[key], gone)):
                left, right = _root(left, gone), _root(right, gone)
                if left is not right and left.near(right):
                    left.take(right)
                    gone[id(right)] = left
                    changed = True
        roots = [node for node in roots if id(node) not in gone]
    return roots


def _same_documents(nodes: Sequence[_Node]) -> list[_Node]:
    """Nodes that hold one document are one node, whatever their times."""
    owner: dict[str, _Node] = {}
    roots: list[_Node] = []
    gone: dict[int, _Node] = {}
    for node in sorted(nodes, key=lambda node: not node.leads):
        for item in list(node.evidence):
            other = owner.get(item.document)
            target = _root(other, gone) if other is not None else None
            mine = _root(node, gone)
            if target is not None and target is not mine:
                target.take(mine)
                gone[id(mine)] = target
            owner.setdefault(item.document, node)
        roots.append(node)
    return [node for node in roots if id(node) not in gone]


def _living(nodes: Sequence[_Node], gone: Mapping[int, _Node]) -> list[_Node]:
    return sorted(
        {id(root): root for root in (_root(node, gone) for node in nodes)}.values(), key=lambda node: node.first
    )


def _root(node: _Node, gone: Mapping[int, _Node]) -> _Node:
    while id(node) in gone:
        node = gone[id(node)]
    return node


def _attach(nodes: Sequence[_Node], reports: Iterable[Evidence]) -> set[str]:
    """Give every article, and every post with nothing against it, to each cluster of posts whose key it names; returns those
    that found one."""
    holders: dict[str, list[_Node]] = defaultdict(list)
    for node in nodes:
        for key in node.keys:
            holders[key].append(node)
    attached = set()
    for report in reports:
        for node in {
            id(node): node for key in (*report.joins, *report.echoes) for node in holders.get(key, ())
        }.values():
            if node.first - ATTACH_WINDOW <= report.at <= node.last + ATTACH_WINDOW:
                node.evidence.append(report)
                attached.add(report.document)
    return attached


def _without(node: _Node, attached: set[str]) -> _Node:
    node.evidence = [item for item in node.evidence if item.document not in attached]
    return node


def _give_back(telling: Sequence[Lead], posts: Sequence[_Node], remaining: Sequence[_Node]) -> None:
    """A lead of articles alone stays with what is left of it; when posts took all of it, with the oldest of those."""
    for lead in telling:
        documents = set(lead.documents)
        for nodes in (remaining, sorted(posts, key=lambda node: node.first)):
            found = next((node for node in nodes if any(item.document in documents for item in node.evidence)), None)
            if found is not None:
                found.leads.append(lead)
                break


def _cluster(node: _Node, items: Mapping[str, Evidence]) -> Cluster:
    unique = {item.document: item for item in node.evidence}
    leads = sorted({lead.id: lead for lead in node.leads}.values(), key=age)
    return Cluster(
        evidence=tuple(sorted(unique.values(), key=lambda item: (item.seq, item.document))),
        leads=tuple(leads),
        whole=all(_is_whole(lead, items) for lead in leads),
    )


def age(lead: Lead) -> tuple[datetime, int, str]:
    """Sort key: the oldest lead first; of two made at once, the one with the smaller code."""
    number = lead.code.rpartition("-")[2]
    return lead.created, int(number) if number.isdigit() else 0, lead.id


class _Tally:
    """How often an entity is named, and what is said of it; what was said first stays."""

    def __init__(
        self, mentions: int = 0, documents: int = 0, attributes: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.mentions, self.documents, self.attributes = mentions, documents, dict(attributes)

    def add(self, mention: Mention, *, first: bool) -> None:
        self.mentions += 1
        self.documents += first
        self.attributes = {**mention.attributes, **self.attributes}


def identifiers(cluster: Cluster) -> tuple[LeadIdentifier, ...]:
    """The suspects of a cluster, most documents first. From an article with posts beside it, only what the posts use.

    Where not all documents of its leads were looked at, what is new is counted on top of what the leads list.
    """
    tallies = {} if cluster.whole else _listed(cluster.leads)
    posts = [item for item in cluster.evidence if item.bridges]
    used = {_name(mention) for item in posts for mention in item.suspects} | tallies.keys()
    for item in cluster.evidence if cluster.whole else cluster.news:
        seen = set()
        for mention in item.suspects:
            name = _name(mention)
            if not posts or item.bridges or name in used:
                tallies.setdefault(name, _Tally()).add(mention, first=name not in seen)
                seen.add(name)
    ranked = sorted(
        tallies.items(), key=lambda one: (one[0][0] not in STRONG_KINDS, -one[1].documents, f"{one[0][0]}:{one[0][1]}")
    )
    return tuple(
        LeadIdentifier(
            entity=Entity(kind=kind, value=value),
            role=Role.SUSPECT,
            mentions=tally.mentions,
            documents=tally.documents,
            attributes=tally.attributes,
        )
        for (kind, value), tally in ranked[:MAX_IDENTIFIERS]
    )


def _name(mention: Mention | Entity) -> tuple[str, str]:
    return mention.kind, mention.value


def _listed(leads: Sequence[Lead]) -> dict[tuple[str, str], _Tally]:
    """What leads list, added up."""
    tallies: dict[tuple[str, str], _Tally] = {}
    for lead in leads:
        for one in lead.identifiers:
            tally = tallies.setdefault(_name(one.entity), _Tally())
            tally.mentions += one.mentions
            tally.documents += one.documents
            tally.attributes = {**one.attributes, **tally.attributes}
    return tallies


def warning_gap_hours(cluster: Cluster) -> float | None:
    """Hours from our first sight to the first official warning; None without one; positive when we were first."""
    warned = [item.published or item.at for item in cluster.evidence if item.source_kind == "warning"]
    if not warned:
        return None
    posts = [item.at for item in cluster.evidence if not item.official]
    seen = min(posts) if posts else cluster.first_seen
    return round((min(warned) - seen).total_seconds() / 3600, 1)


def merged(leads: Sequence[Lead]) -> Lead:
    """The oldest of several leads, holding the documents, keys and queries of all."""
    oldest, *younger = leads
    return (
        evolve(
            oldest,
            documents=tuple(dict.fromkeys(document for lead in leads for document in lead.documents)),
            keys=tuple(dict.fromkeys(key for lead in leads for key in lead.keys)),
            queries=tuple(sorted({query for lead in leads for query in lead.queries})),
            score=max(lead.score for lead in leads),
            first_post=min((lead.first_post for lead in leads if lead.first_post), default=None),
            last_post=max((lead.last_post for lead in leads if lead.last_post), default=None),
            first_seen=min(lead.first_seen for lead in leads),
            last_seen=max(lead.last_seen for lead in leads),
            realert_seconds=max(lead.realert_seconds for lead in leads),
        )
        if younger
        else oldest
    )
