"""Nouns to JSON text and back.

Values equal to a noun's default are left out, so a default must never change its meaning; a field may be added with a
default at any time. Unknown keys are ignored: an older program reads a newer payload.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar

from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from model.document import IMAGE_BREAK, Document, Role
from model.errors import BadDocumentError
from model.ids import stable_id

T = TypeVar("T")

LARGEST = 2**63 - 1
"""Whole numbers beyond this fit neither SQLite nor Elasticsearch."""

COUNTS = ("likes", "comments", "shares", "views")
_NO_COUNTS = (None, None, None, None)

_KEY_LENGTH = 200


def _moment(value: Any, _: object = None) -> datetime:
    return datetime.fromisoformat(value)


def _converter() -> Converter:
    converter = Converter(omit_if_default=True, detailed_validation=False)
    converter.register_unstructure_hook(datetime, lambda value: value.astimezone(UTC).isoformat())
    converter.register_structure_hook(datetime, _moment)
    converter.register_unstructure_hook(timedelta, lambda value: value.total_seconds())
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(seconds=value))
    converter.register_unstructure_hook(time, lambda value: value.isoformat())
    converter.register_structure_hook(time, lambda value, _: time.fromisoformat(value))
    converter.register_structure_hook_func(lambda kind: kind is object, lambda value, _: value)
    # What nearly every field of a document is: cattrs asks for each element anew how it is made.
    converter.register_structure_hook_func(
        lambda kind: kind == tuple[str, ...], lambda value, _: tuple(map(str, value))
    )
    converter.register_structure_hook_func(
        lambda kind: kind == Mapping[str, str],
        lambda value, _: {str(key): str(item) for key, item in value.items()},
    )
    # These are columns: bands are asked for when no text is, counts change when no text does.
    apart: dict[str, Any] = {name: override(omit=True) for name in ("bands", *COUNTS)}
    converter.register_unstructure_hook(
        Document, make_dict_unstructure_fn(Document, converter, _cattrs_omit_if_default=True, **apart)
    )
    return converter


_CONVERTER = _converter()
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dumps(noun: object) -> str:
    """A noun as JSON text."""
    return _encode(_CONVERTER.unstructure(noun))


def loads(text: str, kind: type[T]) -> T:
    """A noun of that kind from JSON text."""
    return _CONVERTER.structure(json.loads(text), kind)


def structure(value: Mapping[str, object], kind: type[T]) -> T:
    """A noun of that kind from plain values."""
    return _CONVERTER.structure(value, kind)


def plain(noun: object) -> Any:
    """A noun as plain dicts, lists and strings."""
    return _CONVERTER.unstructure(noun)


def short(key: str) -> str:
    """The key as a column holds it: itself, or its beginning and a hash when it is long (an index row has a limit)."""
    return key if len(key) <= _KEY_LENGTH else f"{key[:150]}#{stable_id('key', key)}"


def joined(values: tuple[str, ...] | list[str]) -> str:
    """Several ids as one column."""
    return "\n".join(values)


def split(text: str) -> tuple[str, ...]:
    """What `joined` made one."""
    return tuple(text.split("\n")) if text else ()


def document_payload(document: Document) -> str:
    """The document as JSON text, without bands and counts. Raises BadDocumentError for what no database takes."""
    for name, value in (
        ("source", document.source),
        ("external_id", document.external_id),
        ("fingerprint", document.fingerprint),
    ):
        if "\0" in value:
            raise BadDocumentError(f"{name} holds a NUL character")
    try:
        text = dumps(document)
        # JSON writes NUL as an escape, so only surrogates are left to look for.
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadDocumentError(f"a lone surrogate, {error.object[error.start]!a}") from error
    except (TypeError, ValueError, RecursionError, AttributeError) as error:
        raise BadDocumentError(f"cannot be written as JSON: {error}") from error
    return text


def counts_column(document: Document) -> str:
    """Likes, comments, shares and views as one column, empty where unknown. Raises BadDocumentError beyond 64 bits."""
    values = (document.likes, document.comments, document.shares, document.views)
    if values == _NO_COUNTS:
        return ""
    for name, value in zip(COUNTS, values, strict=True):
        if value is not None and not (isinstance(value, int) and -LARGEST <= value <= LARGEST):
            raise BadDocumentError(f"{name} is not a number that can be kept: {str(value)[:40]}")
    return ",".join(["" if value is None else str(value) for value in values])


def document(payload: str, *, bands: str, counts: str) -> Document:
    """The document of a payload and its two columns."""
    data = json.loads(payload)
    if bands:
        data["bands"] = bands.split("\n")
    if counts:
        data.update({name: int(value) for name, value in zip(COUNTS, counts.split(","), strict=True) if value})
    return _CONVERTER.structure(data, Document)


def wording(payload: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Title, body and suspects (kind, value) of the document of a payload."""
    data = json.loads(payload)
    shown = IMAGE_BREAK.join(picture["text"] for picture in data.get("pictures", ()) if picture.get("text"))
    body = IMAGE_BREAK.join(part for part in (data.get("text", ""), shown) if part)
    suspects = (
        (one["kind"], one["value"]) for one in data.get("mentions", ()) if one.get("role") == Role.SUSPECT.value
    )
    return data.get("title", ""), body, tuple(suspects)
