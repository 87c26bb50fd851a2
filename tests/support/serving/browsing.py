"""`make web`, and a browser that opens it."""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from checkout import CHECKOUT
from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright
from running import environment

CHROMIUM = ["chromium", "chromium-browser", "google-chrome"]
PASSWORD = "correct horse battery"
LAUNCH = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]


@dataclass(frozen=True)
class Server:
    """`make web`, with the link by which it lets the first account be made, if nobody is."""

    url: str
    set_up: str
    process: int  # the leader of its group


@contextmanager
def make_web(
    store: Path, *more: str, port: int = 0, within: Sequence[str] = (), **variables: str
) -> Iterator[Server]:
    """The site on a store, by the command of the README; `more` is what make is given."""
    process = subprocess.Popen(
        [*within, "make", "web", f"PORT={port or free_port()}", f"STORAGE_ROOT={store}", *more],
        cwd=CHECKOUT,
        env=environment(variables),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield read_greeting(process)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def read_greeting(process: subprocess.Popen[str]) -> Server:
    """What a start prints: the address, and at first how to begin."""
    assert process.stdout
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C" in line:
            address = re.search(r"is at (http://\S+)", said)
            set_up = re.search(r"Make the first account: (http://\S+)", said)
            assert address
            return Server(address[1], set_up[1] if set_up else "", process.pid)
    raise AssertionError(f"the server did not say how to begin: {said}")


def _is_complaint(line: ConsoleMessage) -> bool:
    """Whether a page does; a browser looks for an icon by itself, also on a site of test files."""
    return line.type == "error" and not line.location["url"].endswith("/favicon.ico")


@contextmanager
def open_page(base_url: str | None = None, forgives: str = "no complaint") -> Iterator[Page]:
    """A page of a browser that keeps nothing; whatever the console complains of fails the test.

    A complaint that has what the test `forgives` does not.
    """
    program = next(path for name in CHROMIUM if (path := shutil.which(name)))
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=LAUNCH)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=base_url)
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: _is_complaint(line) and complaints.append(line.text))
        yield page
        browser.close()
    left = [one for one in complaints if forgives not in one]
    assert not left, left


def make_the_first_account(page: Page, server: Server) -> None:
    page.goto(server.set_up)
    page.get_by_label("Username").fill("editor")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
