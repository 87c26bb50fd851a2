"""Nothing typed is lost: while saving, at a double click, against others, after a reload."""

import re

from editors import (
    Held,
    caret,
    correct,
    edit,
    look,
    name,
    other_window,
    rows,
    segment,
    status,
    texts,
    time,
    type_while_saving,
)
from pages import until
from playwright.sync_api import BrowserContext, Page, Route, expect
from stores import PASSWORD


def test_halves_of_a_segment_edited_before_show_their_own_words_everywhere(page, context) -> None:
    other = other_window(page, context)
    time(page, 2).focus()
    page.keyboard.press("r")
    expect(status(page)).to_contain_text("Saved")
    look(other)
    expect(segment(other, 2).locator(".review")).to_have_attribute("aria-pressed", "true")
    caret(edit(page, 2), len("Segment number"))
    page.keyboard.press("Control+Shift+Enter")
    expect(page.locator(".segment")).to_have_count(13)
    look(other)

    expect(other.locator(".segment")).to_have_count(13)
    for window in (page, other):
        assert texts(window, 2, 4) == ["Segment number", "2 of a debate."]


def test_a_row_that_comes_back_shows_its_own_words(page: Page) -> None:
    for text in ("One.", "Two."):
        correct(page, 1, text)
    time(page, 1).focus()
    page.keyboard.press("m")
    expect(page.locator(".segment")).to_have_count(11)
    page.keyboard.press("Control+z")
    expect(page.locator(".segment")).to_have_count(12)

    assert texts(page, 1, 3) == ["Two.", "Segment number 2 of a debate."]


def test_a_double_click_splits_once(page: Page) -> None:
    form = edit(page, 0)
    caret(form, len("Segment"))
    form.get_by_role("button", name="Split at the caret").dblclick()
    expect(page.locator(".segment")).to_have_count(13)
    page.wait_for_timeout(300)

    assert [row["text"] for row in rows(page)][:3] == [
        "Segment",
        "number 0 of a debate.",
        "Segment number 1 of a debate.",
    ]


def test_what_is_typed_while_saving_stays_and_is_saved_next(page: Page) -> None:
    held, form = type_while_saving(page, "First", " and more")
    expect(status(page)).to_have_text("Saving")
    held.let_go()

    expect(status(page)).to_contain_text("Saved up to here")
    expect(form.get_by_label("Text")).to_be_focused()
    expect(form.get_by_label("Text")).to_have_value("First and more")
    held.let_go()
    expect(status(page)).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))
    assert rows(page)[1]["text"] == "First and more"
    page.keyboard.press("Control+Enter")
    expect(form).to_have_count(0)
    expect(segment(page, 1).locator(".text")).to_have_text("First and more")


def test_what_another_wrote_while_an_answer_was_lost_is_not_overwritten(page, context) -> None:
    """The command that is sent again is answered with the row as it is by then."""
    other = other_window(page, context)
    first = without_the_first_answer(page)
    form = edit(page, 1)
    form.get_by_label("Text").fill("Mine.")
    page.keyboard.press("Control+Enter")
    until_it_says(page, 1, "Mine.")
    look(other)
    expect(segment(other, 1).locator(".text")).to_have_text("Mine.")
    edit(other, 1).get_by_label("Text").fill("Mine. And theirs.")
    other.keyboard.press("Control+Enter")
    expect(status(other)).to_contain_text("Saved")
    form.get_by_label("Text").press_sequentially(" More.")
    first[0].abort()

    expect(form.locator(".conflict")).to_contain_text("Mine. And theirs.")
    assert rows(page)[1]["text"] == "Mine. And theirs."


def test_a_half_that_another_merged_away_meanwhile_is_no_fault(page, context) -> None:
    """A fault would be told to the page's fixture."""
    other = other_window(page, context)
    first = without_the_first_answer(page)
    caret(edit(page, 1), len("Segment"))
    page.keyboard.press("Control+Shift+Enter")
    until_it_says(page, 1, "Segment")
    look(other)
    expect(other.locator(".segment")).to_have_count(13)
    time(other, 1).focus()
    other.keyboard.press("Shift+M")
    expect(other.locator(".segment")).to_have_count(12)
    look(page)
    first[0].abort()

    expect(status(page)).to_contain_text("Saved")
    expect(page.locator(".segment form")).to_have_count(0)
    expect(page.locator(".segment")).to_have_count(12)


def without_the_first_answer(page: Page) -> list[Route]:
    """Commands of a page, of which the first is carried out and waits for its answer to be lost."""
    sent: list[Route] = []

    def lose(route: Route) -> None:
        sent.append(route)
        route.fetch() if len(sent) == 1 else route.continue_()

    page.route("**/commands", lose)
    return sent


def until_it_says(page: Page, number: int, text: str) -> None:
    """Wait for the API to have a segment so."""
    for _ in range(200):
        if rows(page)[number]["text"] == text:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"segment {number} does not say {text!r}")


def test_the_next_form_opens_at_once_and_has_the_keys(page: Page) -> None:
    held = Held(page)
    edit(page, 1).get_by_label("Text").fill("First.")
    second = edit(page, 2)
    page.keyboard.press("Control+a")
    page.keyboard.type("mrs 12")
    held.let_go()

    expect(page.locator(".segment form")).to_have_count(1)
    expect(segment(page, 1).locator(".text")).to_have_text("First.")
    expect(second.get_by_label("Text")).to_have_value("mrs 12")
    expect(second.get_by_label("Text")).to_be_focused()
    second.get_by_role("button", name="Cancel").click()
    assert len(rows(page)) == 12


def test_a_name_given_elsewhere_is_shown_and_not_overwritten(page, context) -> None:
    other = other_window(page, context)
    mine = page.locator("form[data-label=SPEAKER_01]")
    mine.get_by_role("combobox").fill("Amy")
    name(other, "SPEAKER_01", "Carla")
    name(page, "SPEAKER_00", "Ana")
    expect(segment(page, 3).locator(".speaker .name")).to_have_text("Carla")
    mine.get_by_role("button", name="Save").click()

    expect(mine.locator(".outcome")).to_contain_text("Someone else saved Carla meanwhile")
    expect(mine.get_by_role("combobox")).to_have_value("Amy")
    theirs = other.locator("form[data-label=SPEAKER_00]")
    look(other)
    expect(theirs.get_by_role("combobox")).to_have_value("Ana")
    expect(theirs.locator(".chip")).to_have_text("A")
    theirs.get_by_role("button", name="Save").click()
    expect(theirs.locator(".outcome")).to_have_text("Saved: Ana")


def test_a_field_that_nobody_touched_takes_no_name_away(page, context) -> None:
    name(other_window(page, context), "SPEAKER_01", "Carla")
    mine = page.locator("form[data-label=SPEAKER_01]")
    mine.get_by_role("button", name="Save").click()

    expect(mine.locator(".outcome")).to_have_text("Someone else saved Carla meanwhile.")
    expect(mine.get_by_role("combobox")).to_have_value("Carla")
    mine.get_by_role("button", name="Save").click()
    expect(mine.locator(".outcome")).to_have_text("Saved: Carla")


def test_an_answer_that_was_overtaken_takes_no_name_back(page, context) -> None:
    held = Held(page)
    time(page, 3).focus()
    page.keyboard.press("r")
    held.wait()
    answer = held.routes[0].fetch()
    name(other_window(page, context), "SPEAKER_01", "Late")
    look(page)
    expect(segment(page, 3).locator(".speaker .name")).to_have_text("Late")
    held.routes[0].fulfill(response=answer)

    expect(status(page)).to_contain_text("Saved")
    expect(segment(page, 3).locator(".speaker .name")).to_have_text("Late")
    expect(segment(page, 3).locator(".review")).to_have_attribute("aria-pressed", "true")


def test_enter_twice_makes_one_person(page: Page) -> None:
    form = edit(page, 1)
    form.get_by_label("Speaker", exact=True).select_option("Someone else …")
    form.get_by_label("Name of the speaker").fill("Zora Twice")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")

    expect(segment(page, 1).locator(".speaker .name")).to_have_text("Zora Twice")
    people = page.request.get("/api/v1/people").json()["people"]
    assert [p["slug"] for p in people if "Zora" in p["name"]] == ["zora-twice"]


def test_three_quick_undos_take_three_edits_back(page: Page) -> None:
    for number in (1, 2, 3):
        correct(page, number, f"Changed {number}.")
    time(page, 5).focus()
    for _ in range(3):
        page.keyboard.press("Control+z")

    expect(page.locator(".segment .text", has_text="Changed")).to_have_count(0)
    expect(status(page)).to_contain_text("Saved")


def test_keys_in_a_row_on_one_segment_all_count(page: Page) -> None:
    held = Held(page)
    time(page, 2).focus()
    page.keyboard.press("2")
    page.keyboard.press("r")
    form = edit(page, 2)
    form.get_by_label("Text").fill("Three at once.")
    page.keyboard.press("Control+Enter")
    expect(status(page)).to_have_text("Saving")
    for _ in range(3):
        held.let_go()
    expect(form).to_have_count(0)

    row = rows(page)[2]
    assert (row["text"], row["speaker"], row["reviewed"]) == ("Three at once.", "SPEAKER_01", True)


def test_a_step_that_came_too_early_is_not_blamed_on_anyone(page: Page) -> None:
    held = Held(page)
    time(page, 0).focus()
    page.keyboard.press("m")
    held.wait()
    page.keyboard.press("m")
    held.let_go()
    held.let_go()

    expect(status(page)).to_contain_text("the step before was still being saved")
    expect(page.locator(".segment")).to_have_count(11)


def test_a_server_that_is_busy_is_asked_again_and_the_page_says_so(page: Page) -> None:
    sent: list[str | None] = []

    def refuse_twice(route: Route) -> None:
        sent.append(route.request.post_data)
        route.fulfill(status=503, body="busy") if len(sent) < 3 else route.continue_()

    page.route("**/commands", refuse_twice)
    page.clock.install()
    form = edit(page, 1)
    form.get_by_label("Text").fill("Once.")
    page.keyboard.press("Control+Enter")
    expect(status(page)).to_have_text("Waiting (1): the server is busy. Trying again.")
    segment(page, 4).get_by_role("button", name="Reviewed").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("9")
    expect(status(page)).to_contain_text("There is no speaker 9. Waiting (1)")
    form.get_by_role("button", name="Cancel").click()
    expect(status(page)).to_contain_text("still being saved")
    page.clock.fast_forward(2_000)
    expect(status(page)).to_have_text("Waiting (2): the server is busy. Trying again.")
    page.clock.fast_forward(4_000)

    expect(segment(page, 1).locator(".text")).to_have_text("Once.")
    expect(segment(page, 4).locator(".review")).to_have_attribute("aria-pressed", "true")
    assert len(set(sent[:3])) == 1


def test_a_session_that_ended_is_called_so_and_the_text_stays(page, context) -> None:
    form = edit(page, 1)
    form.get_by_label("Text").fill("Kept.")
    context.clear_cookies()
    form.get_by_role("button", name="Save").click()
    expect(status(page)).to_have_text(
        "Could not save: you are signed out. Sign in in another window, then save again."
    )
    panel = page.locator("form[data-label=SPEAKER_00]")
    panel.get_by_role("combobox").fill("Ana")
    panel.get_by_role("button", name="Save").click()
    expect(panel.locator(".outcome")).to_contain_text("you are signed out")

    sign_in_again(context.new_page())
    form.get_by_role("button", name="Save").click()
    expect(segment(page, 1).locator(".text")).to_have_text("Kept.")
    panel.get_by_role("button", name="Save").click()
    expect(panel.locator(".outcome")).to_have_text("Saved: Ana")


def sign_in_again(tab: Page) -> None:
    tab.goto("/sign-in")
    tab.get_by_label("Username").fill("editor")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()
    tab.close()


def test_a_split_under_an_open_form_is_called_so_and_doubles_nothing(page, context) -> None:
    other = other_window(page, context)
    form = edit(page, 2)
    form.get_by_label("Text").fill("Segment number 2 of a long debate.")
    caret(edit(other, 2), len("Segment number"))
    other.keyboard.press("Control+Shift+Enter")
    expect(other.locator(".segment")).to_have_count(13)
    form.get_by_role("button", name="Save").click()

    expect(form.locator(".who")).to_contain_text("editor split this segment at")
    expect(form.get_by_role("button", name="Keep mine")).to_be_hidden()
    expect(form.get_by_text("Copy what you want to keep")).to_be_visible()
    form.get_by_role("button", name="Use theirs").click()
    expect(segment(page, 2).locator(".unsaved")).to_contain_text("of a long debate.")
    look(page)
    expect(page.locator(".segment")).to_have_count(13)
    assert [row["text"] for row in rows(page)][2:4] == ["Segment number", "2 of a debate."]


def test_keeping_my_text_leaves_the_speaker_they_chose(page, context) -> None:
    other = other_window(page, context)
    form = edit(page, 5)
    form.get_by_label("Text").fill("Mine.")
    time(other, 5).focus()
    other.keyboard.press("1")
    expect(status(other)).to_contain_text("saved")
    form.get_by_role("button", name="Save").click()
    form.get_by_role("button", name="Keep mine").click()

    expect(segment(page, 5).locator(".text")).to_have_text("Mine.")
    assert (rows(page)[5]["speaker"], rows(page)[5]["text"]) == ("SPEAKER_00", "Mine.")


def test_escape_keeps_what_was_typed_until_it_is_discarded(page: Page) -> None:
    form = edit(page, 2)
    form.get_by_label("Text").fill("Half a thought")
    page.keyboard.press("Escape")
    draft = segment(page, 2).locator(".unsaved")
    expect(draft).to_contain_text("Half a thought")
    page.reload()
    draft.get_by_role("button", name="Go on with it").click()
    expect(form.get_by_label("Text")).to_have_value("Half a thought")
    expect(draft).to_have_count(0)
    page.keyboard.press("Escape")
    edit(page, 2)
    expect(form.get_by_label("Text")).to_have_value("Half a thought")
    page.keyboard.press("Escape")
    draft.get_by_role("button", name="Discard").click()
    page.reload()

    expect(segment(page, 2).locator(".text")).to_be_visible()
    expect(draft).to_have_count(0)


def test_escape_after_one_word_asks_nothing(page: Page) -> None:
    edit(page, 2).get_by_label("Text").fill("Segment number two of a debate.")
    page.keyboard.press("Escape")

    expect(page.locator(".unsaved")).to_have_count(0)


def test_a_reload_offers_what_was_being_typed_and_the_older_version_is_no_secret(
    page: Page, context: BrowserContext
) -> None:
    edit(page, 2).get_by_label("Text").fill("Never saved")
    other = other_window(page, context)
    edit(other, 2).get_by_label("Text").fill("Theirs.")
    other.keyboard.press("Control+Enter")
    expect(status(other)).to_contain_text("Saved")
    page.reload()
    segment(page, 2).get_by_role("button", name="Go on with it").click()
    form = segment(page, 2).get_by_role("form")
    form.get_by_role("button", name="Save").click()

    expect(form.locator("blockquote")).to_have_text("Theirs.")
    form.get_by_role("button", name="Keep mine").click()
    expect(segment(page, 2).locator(".text")).to_have_text("Never saved")
    page.reload()
    expect(page.locator(".unsaved")).to_have_count(0)


def test_a_draft_whose_segment_is_gone_is_still_offered(page, context) -> None:
    edit(page, 2).get_by_label("Text").fill("No place for this")
    page.keyboard.press("Escape")
    other = other_window(page, context)
    time(other, 1).focus()
    other.keyboard.press("m")
    expect(other.locator(".segment")).to_have_count(11)
    look(page)

    expect(page.locator(".segment")).to_have_count(11)
    expect(page.locator(".unsaved")).to_contain_text("No place for this")
    expect(page.locator(".unsaved")).to_contain_text("merged into another")
    until(page, "document.querySelectorAll('.unsaved').length === 1")
