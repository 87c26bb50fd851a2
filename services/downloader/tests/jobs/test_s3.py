"""Jobs, files and cookies on S3 and in Secrets Manager, through the real boto3."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Download, start
from site_server import Site

PREFIX = "s3://debates/jobs/first"
OPEN = ["--allow-private-hosts", "--log-format", "json"]
COOKIES = "# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tkeks-4711\n"


def keys(aws: Any) -> list[str]:
    answer = aws.client("s3").list_objects_v2(Bucket="debates")
    return sorted(entry["Key"] for entry in answer.get("Contents", []))


def read_json(aws: Any, key: str) -> Any:
    return json.load(aws.client("s3").get_object(Bucket="debates", Key=key)["Body"])


def put(aws: Any, key: str, body: bytes | str) -> None:
    aws.client("s3").put_object(Bucket="debates", Key=key, Body=body)


def test_a_job_is_written_to_s3_and_not_repeated(aws, site: Site, download: Download):
    first = start("--video-url", f"{site.url}/clip.mp4", "--output-s3-prefix", PREFIX, *OPEN)
    first.communicate(timeout=60)
    second = download(f"{site.url}/clip.mp4", to=PREFIX)

    assert (first.returncode, second.code) == (0, 0)
    document = read_json(aws, "jobs/first/media.json")
    assert keys(aws) == ["jobs/first/media.json", f"jobs/first/{document['video']['path']}"]
    assert second.events[-1]["skipped"] is True
    assert second.events[-1]["outputs"][-1] == f"{PREFIX}/media.json"


def test_in_batch_the_jobs_id_is_appended_and_logs_are_json(
    aws, site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from debate_downloader import cli

    monkeypatch.setenv("AWS_BATCH_JOB_ID", "5f0e-11:3")
    monkeypatch.setenv("VIDEO_URL", f"{site.url}/clip.mp4")
    monkeypatch.setenv("OUTPUT_S3_PREFIX", "s3://debates/jobs/")
    monkeypatch.setenv("ALLOW_PRIVATE_HOSTS", "1")
    with pytest.raises(SystemExit) as stop:
        cli.command.main([], standalone_mode=False)

    assert stop.value.code == 0
    assert read_json(aws, "jobs/5f0e-11-3/media.json")["job_id"] == "5f0e-11-3"
    assert all(json.loads(line) for line in capsys.readouterr().err.splitlines())


def test_a_child_of_an_array_job_fetches_its_line_of_the_list(
    aws, site: Site, monkeypatch: pytest.MonkeyPatch
):
    put(aws, "jobs/lists/week.txt", f"{site.url}/nowhere.mp4\n{site.url}/clip.mp4\n")
    monkeypatch.setenv("AWS_BATCH_JOB_ARRAY_INDEX", "1")
    child = start(
        "--video-urls",
        "s3://debates/jobs/lists/week.txt",
        "--output-s3-prefix",
        "s3://debates/jobs/5f0e-{index}",
        *OPEN,
    )
    child.communicate(timeout=60)

    assert child.returncode == 0
    assert read_json(aws, "jobs/5f0e-1/media.json")["source"]["url"] == f"{site.url}/clip.mp4"


def test_a_file_on_s3_is_taken_with_its_subtitles(aws, media: Path, download: Download):
    put(aws, "uploads/town hall.mp4", (media / "clip.mp4").read_bytes())
    put(aws, "uploads/town hall.en.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n")
    outcome = download("s3://debates/uploads/town hall.mp4", private=False)

    assert outcome.code == 0
    assert outcome.media["source"]["url"] == "s3://debates/uploads/town hall.mp4"
    assert outcome.media["subtitles"][0]["language"] == "en"


@pytest.mark.parametrize(
    ("source", "to", "said"),
    [
        ("s3://debates/uploads/gone.mp4", None, "s3://debates/uploads/gone.mp4"),
        ("s3://no-such-bucket/x.mp4", None, "s3://no-such-bucket/x.mp4"),
        ("{media}/clip.mp4", "s3://no-such-bucket/jobs/x", "s3://no-such-bucket/jobs/x"),
    ],
)
def test_what_is_not_on_s3_is_not_found(source, to, said, aws, media, download):
    outcome = download(source.format(media=media), to=to, private=False)

    assert outcome.code == 66
    assert said in outcome.message
    assert "does not exist" in outcome.message


def test_a_folder_on_s3_is_not_fetched_and_named_by_its_address(
    aws, media: Path, download: Download
):
    put(aws, "talks/clip.mp4", (media / "clip.mp4").read_bytes())

    outcome = download("s3://debates/talks", to=PREFIX)

    assert outcome.code == 66
    assert outcome.message.startswith("s3://debates/talks does not exist")


def test_s3_that_cannot_be_reached_is_temporary(aws, media, download, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    assert download(media / "clip.mp4", to=PREFIX, private=False).code == 75


def test_cookies_come_from_a_secret(aws, site: Site, download: Download):
    arn = make_secret(aws, COOKIES)

    assert download(f"{site.url}/members/clip.mp4", "--yt-cookies-secret-arn", arn).code == 0


def make_secret(aws: Any, text: str) -> str:
    client = aws.client("secretsmanager")
    return str(client.create_secret(Name="yt-cookies", SecretString=text)["ARN"])


def test_cookies_come_from_s3(aws, site: Site, download: Download):
    put(aws, "private/cookies.txt", COOKIES)
    uri = "s3://debates/private/cookies.txt"

    assert download(f"{site.url}/members/clip.mp4", "--yt-cookies-s3-uri", uri).code == 0


@pytest.mark.parametrize("text", [" \n", "\ufeff"])
def test_an_empty_secret_is_a_clear_sentence(text, aws, site: Site, download: Download):
    outcome = download(
        f"{site.url}/members/clip.mp4", "--yt-cookies-secret-arn", make_secret(aws, text)
    )

    assert outcome.code == 64
    assert "empty" in outcome.message


@pytest.mark.parametrize(
    "option",
    [
        ["--yt-cookies-s3-uri", "s3://debates/private/gone.txt"],
        ["--yt-cookies-secret-arn", "arn:aws:secretsmanager:eu-central-1:1:secret:gone"],
        ["--yt-cookies-file", "/nowhere/cookies.txt"],
    ],
)
def test_cookies_that_are_not_there_are_not_found(option, aws, site: Site, download: Download):
    outcome = download(f"{site.url}/members/clip.mp4", *option)

    assert outcome.code == 66
    assert "does not exist" in outcome.message or "do not exist" in outcome.message
