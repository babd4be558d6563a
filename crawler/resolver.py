"""The second lock: in a crawl child, Twisted can resolve the gate and nothing else.

Everything goes out through the gate, which resolves for itself, so a name that comes here has missed the proxy. IP
literals come here too. The resolver must be set process-wide (`TWISTED_DNS_RESOLVER` of the project); per spider it is
silently ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scrapy.crawler import Crawler
from twisted.internet import defer
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IResolverSimple
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.egress import GATE_HOST


@implementer(IResolverSimple)
class GateResolver:
    """Knows the gate's address only."""

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> GateResolver:
        """As Scrapy makes it, once per process."""
        return cls(reactor)

    def install_on_reactor(self) -> None:
        """Replaces the reactor's resolver, for names and for literals."""
        self.reactor.installResolver(self)

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> defer.Deferred[str]:  # noqa: N802
        """The gate's address, or DNSLookupError."""
        if name == GATE_HOST:
            return defer.succeed(name)
        return defer.fail(DNSLookupError(f"{name!r}: only the egress gate is reached from here"))
