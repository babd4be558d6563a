"""Sheets (YAML) to nouns: sources, saved queries and recipients.

A broken sheet costs only itself: every loader returns what it could read together with one ConfigError per sheet that it
could not, each naming file, key and cure. Shipped sheets lie beside this file as package data; an installation's own win
by id. This module checks the envelope (keys, types, ids, names it is given); a rule's or spider's own options and the
query language are checked by the rooms that own them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import time, timedelta
from difflib import get_close_matches
from pathlib import Path
from reprlib import repr as brief
from typing import Any, Generic, TypeVar

import yaml
from attrs import field, frozen

from config.settings import seconds
from model.document import SOURCE_KINDS
from model.errors import ConfigError
from model.message import Hours, Recipient
from model.query import Examples, Priority, SavedQuery
from model.source import Origin, Source

T = TypeVar("T")
Noun = TypeVar("Noun", Source, SavedQuery, Recipient)

SHIPPED = Path(__file__).parent
"""Where the shipped `sources/` and `queries/` lie."""

_ID = re.compile(r"[a-z][a-z0-9_]{1,63}")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHEET_LIMIT = 1_000_000
"""Bytes of one sheet; a larger file is not a sheet (the longest shipped one has 4 kB)."""
_LIBYAML_LIMIT = 4_096
"""Characters up to which libyaml reads a sheet, eight times as fast. It goes down a level for every bracket with no limit
but the stack: 15,000 levels were its end here, and the end of the process with it."""


@frozen(kw_only=True)
class Folder:
    """A folder of sheets and the hand that wrote it. label: its name in messages, when the folder's own says too little."""

    path: Path
    origin: Origin
    label: str = ""

    @property
    def name(self) -> str:
        """How the folder is called in errors and in `Source.file`."""
        return self.label or self.path.name


@frozen(kw_only=True)
class Loaded(Generic[T]):
    """What the folders gave: nouns by id (a later folder wins) and the sheets that could not be used."""

    items: tuple[T, ...] = ()
    errors: tuple[ConfigError, ...] = field(factory=tuple)


def load_sources(folders: Sequence[Folder], *, spiders: Collection[str] = ()) -> Loaded[Source]:
    """Sources of all folders. spiders: names of spider families and own spiders, checked when given."""
    return _load(folders, lambda keys, origin: _source(keys, origin, spiders))


def load_queries(
    folders: Sequence[Folder],
    *,
    forms: Collection[str] = (),
    rules: Collection[str] = (),
    recipients: Collection[str] = (),
) -> Loaded[SavedQuery]:
    """Saved queries of all folders; form, rule type and recipients are checked against the names given, if any."""
    return _load(folders, lambda keys, origin: _query(keys, origin, forms, rules, recipients))


def load_source_file(path: Path, *, spiders: Collection[str] = ()) -> Source:
    """The one source of a sheet that is to be tried. Raises ConfigError."""
    return _source(_only(path), Origin.SITE, spiders)


def load_query_file(
    path: Path, *, forms: Collection[str] = (), rules: Collection[str] = (), recipients: Collection[str] = ()
) -> SavedQuery:
    """The one saved query of a file that is to be added. Raises ConfigError."""
    return _query(_only(path), Origin.SITE, forms, rules, recipients)


def _only(path: Path) -> _Keys:
    documents = _documents(path, path.name)
    if len(documents) != 1:
        raise ConfigError(f"holds {len(documents)} sheets", file=path.name, cure="Write one, with id and title")
    return _Keys(documents[0], path.name)


def load_recipients(files: Sequence[Path]) -> Loaded[Recipient]:
    """Recipients of all files, each file a list or several documents; a later file wins by id."""
    found: dict[str, Recipient] = {}
    errors: list[ConfigError] = []
    for path in files:
        try:
            documents = _documents(path, path.name)
        except ConfigError as error:
            errors.append(error)
            continue
        for document in documents:
            try:
                recipient = _recipient(_Keys(document, path.name))
            except ConfigError as error:
                errors.append(error)
            else:
                found[recipient.id] = recipient
    for recipient in found.values():
        if recipient.stand_in and recipient.stand_in not in found:
            errors.append(
                _unknown("stand_in", "recipient", recipient.stand_in, found, file="recipients.yaml", of=recipient.id)
            )
    return Loaded(items=tuple(found.values()), errors=tuple(errors))


def _load(folders: Sequence[Folder], make: Callable[[_Keys, Origin], Noun]) -> Loaded[Noun]:
    found: dict[str, Noun] = {}
    errors: list[ConfigError] = []
    for folder in folders:
        own: dict[str, str] = {}
        for path in sorted(folder.path.glob("*.y*ml")):
            name = f"{folder.name}/{path.name}"
            try:
                for document in _documents(path, name):
                    noun = make(_Keys(document, name), folder.origin)
                    if noun.id in own:
                        raise ConfigError(
                            f"{noun.id!r} is also the id in {own[noun.id]}",
                            file=name,
                            key="id",
                            cure="Give one of them another id",
                        )
                    own[noun.id] = name
                    found[noun.id] = noun
            except ConfigError as error:
                errors.append(error)
    return Loaded(items=tuple(found.values()), errors=tuple(errors))


def _documents(path: Path, name: str) -> list[Mapping[str, Any]]:
    """The mappings of a YAML file: one or several documents, or a list of mappings."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_SHEET_LIMIT + 1)
    except OSError as error:
        raise ConfigError(
            f"cannot be read ({error.strerror})", file=str(path), cure="Check its name and permissions"
        ) from None
    if len(data) > _SHEET_LIMIT:
        raise ConfigError("is larger than 1 MB", file=name, cure="A sheet holds one source or query")
    try:
        loaded = [part for part in _parsed(data.decode("utf-8-sig")) if part is not None]
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        problem = getattr(error, "problem", None) or str(error).split("\n")[0]
        raise ConfigError(
            f"is not valid YAML: {problem}{where}", file=name, cure="Mend the line; quote texts that hold : or #"
        ) from None
    documents: list[Mapping[str, Any]] = []
    for part in loaded:
        for entry in part if isinstance(part, list) else [part]:
            if not isinstance(entry, Mapping):
                raise ConfigError(
                    f"holds {brief(entry)} where keys are expected",
                    file=name,
                    cure="Write lines such as `id: my_source`",
                )
            documents.append({str(key): value for key, value in entry.items()})
    return documents


def _parsed(text: str) -> list[Any]:
    """The YAML documents of a text: by libyaml where it may, else, and for its words on what is wrong, in Python."""
    if yaml.__with_libyaml__ and len(text) <= _LIBYAML_LIMIT:
        with suppress(yaml.YAMLError, ValueError):
            return list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    return list(yaml.safe_load_all(text))


class _Keys:
    """The keys of one sheet, taken one by one; what is left over is an error."""

    def __init__(self, values: Mapping[str, Any], file: str, prefix: str = "") -> None:
        self.values, self.file, self.prefix = dict(values), file, prefix
        self.known: list[str] = []

    def fail(self, key: str, problem: str, cure: str = "") -> ConfigError:
        return ConfigError(problem, file=self.file, key=f"{self.prefix}{key}", cure=cure)

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = None, *, needed: bool = False) -> Any:
        self.known.append(key)
        value = self.values.pop(key, None)
        if value is None:
            if needed:
                raise self.fail(key, "is missing", f"Add a line `{key}: ...`")
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.fail(key, f"{brief(value)} is a {type(value).__name__}", f"Write {_KIND_WORDS[kind]}")
        return value

    def text(self, key: str, default: str = "", *, needed: bool = False) -> str:
        value = self.take(key, (str, int, float), default, needed=needed)
        return str(value).strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.take(key, (list, str), [])
        return (value,) if isinstance(value, str) else tuple(str(entry) for entry in value)

    def choice(self, key: str, among: Iterable[str], default: str = "", *, needed: bool = False) -> str:
        value, names = self.text(key, default, needed=needed), tuple(among)
        if value not in names:
            raise self.fail(key, f"{brief(value)} is not known", f"One of: {', '.join(names)}{_guess(value, names)}")
        return value

    def duration(self, key: str, default: timedelta) -> timedelta:
        value = self.take(key, (str, int, float), None)
        if value is None:
            return default
        try:
            length = timedelta(seconds=seconds(value))
        except (ValueError, OverflowError) as error:
            raise self.fail(key, str(error)) from None
        if length <= timedelta(0):
            raise self.fail(key, f"{brief(value)} is not a positive duration", "Write for example 30m or 24h")
        return length

    def inner(self, key: str) -> _Keys:
        return _Keys(self.take(key, dict, {}), self.file, f"{self.prefix}{key}.")

    def done(self) -> None:
        for key in self.values:
            raise self.fail(
                key, "is not a key of this sheet", f"Known: {', '.join(self.known)}{_guess(key, self.known)}"
            )


_KIND_WORDS: Mapping[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    dict: "keys and values",
    list: "a list",
    (list, str): "a list of texts",
    (str, int, float): "a text",
}


def _guess(given: str, names: Iterable[str]) -> str:
    near = get_close_matches(given, list(names), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _unknown(key: str, what: str, given: str, names: Iterable[str], *, file: str, of: str = "") -> ConfigError:
    listed = ", ".join(sorted(names)[:12]) or "none yet"
    subject = f" of {of!r}" if of else ""
    return ConfigError(
        f"{what} {given!r}{subject} is not known", file=file, key=key, cure=f"Known: {listed}{_guess(given, names)}"
    )


def _identifier(keys: _Keys) -> str:
    value = keys.text("id", needed=True)
    if not _ID.fullmatch(value):
        raise keys.fail(
            "id", f"{brief(value)} is not an id", "Use 2 to 64 lower-case letters, digits and _, a letter first"
        )
    return value


def _source(keys: _Keys, origin: Origin, spiders: Collection[str]) -> Source:
    identifier = _identifier(keys)
    spider = keys.text("spider", needed=True)
    if spiders and spider not in spiders:
        raise _unknown("spider", "spider", spider, spiders, file=keys.file)
    url = keys.text("url", needed=True)
    if not re.match(r"https?://[^/\s]+", url):
        raise keys.fail("url", f"{url!r:.80} is not a web address", "Write it with http:// or https://")
    source = Source(
        id=identifier,
        title=keys.text("title", needed=True),
        spider=spider,
        kind=keys.choice("kind", SOURCE_KINDS, needed=True),
        url=url,
        interval=keys.duration("interval", timedelta(minutes=30)),
        enabled=keys.take("enabled", bool, False),
        expect_min=keys.take("expect_min", int, 1),
        options=keys.take("options", dict, {}),
        access_basis=keys.text("access_basis", "public page"),
        terms_checked_on=str(keys.values.pop("terms_checked_on", "") or ""),
        notice=keys.text("notice"),
        origin=origin,
        file=keys.file,
    )
    keys.known.append("terms_checked_on")
    keys.done()
    return source


def _query(
    keys: _Keys, origin: Origin, forms: Collection[str], rules: Collection[str], recipients: Collection[str]
) -> SavedQuery:
    identifier = _identifier(keys)
    form = keys.text("form")
    if form and forms and form not in forms:
        raise _unknown("form", "scam form", form, forms, file=keys.file)
    rule = keys.take("rule", dict, {"type": "any"})
    kind = str(rule.get("type", ""))
    if not kind or (rules and kind not in rules):
        raise _unknown("rule.type", "rule", kind, rules, file=keys.file)
    to = keys.texts("recipients")
    for recipient in to:
        if recipients and recipient not in recipients:
            raise _unknown("recipients", "recipient", recipient, recipients, file=keys.file)
    examples = keys.inner("examples")
    query = SavedQuery(
        id=identifier,
        title=keys.text("title", needed=True),
        form=form,
        query=keys.text("query", needed=True),
        rule=rule,
        priority=Priority(keys.choice("priority", [entry.value for entry in Priority], "digest")),
        realert=keys.duration("realert", timedelta(hours=24)),
        recipients=to,
        examples=Examples(match=examples.texts("match"), no_match=examples.texts("no_match")),
        enabled=keys.take("enabled", bool, True),
        origin=origin,
        file=keys.file,
    )
    examples.done()
    keys.done()
    return query


def _recipient(keys: _Keys) -> Recipient:
    identifier = _identifier(keys)
    addresses = keys.texts("addresses")
    if not addresses:
        raise keys.fail("addresses", "is missing", "Add a line `addresses: [name@example.vn]`")
    channel = keys.text("channel", "smtp")
    for address in addresses:
        if channel == "smtp" and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address):
            raise keys.fail("addresses", f"{address!r} is not a mail address", "Write it as name@example.vn")
    escalate = keys.values.get("escalate_after")
    recipient = Recipient(
        id=identifier,
        name=keys.text("name", identifier),
        addresses=addresses,
        channel=channel,
        hours=_hours(keys.inner("hours")),
        stand_in=keys.text("stand_in"),
        escalate_after=keys.duration("escalate_after", timedelta(0)) if escalate is not None else None,
        daily_budget=keys.take("daily_budget", int, 40),
        regions=keys.texts("regions"),
        masking=keys.choice("masking", ("none", "identifiers"), "none"),
        digest=keys.take("digest", bool, True),
    )
    keys.known.append("escalate_after")
    keys.done()
    return recipient


def _hours(keys: _Keys) -> Hours:
    days = keys.texts("days") or _DAYS
    for day in days:
        if day not in _DAYS:
            raise keys.fail("days", f"{day!r} is not a day", f"Use {', '.join(_DAYS)}")
    hours = Hours(days=days, start=_clock(keys, "from", time(0, 0)), end=_clock(keys, "to", time(23, 59, 59)))
    keys.done()
    return hours


def _clock(keys: _Keys, key: str, default: time) -> time:
    """A time of day; YAML 1.1 reads an unquoted 17:30 as the number 1050 (base 60)."""
    value = keys.take(key, (str, int, float), None)
    if value is None:
        return default
    if isinstance(value, int) and 0 <= value < 1440:
        return time(value // 60, value % 60)
    try:
        return time.fromisoformat(str(value).strip())
    except ValueError:
        raise keys.fail(
            key, f"{brief(value)} is not a time of day", 'Write it in quotes, for example "07:00"'
        ) from None


def shipped_folders(name: str) -> Iterator[Folder]:
    """The shipped folder `name` (`sources` or `queries`), if this build carries it."""
    path = SHIPPED / name
    if path.is_dir():
        yield Folder(path=path, origin=Origin.SHIPPED)
