"""The ad library in a real browser: scrolling brings all ads, and without scrolling it does not."""

from __future__ import annotations

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from town.server import Running
from town.sites import ads
from town.state import Town

pytestmark = pytest.mark.browser


def chromium_path() -> str:
    """A Chromium of this machine; without one the test is skipped, or fails where `CI` is set."""
    found = os.environ.get("CANHGIAC_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found:
        return found
    reason = "no Chromium on this machine: install chromium or set CANHGIAC_CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def test_scrolling_brings_every_ad(running: Running, town: Town) -> None:
    chromium = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        try:
            page = browser.new_page()
            page.goto(running.ready["ads"] + ads.LIBRARY)
            page.wait_for_selector("#ads .ad")
            assert page.locator("#ads .ad").count() == ads.FIRST
            wanted = len(town.documents("ads"))
            for shown in range(ads.FIRST, wanted, ads.MORE):
                page.mouse.wheel(0, 50_000)
                page.wait_for_function(f"document.querySelectorAll('#ads .ad').length > {shown}")
            assert page.locator("#ads .ad").count() == wanted
            text = page.locator("#ads").inner_text()
            for item in town.documents("ads"):
                assert all(surface.raw in text for surface in item.surfaces), item
        finally:
            browser.close()
