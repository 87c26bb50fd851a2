"""A recording with one voice in each channel: what two say at once is kept, and whose it is."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from artefacts import read_json
from media.heard import download, transcribe
from recordings import ffmpeg

FIRST = "Thank you very much. The council should make every bus in this city free for all people."
SECOND = "I do not agree with that. The money for free buses must come from somewhere."
# The second one begins four seconds after the first, in the middle of a sentence.
VOICES = (
    "[0]aresample=16000,apad=whole_dur=11[a];[1]aresample=16000,adelay=4000,apad=whole_dur=11[b]"
)
LAYOUTS = {
    "channels.wav": ("-filter_complex", f"{VOICES};[a][b]join=inputs=2:channel_layout=stereo"),
    "tracks.mka": ("-filter_complex", VOICES, "-map", "[a]", "-map", "[b]", "-c:a", "flac"),
}


def speak(file: Path, voice: str, text: str) -> Path:
    command = ["espeak-ng", "-v", voice, "-s", "150", "-w", file, text]
    subprocess.run(command, check=True, timeout=60)
    return file


@pytest.fixture(scope="module")
def transcripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of the recording in each layout."""
    folder = tmp_path_factory.mktemp("speakers")
    man, woman = ("en-us", FIRST), ("en-gb+f3", SECOND)
    voices = [speak(folder / f"{voice}.wav", voice, text) for voice, text in (man, woman)]
    for name, layout in LAYOUTS.items():
        ffmpeg("-i", voices[0], "-i", voices[1], *layout, folder / name)
    jobs = {folder / name: folder / f"job of {name}" for name in LAYOUTS}
    download(jobs)
    found = transcribe([*jobs.values()], "--channels", "speakers")
    return dict(zip(LAYOUTS, map(read_json, found), strict=True))


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_channel_or_track_is_a_speaker_and_overlaps_are_kept(
    transcripts: dict[str, Any], name: str
) -> None:
    transcript = transcripts[name]
    said = {segment["speaker"]: "" for segment in transcript["transcription"]}
    for segment in transcript["transcription"]:
        said[segment["speaker"]] += f" {segment['text']}"
    assert set(said) == {"SPEAKER_00", "SPEAKER_01"}
    assert "all people" in said["SPEAKER_00"]
    assert "I do not agree with that." in said["SPEAKER_01"]
    assert {s["speaker"] for s in transcript["transcription"] if s["overlap"]} == set(said)
