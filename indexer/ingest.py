"""From a collected item to a kept document (step 4): clean, identify, read, mask, fingerprint, append.

A bad item is quarantined alone: this is one of the four places where every exception is caught.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from attrs import evolve, field, frozen

from extraction.clean import clean_text
from extraction.defang import mask_victims
from extraction.extract import extract
from extraction.fingerprint import canonical_url, content_hash, minhash_bands
from extraction.language import language
from extraction.narratives import narratives
from extraction.places import regions
from model.document import Document, Mention, Quarantined
from model.errors import BadDocumentError
from model.ids import stable_id
from model.source import Cursor, ItemState, ListedItem
from store.documents import Appended, append
from store.leases import Lease

BATCH = 50
_LONGEST_ID = 2048
_PAYLOAD = 64 * 1024


@frozen(kw_only=True)
class IngestResult:
    """How many items were read and what became of them; appended: one per kept document, in order."""

    read: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0
    appended: tuple[Appended, ...] = field(factory=tuple)

    def __add__(self, other: IngestResult) -> IngestResult:
        return IngestResult(
            read=self.read + other.read,
            new=self.new + other.new,
            updated=self.updated + other.updated,
            unchanged=self.unchanged + other.unchanged,
            quarantined=self.quarantined + other.quarantined,
            appended=self.appended + other.appended,
        )


def ingest(
    drafts: Iterable[Document],
    *,
    now: datetime,
    lease: Lease | None = None,
    source: str = "",
    cursor: Cursor | None = None,
    listed: Sequence[ListedItem] = (),
    settled: Mapping[str, ItemState] | None = None,
    quarantined: Sequence[Quarantined] = (),
    batch: int = BATCH,
) -> IngestResult:
    """Prepares drafts and appends them, `batch` to a transaction.

    cursor, listed, settled and quarantined are committed with the last batch, when all the drafts are on disk; source:
    whose they are, by default that of the lease (`source:<id>`) or of the first draft. Raises StaleFenceError when the
    lease has passed to another; batches before that one stay.
    """
    owner = source or (lease.resource.removeprefix("source:") if lease is not None else "")
    result = IngestResult()
    parts = _parts(drafts, batch)
    part = next(parts, [])
    while True:
        following = next(parts, None)
        owner = owner or (part[0].source if part else "")
        last = following is None
        result += _append(
            part,
            now=now,
            lease=lease,
            source=owner,
            cursor=cursor if last else None,
            listed=listed if last else (),
            settled=settled if last else None,
            quarantined=quarantined if last else (),
        )
        if following is None:
            return result
        part = following


def _parts(drafts: Iterable[Document], batch: int) -> Iterator[list[Document]]:
    remaining = iter(drafts)
    while part := list(islice(remaining, batch)):
        yield part


def _append(
    drafts: Sequence[Document],
    *,
    now: datetime,
    lease: Lease | None,
    source: str,
    cursor: Cursor | None,
    listed: Sequence[ListedItem],
    settled: Mapping[str, ItemState] | None,
    quarantined: Sequence[Quarantined],
) -> IngestResult:
    ready: list[Document] = []
    refused: list[Quarantined] = list(quarantined)
    for draft in drafts:
        try:
            ready.append(prepare(draft))
        except Exception as error:  # noqa: BLE001 - one of the four edges: whatever one item does, the others are kept
            refused.append(refusal(draft, error, now))
    appended = append(
        ready, now=now, lease=lease, source=source, cursor=cursor, listed=listed, settled=settled, quarantined=refused
    )
    outcomes = [item.outcome for item in appended]
    return IngestResult(
        read=len(drafts),
        new=outcomes.count("new"),
        updated=outcomes.count("updated"),
        unchanged=outcomes.count("unchanged"),
        quarantined=outcomes.count("quarantined") + len(refused),
        appended=appended,
    )


def prepare(draft: Document) -> Document:
    """The document that is kept of a draft: texts cleaned, identifiers found, victims masked, fingerprint taken.

    Raises BadDocumentError when nothing is left to keep.
    """
    title, text = clean_text(draft.title), clean_text(draft.text)
    if not title.strip() and not text.strip() and not draft.images:
        raise BadDocumentError("neither title, text nor images")
    url = canonical_url(clean_text(draft.url)) if draft.url else ""
    mentions = extract(text, title=title, source_kind=draft.source_kind, url=url, published=draft.published)
    title, text, mentions = _masked(title, text, mentions)
    return evolve(
        draft,
        external_id=_identifier(draft, url, title, text),
        url=url,
        title=title,
        text=text,
        author=clean_text(draft.author),
        images=tuple(clean_text(image) for image in draft.images),
        mentions=mentions,
        language=language(f"{title}\n{text}"),
        regions=regions(f"{title}\n{text}"),
        narratives=narratives(title, text, mentions),
        fingerprint=content_hash(title, text),
        bands=minhash_bands(title, text),
    )


def _identifier(draft: Document, url: str, title: str, text: str) -> str:
    """The source's own id, else the canonical URL, else the content hash. One that is too long becomes its hash."""
    identifier = clean_text(draft.external_id).strip() or url or content_hash(title, text)
    return identifier if len(identifier) <= _LONGEST_ID else stable_id("external id", identifier)


def _masked(title: str, text: str, mentions: Sequence[Mention]) -> tuple[str, str, tuple[Mention, ...]]:
    """Title and text with the victims' identifiers hidden; a value that is a victim's in one field is hidden in both."""
    in_title = [mention for mention in mentions if mention.field == "title"]
    elsewhere = [mention for mention in mentions if mention.field not in ("title", "text")]
    in_text = [mention for mention in mentions if mention.field == "text"]
    title, masked_title = mask_victims(title, in_title)
    text, masked_text = mask_victims(text, in_text)
    return title, text, (*masked_title, *masked_text, *elsewhere)


def refusal(draft: Document, error: Exception, now: datetime) -> Quarantined:
    """The quarantine row of a draft that could not be prepared."""
    reason = str(error) if isinstance(error, BadDocumentError) else f"{type(error).__name__}: {error}"
    payload = json.dumps({"url": draft.url, "title": draft.title, "text": draft.text}, ensure_ascii=True)
    return Quarantined(
        source=draft.source, external_id=draft.external_id, reason=reason, payload=payload[:_PAYLOAD], at=now
    )
