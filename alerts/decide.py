"""From a cluster to a lead, or to the reason why there is none. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from attrs import evolve, frozen

from alerts.leads import DEFAULT_REALERT, MAX_DOCUMENTS, Cluster, identifiers, merged, warning_gap_hours
from alerts.rules.base import Case, Rule
from alerts.scoring import Weight, novelty, weigh
from alerts.wording import join
from model.ids import lead_id
from model.lead import Lead, Suppression
from model.query import Priority, SavedQuery
from model.source import Origin

TOLD_WITHIN = timedelta(hours=24)
"""A lead found in documents that came before its query calls somebody only if its last document is younger than this and than
the realert window: what is older is no emergency, and there may be hundreds of it."""

MOST_FORMS = 4
"""Forms listed on one lead."""

NOTHING = Weight(score=0, parts=())


@frozen(kw_only=True)
class Book:
    """The saved queries with their rules, and the names of scam forms."""

    queries: Mapping[str, SavedQuery]
    rules: Mapping[str, Rule]
    forms: Mapping[str, str]

    def fired(self, cluster: Cluster, seen_elsewhere: Collection[str]) -> tuple[SavedQuery, ...]:
        """Queries whose rule fires on the cluster: those that name a form first, most documents first, urgent before not."""
        fired = []
        for name in cluster.queries:
            if name not in self.rules:
                continue
            matched = tuple(item for item in cluster.evidence if name in item.queries)
            case = Case(matched=matched, evidence=cluster.evidence, seen_elsewhere=frozenset(seen_elsewhere))
            if self.rules[name].fires(case):
                fired.append(self.queries[name])
        met = {name: sum(name in item.queries for item in cluster.evidence) for name in cluster.queries}
        return tuple(sorted(fired, key=lambda q: (not q.form, -met[q.id], q.priority is not Priority.IMMEDIATE, q.id)))


@frozen(kw_only=True)
class Past:
    """Documents are looked at again because these saved queries are new, edited or approved."""

    queries: tuple[SavedQuery, ...]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(query.id for query in self.queries)

    def named(self, fired: Collection[SavedQuery]) -> str:
        """Titles for people: of those that fired, of all where none did."""
        ids = {query.id for query in fired}
        shown = [query for query in self.queries if query.id in ids] or self.queries
        return join([f"“{query.title}”" for query in shown])

    def novelty(self, fired: Collection[SavedQuery]) -> str:
        """For people: why a lead of documents that have long been here is told of now."""
        return f"Tìm thấy khi rà lại bài đã thu thập, vì truy vấn {self.named(fired)} vừa được thêm hoặc sửa."

    def is_over(self, cluster: Cluster, fired: Collection[SavedQuery], now: datetime) -> bool:
        """Whether the episode is no news any more, so that nobody is called to it: it waits for the daily digest."""
        window = max([query.realert for query in fired], default=DEFAULT_REALERT)
        return cluster.last_seen < now - min(TOLD_WITHIN, window)


@frozen(kw_only=True)
class Decision:
    """What becomes of a cluster.

    lead: the lead as it is now, None when none is raised. before: the lead as it was, None for a new one. merged: leads
    that go into it. suppressions: why nothing new is sent, per document or lead. weight: what it weighs. quiet: nobody is
    told at once.
    """

    cluster: Cluster
    lead: Lead | None = None
    before: Lead | None = None
    merged: tuple[Lead, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    weight: Weight = NOTHING
    quiet: bool = False

    @property
    def says_something(self) -> bool:
        """Whether anything is to be written of it."""
        return bool(self.lead != self.before or self.merged or self.suppressions)


def decide(
    cluster: Cluster,
    *,
    book: Book,
    seen_elsewhere: Collection[str],
    arrived: Collection[str],
    now: datetime,
    past: Past | None = None,
) -> Decision:
    """seen_elsewhere: entity keys that documents outside the cluster name. arrived: document ids of this batch. past: why
    they are looked at again, None where they are new."""
    fired = book.fired(cluster, seen_elsewhere)
    quiet = past is not None and past.is_over(cluster, fired, now)
    weight = _weigh(cluster, fired, book, seen_elsewhere)
    if cluster.leads:
        one = _grow(cluster, fired, weight, book, seen_elsewhere, arrived, now, quiet=quiet)
    elif reason := _held_back(cluster, fired, weight, book):
        code, detail = reason
        one = Decision(cluster=cluster, suppressions=_per_match(cluster, arrived, code, detail, now), weight=weight)
    else:
        lead = _fill(_new_lead(cluster, fired, now), cluster, fired, weight, book, seen_elsewhere, quiet=quiet)
        if past is not None:
            lead = evolve(lead, novelty=f"{past.novelty(fired)} {lead.novelty}".strip())
        held = () if lead.priority == "immediate" else (_lead_held(*_waiting(fired, past, quiet=quiet), lead, now),)
        one = Decision(cluster=cluster, lead=lead, suppressions=held, weight=weight, quiet=quiet)
    if past is None:
        return one
    # What other queries made of these documents was said when they came.
    return evolve(one, suppressions=tuple(row for row in one.suppressions if not row.query or row.query in past.ids))


def _waiting(fired: Collection[SavedQuery], past: Past | None, *, quiet: bool) -> tuple[str, str]:
    """(code, Vietnamese) of the reason why a lead waits for the digest."""
    if past is not None and quiet and any(query.priority is Priority.IMMEDIATE for query in fired):
        return "backfill", f"bài cũ, tìm thấy khi rà lại theo truy vấn {past.named(fired)}; chờ bản tin ngày"
    return "digest_only", "chờ bản tin ngày"


def _weigh(cluster: Cluster, fired: Collection[SavedQuery], book: Book, seen_elsewhere: Collection[str]) -> Weight:
    narratives = {form for item in cluster.evidence for form in item.narratives}
    return weigh(
        cluster,
        titles=[query.title for query in fired if query.form],
        forms=[book.forms[form] for form in sorted(narratives) if form in book.forms],
        own_query=any(query.origin is not Origin.SHIPPED for query in fired),
        generic_titles=[query.title for query in fired if not query.form],
        fresh=_fresh(cluster, seen_elsewhere),
        urgent=any(query.priority is Priority.IMMEDIATE for query in fired),
    )


def _fresh(cluster: Cluster, seen_elsewhere: Collection[str]) -> set[str]:
    named = {mention.entity.key for item in cluster.evidence for mention in item.suspects}
    return named - set(seen_elsewhere)


def _held_back(cluster: Cluster, fired: Collection[SavedQuery], weight: Weight, book: Book) -> tuple[str, str] | None:
    """(code, Vietnamese) of the reason why no lead is raised."""
    if not cluster.queries:
        return "no_query", "không khớp truy vấn nào"
    if all(item.honest_only for item in cluster.evidence if item.queries):
        return "official_only", "chỉ có định danh chính thức hoặc trung tính"
    if not fired:
        labels = sorted({book.rules[name].label for name in cluster.queries if name in book.rules})
        return "rule", f"quy tắc chưa thỏa: {', '.join(labels)}"
    if weight.score < weight.needed:
        alone = ", mới có một bài" if weight.alone else ""
        return "low_score", f"chưa đủ dấu hiệu ({weight.score}/{weight.needed} điểm{alone})"
    return None


def _per_match(
    cluster: Cluster, arrived: Collection[str], code: str, detail: str, now: datetime, lead: str = ""
) -> tuple[Suppression, ...]:
    return tuple(
        Suppression(reason=code, detail=detail, at=now, query=query, document=item.document, lead=lead)
        for item in cluster.evidence
        if item.document in arrived
        for query in item.queries
    )


def _lead_held(code: str, detail: str, lead: Lead, now: datetime) -> Suppression:
    return Suppression(reason=code, detail=detail, at=now, lead=lead.id)


def _new_lead(cluster: Cluster, fired: tuple[SavedQuery, ...], now: datetime) -> Lead:
    """An empty lead under its id. Its episode begins with its first post: an article that two episodes of one number share
    came before both."""
    keys = cluster.keys or (f"document:{cluster.evidence[0].document}",)
    begun = min((item.at for item in cluster.evidence if item.bridges), default=cluster.first_seen)
    episode = begun.isoformat(timespec="milliseconds")
    return Lead(
        id=lead_id(keys[0], episode),
        title=fired[0].title,
        key=keys[0],
        created=now,
        first_seen=cluster.first_seen,
        last_seen=cluster.last_seen,
        realert_seconds=0,
    )


def _grow(
    cluster: Cluster,
    fired: tuple[SavedQuery, ...],
    weight: Weight,
    book: Book,
    seen_elsewhere: Collection[str],
    arrived: Collection[str],
    now: datetime,
    *,
    quiet: bool,
) -> Decision:
    before = cluster.leads[0]
    lead = _fill(merged(cluster.leads), cluster, fired, weight, book, seen_elsewhere, quiet=quiet)
    gone = cluster.leads[1:]
    listed, codes = set(before.documents), {lead.code for lead in cluster.leads}
    news = {
        item.document
        for item in cluster.evidence
        if item.document not in listed and (cluster.whole or codes.isdisjoint(item.leads))
    }
    held = _per_match(cluster, news & set(arrived), "realert", f"đã báo trong đợt này ({before.code})", now, before.id)
    held += tuple(_lead_held("merged", f"gộp vào {before.code}", one, now) for one in gone)
    return Decision(
        cluster=cluster, lead=lead, before=before, merged=gone, suppressions=held, weight=weight, quiet=quiet
    )


def _fill(
    lead: Lead,
    cluster: Cluster,
    fired: tuple[SavedQuery, ...],
    weight: Weight,
    book: Book,
    seen_elsewhere: Collection[str],
    *,
    quiet: bool,
) -> Lead:
    """The lead with all that its documents say; what it already had stays. quiet: it does not become urgent."""
    realert = max([query.realert for query in fired], default=DEFAULT_REALERT)
    urgent = not quiet and any(query.priority is Priority.IMMEDIATE for query in fired)
    main = fired[0] if fired and (cluster.whole or not lead.title) else None
    ties = [item for item in cluster.evidence if item.bridges] or list(cluster.evidence)
    posts = [item.at for item in cluster.evidence if item.bridges]
    seqs = [item.document for item in (cluster.evidence if cluster.whole else cluster.news)]
    return evolve(
        lead,
        title=main.title if main else lead.title,
        rule=str(main.rule.get("type", "any")) if main else lead.rule,
        keys=_keys(cluster, lead),
        queries=tuple(sorted({*lead.queries, *(query.id for query in fired)})),
        forms=_forms(cluster, lead, fired, book),
        priority="immediate" if urgent else lead.priority,
        score=max(weight.score, lead.score),
        reason=(weight.reason if cluster.whole or weight.score > lead.score else "") or lead.reason,
        novelty=lead.novelty or novelty(cluster, fresh=_fresh(cluster, seen_elsewhere)),
        documents=tuple(dict.fromkeys((*seqs, *lead.documents) if cluster.whole else (*lead.documents, *seqs)))[
            :MAX_DOCUMENTS
        ],
        identifiers=identifiers(cluster) or lead.identifiers,
        regions=tuple(dict.fromkeys((*lead.regions, *(code for item in ties for code in item.regions)))),
        first_seen=min(cluster.first_seen, lead.first_seen),
        last_seen=max(cluster.last_seen, lead.last_seen),
        first_post=min([*posts, *([lead.first_post] if lead.first_post else [])], default=None),
        last_post=max([*posts, *([lead.last_post] if lead.last_post else [])], default=None),
        warning_gap_hours=_gap(cluster, lead),
        realert_seconds=max(lead.realert_seconds, int(realert.total_seconds())),
    )


def _keys(cluster: Cluster, lead: Lead) -> tuple[str, ...]:
    """All join keys known here; those of identifiers before those of copies, for a large lead carries the first ones along."""
    keys = dict.fromkeys((*cluster.keys, *lead.keys))
    return tuple(keys) if cluster.whole else tuple(sorted(keys, key=lambda key: key.startswith("copy:")))


def _forms(cluster: Cluster, lead: Lead, fired: tuple[SavedQuery, ...], book: Book) -> tuple[str, ...]:
    """Forms named by the fired queries, then those recognised in at least one post, most often first; on a large lead behind
    those that it has."""
    counts: dict[str, int] = {}
    for item in cluster.evidence:
        for form in item.narratives:
            counts[form] = counts.get(form, 0) + 1
    named = [query.form for query in fired if query.form]
    recognised = sorted((form for form in counts if form in book.forms), key=lambda form: (-counts[form], form))
    found = tuple(dict.fromkeys((*named, *recognised)))
    return tuple(dict.fromkeys((*lead.forms, *found) if not cluster.whole else found or lead.forms))[:MOST_FORMS]


def _gap(cluster: Cluster, lead: Lead) -> float | None:
    gap = warning_gap_hours(cluster)
    return lead.warning_gap_hours if gap is None else gap
