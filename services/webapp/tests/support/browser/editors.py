"""What an editor sees and does on the page of a debate."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from browsers import NARROW, WIDE
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect


def segment(page: Page, number: int) -> Locator:
    return page.locator(".segment").nth(number)


def edit(page: Page, number: int) -> Locator:
    """Open a segment by its button; the form."""
    segment(page, number).hover()
    segment(page, number).get_by_role("button", name="Edit the segment").click()
    return segment(page, number).get_by_role("form")


def status(page: Page) -> Locator:
    return page.locator("#saving")


def row(page: Page, name: str) -> Locator:
    return page.locator(".figures .table-twin tbody tr", has_text=name)


def words(page: Page, name: str) -> str:
    return row(page, name).locator("td").nth(2).text_content() or ""


def time(page: Page, number: int) -> Locator:
    return segment(page, number).locator(".time")


def names(page: Page) -> Locator:
    return page.locator(".segment .speaker .name")


def name(page: Page, label: str, person: str) -> None:
    form = page.locator(f"form[data-label={label}]")
    form.get_by_role("combobox").fill(person)
    form.get_by_role("button", name="Save").click()
    expect(form.locator(".outcome")).to_have_text(f"Saved: {person}")


AXE = Axe().axe_script
# Of axe's rules these alone look at colours, which are all that is different in the dark.
OF_COLOURS = ["color-contrast", "link-in-text-block"]


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds by all of its rules, or by these."""
    options = {"runOnly": rules} if rules else {}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("(options) => axe.run(options).then((all) => all.violations)", options)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


def check_looks(page: Page) -> None:
    """Whether axe finds nothing on a page, and it fits: wide and narrow, light and dark."""
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        assert violations(page) == [], page.url
        page.emulate_media(color_scheme="dark")
        assert violations(page, OF_COLOURS) == [], page.url
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url


def look(page: Page) -> None:
    """What happens when a window comes to the front again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def other_window(page: Page, context: BrowserContext) -> Page:
    other = context.new_page()
    other.goto(page.url)
    return other


def texts(page: Page, first: int, last: int) -> list[str]:
    return page.locator(".segment .text").all_inner_texts()[first:last]


class Held:
    """Holds back the requests to an address until they are let go."""

    def __init__(self, page: Page, address: str = "**/commands") -> None:
        self.routes: list[Route] = []
        page.route(address, self._hold)
        self._page = page

    def _hold(self, route: Route) -> None:
        self.routes.append(route)

    def wait(self, count: int = 1) -> None:
        while len(self.routes) < count:
            self._page.wait_for_timeout(20)

    def let_go(self) -> None:
        self.wait()
        self.routes.pop(0).continue_()


def correct(page: Page, number: int, text: str) -> None:
    """Give a segment another text, which is then shown."""
    edit(page, number).get_by_label("Text").fill(text)
    page.keyboard.press("Control+Enter")
    expect(segment(page, number).locator(".text")).to_have_text(text)


def type_while_saving(page: Page, saved: str, more: str) -> tuple[Held, Locator]:
    """Save a text of segment 1 and type on before it is saved: the requests held, the form."""
    held = Held(page)
    form = edit(page, 1)
    form.get_by_label("Text").fill(saved)
    page.keyboard.press("Control+Enter")
    held.wait()
    page.keyboard.type(more)
    return held, form


def rows(page: Page) -> list[dict[str, Any]]:
    """The segments as the API has them."""
    number = page.url.rsplit("/", 1)[1].split("#")[0]
    reply = page.request.get(f"/api/v1/transcripts/{number}/segments")
    found: list[dict[str, Any]] = reply.json()["segments"]
    return found


def caret(form: Locator, place: int) -> None:
    form.get_by_label("Text").evaluate("(text, at) => text.setSelectionRange(at, at)", place)
