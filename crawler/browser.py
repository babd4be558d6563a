"""Chromium for pages that need one: found, proved, locked down, led through the gate, and made to scroll to a proven end.

Child side only: a browser batch has a short-lived child of its own, so that whatever a page does to the browser ends
with it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import scrapy
from attrs import define, evolve, field
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page as BrowserPage
from playwright.async_api import Request as BrowserRequest
from playwright.async_api import Response as BrowserResponse
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.page import PageMethod

from crawler.egress import Gate
from crawler.page import Ask, Page
from crawler.spider import SourceSpider
from crawler.visit import Visit
from model.errors import CanhGiacError

log = logging.getLogger(__name__)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PROOF_SECONDS = 40.0
MOST_ANSWERS = 500
MOST_BYTES = 20 * 1024 * 1024
QUIET_ROUNDS = 3
"""Scrolls in a row that bring nothing, after which a page is left; unless it said so, that is no proof of its end."""
HANDLER = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"

FLAGS = (
    # WebRTC sends raw UDP past any proxy; the older --force-webrtc-ip-handling-policy=VALUE form does nothing any more.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy",
    "--disable-quic",
    "--dns-prefetch-disable",
    # A fresh Chromium calls accounts.google.com and update.googleapis.com by itself.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    "--no-first-run",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,CertificateTransparencyComponentUpdater",
)
CONTEXT: Mapping[str, Any] = {
    "service_workers": "block",
    "accept_downloads": False,
    "permissions": [],
    "ignore_https_errors": False,
    "locale": "vi-VN",
    "timezone_id": "Asia/Ho_Chi_Minh",
    "viewport": {"width": 1280, "height": 900},
}


class NoChromiumError(CanhGiacError):
    """This machine has no Chromium that starts."""


@define(kw_only=True)
class Chromium:
    """A Chromium that has been started once. version: its major version."""

    path: str
    version: str
    sandbox: bool


def find_chromium(given: str = "") -> Chromium:
    """The first Chromium that starts: the given one, one on PATH, Playwright's own. Raises NoChromiumError with the cure."""
    tried: list[str] = []
    for path in _candidates(given):
        found, why = _prove(path)
        if found is not None:
            return found
        tried.append(f"{path} ({why})")
    raise NoChromiumError(
        f"no Chromium that starts{': tried ' + ', '.join(tried) if tried else ''}. Install one (apt-get install chromium)"
        " or name it in CANHGIAC_CHROMIUM"
    )


def _candidates(given: str) -> Iterator[str]:
    if given:
        yield given
    for name in NAMES:
        if path := shutil.which(name):
            yield path
    own = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or str(Path("~/.cache/ms-playwright").expanduser())
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium_headless_shell-*/chrome-linux*/headless_shell")
    for pattern in patterns:
        yield from map(str, sorted(Path(own).glob(pattern), reverse=True))


def _prove(path: str) -> tuple[Chromium | None, str]:
    """Starts it once on an empty page, with its sandbox where the user and the machine allow one."""
    why = ""
    for sandbox in (True, False) if os.geteuid() != 0 else (False,):
        with tempfile.TemporaryDirectory(prefix="chromium-proof-") as profile:
            command = [
                path,
                "--headless",
                "--disable-gpu",
                f"--user-data-dir={profile}",
                *FLAGS,
                "--dump-dom",
                "about:blank",
            ]
            if not sandbox:
                command.insert(1, "--no-sandbox")
            try:
                proof = subprocess.run(command, capture_output=True, timeout=PROOF_SECONDS, stdin=subprocess.DEVNULL)
                version = subprocess.run([path, "--version"], capture_output=True, timeout=PROOF_SECONDS)
            except (OSError, subprocess.TimeoutExpired) as error:
                why = type(error).__name__
                continue
        if proof.returncode == 0 and b"<html" in proof.stdout:
            number = re.search(rb"(\d+)\.\d", version.stdout)
            if not sandbox and os.geteuid() != 0:
                log.warning("%s starts only without its sandbox on this machine", path)
            return Chromium(path=path, version=number[1].decode() if number else "", sandbox=sandbox), ""
        why = f"status {proof.returncode}"
    return None, why


def keep_out(request: BrowserRequest) -> bool:
    """Whether a request of a page is not worth its bytes."""
    return request.resource_type in ("image", "media", "font")


@define(kw_only=True, slots=False)
class Capture:
    """Bodies of the answers to a page's own requests. wanted: regular expression on their addresses, "" for none.

    embedded: texts of the scripts that hold JSON. No slots: Playwright notes its wrapper of `on_response` in here.
    """

    wanted: str
    bodies: list[str] = field(factory=list)
    embedded: list[str] = field(factory=list)
    size: int = 0
    came: asyncio.Event = field(factory=asyncio.Event)

    async def on_response(self, response: BrowserResponse) -> None:
        """Reads the body at once: after a navigation it is gone."""
        if not self.wanted or not re.search(self.wanted, response.url) or response.status != 200:
            return
        if len(self.bodies) >= MOST_ANSWERS or self.size >= MOST_BYTES:
            return
        try:
            body = await response.text()
        except (PlaywrightError, UnicodeDecodeError) as error:
            log.info("an answer of %s could not be read: %s", response.url[:200], error)
            return
        self.size += len(body)
        self.bodies.append(body)
        self.came.set()


Ended = Callable[[Sequence[str]], bool]
"""Whether the answers so far prove that there are no more."""


async def scroll(
    page: BrowserPage,
    capture: Capture,
    ended: Ended,
    *,
    embedded: str,
    ready: str,
    rounds: int,
    settle: float,
    seconds: float,
) -> None:
    """Scrolls until the end is proven, nothing has come for three rounds, or the bounds are reached.

    A page that hangs or closes ends it too: what was captured so far is read.
    """
    try:
        async with asyncio.timeout(seconds):
            if ready:
                await page.wait_for_selector(ready, timeout=seconds * 1000)
            if embedded:
                capture.embedded.extend(
                    await page.eval_on_selector_all(embedded, "found => found.map(script => script.textContent)")
                )
            quiet = 0
            for _ in range(rounds):
                if quiet >= QUIET_ROUNDS or ended([*capture.embedded, *capture.bodies]):
                    return
                capture.came.clear()
                await page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
                quiet = 0 if await _came(capture, settle) else quiet + 1
    except (TimeoutError, PlaywrightError) as error:
        log.info("scrolling ended early: %s", error)


async def _came(capture: Capture, settle: float) -> bool:
    try:
        await asyncio.wait_for(capture.came.wait(), settle)
    except TimeoutError:
        return False
    return True


async def close_popup(popup: BrowserPage) -> None:
    """A page that opens windows gets none."""
    await popup.close()


class BrowserSpiderBase(SourceSpider):
    """A spider whose pages are loaded by Chromium. What they are to do is the family's `plan`."""

    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "CONCURRENT_REQUESTS": 2,
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_MAX_CONTEXTS": 2,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 2,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 30_000,
        "PLAYWRIGHT_ABORT_REQUEST": "crawler.browser.keep_out",
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,  # the browser's own: Scrapy's carry the gate's password
        "RETRY_ENABLED": False,
        "DOWNLOAD_TIMEOUT": 190,
    }

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> BrowserSpiderBase:
        """Finds the browser and hangs it behind the gate before the engine reads its settings."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        assert isinstance(spider, BrowserSpiderBase)
        chromium = cls.chromium or cls.prepare()
        schemes = {urlsplit(source.url).scheme for source in spider.batch.sources}
        # Each scheme registered starts a browser driver of its own, so only those that are needed are.
        crawler.settings.set("DOWNLOAD_HANDLERS", dict.fromkeys(schemes, HANDLER), priority="spider")
        crawler.settings.set("PLAYWRIGHT_LAUNCH_OPTIONS", launch_options(chromium, spider.gate), priority="spider")
        return spider

    chromium: ClassVar[Chromium | None] = None

    @classmethod
    def prepare(cls) -> Chromium:
        """Finds the browser. Raises NoChromiumError."""
        from crawler.settings import house

        cls.chromium = find_chromium(house.chromium)
        return cls.chromium

    def plan(self, visit: Visit, ask: Ask) -> tuple[Capture, dict[str, Any]]:
        """What to capture on the page, and the arguments of `scroll`."""
        raise NotImplementedError

    def fit(self, request: scrapy.Request, visit: Visit, ask: Ask) -> scrapy.Request:
        """Has the page loaded by Chromium, in a context of its own, and scrolled."""
        assert self.chromium is not None
        capture, arguments = self.plan(visit, ask)
        agent = (
            f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{self.chromium.version}.0.0.0"
            f" Safari/537.36 {self.settings['USER_AGENT']}"
        )
        request.meta.update(
            capture=capture,
            playwright=True,
            playwright_context=f"visit-{visit.source.id}",
            playwright_context_kwargs={**CONTEXT, "user_agent": agent},
            playwright_page_event_handlers={"response": capture.on_response, "popup": close_popup},
            playwright_page_goto_kwargs={"wait_until": "domcontentloaded", "timeout": 30_000},
            playwright_page_methods=[PageMethod(scroll, capture=capture, **arguments)],
        )
        return request

    def _page(self, response: Response, visit: Visit, ask: Ask) -> Page:
        page = super()._page(response, visit, ask)
        capture: Capture | None = response.meta.get("capture")
        return page if capture is None else evolve(page, captured=(*capture.embedded, *capture.bodies))


def launch_options(chromium: Chromium, gate: Gate) -> dict[str, Any]:
    """How Playwright starts it. `proxy=`, not an argument: that one leaks loopback and link-local."""
    return {
        "executable_path": chromium.path,
        "headless": True,
        "args": list(FLAGS),
        "chromium_sandbox": chromium.sandbox,
        "proxy": {"server": gate.address, "username": "gate", "password": gate.password},
        "timeout": 60_000,
        "env": {name: value for name, value in os.environ.items() if not name.startswith("CANHGIAC_")},
    }


if __name__ == "__main__":
    started = time.monotonic()
    sys.stdout.write(
        f"{find_chromium(os.environ.get('CANHGIAC_CHROMIUM', ''))} in {time.monotonic() - started:.1f} s\n"
    )
