"""`make web`, the address of a recording pasted into the page: it becomes a debate by itself."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from recordings import excerpt
from serving.browsing import Server, free_port, make_the_first_account, make_web, open_page
from serving.loopback import Site

MINUTES = 60_000


@pytest.fixture
def page() -> Iterator[Page]:
    with open_page() as page:
        yield page


def submit(page: Page, *addresses: str) -> None:
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Submit").click()
    page.get_by_label("Address of the recording").fill("\n".join(addresses))
    page.get_by_role("button", name="Submit").click()


def job(page: Page, name: str) -> Locator:
    return page.locator("#jobs li", has_text=name)


def kill(server: Server) -> None:
    """The site, its workers and make at once; not the job, which has a session of its own."""
    os.killpg(server.process, signal.SIGKILL)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_address_becomes_a_debate_though_the_site_is_killed_meanwhile(
    page: Page, site: Site, tmp_path: Path
) -> None:
    url = site.serve("council.mp4", excerpt(tmp_path / "council.mp4", 0, 20))
    store, port = tmp_path / "store", free_port()
    with make_web(store, port=port, ALLOW_PRIVATE_HOSTS="1") as server:
        make_the_first_account(page, server)
        submit(page, f"{site.url}/page.html", url)
        expect(job(page, "page.html")).to_contain_text("Failed", timeout=MINUTES)
        expect(job(page, "page.html").locator(".problem")).to_contain_text("page.html")
        expect(job(page, "council.mp4")).to_contain_text("Transcription", timeout=MINUTES)
        page.goto("about:blank")  # whose console has no complaints of a server that is away
        kill(server)

    with make_web(store, port=port, ALLOW_PRIVATE_HOSTS="1") as server:
        page.goto(f"{server.url}/submissions")
        debate = page.get_by_role("link", name="council.mp4")
        expect(debate).to_be_visible(timeout=3 * MINUTES)
        debate.click()
        said = page.locator(".segment .text").first
        expect(said).to_contain_text(re.compile(r"[A-Za-z]"))
        word = max(re.findall(r"[A-Za-z]+", said.inner_text()), key=len)
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_text("Published: everyone can see it.")).to_be_visible()
        page.get_by_role("link", name="Search").click()
        page.get_by_label("Words to find").fill(word)
        page.keyboard.press("Enter")
        expect(page.locator(".hits li").first).to_contain_text(word, ignore_case=True)

    # The job was joined, not begun again.
    (folder,) = (path.parent for path in store.glob("jobs/*/media.json"))
    log = (folder / "logs" / "transcribe.jsonl").read_text()
    assert log.count('"event": "started"') == 1
    assert not list(store.glob("uploads/*"))


def test_a_job_that_is_cancelled_leaves_nothing_under_a_final_name(
    page: Page, site: Site, tmp_path: Path
) -> None:
    site.bytes_per_second = 50_000
    url = site.serve("slow.mp4", excerpt(tmp_path / "slow.mp4", 0, 60))
    store = tmp_path / "store"
    with make_web(store, ALLOW_PRIVATE_HOSTS="1") as server:
        make_the_first_account(page, server)
        submit(page, url)
        expect(job(page, "slow.mp4").get_by_role("progressbar")).to_be_visible(timeout=MINUTES)
        page.get_by_role("button", name="Cancel").click()
        expect(job(page, "slow.mp4")).to_contain_text("Cancelled", timeout=MINUTES)

    (pid,) = (int(file.read_text().split()[0]) for file in store.glob("submissions/*/pid"))
    assert not is_there(pid)
    assert not list(store.glob("jobs/*/media.json"))
    assert not list(store.glob("jobs/*/videos/[!.]*"))
