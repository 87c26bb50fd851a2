"""Names, settings, subtitles, captions and sentences: functions without a world around them."""

import errno
import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from debate_contract.errors import (
    BadInput,
    DiskFull,
    InputNotFound,
    StageError,
    TemporaryFault,
    UsageFault,
)
from debate_downloader.result.naming import language_tag, make_stem
from debate_downloader.settings import (
    check_source,
    job_prefix,
    with_plain_credentials,
    without_credentials,
)
from debate_downloader.sources.source_list import choose_source
from debate_downloader.sources.subtitles import Subtitle, one_per_language, read_subtitle
from debate_downloader.sources.web.captions import choose_tracks
from debate_downloader.sources.web.faults import explain, plain
from hypothesis import given
from hypothesis import strategies as st
from yt_dlp.utils import DownloadError, ExtractorError, GeoRestrictedError


@given(st.text(max_size=400), st.text(max_size=80))
def test_a_stem_is_safe_short_and_always_the_same(title, source_id):
    stem = make_stem(title, source_id)

    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", stem)
    assert len(stem.encode()) <= 120
    assert stem == make_stem(title, source_id)


@given(st.text(max_size=80), st.text(max_size=80))
def test_different_ids_give_different_stems(one, other):
    assert (make_stem("t", one) == make_stem("t", other)) == (one == other)


@pytest.mark.parametrize(
    ("title", "source_id", "stem"),
    [
        ("Débat de l'Été 2026: 1/2", "dQw4w9WgXcQ", "Debat-de-lEte-2026-1-2-dQw4w9WgXcQ"),
        ("../../etc/passwd $(rm)", "x1", "etc-passwd-rm-x1"),
        ("Дебаты", "ab_c-1", "recording-ab_c-1"),
        ("CON", "1", "CON-1"),
        ("x", "../up", f"x-{hashlib.sha256(b'../up').hexdigest()[:12]}"),
    ],
)
def test_examples_of_stems(title, source_id, stem):
    assert make_stem(title, source_id) == stem


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("en", "en"),
        ("de_CH", "de-CH"),
        ("en-orig", "en"),
        ("English", "und"),
        ("../x", "und"),
        ("", "und"),
    ],
)
def test_a_language_is_safe_in_a_file_name(name, tag):
    assert language_tag(name) == tag


@pytest.mark.parametrize(
    ("base", "batch", "index", "prefix"),
    [
        ("s3://b/jobs", "a-1", None, "s3://b/jobs/a-1"),
        ("s3://b/jobs/", "a-1:7", "7", "s3://b/jobs/a-1-7"),
        ("data/jobs/x/", None, None, "data/jobs/x"),
        ("data/jobs/{index}", None, "3", "data/jobs/3"),
    ],
)
def test_the_jobs_prefix(base, batch, index, prefix):
    assert job_prefix(base, batch_job_id=batch, array_index=index) == prefix


@pytest.mark.parametrize("base", ["", "/", "s3://bucket", "s3://", "jobs/{index}"])
def test_a_prefix_that_is_no_place_for_a_job_is_wrong_usage(base):
    with pytest.raises(UsageFault):
        job_prefix(base, batch_job_id=None, array_index=None)


@pytest.mark.parametrize(
    "source", ["", "  ", "ftp://a/b", "javascript://x", "http://", "https:///x", "http://["]
)
def test_a_source_that_is_none_is_wrong_usage(source):
    with pytest.raises(UsageFault):
        check_source(source)


def test_a_child_of_an_array_job_takes_the_line_of_its_index(tmp_path):
    urls = tmp_path / "urls.txt"
    urls.write_text("https://a.org/1\nhttps://a.org/2\n")

    assert choose_source(None, str(urls), "1") == "https://a.org/2"
    assert choose_source("https://a.org/own", str(urls), "1") == "https://a.org/own"
    with pytest.raises(UsageFault, match="has 2 lines, but line 2"):
        choose_source(None, str(urls), "2")
    with pytest.raises(UsageFault, match="no array job"):
        choose_source(None, str(urls), None)
    with pytest.raises(UsageFault, match="give VIDEO_URL"):
        choose_source(None, None, "1")
    with pytest.raises(InputNotFound, match=r"none\.txt does not exist"):
        choose_source(None, str(tmp_path / "none.txt"), "0")


def test_a_password_is_dropped_from_an_address():
    assert without_credentials("https://me:pw@a.org:8/x?y=1") == "https://a.org:8/x?y=1"


@pytest.mark.parametrize(
    ("name", "content", "good"),
    [
        ("a.vtt", b"\xef\xbb\xbfWEBVTT\n\n00:01.000 --> 00:02.000\nhi", True),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nhi".encode("utf-16"), True),
        ("a.vtt", b"WEBVTT\n\n", False),
        ("a.vtt", b"00:01.000 --> 00:02.000\nhi", False),
        ("a.srt", b"1\r\n00:00:01,000 --> 00:00:02,000\r\nhi", True),
        ("a.srt", b"<html>", False),
        ("a.srt", b"", False),
        ("a.srt", bytes(range(256)), False),
    ],
)
def test_only_subtitles_are_subtitles(name, content, good, tmp_path: Path):
    (tmp_path / name).write_bytes(content)

    assert (read_subtitle(tmp_path / name) is not None) == good


def test_one_subtitle_for_a_language_and_manual_ones_first():
    a, b, c, d = (
        Subtitle(Path("a.vtt"), "en", "automatic"),
        Subtitle(Path("b.srt"), "fr", "manual"),
        Subtitle(Path("c.vtt"), "fr", "manual"),
        Subtitle(Path("d.vtt"), "de", "automatic"),
    )

    assert one_per_language([a, b, c, d]) == [c, d, a]


def offers(*names: str, ext: str = "vtt") -> dict[str, Any]:
    return {name: [{"ext": "json3", "url": "j"}, {"ext": ext, "url": name}] for name in names}


@pytest.mark.parametrize(
    ("info", "chosen"),
    [
        ({"subtitles": offers("fr", "en", "live_chat")}, [("fr", "manual"), ("en", "manual")]),
        ({"subtitles": offers("en", ext="ttml")}, []),
        ({"automatic_captions": offers("en-orig", "en", "de", "fr")}, [("en", "automatic")]),
        ({"automatic_captions": offers("de", "fr"), "language": "fr"}, [("fr", "automatic")]),
        ({"automatic_captions": offers("de", "fr")}, []),
        (
            {"subtitles": offers("en"), "automatic_captions": offers("en-orig")},
            [("en", "manual")],
        ),
        (
            {"subtitles": offers("fr"), "automatic_captions": offers("en-orig")},
            [("fr", "manual"), ("en", "automatic")],
        ),
        ({}, []),
    ],
)
def test_what_people_wrote_comes_before_what_a_machine_heard(info, chosen):
    assert [(track.language, track.kind) for track in choose_tracks(info)] == chosen


def said(text: str, kind: type[ExtractorError] = ExtractorError) -> DownloadError:
    """As yt-dlp raises it: the extractor's error inside a DownloadError."""
    inner = kind(text)
    return DownloadError(f"ERROR: {inner}", (type(inner), inner, None))


@pytest.mark.parametrize(
    ("error", "kind", "part"),
    [
        (said("Sign in to confirm you\u2019re not a bot. Use --cookies"), BadInput, "cookies"),
        (said("Private video. Sign in if you've been granted access"), BadInput, "cookies"),
        (said("Video unavailable"), InputNotFound, "gone"),
        (said("This video has been removed by the uploader"), InputNotFound, "gone"),
        (said("This live event will begin in 3 hours."), BadInput, "not there yet"),
        (said("The current session has been rate-limited"), TemporaryFault, "patience"),
        (said("This video is DRM protected"), BadInput, "DRM"),
        (said("not for you", GeoRestrictedError), BadInput, "country"),
        (said("Unable to parse; please report this issue on x"), BadInput, "Unable to parse"),
        (said("Got error: HTTP Error 503: no"), TemporaryFault, "503"),
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull, "disk is full"),
    ],
)
def test_what_sites_say_becomes_a_sentence_and_a_class(error, kind: type[StageError], part):
    found = explain(error, "https://v.org/1", downloading=False)

    assert type(found) is kind
    assert part in str(found)
    assert "report this issue" not in str(found)


def test_a_password_is_in_no_sentence_of_yt_dlp() -> None:
    said = "ERROR: cannot parse 'http://me:p@ss@x.example/a?to=b@c' or https://x.example/@channel"

    assert plain(said) == "cannot parse 'http://x.example/a?to=b@c' or https://x.example/@channel"


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://me:p%40ss@x.example/a%20b", "http://me:p@ss@x.example/a%20b"),
        ("http://x.example/a%40b?c=%40", "http://x.example/a%40b?c=%40"),
        ("http://me:p%2Fss@x.example/", "http://me:p%2Fss@x.example/"),
        ("http://me:p%0D%0Ass@x.example/", "http://me:p%0D%0Ass@x.example/"),
        ("http://evil.example%40@x.example/", "http://evil.example@@x.example/"),
    ],
)
def test_credentials_are_plain_where_the_address_stays_the_same(url: str, sent: str):
    assert with_plain_credentials(url) == sent
    assert urlsplit(sent).hostname == "x.example"
