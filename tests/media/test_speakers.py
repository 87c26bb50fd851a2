"""A recording with one voice in each channel: what two say at once is kept, and whose it is."""

import subprocess
from pathlib import Path

import pytest
from jobs import DOWNLOAD, TRANSCRIBE
from recordings import ffmpeg
from running import succeed
from schemas import read_json

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


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_channel_or_track_is_a_speaker_and_overlaps_are_kept(
    name: str, tmp_path: Path
) -> None:
    man, woman = ("en-us", FIRST), ("en-gb+f3", SECOND)
    voices = [speak(tmp_path / f"{voice}.wav", voice, text) for voice, text in (man, woman)]
    ffmpeg("-i", voices[0], "-i", voices[1], *LAYOUTS[name], tmp_path / name)
    job = tmp_path / "job"
    succeed(DOWNLOAD, VIDEO_URL=tmp_path / name, OUTPUT_S3_PREFIX=job)
    places = {"VIDEO_S3_PREFIX": job / "videos", "OUTPUT_S3_PREFIX": job}
    succeed(TRANSCRIBE, CHANNELS="speakers", **places)

    transcript = read_json(next(job.glob("transcripts/*_transcription.json")))
    said = {segment["speaker"]: "" for segment in transcript["transcription"]}
    for segment in transcript["transcription"]:
        said[segment["speaker"]] += f" {segment['text']}"
    assert set(said) == {"SPEAKER_00", "SPEAKER_01"}
    assert "all people" in said["SPEAKER_00"]
    assert "I do not agree with that." in said["SPEAKER_01"]
    assert {s["speaker"] for s in transcript["transcription"] if s["overlap"]} == set(said)
