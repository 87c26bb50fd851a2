"""Correcting a transcript in Chromium: text, speaker, review, undo, conflicts, keys."""

import re

from browsers import NARROW
from editors import correct, edit, row, segment, status, violations, words
from pages import until
from playwright.sync_api import BrowserContext, Locator, Page, Request, Route, expect


def test_a_text_is_corrected_by_keys_alone_and_stays(page: Page) -> None:
    assert words(page, "Speaker 00") == "36"
    page.get_by_text("Table and definitions").click()
    page.get_by_role("button", name="Play from 0:01").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("e")
    expect(segment(page, 2).get_by_label("Text")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Short <b>now</b>.")
    page.keyboard.press("Control+Enter")

    expect(status(page)).to_have_text(re.compile(r"Saved \d\d:\d\d"))
    expect(segment(page, 2).locator(".text")).to_have_text("Short <b>now</b>.")
    expect(segment(page, 2).locator(".time")).to_be_focused()
    expect(row(page, "Speaker 00").locator("td").nth(2)).to_have_text("34")
    expect(row(page, "Speaker 00")).to_be_visible()
    page.reload()
    expect(segment(page, 2).locator(".text")).to_have_text("Short <b>now</b>.")


def test_escape_leaves_the_text_as_it_was(page: Page) -> None:
    form = edit(page, 2)
    form.get_by_label("Text").fill("Something else")
    page.keyboard.press("Escape")

    expect(form).to_have_count(0)
    expect(segment(page, 2).locator(".text")).to_have_text("Segment number 2 of a debate.")
    expect(status(page)).to_have_text("")


def test_one_segment_at_a_time_and_the_open_one_is_saved_first(page: Page) -> None:
    edit(page, 1).get_by_label("Text").fill("First.")
    edit(page, 2)

    expect(page.get_by_role("form", name=re.compile("Segment at"))).to_have_count(1)
    expect(segment(page, 1).locator(".text")).to_have_text("First.")
    expect(segment(page, 2).get_by_label("Text")).to_be_focused()


def test_one_segment_goes_to_someone_new_and_back_to_its_label(page: Page) -> None:
    form = edit(page, 1)
    form.get_by_label("Speaker", exact=True).select_option("Someone else …")
    form.get_by_label("Name of the speaker").fill("Eva Malá")
    form.get_by_role("button", name="Save").click()

    names = page.locator(".segment .speaker .name")
    expect(names).to_have_text(
        ["Speaker 00", "Eva Malá", "Speaker 00", "Speaker 01", "Speaker 00", "Speaker 01"]
    )
    expect(page.locator(".lane svg[aria-label^='When Eva Malá speaks: 1 ']")).to_have_count(1)
    track = page.evaluate("fetch(document.querySelector('track').src).then((r) => r.text())")
    assert "<v Eva Malá>Segment number 1" in track

    form = edit(page, 1)
    expect(form.get_by_label("Speaker", exact=True)).to_have_value("eva-mala")
    form.get_by_label("Speaker", exact=True).select_option("By label: SPEAKER_00")
    form.get_by_role("button", name="Save").click()
    expect(names).to_have_count(4)


def test_reviewed_segments_are_counted(page: Page) -> None:
    button = segment(page, 0).get_by_role("button", name="Reviewed")
    for number in range(3):
        segment(page, number).locator(".time").focus()
        page.keyboard.press("r")

    expect(page.locator("#reviewed")).to_have_text("25 % reviewed by an editor")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(page.locator("#reviewed")).to_have_text("17 % reviewed by an editor")
    expect(button).to_be_focused()


def test_undo_takes_back_the_last_edit_even_after_a_reload(page: Page) -> None:
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_disabled()
    for number in (3, 4):
        correct(page, number, f"Changed {number}.")
    page.reload()

    undo.click()
    expect(segment(page, 4).locator(".text")).to_have_text("Segment number 4 of a debate.")
    expect(segment(page, 4).locator(".time")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(segment(page, 3).locator(".text")).to_have_text("Segment number 3 of a debate.")
    expect(undo).to_be_disabled()


def test_redo_does_again_what_undo_took_back_by_keys_and_by_button(page: Page) -> None:
    redo = page.get_by_role("button", name="Redo")
    expect(redo).to_be_disabled()
    for number in (3, 4):
        correct(page, number, f"Changed {number}.")
    for number in (4, 3):
        page.keyboard.press("Control+z")
        expect(segment(page, number).locator(".text")).to_contain_text("of a debate")
    page.reload()

    redo.click()
    expect(segment(page, 3).locator(".text")).to_have_text("Changed 3.")
    expect(segment(page, 3).locator(".time")).to_be_focused()
    page.keyboard.press("Control+Shift+Z")
    expect(segment(page, 4).locator(".text")).to_have_text("Changed 4.")
    expect(redo).to_be_disabled()


def conflict(page: Page, context: BrowserContext) -> Locator:
    """A text of one's own after someone else saved another; the form with both."""
    other = context.new_page()
    other.goto(page.url)
    form = edit(page, 5)
    form.get_by_label("Text").fill("Mine.")
    edit(other, 5).get_by_label("Text").fill("Theirs.")
    other.keyboard.press("Control+Enter")
    expect(status(other)).to_contain_text("Saved")
    form.get_by_role("button", name="Save").click()
    expect(form.locator("blockquote")).to_have_text("Theirs.")
    expect(form.get_by_label("Text")).to_have_value("Mine.")
    expect(status(page)).to_contain_text("Could not save: editor changed this segment at")
    return form


def test_whoever_is_second_sees_both_texts_and_may_keep_theirs(page, context) -> None:
    conflict(page, context).get_by_role("button", name="Keep mine").click()

    expect(segment(page, 5).locator(".text")).to_have_text("Mine.")
    page.reload()
    expect(segment(page, 5).locator(".text")).to_have_text("Mine.")


def test_or_takes_what_the_other_wrote(page, context) -> None:
    conflict(page, context).get_by_role("button", name="Use theirs").click()

    expect(segment(page, 5).locator(".text")).to_have_text("Theirs.")
    edit(page, 5).get_by_label("Text").fill("Third.")
    page.keyboard.press("Control+Enter")
    expect(segment(page, 5).locator(".text")).to_have_text("Third.")


def test_a_lost_answer_is_asked_for_again_and_the_edit_is_made_once(page: Page) -> None:
    sent: list[Request] = []

    def lose_the_first(route: Route) -> None:
        sent.append(route.request)
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/commands", lose_the_first)
    edit(page, 1).get_by_label("Text").fill("Once.")
    page.keyboard.press("Control+Enter")

    expect(status(page)).to_contain_text("Saved")
    assert sent[0].post_data == sent[1].post_data
    page.get_by_role("button", name="Undo").click()
    expect(segment(page, 1).locator(".text")).to_have_text("Segment number 1 of a debate.")


def test_a_text_that_cannot_be_saved_is_not_lost(page: Page) -> None:
    form = edit(page, 1)
    form.get_by_label("Text").fill("x")
    page.evaluate("document.querySelector('.segment form textarea').removeAttribute('maxlength')")
    page.evaluate("document.querySelector('.segment form textarea').value = 'x'.repeat(20001)")
    form.get_by_role("button", name="Save").click()

    expect(status(page)).to_have_text("Could not save: A segment has at most 20000 characters.")
    expect(form.get_by_label("Text")).to_have_value("x" * 20001)
    form.get_by_role("button", name="Cancel").click()


def test_the_recording_obeys_keys_while_typing(page: Page) -> None:
    page.evaluate("document.querySelector('#player').muted = true")
    edit(page, 6)
    page.keyboard.press("Alt+l")
    until(page, "document.querySelector('#player').currentTime >= 3")
    page.keyboard.press("Alt+Minus")
    assert page.evaluate("document.querySelector('#player').playbackRate") == 0.75
    page.keyboard.press("Alt+k")
    until(page, "!document.querySelector('#player').paused")
    page.keyboard.press("Alt+k")
    until(page, "document.querySelector('#player').paused")
    page.keyboard.type("ejk")

    expect(segment(page, 6).get_by_label("Text")).to_have_value(re.compile("ejk"))


def test_letters_outside_the_list_do_nothing(page: Page) -> None:
    page.get_by_role("button", name="Copy link").focus()
    page.keyboard.press("e")

    expect(page.locator(".segment form")).to_have_count(0)


def test_axe_finds_nothing_while_editing_and_it_fits_a_narrow_window(page, context) -> None:
    page.set_viewport_size(NARROW)
    conflict(page, context)

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_readers_have_nothing_to_edit_with(page: Page, context: BrowserContext) -> None:
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("button", name="Unpublish")).to_be_visible()
    context.clear_cookies()
    page.reload()

    expect(segment(page, 0).locator(".text")).to_be_visible()
    for part in (".marks", ".edit-bar", "#segment-editor", ".keys"):
        expect(page.locator(part)).to_have_count(0)
