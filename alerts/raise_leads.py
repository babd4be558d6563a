"""Steps 5 and 6: match what is new, and make or grow leads, with their messages, in one transaction a batch.

Document versions are taken in order of revision from the checkpoint `match`. Everything is worked out before the
transaction; it then moves the checkpoint only from where this batch began, so of two processes that work at the same
time one commits and the other starts again from there. What a killed process had not committed leaves no trace but
unused lead codes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

import structlog
from attrs import evolve, frozen

from alerts import families as near
from alerts.decide import Book, Decision, decide
from alerts.evidence import Evidence, read
from alerts.leads import Cluster, group
from alerts.letters import Letters, Posting
from alerts.mail import Letterhead
from alerts.rules.base import make_rule
from extraction.narratives import forms
from indexer.kql import parse
from indexer.matcher import Matcher
from model.document import DocumentVersion, Entity, Quarantined, Role
from model.errors import ConfigError, QuerySyntaxError, StaleFenceError
from model.lead import Lead, Match, Suppression
from model.message import Recipient
from model.query import SavedQuery
from store import codec, documents, leads, notices
from store.entities import Sighting
from store.faults import fault_point

CHECKPOINT = "match"
"""Name of the checkpoint: the last revision that is matched."""

ROUNDS = 6
"""Times that a batch may reach for documents and leads tied to those it already has; each round is two look-ups."""

KIN_LIMIT = 400
"""Documents sharing one identifier that are looked at again when it recurs."""

LEAD_DOCUMENTS = 200
"""Documents of an existing lead that are weighed again when it grows."""

REMEMBERED = 20_000
"""Evidence kept in memory from batch to batch, so that the posts of a lead that grows are not read again."""

_log = structlog.get_logger()


@frozen(kw_only=True)
class Raised:
    """What `raise_leads` did until it was caught up."""

    documents: int = 0
    matches: int = 0
    leads_new: int = 0
    leads_updated: int = 0
    deliveries: int = 0
    quarantined: int = 0

    def __add__(self, other: Raised) -> Raised:
        return Raised(
            documents=self.documents + other.documents,
            matches=self.matches + other.matches,
            leads_new=self.leads_new + other.leads_new,
            leads_updated=self.leads_updated + other.leads_updated,
            deliveries=self.deliveries + other.deliveries,
            quarantined=self.quarantined + other.quarantined,
        )


def raise_leads(
    *,
    queries: Sequence[SavedQuery],
    recipients: Sequence[Recipient],
    now: Callable[[], datetime],
    console_url: str,
    sender: str,
    department: str = "Sở Khoa học và Công nghệ",
    province: str = "",
    limit: int = 500,
    matcher: Matcher | None = None,
) -> Raised:
    """Match everything that is not matched yet. limit: documents a batch.

    matcher: kept by a caller that calls often, so that only changed queries are compiled again. A saved query that
    cannot be used is left out with a notice to the owner; it stops nothing.
    """
    head = Letterhead(department=department, sender=sender, console_url=console_url.rstrip("/"), province=province)
    usable = _usable(queries, now())
    matcher = matcher or Matcher(())
    matcher.update(list(usable.queries.values()))
    total = Raised()
    memory = _Memory()
    after = documents.checkpoint(CHECKPOINT)
    while versions := documents.unmatched(after=after, limit=limit):
        work = _Work(versions, usable, Letters(recipients, head, usable.queries), now(), memory)
        try:
            total += work.commit(after, matcher)
        except StaleFenceError:
            _log.info("another process matched this batch", after=after)
            memory = _Memory()
        after = documents.checkpoint(CHECKPOINT)
    return total


def _usable(queries: Sequence[SavedQuery], now: datetime) -> Book:
    rules, good = {}, {}
    for query in queries:
        if not query.enabled:
            continue
        try:
            rules[query.id] = make_rule(query)
            parse(query.query)
        except (ConfigError, QuerySyntaxError) as error:
            notices.add(f"query:{query.id}", f"Truy vấn “{query.title}” không dùng được: {error}", now)
            _log.warning("query left out", query=query.id, problem=str(error))
            rules.pop(query.id, None)
        else:
            good[query.id] = query
    return Book(queries=good, rules=rules, forms={key: form.name for key, form in forms().items()})


class _Memory:
    """What one call knows from its earlier batches. Only it commits matches meanwhile, else its next commit fails."""

    def __init__(self) -> None:
        self.evidence: dict[str, Evidence] = {}
        self.texts = near.Texts()

    def keep(self, evidence: Mapping[str, Evidence]) -> None:
        if len(self.evidence) > REMEMBERED:
            self.evidence.clear()
        self.evidence.update(evidence)
        self.texts.make_room()


class _Work:
    """One batch, from versions to the change that is committed."""

    def __init__(
        self, versions: Sequence[DocumentVersion], book: Book, letters: Letters, now: datetime, memory: _Memory
    ) -> None:
        self.versions = {version.document.id: version for version in versions}
        self.last = max(version.revision for version in versions)
        self.book, self.letters, self.now, self.memory = book, letters, now, memory
        self.evidence: dict[str, Evidence] = {}
        self.leads: dict[str, Lead] = {}
        self.holders: dict[str, set[str]] = {}
        self.quarantined: list[Quarantined] = []
        self.met: dict[str, list[str]] = {}

    def commit(self, after: int, matcher: Matcher) -> Raised:
        """Work the batch out and write it. Raises StaleFenceError when another process was first."""
        self.met = self._match(list(self.versions.values()), matcher)
        self.kinships = self._families()
        self._read_batch()
        self._gather()
        decisions = self._decide()
        change, posting = self._change(decisions, after)
        fault_point("raise leads: before commit")
        leads.commit(change, now=self.now)
        self.memory.keep(self.evidence)
        fault_point("raise leads: after commit")
        new = sum(1 for one in decisions if one.lead is not None and one.before is None)
        return Raised(
            documents=len(self.versions),
            matches=len(change.matches),
            leads_new=new,
            leads_updated=sum(1 for one in decisions if one.before is not None),
            deliveries=len(posting.deliveries),
            quarantined=len(self.quarantined),
        )

    def _match(self, versions: Sequence[DocumentVersion], matcher: Matcher) -> dict[str, list[str]]:
        """Document id -> ids of the queries it meets. A document that cannot be matched is set aside alone."""
        try:
            found = matcher.match(versions)
        except Exception as error:  # noqa: BLE001 - one of the four edges: one document never stops the others
            if len(versions) == 1:
                self._set_aside(versions[0], error)
                return {}
            half = len(versions) // 2
            return {**self._match(versions[:half], matcher), **self._match(versions[half:], matcher)}
        met: dict[str, list[str]] = {}
        for query, places in found.items():
            for place in places:
                met.setdefault(versions[place].document.id, []).append(query)
        return {document: sorted(names) for document, names in met.items()}

    def _set_aside(self, version: DocumentVersion, error: Exception) -> None:
        document = version.document
        _log.warning("document not matched", document=document.id, problem=repr(error))
        self.quarantined.append(
            Quarantined(
                source=document.source,
                external_id=document.external_id,
                reason=f"matching failed: {type(error).__name__}: {error}",
                payload=codec.document_payload(document)[:65536],
                at=self.now,
            )
        )

    def _families(self) -> near.Families:
        versions = list(self.versions.values())
        candidates = documents.family_candidates({band for version in versions for band in version.document.bands})
        wanted = {document for pairs in candidates.values() for document, _ in pairs} - set(self.versions)
        missing = {document for document in wanted if document not in self.memory.texts}
        stored = documents.get_many(missing).values() if missing else ()
        return near.assign(versions, candidates, stored, self.memory.texts)

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
                self._set_aside(version, error)

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
            found = {lead.id: lead for lead in leads.open_by_keys(ask)} if ask else {}
            self.leads |= found
            wanted |= self._documents_of(found.values()) | self._holders(fresh)
            self._bring(wanted - set(self.evidence))
            wanted = set()

    def _documents_of(self, found: Iterable[Lead]) -> set[str]:
        half = LEAD_DOCUMENTS // 2
        return {document for lead in found for document in (*lead.documents[:half], *lead.documents[-half:])}

    def _holders(self, keys: Collection[str]) -> set[str]:
        identifiers = {key for key in keys if not key.startswith("copy:")}
        named = {
            mention.entity.key
            for item in self.evidence.values()
            for mention in item.suspects
            if mention.entity.key not in self.holders
        }
        found: set[str] = set()
        for key, holders in documents.with_entities(identifiers | named).items():
            self.holders.setdefault(key, set()).update(holders)
            found.update(holders[-KIN_LIMIT:])
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
        holders = self._all_holders()
        decisions = []
        for cluster in group(relevant, self.leads.values(), realert=realert):
            if any(item.document in arrived for item in cluster.evidence):
                elsewhere = _seen_elsewhere(cluster, holders)
                decisions.append(
                    decide(cluster, book=self.book, seen_elsewhere=elsewhere, arrived=arrived, now=self.now)
                )
        return self._coded(decisions)

    def _all_holders(self) -> dict[str, set[str]]:
        """Entity key -> documents that name it, in the register and in this batch."""
        holders = {key: set(found) for key, found in self.holders.items()}
        for document in self.versions:
            for mention in self.evidence[document].suspects if document in self.evidence else ():
                holders.setdefault(mention.entity.key, set()).add(document)
        return holders

    def _coded(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Give new leads their codes, which their messages already show."""
        new = [one for one in decisions if one.lead is not None and not one.lead.code]
        codes = iter(leads.reserve_codes(len(new)))
        return [
            evolve(one, lead=evolve(one.lead, code=next(codes))) if one.lead is not None and not one.lead.code else one
            for one in decisions
        ]

    def _change(self, decisions: Sequence[Decision], after: int) -> tuple[leads.LeadChange, Posting]:
        posting = self.letters.write(decisions, now=self.now, known=self.versions)
        standing: dict[str, list[str]] = {}
        for one in decisions:
            for document in one.lead.documents if one.lead is not None else ():
                standing.setdefault(document, []).append(one.lead.id if one.lead is not None else "")
        held: list[Suppression] = [row for one in decisions for row in one.suppressions]
        return (
            leads.LeadChange(
                matches=tuple(self._matches()),
                leads=tuple(one.lead for one in decisions if one.lead is not None),
                merged={gone.id: one.lead.id for one in decisions if one.lead is not None for gone in one.merged},
                families=dict(self.kinships.families),
                document_queries={document: tuple(names) for document, names in self.met.items()},
                document_leads={document: tuple(ids) for document, ids in standing.items()},
                deliveries=posting.deliveries,
                suppressions=(*held, *posting.suppressions),
                sightings=tuple(self._sightings(standing)),
                checkpoint=(CHECKPOINT, after, self.last),
                quarantined=tuple(self.quarantined),
            ),
            posting,
        )

    def _matches(self) -> Iterable[Match]:
        for document, names in self.met.items():
            revision = self.versions[document].revision
            for name in names:
                yield Match(query=name, document=document, revision=revision, at=self.now)

    def _sightings(self, standing: Mapping[str, Sequence[str]]) -> Iterable[Sighting]:
        for document, version in self.versions.items():
            item = self.evidence.get(document)
            joined = tuple(standing.get(document, ()))
            for entity, role in self._named(version, item):
                yield Sighting(
                    entity=entity,
                    document=document,
                    source=version.document.source,
                    source_kind=version.document.source_kind,
                    role=role,
                    at=version.document.collected,
                    lead_ids=joined if role is Role.SUSPECT else (),
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


def _seen_elsewhere(cluster: Cluster, holders: Mapping[str, set[str]]) -> set[str]:
    """Entity keys of the cluster that documents outside it also name."""
    inside = {item.document for item in cluster.evidence}
    inside.update(document for lead in cluster.leads for document in lead.documents)
    named = {mention.entity.key for item in cluster.evidence for mention in item.suspects}
    return {key for key in named if holders.get(key, set()) - inside}
