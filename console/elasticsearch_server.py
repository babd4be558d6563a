"""A real Elasticsearch for developers, the demo and the tests: found or fetched, started as a plain user, stopped cleanly.

The server is the Maven artifact `org.elasticsearch.distribution.integ-test-zip:elasticsearch:<version>:zip`, a minimal
distribution (94 MB) that starts in ten seconds with 512 MB. It refuses to run as root, so as root it is started through
`setpriv` as a numeric user without privileges; it is unpacked below /var/tmp, never in the clone or HOME, which that user
may not be able to read.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

from model.errors import CanhGiacError

VERSION = "8.19.9"
"""The oldest line that production may run; its last release."""

NEWER_VERSION = "9.2.0"
"""The newer line; `make test-elasticsearch-9` runs on it."""

JAVA_FOR = {8: (17, 24), 9: (21, 99)}
"""Java releases that a major version runs on (lowest, highest), from its release notes and trials."""

JVM_FOLDER = Path("/usr/lib/jvm")
"""Where Debian and Ubuntu, and Temurin's packages, put each Java."""

PLAIN_USER = 64923
"""Numeric user without an account, for servers that refuse root."""

READY_SECONDS = 180.0
_SHORT_LIVED = "-XX:TieredStopAtLevel=1"
"""Only the quick compiler: a start costs 11 s of processor instead of 24 on two cores, the longer compilation never pays."""

_ARTIFACT = "org.elasticsearch.distribution.integ-test-zip:elasticsearch:{version}:zip"
_CACHE = Path("/var/tmp")  # noqa: S108 - see the module's text: readable by the plain user, kept over reboots


class ServerUnavailableError(CanhGiacError):
    """No Elasticsearch can be started here; the text says what is missing and how to get it."""


@frozen(kw_only=True)
class Security:
    """Basic authentication and HTTPS for a server started here.

    users: name to (password, role names) of the file realm; the built-in user has no password and cannot be used.
    roles: text of `roles.yml`. certificate, key: PEM files of the HTTP layer, both or none.
    """

    users: Mapping[str, tuple[str, Sequence[str]]] = field(factory=dict)
    roles: str = ""
    certificate: Path | None = None
    key: Path | None = None


@frozen(kw_only=True)
class ElasticsearchServer:
    """A running server. url: without credentials. directory: its configuration, data and logs, removed by `stop`."""

    url: str
    version: str
    process: subprocess.Popen[bytes]
    directory: Path

    def kill(self) -> None:
        """SIGKILL to the whole server, as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, insist after 30 seconds, and remove what it wrote."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


@contextlib.contextmanager
def running(
    version: str = VERSION, *, security: Security | None = None, short_lived: bool = False
) -> Iterator[ElasticsearchServer]:
    """A server for the time of a `with` block."""
    server = start(version, security=security, short_lived=short_lived)
    try:
        yield server
    finally:
        server.stop()


def start(
    version: str = VERSION,
    *,
    security: Security | None = None,
    heap_mb: int = 512,
    short_lived: bool = False,
    port: int = 0,
    directory: Path | None = None,
) -> ElasticsearchServer:
    """Start a server on loopback and wait until it answers.

    short_lived: one for minutes, which compiles little and so starts in half the time. port: 0 for a free one. directory: where it writes; a new one below /var/tmp by default; give that of a killed server to
    start on its data again. Raises ServerUnavailableError with the cure.
    """
    java, home = find_java(version), unpacked(version)
    directory = directory or Path(tempfile.mkdtemp(prefix="canhgiac-elasticsearch-run-", dir=_CACHE))
    port, transport = port or _free_port(), _free_port()
    _configure(directory, home, port=port, transport=transport, security=security)
    environment = _environment(directory, java, _SHORT_LIVED if short_lived else "", heap_mb)
    _give_to_plain_user(directory)
    log = (directory / "start.log").open("wb")
    with log:
        process = subprocess.Popen(
            _as_plain_user([str(home / "bin" / "elasticsearch")]),
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            cwd=directory,
        )
    scheme = "https" if security and security.certificate else "http"
    server = ElasticsearchServer(
        url=f"{scheme}://127.0.0.1:{port}", version=version, process=process, directory=directory
    )
    _wait_until_ready(server)
    return server


def find_java(version: str = VERSION) -> Path:
    """The home of a Java that runs this version: ES_JAVA_HOME, JAVA_HOME, the one on PATH, or below /usr/lib/jvm.

    Raises ServerUnavailableError with what to install, and for a major version that nobody has tried.
    """
    major = version.partition(".")[0]
    if not major.isdecimal() or int(major) not in JAVA_FOR:
        raise ServerUnavailableError(f"Elasticsearch {version} is not supported: take {VERSION} or {NEWER_VERSION}")
    low, high = JAVA_FOR[int(major)]
    candidates = [Path(os.environ[name]) for name in ("ES_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    if found := shutil.which("java"):
        candidates.append(Path(found).resolve().parent.parent)
    candidates += sorted(JVM_FOLDER.glob("*/"))
    for home in candidates:
        if low <= _java_release(home) <= high and _is_whole(home):
            return home
    fitting = f"{low} to {high}" if high < 99 else f"{low} or later"
    raise ServerUnavailableError(
        f"Elasticsearch {version} needs Java {fitting}. Install it (apt-get install openjdk-{low}-jre-headless; where "
        f"the distribution has none, Temurin from adoptium.net) or set ES_JAVA_HOME to one"
    )


def unpacked(version: str = VERSION) -> Path:
    """The unpacked distribution: CANHGIAC_ELASTICSEARCH_HOME, the copy below /var/tmp, or fetched with Maven."""
    given = os.environ.get("CANHGIAC_ELASTICSEARCH_HOME")
    if given and (Path(given) / "bin" / "elasticsearch").exists():
        return Path(given)
    target = _CACHE / f"canhgiac-elasticsearch-{version}-{os.geteuid()}"
    if not (target / "bin" / "elasticsearch").exists():
        _unpack(_fetch(version), target)
    return target


def _fetch(version: str) -> Path:
    """The zip in Maven's local repository, downloaded there when it is not."""
    repository = Path.home() / ".m2" / "repository" / "org/elasticsearch/distribution/integ-test-zip/elasticsearch"
    archive = repository / version / f"elasticsearch-{version}.zip"
    if archive.exists():
        return archive
    maven = shutil.which("mvn")
    if maven is None:
        raise ServerUnavailableError(
            "Elasticsearch is not on this machine and Maven, which fetches it, is not either. Install maven and a Java 17 "
            "(Debian: apt-get install maven openjdk-17-jre-headless), or set ELASTICSEARCH_URL to a server that is yours to use"
        )
    artifact = f"-Dartifact={_ARTIFACT.format(version=version)}"
    command = [maven, "-B", "-q", "dependency:get", artifact, "-Dtransitive=false"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode or not archive.exists():
        tail = (done.stdout + done.stderr).strip()[-600:]
        raise ServerUnavailableError(f"Maven could not fetch {artifact}: {tail}")
    return archive


def _unpack(archive: Path, target: Path) -> None:
    """Unpack beside the target and move it there, so that two processes cannot meet a half-written one."""
    with tempfile.TemporaryDirectory(dir=_CACHE) as work, zipfile.ZipFile(archive) as packed:
        packed.extractall(work)
        root = next(path for path in Path(work).iterdir() if path.is_dir())
        for path in [root, *root.rglob("*")]:
            runnable = path.is_dir() or path.parent.name == "bin" or path.suffix == ".sh"
            path.chmod(0o755 if runnable else 0o644)
        with contextlib.suppress(OSError):
            root.rename(target)
    if not (target / "bin" / "elasticsearch").exists():
        raise ServerUnavailableError(f"{archive} holds no Elasticsearch, or {target} cannot be written")


def _configure(directory: Path, home: Path, *, port: int, transport: int, security: Security | None) -> None:
    """Write the configuration. Only settings that the minimal distribution knows: an unknown one stops it."""
    config = directory / "config"
    if not config.exists():
        shutil.copytree(home / "config", config)
    for name in ("data", "logs", "tmp"):
        (directory / name).mkdir(exist_ok=True)
    settings: dict[str, object] = {
        "cluster.name": "canhgiac",
        "node.name": "canhgiac",
        "path.data": str(directory / "data"),
        "path.logs": str(directory / "logs"),
        "network.host": "127.0.0.1",
        "http.port": port,
        "transport.port": transport,
        "discovery.type": "single-node",
        "cluster.routing.allocation.disk.threshold_enabled": False,
        "xpack.security.enabled": security is not None,
    }
    if security is not None and security.certificate and security.key:
        shutil.copy(security.certificate, config / "http.crt")
        shutil.copy(security.key, config / "http.key")
        settings["xpack.security.http.ssl.enabled"] = True
        settings["xpack.security.http.ssl.certificate"] = "http.crt"
        settings["xpack.security.http.ssl.key"] = "http.key"
    if security is not None and security.roles:
        (config / "roles.yml").write_text(security.roles, encoding="utf-8")
    if security is not None:
        _add_users(config, security.users)
    # JSON is YAML.
    text = "\n".join(f"{key}: {json.dumps(value)}" for key, value in settings.items())
    (config / "elasticsearch.yml").write_text(text + "\n", encoding="utf-8")
    options = (config / "jvm.options").read_text(encoding="utf-8")
    # The garbage collector's log would go below the read-only home.
    kept = [line for line in options.splitlines() if "gc.log" not in line]
    (config / "jvm.options").write_text("\n".join(kept) + "\n", encoding="utf-8")


def _environment(directory: Path, java: Path, options: str, heap_mb: int) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(directory),
        "ES_JAVA_HOME": str(java),
        "ES_JAVA_OPTS": f"-Xms{heap_mb}m -Xmx{heap_mb}m {options}",
        "ES_PATH_CONF": str(directory / "config"),
        "ES_TMPDIR": str(directory / "tmp"),
    }


def _add_users(config: Path, users: Mapping[str, tuple[str, Sequence[str]]]) -> None:
    """The file realm's users, in its own files: the tools that write them start a Java each, four seconds of processor."""
    names: dict[str, list[str]] = {}
    for user, (_, roles) in users.items():
        for role in roles:
            names.setdefault(role, []).append(user)
    passwords = "".join(f"{user}:{_hashed(password)}\n" for user, (password, _) in users.items())
    (config / "users").write_text(passwords, encoding="utf-8")
    roles_of = "".join(f"{role}:{','.join(who)}\n" for role, who in names.items())
    (config / "users_roles").write_text(roles_of, encoding="utf-8")


def _hashed(password: str) -> str:
    """As the server's `PBKDF2` hasher writes it: HMAC-SHA512, 10,000 rounds, salt and key of 32 bytes."""
    salt, rounds = os.urandom(32), 10_000
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds, dklen=32)
    return f"{{PBKDF2}}{rounds}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def _as_plain_user(command: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return command
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ServerUnavailableError(
            "Elasticsearch refuses root and setpriv (package util-linux) is missing: use another user"
        )
    user = str(PLAIN_USER)
    return [setpriv, "--reuid", user, "--regid", user, "--clear-groups", *command]


def _give_to_plain_user(directory: Path) -> None:
    if os.geteuid() == 0:
        for path in [directory, *directory.rglob("*")]:
            os.chown(path, PLAIN_USER, PLAIN_USER, follow_symlinks=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _java_release(home: Path) -> int:
    """The major release of the Java in `home`, 0 when there is none."""
    release = home / "release"
    if not (home / "bin" / "java").exists():
        return 0
    if release.exists():
        text = release.read_text(encoding="utf-8", errors="replace")
    else:
        done = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, check=False)
        text = done.stderr
    found = re.search(r'(?:JAVA_VERSION=|version )"(\d+)', text)
    return int(found[1]) if found else 0


def _is_whole(home: Path) -> bool:
    """Whether the runtime has the module for vectors that the server asks for; runtimes cut for other programs lack it."""
    release = home / "release"
    text = release.read_text(encoding="utf-8", errors="replace") if release.exists() else ""
    return "MODULES=" not in text or "jdk.incubator.vector" in text


def _wait_until_ready(server: ElasticsearchServer) -> None:
    deadline = time.monotonic() + READY_SECONDS
    context = ssl.create_default_context()
    # Only asks whether our own child on loopback answers; nothing is sent.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            address = f"{server.url}/_cluster/health?wait_for_status=yellow&timeout=1s"
            try:
                with urllib.request.urlopen(address, timeout=5, context=context):  # noqa: S310 - our own loopback server
                    return
            except urllib.error.HTTPError as error:
                if error.code == 401:
                    return
        time.sleep(0.3)
    status = server.process.poll()
    tail = (server.directory / "start.log").read_text(encoding="utf-8", errors="replace")[-1500:]
    server.stop()
    what = f"did not answer within {READY_SECONDS:.0f} s" if status is None else f"ended with status {status}"
    raise ServerUnavailableError(f"Elasticsearch {server.version} {what}:\n{tail}")
