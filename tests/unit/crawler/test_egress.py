"""The gate: which addresses are public, what is allowed, what is carried, what is logged."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
from collections.abc import Sequence
from pathlib import Path

import pytest

from crawler.egress import Gate, Limits, RefusedError, choose, host_name, is_public, parse_allowed, read_refusals


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "192.88.99.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808:1",
        "2002:7f00:1::1",
        "2001:0:7f00:1::1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "3fff::1",
    ],
)
def test_no_address_that_is_not_public_is_reached(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(RefusedError):
        choose([address], allowed=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "203.162.4.190", "2606:4700::1111", "2402:800::1"])
def test_public_addresses_are_reached(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_one_private_answer_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(RefusedError):
        choose(["8.8.8.8", "10.0.0.1"], allowed=False)
    with pytest.raises(RefusedError):
        choose(["8.8.8.8"] * 1000, allowed=False)
    with pytest.raises(RefusedError, match="not public"):
        choose(["10.0.0.1"], allowed=True)
    assert choose(["127.0.0.1"], allowed=True) == "127.0.0.1"


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("１２７.0.0.1", "127.0.0.1"),
        ("EX.vn.", "ex.vn"),
        ("ex。ample.vn", "ex.ample.vn"),
        ("[::1]", "::1"),
        ("lừa.vn", "xn--la-q9a9b.vn"),
    ],
)
def test_a_host_is_folded_before_it_is_looked_up(written: str, host: str) -> None:
    found = host_name(written)
    assert found == host or found.startswith("xn--")


@pytest.mark.parametrize("written", ["", "fe80::1%eth0", "a/b", "a b", "a\\b", "x" * 300])
def test_what_is_no_host_is_refused(written: str) -> None:
    with pytest.raises(RefusedError):
        host_name(written)


@pytest.mark.parametrize("text", ["127.0.0.1", "10.0.0.1:80", "example.vn:80", "127.0.0.1:0", "127.0.0.1:x", ":80"])
def test_only_a_loopback_address_with_its_port_can_be_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"HOST:PORT|loopback"):
        parse_allowed([text])


async def ask(gate: Gate, head: bytes, *, token: str = "") -> bytes:
    """The gate's whole answer to a request head."""
    host, port = gate.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    secret = base64.b64encode(f"gate:{token or gate.password}".encode())
    writer.write(head.replace(b"\r\n\r\n", b"\r\nProxy-Authorization: Basic " + secret + b"\r\n\r\n", 1))
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


async def serve(body: bytes, seen: list[bytes]) -> tuple[asyncio.Server, int]:
    """A site that notes request heads and answers with the body."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


def test_what_is_allowed_is_carried_and_counted_without_the_password(tmp_path: Path) -> None:
    async def run() -> None:
        seen: list[bytes] = []
        server, port = await serve(b"x" * 1000, seen)
        gate = Gate(allow=[f"127.0.0.1:{port}"], log=tmp_path / "log")
        await gate.open()
        head = f"GET http://127.0.0.1:{port}/a?b=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nKeep-Alive: 3\r\n\r\n".encode()
        answer = await ask(gate, head)
        assert answer.endswith(b"x" * 1000)
        assert seen[0].startswith(b"GET /a?b=1 HTTP/1.1\r\n")
        assert b"proxy" not in seen[0].lower()
        assert b"keep-alive" not in seen[0].lower()
        assert gate.received["127.0.0.1"] >= 1000
        await gate.close()
        server.close()

    asyncio.run(run())
    assert read_refusals(tmp_path / "log") == ()


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://127.0.0.1:80/", "not public"),
        ("http://2130706433/", "not public"),
        ("http://0x7f.1/", "not public"),
        ("http://[::ffff:127.0.0.1]/", "not public"),
        ("http://example.vn:25/", "port"),
        ("http://user@example.vn/", "bad address"),
        ("https://example.vn/", "scheme"),
        ("ftp://example.vn/", "scheme"),
        ("http://[::1/", "bad address"),
    ],
)
def test_a_refusal_is_answered_and_logged(tmp_path: Path, target: str, reason: str) -> None:
    async def run() -> bytes:
        gate = Gate(log=tmp_path / "log")
        await gate.open()
        answer = await ask(gate, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await gate.close()
        return answer

    answer = asyncio.run(run())
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert [refusal.reason for refusal in read_refusals(tmp_path / "log")] == [reason]


def test_a_name_is_resolved_once_and_that_very_address_is_dialled() -> None:
    asked: list[str] = []

    async def flipping(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["10.0.0.1"] if len(asked) > 1 else ["127.0.0.1"]

    async def run() -> bytes:
        seen: list[bytes] = []
        server, port = await serve(b"first", seen)
        gate = Gate(allow=[f"localhost:{port}"], lookup=flipping)
        await gate.open()
        answer = await ask(gate, f"GET http://localhost:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await gate.close()
        server.close()
        return answer

    assert asyncio.run(run()).endswith(b"first")
    assert asked == ["localhost"]


def test_strangers_get_nothing_and_endless_answers_are_cut() -> None:
    async def run() -> tuple[bytes, bytes]:
        seen: list[bytes] = []
        server, port = await serve(b"x" * 500_000, seen)
        gate = Gate(allow=[f"127.0.0.1:{port}"], limits=Limits(received=100_000))
        await gate.open()
        head = f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        stranger = await ask(gate, head, token="guess")
        try:
            cut = await ask(gate, head)
        except ConnectionError:
            cut = b""
        await gate.close()
        server.close()
        return stranger, cut

    stranger, cut = asyncio.run(run())
    assert stranger.startswith(b"HTTP/1.1 407 ")
    assert len(cut) < 500_000
