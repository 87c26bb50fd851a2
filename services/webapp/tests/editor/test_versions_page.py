"""A new transcription in the browser: the notice on open pages, and deciding what it takes over."""

from typing import Any

from editors import check_looks, edit, look, name, segment, status, time
from playwright.sync_api import Browser, Page, expect
from servers import Site
from stores import SEGMENTS

LOUDER = [segment | {"text": f"{segment['text'][:-1]}!"} for segment in SEGMENTS]


def transcribe_again(page: Page, site: Site, segments: list[dict[str, Any]] = LOUDER) -> str:
    """What FORCE=1 make submit does behind an open page; the path of the new version."""
    return site.new_debate(segments, title=page.locator("h1").inner_text())


def correct(page: Page, number: int, text: str) -> None:
    edit(page, number).get_by_label("Text").fill(text)
    page.keyboard.press("Control+Enter")
    expect(status(page)).to_contain_text("Saved")


def test_an_open_page_says_that_its_version_was_replaced_and_keeps_what_was_typed(
    page: Page, site: Site
) -> None:
    """LOST 5 (c)."""
    typed = edit(page, 2).get_by_label("Text")
    typed.fill("What I typed.")
    newer = transcribe_again(page, site)
    notice = page.locator("#superseded")
    expect(notice).to_be_hidden()

    page.keyboard.press("Control+Enter")

    expect(status(page)).to_contain_text("This version was replaced by version 2")
    expect(notice).to_contain_text("This version was replaced by version 2.")
    expect(typed).to_have_value("What I typed.")
    page.once("dialog", lambda dialog: dialog.accept())
    notice.get_by_role("link").click()
    page.wait_for_url(f"**{newer}")


def test_a_page_that_only_looks_learns_it_too_and_when_it_counts_again(
    page: Page, site: Site
) -> None:
    older = page.url
    newer = transcribe_again(page, site)
    look(page)
    expect(page.locator("#superseded")).to_be_visible()

    other = page.context.new_page()
    other.goto(older)
    expect(other.get_by_text("This version was replaced by version 2")).to_be_visible()
    expect(other.locator(".edit-bar")).to_have_count(0)
    other.get_by_role("button", name="Return to version 1").click()
    expect(other.get_by_text("Version 1 counts.")).to_be_visible()
    look(page)
    expect(page.locator("#superseded")).to_be_hidden()
    other.goto(newer)
    expect(other.get_by_role("button", name="Take it as it is")).to_be_visible()


def test_an_editor_looks_at_each_leaves_one_out_and_goes_on_editing(page: Page, site: Site) -> None:
    correct(page, 2, "Segment number two of a debate.")
    correct(page, 5, "Segment number five of a debate.")
    time(page, 7).focus()
    page.keyboard.press("r")
    expect(page.locator("#reviewed")).to_contain_text("8 %")
    page.goto(transcribe_again(page, site))
    expect(page.get_by_text("2 of 2 corrections and 1 of 1 reviewed segment fit")).to_be_visible()

    page.get_by_role("link", name="Look at each").click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first.locator("del")).to_have_text("2")
    expect(rows.first.locator("ins")).to_have_text("two")
    rows.first.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Carry over what is ticked").click()

    expect(page.get_by_text("Carried over. Version 2 counts.")).to_be_visible()
    expect(segment(page, 2).locator(".text")).to_have_text("Segment number 2 of a debate!")
    expect(segment(page, 5).locator(".text")).to_have_text("Segment number five of a debate!")
    expect(segment(page, 7).locator(".review")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Undo").click()
    expect(segment(page, 7).locator(".review")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Undo").click()
    expect(segment(page, 5).locator(".text")).to_have_text("Segment number 5 of a debate!")


def test_each_box_of_a_name_is_called_by_its_voice(page: Page, site: Site) -> None:
    name(page, "SPEAKER_00", "Ana")
    name(page, "SPEAKER_01", "Petr")
    page.goto(f"{transcribe_again(page, site)}/carrying")

    for voice in ("SPEAKER_00", "SPEAKER_01"):
        box = page.get_by_role("checkbox", name=f"Carry over the name of {voice}", exact=True)
        expect(box).to_be_checked()


def test_deciding_works_without_scripts_and_axe_finds_nothing(
    browser: Browser, site: Site, page: Page
) -> None:
    correct(page, 2, "Segment number two of a debate.")
    correct(page, 3, "Something else.")
    strange = [{**one, "text": "Other words here"} if one["id"] == 3 else one for one in LOUDER]
    newer = transcribe_again(page, site, strange)
    for path in (page.url, newer, f"{newer}/carrying", "/"):
        page.goto(path)
        check_looks(page)

    plain = browser.new_context(
        base_url=site.address, java_script_enabled=False, storage_state=site.cookies
    )
    tab = plain.new_page()
    tab.goto(newer)
    tab.get_by_role("button", name="Accept all").click()
    expect(tab.get_by_text("Carried over. Version 2 counts.")).to_be_visible()
    expect(tab.get_by_text("Segment number two of a debate!")).to_be_visible()
    tab.get_by_role("link", name="version 1").click()
    expect(tab.get_by_text("This version was replaced by version 2")).to_be_visible()
    plain.close()
