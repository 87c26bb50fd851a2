"""A database of either kind with debates to search."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from debate_webapp.database.models import Segment, Transcript
from debate_webapp.editing import edits
from debate_webapp.editing.log import Author
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.local import LocalStore
from debate_webapp.search.find import by_time, find
from debate_webapp.search.indexed import Filters
from debate_webapp.search.question import parse_question
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from stores import make_account

SAID = [
    "The bus lane is late.",
    "No bus, no tram: a tax.",
    "Public transport costs tax money.",
    "Příliš žluťoučký kůň.",
    "東京の交通",
    "Buses and trams, trams and buses, trams.",
]


class Archive:
    """A database with debates of these sentences, a speaker each by turns."""

    def __init__(self, engine: Engine, root: Path, make_job: Callable[..., Path]) -> None:
        self.session = Session(engine, expire_on_commit=False)
        self.store, self.make_job = LocalStore(str(root)), make_job
        self.user = make_account(self.session, "ana")
        self.commands = 0

    def add(self, job: str = "job-1", said: list[str] = SAID, published: bool = True) -> Transcript:
        done = register(self.session, self.store, str(self.make_job(job, **spoken(said))))
        if published:
            edits.publish(self.session, done.transcript, True, self.author())
        return done.transcript

    def author(self) -> Author:
        self.commands += 1
        return Author(self.user, f"c{self.commands}")

    def find(
        self, asked: str, editor: bool = False, order: Callable = by_time, **filters: object
    ) -> list[str]:
        self.session.expire_all()
        found = find(self.session, parse_question(asked), Filters(**filters), editor, order)
        self.session.rollback()
        return [hit.segment.text for hit in found.hits]

    def segment(self, text: str) -> Segment:
        return self.session.scalars(select(Segment).where(Segment.text == text)).one()

    def edit(self, before: str, after: str) -> None:
        self.edit_row(self.segment(before), after)

    def edit_row(self, row: Segment, after: str) -> None:
        state = lambda: {"text": after}  # noqa: E731
        edits.change_segment(self.session, row, "edit_text", state, row.version, self.author())


def spoken(said: list[str]) -> dict[str, object]:
    """A document of these sentences, four seconds each, by two voices in turns."""
    speech = [
        {"start": 4.0 * at, "end": 4.0 * at + 3, "speaker": f"SPEAKER_0{at % 2}"}
        for at in range(len(said))
    ]
    more = {"confidence": 0.9, "speaker_confidence": 1.0, "overlap": False, "words": []}
    segments = [
        {**stretch, "id": at, "text": text, **more}
        for at, (stretch, text) in enumerate(zip(speech, said, strict=True))
    ]
    return {"transcription": segments, "speech": speech, "duration": 4.0 * len(said)}


@pytest.fixture
def archive(engine: Engine, root: Path, make_job: Callable[..., Path]) -> Iterator[Archive]:
    archive = Archive(engine, root, make_job)
    yield archive
    archive.session.close()
