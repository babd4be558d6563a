"""A sheet's `options` to the typed Options of its spider, and the parts that several families share.

Selectors are CSS as parsel reads them. One that ends in `::text` or `::attr(name)` gives that value; one without gives
the text of the element, one line per block. Paths into JSON are keys and list positions with dots between
(`snapshot.body.text`, `images.0.url`); `name[]` goes into every entry of a list; `|` separates alternatives, the first
that gives something wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

import attrs
from attrs import field, frozen
from cattrs import Converter
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError
from cattrs.gen import make_dict_structure_fn

from model.errors import ConfigError
from model.source import Source

T = TypeVar("T", bound="SpiderOptions")

_UNKNOWN = "is not an option of this spider"


def pattern(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    """Validator: a regular expression, with one group where something is to be cut out."""
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is not a regular expression: {error}", attribute) from None


def bounds(low: float, high: float) -> Callable[[object, attrs.Attribute[Any], float], None]:
    """Validator: a number from low to high."""

    def validate(_: object, attribute: attrs.Attribute[Any], value: float) -> None:
        if not low <= value <= high:
            raise ValueError(f"{value:g} is not from {low:g} to {high:g}", attribute)

    return validate


@frozen(kw_only=True)
class ArticleOptions:
    """Selectors of an article page; what is left out is found by JSON-LD, Open Graph and the main-text finder.

    title, lead, text, author, date: CSS; the body is lead and text. remove: CSS of parts inside that are not the
    article (related links, newsroom numbers).
    """

    title: str = ""
    lead: str = ""
    text: str = ""
    author: str = ""
    date: str = ""
    remove: str = ""

    @property
    def selectors(self) -> dict[str, str]:
        """Those that are given, as `extraction.article.read_article` takes them."""
        named = {"body" if name == "text" else name: value for name, value in attrs.asdict(self).items()}
        return {name: value for name, value in named.items() if value}


@frozen(kw_only=True)
class RecordOptions:
    """Where the parts of a document stand in one JSON record: paths, see the head of this module.

    id: needed. url: a path, or an address with paths in braces (`https://x.vn/{list_id}.htm`). text and title: all
    alternatives joined with `+` are put together (`snapshot.title + snapshot.body.text`). HTML in them is read as text.
    published: ISO time, epoch seconds or milliseconds, or a Vietnamese date. likes, comments, shares, views: numbers.
    images: path to one or several addresses.
    """

    id: str
    url: str = ""
    title: str = ""
    text: str = ""
    author: str = ""
    published: str = ""
    likes: str = ""
    comments: str = ""
    shares: str = ""
    views: str = ""
    images: str = ""


@frozen(kw_only=True)
class SpiderOptions:
    """What every family's sheet can say under `options`.

    delay: least seconds between two requests to the site (robots' Crawl-delay counts too if it is longer).
    max_pages: listing pages of one visit. max_items: items of one visit that are fetched on their own; the rest stays
    pending for the next. max_seconds: wall time of a visit. max_images: pictures of one post that are fetched and read,
    5 at most, 0 for none; never those of news and warnings.
    """

    delay: float = field(default=1.0, validator=bounds(0, 60))
    max_pages: int = field(default=1, validator=bounds(1, 500))
    max_items: int = field(default=200, validator=bounds(1, 5000))
    max_seconds: float = field(default=240.0, validator=bounds(1, 1800))
    max_images: int = field(default=5, validator=bounds(0, 5))


def read_options(kind: type[T], source: Source) -> T:
    """The sheet's options as `kind`. Raises ConfigError with file, key and cure for the first thing that is wrong."""
    try:
        return _CONVERTER.structure(dict(source.options), kind)
    except ClassValidationError as error:
        # A key that is not known comes first: it is often the misspelt one that is then missing.
        key, problem, cure = min(_faults(error, ()), key=lambda fault: fault[1] != _UNKNOWN)
        where = ".".join(("options", *key))
        raise ConfigError(problem, file=source.file or source.id, key=where, cure=cure) from None


def _text(value: object, _: type) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r:.60} is not a text")
    return str(value)


def _number(value: object, kind: type) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r:.60} is not a number")
    return kind(value)


def _truth(value: object, _: type) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r:.60} is neither true nor false")
    return value


_CONVERTER = Converter(forbid_extra_keys=True, detailed_validation=True)
_CONVERTER.register_structure_hook(str, _text)
_CONVERTER.register_structure_hook(int, _number)
_CONVERTER.register_structure_hook(float, _number)
_CONVERTER.register_structure_hook(bool, _truth)


def _structurer(kind: type) -> Callable[[object, type], Any]:
    generated: Callable[[Mapping[str, Any], type], Any] = make_dict_structure_fn(
        kind, _CONVERTER, _cattrs_forbid_extra_keys=True
    )

    def structure(value: object, _: type) -> Any:
        if not isinstance(value, Mapping):
            raise ValueError(f"{value!r:.60} is not keys and values")
        return generated({str(key): part for key, part in value.items()}, kind)

    return structure


_CONVERTER.register_structure_hook_factory(attrs.has, _structurer)


def _faults(error: BaseException, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Key path, problem and cure of everything that is wrong."""
    if isinstance(error, ForbiddenExtraKeysError):
        known = list(attrs.fields_dict(error.cl))
        for extra in sorted(map(str, error.extra_fields)):
            yield (*path, extra), _UNKNOWN, _known(extra, known)
    elif isinstance(error, ClassValidationError | IterableValidationError):
        for inner, note in error.group_exceptions()[0]:
            yield from _faults(inner, (*path, str(getattr(note, "name", getattr(note, "index", "")))))
        for inner in error.group_exceptions()[1]:
            yield from _faults(inner, path)
    elif isinstance(error, KeyError):
        yield path, "is missing", f"Add a line `{path[-1]}: ...`"
    else:
        validated = [part for part in error.args[1:] if isinstance(part, attrs.Attribute)]
        yield (*path, *(part.name for part in validated[:1])), _said(error), ""


def _said(error: BaseException) -> str:
    text = str(error.args[0]) if error.args else type(error).__name__
    return text.removeprefix("Invalid value: ")


def _known(given: str, names: Collection[str]) -> str:
    near = get_close_matches(given, list(names), n=1)
    return f"Known: {', '.join(names)}" + (f" (did you mean {near[0]!r}?)" if near else "")


def texts(value: str | Sequence[str]) -> tuple[str, ...]:
    """A text or a list of texts as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)
