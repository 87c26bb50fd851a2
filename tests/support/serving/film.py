"""A film of the site for the README: an address becomes a debate, named, published and found.

    make film OUT=<file.gif>

The site, the recording's server, the engines and the browser are real. Waiting is cut short: what
changes on the page is a picture, whatever time it took.
"""

import sys
import tempfile
from pathlib import Path

from checkout import SAMPLE
from playwright.sync_api import Locator, Page, expect
from recordings import ffmpeg
from serving.browsing import make_the_first_account, make_web, open_page
from serving.loopback import running_site

SIZE = {"width": 1240, "height": 800}
WIDTH = 930  # of the film
RATE = 8  # pictures a second
PATIENCE = 600_000  # ms, for the engines on a busy machine
MOST_WAITING = 24  # pictures of a job under way


class Film:
    """Pictures of a page, each for as long as it is looked at."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.cuts: list[tuple[Path, float]] = []

    def show(self, seconds: float) -> None:
        """Take a picture of what is there."""
        file = self.folder / f"{len(self.cuts):03d}.png"
        self.page.screenshot(path=file, animations="disabled", caret="initial")
        self.cuts.append((file, seconds))

    def type(self, field: Locator, text: str) -> None:
        """Type a text in four parts."""
        field.click()
        for end in range(1, 5):
            field.fill(text[: len(text) * end // 4])
            self.show(0.2)

    def click(self, thing: Locator) -> None:
        """Show where the pointer is, then press."""
        thing.hover()
        self.show(0.4)
        thing.click()

    def write(self, target: Path) -> None:
        """Put the pictures together, in colours of their own."""
        listing = self.folder / "cuts.txt"
        lines = [f"file '{file}'\nduration {seconds}\n" for file, seconds in self.cuts]
        listing.write_text("".join(lines) + f"file '{self.cuts[-1][0]}'\n")
        colours = "split[a][b];[a]palettegen=max_colors=96[p];[b][p]paletteuse=dither=none"
        pictures = ("-f", "concat", "-safe", "0", "-i", listing)
        ffmpeg(
            *pictures,
            "-filter_complex",
            f"fps={RATE},scale={WIDTH}:-1:flags=lanczos,{colours}",
            target,
        )


def play(film: Film, url: str) -> None:
    """All that is seen, in order."""
    page = film.page
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Submit").click()
    film.show(1.5)
    film.type(page.get_by_label("Address of the recording"), url)
    film.click(page.get_by_role("button", name="Submit"))
    debate = page.get_by_role("link", name="free-buses.mp4")
    watch(film, debate)
    film.show(1.5)
    film.click(debate)
    expect(page.locator(".segment").first).to_be_visible()
    page.wait_for_timeout(1500)
    film.show(3)
    for label, name in (("SPEAKER_00", "Sarah Miller"), ("SPEAKER_01", "Tom Baker")):
        form = page.locator(f"form[data-label={label}]")
        film.type(form.get_by_role("combobox"), name)
        film.click(form.get_by_role("button", name="Save"))
        expect(form.get_by_role("status")).to_contain_text("Saved")
        film.show(0.8)
    page.reload()
    page.wait_for_timeout(1500)
    film.show(2)
    film.click(page.locator(".segment button.time").nth(5))
    page.wait_for_timeout(1500)
    film.show(3)
    film.click(page.get_by_role("button", name="Publish"))
    expect(page.get_by_text("Published: everyone can see it.")).to_be_visible()
    film.show(2)
    page.get_by_role("link", name="Search").click()
    film.type(page.get_by_label("Words to find"), "bus*")
    page.keyboard.press("Enter")
    expect(page.locator(".hits li").first).to_be_visible()
    film.show(4)
    film.click(page.get_by_role("link", name="How often does each say it?"))
    film.show(4)


def watch(film: Film, end: Locator) -> None:
    """Show a job each time its page says something else, until it is a debate."""
    said, waited = "", 0
    jobs = film.page.locator("#jobs")
    jobs.locator("li").first.scroll_into_view_if_needed()
    while not end.is_visible():
        assert waited < PATIENCE, "the job did not come to its end"
        now = jobs.inner_text()
        if now != said and len(film.cuts) < MOST_WAITING:
            film.show(0.5)
        said, waited = now, waited + 500
        film.page.wait_for_timeout(500)


def main() -> None:
    """Play it once on a store that is removed afterwards."""
    target = Path(sys.argv[1]).resolve()
    with (
        tempfile.TemporaryDirectory() as name,
        running_site() as site,
        make_web(Path(name) / "store", ALLOW_PRIVATE_HOSTS="1") as server,
        open_page() as page,
    ):
        page.set_viewport_size(SIZE)
        make_the_first_account(page, server)
        film = Film(page, Path(name))
        play(film, site.serve("free-buses.mp4", SAMPLE))
        film.write(target)


if __name__ == "__main__":
    main()
