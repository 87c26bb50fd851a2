"""Timelines are drawn: one character a second, # where someone speaks."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from debate_contract.errors import BadInput
from debate_transcriber.evaluation import measures
from debate_transcriber.evaluation.cli import command, main
from debate_transcriber.evaluation.references import (
    Passage,
    read_ctm,
    read_rttm,
    read_seglst,
    read_stm,
    read_text,
    read_transcript,
    split_words,
)

STM = """;; a comment
talk 1 ann 0.0 2.0 <o,f0,female> Good evening, everyone!
talk 1 bob 2.0 4.0 It's a pleasure.
talk 1 ann 4.0 6.0 ignore_time_segment_in_scoring
"""
RTTM = """SPEAKER talk 1 0.000 2.000 <NA> <NA> ann <NA> <NA>
SPEAKER talk 1 2.000 2.000 <NA> <NA> bob <NA> <NA>
"""


def drawn(**lines: str) -> list[Passage]:
    return [
        Passage(run.start(), run.end(), speaker)
        for speaker, line in lines.items()
        for run in re.finditer("#+", line)
    ]


def said(*lines: str) -> list[Passage]:
    """`ann: some words` on each line, a second each."""
    return [
        Passage(i, i + 1, *((line.split(":")[0]), split_words(line.split(":")[1])))
        for i, line in enumerate(lines)
    ]


@pytest.fixture
def transcript(tmp_path: Path) -> Path:
    def segment(start: float, end: float, speaker: str, text: str) -> dict[str, object]:
        return {"start": start, "end": end, "speaker": speaker, "text": text}

    content = {
        "duration": 6.0,
        "media": {"path": "videos/talk.mp4"},
        "speech": [{"start": 0, "end": 3, "speaker": "A"}, {"start": 3, "end": 4, "speaker": "B"}],
        "transcription": [
            segment(0, 3, "A", "good evening everyone it's"),
            segment(3, 4, "B", "a treasure"),
        ],
    }
    (tmp_path / "talk.json").write_text(json.dumps(content))
    (tmp_path / "talk.stm").write_text(STM)
    (tmp_path / "talk.rttm").write_text(RTTM)
    return tmp_path / "talk.json"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture
def program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run it as a program: exit code, output, what it said."""

    def start(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["debate-evaluate", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        return (int(end.value.code or 0), *capsys.readouterr())

    return start


def test_all_figures_of_a_transcript_against_its_references(transcript: Path) -> None:
    references = (
        "--stm",
        transcript.with_suffix(".stm"),
        "--rttm",
        transcript.with_suffix(".rttm"),
    )
    done = run(transcript, *references, "--json")
    assert done.exit_code == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["wer"]["rate"] == pytest.approx(1 / 6)  # treasure for pleasure
    assert figures["cpwer"]["errors"] == 3  # that, and "it's" with the wrong speaker: two errors
    assert figures["der"]["rate"] == pytest.approx(1 / 4)
    assert figures["der"]["confusion"] == pytest.approx(1)
    assert figures["speaking_time"]["rate"] == pytest.approx(2 / 4)  # one too long, one too short

    table = run(transcript, *references).stdout.splitlines()
    assert [line.split()[-1] for line in table] == ["0", "3", "2", "2.0"]
    assert "16.7%" in table[0]


SEGMENTS = [
    ("talk", "ann", 0, 2, "Good evening, everyone!"),
    ("other", "cat", 0, 2, "Something else."),
    ("talk", "bob", "2", "4", "It's a pleasure."),
]
SEGLST = json.dumps(
    [
        dict(zip(("session_id", "speaker", "start_time", "end_time", "words"), row, strict=True))
        for row in SEGMENTS
    ]
)
CTM = """;; a comment
other 1 0.0 0.5 else
talk 1 1.0 0.5 evening
talk 1 0.0 0.5 Good 0.9
talk 1 1.5 0.5 everyone
talk 1 2.0 0.5 it's
talk 1 2.5 0.5 a
talk 1 3.0 0.5 pleasure
"""
OTHERS = {
    "rttm": RTTM + "SPEAKER other 1 0.0 9.0 <NA> <NA> cat <NA> <NA>\n",
    "stm": STM + "other 1 cat 0.0 9.0 something else\n",
    "seglst": SEGLST,
    "ctm": CTM,
}


@pytest.mark.parametrize("kind", OTHERS)
def test_of_a_reference_of_several_recordings_the_one_of_the_same_name_counts(
    transcript: Path, kind: str
) -> None:
    reference = transcript.with_name("all")
    reference.write_text(OTHERS[kind])
    figures = json.loads(run(transcript, f"--{kind}", reference, "--json").stdout)
    expected = {"wer": 1 / 6, "cpwer": 3 / 6, "der": 1 / 4, "speaking_time": 2 / 4}
    names = {"rttm": ["der", "speaking_time"], "ctm": ["wer"]}.get(kind, list(expected))
    assert {name: figure["rate"] for name, figure in figures.items()} == {
        name: pytest.approx(expected[name]) for name in names
    }


def test_where_no_recording_has_that_name_the_names_are_said(
    transcript: Path, program: Callable[..., tuple[int, str, str]]
) -> None:
    reference = transcript.with_name("all")
    reference.write_text(SEGLST)
    code, _, said = program(transcript, "--seglst", reference, "--session", "tlak")
    assert code == 64
    assert "no session tlak; give --session, one of: other, talk" in said


def test_a_collar_forgives_boundaries(transcript: Path) -> None:
    done = run(transcript, "--rttm", transcript.with_suffix(".rttm"), "--collar", "2", "--json")
    assert json.loads(done.stdout)["der"]["rate"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ((), 64, "give a reference"),
        (("--rttm", "/nowhere.rttm"), 66, "/nowhere.rttm does not exist"),
        (("--collar", "-1"), 64, "collar"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(
    transcript: Path,
    program: Callable[..., tuple[int, str, str]],
    arguments: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    found, output, said = program(transcript, *arguments)
    assert (found, output) == (code, "")
    assert sentence in said


def test_a_file_that_is_not_what_it_should_be_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("talk 1 ann zero 2.0 hello")
    with pytest.raises(BadInput, match="is not STM"):
        read_stm(tmp_path / "x")
    with pytest.raises(BadInput, match="is not CTM"):
        read_ctm(tmp_path / "x")
    with pytest.raises(BadInput, match="is not SegLST"):
        read_seglst(tmp_path / "x")
    with pytest.raises(BadInput, match="is not a transcript"):
        read_transcript(tmp_path / "x")


def test_words_are_compared_without_case_and_marks() -> None:
    assert split_words("“It’s — well, 'EU-wide'…”") == ("it's", "well", "eu", "wide")  # noqa: RUF001


@pytest.mark.parametrize(
    ("reference", "hypothesis", "errors"),
    [
        (said("ann: a b c", "bob: d e"), said("x: d e", "y: a b c"), 0),
        (said("ann: a b", "bob: c d"), said("x: a b c d"), 4),
        (said("ann: a b"), said("x: a", "y: b"), 2),
        (said("ann: a b"), [], 2),
        ([], said("x: a"), 1),
        ([], [], 0),
    ],
    ids=["labels do not matter", "two in one", "one in two", "nothing found", "invented", "empty"],
)
def test_words_of_the_wrong_speaker_are_errors(
    reference: list[Passage], hypothesis: list[Passage], errors: int
) -> None:
    assert measures.attributed_word_error_rate(reference, hypothesis)["errors"] == errors


def test_the_rate_with_the_right_speaker_is_meeteval_s() -> None:
    reference = said(
        "ann: shall we raise the fare", "bob: no we shall not", "ann: why not",
        "cat: because nobody pays it", "bob: quite so",
    )  # fmt: skip
    hypothesis = said(
        "x: shall we raise the fare no", "y: we shall not", "x: why",
        "y: because nobody pays it", "z: quite so", "z: thank you",
    )  # fmt: skip
    found = measures.attributed_word_error_rate(reference, hypothesis)
    assert (found["errors"], found["words"]) == (11, 17)  # by MeetEval 0.4.3


@pytest.mark.parametrize(
    ("skip_overlap", "missed"), [(False, 2.0), (True, 0.0)], ids=["scored", "left out"]
)
def test_overlap_is_scored_unless_it_is_left_out(skip_overlap: bool, missed: float) -> None:
    reference = drawn(ann="#####...", bob="...#####")
    hypothesis = drawn(A="#####...", B=".....###")
    found = measures.diarization_error_rate(reference, hypothesis, 8, skip_overlap=skip_overlap)
    assert found["missed"] == pytest.approx(missed)
    assert found["confusion"] == 0


def test_speaking_time_counts_a_speaker_without_partner_whole() -> None:
    reference = drawn(ann="######..", bob="......##")
    hypothesis = drawn(A="########")
    assert measures.speaking_time_error(reference, hypothesis)["seconds"] == pytest.approx(4)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_references_are_read_in_any_unicode(transcript: Path, encoding: str) -> None:
    reference = transcript.with_suffix(".rttm")
    plain = run(transcript, "--rttm", reference)
    reference.write_bytes(RTTM.replace("\n", "\r\n").encode(encoding))

    assert run(transcript, "--rttm", reference).stdout == plain.stdout


def test_a_reference_of_before_unicode_is_read_and_its_code_page_named(tmp_path: Path) -> None:
    reference = tmp_path / "talk.txt"
    reference.write_bytes("Über die Gebühren für Köln wird öffentlich gesprochen.".encode("cp1252"))

    done = CliRunner().invoke(echo_words, [str(reference)])

    assert done.stdout.split()[:4] == ["über", "die", "gebühren", "für"]
    assert f"{reference} is not UTF-8; it is read as cp125" in done.stderr


@click.command()
@click.argument("file")
def echo_words(file: str) -> None:
    click.echo(" ".join(read_text(Path(file))))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("SPEAKR talk 1 2 2 <NA> <NA> bob", "line 3 begins with 'SPEAKR', which is no type"),
        ("SPEAKER talk 1 two 2 <NA> <NA> bob", "could not convert"),
    ],
)
def test_a_line_of_a_reference_that_is_not_understood_is_named(
    transcript: Path, line: str, reason: str
) -> None:
    reference = transcript.with_suffix(".rttm")
    reference.write_text(f"{RTTM}{line}\n")

    with pytest.raises(BadInput, match=reason):
        read_rttm(reference)


def test_lines_of_rttm_that_are_no_turns_are_passed_over(transcript: Path) -> None:
    reference = transcript.with_suffix(".rttm")
    reference.write_text(f";; made by hand\nSPKR-INFO talk 1 <NA> <NA> <NA> adult ann\n{RTTM}")

    assert [turn.speaker for turn in read_rttm(reference)] == ["ann", "bob"]
