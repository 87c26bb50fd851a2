"""The page for submitting in Chromium, with the server that works the queue itself."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from browsers import sign_in
from editors import check_looks
from newsrooms import FAKE
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from servers import Site, free_port, serving

URL = "https://x.example"


@dataclass
class Newsroom:
    """A site that can be stopped and started again on its port, and what its jobs wait for."""

    root: Path
    recording: Path
    port: int = field(default_factory=free_port)
    _running: ExitStack = field(default_factory=ExitStack)

    def start(self) -> Site:
        more = {"DEBATE_COMMAND": str(FAKE), "FAKE_CONTROL": str(self.root), "WEB_WORKERS": "2"}
        more["PATH"] = os.environ["PATH"]
        return self._running.enter_context(serving(self.root, self.recording, self.port, **more))

    def stop(self) -> None:
        self._running.close()

    def let_go(self, *, on: bool) -> None:
        """Let jobs that wait go on, or have the next ones wait."""
        (self.root / "go").touch() if on else (self.root / "go").unlink(missing_ok=True)

    def pids(self) -> list[int]:
        return [int(file.read_text().split()[0]) for file in self.root.glob("submissions/*/pid")]


@pytest.fixture(scope="module")
def newsroom(
    tmp_path_factory: pytest.TempPathFactory, database_file: Path, recording: Path
) -> Iterator[Newsroom]:
    root = tmp_path_factory.mktemp("newsroom")
    shutil.copy(database_file, root)
    newsroom = Newsroom(root, recording)
    yield newsroom
    newsroom.stop()
    newsroom.let_go(on=True)


@pytest.fixture(scope="module")
def site(newsroom: Newsroom, browser: Browser) -> Site:
    site = newsroom.start()
    site.cookies = sign_in(browser, site)
    return site


@pytest.fixture
def page(context: BrowserContext, newsroom: Newsroom) -> Page:
    newsroom.let_go(on=False)
    page = context.pages[0]
    page.goto("/submissions")
    return page


def submit(page: Page, *addresses: str) -> None:
    page.get_by_label("Address of the recording").fill("\n".join(addresses))
    page.get_by_role("button", name="Submit").click()


def job(page: Page, title: str):
    return page.locator("#jobs li", has_text=title)


def test_two_people_watch_one_job_become_a_debate(
    page: Page, context: BrowserContext, newsroom: Newsroom
) -> None:
    submit(page, f"{URL}/wait/two")
    other = context.new_page()
    other.goto("/submissions")
    for window in (page, other):
        expect(job(window, "wait/two")).to_contain_text("36 s left")
        expect(job(window, "wait/two").get_by_role("progressbar")).to_have_attribute(
            "value", "0.250"
        )
    unfolded = job(page, "wait/two").get_by_text("What it says")
    unfolded.click()
    expect(job(page, "wait/two").get_by_text("asking the server")).to_be_visible()

    newsroom.let_go(on=True)

    for window in (page, other):
        expect(window.get_by_role("link", name="x.example/wait/two")).to_have_attribute(
            "href", "/debates/1"
        )
    expect(page.get_by_role("status").last).to_contain_text("wait/two: done")


def test_a_job_is_cancelled_and_tried_again(page: Page, newsroom: Newsroom) -> None:
    submit(page, f"{URL}/wait/cancel")
    expect(job(page, "wait/cancel")).to_contain_text("25 %")
    page.get_by_role("button", name="Cancel x.example/wait/cancel").click()
    expect(job(page, "wait/cancel")).to_contain_text("Cancelled")

    newsroom.let_go(on=True)
    page.get_by_role("button", name="Try again x.example/wait/cancel").click()
    expect(page.get_by_role("link", name="x.example/wait/cancel")).to_be_visible()


def test_a_bad_address_and_a_full_disk_say_so_on_the_page(page: Page) -> None:
    submit(page, f"{URL}/bad", f"{URL}/full")

    expect(job(page, "/bad")).to_contain_text("a page without a recording")
    expect(job(page, "/full")).to_contain_text("the disk is full; make room there")


def test_a_restart_in_the_middle_of_a_queue_of_five_loses_nothing(
    page: Page, newsroom: Newsroom
) -> None:
    names = [f"wait/five-{n}" for n in range(5)]
    submit(page, *(f"{URL}/{name}" for name in names))
    expect(job(page, "five-0")).to_contain_text("25 %")
    newsroom.stop()
    newsroom.start()

    expect(job(page, "five-0")).to_contain_text("25 %")
    expect(job(page, "five-4")).to_contain_text("number 4 in the queue")
    newsroom.let_go(on=True)
    for name in names:
        expect(page.get_by_role("link", name=f"x.example/{name}")).to_be_visible(timeout=60_000)


def test_a_file_goes_on_after_a_lost_network_and_a_reload(
    page: Page, newsroom: Newsroom, recording: Path, tmp_path: Path
) -> None:
    file = tmp_path / "Council meeting.mp4"
    file.write_bytes(recording.read_bytes() + bytes(3_500_000))
    sent: list[str] = []

    def lose_the_second(route: Route) -> None:
        sent.append(route.request.headers.get("content-range", ""))
        if len(sent) == 2:
            route.abort()
        else:
            route.continue_()

    page.route(re.compile("/api/v1/uploads/"), lose_the_second)
    page.get_by_label("Or files of your own").set_input_files(file)
    expect(page.get_by_text("here; submit it below")).to_be_visible()
    assert sent[1] == sent[2]

    newsroom.let_go(on=True)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("link", name="Council meeting.mp4")).to_be_visible()
    assert not list(newsroom.root.glob("uploads/*"))


def test_a_reload_in_the_middle_of_an_upload_loses_nothing(
    page: Page, newsroom: Newsroom, recording: Path, tmp_path: Path
) -> None:
    file = tmp_path / "Long.mp4"
    file.write_bytes(recording.read_bytes() + bytes(3_500_000))
    sent: list[str] = []

    def stop_after_two(route: Route) -> None:
        sent.append(route.request.headers.get("content-range", ""))
        if len(sent) > 2:
            return  # nobody answers
        route.continue_()

    page.route(re.compile("/api/v1/uploads/"), stop_after_two)
    page.get_by_label("Or files of your own").set_input_files(file)
    expect(page.locator(".uploads")).to_contain_text("49 %")
    page.reload()  # first: what a route held goes on when it is taken away
    page.unroute_all(behavior="ignoreErrors")
    newsroom.stop()
    newsroom.start()

    again: list[str] = []
    page.on("request", lambda request: again.append(request.headers.get("content-range", "")))
    page.get_by_label("Or files of your own").set_input_files(file)
    expect(page.get_by_text("here; submit it below")).to_be_visible()
    # The part that nobody answered may have arrived with the end of the page that sent it.
    assert next(one for one in again if one).startswith(("bytes 2000000-", "bytes 3000000-"))
    page.get_by_role("button", name="Take out Long.mp4").click()
    expect(page.locator(".uploads li")).to_have_count(0)


def test_on_a_full_disk_a_file_waits_and_goes_on_where_it_was(
    page: Page, recording: Path, tmp_path: Path
) -> None:
    file = tmp_path / "Big.mp4"
    file.write_bytes(recording.read_bytes() + bytes(1_500_000))
    full = {"detail": "The server's disk is full. Make room there, then try again."}
    kind, sent = "application/problem+json", list[str]()

    def be_full(route: Route) -> None:
        sent.append(route.request.headers.get("content-range", route.request.method))
        if len(sent) in (1, 3):
            route.fulfill(status=507, content_type=kind, body=json.dumps(full))
        else:
            route.continue_()

    page.route(re.compile("/api/v1/uploads"), be_full)
    page.get_by_label("Or files of your own").set_input_files(file)
    expect(page.get_by_role("alert")).to_contain_text("disk is full")
    expect(page.get_by_role("alert")).to_contain_text("goes on by itself")

    expect(page.get_by_text("here; submit it below")).to_be_visible()
    assert sent[0] == sent[1] == "POST"
    assert sent[2] == sent[3]
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Take out Big.mp4").click()


def test_a_file_that_is_chosen_again_while_it_waits_is_there_once(
    page: Page, recording: Path, tmp_path: Path
) -> None:
    file = tmp_path / "Again.mp4"
    file.write_bytes(recording.read_bytes() + bytes(500_000))
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(re.compile("/api/v1/uploads"), hold_the_first)
    for _ in range(2):
        page.get_by_label("Or files of your own").set_input_files(file)
    expect(page.locator(".uploads li")).to_have_count(1)

    page.get_by_role("button", name="Take out Again.mp4").click()
    page.get_by_label("Or files of your own").set_input_files(file)
    expect(page.locator(".uploads li")).to_have_count(1)
    held[0].continue_()
    expect(page.get_by_text("here; submit it below")).to_be_visible()
    page.get_by_role("button", name="Take out Again.mp4").click()


def test_two_windows_send_one_file_and_both_have_it(
    page: Page, context: BrowserContext, recording: Path, tmp_path: Path
) -> None:
    file = tmp_path / "Twice.mp4"
    file.write_bytes(recording.read_bytes() + bytes(1_500_000))
    held: list[Route] = []

    def hold_the_second(route: Route) -> None:
        if held or route.request.headers["content-range"].startswith("bytes 0-"):
            route.continue_()
        else:
            held.append(route)

    page.route(re.compile("/api/v1/uploads/"), hold_the_second)
    page.get_by_label("Or files of your own").set_input_files(file)
    expect(page.locator(".uploads")).to_contain_text("MB/s")
    other = context.new_page()
    other.goto("/submissions")
    other.get_by_label("Or files of your own").set_input_files(file)
    expect(other.get_by_text("here; submit it below")).to_be_visible()

    held[0].continue_()

    expect(page.get_by_text("here; submit it below")).to_be_visible()
    page.get_by_role("button", name="Take out Twice.mp4").click()


def test_a_file_that_is_no_recording_says_so(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "Agenda.pdf"
    file.write_bytes(b"%PDF-1.7 " + bytes(100))
    page.get_by_label("Or files of your own").set_input_files(file)

    expect(page.get_by_role("alert")).to_contain_text("begins like no recording")


def test_a_file_is_dropped_anywhere_on_the_page(page: Page, newsroom: Newsroom) -> None:
    dropped = page.evaluate_handle(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["ID3 and some sound"], "Radio.mp3"));
            return data;
        }"""
    )
    page.dispatch_event("h1", "drop", {"dataTransfer": dropped})
    expect(page.locator(".uploads")).to_contain_text("here; submit it below")

    newsroom.let_go(on=True)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("link", name="Radio.mp3")).to_be_visible()


def test_without_scripts_an_address_is_submitted(browser: Browser, site: Site) -> None:
    plain = browser.new_context(
        base_url=site.address, java_script_enabled=False, storage_state=site.cookies
    )
    tab = plain.new_page()
    tab.goto("/submissions")
    submit(tab, f"{URL}/plain")

    expect(tab.get_by_text("One recording is in the queue.")).to_be_visible()
    expect(tab.locator("#jobs")).to_contain_text("x.example/plain")
    plain.close()


def test_axe_finds_nothing_and_it_fits(page: Page, newsroom: Newsroom) -> None:
    newsroom.let_go(on=False)
    submit(page, f"{URL}/bad/x", f"{URL}/wait/{'long' * 30}/x", f"{URL}/z/x")
    expect(job(page, "long/x")).to_contain_text("25 %")
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")

    check_looks(page)
    newsroom.let_go(on=True)
    expect(job(page, "z/x")).to_contain_text("Done")
