"""What is planted in the town, and how well a list of leads found it. Read by the demo's last step, never before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen

from model.ids import document_id
from town import address
from town.plan import Planned, make_plan, scripts
from town.sheets import source_id


@frozen(kw_only=True)
class TrueDocument:
    """One document of the town. external_id: as the source's spider gives it; id: of the stored document; campaign: "" when honest."""

    source: str
    external_id: str
    path: str
    campaign: str = ""

    @property
    def id(self) -> str:
        return document_id(self.source, self.external_id)


@frozen(kw_only=True)
class TrueCampaign:
    """One planted fraud. identifiers: (kind, canonical value). reserve: only published on request, need not be found. warned: `after`, `before` or
    "". only_in: `code` or `letters` when nothing but pictures of that kind names its identifiers."""

    id: str
    form: str
    identifiers: frozenset[tuple[str, str]]
    documents: tuple[TrueDocument, ...]
    reserve: bool = False
    warned: str = ""
    only_in: str = ""


@frozen(kw_only=True)
class Truth:
    """The truth of a seed. expected: source id -> documents that an honest crawl of the whole town finds."""

    seed: int
    campaigns: tuple[TrueCampaign, ...]
    honest: tuple[TrueDocument, ...]
    expected: Mapping[str, int]

    @property
    def planted(self) -> tuple[TrueCampaign, ...]:
        """Those that must be found."""
        return tuple(campaign for campaign in self.campaigns if not campaign.reserve)


@frozen(kw_only=True)
class Score:
    """found, missed: campaign ids. false_leads: leads (their code, or id) with no planted document. split: campaigns found as more than one lead.
    mixed: leads that hold documents of several campaigns. missing: planted and honest documents not collected, source -> count (empty when not asked)."""

    found: tuple[str, ...]
    missed: tuple[str, ...]
    false_leads: tuple[str, ...]
    honest_raised: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()
    missing: Mapping[str, int] = field(factory=dict)


_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def truth(seed: int, *, without: Iterable[str] = (), unread: Iterable[str] = ()) -> Truth:
    """The truth of a seed. without: sites that could not be reached (`ads` where there is no browser); their documents are left out, and
    campaigns that stand nowhere else. unread: kinds of pictures that could not be read (`code`, `letters`); the campaigns that stand in
    nothing else need not be found, and are not honest either."""
    left_out, blind = set(without), set(unread)
    plan = make_plan(seed, _EPOCH)
    documents = [_document(item) for item in plan.documents if item.site not in left_out]
    campaigns = []
    for campaign in plan.campaigns:
        own = tuple(item for item in documents if item.campaign == campaign.id)
        if own or campaign.reserve:
            campaigns.append(
                TrueCampaign(
                    id=campaign.id,
                    form=campaign.form,
                    identifiers=frozenset((item.kind, item.value) for item in campaign.identifiers.values()),
                    documents=own,
                    reserve=campaign.reserve or campaign.only_in in blind,
                    warned=campaign.warned,
                    only_in=campaign.only_in,
                )
            )
    return Truth(
        seed=seed,
        campaigns=tuple(campaigns),
        honest=tuple(item for item in documents if not item.campaign),
        expected=dict(Counter(item.source for item in documents)),
    )


def _document(item: Planned) -> TrueDocument:
    external = (
        f"{scripts()['sites']['channel']['name']}/{item.external_id}" if item.site == "channel" else item.external_id
    )
    return TrueDocument(
        source=source_id(item.site), external_id=external, path=address.path_of(item), campaign=item.campaign
    )


def score(
    wanted: Truth, leads: Sequence[Mapping[str, Any]], documents: Iterable[Mapping[str, Any]] | None = None
) -> Score:
    """Judge leads (as `leads list --json` gives them) by the truth.

    A campaign is found when a lead holds one of its documents or identifiers (any role but victim, official and
    neutral). A lead is false when it holds neither a document nor such an identifier of any campaign, reserve included;
    leads whose documents are all from outside the town do not count. documents: the documents collected (`source`,
    `external_id`), to say what is missing.
    """
    owner = {item.id: campaign.id for campaign in wanted.campaigns for item in campaign.documents}
    paths = {item.path: item.id for campaign in wanted.campaigns for item in campaign.documents}
    values = {pair: campaign.id for campaign in wanted.campaigns for pair in campaign.identifiers}
    honest = {item.id: item for item in wanted.honest}
    hits: Counter[str] = Counter()
    false, mixed, raised = [], [], set()
    for lead in leads:
        own = {owner[key] for key in _document_ids(lead, paths) if key in owner}
        pairs = {
            (item["kind"], item["value"]) for item in lead.get("identifiers", ()) if item.get("role") not in _INNOCENT
        }
        named = {values[pair] for pair in pairs if pair in values}
        hits.update(own | named)
        if not own and not named:
            false.append(str(lead.get("code") or lead.get("id")))
        if len(own) > 1:
            mixed.append(str(lead.get("code") or lead.get("id")))
        raised |= {
            f"{honest[key].source}/{honest[key].external_id}" for key in _document_ids(lead, paths) if key in honest
        }
    planted = [campaign.id for campaign in wanted.planted]
    return Score(
        found=tuple(name for name in planted if hits[name]),
        missed=tuple(name for name in planted if not hits[name]),
        false_leads=tuple(false),
        honest_raised=tuple(sorted(raised)),
        split=tuple(name for name in planted if hits[name] > 1),
        mixed=tuple(mixed),
        missing=_missing(wanted, documents) if documents is not None else {},
    )


_INNOCENT = ("victim", "official", "neutral", "chrome", "example", "spoofed")


def _document_ids(lead: Mapping[str, Any], paths: Mapping[str, str]) -> list[str]:
    """Ids of a lead's documents; one whose id is not known is looked for by its address."""
    ids = []
    for item in lead.get("documents", ()):
        parts = urlsplit(item.get("url", "")) if isinstance(item, Mapping) else None
        place = (parts.path + (f"?{parts.query}" if parts.query else "")) if parts else ""
        ids.append(paths.get(place) or (item["id"] if isinstance(item, Mapping) else str(item)))
    return ids


def _missing(wanted: Truth, documents: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    held = {document_id(item["source"], item["external_id"]) for item in documents}
    everything = [*wanted.honest, *(item for campaign in wanted.campaigns for item in campaign.documents)]
    return dict(Counter(item.source for item in everything if item.id not in held))
