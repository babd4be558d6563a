"""What a saved query would have done in the last days: how much it meets, how many leads and mails that makes a day.

The documents are asked of the search index and go through the same evidence, grouping, rule and weight as new ones; nothing
is written. It answers the question that decides whether a query may call people: is it inside their daily budget?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from attrs import frozen

from alerts import families as near
from alerts.decide import Book, decide
from alerts.evidence import Evidence, read
from alerts.leads import Cluster, group
from alerts.policy import HANOI
from alerts.rules.base import make_rule
from extraction.narratives import forms
from indexer.port import SearchIndex, SearchRequest
from model.document import DocumentVersion
from model.message import Recipient
from model.query import Priority, SavedQuery
from store import deliveries, documents, leads

MOST = 5_000
"""Hits that are weighed, newest first; of a query that meets more, the days that they reach back are counted."""

SAMPLE = 5
OVERLAPS = 20

BROAD = 0.05
"""Share of all documents from which a query is called broad: one post in twenty is no sign of anything."""


@frozen(kw_only=True)
class Load:
    """What one recipient would get. mails: a day on average; busiest: most on one day; over: days beyond the budget;
    others: mails a day that the recipient gets already without this query."""

    recipient: Recipient
    mails: float
    busiest: int
    over: int
    others: float

    @property
    def within(self) -> bool:
        """Whether the budget holds every day, and on average with what comes already."""
        return not self.over and self.mails + self.others <= self.recipient.daily_budget


@frozen(kw_only=True)
class Backtest:
    """days: asked for; weighed: documents and days that leads and mails were worked out of. share: of all documents of
    those days. overlaps: other saved queries with the documents that both meet. sample: newest first."""

    query: SavedQuery
    days: int
    hits: int
    share: float
    weighed: tuple[int, float]
    leads: int
    loads: tuple[Load, ...]
    overlaps: Mapping[str, int]
    source_kinds: Mapping[str, int]
    sample: tuple[DocumentVersion, ...]

    @property
    def broad(self) -> bool:
        return self.share >= BROAD

    @property
    def within(self) -> bool:
        """Whether nobody's budget is broken."""
        return all(load.within for load in self.loads)

    @property
    def leads_per_day(self) -> float:
        return self.leads / self.weighed[1]

    @property
    def mails_per_day(self) -> float:
        return sum(load.mails for load in self.loads)


def backtest(
    query: SavedQuery, *, index: SearchIndex, recipients: Sequence[Recipient], now: datetime, days: int
) -> Backtest:
    """The query over the documents collected in the last days. Raises QuerySyntaxError, ConfigError for an unusable rule,
    SearchError when the index does not answer."""
    start = now - timedelta(days=days)
    request = SearchRequest(
        query=query.query,
        start=start,
        time_field="collected",
        sort="collected",
        limit=MOST,
        facets=("queries", "source_kind"),
        facet_size=OVERLAPS + 1,
    )
    found = index.search(request)
    everything = index.search(SearchRequest(start=start, time_field="collected", limit=0)).total
    known = documents.get_many(found.ids)
    versions = [known[key] for key in found.ids if key in known]
    reach = days if not found.next else max(1.0, (now - versions[-1].document.collected) / timedelta(days=1))
    raised = _raised(query, versions, now)
    overlaps = dict(found.facets["queries"])
    overlaps.pop(query.id, None)
    return Backtest(
        query=query,
        days=days,
        hits=found.total,
        share=found.total / everything if everything else 0.0,
        weighed=(len(versions), reach),
        leads=len(raised),
        loads=_loads(query, raised, recipients, now=now, days=reach),
        overlaps=dict(list(overlaps.items())[:OVERLAPS]),
        source_kinds=dict(found.facets["source_kind"]),
        sample=tuple(versions[:SAMPLE]),
    )


def _raised(query: SavedQuery, versions: Sequence[DocumentVersion], now: datetime) -> list[Cluster]:
    """The clusters that would be leads."""
    book = Book(
        queries={query.id: query},
        rules={query.id: make_rule(query)},
        forms={key: form.name for key, form in forms().items()},
    )
    ordered = sorted(versions, key=lambda version: version.seq)
    copies = near.assign(ordered, {}).copies
    evidence = {
        version.document.id: read(version, queries=(query.id,), copies=copies[version.document.id])
        for version in ordered
    }
    hits = set(evidence)
    evidence |= _kin(evidence)
    raised = []
    clusters = group(evidence.values(), realert={query.id: query.realert})
    seen = _seen_before(clusters, evidence)
    for cluster in clusters:
        if any(item.document in hits for item in cluster.evidence):
            one = decide(cluster, book=book, seen_elsewhere=seen[id(cluster)], arrived=hits, now=now)
            if one.lead is not None:
                raised.append(cluster)
    return raised


def _kin(evidence: Mapping[str, Evidence]) -> dict[str, Evidence]:
    """Documents that share a number with the hits: they make a lead heavier."""
    keys = {key for item in evidence.values() for key in item.keys}
    named = {document for found in documents.with_entities(keys).values() for document in found[-MOST // 10 :]}
    missing = sorted(named - set(evidence))[:MOST]
    return {key: read(version) for key, version in documents.get_many(missing).items()}


def _seen_before(clusters: Sequence[Cluster], evidence: Mapping[str, Evidence]) -> dict[int, Collection[str]]:
    """For each cluster the identifiers that a document outside it named before its first one."""
    named = {mention.entity.key for item in evidence.values() for mention in item.suspects}
    holders = documents.with_entities(named)
    arrival = documents.seqs({document for found in holders.values() for document in found})
    seen: dict[int, Collection[str]] = {}
    for cluster in clusters:
        inside = {item.document for item in cluster.evidence}
        first = min(item.seq for item in cluster.evidence)
        seen[id(cluster)] = {
            mention.entity.key
            for item in cluster.evidence
            for mention in item.suspects
            if any(
                arrival.get(document, first) < first and document not in inside
                for document in holders.get(mention.entity.key, ())
            )
        }
    return seen


def _loads(
    query: SavedQuery, raised: Sequence[Cluster], recipients: Sequence[Recipient], *, now: datetime, days: float
) -> tuple[Load, ...]:
    """What each recipient of an urgent query would get, in the order of the sheets; nobody for a query of the digest."""
    if query.priority is not Priority.IMMEDIATE:
        return ()
    start, loads = now - timedelta(days=days), []
    own = sum(query.id in lead.queries and lead.priority == "immediate" for lead in leads.list_leads(since=start))
    for recipient in recipients:
        if query.recipients and recipient.id not in query.recipients:
            continue
        a_day: Counter[date] = Counter()
        for cluster in raised:
            if _concerns(cluster, recipient):
                a_day[cluster.first_seen.astimezone(HANOI).date()] += len(recipient.addresses)
        loads.append(
            Load(
                recipient=recipient,
                mails=a_day.total() / days,
                busiest=max(a_day.values(), default=0),
                over=sum(count > recipient.daily_budget for count in a_day.values()),
                others=max(0, deliveries.sent_today(recipient.id, start) - own * len(recipient.addresses)) / days,
            )
        )
    return tuple(loads)


def _concerns(cluster: Cluster, recipient: Recipient) -> bool:
    regions = {code for item in cluster.evidence for code in item.regions}
    return not recipient.regions or not regions or bool(regions & set(recipient.regions))
