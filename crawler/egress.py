"""The egress gate: the one door through which a crawl child reaches the network.

A forward proxy on loopback. It resolves a name once, refuses it unless every answer is a public address (addresses
embedded in IPv6 count too), dials that very address, so that there is nothing to rebind, and counts and bounds the
bytes. Scrapy is sent through it by a middleware and can resolve nothing else (`GateResolver`, process-wide: set per
spider it is silently ignored); Chromium by Playwright's `proxy=` option (a `--proxy-server` argument leaks loopback).

Loopback is reached only where `--allow-address HOST:PORT` of one command names exactly that host and port.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ipaddress
import json
import os
import secrets
import socket
import sys
import unicodedata
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from attrs import field, frozen

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

GATE_HOST = "127.77.0.1" if sys.platform == "linux" else "127.0.0.1"
"""An address of its own where the system has all of 127/8: then the resolver can refuse 127.0.0.1 itself, and a
firewall rule (systemd's IPAddressAllow=) can name the gate alone."""
PORTS = frozenset({80, 443, 8080, 8443})
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)
"""Networks that some Python versions call global and that no public site lives in."""
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")
_MOST_ANSWERS = 64
_HEAD = 64 * 1024
_HEADERS = 128
_CHUNK = 64 * 1024


@frozen(kw_only=True)
class Limits:
    """Bounds of one connection through the gate: seconds to connect, seconds without a byte, seconds in all, bytes in."""

    connect: float = 10.0
    idle: float = 30.0
    total: float = 120.0
    received: int = 16 * 1024 * 1024


@frozen(kw_only=True)
class Refusal:
    """A request that the gate did not let out. reason: `not public`, `port`, `bad address`, ..."""

    at: datetime
    host: str
    port: int
    reason: str


class RefusedError(Exception):
    """The gate lets nothing out to this destination."""


class UnreachableError(Exception):
    """The destination may be reached, and does not answer."""


def is_public(address: Address) -> bool:
    """Whether an address is on the public internet, whatever it embeds."""
    if isinstance(address, ipaddress.IPv6Address):
        if any(not is_public(inner) for inner in _embedded(address)):
            return False
        if address in _COMPATIBLE or address.is_site_local:
            return False
    if (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
    ):
        return False
    if any(address in network for network in _NEVER if network.version == address.version):
        return False
    return address.is_global


def _embedded(address: ipaddress.IPv6Address) -> Iterable[ipaddress.IPv4Address]:
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if any(address in network for network in _NAT64) or address in _COMPATIBLE:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def host_name(written: str) -> str:
    """A host as it is looked up: NFKC-folded, lower case, IDNA, no brackets, no trailing dot. Raises RefusedError."""
    host = unicodedata.normalize("NFKC", written).strip("[]").rstrip(".").lower()
    if not host or len(host) > 253 or any(character in host for character in "%/\\@ \t\r\n\0?#"):
        raise RefusedError("bad address")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        raise RefusedError("bad address") from None


def parse_allowed(addresses: Collection[str]) -> frozenset[tuple[str, int]]:
    """`HOST:PORT` texts as pairs. Raises ValueError for what is not one, or is not on loopback."""
    pairs: set[tuple[str, int]] = set()
    for text in addresses:
        host, _, port = text.rpartition(":")
        host = host.strip("[]").lower()
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f"{text!r} is not HOST:PORT, for example 127.0.0.1:8080")
        if host != "localhost" and not _is_loopback(host):
            raise ValueError(f"{text!r} is not a loopback address: nothing else can be allowed")
        pairs.add((host, int(port)))
    return frozenset(pairs)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of the host. Raises OSError."""
    with contextlib.suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in answers]


def choose(answers: Sequence[str], *, allowed: bool) -> str:
    """The address to dial: the first answer, if every answer may be reached. Raises RefusedError."""
    if not answers or len(answers) > _MOST_ANSWERS:
        raise RefusedError("no usable answer")
    for answer in answers:
        try:
            address = ipaddress.ip_address(answer.partition("%")[0])
        except ValueError:
            raise RefusedError("bad address") from None
        if not (is_public(address) or (allowed and address.is_loopback)):
            raise RefusedError("not public")
    return answers[0]


class Gate:
    """The proxy. allow: `HOST:PORT` on loopback that may be reached. log: file that every refusal is appended to.

    received: bytes by host. refusals: of this process. proving: refusals are wanted now, and not noted.
    """

    def __init__(
        self,
        *,
        allow: Collection[str] = (),
        log: Path | None = None,
        limits: Limits | None = None,
        lookup: Resolve = resolve,
    ) -> None:
        self.allow = parse_allowed(allow)
        self.limits = limits or Limits()
        self.received: Counter[str] = Counter()
        self.refusals: list[Refusal] = []
        self.proving = False
        self._log, self._lookup = log, lookup
        self._token = secrets.token_urlsafe(18)
        self._credentials = b"Basic " + base64.b64encode(f"gate:{self._token}".encode())
        self._server: asyncio.Server | None = None
        # Bound at once, so that the address is known before the loop runs: a browser is configured with it.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind((GATE_HOST, 0))
        self._port: int = self._socket.getsockname()[1]

    @property
    def address(self) -> str:
        """`http://127.77.0.1:PORT`."""
        return f"http://{GATE_HOST}:{self._port}"

    @property
    def url(self) -> str:
        """The address with the user and the password that only this process knows."""
        return self.address.replace("://", f"://gate:{self._token}@")

    @property
    def password(self) -> str:
        """For Playwright, which takes user (`gate`) and password apart."""
        return self._token

    async def open(self) -> None:
        """Listens on its port of `GATE_HOST`."""
        self._server = await asyncio.start_server(self._serve, sock=self._socket, limit=_HEAD)

    async def close(self) -> None:
        """Stops listening; what is under way is cut."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._socket.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self.limits.total):
                await self._answer(reader, writer)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.transport.abort()
        finally:
            with contextlib.suppress(OSError):
                writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), self.limits.idle)
        request = _Head.parse(head)
        if request is None or request.header(b"proxy-authorization") != self._credentials:
            await _reply(writer, 400 if request is None else 407, "not for you")
            return
        host = port = None
        try:
            host, port = request.destination()
            upstream_reader, upstream = await self._dial(host, port)
        except RefusedError as error:
            self._refuse(host or request.target[:200], port or 0, str(error))
            await _reply(writer, 403, f"refused: {error}")
            return
        except UnreachableError as error:
            await _reply(writer, 502, f"unreachable: {error}")
            return
        try:
            if request.method == b"CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                upstream.write(request.forwarded())
            await self._relay(host, (reader, writer), (upstream_reader, upstream))
        finally:
            upstream.transport.abort()

    async def _dial(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        name = host_name(host)
        allowed = (name, port) in self.allow
        if not allowed and port not in PORTS:
            raise RefusedError("port")
        try:
            async with asyncio.timeout(self.limits.connect):
                target = choose(await self._lookup(name, port), allowed=allowed)
                return await asyncio.open_connection(target, port, limit=_CHUNK)
        except TimeoutError:
            raise UnreachableError("no answer in time") from None
        except (OSError, UnicodeError) as error:
            raise UnreachableError(getattr(error, "strerror", None) or type(error).__name__) from None

    async def _relay(
        self,
        host: str,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        site: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        outward = asyncio.ensure_future(self._pump(client[0], site[1], ""))
        inward = asyncio.ensure_future(self._pump(site[0], client[1], host))
        try:
            # The site's side ends the exchange; a client that goes away ends it too, so that no endless page runs on.
            await asyncio.wait({outward, inward}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({inward}, timeout=1.0)
        finally:
            outward.cancel()
            inward.cancel()
            await asyncio.gather(outward, inward, return_exceptions=True)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, host: str) -> None:
        """Carries bytes until the source ends; host: "" on the way out. Beyond the bound the sink is cut, not ended."""
        carried = 0
        with contextlib.suppress(OSError, TimeoutError):
            while True:
                async with asyncio.timeout(self.limits.idle if host else None):
                    data = await source.read(_CHUNK)
                if not data:
                    return
                if host:
                    carried += len(data)
                    self.received[host] += len(data)
                    if carried > self.limits.received:
                        sink.transport.abort()
                        return
                sink.write(data)
                await sink.drain()

    def _refuse(self, host: str, port: int, reason: str) -> None:
        if self.proving:
            return
        refusal = Refusal(at=datetime.now(UTC), host=host, port=port, reason=reason)
        self.refusals.append(refusal)
        if self._log is not None:
            write_refusal(self._log, refusal)


@frozen
class _Head:
    """The head of a proxy request."""

    method: bytes
    target: str
    version: bytes
    headers: tuple[tuple[bytes, bytes], ...] = field(factory=tuple)

    @classmethod
    def parse(cls, head: bytes) -> _Head | None:
        """The head, or None when it is not one."""
        first, *lines = head[:-4].split(b"\r\n")
        parts = first.split(b" ")
        if len(parts) != 3 or not parts[2].startswith(b"HTTP/1.") or len(lines) > _HEADERS:
            return None
        headers: list[tuple[bytes, bytes]] = []
        for line in lines:
            name, separator, value = line.partition(b":")
            if not separator or not name or name != name.strip():
                return None
            headers.append((name, value.strip()))
        return cls(parts[0], parts[1].decode("latin-1"), parts[2], tuple(headers))

    def header(self, name: bytes) -> bytes:
        """The first value of a header; b"" without one."""
        return next((value for own, value in self.headers if own.lower() == name), b"")

    def destination(self) -> tuple[str, int]:
        """Host and port that the request is for. Raises RefusedError."""
        try:
            if self.method == b"CONNECT":
                parts = urlsplit(f"//{self.target}")
            else:
                parts = urlsplit(self.target)
                if parts.scheme.lower() != "http":
                    raise RefusedError("scheme")
            host, port = parts.hostname, parts.port or 80
        except ValueError:
            raise RefusedError("bad address") from None
        if not host or parts.username or "\\" in self.target:
            raise RefusedError("bad address")
        return host, port

    def forwarded(self) -> bytes:
        """The request as the site gets it: path only, nothing of the proxy, one request to a connection."""
        parts = urlsplit(self.target)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [b" ".join((self.method, path.encode("latin-1"), b"HTTP/1.1"))]
        dropped = (b"proxy-authorization", b"proxy-connection", b"connection", b"keep-alive", b"upgrade", b"te")
        lines += [name + b": " + value for name, value in self.headers if name.lower() not in dropped]
        return b"\r\n".join([*lines, b"Connection: close", b"", b""])


async def _reply(writer: asyncio.StreamWriter, status: int, reason: str) -> None:
    text = reason.encode("ascii", "replace").replace(b"\n", b" ").replace(b"\r", b" ")
    writer.write(
        b"HTTP/1.1 %d gate\r\nX-Canhgiac-Gate: %s\r\n%sContent-Length: 0\r\nConnection: close\r\n\r\n"
        % (status, text, b'Proxy-Authenticate: Basic realm="gate"\r\n' if status == 407 else b"")
    )
    await writer.drain()


def write_refusal(log: Path, refusal: Refusal) -> None:
    """Appends a refusal as one JSON line; one write, so that children may share the file."""
    line = json.dumps(
        {"at": refusal.at.isoformat(), "host": refusal.host, "port": refusal.port, "reason": refusal.reason},
        ensure_ascii=True,
    )
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode("ascii") + b"\n")
    finally:
        os.close(descriptor)


REFUSALS = "gate-refusals.log"
"""Name of the refusal log in the home of an installation."""


def read_refusals(log: Path) -> tuple[Refusal, ...]:
    """The refusals of a log, oldest first; none when there is no log."""
    if not log.exists():
        return ()
    return tuple(
        Refusal(at=datetime.fromisoformat(row["at"]), host=row["host"], port=row["port"], reason=row["reason"])
        for row in map(json.loads, log.read_text("ascii").splitlines())
    )
