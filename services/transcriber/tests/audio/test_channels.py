"""A recording with a voice in each channel, from the file to the transcript."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from debate_contract.errors import UsageFault
from debate_transcriber.engines.speech import SpeakerCount, Word
from debate_transcriber.settings import Settings, validate_count
from engines_fake import FakeEngines, findings, run
from speaking import make_media

WORDS = [Word("Yes,", 0.3, 0.6, 0.9, language="en"), Word("indeed.", 0.7, 1.2, 0.9, language="en")]
STEREO = ("-f", "lavfi", "-i", "aevalsrc='0.3*sin(900*t)|0.3*sin(1700*t)':d=2:s=16000")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "videos").mkdir()
    make_media(tmp_path / "videos/talk.wav", *STEREO)
    return Settings(str(tmp_path / "videos"), str(tmp_path), channels="speakers")


def test_each_channel_is_recognised_alone_as_one_speaker(
    settings: Settings, engines: FakeEngines
) -> None:
    run(settings)
    found = findings(settings)

    assert engines.diarizer.asked == [SpeakerCount(exact=1)] * 2
    segments = [(s["speaker"], s["text"], s["overlap"]) for s in found["transcription"]]
    assert segments == [
        ("SPEAKER_00", "Yes, indeed.", True),
        ("SPEAKER_01", "Yes, indeed.", True),
    ]
    assert found["speakers_count"] == 2
    assert [voice["speaker"] for voice in found["voices"]] == ["SPEAKER_00", "SPEAKER_01"]


def test_the_same_recording_as_one_is_another_transcript(
    settings: Settings, engines: FakeEngines
) -> None:
    run(settings)
    run(replace(settings, channels="mix"))

    assert len(engines.recogniser.asked) == 3
    assert len(findings(settings)["transcription"]) == 1


def test_a_number_of_speakers_and_the_channels_contradict_each_other() -> None:
    with pytest.raises(UsageFault, match="CHANNELS=speakers says already how many speak"):
        validate_count(2, None, None, channels="speakers")


def test_a_transcript_is_as_long_as_the_recording_and_says_what_it_lacks(
    settings: Settings, engines: FakeEngines
) -> None:
    recording = Path(settings.video_prefix) / "talk.wav"
    lacks = [{"start": 2.0, "end": 3.5, "kind": "missing"}]
    video = {"path": "videos/talk.wav", "bytes": recording.stat().st_size, "duration": 3.5}
    media = {"schema_version": "1.0", "source": None, "video": video, "defects": lacks}
    (recording.parent.parent / "media.json").write_text(json.dumps(media))
    run(replace(settings, channels="mix"))

    found = findings(settings)
    assert (found["duration"], found["defects"]) == (3.5, lacks)


def test_without_media_json_nobody_has_looked_for_defects(
    settings: Settings, engines: FakeEngines
) -> None:
    run(settings)
    assert "defects" not in findings(settings)
