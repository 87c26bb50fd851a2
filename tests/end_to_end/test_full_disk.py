"""The site on a disk that is really full: it says so, leaves nothing partial, and goes on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from disks import Disk, small_disk
from playwright.sync_api import Locator, Page, expect
from recordings import excerpt
from serving.browsing import Server, make_the_first_account, make_web, open_page
from serving.loopback import Site

MINUTES = 60_000
FULL = "The disk with the recordings is full"


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    with small_disk(tmp_path_factory.mktemp("disk")) as disk:
        yield disk


@pytest.fixture(scope="module")
def server(disk: Disk) -> Iterator[Server]:
    with make_web(disk.place, within=disk.before(), ALLOW_PRIVATE_HOSTS="1") as server:
        yield server


@pytest.fixture(scope="module")
def browser_page(server: Server) -> Iterator[Page]:
    with open_page(forgives="507") as page:
        make_the_first_account(page, server)
        yield page


@pytest.fixture
def page(browser_page: Page, server: Server, disk: Disk) -> Iterator[Page]:
    browser_page.goto(f"{server.url}/submissions")
    yield browser_page
    disk.make_room()


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return excerpt(tmp_path_factory.mktemp("recording") / "council.mp4", 0, 20)


def submit(page: Page, address: str) -> None:
    page.get_by_label("Address of the recording").fill(address)
    page.get_by_role("button", name="Submit").click()


def job(page: Page, name: str) -> Locator:
    return page.locator("#jobs li", has_text=name)


def test_a_file_finds_no_room_and_goes_on_when_there_is_some(
    page: Page, disk: Disk, council: Path
) -> None:
    disk.fill(left=1000**3)  # kept free for the jobs
    page.get_by_label("Or files of your own").set_input_files(council)
    row = page.locator(".uploads li").last
    expect(row.get_by_role("alert")).to_contain_text("There is no room for")
    expect(row.get_by_role("alert")).to_contain_text("Make room on the server's disk")

    disk.make_room()
    expect(page.get_by_text("here; submit it below")).to_be_visible(timeout=MINUTES)
    page.get_by_role("button", name="Take out council.mp4").click()
    expect(page.locator(".uploads li")).to_have_count(0)


def test_what_cannot_be_noted_is_refused_while_pages_are_shown(
    page: Page, disk: Disk, site: Site, council: Path
) -> None:
    disk.fill()
    submit(page, site.serve("refused.mp4", council))
    expect(page.get_by_text("disk is full")).to_be_visible()
    for name in ("Debates", "People", "Search", "Submit"):
        page.get_by_role("navigation", name="Site").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text(FULL)).to_be_visible()
    assert job(page, "refused.mp4").count() == 0


@pytest.mark.parametrize("stage", ["download", "transcribe", "stats", "register"])
def test_a_stage_without_room_says_so_and_goes_on_when_there_is_some(
    page: Page, disk: Disk, site: Site, council: Path, stage: str
) -> None:
    name = f"{stage}.mp4"
    site.bytes_per_second = 400_000
    submit(page, site.serve(name, council))
    fill_at_its_beginning(disk, stage)
    expect(page.get_by_text(FULL)).to_be_visible(timeout=MINUTES)
    until_nobody_works(disk)
    assert not partial(disk)

    disk.make_room()
    expect(page.get_by_text(FULL)).to_be_hidden()
    debate = page.get_by_role("link", name=name)
    again = page.get_by_role("button", name=f"Try again {site.url[7:]}/{name}")
    expect(debate.or_(again)).to_be_visible(timeout=2 * MINUTES)
    if again.is_visible():
        expect(job(page, name).locator(".problem")).to_contain_text("disk is full")
        again.click()
    expect(debate).to_be_visible(timeout=2 * MINUTES)


def fill_at_its_beginning(disk: Disk, stage: str) -> None:
    before = len(disk.files(f"*/logs/{stage}.jsonl"))
    deadline = time.monotonic() + 120
    while len(disk.files(f"*/logs/{stage}.jsonl")) == before:
        assert time.monotonic() < deadline, f"{stage} did not begin"
        time.sleep(0.02)
    disk.fill()


def until_nobody_works(disk: Disk) -> None:
    """No front door holds its lock any more."""
    deadline = time.monotonic() + 120
    while disk.ask(
        f"for l in {disk.place}/submissions/*/lock; do flock -n $l true || echo $l; done"
    ):
        assert time.monotonic() < deadline, "the front door did not end"
        time.sleep(0.2)


def partial(disk: Disk) -> list[str]:
    """What lies there unfinished."""
    return disk.ask(f"find {disk.place}/jobs -name '.*' -not -name .lock")
