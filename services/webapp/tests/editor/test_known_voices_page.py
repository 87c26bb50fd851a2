"""Voices named in other debates, as an editor meets them."""

import numpy as np
from editors import name, violations
from playwright.sync_api import Page, Route, expect
from servers import Site

VOICES = dict(zip(("SPEAKER_00", "SPEAKER_01"), np.eye(2, 8), strict=True))


def open_debate(page: Page, site: Site) -> None:
    """A new debate with the two voices, when whom they sound like has been asked."""
    with page.expect_response(lambda reply: reply.url.endswith("/known-voices") and reply.ok):
        page.goto(site.new_debate(voices=VOICES))


def test_whom_a_voice_sounds_like_stands_beside_it_and_is_saved_by_hand(
    page: Page, site: Site
) -> None:
    open_debate(page, site)
    name(page, "SPEAKER_00", "Jana Klímová")
    open_debate(page, site)

    row = page.locator("form[data-label=SPEAKER_00]")
    proposal = row.locator(".known")
    expect(proposal).to_contain_text("Sounds like Jana Klímová, named in 1 other debate")
    expect(row.get_by_role("combobox")).to_have_value("")  # nothing is taken unasked
    expect(page.locator("form[data-label=SPEAKER_01] .known")).to_have_count(0)
    assert violations(page) == []

    hear = proposal.get_by_role("button", name="Play Jana Klímová in")
    hear.click()
    expect(hear).to_have_attribute("aria-pressed", "true")
    hear.click()
    expect(hear).to_have_attribute("aria-pressed", "false")

    proposal.get_by_role("button", name="Use this name").press("Enter")
    expect(row.get_by_role("combobox")).to_have_value("Jana Klímová")
    expect(row.locator(".outcome")).to_have_text("Not saved yet")
    expect(proposal).to_be_hidden()
    expect(row.get_by_role("button", name="Save")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row.locator(".outcome")).to_have_text("Saved: Jana Klímová")


def test_a_busy_site_is_asked_again(page: Page, site: Site) -> None:
    asked: list[str] = []

    def be_busy(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503) if len(asked) == 1 else route.continue_()

    page.route("**/known-voices", be_busy)
    open_debate(page, site)
    assert len(asked) == 2
