"""Fixtures for every room: a fresh operations database, real servers of the outside world.

A server that this machine does not have skips its tests, with the reason; where `CI` is set, its absence is a failure.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from aiohttp import web
from attrs import define, field

from model.document import Document, DocumentVersion

ROOT = Path(__file__).parent.parent


def need(name: str, present: object, cure: str) -> None:
    """Goes on when `present`; else skips the test, or fails it where `CI` is set. cure: how to get what is missing."""
    if present:
        return
    reason = f"{name} is not on this machine: {cure}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def plain_user() -> list[str]:
    """The beginning of a command that runs the rest as a plain user: empty unless we are root."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("nobody")
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


@pytest.fixture
def now() -> datetime:
    """The moment at which a test plays."""
    return datetime(2026, 7, 1, 2, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def loopback_port() -> Callable[[], int]:
    """Gives free loopback ports."""
    return free_port


@pytest.fixture(scope="session")
def run_child() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python code in a child process: `run_child(code, *arguments, env={...})`; its answer, killed or not."""

    def run(
        code: str, *arguments: str, env: dict[str, str] | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


# The operations database


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty operations database with all its tables; copied, not used."""
    from store.connect import connect, disconnect

    path = tmp_path_factory.mktemp("operations") / "template.db"
    connect(f"sqlite:///{path}")
    disconnect()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """Address of a fresh SQLite operations database."""
    path = tmp_path / "canhgiac.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def database(sqlite_url: str) -> Iterator[str]:
    """This process is connected to a fresh SQLite operations database; its address."""
    from store.connect import connect, disconnect

    connect(sqlite_url)
    yield sqlite_url
    disconnect()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A real PostgreSQL server on a free loopback port, run as a plain user; its address without database name."""
    binaries = _postgresql_binaries()
    need("PostgreSQL", binaries, "apt-get install postgresql (initdb and pg_ctl are enough)")
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="canhgiac-postgresql-", dir="/var/tmp"))
    prefix = plain_user()
    if prefix:
        shutil.chown(folder, "nobody")
    data, port = folder / "data", free_port()

    def control(*command: str) -> None:
        # Output goes to a file: a server that inherits a pipe keeps it open, and we would wait for its end for ever.
        with (folder / "control.log").open("ab") as log:
            subprocess.run([*prefix, *command], check=True, cwd="/", stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    try:
        control(
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "canhgiac",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        )
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        control(
            str(binaries / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "server.log"), "-w", "start"
        )
        yield f"postgresql://canhgiac@127.0.0.1:{port}"
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            control(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _postgresql_binaries() -> Path | None:
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return max(found, key=lambda path: (path.parent.name.zfill(4), str(path)), default=None)


@pytest.fixture(scope="session")
def _postgresql_template(postgresql_server: str) -> str:
    import psycopg

    from store.connect import connect, disconnect

    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as admin:
        admin.execute("CREATE DATABASE template_operations")
    connect(f"{postgresql_server}/template_operations")
    disconnect()
    return "template_operations"


@pytest.fixture
def new_postgresql(postgresql_server: str, _postgresql_template: str) -> Iterator[Callable[[], str]]:
    """Makes fresh PostgreSQL operations databases; gives their addresses."""
    import psycopg

    made: list[str] = []
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as admin:

        def drop() -> None:
            for name in made:
                admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]
            made.clear()

        def make() -> str:
            drop()
            made.append(f"operations_{uuid.uuid4().hex[:12]}")
            admin.execute(f"CREATE DATABASE {made[-1]} TEMPLATE {_postgresql_template}")  # type: ignore[arg-type]
            return f"{postgresql_server}/{made[-1]}"

        yield make
        drop()


@pytest.fixture
def postgresql_url(new_postgresql: Callable[[], str]) -> str:
    """Address of a fresh PostgreSQL operations database."""
    return new_postgresql()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """This process is connected to a fresh operations database, once of each kind; its address."""
    from store.connect import connect, disconnect

    url: str = request.getfixturevalue(f"{request.param}_url")
    connect(url)
    yield url
    disconnect()


# Search


@pytest.fixture(scope="session")
def elasticsearch_version() -> str:
    """The version of the servers that the tests start: ELASTICSEARCH_VERSION, else the oldest that production may run."""
    from console.elasticsearch_server import VERSION

    return os.environ.get("ELASTICSEARCH_VERSION", VERSION)


@pytest.fixture(scope="session")
def elasticsearch_url(elasticsearch_version: str) -> Iterator[str]:
    """Address of a real Elasticsearch: ELASTICSEARCH_URL, else one that is started for this session and stopped after it."""
    from console.elasticsearch_server import ServerUnavailableError, running

    given = os.environ.get("ELASTICSEARCH_URL")
    if given:
        yield given
        return
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running(elasticsearch_version))
        except ServerUnavailableError as error:
            need(f"ELASTICSEARCH {elasticsearch_version}", None, str(error))
            raise
        yield server.url


@pytest.fixture(scope="session")
def need_elasticsearch() -> Callable[[Exception], None]:
    """Skips the test, or fails it where `CI` is set, because no Elasticsearch could be started."""

    def missing(error: Exception) -> None:
        need("ELASTICSEARCH", None, str(error))

    return missing


@pytest.fixture(scope="session")
def make_version() -> Callable[..., DocumentVersion]:
    """Builds a document version as the log would hold it: `make_version(7, text="...", source="vov", leads=("CG-1",))`.

    The number is seq, revision and position; everything else has a plain default and can be given by name.
    """

    def make(number: int, **given: Any) -> DocumentVersion:
        moment = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=number)
        outer = {"seq": number, "revision": number, "position": number, "first_seen": moment, "updated": moment}
        names = {field.name for field in attrs.fields(DocumentVersion)}
        outer |= {name: given.pop(name) for name in tuple(given) if name in names}
        inner = {"source": "town", "source_kind": "social", "external_id": f"post-{number}", "collected": moment}
        return DocumentVersion(document=Document(**(inner | given)), **outer)

    return make


# Sites on loopback, and a house that crawls them


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@define
class Site:
    """A site on loopback. routes: path -> handler, or the text of the page; requests: (path, headers), in order."""

    routes: dict[str, Handler | str] = field(factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Its address, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """As `--allow-address` takes it."""
        return f"127.0.0.1:{self.port}"

    def asked(self, path: str) -> list[dict[str, str]]:
        """Headers of every request for a path."""
        return [headers for asked, headers in self.requests if asked == path]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Serves one request."""
        self.requests.append((request.path_qs, {name.lower(): value for name, value in request.headers.items()}))
        route = self.routes.get(request.path_qs, self.routes.get(request.path))
        if route is None:
            return web.Response(status=404, text="not here")
        if isinstance(route, str):
            return web.Response(text=route, content_type="text/html")
        return await route(request)


@pytest.fixture
def new_site() -> Iterator[Callable[..., Site]]:
    """Starts sites, each on a free port of 127.0.0.1, served from a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runners: list[web.AppRunner] = []

    async def begin(site: Site) -> None:
        application = web.Application(client_max_size=1024)
        application.router.add_route("*", "/{path:.*}", site.answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        listener = web.TCPSite(runner, "127.0.0.1", 0)
        await listener.start()
        site.port = runner.addresses[0][1]
        runners.append(runner)

    def start(**routes: Handler | str) -> Site:
        site = Site()
        asyncio.run_coroutine_threadsafe(begin(site), loop).result(10)
        site.routes.update(routes)
        return site

    yield start

    async def end() -> None:
        for runner in runners:
            await runner.cleanup()

    asyncio.run_coroutine_threadsafe(end(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@define
class House:
    """An operations database of its own, and crawls over it. now: the moment, moved by the test."""

    folder: Path
    url: str
    sites: list[Site] = field(factory=list)
    shift: timedelta = timedelta()

    def now(self) -> datetime:
        """The clock of the parent."""
        return datetime.now(UTC) + self.shift

    def add(self, *found: Any) -> None:
        """Registers sources."""
        from store import sources

        sources.upsert(found, now=self.now())

    def crawl(self, *ids: str, limits: Any = None, workers: int = 2) -> dict[str, Any]:
        """Visits the named sources, or all, whether due or not; runs by source."""
        from crawler import batches

        runs = batches.run_due(
            database_url=self.url,
            now=self.now,
            allow=[site.address for site in self.sites],
            only=ids or None,
            force=True,
            workers=workers,
            refusal_log=self.folder / "refusals.jsonl",
            limits=limits,
        )
        return {run.source: run for run in runs}

    @property
    def refusals(self) -> tuple[Any, ...]:
        """What the egress gate refused."""
        from crawler.egress import read_refusals

        return read_refusals(self.folder / "refusals.jsonl")


@pytest.fixture
def house(tmp_path: Path, database: str) -> House:
    """A fresh house."""
    return House(tmp_path, database)


@pytest.fixture
def chromium() -> None:
    """Skips (in CI: fails) where there is no Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    found = os.environ.get("CANHGIAC_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    need("Chromium", found, "apt-get install chromium, or name one in CANHGIAC_CHROMIUM")


@pytest.fixture(scope="session")
def reads_pictures() -> None:
    """QR codes and Vietnamese text in pictures can be read on this machine."""
    from extraction.image import CURES, missing

    lacking = missing()
    need("the reading of pictures", not lacking, "; ".join(f"{lacking[code]}: {CURES[code]}" for code in lacking))
