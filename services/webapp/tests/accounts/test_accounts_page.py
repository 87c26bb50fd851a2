"""The pages of accounts in Chromium: axe's rules, narrow and wide, light and dark."""

import re
from collections.abc import Iterator

import pyotp
import pytest
from browsers import sign_in
from editors import violations
from playwright.sync_api import Browser, Page, expect
from servers import Site
from stores import PASSWORD

SIZES = {"narrow": {"width": 390, "height": 844}, "wide": {"width": 1440, "height": 900}}
PAGES = [
    "/sign-in", "/account", "/account/second-factor", "/account/tokens", "/accounts", "/audit",
]  # fmt: skip


@pytest.fixture(scope="module")
def chief(browser: Browser, site: Site) -> tuple[object, str]:
    """An administrator's cookies, and the path of an invitation."""
    invitation = site.add_administrator("chief")
    return sign_in(browser, site, "chief"), invitation


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=SIZES)
def window(request: pytest.FixtureRequest, browser, site, chief, scheme) -> Iterator[Page]:
    """The administrator's window of that size and scheme."""
    context = browser.new_context(
        base_url=site.address,
        viewport=SIZES[request.param],
        color_scheme=scheme,
        storage_state=chief[0],
    )
    yield context.new_page()
    context.close()


def check(page: Page) -> None:
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_axe_finds_nothing_and_everything_fits(window: Page, site: Site, chief) -> None:
    site.new_debate()
    for path in PAGES[1:]:
        window.goto(path)
        check(window)
    window.goto("/accounts")
    window.get_by_label("For whom").fill("Petr")
    window.get_by_role("button", name="Make a link").click()
    expect(window.get_by_label("Link")).to_have_value(re.compile("/invitation/"))
    check(window)
    window.context.clear_cookies()
    for path in (PAGES[0], chief[1]):
        window.goto(path)
        check(window)


def test_a_phone_is_taken_in_and_a_code_asked_for(browser: Browser, site: Site) -> None:
    site.add_editor("jana")
    context = browser.new_context(
        base_url=site.address, storage_state=sign_in(browser, site, "jana")
    )
    page = context.new_page()
    page.goto("/account/second-factor")
    picture = page.get_by_role("img", name="Picture of the key")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 0, "the policy lets it be shown"
    totp = pyotp.TOTP(page.locator(".factor code").inner_text())
    page.get_by_label("Code on your phone").fill(totp.now())
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Turn it on").click()
    codes = page.locator(".recovery code")
    expect(codes).to_have_count(10)
    check(page)
    code = codes.first.inner_text()
    page.get_by_role("button", name="Sign out").click()

    page.goto("/sign-in?next=/people")
    page.get_by_label("Username").fill("jana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    check(page)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/people$"))
    context.close()
