"""The pages of accounts in Chromium: axe's rules, narrow and wide, light and dark."""

import re
from collections.abc import Iterator

import pyotp
import pytest
from browsers import NARROW, WIDE, sign_in
from editors import check_looks, violations
from playwright.sync_api import Browser, Page, expect
from servers import Site
from stores import PASSWORD

PAGES = [
    "/sign-in", "/account", "/account/second-factor", "/account/tokens", "/accounts", "/audit",
]  # fmt: skip


@pytest.fixture(scope="module")
def chief(browser: Browser, site: Site) -> tuple[object, str]:
    """An administrator's cookies, and the path of an invitation."""
    invitation = site.add_administrator("chief")
    return sign_in(browser, site, "chief"), invitation


@pytest.fixture
def window(browser: Browser, site: Site, chief) -> Iterator[Page]:
    """The administrator's window."""
    context = browser.new_context(base_url=site.address, storage_state=chief[0])
    yield context.new_page()
    context.close()


def test_axe_finds_nothing_and_everything_fits(window: Page, site: Site, chief) -> None:
    site.new_debate()
    for path in PAGES[1:]:
        window.goto(path)
        check_looks(window)
    window.goto("/accounts")
    window.get_by_label("For whom").fill("Petr")
    window.get_by_role("button", name="Make a link").click()
    expect(window.get_by_label("Link")).to_have_value(re.compile("/invitation/"))
    check_looks(window)
    window.context.clear_cookies()
    for path in (PAGES[0], chief[1]):
        window.goto(path)
        check_looks(window)


@pytest.fixture
def administrating(browser: Browser, site: Site, chief) -> Iterator[Page]:
    context = browser.new_context(base_url=site.address, storage_state=chief[0])
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("script", [True, False])
def test_what_cannot_be_taken_back_is_asked_first(
    browser: Browser, site: Site, chief, script: bool
) -> None:
    """By keyboard: the question is opened, left, opened again and answered."""
    name = f"josef-{script}"
    site.add_editor(name)
    context = browser.new_context(
        base_url=site.address, storage_state=chief[0], java_script_enabled=script
    )
    page = context.new_page()
    page.goto("/accounts")
    press, confirm = (
        page.get_by_role("button", name=f"{word} {name}") for word in ("Suspend", "Yes, suspend")
    )
    expect(confirm).to_be_hidden()
    press.focus()
    page.keyboard.press("Enter")
    expect(confirm).to_be_visible()
    expect(page.get_by_role("dialog", name=f"Suspend {name}? They")).to_be_visible()
    if script:
        assert violations(page) == []
    page.keyboard.press("Escape")
    expect(confirm).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(confirm).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{name} is suspended")).to_be_visible()
    context.close()


def test_what_is_shown_once_is_copied_by_a_button_that_says_so(administrating: Page) -> None:
    page = administrating
    page.goto("/account/tokens")
    page.get_by_label("What uses it").fill("robot")
    page.get_by_label("see what is not published").check()
    page.get_by_role("button", name="Make a token").click()
    copy = page.get_by_role("button", name="Copy")
    copy.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    assert violations(page) == []
    token = page.get_by_role("textbox", name="Token").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == token

    # Over plain http, on another machine, browsers have no clipboard: what is copied is marked.
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.evaluate("getSelection().empty()")
    copy.click()
    expect(page.get_by_role("status").filter(has_text="Press Ctrl+C")).to_be_visible()
    assert page.evaluate("getSelection().toString()") == token


def test_a_time_in_the_audit_takes_two_lines_at_most(window: Page) -> None:
    window.goto("/audit")
    time = window.locator(".entries time").first
    for size in (WIDE, NARROW):
        window.set_viewport_size(size)
        lines = time.evaluate(
            "time => time.offsetHeight / parseFloat(getComputedStyle(time).lineHeight)"
        )
        assert round(lines) <= 2


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
    assert violations(page) == []
    code = codes.first.inner_text()
    page.get_by_role("button", name="Sign out").click()

    page.goto("/sign-in?next=/people")
    page.get_by_label("Username").fill("jana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    assert violations(page) == []
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/people$"))
    context.close()
