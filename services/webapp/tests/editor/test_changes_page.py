"""Open pages follow edits: others' appear by themselves, one's own cost little."""

import re

from editors import correct, edit, look, name, names, other_window, row, segment, status, time
from pages import until
from playwright.sync_api import BrowserContext, Page, expect


def test_edits_made_elsewhere_appear_when_one_looks(page: Page, context: BrowserContext) -> None:
    other = other_window(page, context)
    edit(other, 1).get_by_label("Text").fill("Two words.")
    other.keyboard.press("Control+Enter")
    expect(status(other)).to_contain_text("Saved")
    time(other, 4).focus()
    other.keyboard.press("m")
    expect(other.locator(".segment")).to_have_count(11)
    time(other, 6).focus()
    other.keyboard.press("2")
    expect(segment(other, 6).locator(".speaker .name")).to_have_text("Speaker 01")

    look(page)

    expect(page.locator(".segment")).to_have_count(11)
    expect(segment(page, 1).locator(".text")).to_have_text("Two words.")
    expect(names(page)).to_have_text(names(other).all_inner_texts())
    expect(row(page, "Speaker 00").locator("td").nth(2)).to_have_text("26")


def test_a_page_looks_every_ten_seconds(page: Page, context: BrowserContext) -> None:
    other = other_window(page, context)
    watching = context.new_page()
    watching.clock.install()
    watching.goto(page.url)
    time(other, 2).focus()
    other.keyboard.press("r")
    expect(page.locator("#reviewed")).to_contain_text("0 %")
    expect(other.locator("#reviewed")).to_contain_text("8 %")

    with watching.expect_response(re.compile(r"/changes\?since=0")):
        watching.clock.fast_forward(10_000)
    expect(watching.locator("#reviewed")).to_contain_text("8 %")
    with watching.expect_response(re.compile(r"/changes\?since=1")) as nothing:
        watching.clock.fast_forward(10_000)
    assert nothing.value.status == 304


def test_what_is_being_edited_is_left_alone_and_catches_up_afterwards(page, context) -> None:
    other = other_window(page, context)
    form = edit(page, 1)
    form.get_by_label("Text").fill("Mine.")
    edit(other, 1).get_by_label("Text").fill("Theirs.")
    other.keyboard.press("Control+Enter")
    time(other, 2).focus()
    other.keyboard.press("r")
    expect(other.locator("#reviewed")).to_contain_text("8 %")

    look(page)
    expect(page.locator("#reviewed")).to_contain_text("8 %")
    expect(form.get_by_label("Text")).to_have_value("Mine.")
    form.get_by_role("button", name="Cancel").click()
    expect(segment(page, 1).locator(".text")).to_have_text("Theirs.")


def test_a_name_that_another_editor_gave_a_label_appears(page, context) -> None:
    name(other_window(page, context), "SPEAKER_00", "Ana")

    look(page)
    expect(names(page)).to_have_text(["Ana", "Speaker 01", "Ana", "Speaker 01"])
    expect(page.get_by_label("Speakers and their keys")).to_contain_text("1 Ana")


def test_a_name_given_after_a_conflict_is_shown_when_the_others_text_is_taken(
    page: Page, context: BrowserContext
) -> None:
    """The answer that was a conflict has the row with the name of then."""
    other = other_window(page, context)
    form = edit(page, 1)
    form.get_by_label("Text").fill("Mine.")
    correct(other, 1, "Theirs.")
    form.get_by_role("button", name="Save").click()
    expect(form.locator(".conflict")).to_be_visible()
    name(other, "SPEAKER_00", "Ana")
    look(page)
    expect(names(page).first).to_have_text("Ana")

    form.get_by_role("button", name="Use theirs").click()
    expect(segment(page, 1).locator(".text")).to_have_text("Theirs.")
    expect(names(page)).to_have_text(["Ana", "Speaker 01", "Ana", "Speaker 01"])


def test_text_and_speaker_changed_at_once_are_both_saved(page: Page) -> None:
    name(page, "SPEAKER_01", "Ana")
    form = edit(page, 1)
    form.get_by_label("Text").fill("Both.")
    form.get_by_label("Speaker", exact=True).select_option(value="+")
    form.get_by_label("Name of the speaker").fill("Eva")
    page.keyboard.press("Control+Enter")

    expect(segment(page, 1).locator(".text")).to_have_text("Both.")
    expect(segment(page, 1).locator(".speaker .name")).to_have_text("Eva")
    expect(segment(page, 1).locator(".speaker")).to_have_class(re.compile("colour-2"))


def test_after_ones_own_edit_the_page_is_not_fetched_again(page: Page) -> None:
    fetched: list[str] = []
    page.on("response", lambda response: fetched.append(response.url))
    time(page, 2).focus()
    page.keyboard.press("r")
    expect(page.locator("#reviewed")).to_contain_text("8 %")

    paths = [re.sub(r".*/debates/\d+|.*/transcripts/\d+", "", url) for url in fetched]
    of_loading = ("/known-voices",)
    assert [path for path in paths if path.startswith("/") and path not in of_loading] == [
        "/commands",
        "/changes?since=0",
        "/figures?brief=1",
    ]


def test_where_a_voice_begins_is_listed_after_an_edit_too(page: Page) -> None:
    time(page, 2).focus()
    page.keyboard.press("2")
    expect(row(page, "Speaker 00").locator("td").nth(2)).to_have_text("30")
    page.locator(".bars summary", has_text="Speaker 01").click()

    moments = page.locator("details[open] .moments li")
    expect(moments).to_have_count(2)
    expect(moments.first).to_have_text("0:02 Segment number 2 of a debate.")
    moments.first.get_by_role("link").click()
    until(page, "Math.abs(document.querySelector('#player').currentTime - 2) < 0.2")


def test_rows_that_go_together_leave_each_speaker_named_where_they_begin(page: Page) -> None:
    page.evaluate(
        """async () => {
            const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
            const module = loaded.find((name) => name.endsWith("/segments.js"));
            const { paintRows } = await import(module);
            const rows = [...document.querySelectorAll(".segment")].slice(3, 6);
            const gone = rows.map((row) => ({ id: Number(row.id.slice(1)), removed: true }));
            paintRows(document.querySelector(".debate"), gone);
        }"""
    )

    rows = page.locator(".segment")
    expect(rows).to_have_count(9)
    voices = rows.evaluate_all("rows => rows.map((row) => row.dataset.voice)")
    named = rows.evaluate_all("rows => rows.map((row) => !!row.querySelector('.speaker'))")
    assert named == [at == 0 or voices[at - 1] != voice for at, voice in enumerate(voices)]
