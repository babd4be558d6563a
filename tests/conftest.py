"""Fixtures for every room: a fresh operations database, real servers of the outside world.

A server that this machine does not have skips its tests, with the reason; where `CI` is set, its absence is a failure.
Several workers (`pytest -n 2`, as `make test` runs) share one server of each kind. At the end each folder's tests are counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
from collections import Counter, defaultdict
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

# The tests start some three hundred children. Where the caller's environment forbids to keep bytecode, each would compile
# the whole program anew, which doubles its start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

REAL_SERVERS = ("elasticsearch", "postgresql", "browser")
"""Marks of the tests that need a real server: in CI one that is skipped fails the run."""

SERVERS = pytest.StashKey[contextlib.ExitStack]()
"""The servers that this process has started, or uses with others."""


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
def share(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Callable[[], contextlib.AbstractContextManager[str]]], str]:
    """One server for all workers of this run: `share("name", begin)`; its address. `begin` gives a running server."""
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    servers = request.config.stash.setdefault(SERVERS, contextlib.ExitStack())

    def take(name: str, begin: Callable[[], contextlib.AbstractContextManager[str]]) -> str:
        return servers.enter_context(shared(folder / name, begin))

    return take


@contextlib.contextmanager
def shared(place: Path, begin: Callable[[], contextlib.AbstractContextManager[str]]) -> Iterator[str]:
    """A server that the first process to ask begins, and ends when no other uses it any more; its address.

    place: a file that holds the address while the server runs; each process that uses it has a shared lock on it, which
    the kernel gives back even for a process that was killed.
    """
    with contextlib.ExitStack() as own, place.open("a+") as users:
        with place.with_suffix(".turn").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)
            users.seek(0)
            address = users.read()
            mine = not address
            if mine:
                address = own.enter_context(begin())
                users.write(address)
                users.flush()
        yield address
        if mine:
            fcntl.flock(users, fcntl.LOCK_EX)
            users.truncate(0)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leaves the servers: here and not in a fixture, for whoever began one waits for the others, and no test should."""
    session.config.stash.get(SERVERS, contextlib.ExitStack()).close()


@contextlib.contextmanager
def postgresql_running() -> Iterator[str]:
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
        address = f"postgresql://canhgiac@127.0.0.1:{port}"
        _make_template(address)
        yield address
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


def _make_template(server: str) -> None:
    """An empty operations database with all its tables; copied, not used."""
    import psycopg

    from store.connect import connect, disconnect

    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute("CREATE DATABASE template_operations")
    connect(f"{server}/template_operations")
    disconnect()


@pytest.fixture(scope="session")
def postgresql_server(share: Callable[..., str]) -> str:
    """Address of the run's PostgreSQL server, without database name."""
    return share("postgresql", postgresql_running)


@pytest.fixture
def new_postgresql(postgresql_server: str) -> Iterator[Callable[[], str]]:
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
            admin.execute(f"CREATE DATABASE {made[-1]} TEMPLATE template_operations")  # type: ignore[arg-type]
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
def elasticsearch_url(elasticsearch_version: str, share: Callable[..., str]) -> str:
    """Address of a real Elasticsearch: ELASTICSEARCH_URL, else one that is started for this run and stopped after it."""
    from console.elasticsearch_server import ServerUnavailableError, running

    @contextlib.contextmanager
    def begin() -> Iterator[str]:
        with running(elasticsearch_version, short_lived=True) as server:
            yield server.url

    try:
        return os.environ.get("ELASTICSEARCH_URL") or share(f"elasticsearch-{elasticsearch_version}", begin)
    except ServerUnavailableError as error:
        need(f"ELASTICSEARCH {elasticsearch_version}", None, str(error))
        raise


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


# What ran


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many tests of each folder ended how, and the seconds they took, set-up included."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    seconds: Counter[str] = Counter()
    for ending, reports in terminalreporter.stats.items():
        for report in reports:
            if not isinstance(report, pytest.TestReport):
                continue
            folder = "/".join(Path(report.nodeid.partition("::")[0]).parts[:2])
            seconds[folder] += report.duration
            if ending:
                counts[folder][ending] += 1
    terminalreporter.section("tests by folder")
    for folder in sorted(counts):
        said = ", ".join(f"{number} {ending}" for ending, number in sorted(counts[folder].items()))
        terminalreporter.write_line(f"{folder:<16} {said} in {seconds[folder]:.0f} s")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI, a test of a real server that was skipped has failed, whatever skipped it."""
    report = yield
    marks = [name for name in REAL_SERVERS if item.get_closest_marker(name)]
    if marks and report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} needs {', '.join(marks)} and was skipped: {report.longrepr}"
    return report
