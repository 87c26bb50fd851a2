from dataclasses import replace
from pathlib import Path

import pytest
from debate_transcriber import job
from debate_transcriber.engines.speech import Hints, SpeakerCount, Word
from debate_transcriber.settings import Settings
from engines_fake import FakeEngines, findings, run
from speaking import make_media

SAID = "Shall we raise the fare? No, we shall not."
WORDS = [
    Word(text, 0.33333 * i, 0.33333 * i + 0.3, 0.98765, language="en")
    for i, text in enumerate(SAID.split())
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "videos").mkdir()
    tone = ("-f", "lavfi", "-i", "sine=duration=3:sample_rate=16000")
    make_media(tmp_path / "videos/talk.wav", *tone)
    return Settings(str(tmp_path / "videos"), str(tmp_path))


def test_another_number_of_speakers_costs_no_recognition(
    settings: Settings, engines: FakeEngines
) -> None:
    three = replace(settings, count=SpeakerCount(3))
    run(settings)
    recogniser = engines.__dict__.pop("recogniser")  # now asking for it would load a real one
    assert "the words are kept" in run(three)
    assert len(recogniser.asked) == 1
    engines.__dict__["recogniser"] = recogniser
    told_anew = findings(settings)

    run(replace(three, force=True))
    assert len(engines.recogniser.asked) == 2
    assert told_anew == findings(settings)
    assert told_anew["speakers_count"] == 3
    assert not (Path(settings.output_prefix) / ".work").exists()


def test_other_hints_for_the_words_do(settings: Settings, engines: FakeEngines) -> None:
    run(settings)
    run(replace(settings, hints=Hints("cs")))
    assert [hints.language for hints in engines.recogniser.asked] == [None, "cs"]


def test_a_list_says_what_is_known_about_each_recording(
    settings: Settings, engines: FakeEngines
) -> None:
    folder = Path(settings.video_prefix)
    make_media(folder / "other.wav", "-i", str(folder / "talk.wav"))
    rows = "recording,language,num_speakers\nvideos/talk.wav,de,3\nvideos/other.wav,,\n"
    (folder.parent / "list.csv").write_text(rows)
    run(replace(settings, video_prefix=str(folder.parent / "list.csv"), hints=Hints("cs")))
    assert [hints.language for hints in engines.recogniser.asked] == ["de", "cs"]
    assert [count.exact for count in engines.diarizer.asked] == [3, None]
    assert findings(settings)["model"]["parameters"]["language"] == "de"
    assert findings(settings, "other")["speakers_count"] == 2


def test_words_outlive_a_stop_between_the_old_transcript_and_the_new(
    settings: Settings, engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(paths: dict[str, Path], contents: dict[str, bytes]) -> None:
        paths["transcript"].unlink()
        raise KeyboardInterrupt

    run(settings)
    three = replace(settings, count=SpeakerCount(3))
    with monkeypatch.context() as patched:
        patched.setattr(job, "write_artefacts", stop)
        with pytest.raises(KeyboardInterrupt):
            run(three)
    run(three)
    assert len(engines.recogniser.asked) == 1
    assert findings(settings)["speakers_count"] == 3
