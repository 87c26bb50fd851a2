"""The pages of search, the file, the API; and in a browser."""

import csv
import io
import re

import pytest
from clients import CheckedClient
from commands import command
from debate_webapp.search import find
from debate_webapp.site.search import views
from debate_webapp.site.search.marks import marked
from editors import edit, segment, violations
from pages import until
from playwright.sync_api import Page, expect
from servers import Site
from stores import TEXTS


@pytest.fixture
def word() -> str:
    """A word of the debate's first sentence."""
    return TEXTS[0].split()[-1].strip(".,?!")


def test_a_hit_has_its_sentence_with_the_word_marked_and_leads_to_its_moment(
    debate: CheckedClient, word: str
) -> None:
    page = debate.get(f"/search?q={word.upper()}").text

    assert f"<mark>{word}</mark>" in page
    assert 'href="/debates/1#t=' in page
    assert "Not published" in page


def test_what_was_typed_stays_in_the_form_and_in_every_address(debate: CheckedClient) -> None:
    page = debate.get(
        '/search?q="a+<b>"+OR+the&match=any&from=2026-01-01&sort=newest&debate=1'
    ).text

    assert 'value="&#34;a &lt;b&gt;&#34; OR the"' in page
    assert '<option value="any" selected>' in page
    assert 'value="2026-01-01"' in page
    assert "/search/counts?q=%22a+%3Cb%3E%22+OR+the&amp;match=any&amp;debate=1" in page


def test_a_question_that_finds_nothing_anywhere_says_what_to_write(client: CheckedClient) -> None:
    answer = client.get("/search?q=-bus")

    assert answer.status_code == 422
    assert "Write at least one word to find." in answer.text


def test_what_is_pasted_may_have_line_ends_and_marks_that_nobody_sees(
    debate: CheckedClient, word: str
) -> None:
    for pasted in (
        f"%0A{word}%09%0D%0A",
        f"%E2%80%8B{word}%E2%80%8F",
        f"{word}%00",
        f"%FF+OR+{word}",
    ):
        assert f"<mark>{word}</mark>" in debate.get(f"/search?q={pasted}").text


@pytest.mark.parametrize(
    "query",
    [
        "person=a%00b",
        "language=%00",
        "from=1.2.2026",
        "to=2026-02-30",
        "debate=x",
        "page=0",
        "page=9999",
        "sort=no",
        "match=some",
    ],
)
def test_an_address_that_no_form_sends_is_refused(client: CheckedClient, query: str) -> None:
    assert client.get(f"/search?q=bus&{query}").status_code == 400
    assert client.get(f"/api/v1/search?q=bus&{query}").status_code == 400


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_any_day_of_the_calendar_may_be_the_first_or_the_last(
    debate: CheckedClient, word: str, day: str
) -> None:
    for name in ("from", "to"):
        assert debate.get(f"/search?q={word}&{name}={day}").status_code == 200


def test_a_page_of_words_that_somebody_pasted_is_refused_in_a_sentence(
    debate: CheckedClient,
) -> None:
    for address in ("/search", "/search/counts", "/api/v1/search"):
        answer = debate.get(address, query_string={"q": "bus tax " * 500})

        assert answer.status_code == 422
        assert "at most 300 characters" in answer.text


def test_a_reader_learns_no_name_of_somebody_who_speaks_in_nothing_public(
    debate: CheckedClient, word: str
) -> None:
    who = "/debates/1/speakers"
    debate.send(f"{who}/SPEAKER_00", name="Eva Public", version=1, client_id="a")
    debate.send(f"{who}/SPEAKER_01", name="Eva", version=1, client_id="b")
    debate.send(f"{who}/SPEAKER_01", name="", version=2, client_id="c")
    debate.send("/debates/1/publication/on", client_id="d")
    debate.send("/sign-out")

    assert "Said by Eva Public" in debate.get(f"/search?q={word}&person=eva-public").text
    assert "Said by nobody you can see" in debate.get(f"/search?q={word}&person=eva").text


@pytest.mark.parametrize(("before", "after"), [("a " * 300, " b" * 300), ("京" * 300, "都" * 300)])
def test_of_a_long_passage_stands_what_is_around_the_hit(before: str, after: str) -> None:
    text = f"{before}bus{after}"
    html = str(marked(text, [(len(before), len(before) + 3)]))

    left, right = re.sub("</mark>", "<mark>", html).split("<mark>")[::2]
    assert (left[:2], right[-2:]) == ("… ", " …")
    assert 200 < len(left) < 230
    assert 200 < len(right) < 230


def test_a_file_of_more_than_can_be_put_in_order_says_so(
    debate: CheckedClient, monkeypatch
) -> None:
    for at in range(1, 4):
        assert command(debate, "edit_text", at, 1, text=f"A bus, number {at}.").status_code == 200
    whole = debate.get("/search.csv?q=bus").data.decode("utf-8-sig")
    monkeypatch.setattr(find, "MOST", 2)
    monkeypatch.setattr(views, "MOST", 2)

    cut = debate.get("/search.csv?q=bus").data.decode("utf-8-sig")
    page = debate.get("/search?q=bus").text

    texts = [[row["text"] for row in csv.DictReader(io.StringIO(file))] for file in (whole, cut)]
    assert len(texts[0]) == 3
    assert len(texts[1]) == 3
    assert texts[1][-1] == (
        "Only 2 are listed, of the debates registered last;"
        " narrow the search down to see the others."
    )
    assert "Download these 2 as CSV" in page


def test_the_file_has_a_row_for_each_hit_and_no_formulas(debate: CheckedClient, word: str) -> None:
    assert command(debate, "edit_text", 1, 1, text=f"=cmd {word}").status_code == 200

    answer = debate.get(f"/search.csv?q={word}&sort=time")

    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0]["text"] == f"'=cmd {word}"
    assert rows[0]["address"].startswith("http://localhost/debates/1#t=")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert debate.get("/search.csv").status_code == 422


def test_the_api_gives_hits_in_pages_with_places_in_the_text(
    debate: CheckedClient, word: str
) -> None:
    answer = debate.get(f"/api/v1/search?q={word}&sort=time&size=1").json

    (hit,) = answer["hits"]
    start, end = hit["marks"][0]
    assert hit["text"][start:end] == word
    assert answer["total"] >= 1
    assert answer["next_page"] == (2 if answer["total"] > 1 else None)
    counts = debate.get(f"/api/v1/search/counts?q={word}").json
    assert counts["times"] == sum(who["times"] for who in counts["people"])


def test_how_often_each_says_it_stands_beside_bars(debate: CheckedClient, word: str) -> None:
    page = debate.get(f"/search/counts?q={word}").text

    assert "Voices without a name" in page
    assert '<rect width="100.0"' in page


def test_words_are_found_in_a_debate_one_after_the_other(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("number")
    page.keyboard.press("Enter")

    found = page.locator("#found")
    expect(found).to_have_text(re.compile(r"^1 of \d+$"))
    first = page.locator(".segment.found")
    expect(first).to_contain_text("Segment number 0")
    page.keyboard.press("Enter")
    expect(page.locator(".segment.found")).to_contain_text("Segment number 1")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".segment.found")).to_be_in_viewport()
    assert page.evaluate("CSS.highlights.get('found').size") > 10
    assert page.evaluate("[...CSS.highlights.get('found')][0].toString()") == "number"

    page.keyboard.press("Escape")
    expect(page.locator(".segment.found")).to_have_count(0)
    page.keyboard.type("-nothing")
    page.keyboard.press("Enter")
    expect(found).to_have_text("Write at least one word to find.")


def test_what_is_found_follows_the_rows_as_they_are_changed(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("number")
    page.keyboard.press("Enter")
    found, row = page.locator("#found"), page.locator(".segment.found")
    expect(found).to_have_text("1 of 12")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Segment number 1")

    change_text(page, 0, "Nothing here.")
    expect(found).to_have_text("1 of 11")
    expect(row).to_contain_text("Segment number 1")
    change_text(page, 1, "A number and a number.")
    until(page, "CSS.highlights.get('found-now').size === 2")
    change_text(page, 0, "A number again.")
    expect(found).to_have_text("2 of 12")

    page.locator("#find").fill("nowhere")
    page.locator("#find").press("Enter")
    expect(found).to_have_text("Nobody says that")
    expect(row).to_have_count(0)


def change_text(page: Page, at: int, text: str) -> None:
    edit(page, at).get_by_label("Text").fill(text)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Escape")
    expect(segment(page, at).locator(".text")).to_have_text(text)


def test_what_is_said_from_right_to_left_is_shown_so(page: Page, site: Site) -> None:
    said = "הבית־ספר!"
    change_text(page, 0, said)
    begins = """text => {
        const range = new Range();
        range.setStart(text.firstChild, 0);
        range.setEnd(text.firstChild, text.firstChild.data.length);
        const whole = range.getBoundingClientRect();
        range.setStart(text.firstChild, text.firstChild.data.indexOf("!"));
        return range.getBoundingClientRect().left - whole.left;
    }"""
    assert page.locator(".segment .text").first.evaluate(begins) < 1
    page.goto(f"{site.address}/search?q=ספר")
    assert page.locator(".said [dir]").first.text_content() == said
    last = page.locator(".said [dir]").first.bounding_box()
    assert page.locator(".said mark").first.bounding_box()["x"] >= last["x"] + 1
    assert (
        page.locator("#q").evaluate("field => getComputedStyle(field).unicodeBidi") == "plaintext"
    )


def test_of_a_row_that_is_split_one_half_is_marked(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type('"number 2"')
    page.keyboard.press("Enter")
    expect(page.locator(".segment.found")).to_have_count(1)

    edit(page, 2).get_by_label("Text").fill("Number 2. Three four.")
    page.keyboard.press("Home")
    for _ in "Number 2. ":
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Shift+Enter")

    expect(page.locator(".segment")).to_have_count(13)
    expect(page.locator(".segment.found")).to_have_count(1)
    expect(page.locator(".segment.found")).to_contain_text("Number 2.")


def test_a_hit_is_played_in_place_and_axe_finds_nothing_where_one_searches(
    page: Page, site: Site
) -> None:
    page.goto(f"{site.address}/search?q=number")
    play = page.locator("a.play").first

    play.click()
    expect(play).to_have_attribute("aria-pressed", "true")
    expect(play).to_have_attribute("aria-pressed", "false", timeout=20_000)
    for address in ("/search?q=number", "/search", "/search/counts?q=number", "/search?q=-"):
        page.goto(f"{site.address}{address}")
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []


def test_a_site_without_debates_says_so_and_what_to_do(client: CheckedClient) -> None:
    assert "No debate has been published yet." in client.get("/search?q=tax").text

    client.come_in("editor")
    page = client.get("/search?q=tax").text
    assert "There is no debate yet." in page
    assert 'href="/submissions"' in page
