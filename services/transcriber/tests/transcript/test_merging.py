"""What was heard of each speaker alone becomes one transcript."""

import numpy as np
from debate_transcriber.engines.speech import Diarization, Recognition, Turn, Unheard, Voice, Word
from debate_transcriber.transcript.merging import merge


def heard(*words: tuple[str, float, float]) -> Recognition:
    return Recognition([Word(text, start, end, 0.9) for text, start, end in words], "en", 0.9)


def turns(*times: tuple[float, float]) -> Diarization:
    """What a diarizer finds in one person's channel: once a second voice, wrongly."""
    found = [Turn(start, end, f"SPEAKER_{n % 2:02}") for n, (start, end) in enumerate(times)]
    voices = [Voice("SPEAKER_00", np.ones(2), 5.0), Voice("SPEAKER_01", np.zeros(2), 1.0)]
    return Diarization(found, found, voices, "fake", "1")


def test_each_channel_is_one_speaker_and_overlaps_are_kept() -> None:
    #  second channel   ■■■■■■■■■            speaks first, so it is SPEAKER_00
    #  first channel        ■■■■■■■■■
    second = (heard(("We", 0.0, 0.4), ("pay.", 0.5, 2.0)), turns((0.0, 2.0)))
    first = (heard(("Who", 1.0, 1.4), ("pays?", 1.5, 3.0)), turns((1.0, 1.4), (1.5, 3.0)))

    recognition, diarization, segments = merge([first, second])

    assert [(s.label, s.text, s.overlap) for s in segments] == [
        ("SPEAKER_00", "We pay.", True),
        ("SPEAKER_01", "Who pays?", True),
    ]
    assert [(t.label, t.start, t.end) for t in diarization.speech] == [
        ("SPEAKER_00", 0.0, 2.0),
        ("SPEAKER_01", 1.0, 1.4),
        ("SPEAKER_01", 1.5, 3.0),
    ]
    assert [(voice.label, voice.seconds) for voice in diarization.voices] == [
        ("SPEAKER_00", 5.0),
        ("SPEAKER_01", 5.0),
    ]
    assert [word.text for word in recognition.words] == ["We", "pay.", "Who", "pays?"]


def test_a_channel_in_which_nobody_speaks_is_no_speaker() -> None:
    empty = (Recognition([], None, None), Diarization([], [], [], "fake", "1"))
    spoken = (heard(("Yes.", 4.0, 4.5)), turns((4.0, 4.5)))

    recognition, diarization, segments = merge([empty, spoken])

    assert recognition.language == "en"
    assert {turn.label for turn in diarization.speech} == {"SPEAKER_00"}
    assert [segment.label for segment in segments] == ["SPEAKER_00"]


def test_words_far_from_any_turn_are_the_channels_too() -> None:
    quiet = (heard(("Mhm.", 9.0, 9.3)), turns((0.0, 1.0)))
    other = (heard(("Yes.", 4.0, 4.5)), turns((4.0, 4.5)))

    _, _, segments = merge([quiet, other])

    assert [(s.label, s.text) for s in segments] == [("SPEAKER_01", "Yes."), ("SPEAKER_00", "Mhm.")]


def test_speech_without_words_is_listed_in_order_of_time() -> None:
    first = (Recognition([], "en", 0.9, [Unheard(5.0, 9.0, "no words found")]), turns((5.0, 9.0)))
    second = (Recognition([], "en", 0.9, [Unheard(1.0, 4.5, "no words found")]), turns((1.0, 4.5)))

    recognition, _, _ = merge([first, second])

    assert [stretch.start for stretch in recognition.unheard] == [1.0, 5.0]
