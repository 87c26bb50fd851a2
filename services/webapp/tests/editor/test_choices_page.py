"""Picking people whom the page of a debate does not know yet, in Chromium."""

import re

import pytest
from editors import edit, segment, status
from playwright.sync_api import Page, expect

ADD = """async (name) => {
    const headers = {"Content-Type": "application/json",
        "X-CSRFToken": document.querySelector('.debate').dataset.csrf};
    const body = JSON.stringify({name});
    return (await fetch("/api/v1/people", {method: "POST", headers, body})).status;
}"""


@pytest.fixture
def family(page: Page) -> str:
    """The name of three people of other debates, two of whom share all of theirs.

    The site is there for all tests, each of which has a debate of its own.
    """
    family = f"Dálná{page.url.rpartition('/')[2]}"
    for name in (f"Jarmila {family}", f"Jarmila {family}", f"Judita {family}"):
        assert page.evaluate(ADD, name) == 201
    page.reload()
    return family


def offered(page: Page) -> list[str]:
    return page.locator("#people option").evaluate_all("all => all.map((one) => one.value)")


def people_of(page: Page, family: str) -> list[str]:
    people = page.request.get("/api/v1/people").json()["people"]
    return [one["slug"] for one in people if family in one["name"]]


def test_people_of_the_archive_are_offered_as_one_types(page: Page, family: str) -> None:
    assert offered(page) == []
    slug = family.lower().replace("á", "a")
    second = f"Jarmila {family} (jarmila-{slug}-2)"
    field = page.locator("#speakers input[name=name]").first
    field.press_sequentially(f"{family[:-1]} jar")
    expect(page.locator(f"#people option[value='{second}']")).to_have_count(1)
    assert f"Jarmila {family} (jarmila-{slug})" in offered(page)

    field.fill(second)
    field.press("Enter")
    expect(page.locator("#speakers .outcome").first).to_have_text(f"Saved: Jarmila {family}")
    page.reload()
    expect(field).to_have_value(second)
    assert len(people_of(page, family)) == 3, "nobody was added"


def test_one_segment_goes_to_somebody_of_another_debate(page: Page, family: str) -> None:
    form = edit(page, 1)
    form.get_by_label("Speaker", exact=True).select_option("Someone else …")
    field = form.get_by_label("Name of the speaker")
    field.press_sequentially(f"jud {family.lower()}")
    expect(page.locator("#people option")).to_have_count(1)
    field.fill(f"Judita {family}")
    form.get_by_role("button", name="Save").click()

    expect(segment(page, 1).locator(".speaker .name")).to_have_text(f"Judita {family}")
    expect(status(page)).to_have_text(re.compile(r"Saved \d\d:\d\d"))
    assert len(people_of(page, family)) == 3, "nobody was added"


def test_a_name_can_be_typed_where_the_server_offers_none(page: Page, family: str) -> None:
    page.route("**/api/v1/choices*", lambda route: route.abort())
    field = page.locator("#speakers input[name=name]").first
    field.press_sequentially(f"Judita {family}")
    field.press("Enter")
    expect(page.locator("#speakers .outcome").first).to_have_text(f"Saved: Judita {family}")


NAME = """async (name) => {
    const page = document.querySelector(".debate");
    const form = page.querySelector("#speakers form");
    const headers = {"Content-Type": "application/json", "X-CSRFToken": page.dataset.csrf};
    const address = `${page.querySelector(".edit-bar").dataset.speakers}/${form.dataset.label}`;
    const body = JSON.stringify({name, version: 1, client_id: name.slice(-12)});
    const reply = await fetch(address, {method: "PUT", headers, body});
    document.dispatchEvent(new Event("visibilitychange"));
    return reply.status;
}"""


def test_which_of_two_with_one_name_others_chose_stands_in_the_field(
    page: Page, family: str
) -> None:
    second = f"Jarmila {family} (jarmila-{family.lower().replace('á', 'a')}-2)"
    assert page.evaluate(NAME, second) == 200
    expect(page.locator("#speakers input[name=name]").first).to_have_value(second)
