"""Splitting and merging in Chromium: by keys, by buttons, against others."""

import re

from browsers import NARROW
from editors import edit, segment, status, texts, violations
from pages import until
from playwright.sync_api import BrowserContext, Page, expect


def seek(page: Page, seconds: float) -> None:
    page.evaluate(f"document.querySelector('#player').currentTime = {seconds}")
    until(page, f"Math.abs(document.querySelector('#player').currentTime - {seconds}) < 0.1")


def test_a_segment_is_split_where_the_recording_is(page: Page) -> None:
    seek(page, 4.55)
    segment(page, 4).locator(".time").focus()
    page.keyboard.press("s")

    expect(page.locator(".segment")).to_have_count(13)
    assert texts(page, 4, 6) == ["Segment number 4", "of a debate."]
    expect(segment(page, 5).locator(".time")).to_be_focused()
    expect(segment(page, 5).locator(".speaker")).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(segment(page, 4).locator(".time")).to_be_focused()
    page.reload()
    assert texts(page, 4, 6) == ["Segment number 4", "of a debate."]


def test_the_mark_finds_the_new_half(page: Page) -> None:
    seek(page, 4.55)
    segment(page, 4).locator(".time").focus()
    page.keyboard.press("s")
    expect(page.locator(".segment")).to_have_count(13)

    seek(page, 4.8)
    expect(segment(page, 5)).to_have_attribute("aria-current", "true")
    expect(page.locator(".segment[aria-current]")).to_have_count(1)


def test_elsewhere_than_in_the_segment_nothing_is_split(page: Page) -> None:
    segment(page, 4).locator(".time").focus()
    page.keyboard.press("s")

    expect(status(page)).to_contain_text("The recording is not in this segment")
    expect(page.locator(".segment")).to_have_count(12)


def test_a_segment_is_split_at_the_caret_with_what_was_typed(page: Page) -> None:
    edit(page, 2).get_by_label("Text").fill("One two. Three four.")
    page.keyboard.press("Home")
    for _ in "One two. ":
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Shift+Enter")

    expect(page.locator(".segment")).to_have_count(13)
    assert texts(page, 2, 4) == ["One two.", "Three four."]
    expect(segment(page, 3).locator(".time")).to_be_focused()
    expect(page.locator(".segment form")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".segment")).to_have_count(12)
    expect(segment(page, 2).locator(".text")).to_have_text("Segment number 2 of a debate.")


def test_neighbours_of_one_speaker_are_merged_without_a_question(page: Page) -> None:
    segment(page, 1).locator(".time").focus()
    page.keyboard.press("m")

    both = "Segment number 1 of a debate. Segment number 2 of a debate."
    expect(segment(page, 1).locator(".text")).to_have_text(both)
    expect(page.locator(".segment")).to_have_count(11)
    expect(segment(page, 1).locator(".time")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator(".segment")).to_have_count(12)
    assert texts(page, 1, 4) == [f"Segment number {n} of a debate." for n in (1, 2, 3)]


def test_of_two_speakers_the_first_has_it_all_once_that_is_confirmed(page: Page) -> None:
    asked: list[str] = []

    def refuse_once(dialog) -> None:
        asked.append(dialog.message)
        dialog.accept() if len(asked) == 2 else dialog.dismiss()

    page.on("dialog", refuse_once)
    segment(page, 3).locator(".time").focus()
    page.keyboard.press("Shift+M")
    assert "said by Speaker 00, nothing by Speaker 01" in asked[0]
    expect(page.locator(".segment")).to_have_count(12)
    page.keyboard.press("Shift+M")

    expect(page.locator(".segment")).to_have_count(11)
    expect(segment(page, 2).locator(".text")).to_contain_text("Segment number 3")
    expect(segment(page, 3).locator(".speaker .name")).to_have_text("Speaker 01")


def test_buttons_of_the_form_do_the_same(page: Page) -> None:
    form = edit(page, 0)
    form.get_by_label("Text").evaluate("(text) => text.setSelectionRange(8, 8)")
    form.get_by_role("button", name="Split at the caret").click()
    expect(page.locator(".segment")).to_have_count(13)
    assert texts(page, 0, 2) == ["Segment", "number 0 of a debate."]

    edit(page, 0).get_by_label("Text").fill("Segments")
    segment(page, 0).get_by_role("button", name="Merge with the next").click()
    expect(page.locator(".segment")).to_have_count(12)
    assert texts(page, 0, 1) == ["Segments number 0 of a debate."]


def test_a_half_without_words_is_refused_and_the_text_is_kept(page: Page) -> None:
    form = edit(page, 0)
    form.get_by_label("Text").fill("All of it")
    page.keyboard.press("Control+Shift+Enter")

    expect(status(page)).to_contain_text("Both halves of a split segment need words")
    expect(form.get_by_label("Text")).to_have_value("All of it")
    form.get_by_role("button", name="Cancel").click()


def test_an_editor_of_what_was_merged_away_is_told(page: Page, context: BrowserContext) -> None:
    other = context.new_page()
    other.goto(page.url)
    form = edit(page, 2)
    form.get_by_label("Text").fill("Mine.")
    segment(other, 1).locator(".time").focus()
    other.keyboard.press("m")
    expect(other.locator(".segment")).to_have_count(11)
    form.get_by_role("button", name="Save").click()

    expect(form.locator(".who")).to_have_text(re.compile("editor merged this segment into another"))
    expect(form.get_by_label("Text")).to_have_value("Mine.")
    assert violations(page) == []
    form.get_by_role("button", name="Use theirs").click()
    expect(page.locator(".segment", has_text="Mine.")).to_have_count(0)


def test_the_form_with_all_its_buttons_fits_a_narrow_window(page: Page) -> None:
    page.set_viewport_size(NARROW)
    edit(page, 2)

    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
