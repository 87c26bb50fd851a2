"""Recordings on the web: what works, and every way in which yt-dlp alone would fail in silence."""

import json
from pathlib import Path

import pytest
from conftest import H264, SOUND, Download, ffmpeg, start
from debate_downloader.media.probe import probe
from site_server import Site

VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nGood evening.\n"


def duration_of(path: Path) -> float:
    return probe(path, path.name).duration or 0


@pytest.mark.parametrize("path", ["clip.mp4", "norange/clip.mp4", "clip.webm", "stream.m3u8"])
def test_a_recording_becomes_an_mp4_with_h264_and_aac(path, site: Site, download: Download):
    outcome = download(f"{site.url}/{path}")

    assert outcome.code == 0
    video = outcome.media["video"]
    assert (video["video_codec"], video["audio_codec"]) == ("h264", "aac")
    assert duration_of(outcome.video) == pytest.approx(3, abs=0.2)
    assert outcome.video.read_bytes().find(b"moov") < outcome.video.read_bytes().find(b"mdat")


def test_sound_alone_becomes_an_mp4_without_pictures(site: Site, download: Download):
    outcome = download(f"{site.url}/sound.wav")

    assert outcome.code == 0
    assert outcome.media["video"]["video_codec"] is None
    assert outcome.media["video"]["audio_codec"] == "aac"


@pytest.mark.parametrize("name", ["get.php?id=5", "media.ashx?x=1", "stream.cgi"])
def test_an_address_whose_path_lies_about_the_type_is_taken(
    name: str, site: Site, download: Download, media: Path
):
    site.write(name.partition("?")[0], (media / "clip.mp4").read_bytes())
    outcome = download(f"{site.url}/{name}")

    assert outcome.code == 0
    assert outcome.media["video"]["duration"] == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("house", ["a house with a long name " * 5, "100 % %(id)s"])
def test_nothing_is_left_beside_a_job_wherever_it_lies(
    house: str, site: Site, download: Download, tmp_path: Path
):
    """yt-dlp cut names, of which it took the whole path for one, and has codes after a %."""
    store = tmp_path / "store"
    job = store / house.strip() / "jobs" / "first"
    outcome = download(f"{site.url}/clip.mp4", to=str(job))

    assert outcome.code == 0
    assert [path.name for path in store.iterdir()] == [house.strip()]
    assert list(job.parent.iterdir()) == [job]
    assert sorted(path.name for path in job.iterdir()) == ["media.json", "videos"]


def test_a_redirect_is_followed(site: Site, download: Download):
    assert download(f"{site.url}/redirect?{site.url}/clip.mp4").code == 0


def test_a_page_with_one_video_brings_its_title_and_subtitles(site: Site, download: Download):
    site.write("en.vtt", VTT)
    track = '<track kind="subtitles" src="/en.vtt" srclang="en">'
    page = f"<title>Débat: l'Été / 2026</title><video src='/clip.mp4'>{track}</video>"
    outcome = download(site.write("page.html", page))

    assert outcome.code == 0
    assert outcome.media["source"]["title"].startswith("Débat")
    [subtitle] = outcome.media["subtitles"]
    assert (subtitle["language"], subtitle["kind"]) == ("en", "manual")
    assert (outcome.job / subtitle["path"]).read_text() == VTT
    assert outcome.video.stem.startswith("Debat-lEte-2026-")


@pytest.mark.parametrize(
    ("name", "said"), [("en", "dropped subtitles in en"), ("gone", "subtitles in en failed")]
)
def test_subtitles_that_are_none_do_not_spoil_the_recording(name, said, site, download):
    site.write("en.vtt", "<html>please sign in</html>")
    track = f'<track kind="subtitles" src="/{name}.vtt" srclang="en">'
    outcome = download(site.write("page.html", f"<video src='/clip.mp4'>{track}</video>"))

    assert outcome.code == 0
    assert outcome.media["subtitles"] == []
    assert said in outcome.notes()


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (404, 66, "does not exist"),
        (410, 66, "does not exist"),
        (401, 65, "cookies"),
        (403, 65, "cookies"),
        (400, 65, "refused"),
        (429, 75, "later"),
        (500, 75, "later"),
        (503, 75, "later"),
    ],
)
def test_a_status_becomes_a_sentence_and_an_exit_code(status, code, said, site, download):
    outcome = download(f"{site.url}/status/{status}/clip.mp4", "--attempts", "2")

    assert outcome.code == code
    # Only what passes is tried again.
    assert site.asked[f"/status/{status}/clip.mp4"] == (2 if code == 75 else 1)
    assert said in outcome.message
    assert "Traceback" not in json.dumps(outcome.events)
    assert not outcome.job.exists()


@pytest.mark.parametrize("path", ["flaky/2/clip.mp4", "hang-once/clip.mp4"])
def test_a_passing_fault_is_tried_again(path, site: Site, download: Download):
    outcome = download(f"{site.url}/{path}")

    assert outcome.code == 0
    assert "attempt 1 failed" in outcome.notes()


@pytest.mark.parametrize("host", ["...", "a..b", "x" * 64])
@pytest.mark.parametrize("way", ["", "/redirect?"])
def test_a_host_that_no_name_can_be_is_bad_input(
    host: str, way: str, site: Site, download: Download
):
    outcome = download(f"{site.url if way else ''}{way}http://{host}/clip.mp4")

    assert outcome.code == 65
    assert "no name of a host" in outcome.message


def test_a_connection_cut_in_mid_file_is_resumed_at_the_right_byte(site, download, media):
    outcome = download(f"{site.url}/cut/clip.mp4")

    assert outcome.code == 0
    assert site.asked["/cut/clip.mp4"] > 2
    whole = download(f"{site.url}/clip.mp4", "--force")
    assert outcome.sha256 == whole.sha256


def test_a_transfer_cut_without_notice_is_found_out(site: Site, download: Download, media: Path):
    site.write("fast.mp4", faststart(media / "clip.mp4", site.folder / "fast.mp4"))
    outcome = download(f"{site.url}/short/fast.mp4", "--attempts", "2")

    assert outcome.code == 75
    assert "broke off" in outcome.message
    assert not outcome.job.exists()


def faststart(source: Path, target: Path) -> bytes:
    """A recording of ten minutes' claim: the index comes first, so half of it still opens."""
    long = ["-f", "lavfi", "-i", "sine=duration=20:sample_rate=16000", "-c:a", "aac"]
    ffmpeg(*long, "-movflags", "+faststart", target)
    return target.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("text.html", "<p>no video here</p>", "no video was found"),
        (
            "two.html",
            "<video src='/clip.mp4'></video><video src='/clip.webm'></video>",
            "more than one video",
        ),
        ("fake.mp4", "<html>please sign in</html>", "not a video or audio file"),
        ("empty.mp4", "", "empty"),
    ],
)
def test_what_is_no_single_recording_is_bad_input(name, content, said, site, download):
    outcome = download(site.write(name, content))

    assert outcome.code == 65
    assert said in outcome.message
    assert not outcome.job.exists()


def test_pictures_without_sound_are_refused(site: Site, download: Download):
    outcome = download(f"{site.url}/silent.mp4")

    assert (outcome.code, outcome.events[-1]["error"]) == (65, "NoAudioTrack")
    assert not outcome.job.exists()


def test_a_stream_that_lacks_a_segment_is_refused(site: Site, download: Download):
    (site.folder / "seg1.ts").unlink()
    outcome = download(f"{site.url}/stream.m3u8")

    assert outcome.code == 65
    assert "missing" in outcome.message


def test_sound_in_a_rendition_of_its_own_is_found(site: Site, download: Download, media: Path):
    for name, track in (("v", "-an"), ("a", "-vn")):
        hls = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "0"]
        files = [
            "-hls_segment_filename",
            site.folder / f"{name}%d.ts",
            site.folder / f"{name}.m3u8",
        ]
        ffmpeg("-i", media / "clip.mp4", "-c", "copy", track, *hls, *files)
    site.write(
        "master.m3u8",
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="g",NAME="n",DEFAULT=YES,URI="a.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=100000,RESOLUTION=160x120,AUDIO="g"\nv.m3u8\n',
    )
    outcome = download(f"{site.url}/master.m3u8")

    assert outcome.code == 0
    assert outcome.media["video"]["audio_codec"] == "aac"


@pytest.mark.parametrize(("asked", "got"), [(480, 200), (150, 90), (16, 90)])
def test_the_best_picture_up_to_the_height_asked_for_is_taken(asked, got, site, download):
    variants = [write_variant(site, height) for height in (600, 90, 200)]
    page = site.write("master.m3u8", "\n".join(["#EXTM3U", *variants, ""]))

    assert download(page, "--max-height", str(asked)).media["video"]["height"] == got


def write_variant(site: Site, height: int) -> str:
    """A stream of that height; returns its lines of the master playlist."""
    picture = ["-f", "lavfi", "-i", f"testsrc2=duration=1:size={2 * height}x{height}:rate=5"]
    hls = ["-f", "hls", "-hls_segment_filename", site.folder / f"{height}-%d.ts"]
    ffmpeg(*picture, *SOUND, *H264, "-shortest", *hls, site.folder / f"{height}.m3u8")
    size = f"BANDWIDTH={height * 1000},RESOLUTION={2 * height}x{height}"
    return f'#EXT-X-STREAM-INF:{size},CODECS="avc1.42c00d,mp4a.40.2"\n{height}.m3u8'


@pytest.mark.parametrize("name", ["clip.mp4", "stream.m3u8"])
def test_a_recording_larger_than_the_limit_is_refused(name, site: Site, download: Download):
    outcome = download(f"{site.url}/{name}", "--max-bytes", "10000")

    assert outcome.code == 65
    assert "larger than" in outcome.message
    assert not outcome.job.exists()


def test_a_stream_cannot_lead_to_a_file_of_this_machine(site: Site, download: Download):
    text = (site.folder / "stream.m3u8").read_text().replace("seg1.ts", "file:///etc/passwd")
    outcome = download(site.write("evil.m3u8", text))

    assert outcome.code == 65
    assert "a file of this machine" in outcome.message
    assert not outcome.job.exists()


def test_progress_is_told_in_bytes(site: Site, download: Download):
    events = download(f"{site.url}/clip.mp4").events
    size = (site.folder / "clip.mp4").stat().st_size
    progress = [e for e in events if e["event"] == "progress" and e["step"] == "download"]

    assert progress[-1]["done"] == progress[-1]["total"] == size
    assert {e["unit"] for e in progress} == {"bytes"}


def test_a_password_in_the_address_is_not_kept(site: Site, download: Download):
    outcome = download(site.url.replace("//", "//user:geheim@") + "/clip.mp4")

    assert outcome.code == 0
    assert "geheim" not in json.dumps([outcome.media, outcome.events])


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:9/debate", "the connection was refused"),
        ("http://nowhere.invalid/debate", "no host has that name"),
    ],
)
def test_why_a_server_cannot_be_reached_is_said_in_plain_words(url, reason, download: Download):
    outcome = download(url, "--attempts", "2")

    assert (outcome.code, outcome.events[-1]["error"]) == (75, "TemporaryFault")
    assert outcome.message == (
        f"{url} cannot be reached: {reason} (check the address and the network, then try again)"
    )


def test_code_in_the_users_home_is_not_run(site: Site, tmp_path: Path):
    """yt-dlp would load it as a plugin."""
    folder = tmp_path / "yt-dlp" / "plugins" / "evil" / "yt_dlp_plugins" / "extractor"
    folder.mkdir(parents=True)
    ran = tmp_path / "ran"
    (folder / "evil.py").write_text(f"open({str(ran)!r}, 'w').close()")
    arguments = ["--video-url", f"{site.url}/clip.mp4", "--output-s3-prefix", str(tmp_path / "job")]

    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home.items():
            patch.setenv(name, value)
        process = start(*arguments, "--allow-private-hosts")
    _, said = process.communicate(timeout=120)

    assert process.returncode == 0, said
    assert not ran.exists()


def test_a_password_in_the_address_is_sent_as_browsers_send_it(site: Site, download: Download):
    outcome = download(f"{site.url}/password/clip.mp4".replace("://", "://me:p%40ss@"))

    assert outcome.code == 0
    assert outcome.media["source"]["url"] == f"{site.url}/password/clip.mp4"
    assert "p@ss" not in json.dumps(outcome.events)
