"""What a page saves by itself, in whose name, and what it says while that cannot be."""

import re

import pytest
from browsers import sign_in
from editors import caret, edit, rows, status, type_while_saving
from playwright.sync_api import Browser, Page, expect
from servers import Site


@pytest.fixture
def second_session(browser: Browser, site: Site) -> list[dict[str, str]]:
    """The cookies of another editor."""
    site.add_editor("petr")
    cookies: list[dict[str, str]] = sign_in(browser, site, "petr")["cookies"]
    return cookies


def test_half_of_a_new_name_is_not_saved_when_the_hands_rest(page: Page) -> None:
    held, form = type_while_saving(page, "First", " and more")
    form.get_by_label("Speaker", exact=True).select_option("+")
    page.keyboard.type("Ja")
    held.let_go()
    expect(status(page)).to_contain_text("Saved up to here")
    held.let_go()
    expect(status(page)).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))

    page.keyboard.type("n Half-Known")
    page.wait_for_timeout(1500)
    assert held.routes == []
    page.keyboard.press("Enter")
    held.let_go()
    expect(form).to_have_count(0)
    people = [one["name"] for one in page.request.get("/api/v1/people").json()["people"]]
    assert "Jan Half-Known" in people
    assert "Ja" not in people
    assert (rows(page)[1]["text"], rows(page)[1]["name"]) == ("First and more", "Jan Half-Known")


def test_a_split_that_comes_while_saving_is_refused_aloud(page: Page) -> None:
    held, form = type_while_saving(page, "First second", " third")
    caret(form, len("First "))
    form.get_by_role("button", name="Split at the caret").click()

    expect(status(page)).to_contain_text("The step before is still being saved.")
    held.let_go()


def test_an_edit_is_never_saved_in_the_name_of_whoever_signed_in_since(
    page: Page, site: Site, second_session: list[dict[str, str]]
) -> None:
    form = edit(page, 1)
    form.get_by_label("Text").fill("Typed by the first.")
    page.context.clear_cookies()
    page.context.add_cookies(second_session)
    page.keyboard.press("Control+Enter")

    expect(status(page)).to_contain_text("petr is signed in here now. Sign in again as editor")
    expect(form.get_by_label("Text")).to_have_value("Typed by the first.")
    assert site.edits(page.url) == []

    page.context.clear_cookies()
    page.context.add_cookies(site.cookies["cookies"])
    page.keyboard.press("Control+Enter")
    expect(form).to_have_count(0)
    assert [edit.user_id for edit in site.edits(page.url)] == [1]


def test_a_disk_that_is_full_is_called_that_while_the_page_tries_again(page: Page) -> None:
    full = {"status": 507, "content_type": "application/problem+json", "body": '{"detail": "-"}'}
    page.route("**/commands", lambda route: route.fulfill(**full))
    edit(page, 1).get_by_label("Text").fill("First.")
    page.keyboard.press("Control+Enter")

    expect(status(page)).to_contain_text("the server's disk is full. Trying again.")
