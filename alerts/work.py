"""A batch of documents on its way to leads: evidence gathered around it, decisions, messages, one change for the store.

Whoever has the batch says which saved queries each document met: matching for what is new (`alerts.raise_leads`), a search
of the index for what came before a query (`alerts.backfill`). From there the way is one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from alerts import families as near
from alerts.decide import Book, Decision, Past, decide
from alerts.evidence import Evidence, read
from alerts.leads import Cluster, group
from alerts.letters import Letters, Posting
from alerts.rules.base import make_rule
from extraction.narratives import forms
from indexer.kql import parse
from model.document import DocumentVersion, Entity, Mention, Quarantined, Role
from model.errors import ConfigError, QuerySyntaxError
from model.lead import Lead, Match, Suppression
from model.query import SavedQuery
from store import codec, documents, entities, leads, notices
from store.entities import Sighting

ROUNDS = 6
"""Times that a batch may reach for documents and leads tied to those it already has; each round is two look-ups."""

KIN_LIMIT = 400
"""Documents sharing one identifier that are looked at again when it recurs."""

LEAD_DOCUMENTS = 200
"""Documents up to which an existing lead is weighed again as a whole when it grows; to a larger one its news are added."""

LARGE_SAMPLE = 40
"""Documents of a larger lead that are looked at again, its first and its last ones: what a rule asks of a few."""

REMEMBERED = 20_000
"""Evidence kept in memory from batch to batch, so that the posts of a lead that grows are not read again."""


def usable(queries: Sequence[SavedQuery], now: datetime) -> Book:
    """The enabled queries that can be used, with their rules; a notice to the owner for each of the others."""
    rules, good = {}, {}
    for query in queries:
        if not query.enabled:
            continue
        try:
            rules[query.id] = make_rule(query)
            parse(query.query)
        except (ConfigError, QuerySyntaxError) as error:
            notices.add(f"query:{query.id}", f"Truy vấn “{query.title}” không dùng được: {error}", now)
            import structlog  # a tenth of a second to import, for a line that is hardly ever written

            structlog.get_logger().warning("query left out", query=query.id, problem=str(error))
            rules.pop(query.id, None)
        else:
            good[query.id] = query
    return Book(queries=good, rules=rules, forms={key: form.name for key, form in forms().items()})


class Memory:
    """What one call knows from its earlier batches. Only it commits leads meanwhile, else its next commit fails."""

    def __init__(self) -> None:
        self.evidence: dict[str, Evidence] = {}
        self.texts = near.Texts()

    def keep(self, evidence: Mapping[str, Evidence]) -> None:
        if len(self.evidence) > REMEMBERED:
            self.evidence.clear()
        self.evidence.update(evidence)
        self.texts.make_room()


@frozen(kw_only=True)
class Worked:
    """What a batch makes. change: for `store.leads.commit`, without what it stands on. new: the leads that did not exist."""

    change: leads.LeadChange
    new: tuple[Lead, ...]
    leads_updated: int
    deliveries: int


class Work:
    """One batch, from versions to the change that is committed.

    met: document id -> ids of the saved queries that it meets. past: which queries the batch is looked at again for; None
    where the documents are new.
    """

    def __init__(
        self,
        versions: Sequence[DocumentVersion],
        book: Book,
        letters: Letters,
        now: datetime,
        memory: Memory,
        *,
        met: Mapping[str, Sequence[str]],
        past: Past | None = None,
    ) -> None:
        self.versions = {version.document.id: version for version in versions}
        self.book, self.letters, self.now, self.memory = book, letters, now, memory
        self.met, self.past = met, past
        self.evidence: dict[str, Evidence] = {}
        self.leads: dict[str, Lead] = {}
        self.holders: dict[str, set[str]] = {}
        self.quarantined: list[Quarantined] = []

    def result(self) -> Worked:
        """Work the batch out; nothing is written but lead codes."""
        self.kinships = self._families()
        self._read_batch()
        self._gather()
        decisions = self._decide()
        posting = self.letters.write(decisions, now=self.now, known=self.versions)
        return Worked(
            change=self._change(decisions, posting),
            new=tuple(one.lead for one in decisions if one.lead is not None and one.before is None),
            leads_updated=sum(one.before is not None for one in decisions),
            deliveries=len(posting.deliveries),
        )

    def _families(self) -> near.Families:
        versions = list(self.versions.values())
        candidates = documents.family_candidates({band for version in versions for band in version.document.bands})
        wanted = {other for version in versions for other in near.nearest(version, candidates)}
        for wording in documents.wordings(self.memory.texts.missing(wanted - self.versions.keys())):
            self.memory.texts.put(wording)
        arrival = documents.seqs(wanted | set(self.versions)) if self.past else None
        return near.assign(versions, candidates, self.memory.texts, arrival=arrival)

    def _read_batch(self) -> None:
        for document, version in self.versions.items():
            try:
                self.evidence[document] = read(
                    version,
                    queries=self.met.get(document, ()),
                    copies=self.kinships.copies.get(document, ()),
                    family=self.kinships.families[document],
                )
            except Exception as error:  # noqa: BLE001 - as above
                import structlog  # a tenth of a second to import, for a line that is hardly ever written

                structlog.get_logger().warning("document not matched", document=document, problem=repr(error))
                self.quarantined.append(refusal(version, error, self.now))

    def _gather(self) -> None:
        """Bring in the leads and the earlier documents that share a key, and those that share one with these."""
        looked: set[str] = set()
        asked: set[str] = set()
        wanted = set(self.kinships.kin)
        for _ in range(ROUNDS):
            keys = {key for item in self.evidence.values() for key in item.joins}
            keys |= {key for lead in self.leads.values() for key in lead.keys}
            fresh = keys - looked
            if not fresh and not wanted:
                return
            looked |= fresh
            ask = fresh | {key for item in self.evidence.values() for key in item.echoes} - asked
            asked |= ask
            found = {lead.id: self._again(lead) for lead in leads.open_by_keys(ask)} if ask else {}
            self.leads |= found
            wanted |= self._documents_of(found.values()) | self._holders(fresh)
            self._bring(wanted - set(self.evidence))
            wanted = set()

    def _again(self, lead: Lead) -> Lead:
        """A lead with the keys too that an earlier round found it by."""
        before = self.leads.get(lead.id)
        return evolve(lead, keys=tuple(dict.fromkeys((*lead.keys, *before.keys)))) if before else lead

    def _documents_of(self, found: Iterable[Lead]) -> set[str]:
        return {document for lead in found for document in _sample(lead.documents)}

    def _holders(self, keys: Collection[str]) -> set[str]:
        """Documents that name one of these keys and stand on no lead by which they would be found; those that name the
        identifiers of the batch are noted."""
        identifiers = {key for key in keys if not key.startswith("copy:")}
        named = {_key(mention) for item in self.evidence.values() for mention in item.suspects} - self.holders.keys()
        found: set[str] = set()
        for key, holders in entities.holders(identifiers | named, loose=KIN_LIMIT, settled=LEAD_DOCUMENTS + 1).items():
            self.holders.setdefault(key, set()).update(holders.loose, holders.settled)
            if key in identifiers:
                found.update(holders.loose)
        for key in named:
            self.holders.setdefault(key, set())
        return found

    def _bring(self, ids: Collection[str]) -> None:
        known = {document: self.memory.evidence[document] for document in ids if document in self.memory.evidence}
        self.evidence |= known
        missing = set(ids) - set(known)
        for document, version in documents.get_many(missing).items() if missing else ():
            self.evidence[document] = read(version, queries=version.queries)

    def _decide(self) -> list[Decision]:
        realert = {query.id: query.realert for query in self.book.queries.values()}
        held = {key for lead in self.leads.values() for key in (*lead.keys, *lead.documents)}
        held |= {key for item in self.evidence.values() for key in item.keys}
        # A copy of a post of a lead, and a post with its number, belong to it even where nothing suspect was read in them.
        relevant = [
            item
            for item in self.evidence.values()
            if item.keys or item.queries or item.document in held or not held.isdisjoint((*item.copies, *item.echoes))
        ]
        arrived = set(self.versions)
        clusters = [
            cluster
            for cluster in group(relevant, self.leads.values(), realert=realert)
            if any(item.document in arrived for item in cluster.evidence)
        ]
        decisions = []
        for cluster, elsewhere in zip(clusters, self._seen_before(clusters), strict=True):
            one = decide(
                cluster, book=self.book, seen_elsewhere=elsewhere, arrived=arrived, now=self.now, past=self.past
            )
            if one.says_something:
                decisions.append(one)
        return self._coded(decisions)

    def _seen_before(self, clusters: Sequence[Cluster]) -> list[set[str]]:
        """For each cluster the entity keys of it that a document outside it named before its first document came: what comes
        later makes nothing less new, whether it is looked at together with the cluster or not."""
        holders = self._all_holders()
        outside = [_outside(cluster, holders) for cluster in clusters]
        named = {document for found in outside for documents_of in found.values() for document in documents_of}
        arrival = {key: item.seq for key, item in self.evidence.items()}
        arrival |= documents.seqs(named - arrival.keys())
        seen = []
        for cluster, found in zip(clusters, outside, strict=True):
            first = min(item.seq for item in cluster.evidence)
            seen.append(
                {key for key, others in found.items() if any(arrival.get(one, first) < first for one in others)}
            )
        return seen

    def _all_holders(self) -> dict[str, set[str]]:
        """Entity key -> documents that name it, in the register and in this batch."""
        holders = {key: set(found) for key, found in self.holders.items()}
        for document in self.versions:
            for mention in self.evidence[document].suspects if document in self.evidence else ():
                holders.setdefault(_key(mention), set()).add(document)
        return holders

    def _coded(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Give new leads their codes, which their messages already show."""
        new = [one for one in decisions if one.lead is not None and not one.lead.code]
        codes = iter(leads.reserve_codes(len(new)))
        return [
            evolve(one, lead=evolve(one.lead, code=next(codes))) if one.lead is not None and not one.lead.code else one
            for one in decisions
        ]

    def _change(self, decisions: Sequence[Decision], posting: Posting) -> leads.LeadChange:
        held: list[Suppression] = [row for one in decisions for row in one.suppressions]
        standing, joined = self._standing(decisions)
        new = self.past is None
        return leads.LeadChange(
            matches=tuple(self._matches()) if new else (),
            leads=tuple(one.lead for one in decisions if one.lead is not None),
            merged={gone.id: one.lead.id for one in decisions if one.lead is not None for gone in one.merged},
            families=dict(self.kinships.families) if new else {},
            bands=self.kinships.bands if new else (),
            document_queries={document: tuple(names) for document, names in self.met.items()} if new else {},
            document_leads={document: tuple(lead.id for lead in found) for document, found in joined.items()},
            deliveries=posting.deliveries,
            suppressions=(*held, *posting.suppressions),
            sightings=tuple(self._sightings(standing)),
            settled=tuple(self._settled(joined)),
            quarantined=tuple(self.quarantined),
        )

    def _standing(self, decisions: Sequence[Decision]) -> tuple[dict[str, list[Lead]], dict[str, list[Lead]]]:
        """Documents with the leads that they stand on now, and those with the leads that they join now."""
        standing: dict[str, list[Lead]] = {}
        joined: dict[str, list[Lead]] = {}
        for one in decisions:
            if one.lead is None:
                continue
            for item in one.cluster.evidence:
                standing.setdefault(item.document, []).append(one.lead)
                if one.lead.code not in item.leads:
                    joined.setdefault(item.document, []).append(one.lead)
        for document, found in joined.items():
            item = self.evidence[document]
            self.evidence[document] = evolve(item, leads=(*item.leads, *(lead.code for lead in found)))
        return standing, joined

    def _settled(self, joined: Mapping[str, Sequence[Lead]]) -> Iterable[tuple[str, str]]:
        """Sightings of earlier documents that stand on a lead now which has the key."""
        for document in joined.keys() - self.versions.keys():
            for key in _settles(self.evidence[document], joined[document]):
                yield key, document

    def _matches(self) -> Iterable[Match]:
        for document, names in self.met.items():
            revision = self.versions[document].revision
            for name in names:
                yield Match(query=name, document=document, revision=revision, at=self.now)

    def _sightings(self, standing: Mapping[str, Sequence[Lead]]) -> Iterable[Sighting]:
        for document, version in self.versions.items():
            item = self.evidence.get(document)
            found = standing.get(document, ())
            settles = _settles(item, found) if item is not None else frozenset()
            for entity, role in self._named(version, item):
                yield Sighting(
                    entity=entity,
                    document=document,
                    source=version.document.source,
                    source_kind=version.document.source_kind,
                    role=role,
                    at=version.document.collected,
                    lead_ids=tuple(lead.id for lead in found) if role is Role.SUSPECT else (),
                    settled=entity.key in settles,
                )

    def _named(self, version: DocumentVersion, item: Evidence | None) -> Iterable[tuple[Entity, Role]]:
        """Entities with their roles, suspect winning, and the join keys of suspects that are entities too."""
        found: dict[Entity, Role] = {}
        for mention in version.document.mentions:
            if mention.role in (Role.VICTIM, Role.EXAMPLE, Role.CHROME):
                continue
            if found.get(mention.entity) is not Role.SUSPECT:
                found[mention.entity] = mention.role
        for key in item.keys if item is not None else ():
            kind, _, value = key.partition(":")
            found[Entity(kind=kind, value=value)] = Role.SUSPECT
        return found.items()


def _sample(documents: Sequence[str]) -> Sequence[str]:
    """All documents of a lead, or the first and the last ones of many."""
    half = LARGE_SAMPLE // 2
    return documents if len(documents) <= LEAD_DOCUMENTS else (*documents[:half], *documents[-half:])


def _settles(item: Evidence, found: Sequence[Lead]) -> frozenset[str]:
    """Keys of a document under which it need not be looked for any more: who has the key finds the lead.

    An article, and a post with nothing against it, belong to every episode of a number and are looked for again; but where
    thousands say a number, only by those who come before the lead is large.
    """
    if item.official or not found:
        return frozenset()
    if item.bridges:
        return frozenset(item.keys)
    keys = frozenset((*item.keys, *item.echoes))
    large = [lead for lead in found if len(lead.documents) > LEAD_DOCUMENTS]
    return frozenset(key for lead in large for key in keys.intersection(lead.keys))


def _key(mention: Mention) -> str:
    """The mention's entity in the register."""
    return f"{mention.kind}:{mention.value}"


def _outside(cluster: Cluster, holders: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Entity keys of the cluster that documents outside it name, with those documents."""
    inside = {item.document for item in cluster.evidence}
    inside.update(document for lead in cluster.leads for document in lead.documents)
    named = {_key(mention) for item in cluster.evidence for mention in item.suspects}
    return {key: found for key in named if (found := holders.get(key, set()) - inside)}


def refusal(version: DocumentVersion, error: Exception, now: datetime) -> Quarantined:
    """A document that nothing could be made of, set aside with the reason."""
    document = version.document
    return Quarantined(
        source=document.source,
        external_id=document.external_id,
        reason=f"matching failed: {type(error).__name__}: {error}",
        payload=codec.document_payload(document)[:65536],
        at=now,
    )
