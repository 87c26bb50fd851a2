"""Voices known from other debates: proposed by ear, named by editors, deleted when asked."""

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from clients import CheckedClient
from debate_contract.errors import UsageFault
from debate_webapp import create_app
from debate_webapp.database.models import Person, VoiceVector
from debate_webapp.incoming.storage import open_store
from debate_webapp.incoming.vectors import read_voices
from debate_webapp.reading import known_voices
from debate_webapp.reading.people import all_choices
from debate_webapp.settings import Settings
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import outline
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from stores import put_voices, voice_file

TALK = [
    {"id": n, "start": 10.0 * n, "end": 10.0 * n + 8, "speaker": label, "text": "So it is."}
    for n, label in enumerate(["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"])
]
# Three voices at right angles to each other.
ANA, BEN, EVA = np.eye(3, 8)


def like(voice: Any, cosine: float) -> Any:
    """A voice of that likeness, unlike all others."""
    return cosine * voice + math.sqrt(1 - cosine**2) * np.eye(1, 8, 7)[0]


@pytest.fixture
def register(editor: CheckedClient, make_job):
    """Registers a debate with two labels whose voices are given; names are those of labels."""
    numbers = iter(range(1, 100))

    def make(voices: dict[str, Any], names: dict[str, str] | None = None, **file: Any) -> int:
        number = next(numbers)
        source = {"path": "videos/Town_hall.mp4", "source": {"title": f"Debate {number}"}}
        job = make_job(
            f"job-{number}", media=source, duration=40.0, transcription=TALK, speech=TALK
        )
        put_voices(job, voices, **file)
        editor.send("/debates", uri=str(job))
        for label, name in (names or {}).items():
            say(editor, number, label, name)
        editor.get(f"/debates/{number}/known-voices")  # as the debate's page asks
        return number

    return make


def say(editor: CheckedClient, debate: int, label: str, name: str, version: int = 1) -> None:
    form = {"name": name, "version": version, "client_id": f"{label}{version}"}
    editor.send(f"/debates/{debate}/speakers/{label}", **form)


def known(editor: CheckedClient, debate: int) -> dict[str, str]:
    """Whom each label is said to sound like."""
    found = editor.get(f"/api/v1/transcripts/{debate}/known-voices").json["voices"]
    return {one["label"]: one["person"]["name"] for one in found}


def test_a_voice_that_was_named_elsewhere_is_proposed_with_what_speaks_for_it(
    editor: CheckedClient, register
) -> None:
    register({"SPEAKER_00": ANA, "SPEAKER_01": BEN}, {"SPEAKER_00": "Ana", "SPEAKER_01": "Ben"})
    register({"SPEAKER_00": BEN, "SPEAKER_01": like(ANA, 0.8)})

    answer = editor.get("/api/v1/transcripts/2/known-voices").json["voices"]
    assert answer[1] == {
        "label": "SPEAKER_01",
        "person": {"slug": "ana", "name": "Ana"},
        "likeness": 0.8,
        "debates": 1,
        "heard": {"transcript": 1, "label": "SPEAKER_00", "start": 0.0, "end": 5.0},
    }
    page = editor.get("/debates/2/known-voices")
    assert "Sounds like <strong>Ana</strong>, named in 1 other debate; likeness 0.80." in page.text
    excerpts = [link for link in outline(page).all("a") if "play" in (link.get("class") or "")]
    assert [link["data-src"] for link in excerpts] == [
        "/api/v1/media/2", "/api/v1/media/1", "/api/v1/media/2", "/api/v1/media/1",
    ]  # fmt: skip


def test_a_page_of_its_own_names_them_without_scripts(editor: CheckedClient, register) -> None:
    register({"SPEAKER_01": BEN}, {"SPEAKER_01": "Ben"})
    register({"SPEAKER_01": BEN})

    page = outline(editor.get("/debates/2/known-voices"))
    fields = {field["name"]: field.get("value") for field in page.all("input")}
    reply = editor.send(
        "/debates/2/speakers/SPEAKER_01", **{k: fields[k] for k in ("name", "version", "client_id")}
    )
    assert "Saved: SPEAKER_01 is Ben." in reply.text


def test_nothing_is_named_until_an_editor_says_so(editor: CheckedClient, register) -> None:
    register({"SPEAKER_00": ANA}, {"SPEAKER_00": "Ana"})
    register({"SPEAKER_00": ANA})
    assert known(editor, 2) == {"SPEAKER_00": "Ana"}

    debate = editor.get("/api/v1/transcripts/2").json
    assert [speaker["person"] for speaker in debate["speakers"]] == [None, None]

    say(editor, 2, "SPEAKER_00", "Ana")
    assert known(editor, 2) == {}


def test_one_person_is_never_two_voices_of_a_debate(editor: CheckedClient, register) -> None:
    """Both sound like her; the one that does so more is proposed, and none once she is there."""
    register({"SPEAKER_00": ANA}, {"SPEAKER_00": "Ana"})
    register({"SPEAKER_00": like(ANA, 0.7), "SPEAKER_01": like(ANA, 0.9)})
    assert known(editor, 2) == {"SPEAKER_01": "Ana"}

    say(editor, 2, "SPEAKER_00", "Ana")
    assert known(editor, 2) == {}


@pytest.mark.parametrize(("cosine", "proposed"), [(0.54, False), (0.56, True)])
def test_who_is_not_alike_enough_is_not_proposed(editor, register, cosine, proposed) -> None:
    register({"SPEAKER_00": ANA}, {"SPEAKER_00": "Ana"})
    register({"SPEAKER_00": like(ANA, cosine)})

    assert bool(known(editor, 2)) is proposed


def test_a_voice_heard_for_a_moment_tells_nothing(editor: CheckedClient, register) -> None:
    register({"SPEAKER_00": ANA}, {"SPEAKER_00": "Ana"}, seconds=4.0)
    register({"SPEAKER_00": ANA})
    assert known(editor, 2) == {}


@pytest.mark.parametrize("other", [{"model": "ge2e"}, {"version": "2"}])
def test_vectors_of_different_models_are_not_compared(editor, register, other) -> None:
    register({"SPEAKER_00": ANA}, {"SPEAKER_00": "Ana"}, **other)
    register({"SPEAKER_00": ANA})

    assert known(editor, 2) == {}


def test_vectors_of_another_length_are_not_compared(editor: CheckedClient, register) -> None:
    register({"SPEAKER_00": np.eye(1, 16)[0]}, {"SPEAKER_00": "Ana"})
    register({"SPEAKER_00": ANA, "SPEAKER_01": np.eye(1, 4)[0]})

    assert known(editor, 2) == {}


def test_a_person_sounds_as_in_all_their_debates(editor: CheckedClient, register) -> None:
    """Two rooms, in each of which the third voice is not alike enough; in both together it is."""
    left, right = (0.8 * ANA + 0.6 * other for other in (BEN, EVA))
    register({"SPEAKER_00": left}, {"SPEAKER_00": "Ana"})
    register({"SPEAKER_00": right}, {"SPEAKER_00": "Ana"})
    third = 0.65 * ANA + 0.76 * np.eye(1, 8, 6)[0]
    register({"SPEAKER_00": third})

    (found,) = editor.get("/api/v1/transcripts/3/known-voices").json["voices"]
    assert (found["debates"], found["likeness"]) == (
        2,
        pytest.approx(0.52 / math.sqrt(0.82), abs=0.001),
    )


def test_a_name_taken_back_is_forgotten_with_it(editor: CheckedClient, register) -> None:
    register({"SPEAKER_00": ANA}, {"SPEAKER_00": "Ana"})
    register({"SPEAKER_00": ANA})
    say(editor, 1, "SPEAKER_00", "", version=2)

    assert known(editor, 2) == {}


def test_another_version_of_the_same_debate_tells_nothing(
    editor: CheckedClient, register, make_job
) -> None:
    register({"SPEAKER_00": ANA}, {"SPEAKER_00": "Ana"})
    job = make_job("job-1", transcription=TALK[:2], speech=TALK[:2], duration=40.0)
    editor.send("/debates", uri=str(job))
    editor.send("/debates/2/count", client_id="count")

    assert known(editor, 2) == {}


def stored(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(VoiceVector)) or 0


def test_a_person_who_does_not_want_it_is_not_kept_and_not_proposed(
    editor: CheckedClient, register, db: Session
) -> None:
    register({"SPEAKER_00": ANA, "SPEAKER_01": BEN}, {"SPEAKER_00": "Ana"})
    register({"SPEAKER_00": ANA})
    assert "Known by the voice" in editor.get("/people/ana").text

    reply = editor.send("/people/ana/voice/off")
    assert "not known by their voice here any more" in reply.text
    assert (stored(db), known(editor, 2)) == (2, {})

    say(editor, 2, "SPEAKER_00", "Ana")  # now it is known to be hers
    assert stored(db) == 1
    register({"SPEAKER_00": ANA}, {"SPEAKER_00": "Ana"})
    assert stored(db) == 1

    editor.send("/people/ana/voice/on")
    register({"SPEAKER_00": ANA})
    assert known(editor, 4) == {}  # until a page of a debate with her has been opened again
    editor.get("/debates/2/known-voices")
    assert known(editor, 4) == {"SPEAKER_00": "Ana"}


def test_where_the_house_does_not_want_it_no_voice_is_compared_or_kept(
    editor: CheckedClient, register, db: Session, settings: Settings
) -> None:
    off = Settings.from_env(
        {"STORAGE_ROOT": settings.storage_root, "SECRET_KEY": "k" * 32, "KNOWN_VOICES": "off"}
    )
    editor.application.config["KNOWS_VOICES"] = off.knows_voices
    register({"SPEAKER_00": ANA}, {"SPEAKER_00": "Ana"})

    assert editor.get("/debates/1/known-voices").status_code == 404
    assert "sound like" not in editor.get("/debates/1").text
    assert "Known by the voice" not in editor.get("/people/ana").text
    assert stored(db) == 0


def test_a_debate_without_the_file_has_no_proposals(debate: CheckedClient) -> None:
    assert known(debate, 1) == {}
    assert (
        "No voice without a name sounds like anybody" in debate.get("/debates/1/known-voices").text
    )


def test_readers_learn_nothing_of_voices(editor: CheckedClient, register) -> None:
    register({"SPEAKER_00": ANA}, {"SPEAKER_00": "Ana"})
    editor.send("/debates/1/publication/on", client_id="publish")
    editor.send("/sign-out")

    assert "voice-title" not in editor.get("/people/ana").text
    assert "known-voices" not in editor.get("/debates/1").text
    assert editor.get("/api/v1/transcripts/1/known-voices").status_code == 401


BAD = {
    "no Parquet": b"<html>",
    "cut short": None,
    "not numbers": voice_file({}).drop(["embedding"]),
    "NaN": voice_file({"SPEAKER_00": [math.nan] * 8}),
    "nothing but zeros": voice_file({"SPEAKER_00": [0.0] * 8}),
    "infinite": voice_file({"SPEAKER_00": [math.inf] * 8}),
    "no seconds": voice_file({"SPEAKER_00": ANA}, seconds=math.nan),
    "a label of nobody": voice_file({"SPEAKER_77": ANA}),
    "too many": voice_file({f"SPEAKER_{n}": ANA for n in range(201)}),
    "too long": voice_file({"SPEAKER_00": np.ones(5000)}),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_that_cannot_be_used_is_no_fault_of_the_debate(
    debate: CheckedClient, root: Path, what: str
) -> None:
    body = BAD[what]
    (folder,) = root.glob("jobs/*/transcripts")
    path = folder / "Town_hall_speaker_embeddings.parquet"
    if isinstance(body, bytes):
        path.write_bytes(body)
    else:
        pq.write_table(voice_file({"SPEAKER_00": ANA}) if body is None else body, path)
        if body is None:
            path.write_bytes(path.read_bytes()[:-20])

    assert debate.get("/debates/1/known-voices").status_code == 200
    assert known(debate, 1) == {}


def test_what_keeps_a_file_from_being_used_is_said_in_the_log(
    debate: CheckedClient, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder,) = root.glob("jobs/*/transcripts")
    (folder / "Town_hall_speaker_embeddings.parquet").write_bytes(b"<html>")
    known(debate, 1)

    assert "Town_hall_speaker_embeddings.parquet are not compared" in caplog.text
    assert "Parquet file size is 6 bytes" in caplog.text


def damaged(at: int, put: bytes) -> bytes:
    file = io.BytesIO()
    pq.write_table(voice_file({"SPEAKER_00": ANA}), file)
    body = file.getvalue()
    return body[:at] + put + body[at + len(put) :]


def test_a_file_without_the_voice_of_a_named_label_is_not_read_at_each_look(
    editor: CheckedClient, register, monkeypatch: pytest.MonkeyPatch
) -> None:
    debate = register({"SPEAKER_00": ANA}, {"SPEAKER_01": "Ben"})
    read: list[str] = []

    def note(store: Any, key: str, labels: Any) -> Any:
        read.append(key)
        return read_voices(store, key, labels)

    monkeypatch.setattr(known_voices, "read_voices", note)
    for _ in range(3):
        known(editor, debate)
    assert len(read) <= 1

    monkeypatch.setattr(known_voices, "REMEMBERED_SECONDS", -1.0)
    known(editor, debate)
    assert read


@settings(max_examples=6)
@given(st.binary(max_size=400), st.integers(0, 2000))
def test_no_bytes_whatever_are_more_than_a_file_without_voices(
    tmp_path_factory, put: bytes, at: int
) -> None:
    """Random ones have brought the library down, and with it the process that read them."""
    folder = tmp_path_factory.mktemp("voices") / "transcripts"
    folder.mkdir()
    (folder / "a_speaker_embeddings.parquet").write_bytes(damaged(at, put))
    store = open_store(str(folder.parent))

    for voice in read_voices(store, "transcripts/a_transcription.json", ["SPEAKER_00"]):
        assert np.linalg.norm(np.frombuffer(voice.vector, "<f4")) == pytest.approx(1.0, abs=1e-3)


def test_thousands_of_people_can_be_picked_from(db: Session) -> None:
    """Equal names get their slug; counting them takes no look at all names for each."""
    db.add_all(Person(slug=f"p-{n}", name=f"Name {n // 2}") for n in range(20_000))
    db.flush()
    assert len(all_choices(db)) == 20_000


def test_what_the_switch_says_is_on_or_off(root: Path) -> None:
    with pytest.raises(UsageFault, match="KNOWN_VOICES is `on` or `off`, not 'yes'"):
        Settings.from_env({"STORAGE_ROOT": str(root), "KNOWN_VOICES": "yes"})
    assert create_app(Settings.from_env({"STORAGE_ROOT": str(root)})).config["KNOWS_VOICES"]
