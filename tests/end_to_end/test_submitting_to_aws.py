"""Addresses pasted into the page of a site on AWS, which `debate` hands to Batch and follows."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from serving.browsing import free_port, make_the_first_account, open_page
from serving.stack import Account, open_account, serve_site

MINUTE = 60_000


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with open_page() as page:
        yield page


@pytest.fixture(scope="module")
def account(page: Page, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The stack; its site is open on the page, and somebody signed in."""
    folder, port = tmp_path_factory.mktemp("aws"), free_port()
    with (
        open_account(folder / "account", port) as account,
        serve_site(account, folder / "site.sqlite3", port) as server,
    ):
        make_the_first_account(page, server)
        yield account
        page.goto("about:blank")  # whose console has no complaints of a site that is away


def submit(page: Page, name: str) -> Locator:
    """Its job on the page, handed in to Batch."""
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Submit").click()
    page.get_by_label("Address of the recording").fill(f"https://example.org/{name}")
    page.get_by_role("button", name="Submit").click()
    job = page.locator("#jobs li", has_text=name)
    expect(job).to_contain_text("Download, 1 of 3", timeout=MINUTE)
    return job


def test_an_address_becomes_a_debate(page: Page, account: Account) -> None:
    job = submit(page, "debate.mp4")
    account("work")

    expect(job).to_contain_text("Done", timeout=MINUTE)
    expect(job).to_contain_text("less than a cent")
    job.get_by_role("link").click()
    expect(page.locator(".segment .text").first).to_be_visible()


def test_what_fails_there_is_said_here_and_tried_again(page: Page, account: Account) -> None:
    account("order", "download", "fail 65 The recording is private.")
    job = submit(page, "private.mp4")
    account("work")

    expect(job).to_contain_text("Failed", timeout=MINUTE)
    expect(job.locator(".problem")).to_have_text("The recording is private.")
    job.get_by_role("button", name="Try again").click()
    expect(job).to_contain_text("Download, 1 of 3", timeout=MINUTE)
    account("work")
    expect(job).to_contain_text("Done", timeout=MINUTE)


def test_a_job_that_is_cancelled_here_ends_there(page: Page, account: Account) -> None:
    job = submit(page, "unwanted.mp4")
    job.get_by_role("button", name="Cancel").click()

    expect(job).to_contain_text("Cancelled", timeout=MINUTE)
    assert set(account("work")["answers"]) == {200}  # what Batch says of it is taken,
    page.get_by_role("link", name="Debate Analyzer").click()  # and is no failure
    expect(page.get_by_role("heading", name="Debates")).to_be_visible()
    expect(page.get_by_text("failed lately")).to_have_count(0)
