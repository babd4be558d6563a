"""From a collected item to a kept document (step 4): clean, identify, read, mask, fingerprint, append.

A bad item is quarantined alone: this is one of the four places where every exception is caught.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from extraction.article import html_to_text
from extraction.clean import clean_text
from extraction.dates import read_date
from extraction.defang import mask_private
from extraction.extract import extract
from extraction.fingerprint import canonical_url, content_hash, minhash_bands
from extraction.folded import joined
from extraction.image import picture_mentions, read_picture
from extraction.language import language
from extraction.narratives import narratives
from extraction.places import regions
from model.document import IMAGE_BREAK, SOURCE_KINDS, Document, Mention, Picture, Quarantined, Role
from model.errors import BadDocumentError
from model.ids import stable_id
from model.source import Cursor, ItemState, ListedItem
from store.documents import Appended, append
from store.leases import Lease
from store.pictures import put as put_pictures

BATCH = 50
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

MOST_INLINE = 5
"""Pictures of one line that are read, as of a post that is crawled."""
_AS_IT_IS = frozenset(("cut", "too_small"))
_COUNTS = ("likes", "comments", "shares", "views")
_LONGEST_ID, _LONGEST_SOURCE, _LONGEST_DATE = 2048, 200, 80
_PAYLOAD = 64 * 1024
_LARGEST, _DIGITS = 2**63 - 1, 19
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_MILLISECONDS = 100_000_000_000  # as seconds, a year beyond 5000: a number this large counts milliseconds


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
    put_pictures((one for document in ready for one in _lasting(document)), now)
    outcomes = [item.outcome for item in appended]
    return IngestResult(
        read=len(drafts),
        new=outcomes.count("new"),
        updated=outcomes.count("updated"),
        unchanged=outcomes.count("unchanged"),
        quarantined=outcomes.count("quarantined") + len(refused),
        appended=appended,
    )


def _lasting(document: Document) -> Iterable[Picture]:
    """Pictures whose reading serves the next post that shows them: read as well as they can be, no victim hidden in them."""
    if not any(one.field == "image" and one.role is Role.VICTIM for one in document.mentions):
        yield from (
            picture for picture in document.pictures if picture.digest and not set(picture.problems) - _AS_IT_IS
        )


def prepare(draft: Document) -> Document:
    """The document that is kept of a draft: texts cleaned, identifiers found, victims masked, fingerprint taken.

    Raises BadDocumentError when nothing is left to keep.
    """
    title, text = clean_text(draft.title), clean_text(draft.text)
    if not title.strip() and not text.strip() and not draft.images and not draft.pictures:
        raise BadDocumentError("neither title, text nor images")
    url = canonical_url(clean_text(draft.url)) if draft.url else ""
    kind, published = draft.source_kind, draft.published
    mentions = extract(text, title=title, source_kind=kind, url=url, published=published)
    mentions += picture_mentions(draft.pictures, title=title, text=text, source_kind=kind, url=url, published=published)
    title, text, pictures, mentions = _masked(title, text, draft.pictures, mentions)
    draft = evolve(draft, text=text, pictures=pictures)
    body = draft.body
    return evolve(
        draft,
        external_id=_identifier(draft, url, title, text),
        url=url,
        title=title,
        author=clean_text(draft.author),
        images=tuple(clean_text(image) for image in draft.images),
        mentions=mentions,
        language=language(joined(title, body)),
        regions=regions(joined(title, body)),
        narratives=narratives(title, body, mentions),
        fingerprint=content_hash(title, body),
        bands=minhash_bands(title, body),
    )


def _identifier(draft: Document, url: str, title: str, text: str) -> str:
    """The source's own id, else the canonical URL, else the content hash. One that is too long becomes its hash."""
    identifier = clean_text(draft.external_id).strip() or url or content_hash(title, text)
    return identifier if len(identifier) <= _LONGEST_ID else stable_id("external id", identifier)


def _masked(
    title: str, text: str, pictures: Sequence[Picture], mentions: Sequence[Mention]
) -> tuple[str, str, tuple[Picture, ...], tuple[Mention, ...]]:
    """Title, text and pictures' texts with the victims' identifiers hidden, each by what its own field says of them."""
    by_field = {name: [one for one in mentions if one.field == name] for name in ("title", "text", "image")}
    title, in_title = mask_private(title, by_field["title"])
    text, in_text = mask_private(text, by_field["text"])
    shown = IMAGE_BREAK.join(picture.text for picture in pictures if picture.text)
    shown, in_pictures = mask_private(shown, by_field["image"])
    masked: list[Picture] = []
    at = 0
    for picture in pictures:
        size = len(picture.text)
        masked.append(evolve(picture, text=shown[at : at + size]) if size else picture)
        at += size + len(IMAGE_BREAK) if size else 0
    return title, text, tuple(masked), (*in_title, *in_text, *in_pictures)


def refusal(draft: Document, error: Exception, now: datetime) -> Quarantined:
    """The quarantine row of a draft that could not be prepared."""
    reason = str(error) if isinstance(error, BadDocumentError) else f"{type(error).__name__}: {error}"
    payload = json.dumps({"url": draft.url, "title": draft.title, "text": draft.text}, ensure_ascii=True)
    return Quarantined(
        source=draft.source, external_id=draft.external_id, reason=reason, payload=payload[:_PAYLOAD], at=now
    )


# Files of documents


def read_line(line: str, *, now: datetime) -> Document:
    """The draft of one line of JSONL (DESIGN section 6). now: when it is collected, unless the line says.

    Without `source` it is `imported`, without `source_kind` `social`. A picture that is in the line itself
    (`data:image/png;base64,...`) is read; one that is only named by its address is noted, and nothing is fetched. Times without offset are +07:00. Raises
    BadDocumentError naming the field, what it holds and what it should hold.
    """
    data = _object(line)
    published, precision = _time(data, "published", now)
    collected, _ = _time(data, "collected", now)
    text = _text(data, "text")
    images, pictures = _inline(_images(data))
    return Document(
        source=clean_text(_text(data, "source")).strip()[:_LONGEST_SOURCE] or "imported",
        source_kind=_kind(data),
        external_id=_identifier_text(data),
        url=_text(data, "url"),
        title=_text(data, "title"),
        text=text if text.strip() else html_to_text(_text(data, "html")),
        author=_text(data, "author"),
        published=published,
        published_precision=precision,
        collected=collected or now,
        images=images,
        pictures=pictures,
        **_counts(data),
    )


def line_refusal(line: str, error: BadDocumentError, now: datetime) -> Quarantined:
    """The quarantine row of a line that is no document."""
    return Quarantined(source="imported", external_id="", reason=str(error), payload=line[:_PAYLOAD], at=now)


def _object(line: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except RecursionError as error:
        raise BadDocumentError("the line is nested too deeply") from error
    except ValueError as error:
        raise BadDocumentError(f"the line is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise BadDocumentError(f"the line is {_show(data)}, not a JSON object")
    return data


def _show(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadDocumentError(f"{name}: {_show(value)} is not a text; put it in quotes")
    return value


def _identifier_text(data: Mapping[str, Any]) -> str:
    value = data.get("external_id")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return str(value)
    return _text(data, "external_id")


def _kind(data: Mapping[str, Any]) -> str:
    kind = _text(data, "source_kind") or "social"
    if kind not in SOURCE_KINDS:
        raise BadDocumentError(f"source_kind: {_show(kind)} is unknown; write one of {', '.join(SOURCE_KINDS)}")
    return kind


def _images(data: Mapping[str, Any]) -> tuple[str, ...]:
    value = data.get("images") or []
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(image, str) for image in values):
        raise BadDocumentError(f"images: {_show(value)} is not a list of addresses")
    return tuple(values)


def _inline(images: Sequence[str]) -> tuple[tuple[str, ...], tuple[Picture, ...]]:
    """The addresses, those of pictures in the line as `sha256:...`; and the first MOST_INLINE of these, read."""
    addresses: list[str] = []
    pictures: list[Picture] = []
    for image in images:
        if not image.startswith("data:"):
            addresses.append(image)
        elif len(pictures) < MOST_INLINE:
            head, _, body = image.partition(",")
            try:
                read = read_picture(base64.b64decode(body, validate=True) if head.endswith(";base64") else b"")
            except binascii.Error:
                read = read_picture(b"")
            addresses.append(f"sha256:{read.digest}")
            pictures.append(evolve(read, address=addresses[-1]))
    return tuple(addresses), tuple(pictures)


def _counts(data: Mapping[str, Any]) -> dict[str, Any]:
    """The four counts, which stand in an object `counts` or beside the other fields."""
    counts = data.get("counts") or {}
    if not isinstance(counts, dict):
        raise BadDocumentError(f'counts: {_show(counts)} is not an object such as {{"likes": 3}}')
    return {name: _count(name, counts.get(name, data.get(name))) for name in _COUNTS}


def _count(name: str, value: object) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < _DIGITS:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise BadDocumentError(
            f"{name}: {_show(value)} is not a whole number from 0 to {_LARGEST}; leave it out if unknown"
        )
    return value


def _time(data: Mapping[str, Any], name: str, now: datetime) -> tuple[datetime | None, str]:
    value = data.get(name)
    if value is None or value == "":
        return None, "minute"
    found = _instant(value, now)
    if found is None or not _EARLIEST <= found[0] <= _LATEST:
        raise BadDocumentError(
            f"{name}: {_show(value)} is not a time from 1990 to 2100; write it as 2026-07-01T09:30:00+07:00 or leave it out"
        )
    return found


def _instant(value: object, now: datetime) -> tuple[datetime, str] | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) >= _MILLISECONDS else value
        return (datetime.fromtimestamp(seconds, UTC), "minute") if 0 < seconds < _LATEST.timestamp() else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return read_date(text, now=now) if len(text) <= _LONGEST_DATE else None
    precision = "minute" if len(text) > len("2026-07-01") else "day"
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).astimezone(UTC), precision
    except OverflowError:
        return None
