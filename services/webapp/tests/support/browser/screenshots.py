"""Pictures of every page: wide and narrow, light and dark, as each of those who see it.

    make screenshots [OUT=<folder>] [ONLY=figures]

The site is a real one with five debates of three people; nothing of it is kept.
"""

import argparse
import itertools
import secrets
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from browsers import chromium, sign_in
from debate_webapp.database.models import Segment, Transcript, User
from debate_webapp.editing import edits
from debate_webapp.editing.log import Author
from debate_webapp.reading import people
from debate_webapp.settings import DATABASE_FILE
from playwright.sync_api import Browser
from servers import Site, serving
from sqlalchemy import select
from sqlalchemy.orm import Session
from stores import make_database, make_recording

SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}
SCHEMES = ("light", "dark")
CHIEF, EDITOR = "chief", "editor"
TITLE = "Town hall, part {}: free buses"

PEOPLE = ("Ana Nováková", "Petr Dvořák", "Eva Malá")
SAID = (
    "Should the city make its buses free for everyone who lives here?",
    "It would cost four million a year, and I have not heard where they come from.",
    "From the car parks. We have said so since the spring.",
    "The car parks bring in one million. The other three are still missing.",
    "A free bus is not free. Somebody pays for it, and it is not only drivers.",
    "Half of those who ride it pay nothing already: children, students, the old.",
    "Then let us speak of the other half, who are the ones that would leave their cars.",
    "In Tallinn they did not leave them.",
)


class Shot(NamedTuple):
    """A page: its picture's name, the route it shows, its address, who looks (None: anyone)."""

    name: str
    route: str
    address: str
    who: str | None = None


SHOTS = (
    Shot("list", "/", "/"),
    Shot("list-of-editors", "/", "/", EDITOR),
    Shot("debate", "/debates/<int:transcript_id>", "/debates/1"),
    Shot("debate-of-editors", "/debates/<int:transcript_id>", "/debates/1", EDITOR),
    Shot("figures", "/debates/<int:transcript_id>/figures", "/debates/1/figures"),
    Shot("carrying", "/debates/<int:transcript_id>/carrying", "/debates/6/carrying", EDITOR),
    Shot("people", "/people", "/people"),
    Shot("person", "/people/<slug>", "/people/ana-novakova"),
    Shot("search", "/search", "/search?q=buses"),
    Shot("search-nothing", "/search", "/search?q=trams"),
    Shot("counts", "/search/counts", "/search/counts?q=car+OR+bus*"),
    Shot("submit", "/submissions", "/submissions", EDITOR),
    Shot("sign-in", "/sign-in", "/sign-in"),
    Shot("own-account", "/account", "/account", EDITOR),
    Shot("second-factor", "/account/second-factor", "/account/second-factor", EDITOR),
    Shot("tokens", "/account/tokens", "/account/tokens", EDITOR),
    Shot("accounts", "/accounts", "/accounts", CHIEF),
    Shot("audit", "/audit", "/audit", CHIEF),
    Shot("not-found", "", "/debates/99"),
)


def segments(debate: int) -> list[dict[str, Any]]:
    """Twelve seconds of talk, some of it into each other, by three voices in turn."""
    return [
        {
            "id": n,
            "start": n * 1.4,
            "end": n * 1.4 + 1.3 + 0.4 * (n % 3 == 1),
            "speaker": f"SPEAKER_0{(n + n // 3 + debate) % 3}",
            "text": SAID[(n + debate) % len(SAID)],
            "confidence": 0.55 + 0.05 * n,
        }
        for n in range(8)
    ]


def furnish(site: Site) -> None:
    """Five debates, named and published, and a new transcription of the last, with corrections."""
    for number in range(5):
        address = site.new_debate(segments(number), TITLE.format(number + 1))
        with site.session() as session:
            name_and_publish(session, session.get_one(Transcript, int(address.rsplit("/", 1)[1])))
    again = [{**part, "text": f"{part['text']} Yes."} for part in segments(4)]
    site.new_debate(again, TITLE.format(5))
    site.add_administrator(CHIEF)


def name_and_publish(session: Session, debate: Transcript) -> None:
    """As an editor would who corrects the first line."""
    user = session.scalars(select(User)).first()
    assert user

    def author() -> Author:
        return Author(user, secrets.token_hex(16))

    for speaker, name in zip(list(debate.speakers), PEOPLE, strict=True):
        find = partial(people.find_or_add, session, name)
        edits.assign_label(session, speaker, find, speaker.version, author())
    first = session.scalars(select(Segment).where(Segment.transcript_id == debate.id)).first()
    assert first
    corrected = {"text": f"Well. {first.text}"}
    edits.change_segment(session, first, "edit_text", lambda: corrected, first.version, author())
    edits.publish(session, debate, True, author())


def draw(browser: Browser, site: Site, shots: Sequence[Shot], folder: Path) -> Iterator[Path]:
    """Take each picture in all sizes and schemes; the files, as they are written."""
    cookies = {who: who and sign_in(browser, site, who) for who in {shot.who for shot in shots}}
    for scheme, (size, viewport) in itertools.product(SCHEMES, SIZES.items()):
        for shot in shots:
            context = browser.new_context(
                base_url=site.address,
                viewport=viewport,
                color_scheme=scheme,
                storage_state=cookies[shot.who] or None,
            )
            page = context.new_page()
            page.goto(shot.address)
            page.wait_for_load_state("networkidle")
            file = folder / f"{shot.name}-{size}-{scheme}.png"
            page.screenshot(path=file, full_page=True)
            context.close()
            yield file


def main() -> None:
    """Furnish a site, draw it, remove it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="the folder for the pictures")
    parser.add_argument("--only", default="", help="pages whose name has this in it")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    shots = [shot for shot in SHOTS if given.only in shot.name]
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        root = Path(name) / "store"
        root.mkdir()
        make_database(root / DATABASE_FILE)
        with serving(root, make_recording(Path(name) / "recording.mp4")) as site:
            furnish(site)
            for file in draw(browser, site, shots, given.out):
                sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main()
