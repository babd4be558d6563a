"""The search index of one machine: SQLite FTS5 from the standard library, in one file.

`words` is a contentless FTS5 table over folded text (`indexer.fields`), `docs` a narrow table of dates and numbers,
`terms`/`postings` the keyword values, `ids` the document ids, positions and months (of first sight, 202611). Bodies stay in
`store`.

A contentless row can only be deleted by handing over its old text, and a wrong old text leaves phantom postings that no
check finds (SQLite 3.40; `contentless_delete` needs 3.43). So a document whose words change gets a new row number, and
its old row is dropped by the join with `docs`; `health` asks for a rebuild when such rows pile up.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import threading
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import unquote, urlsplit

from attrs import frozen

from extraction.fold import FOLD_VERSION
from indexer.compile_sql import (
    COLUMNS,
    FIELD_NUMBERS,
    TERM_SPAN,
    Sql,
    compile_sql,
    filter_token,
    has_present_token,
    present_token,
)
from indexer.cursors import Cursor, read_cursor, write_cursor
from indexer.fields import FIELDS, FieldType, Value, from_milliseconds, index_values
from indexer.plan import plan_query, within
from indexer.port import Health, Histogram, PutResult, SearchRequest, SearchResult
from model.document import DocumentVersion
from model.errors import ConfigError, SearchError, SearchUnavailableError

FORMAT = f"4 fold {FOLD_VERSION} unicode {unicodedata.unidata_version} fields {hashlib.sha256(repr(list(FIELDS)).encode()).hexdigest()[:8]}"
"""What an index file was made by; a file of another format is rebuilt."""

WARN_DOCUMENTS = 2_000_000
"""Beyond this, common phrases take longer than people wait (notes/search.md section 6): Elasticsearch is the cure."""

LOCAL = timezone(timedelta(hours=7))

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE ids (
    doc INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, position INTEGER NOT NULL, words BLOB NOT NULL,
    month INTEGER NOT NULL
);
CREATE INDEX ids_month ON ids (month);
CREATE TABLE docs (
    doc INTEGER PRIMARY KEY, published INTEGER, collected INTEGER, updated INTEGER,
    likes INTEGER, comments INTEGER, shares INTEGER, views INTEGER, seq INTEGER NOT NULL, version INTEGER
);
CREATE INDEX docs_newest ON docs (published DESC, seq DESC);
CREATE INDEX docs_collected ON docs (collected DESC, seq DESC);
CREATE TABLE terms (term INTEGER PRIMARY KEY, field INTEGER NOT NULL, value TEXT NOT NULL, UNIQUE (field, value));
CREATE TABLE postings (doc INTEGER NOT NULL, term INTEGER NOT NULL, PRIMARY KEY (doc, term)) WITHOUT ROWID;
CREATE INDEX by_term ON postings (term, doc);
CREATE VIRTUAL TABLE words USING fts5 (text, title, exact, filters, content='', columnsize=0, tokenize='ascii');
"""

_SORTS: Mapping[str, tuple[str, str]] = {
    "newest": ("published", "DESC"),
    "oldest": ("published", "ASC"),
    "collected": ("collected", "DESC"),
}
_KEYWORDS = tuple(name for name, field in FIELDS.items() if field.type is FieldType.KEYWORD)
_KEYWORD_NUMBERS = tuple((name, FIELD_NUMBERS[name]) for name in _KEYWORDS)
_ASKED = 500
"""Documents asked for in one statement."""

_DAY = 86_400_000
_HOUR = 3_600_000


class EmbeddedIndex:
    """`indexer.port.SearchIndex` over one SQLite file; several threads and processes may read, one writes at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._create()

    # Writing

    def put(self, versions: Sequence[DocumentVersion]) -> PutResult:
        with self._errors(), self._transaction() as connection:
            writer = _Writer(connection)
            written = writer.put(versions)
            writer.flush()
        return PutResult(written=written, stale=len(versions) - written)

    def delete(self, ids: Iterable[str]) -> int:
        with self._errors(), self._transaction() as connection:
            writer = _Writer(connection)
            removed = writer.remove(ids)
            writer.flush()
        return removed

    def drop_before(self, first: datetime) -> dict[str, int]:
        with self._errors(), self._transaction() as connection:
            return _Writer(connection).drop_before(_month(first))

    def refresh(self) -> None:
        """Nothing to do: a commit is visible at once."""

    def clear(self) -> None:
        with self._errors(), self._transaction() as connection:
            tables = [
                name
                for (name,) in connection.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN "
                    "('meta', 'ids', 'docs', 'terms', 'postings', 'words')"
                )
            ]
            for table in tables:
                connection.execute(f"DROP TABLE {table}")
            self._make(connection)

    def close(self) -> None:
        with self._lock:
            opened, self._opened = self._opened, []
        for connection in opened:
            connection.close()
        self._local = threading.local()

    # Asking

    @property
    def identity(self) -> str:
        with self._errors():
            return _meta(self._connection(), "identity")

    @property
    def outdated(self) -> bool:
        with self._errors():
            return _meta(self._connection(), "format") != FORMAT

    def count(self) -> int:
        with self._errors():
            return int(self._connection().execute("SELECT count(*) FROM docs").fetchone()[0])

    def search(self, request: SearchRequest) -> SearchResult:
        sql = compile_sql(within(plan_query(request.query), request))
        with self._errors():
            connection = self._connection()
            self._check_format(connection)
            with contextlib.closing(connection.cursor()) as cursor:
                cursor.execute("BEGIN")
                try:
                    return _Search(cursor, sql, request).run()
                finally:
                    connection.rollback()

    def iterate(self, query: str, *, sort: str = "newest") -> Iterator[str]:
        sql = compile_sql(plan_query(query))
        key, order = _SORTS[sort]
        with self._errors(), contextlib.closing(self._open()) as connection:
            self._check_format(connection)
            with contextlib.closing(connection.cursor()) as cursor:
                cursor.execute(
                    f"SELECT ids.id FROM (SELECT docs.doc, docs.{key} AS key, docs.seq {sql.source}) AS hits "  # noqa: S608
                    f"CROSS JOIN ids ON ids.doc = hits.doc ORDER BY key IS NULL, key {order}, seq {order}",
                    sql.values,
                )
                while rows := cursor.fetchmany(1000):
                    yield from (row[0] for row in rows)

    def health(self) -> Health:
        problems = []
        with self._errors():
            connection = self._connection()
            documents, dead = self.count(), int(_meta(connection, "dead") or 0)
            if self.outdated:
                problems.append("the index was made by another version of the program: run `canhgiac reindex`")
            if documents > WARN_DOCUMENTS:
                problems.append(
                    f"{documents:,} documents: set CANHGIAC_INDEX_URL to an Elasticsearch and run `canhgiac reindex`"
                )
            if dead > max(10_000, documents // 2):
                problems.append(f"{dead:,} replaced rows still take up space: run `canhgiac reindex`")
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                problems.append("the file is damaged: run `canhgiac reindex`")
        return Health(kind="sqlite", version=sqlite3.sqlite_version, documents=documents, problems=tuple(problems))

    # Connections

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
            with self._lock:
                self._opened.append(connection)
        return connection

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=30, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-32000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            busy = any(word in str(error) for word in ("locked", "busy", "unable to open", "disk"))
            kind = SearchUnavailableError if busy else SearchError
            raise kind(f"search index {self._path}: {error}") from error
        except sqlite3.DatabaseError as error:
            cure = "move the file away and run `canhgiac reindex`"
            raise SearchError(f"search index {self._path} cannot be used ({error}): {cure}") from error
        except OSError as error:
            raise SearchUnavailableError(f"search index {self._path}: {error.strerror}") from error

    def _create(self) -> None:
        with self._transaction() as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                self._make(connection)

    def _make(self, connection: sqlite3.Connection) -> None:
        for statement in _SCHEMA.split(";"):
            if statement.strip():
                connection.execute(statement)
        facts = {"identity": uuid.uuid4().hex, "format": FORMAT, "dead": "0"}
        connection.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())

    def _check_format(self, connection: sqlite3.Connection) -> None:
        if _meta(connection, "format") != FORMAT:
            raise SearchError(f"search index {self._path} was made by another version: run `canhgiac reindex`")


def _meta(connection: sqlite3.Connection, key: str) -> str:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""


@frozen
class _Row:
    """What `ids` holds of a document. words: the digest of its columns in `words`."""

    doc: int
    position: int
    words: bytes


class _Writer:
    """Writes documents inside one transaction: what is known of them is asked for together, and each table is written at one
    go, which takes half as long as document by document (bench/ingest.py)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._terms: dict[tuple[int, str], int] = {}
        self._last_term: dict[int, int] = {}
        self._dead = 0

    def put(self, versions: Sequence[DocumentVersion]) -> int:
        """Write documents, the later of two positions of one of them; returns how many were newer than what was there."""
        newest: dict[str, DocumentVersion] = {}
        for version in versions:
            other = newest.get(version.document.id)
            if other is None or other.position < version.position:
                newest[version.document.id] = version
        known = self._known(list(newest))
        fresh = {key: one for key, one in newest.items() if key not in known or known[key].position < one.position}
        self._write(fresh, known)
        return len(fresh)

    def remove(self, document_ids: Iterable[str]) -> int:
        """Forget documents; returns how many were there."""
        known = self._known(list(dict.fromkeys(document_ids)))
        self._drop([one.doc for one in known.values()])
        return len(known)

    def drop_before(self, month: int) -> dict[str, int]:
        """Forget all documents of earlier months; gives months and counts."""
        counts = self._connection.execute(
            "SELECT month, count(*) FROM ids WHERE month < ? GROUP BY month ORDER BY month", (month,)
        ).fetchall()
        if counts:
            for table in ("docs", "postings"):
                self._connection.execute(
                    f"DELETE FROM {table} WHERE doc IN (SELECT doc FROM ids WHERE month < ?)",  # noqa: S608
                    (month,),
                )
            self._connection.execute("DELETE FROM ids WHERE month < ?", (month,))
            self._dead += sum(count for _, count in counts)
            self.flush()
        return {f"{found // 100}-{found % 100:02}": count for found, count in counts}

    def flush(self) -> None:
        """Note how many rows of `words` were left behind."""
        if self._dead:
            self._connection.execute(
                "UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE key = 'dead'", (self._dead,)
            )

    def _known(self, document_ids: Sequence[str]) -> dict[str, _Row]:
        found: dict[str, _Row] = {}
        for start in range(0, len(document_ids), _ASKED):
            part = document_ids[start : start + _ASKED]
            marks = ", ".join("?" * len(part))
            rows = self._connection.execute(f"SELECT id, doc, position, words FROM ids WHERE id IN ({marks})", part)  # noqa: S608
            found |= {key: _Row(*row) for key, *row in rows}
        return found

    def _write(self, fresh: Mapping[str, DocumentVersion], known: Mapping[str, _Row]) -> None:
        values = {key: index_values(version) for key, version in fresh.items()}
        words = {key: _words(found) for key, found in values.items()}
        digests = {key: hashlib.sha256("\0".join(found).encode()).digest()[:12] for key, found in words.items()}
        kept = {key: one.doc for key, one in known.items() if digests.get(key) == one.words}
        self._drop([known[key].doc for key in fresh if key in known and key not in kept])
        docs = kept | self._number([key for key in fresh if key not in kept])
        run = self._connection.executemany
        run("UPDATE ids SET position = ? WHERE doc = ?", [(fresh[key].position, doc) for key, doc in kept.items()])
        run("DELETE FROM postings WHERE doc = ?", [(doc,) for doc in kept.values()])
        added = [key for key in fresh if key not in kept]
        run(
            "INSERT INTO ids (doc, id, position, words, month) VALUES (?, ?, ?, ?, ?)",
            [(docs[key], key, fresh[key].position, digests[key], _month(fresh[key].first_seen)) for key in added],
        )
        run(
            "INSERT INTO words (rowid, text, title, exact, filters) VALUES (?, ?, ?, ?, ?)",
            [(docs[key], *words[key]) for key in added],
        )
        marks = ", ".join("?" * len(COLUMNS))
        run(
            f"INSERT OR REPLACE INTO docs (doc, {', '.join(COLUMNS)}) VALUES (?, {marks})",  # noqa: S608
            [(docs[key], *(found.get(name) for name in COLUMNS)) for key, found in values.items()],
        )
        run(
            "INSERT INTO postings (doc, term) VALUES (?, ?)",
            [(docs[key], term) for key, found in values.items() for term in self._keywords(found)],
        )

    def _number(self, document_ids: Sequence[str]) -> dict[str, int]:
        """Numbers for new rows, above every one that was ever given."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'ids'").fetchone()
        first = (int(row[0]) if row else 0) + 1
        return {key: first + at for at, key in enumerate(document_ids)}

    def _drop(self, docs: Sequence[int]) -> None:
        for table in ("ids", "docs", "postings"):
            self._connection.executemany(f"DELETE FROM {table} WHERE doc = ?", [(doc,) for doc in docs])  # noqa: S608
        self._dead += len(docs)

    def _keywords(self, values: Mapping[str, Value]) -> Iterator[int]:
        """The numbers of a document's keyword values."""
        for name, field in _KEYWORD_NUMBERS:
            value = values.get(name)
            if value is not None:
                for item in value if isinstance(value, tuple) else (str(value),):
                    yield self._terms.get((field, item)) or self._term(field, item)

    def _term(self, field: int, value: str) -> int:
        """The number of a value, given now when it is new."""
        row = self._connection.execute(
            "SELECT term FROM terms WHERE field = ? AND value = ?", (field, value)
        ).fetchone()
        term = int(row[0]) if row else self._new_term(field, value)
        self._terms[field, value] = term
        return term

    def _new_term(self, field: int, value: str) -> int:
        last = self._last_term.get(field)
        if last is None:
            first = field * TERM_SPAN
            row = self._connection.execute(
                "SELECT max(term) FROM terms WHERE term BETWEEN ? AND ?", (first, first + TERM_SPAN - 1)
            ).fetchone()
            last = first - 1 if row[0] is None else int(row[0])
        term = self._last_term[field] = last + 1
        self._connection.execute("INSERT INTO terms (term, field, value) VALUES (?, ?, ?)", (term, field, value))
        return term


def _month(moment: datetime) -> int:
    """The month of a moment in UTC, 202611."""
    utc = moment.astimezone(UTC)
    return utc.year * 100 + utc.month


def _words(values: Mapping[str, Value]) -> tuple[str, str, str, str]:
    """The columns of `words`."""
    filters = []
    for name in _KEYWORDS:
        if name not in values or not has_present_token(name):
            continue
        filters.append(present_token(name))
        if FIELDS[name].filter:
            value = values[name]
            filters += [filter_token(name, item) for item in (value if isinstance(value, tuple) else (str(value),))]
    text, title, exact = (str(values.get(name, "")) for name in ("text", "title", "exact"))
    return text, title, exact, " ".join(filters)


class _Search:
    """One question, inside one read transaction."""

    def __init__(self, cursor: sqlite3.Cursor, sql: Sql, request: SearchRequest) -> None:
        self._cursor, self._sql, self._request = cursor, sql, request
        self._key, self._order = _SORTS[request.sort]
        self._all = not sql.match and not sql.where

    def run(self) -> SearchResult:
        request = self._request
        counted = bool(request.facets or request.histogram)
        if counted and not self._all:
            self._keep_hits()
        total, rows = self._page(kept=counted and not self._all)
        more = len(rows) > request.limit
        rows = rows[: request.limit]
        last = write_cursor(Cursor(request.sort, rows[-1][1], rows[-1][2])) if more and rows else ""
        return SearchResult(
            total=total,
            ids=tuple(row[0] for row in rows),
            next=last,
            facets={name: self._facet(name) for name in request.facets},
            histogram=self._histogram(request.histogram) if request.histogram else (),
        )

    def _keep_hits(self) -> None:
        """All hits in a table of this connection, for several counts."""
        self._cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS hits (doc INTEGER PRIMARY KEY, published, collected, updated, seq)"
        )
        self._cursor.execute("DELETE FROM hits")
        self._cursor.execute(
            "INSERT INTO hits SELECT docs.doc, docs.published, docs.collected, docs.updated, docs.seq "
            + self._sql.source,
            self._sql.values,
        )

    def _page(self, *, kept: bool) -> tuple[int, list[tuple[str, int | None, int]]]:
        """The exact total, and one hit more than asked for, which tells whether there is a next page."""
        if kept or self._all:
            table = "temp.hits" if kept else "docs"
            total = self._cursor.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            if not self._request.limit:
                return total, []
            text, values = self._ordered(f"SELECT doc, {self._key} AS key, seq FROM {table}")  # noqa: S608
            return total, self._cursor.execute(text, values).fetchall()
        if not self._request.limit:
            text = f"SELECT count(*) {self._sql.source}"
            return self._cursor.execute(text, self._sql.values).fetchone()[0], []
        text, values = self._ordered("SELECT * FROM found")
        rows = self._cursor.execute(
            f"WITH found AS MATERIALIZED (SELECT docs.doc, docs.{self._key} AS key, docs.seq {self._sql.source}) "  # noqa: S608
            f"SELECT '', count(*), 0 FROM found UNION ALL SELECT * FROM ({text})",
            (*self._sql.values, *values),
        ).fetchall()
        return rows[0][1], rows[1:]

    def _ordered(self, select: str) -> tuple[str, tuple[object, ...]]:
        """`select` (doc, key, seq) behind the cursor, in order, cut to the page, with ids."""
        condition, values = self._behind()
        # SQLite puts NULL first ascending and last descending: naming it in the order would keep the index from serving.
        nulls = "key IS NULL, " if self._order == "ASC" else ""
        order = f"ORDER BY {nulls}key {self._order}, seq {self._order}"
        return (
            f"SELECT ids.id, page.key, page.seq FROM (SELECT * FROM ({select}) {condition} {order} LIMIT ?) AS page "  # noqa: S608
            f"CROSS JOIN ids ON ids.doc = page.doc {order}",
            (*values, self._request.limit + 1),
        )

    def _behind(self) -> tuple[str, tuple[object, ...]]:
        if not self._request.after:
            return "", ()
        after = read_cursor(self._request.after, self._request.sort)
        sign = "<" if self._order == "DESC" else ">"
        if after.key is None:
            return f"WHERE key IS NULL AND seq {sign} ?", (after.seq,)
        return f"WHERE key {sign} ? OR key IS NULL OR (key = ? AND seq {sign} ?)", (after.key, after.key, after.seq)

    def _facet(self, name: str) -> tuple[tuple[str, int], ...]:
        field = FIELDS.get(name)
        if field is None or field.type is not FieldType.KEYWORD:
            raise SearchError(f"{name!r} cannot be counted: it is no keyword field")
        first = FIELD_NUMBERS[name] * TERM_SPAN
        source = (
            "postings INDEXED BY by_term WHERE postings.term BETWEEN ? AND ?"
            if self._all
            else "temp.hits CROSS JOIN postings ON postings.doc = hits.doc AND postings.term BETWEEN ? AND ?"
        )
        size = self._request.facet_size
        return tuple(
            self._cursor.execute(
                f"WITH counted AS MATERIALIZED (SELECT postings.term, count(*) AS n FROM {source} GROUP BY 1) "  # noqa: S608
                "SELECT value, n FROM counted JOIN terms USING (term) "
                "WHERE n >= (SELECT min(n) FROM (SELECT n FROM counted ORDER BY n DESC LIMIT ?)) "
                "ORDER BY n DESC, value LIMIT ?",
                (first, first + TERM_SPAN - 1, size, size),
            )
        )

    def _histogram(self, wanted: Histogram) -> tuple[tuple[datetime, int], ...]:
        table = "docs" if self._all else "temp.hits"
        rows = self._cursor.execute(
            f"SELECT {_BUCKETS[wanted.interval].format(t=wanted.field)}, count(*) FROM {table} "  # noqa: S608
            f"WHERE {wanted.field} IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        return tuple((_bucket_start(wanted.interval, key), count) for key, count in rows)


# Floor division: SQLite's own cuts towards zero, which is wrong before 1970.
_FLOOR = "(({x}) / {d} - (({x}) % {d} < 0))"
_LOCAL_TIME = "{t} + 25200000"
_BUCKETS: Mapping[str, str] = {
    "hour": _FLOOR.replace("{x}", _LOCAL_TIME).replace("{d}", str(_HOUR)),
    "day": _FLOOR.replace("{x}", _LOCAL_TIME).replace("{d}", str(_DAY)),
    "week": _FLOOR.replace("{x}", _LOCAL_TIME + f" + {3 * _DAY}").replace("{d}", str(7 * _DAY)),
    "month": "strftime('%Y-%m', ({t} + 25200000) / 1000.0, 'unixepoch')",
}


def _bucket_start(interval: str, key: int | str) -> datetime:
    if isinstance(key, str):
        return datetime.strptime(key, "%Y-%m").replace(tzinfo=LOCAL)
    local = {"hour": key * _HOUR, "day": key * _DAY, "week": (key * 7 - 3) * _DAY}[interval]
    return from_milliseconds(local).replace(tzinfo=LOCAL)


def open_url(url: str, **_: object) -> EmbeddedIndex:
    """The embedded index in the file that `sqlite:///path` names; options of other back ends are passed over."""
    return EmbeddedIndex(_path(url))


def _path(url: str) -> Path:
    """The file that a `sqlite:` URL names."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc or len(path) < 2:
        raise ConfigError(f"{url!r} names no file", key="CANHGIAC_INDEX_URL", cure="Use sqlite:////path/index.db")
    return Path(path[1:])
