"""The debate page in Chromium: a real player, a real server, axe's rules."""

import re

from browsers import NARROW, WIDE
from editors import check_looks, violations
from pages import until
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from servers import Site
from stores import SEGMENTS


def expect_time(page: Page, seconds: float) -> None:
    until(page, f"Math.abs(document.querySelector('#player').currentTime - {seconds}) < 0.2")


def current(page: Page) -> str:
    marked = page.locator("[aria-current=true].segment")
    expect(marked).to_have_count(1)
    return marked.locator(".text").inner_text()


def test_a_time_button_seeks_and_marks_its_segment(page: Page) -> None:
    page.get_by_role("button", name="Play from 0:07").click()

    expect_time(page, 7)
    assert current(page) == "Segment number 7 of a debate."
    assert page.url.endswith("#t=7")


def test_the_mark_moves_while_it_plays(page: Page) -> None:
    page.get_by_role("button", name="Play from 0:03").click()
    page.evaluate("document.querySelector('#player').muted = true")
    page.evaluate("document.querySelector('#player').play()")

    expect(page.locator(".segment").nth(5)).to_have_attribute("aria-current", "true")
    assert current(page).startswith("Segment number 5")


def test_a_link_to_a_moment_opens_there(page: Page) -> None:
    address = page.url
    page.goto("about:blank")
    page.goto(f"{address}#t=9.5")

    expect_time(page, 9.5)
    assert current(page).startswith("Segment number 9")


def test_a_recording_whose_address_has_expired_goes_on_where_it_was(
    context: BrowserContext, site: Site
) -> None:
    page, refused = context.pages[0], list[str]()

    def refuse_once(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.fulfill(status=403, body="expired")

    page.route("**/api/v1/media/*", refuse_once)
    page.goto(f"{site.new_debate()}#t=9.5")

    until(page, "document.querySelector('#player').readyState > 0")
    expect_time(page, 9.5)
    assert len(refused) == 1


def test_a_recording_that_is_refused_for_good_is_asked_for_three_times(
    context: BrowserContext, site: Site
) -> None:
    page, asked = context.pages[0], list[str]()

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=403, body="not yours")

    page.route("**/api/v1/media/*", refuse)
    page.goto(site.new_debate())
    until(page, "document.querySelector('#player').error !== null")
    page.wait_for_timeout(300)

    assert len(asked) == 3


def test_scrolling_away_suspends_following_until_one_asks_for_it(page: Page) -> None:
    page.set_viewport_size({"width": 1300, "height": 300})
    page.get_by_role("button", name="Play from 0:00").click()
    back = page.get_by_role("button", name="Back to playhead")
    expect(back).to_be_hidden()

    page.mouse.move(900, 150)
    page.mouse.wheel(0, 400)
    expect(back).to_be_visible()
    until(page, "scrollY > 200")
    back.click()

    expect(back).to_be_hidden()
    expect(page.locator("[aria-current=true].segment")).to_be_in_viewport()


def test_a_name_is_saved_in_place_and_survives_a_reload(page: Page) -> None:
    page.get_by_role("button", name="Play from 0:04").click()
    panel = page.locator("form[data-label=SPEAKER_01]")
    panel.get_by_role("combobox").fill("Ana Nováková")
    panel.get_by_role("button", name="Save").click()

    expect(panel.locator(".outcome")).to_have_text("Saved: Ana Nováková")
    expect(page.locator("#figures summary .name", has_text="Ana Nováková")).to_have_count(1)
    expect(page.locator(".segment .name", has_text="Ana Nováková")).to_have_count(2)
    expect_time(page, 4)

    page.reload()
    expect(panel.get_by_role("combobox")).to_have_value("Ana Nováková")
    expect(page.locator("#figures summary .name", has_text="Ana Nováková")).to_have_count(1)


def test_two_labels_of_one_person_become_one_row_without_a_reload(page: Page) -> None:
    for label in ("SPEAKER_00", "SPEAKER_01"):
        form = page.locator(f"form[data-label={label}]")
        form.get_by_role("combobox").fill("Ana")
        form.get_by_role("combobox").press("Enter")
        expect(form.locator(".outcome")).to_have_text("Saved: Ana")

    expect(page.locator(".bars > li")).to_have_count(1)


def test_whoever_is_second_is_told_and_may_keep_theirs(page: Page, context: BrowserContext) -> None:
    other = context.new_page()
    other.goto(page.url)
    for window, name in ((other, "Petr"), (page, "Ana")):
        form = window.locator("form[data-label=SPEAKER_00]")
        form.get_by_role("combobox").fill(name)
        with window.expect_response(re.compile("/speakers/")) as reply:
            form.get_by_role("button", name="Save").click()
    assert reply.value.status == 409
    form = page.locator("form[data-label=SPEAKER_00]")
    expect(form.locator(".outcome")).to_contain_text("Someone else saved Petr meanwhile")

    form.get_by_role("button", name="Save").click()
    expect(form.locator(".outcome")).to_have_text("Saved: Ana")


def test_a_sample_plays_the_voice_and_comes_back(page: Page) -> None:
    page.get_by_role("button", name="Play from 0:01").click()
    expect_time(page, 1)
    page.evaluate("document.querySelector('#player').muted = true")

    sample = page.get_by_role("button", name="Play a sample of SPEAKER_01")
    sample.click()
    expect(sample).to_have_attribute("aria-pressed", "true")
    expect(sample).not_to_have_attribute("aria-pressed", "true")

    expect_time(page, 1)


def test_each_row_of_the_chart_leads_to_its_moments(page: Page) -> None:
    page.locator(".bars summary", has_text="Speaker 01").click()
    page.locator(".moments").get_by_role("link", name="0:09").click()
    expect_time(page, 9)

    page.locator(".lane rect").first.click(position={"x": 1, "y": 3})
    expect_time(page, 0)


def test_a_cell_of_the_matrix_opens_its_moments(context: BrowserContext, site: Site) -> None:
    stretches = [("00", 0, 4), ("01", 3, 8), ("02", 7, 11)]  # each into the end of the one before
    page = context.new_page()
    page.goto(
        site.new_debate(
            [
                {"id": n, "start": start, "end": end, "speaker": f"SPEAKER_{who}", "text": "So."}
                for n, (who, start, end) in enumerate(stretches)
            ]
        )
    )
    until(page, "document.querySelector('#player').readyState > 0")
    page.get_by_role("link", name="Speaker 02 interrupts Speaker 01 once").click()

    page.locator(".cuts").get_by_role("link", name="0:07").click()
    expect_time(page, 5)


def test_a_file_is_chosen_by_keyboard_and_saved_under_the_debates_name(page: Page) -> None:
    title = page.locator("h1").inner_text()
    menu = page.locator(".downloads summary")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Word document")).to_be_in_viewport()
    page.keyboard.press("Tab")
    with page.expect_download() as saved:
        page.keyboard.press("Enter")

    assert saved.value.suggested_filename == f"{title}-draft.docx"


def test_the_player_shows_the_captions(page: Page) -> None:
    track = "document.querySelector('track').track"
    page.evaluate(f"{track}.mode = 'showing'")
    until(page, f"{track}.cues?.length > 0")

    cues = page.evaluate(f"[...{track}.cues].map((c) => [c.startTime, c.endTime, c.text])")
    assert len(cues) == len(SEGMENTS)
    assert cues[3] == [3, 4, "<v Speaker 01>Segment number 3 of a debate."]


def test_without_scripts_a_name_can_be_saved(browser: Browser, site: Site) -> None:
    plain = browser.new_context(
        base_url=site.address, java_script_enabled=False, storage_state=site.cookies
    )
    tab = plain.new_page()
    tab.goto(site.new_debate())
    form = tab.locator("form[data-label=SPEAKER_00]")
    form.get_by_role("combobox").fill("Ana")
    form.get_by_role("button", name="Save").click()

    expect(tab.get_by_text("Saved: SPEAKER_00 is Ana.")).to_be_visible()
    expect(form.get_by_role("combobox")).to_have_value("Ana")
    plain.close()


def test_axe_finds_nothing_on_any_page_and_it_fits(context: BrowserContext, site: Site) -> None:
    tab = context.pages[0]
    for path in (f"{site.new_debate()}#t=3", "/", "/nowhere"):
        tab.goto(path)
        tab.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        check_looks(tab)
    context.clear_cookies()
    tab.goto("/sign-in")
    check_looks(tab)


def test_the_page_of_a_person_fits_a_narrow_window_and_axe_finds_nothing(
    page: Page, site: Site
) -> None:
    for _ in range(3):
        panel = page.locator("form[data-label=SPEAKER_01]")
        panel.get_by_role("combobox").fill("Eva Trojan")
        panel.get_by_role("button", name="Save").click()
        expect(panel.locator(".outcome")).to_have_text("Saved: Eva Trojan")
        page.goto(site.new_debate())
    page.set_viewport_size(NARROW)
    for path in ("/people", "/people/eva-trojan"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        assert violations(page) == []
    page.locator(".trends a").first.click()
    expect_time(page, 3)


def test_the_pages_fit_a_narrow_window(page: Page) -> None:
    page.set_viewport_size(NARROW)

    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.get_by_role("button", name="Play from 0:11").click()
    expect(page.locator("[aria-current=true].segment")).to_be_in_viewport()
    expect(page.locator("#player")).to_be_in_viewport()


def test_on_a_telephone_the_transcript_is_one_touch_away(page: Page) -> None:
    page.set_viewport_size(NARROW)
    page.get_by_role("link", name="Transcript", exact=True).click()
    heading = page.get_by_role("heading", name="Transcript", exact=True)
    expect(heading).to_be_in_viewport()
    below = page.locator(".stage").bounding_box()
    at = heading.bounding_box()
    assert below
    assert at
    assert at["y"] >= below["y"] + below["height"]

    page.set_viewport_size(WIDE)
    expect(page.get_by_role("link", name="Transcript", exact=True)).to_be_hidden()
