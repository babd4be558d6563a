"""Documents and what is found in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from attrs import field as attribute
from attrs import frozen, validators

from model.ids import document_id

SOURCE_KINDS = ("news", "warning", "social", "forum", "channel", "video", "classified", "ad", "app", "landing")
"""What a source publishes; `source_kind` of its documents."""


class Role(StrEnum):
    """Why an identifier stands in a text. Guessed by machine; only `suspect` joins documents into leads."""

    SUSPECT = "suspect"
    OFFICIAL = "official"
    VICTIM = "victim"
    NEUTRAL = "neutral"
    EXAMPLE = "example"
    CHROME = "chrome"
    SPOOFED = "spoofed"
    UNKNOWN = "unknown"


ROLE_LABELS: Mapping[Role, str] = {
    Role.SUSPECT: "nghi vấn",
    Role.OFFICIAL: "chính thức",
    Role.VICTIM: "người bị hại",
    Role.NEUTRAL: "trung tính",
    Role.EXAMPLE: "ví dụ",
    Role.CHROME: "khung trang",
    Role.SPOOFED: "bị mạo danh",
    Role.UNKNOWN: "chưa rõ",
}


def as_utc(moment: datetime | None) -> datetime | None:
    """The moment in UTC, cut to milliseconds. Raises ValueError for a naive time."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"time without offset: {moment.isoformat()}")
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@frozen(kw_only=True)
class Entity:
    """A value of a kind, whoever mentions it: what the register keeps and what documents share."""

    kind: str
    value: str

    @property
    def key(self) -> str:
        """`kind:value`, the spelling used in join keys and in the field `suspects`."""
        return f"{self.kind}:{self.value}"


@frozen(kw_only=True)
class Mention:
    """One identifier at one place of one document.

    value: canonical (DESIGN section 5). raw: as written. field: `text`, `title` or `image`. start, end: code points of
    the field (for `image`, of `Document.image_text`). confidence: 0 to 1. reason: a short English phrase that
    says which rule decided the role. attributes: `bank`, `holder`, `scheme`, `host`, `domain`, `shortener`,
    `look_alike`, `carrier`, ..., for a picture `image`, `box`, `read_by`, `sure`; all strings.
    """

    kind: str
    value: str
    raw: str
    field: str = "text"
    start: int = 0
    end: int = 0
    role: Role = attribute(default=Role.UNKNOWN, converter=Role)
    confidence: float = 1.0
    reason: str = ""
    attributes: Mapping[str, str] = attribute(factory=dict)

    @property
    def entity(self) -> Entity:
        return Entity(kind=self.kind, value=self.value)


IMAGE_BREAK = "\n\n"
"""What parts the texts of two pictures in `Document.image_text`."""


@frozen(kw_only=True)
class Picture:
    """What was read from one picture of a document.

    address: where it was found, "" for one that came as a file. digest: SHA-256 of its bytes, "" when they did not come.
    width, height: pixels, upright. text: what its letters say, then what each QR code holds. words, codes: for each its
    start and end in `text`, left, top, width and height in pixels, and how sure the reading is (0 to 100). problems: why
    it was not read, or not wholly (codes of `extraction.image.PROBLEMS`, a detail behind a colon).
    """

    address: str = ""
    digest: str = ""
    width: int = 0
    height: int = 0
    text: str = ""
    words: tuple[tuple[int, ...], ...] = ()
    codes: tuple[tuple[int, ...], ...] = ()
    problems: tuple[str, ...] = ()


_DAY_PRECISION = ("minute", "day")


@frozen(kw_only=True)
class Document:
    """One public post, ad, article or warning, as collected.

    A spider or an imported file gives the upper part; `indexer.ingest` fills the lower part. `title` and `text` are as
    written, except that victims' identifiers are masked on ingest. `published` is when the source says, `collected`
    when we fetched it; both aware, kept in UTC milliseconds. Counts are None when the site does not tell. images:
    addresses of its pictures; pictures: those that were read, or should have been.
    """

    source: str
    source_kind: str = attribute(validator=validators.in_(SOURCE_KINDS))
    external_id: str
    url: str = ""
    title: str = ""
    text: str = ""
    author: str = ""
    published: datetime | None = attribute(default=None, converter=as_utc)
    published_precision: str = attribute(default="minute", validator=validators.in_(_DAY_PRECISION))
    collected: datetime = attribute(converter=as_utc)  # type: ignore[assignment]
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    views: int | None = None
    images: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()

    mentions: tuple[Mention, ...] = ()
    language: str = ""
    regions: tuple[str, ...] = ()
    narratives: tuple[str, ...] = ()
    fingerprint: str = ""
    bands: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """H(source, external id), the same on every machine."""
        return document_id(self.source, self.external_id)

    @property
    def image_text(self) -> str:
        """The texts of its pictures, which mentions of the field `image` have their spans in."""
        return IMAGE_BREAK.join(picture.text for picture in self.pictures if picture.text)

    @property
    def body(self) -> str:
        """The text, and what its pictures say: what the document is about."""
        return IMAGE_BREAK.join(part for part in (self.text, self.image_text) if part)

    @property
    def suspects(self) -> tuple[Mention, ...]:
        """Mentions whose role is `suspect`, in text order."""
        return tuple(mention for mention in self.mentions if mention.role is Role.SUSPECT)


@frozen(kw_only=True)
class DocumentVersion:
    """A document as the log keeps it.

    seq: order of first arrival, never changes. revision: taken anew for every stored version; drives matching.
    position: place in the change log that index followers read (a new one whenever version, family, queries or leads
    change); the external version of the search index. version: 1, 2, ... family: id of the near-duplicate family
    (the document id of its first member), "" until matched. queries: ids of saved queries met; leads: lead codes.
    """

    document: Document
    seq: int
    revision: int
    position: int = 0
    version: int = 1
    first_seen: datetime
    updated: datetime
    family: str = ""
    queries: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()


@frozen(kw_only=True)
class Quarantined:
    """An item that could not be kept, with the reason; payload: JSON text, cut to 64 KiB."""

    source: str
    external_id: str
    reason: str
    payload: str
    at: datetime
