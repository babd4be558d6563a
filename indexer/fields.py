"""Every field of a document, once: its name in KQL, in both indexes and in Kibana, its type, its label, how it is read.

The same table gives the Elasticsearch mapping, the embedded schema, the matcher's atoms, the facets of the console and
the columns of Kibana. Fields of identifiers come from the entity kinds (`EntityKind.field`), so a new kind brings its
field along.

Rules that make the engines agree (DESIGN section 6): keyword values are NFC, compared by code point, case-sensitive, cut
at `KEYWORD_LIMIT` code points plus a hash; an empty value is absent; dates are UTC milliseconds; text is the output of
`fold` (or `exact`), words separated by one space, so that a whitespace tokenizer gives the same words everywhere.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from attrs import frozen

from extraction.fold import TOKEN_LIMIT, exact, fold
from extraction.kinds.base import kinds
from model.document import DocumentVersion, Mention, Role

Value = str | int | tuple[str, ...]
"""A text or single keyword, a date (UTC milliseconds) or count, or the values of a keyword field that holds many."""

BREAK = "zzbreak"
"""A word that no text holds: keeps phrases from running over the end of title, body or one pasted value."""

KEYWORD_LIMIT = 1024
"""Code points of a keyword value that are kept; what is longer ends in `#` and a hash of the whole value."""

LONG_LIMIT = 2**63
"""Numbers beyond 64 bits are absent: no engine keeps them."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_HIDDEN_ROLES = frozenset({Role.CHROME, Role.EXAMPLE, Role.VICTIM})


class FieldType(StrEnum):
    """How a field is searched. STORED fields are read by people and never searched."""

    TEXT = "text"
    KEYWORD = "keyword"
    DATE = "date"
    LONG = "long"
    STORED = "stored"


@frozen(kw_only=True)
class Field:
    """One field. read: its value in a document version, empty when absent. label: Vietnamese.

    many: a keyword field that may hold several values. kinds: names of the entity kinds whose values it holds. facet:
    offered for counting in the console. filter: few distinct values that change only with a new version of the document
    (the embedded index keeps a token of them beside the words). words: how a query's literal becomes words (text only).
    """

    name: str
    type: FieldType
    label: str
    read: Callable[[DocumentVersion], Value | None]
    many: bool = False
    kinds: tuple[str, ...] = ()
    facet: bool = False
    filter: bool = False
    words: Callable[[str], str] = fold


def keyword(value: str) -> str:
    """A keyword value as every engine keeps it: NFC, no lone surrogates, cut at KEYWORD_LIMIT plus a hash."""
    if not value.isascii():
        value = unicodedata.normalize("NFC", replace_surrogates(value))
    if len(value) <= KEYWORD_LIMIT:
        return value
    return f"{value[:KEYWORD_LIMIT]}#{hashlib.sha256(value.encode()).hexdigest()[:16]}"


def replace_surrogates(text: str) -> str:
    """The text with U+FFFD for every lone surrogate, which no engine can keep."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def milliseconds(moment: datetime | None) -> int | None:
    """Milliseconds since 1970 in UTC, cut; None stays None."""
    return None if moment is None else (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(value: int) -> datetime:
    """The moment that `milliseconds` gave."""
    return _EPOCH + value * _MILLISECOND


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keyword(value) for value in values if value))


def _text(version: DocumentVersion) -> str:
    """Title, body, text read from images, and every value of a mention that is not a victim's, as people paste it."""
    document = version.document
    parts = [fold(document.title), BREAK, fold(document.text)]
    if document.pictures:
        parts += (BREAK, fold(document.image_text))
    seen: set[tuple[str, str]] = set()
    for mention in document.mentions:
        key = (mention.kind, mention.value)
        if mention.role is Role.VICTIM or key in seen:
            continue
        seen.add(key)
        for form in _paste_forms(mention):
            parts += (BREAK, form if form.isdecimal() and form.isascii() and len(form) < TOKEN_LIMIT else fold(form))
    return " ".join(part for part in parts if part)


def _paste_forms(mention: Mention) -> tuple[str, ...]:
    kind = _KINDS.get(mention.kind)
    return kind.paste_forms(mention.value) if kind else (mention.value,)


def _exact(version: DocumentVersion) -> str:
    document = version.document
    return " ".join(part for part in (exact(document.title), BREAK, exact(document.text)) if part)


def _named(version: DocumentVersion) -> dict[str, tuple[str, ...]]:
    """Every field that mentions give, those of a page's frame, of examples and of victims left out; in one pass, for there
    are twenty of them and most documents have a value for two."""
    found: dict[str, dict[str, None]] = {}
    for mention in version.document.mentions:
        if mention.role not in _HIDDEN_ROLES:
            for name, value in _values_of(mention):
                if value:
                    found.setdefault(name, {})[keyword(value)] = None
    return {name: tuple(values) for name, values in found.items()}


def _values_of(mention: Mention) -> Iterable[tuple[str, str]]:
    """Fields that one mention has a value for."""
    kind = _KINDS.get(mention.kind)
    if kind is not None:
        yield kind.field, kind.field_value(mention.value)
    if mention.role is Role.SUSPECT:
        yield "suspects", f"{mention.kind}:{mention.value}"
    if mention.kind in ("account", "account_partial"):
        bank = mention.value.partition(":")[0]
        yield "banks", "" if bank == "?" else bank
    if mention.attributes:
        yield "holders", mention.attributes.get("holder", "")
        if mention.kind == "link":
            yield "domains", mention.attributes.get("domain", "")


def _of_mentions(name: str, label: str, kinds: tuple[str, ...] = ()) -> Field:
    """A field whose values mentions give."""
    _FROM_MENTIONS.add(name)
    return _keywords(name, label, lambda version: _named(version).get(name, ()), kinds=kinds)


_FROM_MENTIONS: set[str] = set()


def _text_field(
    name: str, label: str, read: Callable[[DocumentVersion], Value], words: Callable[[str], str] = fold
) -> Field:
    return Field(name=name, type=FieldType.TEXT, label=label, read=read, words=words)


def _stored(name: str, label: str, read: Callable[[DocumentVersion], Value]) -> Field:
    return Field(name=name, type=FieldType.STORED, label=label, read=read)


def _keyword(
    name: str, label: str, read: Callable[[DocumentVersion], str], *, facet: bool = False, filter: bool = False
) -> Field:
    return Field(
        name=name,
        type=FieldType.KEYWORD,
        label=label,
        read=lambda version: keyword(read(version)),
        facet=facet,
        filter=filter,
    )


def _keywords(
    name: str,
    label: str,
    read: Callable[[DocumentVersion], Value],
    *,
    kinds: tuple[str, ...] = (),
    facet: bool = True,
    filter: bool = False,
) -> Field:
    return Field(
        name=name, type=FieldType.KEYWORD, label=label, read=read, many=True, kinds=kinds, facet=facet, filter=filter
    )


def _date(name: str, label: str, read: Callable[[DocumentVersion], datetime | None]) -> Field:
    return Field(name=name, type=FieldType.DATE, label=label, read=lambda version: milliseconds(read(version)))


def _long(name: str, label: str, read: Callable[[DocumentVersion], int | None]) -> Field:
    def bounded(version: DocumentVersion) -> int | None:
        value = read(version)
        return value if value is not None and -LONG_LIMIT <= value < LONG_LIMIT else None

    return Field(name=name, type=FieldType.LONG, label=label, read=bounded)


def _identifier_fields() -> list[Field]:
    """One field per distinct `EntityKind.field`."""
    by_field: dict[str, list[str]] = {}
    for name, kind in _KINDS.items():
        by_field.setdefault(kind.field, []).append(name)
    found = []
    for field, names in by_field.items():
        label = "số, tài khoản không đầy đủ" if field == "partials" else _KINDS[names[0]].plural_label
        found.append(_of_mentions(field, label, tuple(names)))
    return found


def _table() -> dict[str, Field]:
    fields = [
        _text_field("text", "nội dung tìm kiếm", _text),
        _text_field("title", "tiêu đề (tìm kiếm)", lambda version: fold(version.document.title)),
        _text_field("exact", "nội dung đúng dấu", _exact, exact),
        _stored("headline", "tiêu đề", lambda version: replace_surrogates(version.document.title)),
        _stored("content", "nội dung", lambda version: replace_surrogates(version.document.text)),
        _keyword("source", "nguồn", lambda version: version.document.source, facet=True, filter=True),
        _keyword("source_kind", "loại nguồn", lambda version: version.document.source_kind, facet=True, filter=True),
        _keyword("author", "người đăng", lambda version: version.document.author, facet=True),
        _keyword("url", "địa chỉ bài", lambda version: version.document.url),
        _keyword("language", "ngôn ngữ", lambda version: version.document.language, facet=True, filter=True),
        _keywords("regions", "địa bàn", lambda version: _unique(version.document.regions), filter=True),
        _date("published", "thời điểm đăng", lambda version: version.document.published),
        _date("collected", "thời điểm thu thập", lambda version: version.document.collected),
        _date("updated", "thời điểm cập nhật", lambda version: version.updated),
        *_identifier_fields(),
        _of_mentions("banks", "ngân hàng"),
        _of_mentions("holders", "chủ tài khoản"),
        _of_mentions("domains", "tên miền"),
        _of_mentions("suspects", "định danh nghi vấn"),
        _keywords("narratives", "hình thức lừa đảo", lambda version: _unique(version.document.narratives), filter=True),
        _keywords("queries", "câu tìm đã khớp", lambda version: _unique(version.queries)),
        _keywords("leads", "đầu mối", lambda version: _unique(version.leads)),
        _long("likes", "lượt thích", lambda version: version.document.likes),
        _long("comments", "bình luận", lambda version: version.document.comments),
        _long("shares", "chia sẻ", lambda version: version.document.shares),
        _long("views", "lượt xem", lambda version: version.document.views),
        _keyword("family", "nhóm bài giống nhau", lambda version: version.family),
        _keyword("fingerprint", "dấu vân nội dung", lambda version: version.document.fingerprint),
        _long("seq", "số thứ tự", lambda version: version.seq),
        _long("version", "phiên bản", lambda version: version.version),
    ]
    return {field.name: field for field in fields}


_KINDS = kinds()

FIELDS: Mapping[str, Field] = _table()
"""Every field by name."""

DEFAULT_FIELD = "text"
"""Where words without a field are looked for."""

SEARCHABLE = tuple(name for name, field in FIELDS.items() if field.type is not FieldType.STORED)


def index_values(version: DocumentVersion, only: Collection[str] | None = None) -> dict[str, Value]:
    """All fields that a document version has, absent ones left out: the one truth of indexes, matcher and oracle.

    only: read these fields alone (the matcher reads what its queries name).
    """
    names = FIELDS if only is None else only
    values: dict[str, Value] = {}
    named = _named(version) if version.document.mentions else {}
    for name in names:
        value = named.get(name) if name in _FROM_MENTIONS else FIELDS[name].read(version)
        if value is not None and value != "" and value != ():
            values[name] = value
    return values
