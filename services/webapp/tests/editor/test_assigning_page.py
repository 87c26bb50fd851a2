"""Speakers by number, and the way to segments that need a look, in Chromium."""

import re

from editors import edit, name, names, segment, status, time
from playwright.sync_api import BrowserContext, Page, expect
from servers import Site
from stores import SEGMENTS


def test_the_speakers_stand_with_their_numbers(page: Page) -> None:
    name(page, "SPEAKER_01", "Ana Nováková")

    expect(page.get_by_label("Speakers and their keys").get_by_role("listitem")).to_have_text(
        ["1 Speaker 00", "2 Ana Nováková"]
    )


def test_a_digit_gives_the_segment_to_a_person_and_u_gives_it_back(page: Page) -> None:
    name(page, "SPEAKER_01", "Ana Nováková")
    time(page, 1).focus()
    page.keyboard.press("2")

    expect(names(page)).to_have_text(
        ["Speaker 00", "Ana Nováková", "Speaker 00", "Ana Nováková", "Speaker 00", "Ana Nováková"]
    )
    expect(time(page, 1)).to_be_focused()
    expect(segment(page, 1).locator(".speaker")).to_have_class(re.compile("colour-1"))
    page.keyboard.press("u")
    expect(names(page)).to_have_count(4)
    page.keyboard.press("Control+z")
    expect(names(page)).to_have_count(6)


def test_a_digit_gives_it_to_a_voice_without_a_name_too(page: Page) -> None:
    time(page, 1).focus()
    page.keyboard.press("2")

    expect(segment(page, 1).locator(".speaker .name")).to_have_text("Speaker 01")
    page.reload()
    expect(segment(page, 1).locator(".speaker .name")).to_have_text("Speaker 01")
    page.get_by_role("button", name="Undo").click()
    expect(names(page)).to_have_count(4)


def test_a_number_that_nobody_has_changes_nothing(page: Page) -> None:
    time(page, 1).focus()
    page.keyboard.press("9")
    expect(status(page)).to_have_text("There is no speaker 9.")
    page.keyboard.press("1")
    expect(status(page)).to_have_text("This is Speaker 00's already.")


def test_digits_are_text_while_typing(page: Page) -> None:
    edit(page, 1).get_by_label("Text").fill("")
    page.keyboard.type("2 nugs")

    expect(segment(page, 1).get_by_label("Text")).to_have_value("2 nugs")
    page.keyboard.press("Escape")
    expect(names(page)).to_have_count(4)


def test_n_finds_the_next_uncertain_segment_until_all_are_reviewed(
    context: BrowserContext, site: Site
) -> None:
    unsure = [row | {"confidence": 0.3 if row["id"] in (2, 5) else 0.9} for row in SEGMENTS]
    page = context.pages[0]
    page.goto(site.new_debate(unsure))
    time(page, 0).focus()
    for number in (2, 5, 2):
        page.keyboard.press("n")
        expect(time(page, number)).to_be_focused()
    page.keyboard.press("r")
    expect(segment(page, 2).get_by_role("button", name="Reviewed")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("n")
    expect(time(page, 5)).to_be_focused()
    page.keyboard.press("n")
    expect(status(page)).to_have_text("No other segment is uncertain and not reviewed.")


def test_g_finds_the_next_segment_of_a_voice_without_a_name(page: Page) -> None:
    name(page, "SPEAKER_00", "Ana")
    time(page, 0).focus()
    page.keyboard.press("g")
    expect(time(page, 3)).to_be_focused()

    name(page, "SPEAKER_01", "Petr")
    time(page, 3).focus()
    page.keyboard.press("g")
    expect(status(page)).to_have_text("No segment is without a name.")


def test_the_keys_are_listed_where_the_page_explains_them(page: Page) -> None:
    page.get_by_text("Correct the text").click()

    keys = page.locator(".keys dt kbd").all_inner_texts()
    for key in ("1", "U", "N", "G", "S", "M", "E", "R"):
        assert key in keys
