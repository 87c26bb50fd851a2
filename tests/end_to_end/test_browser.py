"""An editor opens the debate in Chromium and names a voice."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from artefacts import read_json
from checkout import CHECKOUT
from jobs import Submission
from playwright.sync_api import Page, expect
from running import environment
from serving.browsing import Server, make_the_first_account, make_web, open_page


@dataclass(frozen=True)
class Site:
    """The site, and where its database is."""

    server: Server
    database: str


@pytest.fixture(scope="module")
def site(submission: Submission, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site on the store of the submission, but with a new database: nothing is registered."""
    database = f"sqlite:///{tmp_path_factory.mktemp('site') / 'site.sqlite3'}"
    with make_web(submission.store, f"DATABASE_URL={database}") as server:
        yield Site(server, database)


@pytest.fixture
def page() -> Iterator[Page]:
    with open_page() as page:
        yield page


def player(page: Page, what: str) -> Any:
    """A property of the video element."""
    return page.locator("video").evaluate(f"video => video.{what}")


def until(page: Page, condition: Callable[[], bool], seconds: float = 15) -> None:
    """Ask from outside: the page's content security policy forbids a script that asks inside."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"not so within {seconds} s"
        page.wait_for_timeout(50)


def has_its_frame(page: Page) -> bool:
    """Whether the player shows the moment that it was asked for."""
    return player(page, "readyState") >= 2 and not player(page, "seeking")


def ask_dataset(submission: Submission, site: Site, folder: Path, sql: str) -> str:
    """What the dataset of the store says, made by the two commands of the README."""
    given = [f"ROOT={submission.store}", f"DATASET={folder}", f"DATABASE_URL={site.database}"]
    for target in (["dataset"], ["query", f"SQL={sql}"]):
        done = subprocess.run(
            ["make", "--silent", *target, *given],
            cwd=CHECKOUT,
            env=environment({}),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_editor_registers_plays_and_names(
    page: Page, site: Site, submission: Submission, tmp_path: Path
) -> None:
    transcript = submission.job.the("transcripts/*_transcription.json")
    as_it_was = transcript.read_bytes()
    title = read_json(submission.job.folder / "media.json")["source"]["title"]
    segments = read_json(transcript)["transcription"]

    make_the_first_account(page, site.server)
    page.get_by_role("button", name=re.compile("^Register .*buses")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_text("Draft", exact=False).first).to_be_visible()
    expect(page.locator(".segment")).to_have_count(len(segments))

    # Seek: the third segment's time, the player stands there, the segment is marked.
    until(page, lambda: has_its_frame(page))
    page.locator(".segment button.time").nth(2).click()
    until(page, lambda: has_its_frame(page))
    assert player(page, "currentTime") == pytest.approx(segments[2]["start"], abs=0.1)
    expect(page.locator(".segment").nth(2)).to_have_attribute("aria-current", "true")

    # Play: time passes.
    player(page, "play()")
    until(page, lambda: player(page, "currentTime") > segments[2]["start"] + 1)
    player(page, "pause()")

    # Name: saved, there after a reload, in the panel, the figures and the transcript.
    form = page.locator("form[data-label=SPEAKER_00]")
    form.get_by_role("combobox").fill("Sarah Miller")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("status")).to_contain_text("Saved")
    page.reload()
    expect(form.get_by_role("combobox")).to_have_value("Sarah Miller")
    expect(page.locator(".figures")).to_contain_text("Sarah Miller")
    expect(page.locator(".segment .speaker").first).to_contain_text("Sarah Miller")

    # Review a segment: the dataset of all debates knows both.
    page.locator(".segment .review").first.click()
    expect(page.locator(".segment .review").first).to_have_attribute("aria-pressed", "true")
    sql = "SELECT person, reviewed_share FROM speakers JOIN debates USING (debate_id)"
    answer = ask_dataset(submission, site, tmp_path, sql)
    assert "Sarah Miller" in answer
    assert f"{1 / len(segments):.6f}"[:6] in answer

    # The machine's account of the debate is never written to.
    assert transcript.read_bytes() == as_it_was
