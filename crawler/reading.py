"""Small readers of HTML and JSON that several spider families share."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import unescape
from typing import Any

from lxml.etree import _Element
from parsel import Selector

from crawler.options import ArticleOptions, RecordOptions
from crawler.page import Page
from extraction.article import html_to_text, read_article
from extraction.dates import read_date
from model.document import Document

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "tr",
        "table",
        "section",
        "article",
        "header",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "dd",
        "dt",
        "figure",
    ]
)
_SILENT = frozenset({"script", "style", "noscript", "template", "svg"})
_MARKUP = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--.*?--)>")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_COUNT = re.compile(r"(\d[\d.,\s]*)\s*(k|m|b|n|nghìn|ngàn|tr|triệu)?(?![a-zà-ỹ])", re.IGNORECASE)
_FACTORS = {"k": 1e3, "n": 1e3, "nghìn": 1e3, "ngàn": 1e3, "m": 1e6, "tr": 1e6, "triệu": 1e6, "b": 1e9}
_LARGEST = 2**63 - 1
_MILLISECONDS = 100_000_000_000
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


# HTML


def pick(node: Selector, css: str) -> str:
    """The first value that the selector gives, stripped; "" when there is none or no selector."""
    return next(_picked(node, css), "") if css else ""


def pick_all(node: Selector, css: str) -> tuple[str, ...]:
    """Every value that the selector gives, without empty ones."""
    return tuple(value for value in _picked(node, css) if value) if css else ()


def _picked(node: Selector, css: str) -> Iterator[str]:
    for found in node.css(css):
        root = found.root
        yield (root if isinstance(root, str) else text_of(root)).strip()


def text_of(element: _Element) -> str:
    """The text under an element, one line per block, `<br>` a line end, white space joined."""
    parts: list[str] = []
    _collect(element, parts)
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _collect(element: _Element, parts: list[str]) -> None:
    """Walks the tree without recursion: hostile pages nest deeper than Python's stack."""
    stack: list[tuple[_Element, bool]] = [(element, False)]
    while stack:
        node, leaving = stack.pop()
        tag = node.tag
        if leaving:
            if tag in _BLOCKS:
                parts.append("\n")
            if node is not element and node.tail:
                parts.append(node.tail.replace("\n", " "))
            continue
        stack.append((node, True))
        if not isinstance(tag, str) or tag in _SILENT:
            continue
        if tag == "br" or tag in _BLOCKS:
            parts.append("\n")
        if node.text:
            parts.append(node.text if tag == "pre" else node.text.replace("\n", " "))
        stack.extend((child, False) for child in reversed(node))


def without(node: Selector, css: str) -> Selector:
    """The node after what the selector finds in it has been taken out; the node itself is changed."""
    for found in node.css(css) if css else ():
        root = found.root
        parent = root.getparent() if isinstance(root, _Element) else None
        if parent is not None:
            root.drop_tree()
    return node


def cut(pattern: str, text: str) -> str:
    """The first group (or the whole match) of the pattern in the text; "" when it does not match or there is none."""
    if not pattern or not text:
        return ""
    match = re.search(pattern, text)
    if match is None:
        return ""
    return next((group for group in match.groups() if group), match[0])


def read_count(text: str) -> int | None:
    """`37.2K`, `1,2 N`, `1.234`, `12 345` as a number; None when it is none."""
    match = _COUNT.search(text)
    if match is None:
        return None
    digits, unit = re.sub(r"\s", "", match[1]).strip(".,"), (match[2] or "").lower()
    if unit:
        value = float(digits.replace(",", ".")) if digits.count(".") + digits.count(",") <= 1 else 0.0
        return min(int(value * _FACTORS[unit] + 0.5), _LARGEST)
    plain = re.sub(r"[.,]", "", digits)
    return min(int(plain), _LARGEST) if len(plain) < 20 else None


# Articles


def article_document(page: Page, options: ArticleOptions) -> Document:
    """The document of an article page; what the page does not tell is taken from what the listing told.

    Raises LayoutChangedError when neither has a text.
    """
    article = read_article(page.text, url=page.url, selectors=options.selectors, now=page.now)
    hint = page.hint
    published, precision = article.published, article.precision
    if published is None:
        published, precision = read_time(hint.get("published", ""), now=page.now)
    title, text = article.title or hint.get("title", ""), article.text or hint.get("text", "")
    if not text.strip():
        raise page.changed("no text was found on the article page")
    item = page.ask.item
    return Document(
        source=page.source.id,
        source_kind=page.source.kind,
        external_id=item.external_id if item else page.url,
        url=page.url,
        title=title,
        text=text,
        author=article.author or hint.get("author", ""),
        published=published,
        published_precision=precision,
        collected=page.now,
        images=article.images,
    )


# Times


def read_time(value: object, *, now: datetime) -> tuple[datetime | None, str]:
    """Time and precision of an ISO text, epoch seconds or milliseconds, or a Vietnamese date; None when it is none.

    A time outside 1990 to 2100 is none: pages carry year 0 and 99999.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) >= _MILLISECONDS else value
        inside = _EARLIEST.timestamp() < seconds < _LATEST.timestamp()
        return (datetime.fromtimestamp(seconds, UTC), "minute") if inside else (None, "minute")
    text = str(value or "").strip()
    if not text:
        return None, "minute"
    if text.isascii() and text.isdigit() and len(text) >= 9:
        return read_time(int(text[:16]), now=now)
    found = read_date(text, now=now)
    if found is None or not _EARLIEST <= found[0] <= _LATEST:
        return None, "minute"
    return found


# JSON


def dig(record: Any, path: str) -> list[Any]:
    """All values at the path (see `crawler.options`), none of them None; alternatives after `|` only when empty."""
    for alternative in path.split("|"):
        found = [record]
        for step in filter(None, alternative.strip().split(".")):
            name, each = step.removesuffix("[]"), step.endswith("[]")
            found = [inner for value in found for inner in _step(value, name)]
            if each:
                found = [inner for value in found if isinstance(value, list) for inner in value]
        found = [value for value in found if value is not None and value != ""]
        if found:
            return found
    return []


def _step(value: Any, name: str) -> list[Any]:
    if not name:
        return [value]
    if isinstance(value, Mapping):
        return [value[name]] if name in value else []
    if isinstance(value, list) and name.lstrip("-").isdigit() and -len(value) <= int(name) < len(value):
        return [value[int(name)]]
    return []


def first(record: Any, path: str) -> Any:
    """The first value at the path, or None."""
    found = dig(record, path) if path else []
    return found[0] if found else None


def written(record: Any, path: str) -> str:
    """The texts at the paths joined by `+`, each on its own line; markup read as text."""
    parts: list[str] = []
    for part in path.split("+") if path else ():
        for value in dig(record, part.strip()):
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                parts.append(plain(str(value)))
    return "\n".join(dict.fromkeys(part for part in parts if part))


def plain(text: str) -> str:
    """The text without markup, if it has any; character references read."""
    return (
        html_to_text(text) if _MARKUP.search(text) else _REFERENCE.sub(lambda match: unescape(match[0]), text).strip()
    )


def fill(template: str, record: Any) -> str:
    """The address with each `{path}` replaced by what stands there; "" when one is missing."""
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        found = first(record, match[1])
        missing = missing or found is None or isinstance(found, dict | list)
        return str(found)

    filled = re.sub(r"\{([^{}]+)\}", value, template)
    return "" if missing else filled


def address(record: Any, template: str, page: Page) -> str:
    """The address that a template or a path gives, absolute; "" for none."""
    found = fill(template, record) if "{" in template else first(record, template)
    return page.join(found) if isinstance(found, str) else ""


def record_id(record: Any, options: RecordOptions) -> str:
    """The record's own id as text; "" when it has none."""
    value = first(record, options.id)
    usable = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).strip() if usable else ""


def read_record(record: Any, options: RecordOptions, page: Page) -> Document | None:
    """The document of a JSON record; None when it has no id."""
    identifier = record_id(record, options)
    if not identifier:
        return None
    published, precision = read_time(first(record, options.published), now=page.now)
    return Document(
        source=page.source.id,
        source_kind=page.source.kind,
        external_id=identifier,
        url=address(record, options.url, page) if options.url else page.url,
        title=written(record, options.title),
        text=written(record, options.text),
        author=written(record, options.author),
        published=published,
        published_precision=precision,
        collected=page.now,
        images=tuple(
            image
            for value in (dig(record, options.images) if options.images else ())
            for written in (value if isinstance(value, list) else [value])
            if isinstance(written, str) and (image := page.join(written))
        ),
        likes=_number(first(record, options.likes)),
        comments=_number(first(record, options.comments)),
        shares=_number(first(record, options.shares)),
        views=_number(first(record, options.views)),
    )


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value) if 0 <= value <= _LARGEST else None
    return read_count(value) if isinstance(value, str) else None


def search_key(data: Any, key: str) -> Iterator[Any]:
    """Every value that stands under the key at any depth, outermost first; without recursion."""
    queue = deque([data])
    while queue:
        value = queue.popleft()
        if isinstance(value, Mapping):
            if key in value:
                yield value[key]
            queue.extend(inner for inner in value.values() if isinstance(inner, Mapping | list))
        elif isinstance(value, Sequence) and not isinstance(value, str):
            queue.extend(inner for inner in value if isinstance(inner, Mapping | list))
