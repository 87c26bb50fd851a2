"""A moment of the recording is at that moment of the MP4, and what is missing is said."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest
from conftest import H264, Download, Outcome, ffmpeg
from debate_contract.logs import Log
from debate_downloader.media.mp4 import Made, make_mp4
from debate_downloader.media.plan import Limits
from debate_downloader.sources.recording import Origin, Recording
from sounding import AAC, GRAY, PLAIN, SILENT, TONES, onsets, spoil

# Two seconds are lost after the first two.
HOLE = ("-af", "asetpts='if(gt(T,2),PTS+2/TB,PTS)'")


def late(path: Path) -> None:
    ffmpeg(*GRAY, "-itsoffset", "3", *PLAIN, *H264, *AAC, path)


def holed(path: Path) -> None:
    ffmpeg(*GRAY, *PLAIN, *HOLE, *H264, *AAC, path)


def spoilt(path: Path) -> None:
    ffmpeg(*GRAY, *PLAIN, *H264, *AAC, path)
    spoil(path, 2.2, 3.7)


def spoilt_at_the_end(path: Path) -> None:
    ffmpeg(*GRAY, *PLAIN, *H264, *AAC, path)
    spoil(path, 3.0, 7.0)


def cut(outcome: Outcome) -> list[str]:
    """The defects, to the tenth of a second."""
    return [f"{d['start']:.1f}-{d['end']:.1f} {d['kind']}" for d in outcome.media["defects"]]


@pytest.mark.parametrize(
    ("make", "begins", "defects"),
    [
        (late, [3.5, 5.5, 7.5], ["0.0-3.0 missing"]),
        (holed, [0.5, 4.5, 6.5], ["2.0-4.0 missing"]),
        (spoilt, [0.5, 4.5], ["2.2-3.7 damaged", "6.0-9.0 missing"]),
        (spoilt_at_the_end, [0.5, 2.5], ["3.0-9.0 damaged"]),
    ],
)
def test_sound_that_is_late_or_lacks_pieces_keeps_its_time(
    make: Callable[[Path], None],
    begins: list[float],
    defects: list[str],
    tmp_path: Path,
    download: Download,
) -> None:
    source = tmp_path / f"{make.__name__}.mp4"
    make(source)
    outcome = download(source)

    assert outcome.code == 0
    assert onsets(outcome.video) == pytest.approx(begins, abs=0.03)
    assert cut(outcome) == defects
    assert f"{source.name} has no sound from 0:0" in outcome.notes()


def test_sound_that_is_whole_is_copied_and_nothing_is_said_of_it(
    tmp_path: Path, download: Download
) -> None:
    ffmpeg(*GRAY, *PLAIN, "-shortest", *H264, *AAC, tmp_path / "whole.mp4")
    outcome = download(tmp_path / "whole.mp4")

    assert (outcome.media["defects"], outcome.notes()) == ([], "")
    assert onsets(outcome.video) == pytest.approx(TONES, abs=0.03)


def test_times_that_begin_elsewhere_are_no_damage(tmp_path: Path, download: Download) -> None:
    """Matroska counts the length from 0, wherever its times begin."""
    ffmpeg(*PLAIN, *AAC, "-output_ts_offset", "100", tmp_path / "late.mkv")
    outcome = download(tmp_path / "late.mkv")

    assert outcome.media["video"]["duration"] == pytest.approx(6, abs=0.1)
    assert "damaged" not in outcome.notes()
    assert onsets(outcome.video) == pytest.approx(TONES, abs=0.03)


def made_of_two_parts(tmp_path: Path, pictures: float, sound: float) -> Made:
    """Join pictures and sound that came apart, each with its own beginning in seconds."""
    ffmpeg(*GRAY, *H264, "-output_ts_offset", str(pictures), tmp_path / "pictures.ts")
    ffmpeg(*PLAIN, *AAC, "-output_ts_offset", str(sound), tmp_path / "sound.ts")
    parts = [tmp_path / "pictures.ts", tmp_path / "sound.ts"]
    recording = Recording(Origin("https://town.example", "generic", "1", "Town hall"), parts, [])
    log = Log("download", as_json=True)

    return make_mp4(recording, tmp_path / "made.mp4", Limits(480, 60), log)


def test_sound_that_came_apart_and_begins_later_stays_later(tmp_path: Path) -> None:
    made = made_of_two_parts(tmp_path, pictures=10, sound=11.5)

    assert onsets(made.file.path) == pytest.approx([1.5 + tone for tone in TONES], abs=0.05)
    assert [(round(d.start, 1), round(d.end, 1)) for d in made.defects] == [(0.0, 1.5), (7.5, 9.0)]


def test_pictures_that_came_apart_and_begin_later_stay_later(tmp_path: Path) -> None:
    made = made_of_two_parts(tmp_path, pictures=12, sound=10)

    assert made.file.duration == pytest.approx(11, abs=0.1)
    with av.open(str(made.file.path)) as container:
        stream = container.streams.video[0]
        assert float(stream.start_time * stream.time_base) == pytest.approx(2, abs=0.1)
    assert onsets(made.file.path) == pytest.approx(TONES, abs=0.05)


def test_beginnings_too_far_apart_are_no_common_clock(tmp_path: Path) -> None:
    made = made_of_two_parts(tmp_path, pictures=10, sound=500)

    assert onsets(made.file.path) == pytest.approx(TONES, abs=0.05)


MP3 = ("-id3v2_version", "0", "-write_xing", "0")


def glued(whole: Path, *pieces: tuple[Any, ...]) -> Path:
    """One file of several, each of a sound, a rate and options."""
    for sound, rate, *options in pieces:
        piece = whole.with_name(f"piece-{whole.name}")
        ffmpeg(*sound, "-ar", rate, *options, piece)
        with whole.open("ab") as file:
            file.write(piece.read_bytes())
    return whole


@pytest.mark.parametrize("rates", [("44100", "48000"), ("24000", "44100"), ("48000", "22050")])
def test_files_glued_together_play_one_after_the_other(
    rates: tuple[str, str], tmp_path: Path, download: Download
) -> None:
    """MP3 has no times; whoever counts the second file at the first one's rate is off."""
    outcome = download(glued(tmp_path / "glued.mp3", *((PLAIN, rate, *MP3) for rate in rates)))

    assert outcome.media["video"]["duration"] == pytest.approx(12, abs=0.2)
    begins = [*TONES, *(6 + tone for tone in TONES)]
    assert onsets(outcome.video) == pytest.approx(begins, abs=0.1)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("glued.opus", ("-c:a", "libopus")),
        ("glued.ogg", ("-c:a", "libvorbis")),
        ("glued.mpg", ("-c:a", "ac3", "-ar", "48000", "-f", "vob")),
    ],
)
def test_files_with_clocks_of_their_own_play_one_after_the_other_without_a_hole(
    name: str, options: tuple[str, ...], tmp_path: Path, download: Download
) -> None:
    """A radio's recorder begins a new file in the file, whose times begin anew."""
    whole = tmp_path / name
    ffmpeg(*PLAIN, *options, whole)
    whole.write_bytes(whole.read_bytes() * 2)
    outcome = download(whole)

    assert (outcome.media["defects"], "no sound" in outcome.notes()) == ([], False)
    assert outcome.media["video"]["duration"] == pytest.approx(12, abs=0.2)
    begins = [*TONES, *(6 + tone for tone in TONES)]
    assert onsets(outcome.video) == pytest.approx(begins, abs=0.1)


@pytest.mark.parametrize("end", ["mpg", "ts"])
def test_of_films_put_together_each_has_its_sound_where_its_pictures_are(
    end: str, tmp_path: Path, download: Download
) -> None:
    """Each has nine seconds of pictures and six of sound, on a clock of its own."""
    whole = tmp_path / f"films.{end}"
    ffmpeg(*GRAY, *PLAIN, "-r", "25", "-c:v", "mpeg1video", "-c:a", "mp2", whole)
    whole.write_bytes(whole.read_bytes() * 2)
    outcome = download(whole)

    begins = [*TONES, *(9 + tone for tone in TONES)]
    assert onsets(outcome.video) == pytest.approx(begins, abs=0.15)
    assert cut(outcome) == ["6.0-9.0 missing", "15.0-18.0 missing"]


def test_a_file_that_cannot_be_read_to_its_end_is_said_to_end_there(
    tmp_path: Path, download: Download
) -> None:
    """FFmpeg takes no other rate in the middle of Vorbis, and says nothing."""
    pieces = ((PLAIN, rate, "-c:a", "libvorbis") for rate in ("44100", "48000"))
    outcome = download(glued(tmp_path / "glued.ogg", *pieces))

    assert outcome.code == 0
    assert "glued.ogg cannot be read any further than 0:06" in outcome.notes()


SEEN = (*GRAY, *PLAIN, "-shortest")
CUT = {
    **dict.fromkeys(["wav", "aiff", "au", "flac", "w64", "caf", "mp3", "mka", "wma"], PLAIN),
    "rf64.wav": (*PLAIN, "-rf64", "always"),
    "adpcm.caf": (*PLAIN, "-c:a", "adpcm_ima_qt"),
    "art.mp3": (*PLAIN, "-metadata", f"comment={'x' * 20_000}"),
    "m4a": (*PLAIN, "-movflags", "+faststart"),
    "mp4": (*SEEN, *H264, *AAC, "-movflags", "+faststart"),
    "mkv": (*SEEN, *H264, *AAC),
    "webm": (*SEEN, "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"),
    "avi": (*SEEN, "-c:v", "mpeg4", "-c:a", "pcm_s16le"),
    "flv": (*SEEN, *H264, *AAC),
}


@pytest.mark.parametrize("end", CUT)
def test_a_file_that_was_cut_off_is_said_to_be(
    end: str, tmp_path: Path, download: Download
) -> None:
    """Its header has the length that it had; ffmpeg goes by the bytes that are there."""
    cut = tmp_path / f"cut.{end}"
    ffmpeg(*CUT[end], cut)
    whole = download(cut)
    assert (whole.code, "damaged" in whole.notes()) == (0, False)

    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 11 // 20])
    outcome = download(cut)

    assert outcome.code == 0
    said = re.search(r"is damaged and ends after (\d) of (\d) s: check it", outcome.notes())
    assert said, outcome.notes()
    assert int(said[1]) < 6 <= int(said[2]) <= 7


def test_a_stream_that_knew_no_length_beforehand_is_whole(
    tmp_path: Path, download: Download
) -> None:
    """Its header has the largest number in place of one."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *PLAIN, "-f", "wav", "pipe:1"]
    written = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    assert b"data\xff\xff\xff\xff" in written
    (tmp_path / "stream.wav").write_bytes(written)

    assert "damaged" not in download(tmp_path / "stream.wav").notes()


def test_a_hole_of_half_a_second_is_told_and_what_codecs_leave_out_is_not(
    tmp_path: Path, download: Download
) -> None:
    """Opus sends nothing for 0.4 s where nobody speaks (DTX)."""
    for lost in (0.6, 0.4):
        hole = ("-af", f"asetpts='if(gte(T,2),PTS+{lost}/TB,PTS)'")
        ffmpeg(*GRAY, *PLAIN, *hole, *H264, *AAC, "-t", "6", tmp_path / f"{lost}.mp4")

    assert cut(download(tmp_path / "0.6.mp4")) == ["2.0-2.6 missing"]
    assert cut(download(tmp_path / "0.4.mp4")) == []


def test_a_silence_in_front_of_another_rate_is_no_fault(tmp_path: Path, download: Download) -> None:
    """What searches a track for sound is set up for one rate."""
    pieces = (SILENT, "48000", *MP3), (PLAIN, "44100", *MP3)
    outcome = download(glued(tmp_path / "glued.mp3", *pieces))

    assert outcome.code == 0
    assert onsets(outcome.video) == pytest.approx([6 + tone for tone in TONES], abs=0.1)
