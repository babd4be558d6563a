"""The wiring: everything built from the settings, once; the only reader of `config` beside `crawler.settings`.

Commands, the worker, the demo and the web server open a `House` and make one call on it. Heavy rooms are imported when
a part of the house is first used, so that a command pays only for what it uses.
"""

from __future__ import annotations

import pkgutil
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from attrs import evolve, frozen

from config import sheets
from config.settings import Settings, in_force, read_settings
from config.sheets import Folder
from console.terminal import LOCAL
from indexer.heap import collect_seldom
from model.errors import ConfigError, QuerySyntaxError, SearchError
from model.message import Delivery, Message, Recipient
from model.query import SavedQuery
from model.source import Origin, Run, Source

if TYPE_CHECKING:
    from alerts.backfill import Step
    from alerts.backtest import Backtest
    from alerts.decide import Book
    from alerts.mail import Letterhead
    from alerts.outbox import ChannelConfig, Flushed
    from alerts.raise_leads import Raised
    from crawler.batches import Trial
    from indexer.kibana.client import Kibana
    from indexer.kibana.pull import Pulled
    from indexer.matcher import Matcher
    from indexer.mirror import Mirror
    from indexer.port import SearchIndex

Clock = Callable[[], datetime]

FOLLOW_ANYWAY = timedelta(seconds=30)
"""How often the index is asked although the log has not moved: it may have been emptied or deleted meanwhile."""

MIRROR_EVERY = timedelta(seconds=30)
"""How often leads and sources are compared with what Kibana shows of them."""

BACKTEST = timedelta(days=30)
"""How far back a saved query from Kibana is tried before the desk is told of it."""


def utc_now() -> datetime:
    """The moment now; the one clock that is handed down."""
    return datetime.now(UTC)


def open_house(*, clock: Clock = utc_now, extra_sources: Sequence[Path] = (), **settings: Any) -> House:
    """A house on the settings of this process; `settings` wins over environment and `.env`. Raises ConfigError."""
    return House(read_settings(**settings), clock=clock, extra_sources=extra_sources)


@frozen(kw_only=True)
class Sheets:
    """What the sheets of this installation give, and what is wrong with those that give nothing."""

    sources: tuple[Source, ...]
    queries: tuple[SavedQuery, ...]
    recipients: tuple[Recipient, ...]
    errors: tuple[ConfigError, ...]


class House:
    """The wired system of one installation.

    settings: read once. clock: the time handed down to every room. extra_sources: folders of sheets named on a command
    line, besides the shipped and the site's own.
    """

    def __init__(self, settings: Settings, *, clock: Clock = utc_now, extra_sources: Sequence[Path] = ()) -> None:
        self.settings = settings
        self.clock = clock
        self.extra_sources = tuple(extra_sources)
        self._sheets: Sheets | None = None
        self._followed, self._next_follow = -1, clock()
        self._next_mirror = clock()
        self._backfilled = ""
        self._book: tuple[str, Book] | None = None

    @property
    def home(self) -> Path:
        """The home, absolute."""
        return self.settings.home_path

    def settings_in_force(self) -> dict[str, str]:
        """The settings that differ from their defaults, secrets masked."""
        return in_force(self.settings)

    def prepare_home(self) -> Path:
        """Makes the home, readable by its owner alone. Raises ConfigError when it cannot be written."""
        home = self.home
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            probe = home / ".writable"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise ConfigError(
                f"không ghi được vào thư mục {home} ({error.strerror})",
                key="CANHGIAC_HOME",
                cure="Hãy giao thư mục cho người dùng đang chạy canhgiac, hoặc đặt CANHGIAC_HOME tới nơi ghi được",
            ) from None
        return home

    def connect(self, *, migrate: bool = True) -> House:
        """Connects the process to the operations database, made if it is not there."""
        from store.connect import connect

        self.prepare_home()
        collect_seldom()
        connect(self.settings.operations_url, migrate=migrate)
        return self

    # Sheets

    @property
    def site_folder(self) -> Path:
        """Where the installation's own sheets lie."""
        return self.home / "config"

    def read_sheets(self) -> Sheets:
        """Reads all sheets anew; a broken one is an error in the answer and costs only itself."""
        recipients = sheets.load_recipients(
            [
                path
                for path in (sheets.SHIPPED / "recipients.yaml", self.site_folder / "recipients.yaml")
                if path.exists()
            ]
        )
        sources = sheets.load_sources(self._folders("sources", self.extra_sources), spiders=spider_names())
        queries = sheets.load_queries(
            self._folders("queries"),
            forms=form_names(),
            rules=rule_names(),
            recipients=[recipient.id for recipient in recipients.items],
        )
        checked, refused = _check_queries(queries.items)
        return Sheets(
            sources=sources.items,
            queries=checked,
            recipients=recipients.items,
            errors=(*sources.errors, *queries.errors, *refused, *recipients.errors),
        )

    def _folders(self, name: str, extra: Sequence[Path] = ()) -> list[Folder]:
        own = Folder(path=self.site_folder / name, origin=Origin.SITE)
        added = [Folder(path=path, origin=Origin.SITE, label=str(path)) for path in extra]
        return [*sheets.shipped_folders(name), own, *added]

    def read_query_file(self, path: Path) -> SavedQuery:
        """The saved query of a file from anywhere, checked as those in the folders are. Raises ConfigError."""
        recipients = [recipient.id for recipient in self.read_sheets().recipients]
        query = sheets.load_query_file(path, forms=form_names(), rules=rule_names(), recipients=recipients)
        for error in _check_queries([query])[1]:
            raise error
        return query

    def read_source_file(self, path: Path) -> Source:
        """The source of a sheet from anywhere. Raises ConfigError."""
        return sheets.load_source_file(path, spiders=spider_names())

    def keep_query_file(self, identifier: str, path: Path) -> Path:
        """Copies the file to the installation's own queries, replacing the one of the same id."""
        folder = self.site_folder / "queries"
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / f"{identifier}.yaml"
        kept.write_bytes(path.read_bytes())
        return kept

    def sync(self) -> Sheets:
        """Reads the sheets and brings the store's sources and queries up to them; the answer holds what is wrong.

        Sources named by `extra_sources` are added; only those of the shipped and the site's own folders are retired when
        their sheets are gone.
        """
        from store import queries, sources

        read, now = self.read_sheets(), self.clock()
        known = {status.source.id: status.source for status in sources.list_statuses()}
        changed = [item for item in read.sources if not _same_source(item, known.get(item.id))]
        if changed:
            sources.upsert(changed, now=now)
        kept = {item.id for item in read.sources}
        named = {item.id for item in known.values() if not item.file.startswith("sources/")}
        for origin in (Origin.SHIPPED, Origin.SITE):
            if any(item.origin is origin and item.id not in kept | named for item in known.values()):
                sources.retire(origin, kept | named)
        refused = self._sync_queries(read.queries, queries.list_queries())
        self._sheets = evolve(read, errors=(*read.errors, *refused))
        return self._sheets

    def _sync_queries(self, read: Sequence[SavedQuery], stored: Sequence[SavedQuery]) -> list[ConfigError]:
        from store import queries

        known = {query.id: query for query in stored}
        refused: list[ConfigError] = []
        for query in read:
            present = known.get(query.id)
            if present is not None and evolve(query, version=present.version) == present:
                continue
            try:
                queries.upsert([query], self.clock())
            except ConfigError as error:
                refused.append(error)
        kept = {query.id for query in read}
        for origin in (Origin.SHIPPED, Origin.SITE):
            if any(query.origin is origin and query.id not in kept for query in stored):
                queries.retire(origin, kept)
        return refused

    # The rooms below, with what they need of the settings

    @cached_property
    def index(self) -> SearchIndex:
        """The search index of this installation, opened when first used."""
        return self.open_index(self.settings.search_url)

    def open_index(self, url: str) -> SearchIndex:
        """The index at `url`; for Elasticsearch with the credentials of the settings."""
        from indexer.index import open_index

        return open_index(self._with_login(url), **self._index_options(url))

    def _index_options(self, url: str) -> dict[str, object]:
        """What a server needs to know of us beside user and password; nothing for the embedded index."""
        if url.startswith("sqlite:"):
            return {}
        settings = self.settings
        options: dict[str, object] = {"insecure": settings.index_allow_insecure}
        if settings.index_ca:
            options["ca_certs"] = str(settings.index_ca)
        if key := settings.index_api_key.get_secret_value():
            options["api_key"] = key
        return options

    def _with_login(self, url: str) -> str:
        """The URL with user and password of the settings, unless it has its own."""
        parts = urlsplit(url)
        if not self.settings.index_user or parts.username or parts.scheme == "sqlite":
            return url
        login = f"{quote(self.settings.index_user, safe='')}:{quote(self.settings.index_password.get_secret_value(), safe='')}"
        return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc}"))

    @property
    def shown_index(self) -> str:
        """The index for people and logs, without its password."""
        from store.connect import shown

        return shown(self.settings.search_url)

    @property
    def refusal_log(self) -> Path:
        """Where the egress gate writes what it refused."""
        from crawler.egress import REFUSALS

        return self.home / REFUSALS

    def crawl(
        self,
        *,
        allow: Sequence[str] = (),
        only: Collection[str] | None = None,
        force: bool = False,
        on_run: Callable[[Run], None] | None = None,
        stop: threading.Event | None = None,
    ) -> list[Run]:
        """Steps 1 to 4 for what is due, or with `only` and `force` for what is named; blocks until all visits ended."""
        from crawler.batches import run_due

        return run_due(
            database_url=self.settings.operations_url,
            now=self.clock,
            allow=allow,
            only=only,
            force=force,
            workers=self.settings.crawl_workers,
            on_run=on_run,
            refusal_log=self.refusal_log,
            stop=stop,
        )

    def try_source(self, source: Source, *, allow: Sequence[str] = ()) -> Trial:
        """Visits a source without storing anything."""
        from crawler.batches import test_source

        return test_source(source, allow=allow, now=self.clock, refusal_log=self.refusal_log)

    def raise_leads(self) -> Raised | None:
        """Steps 5 and 6 for every version that is not matched yet; None when there was none."""
        from alerts.raise_leads import CHECKPOINT, raise_leads
        from store import documents

        total, settings = None, self.settings
        # Ends early when somebody changes the saved queries meanwhile; goes on with the new ones.
        while documents.last_revision() > documents.checkpoint(CHECKPOINT):
            edition, book = self._queries_in_force()
            raised = raise_leads(
                queries=book,
                recipients=self.recipients,
                now=self.clock,
                console_url=settings.public_url,
                sender=settings.mail_sender,
                department=settings.department,
                province=settings.province,
                matcher=self._matcher,
                edition=edition,
            )
            total = total + raised if total is not None else raised
        return total

    def _queries_in_force(self) -> tuple[str, Book]:
        """The edition of the enabled saved queries, and these with their rules; read and checked once an edition."""
        from alerts.work import usable
        from console.logs import keep_off_stdout
        from store import queries

        keep_off_stdout()
        edition = queries.edition()
        if self._book is None or self._book[0] != edition:
            self._book = edition, usable(queries.list_queries(enabled_only=True), self.clock())
        return self._book

    def backfill(self) -> Step | None:
        """One step of taking saved queries over what came before them; None when nothing is left to do."""
        from alerts.backfill import Ground, step
        from store import queries

        if queries.edition() == self._backfilled:
            return None
        edition, book = self._queries_in_force()
        done = step(
            Ground(
                index=self.index,
                book=book,
                edition=edition,
                recipients=self.recipients,
                head=self.letterhead,
                now=self.clock,
                span=timedelta(days=self.settings.backfill_days),
            )
        )
        if done is None:
            self._backfilled = edition
        return done

    def backfill_all(self) -> list[Step]:
        """Every step that can be done now; the last one of each query that was finished. Step 7 goes first."""
        finished = []
        self.catch_up()
        while (done := self.backfill()) is not None and not done.waiting:
            if done.state == "done":
                finished.append(done)
        if finished:
            self.catch_up()
        return finished

    def escalate(self) -> int:
        """Passes leads that nobody has taken in time on to the stand-in; how many mails that makes."""
        from alerts.escalate import escalate
        from store import queries

        return escalate(
            queries=queries.list_queries(), recipients=self.recipients, head=self.letterhead, now=self.clock()
        )

    @cached_property
    def _matcher(self) -> Matcher:
        from indexer.matcher import Matcher

        return Matcher()

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Who is told, as the sheets said when they were last read."""
        if self._sheets is None:
            self._sheets = self.read_sheets()
        return self._sheets.recipients

    def follow(self) -> int:
        """One step of step 7; the number of documents handled. Asks the index only when the log has moved, or it is time."""
        from indexer.follow import follow
        from store import documents

        now, position = self.clock(), documents.last_position()
        if position == self._followed and now < self._next_follow:
            return 0
        handled = follow(self.index, now=now, since=self._first_kept)
        self._followed, self._next_follow = (position if not handled else -1), now + FOLLOW_ANYWAY
        return handled

    def mirror(self) -> int:
        """Brings what Kibana shows beside the documents up to the store, at most every MIRROR_EVERY; rows written."""
        now = self.clock()
        if self._mirror is None or now < self._next_mirror:
            return 0
        self._next_mirror = now + MIRROR_EVERY
        return self._mirror.step(now)

    @cached_property
    def _mirror(self) -> Mirror | None:
        """The mirror beside the index; None beside the embedded one."""
        from indexer.index import open_mirror
        from indexer.mirror import Mirror

        url = self.settings.search_url
        target = open_mirror(self._with_login(url), **self._index_options(url))
        return Mirror(target) if target is not None else None

    def catch_up(self) -> int:
        """Step 7 until nothing is left, and visible to searches."""
        from indexer.follow import catch_up

        return catch_up(self.index, now=self.clock(), since=self._first_kept)

    def reindex(self, url: str | None, *, on_progress: Callable[[int], None]) -> int:
        """Empties the index (this one, or the one at `url`) and fills it from the log."""
        from indexer.follow import reindex

        index = self.open_index(url) if url else self.index
        return reindex(index, now=self.clock(), since=self._first_kept, progress=on_progress)

    @property
    def _first_kept(self) -> datetime | None:
        from indexer.follow import first_kept

        return first_kept(self.clock(), self.settings.index_months)

    def retain(self) -> Mapping[str, int]:
        """Drops the months that the search index keeps no longer; these with the documents they held."""
        from indexer.follow import retain

        return retain(self.index, now=self.clock(), months=self.settings.index_months)

    # Kibana

    def kibana_objects(self, *, console_url: str | None = None) -> str:
        """What `kibana export` writes: NDJSON of everything the desk needs. console_url: of the setting when None."""
        from indexer.kibana.export import export
        from indexer.kibana.saved_objects import ndjson

        read = self.read_sheets()
        sources = {source.id: source.title for source in read.sources}
        url = (console_url or self.settings.public_url).rstrip("/")
        return ndjson(export(queries=read.queries, sources=sources, console_url=url))

    def open_kibana(
        self,
        *,
        url: str | None = None,
        space: str | None = None,
        user: str | None = None,
        api_key: str | None = None,
        ca: Path | None = None,
    ) -> Kibana:
        """The Kibana that is named, what is not named taken from the settings. Raises ConfigError."""
        from indexer.kibana.client import Access, Kibana

        settings = self.settings
        authority = ca or settings.index_ca
        key = api_key or ("" if user else settings.kibana_api_key.get_secret_value())
        if not key and not user and not settings.index_user:
            key = settings.index_api_key.get_secret_value()
        return Kibana(
            Access(
                url=url or settings.kibana_url,
                space=settings.kibana_space if space is None else space,
                user=user or settings.index_user,
                password=settings.index_password.get_secret_value(),
                api_key=key,
                ca=str(authority) if authority else "",
                insecure=settings.index_allow_insecure,
            )
        )

    def pull_kibana(self, kibana: Kibana | None = None) -> Pulled:
        """Brings back what staff saved in Kibana under `[CB]` and mails the desk what became of it.

        What is refused stands as a notice until it is mended, and is mailed once.
        """
        from alerts.kibana_letters import Answer, letters
        from indexer.kibana.pull import pull
        from store import deliveries, notices

        now = self.clock()
        pulled = pull((kibana or self.open_kibana()).export_objects("query"), now=now)
        taken, refused = (*pulled.new, *pulled.changed), {item.key: item for item in pulled.refused}
        told = {notice.key for notice in notices.open_notices() if notice.key.startswith("kibana:")}
        answer = Answer(
            taken=taken,
            hits=self._backtest(taken, BACKTEST),
            days=BACKTEST.days,
            refused=[item for key, item in refused.items() if key not in told],
        )
        deliveries.add(letters(answer, self.recipients, head=self.letterhead, now=now))
        for key in told - set(refused):
            notices.close(key, now)
        for key, item in refused.items():
            notices.add(key, item.sentence, now)
        return pulled

    def backtest(self, query: SavedQuery, *, days: int) -> Backtest:
        """What a saved query, kept or not yet, would have done in the last days."""
        from alerts.backtest import backtest

        return backtest(query, index=self.index, recipients=self.recipients, now=self.clock(), days=days)

    def _backtest(self, queries: Sequence[SavedQuery], span: timedelta) -> dict[str, int]:
        """Documents that each query meets in the span up to now, by id; empty when the index does not answer."""
        from indexer.port import SearchRequest

        start = self.clock() - span
        requests = {
            query.id: SearchRequest(query=query.query, start=start, time_field="collected", limit=0)
            for query in queries
        }
        try:
            return {name: self.index.search(request).total for name, request in requests.items()}
        except SearchError as error:
            import structlog  # a quarter of a command's start, for a line that is hardly ever written

            structlog.get_logger().warning("no backtest", problem=str(error))
            return {}

    def digest_due(self, day: date) -> datetime:
        """When the digest of that day is due."""
        from reports.digest import due_on

        return due_on(day, self.settings.digest_at)

    def make_digest(self, due: datetime) -> tuple[Delivery, ...] | None:
        """Makes the digest due then; its deliveries, or None when that slot has taken effect before."""
        from reports.digest import send_digest
        from store import queries

        return send_digest(
            due=due, queries=queries.list_queries(), recipients=self.recipients, head=self.letterhead, now=self.clock()
        )

    def make_missed_digest(self) -> tuple[Delivery, ...] | None:
        """The digest that fell due while no worker ran, if digests have been made before."""
        from reports.digest import JOB, LONGEST_PERIOD
        from store import leases

        now = self.clock()
        due = self.digest_due(now.astimezone(LOCAL).date())
        due = due if due <= now else due - timedelta(days=1)
        done = leases.slots_done(JOB, since=due - LONGEST_PERIOD)
        return self.make_digest(due) if done and max(done) < due else None

    def preview_digest(self, due: datetime) -> Message:
        """What the digest due then says; nothing is kept."""
        from reports.digest import build, message, period_of
        from store import queries

        return message(build(period_of(due), queries.list_queries(), now=self.clock()), self.letterhead)

    def flush_outbox(self) -> Flushed:
        """Step 8: sends what is due."""
        from alerts.outbox import flush
        from console.logs import keep_off_stdout

        keep_off_stdout()
        return flush(config=self.channel_config, now=self.clock)

    @property
    def channel_config(self) -> ChannelConfig:
        """What the channels need of the settings."""
        from alerts.outbox import ChannelConfig

        settings = self.settings
        return ChannelConfig(
            smtp_url=settings.smtp_url.get_secret_value(), sender=settings.mail_sender, department=settings.department
        )

    @property
    def letterhead(self) -> Letterhead:
        """What stands in every mail."""
        from alerts.mail import Letterhead

        settings = self.settings
        return Letterhead(
            department=settings.department,
            sender=settings.mail_sender,
            console_url=settings.public_url,
            province=settings.province,
        )


def _same_source(read: Source, stored: Source | None) -> bool:
    """Whether the register has the sheet as it is; `enabled` is the register's own after the first time."""
    return stored is not None and evolve(read, enabled=stored.enabled) == stored


def _check_queries(queries: Sequence[SavedQuery]) -> tuple[tuple[SavedQuery, ...], list[ConfigError]]:
    """The queries whose KQL and rule can be used, and an error for each other one."""
    from alerts.rules.base import make_rule
    from indexer.kql import parse

    good: list[SavedQuery] = []
    errors: list[ConfigError] = []
    for query in queries:
        try:
            parse(query.query)
            make_rule(query)
        except QuerySyntaxError as error:
            errors.append(
                ConfigError(
                    error.problem, file=query.file, key="query", cure=f"Position {error.position}. {error.hint}"
                )
            )
        except ConfigError as error:
            errors.append(error)
        else:
            good.append(query)
    return tuple(good), errors


def spider_names() -> list[str]:
    """Names of spider families and own spiders: the files of `spiders/`, which only crawl children import."""
    import spiders

    return sorted(module.name for module in pkgutil.iter_modules(spiders.__path__))


def form_names() -> list[str]:
    """Ids of the table of scam forms."""
    from extraction.narratives import forms

    return list(forms())


def rule_names() -> list[str]:
    """Names of the rule types."""
    from alerts.rules.base import rules

    return list(rules())
