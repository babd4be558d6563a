"""Before any crawl: proof that nothing on loopback is reached, through the gate or past it."""

from __future__ import annotations

import asyncio

import scrapy
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK
from twisted.internet.error import DNSLookupError

from crawler.egress import Gate
from crawler.health import GATE_HEADER
from crawler.middlewares import FETCH_FAILURES
from model.errors import CanhGiacError


class OpenGateError(CanhGiacError):
    """The egress gate does not hold; nothing may be crawled."""


async def prove(gate: Gate, crawler: Crawler) -> None:
    """Asks for a page of a canary server on 127.0.0.1 on both ways. Raises OpenGateError when one of them gets there."""
    visits = 0

    async def sing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal visits
        visits += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(sing, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/canary"
    try:
        gate.proving = True
        through = await _through(crawler, address)
        past = await _past(address)
    finally:
        gate.proving = False
        server.close()
    if visits or not through or not past:
        raise OpenGateError(
            f"the egress gate does not hold (through it: {through}, past it: {past}, canary visited {visits} times): nothing is crawled"
        )


async def _through(crawler: Crawler, address: str) -> bool:
    """Whether the way that every request takes refuses the canary."""
    assert crawler.engine is not None
    request = scrapy.Request(
        address, callback=NO_CALLBACK, meta={"is_robots": True, "dont_retry": True, "canary": True}
    )
    try:
        response = await crawler.engine.download_async(request)
    except FETCH_FAILURES:
        return True
    return response.status == 403 and response.headers.get(GATE_HEADER) is not None


async def _past(address: str) -> bool:
    """Whether Twisted itself cannot reach the canary."""
    # Importing these installs a reactor, and Scrapy wants to choose it.
    from twisted.internet import reactor as installed
    from twisted.web.client import Agent

    try:
        agent = Agent(installed, connectTimeout=5)  # type: ignore[no-untyped-call]
        await agent.request(b"GET", address.encode()).asFuture(asyncio.get_running_loop())
    except DNSLookupError:
        return True
    return False
