"""Chromium without a window, wide and narrow."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright
from servers import Site
from stores import PASSWORD

WIDE = {"width": 1300, "height": 900}
NARROW = {"width": 390, "height": 844}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    path = shutil.which("chromium")
    assert path, "the pages are tested in a browser: apt-get install chromium"
    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root, as whom containers and CI run.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def sign_in(browser: Browser, site: Site, username: str = "editor") -> Any:
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    cookies = context.storage_state()
    context.close()
    return cookies


# Pages look for others' edits when a test says so, never because the machine was slow. A clock
# that a test installs has its own setInterval, with which they look as they do for readers.
STILL = """
const every = window.setInterval.bind(window);
window.setInterval = (work, pause, ...more) => (pause < 10_000 ? every(work, pause, ...more) : 0);
"""
