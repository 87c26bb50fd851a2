"""A page that comes out of Chromium's own store works as it did at first."""

import shutil
from contextlib import closing

from browsers import sign_in
from playwright.sync_api import Browser, Page, expect
from servers import Site

RECEIVED = "performance.getEntriesByType('navigation')[0].transferSize"
SHOWN = "performance.getEntriesByType('navigation')[0].decodedBodySize"


def test_a_page_that_is_kept_runs_its_scripts_and_saves_edits(page: Page) -> None:
    page.reload()
    assert page.evaluate(RECEIVED) < 1000 < page.evaluate(SHOWN)  # a 304: headers only
    expect(page.locator("html")).to_have_class("scripted")

    segment = page.locator(".segment").first
    segment.get_by_role("button", name="Edit").click()
    page.get_by_label("Text", exact=True).fill("What was kept is corrected.")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator("#saving")).to_contain_text("Saved")

    page.reload()
    assert page.evaluate(RECEIVED) > 1000
    expect(page.locator(".segment").first).to_contain_text("What was kept is corrected.")

    page.reload()
    assert page.evaluate(RECEIVED) < 1000
    expect(page.locator(".segment").first).to_contain_text("What was kept is corrected.")


def test_files_are_not_even_asked_for_again(page: Page) -> None:
    page.goto(page.url.split("#")[0])

    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.name.includes('/static/'))"
        ".map((one) => one.transferSize)"
    )
    assert len(sizes) > 5
    assert set(sizes) == {0}


def test_what_was_told_once_is_not_told_by_the_kept_page(page: Page) -> None:
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published: everyone can see it.")).to_be_visible()

    page.reload()
    expect(page.get_by_text("Published: everyone can see it.")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Published: everyone can see it.")).to_have_count(0)
    page.get_by_role("button", name="Unpublish").click()
    expect(page.get_by_text("Only people with accounts see it now.")).to_be_visible()


def test_the_back_key_shows_no_page_of_whoever_signed_out(browser: Browser, site: Site) -> None:
    # Playwright's Chromium keeps no pages for its Back key, those of people do.
    path, unwanted = shutil.which("chromium"), ["--disable-back-forward-cache"]
    usual = browser.browser_type.launch(
        executable_path=path, args=["--no-sandbox"], ignore_default_args=unwanted
    )
    with closing(usual):
        page = usual.new_page(base_url=site.address, storage_state=sign_in(usual, site))
        page.goto(site.new_debate())
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_text("You are signed out.")).to_be_visible()

        page.evaluate("history.back()")

        expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
        expect(page.get_by_text("Segment number")).to_have_count(0)
