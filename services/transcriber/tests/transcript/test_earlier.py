"""Words go into a transcript and come back out of it as they were."""

import json

from debate_transcriber.engines.speech import (
    Diarization,
    EngineInfo,
    Recognition,
    Turn,
    Unheard,
    Word,
)
from debate_transcriber.transcript.artefacts import (
    Provenance,
    Result,
    answers,
    compose_transcript,
    serialise_json,
)
from debate_transcriber.transcript.assignment import assign_words
from debate_transcriber.transcript.earlier import as_written, parse_heard
from debate_transcriber.transcript.segments import cut_segments
from hypothesis import given
from hypothesis import strategies as st

BASE = EngineInfo("whisper", "20250625", "draft", {"model": "base", "device": "cpu"})
WHISPER = EngineInfo("whisper", "20250625", "standard", {"model": "small", "device": "cpu"})
PYANNOTE = EngineInfo("pyannote", "4.0.7", "standard")
REQUEST: dict[str, object] = {
    "language": None,
    "initial_prompt": None,
    "num_speakers": 2,
    "asr_engine": "whisper",
    "diarization_engine": "pyannote",
}
PROVENANCE = Provenance("videos/talk.mp4", "ab" * 32, None, REQUEST)

gap, length = st.floats(0, 3), st.floats(0, 2)
said = st.lists(
    st.tuples(
        gap, length, st.sampled_from(["So", "so,", "so."]), st.floats(0, 1), st.booleans(),
        st.sampled_from(["en", "cs"]),
    ),
    max_size=30,
)  # fmt: skip


def transcript_of(
    recognition: Recognition, turns: list[Turn], asr: EngineInfo = WHISPER
) -> dict[str, object]:
    segments = cut_segments(assign_words(recognition.words, turns), turns)
    diarization = Diarization(turns, turns, [], "campplus-zh-en-192", "1")
    result = Result(60.0, recognition, diarization, segments, asr, PYANNOTE, {}, 1.0)
    composed = json.loads(serialise_json(compose_transcript(result, PROVENANCE)))
    return {key: value for key, value in composed.items() if key != "created_at"}


def words_from(rows: list[tuple[float, float, str, float, bool, str]]) -> list[Word]:
    at, words = 0.0, []
    for wait, seconds, text, probability, space, language in rows:
        at += wait
        words.append(Word(text, at, at + seconds, probability, space, language))
        at += seconds
    return words


@given(said, st.floats(0, 1))
def test_nothing_of_the_words_is_lost(rows, probability: float) -> None:
    heard = as_written(Recognition(words_from(rows), "en", probability))
    written = transcript_of(heard, [Turn(0.0, 20.0, "SPEAKER_00"), Turn(19.0, 60.0, "SPEAKER_01")])
    back = parse_heard(written)
    assert back.recognition == heard
    assert back.asr == WHISPER


@given(said)
def test_other_turns_make_of_them_what_they_would_have_made_at_once(rows) -> None:
    heard = as_written(Recognition(words_from(rows), "en", None))
    other = [Turn(0.0, 5.0, "SPEAKER_00"), Turn(5.0, 9.0, "SPEAKER_01")]
    first = transcript_of(heard, [Turn(0.0, 60.0, "SPEAKER_00")])
    assert transcript_of(parse_heard(first).recognition, other) == transcript_of(heard, other)


def test_words_of_a_draft_stay_a_draft_when_the_speakers_are_told_apart_anew() -> None:
    written = transcript_of(Recognition([], "en", None), [], BASE)
    assert parse_heard(written).asr == BASE


def test_a_transcript_answers_for_its_words_whatever_the_number_of_speakers() -> None:
    written = transcript_of(Recognition([], None, None), [])
    fewer = Provenance("videos/talk.mp4", "ab" * 32, None, REQUEST | {"num_speakers": 1})
    assert not answers(written, fewer, fewer.request)
    assert answers(written, fewer, fewer.request_for_words)

    czech = Provenance("videos/talk.mp4", "ab" * 32, None, REQUEST | {"language": "cs"})
    assert not answers(written, czech, czech.request_for_words)
    longer = Provenance("videos/talk.mp4", "cd" * 32, None, REQUEST)
    assert not answers(written, longer, longer.request_for_words)


def test_what_was_not_heard_goes_along() -> None:
    unheard = [Unheard(1.23456, 5.0, "no words found")]
    heard = as_written(Recognition([], "en", 0.9, unheard))

    written = transcript_of(heard, [])

    assert written["unheard"] == [{"start": 1.235, "end": 5.0, "why": "no words found"}]
    assert parse_heard(written).recognition == heard
