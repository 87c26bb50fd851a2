"""Voice files, on both databases: whose voices are kept when, and files made to do harm."""

import io
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from debate_webapp.database.models import Person, Speaker, Transcript, VoiceVector
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.local import LocalStore
from debate_webapp.incoming.vectors import MachineVoice, read_voices
from debate_webapp.reading.known_voices import find_known_voices, keep_voices, know_again
from debate_webapp.reading.people import find_or_add
from debate_webapp.reading.queries import cast_of
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session
from stores import put_voices, voice_file

VOICES = dict(zip(("SPEAKER_00", "SPEAKER_01"), np.eye(2, 8), strict=True))


class Meanwhile(LocalStore):
    """A store in which something happens while a voice file is read."""

    def __init__(self, root: Path, act: Callable[[], object]) -> None:
        super().__init__(str(root))
        self._act = act

    def read(self, key: str, limit: int) -> bytes:
        body = super().read(key, limit)
        if key.endswith(".parquet"):
            self._act()
        return body


class House:
    """A database with a debate in which SPEAKER_00 is Ana, and nobody yet has opened its page."""

    def __init__(self, engine: Engine, root: Path, make_job: Callable[..., Path]) -> None:
        self.engine, self.root, self.make_job = engine, root, make_job
        put_voices(make_job(), VOICES)
        with Session(engine) as session:
            register(session, LocalStore(str(root)), str(make_job()))
            find_or_add(session, "Ana")
            session.commit()
        self.name("Ana")

    def name(self, who: str | None) -> None:
        """Say who SPEAKER_00 is."""
        with Session(self.engine) as session:
            person = select(Person).where(Person.name == who)
            session.get_one(Speaker, (1, "SPEAKER_00")).person = session.scalar(person)
            session.commit()

    def know_again(self, wanted: bool) -> None:
        """Ana, or not."""
        with Session(self.engine) as session:
            know_again(session, session.scalars(select(Person)).one(), wanted=wanted)

    def open(self, act: Callable[[], object] = bool) -> list[str]:
        """Look at the voices of the debate, as its page does; the labels that are kept then."""
        with Session(self.engine) as session:
            keep_voices(session, Meanwhile(self.root, act), session.get_one(Transcript, 1))
        with Session(self.engine) as session:
            return list(session.scalars(select(VoiceVector.label).order_by(VoiceVector.label)))


@pytest.fixture
def house(engine: Engine, root: Path, make_job: Callable[..., Path]) -> House:
    return House(engine, root, make_job)


def test_who_asks_not_to_be_known_while_the_file_is_read_is_not_kept(house: House) -> None:
    assert house.open(lambda: house.know_again(False)) == ["SPEAKER_01"]


def test_who_is_found_to_be_somebody_who_does_not_want_it_is_not_kept(house: House) -> None:
    house.name(None)
    house.know_again(False)

    assert house.open(lambda: house.name("Ana")) == ["SPEAKER_01"]


def test_what_is_to_be_kept_waits_for_who_is_just_asking_not_to_be_known(house: House) -> None:
    with Session(house.engine) as session, ThreadPoolExecutor() as elsewhere:
        session.scalars(select(Person)).one().known_again = False
        session.flush()
        kept = elsewhere.submit(house.open)
        with pytest.raises(TimeoutError):
            kept.result(timeout=2)
        session.commit()
        assert kept.result(timeout=20) == ["SPEAKER_01"]


def test_who_may_be_known_again_is_so_as_soon_as_their_debate_is_opened(house: House) -> None:
    """Also where the other voices of the debate are kept already."""
    house.know_again(False)
    assert house.open() == ["SPEAKER_01"]

    house.know_again(True)
    assert house.open() == ["SPEAKER_00", "SPEAKER_01"]


def test_what_another_transcription_found_is_not_taken_for_the_voices_of_this_one(
    house: House,
) -> None:
    """It has the same labels for other people, and until it counts the names are of before."""
    again = house.make_job(language="cs")
    put_voices(again, dict(zip(VOICES, reversed(VOICES.values()), strict=True)))
    assert house.open() == []

    again.unlink()  # as when it is being written
    assert house.open() == []


def test_however_many_voices_are_known_few_are_in_memory(house: House) -> None:
    """Ten thousand of a hundred people, which are eight megabytes."""
    house.name(None)
    house.open()
    debates, vector = range(2, 2002), np.full(192, 192**-0.5, "<f4").tobytes()
    rows = [
        {"transcript_id": debate, "label": f"SPEAKER_{at:02}", "person_id": 2 + (debate + at) % 100}
        for debate in debates
        for at in range(5)
    ]
    measured = {"model": "campplus 1", "seconds": 60.0, "vector": vector}
    with Session(house.engine) as session:
        session.add_all(Person(id=at, slug=f"p-{at}", name=f"P {at}") for at in range(2, 102))
        session.flush()
        session.execute(
            insert(Transcript),
            [{"id": n, "key": f"{n}", "artefact_id": 1, "job_id": "", "title": "", "duration": 1.0}
             for n in debates],
        )  # fmt: skip
        session.execute(insert(Speaker), [row | {"colour": 0} for row in rows])
        places = [{k: row[k] for k in ("transcript_id", "label")} for row in rows]
        session.execute(insert(VoiceVector), [place | measured for place in places])
        session.commit()

    with Session(house.engine) as session:
        transcript = session.get_one(Transcript, 1)
        cast = cast_of(session, transcript)
        own = [MachineVoice("SPEAKER_00", "campplus 1", 60.0, vector)]
        tracemalloc.start()
        (found,) = find_known_voices(session, transcript, cast, own).values()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (found.debates, round(found.likeness, 5)) == (100, 1.0)
    assert peak < 4_000_000


def unfolding(column: str, value: Any, count: int = 100) -> bytes:
    """A file of few bytes whose column has that value so many times."""
    rows = voice_file({f"SPEAKER_{at:02}": np.ones(8) for at in range(count)})
    place = rows.column_names.index(column)
    file = io.BytesIO()
    rows = rows.set_column(place, column, pa.array([value] * count))
    pq.write_table(rows, file, compression="zstd")
    return file.getvalue()


@pytest.mark.parametrize("column", ["speaker", "model", "model_version"])
def test_a_small_file_of_long_strings_is_not_unfolded_here(tmp_path: Path, column: str) -> None:
    """The process that opens it is limited; what it writes is read by the one that serves pages."""
    body = unfolding(column, "x" * 1_000_000)
    assert len(body) < 500_000
    (tmp_path / "a_speaker_embeddings.parquet").write_bytes(body)

    tracemalloc.start()
    found = read_voices(LocalStore(str(tmp_path)), "a_transcription.json", ["SPEAKER_00"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == []
    assert peak < 20_000_000
