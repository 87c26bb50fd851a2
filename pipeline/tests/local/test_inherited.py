"""Each stage inherits what is its own, and nobody else's secrets."""

from pathlib import Path

import pytest
from debate_pipeline.job.stages import COMMANDS
from debate_pipeline.local.inherited import inherited_by

SECRETS = {
    "HF_TOKEN": "transcribe",
    "PIP_INDEX_URL": "transcribe",  # may hold a password
    "SECRET_KEY": "register",
    "DATABASE_URL": "register",
    "PGPASSWORD": "register",
    "GITHUB_TOKEN": None,
    "ADMIN_PASSWORD": None,
    "USER_PASSWORD": None,
    "OIDC_CLIENT_SECRET": None,
    "PULUMI_ACCESS_TOKEN": None,
}
MACHINE = {
    "PATH": "/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "https_proxy": "http://proxy.example",
    "HTTPS_PROXY": "http://proxy.example",
    "REQUESTS_CA_BUNDLE": "/ca.pem",
    "SSL_CERT_FILE": "/ca.pem",
}
# A desktop's list of locales, and another job's place.
ELSEWHERE = ("LANGUAGE", "AWS_BATCH_JOB_ID", "AWS_BATCH_JOB_ARRAY_INDEX", "FORCE")


@pytest.mark.parametrize("stage", COMMANDS)
def test_a_secret_goes_to_the_stage_that_needs_it_only(stage: str) -> None:
    found = inherited_by(stage, dict.fromkeys(SECRETS, "planted") | MACHINE, "https://x.example")

    assert found == MACHINE | {name: "planted" for name, of in SECRETS.items() if of == stage}


@pytest.mark.parametrize("stage", COMMANDS)
def test_what_would_send_a_stage_elsewhere_is_not_passed_on(stage: str) -> None:
    places = dict.fromkeys([*ELSEWHERE, "OUTPUT_S3_PREFIX", "TRANSCRIPTS_S3_PREFIX"], "x")

    assert inherited_by(stage, places, "https://x.example") == {}


@pytest.mark.parametrize(
    ("stage", "source", "more", "has_keys"),
    [
        ("download", "https://x.example/talk.mp4", {}, False),
        ("download", "/recordings/talk.mp4", {}, False),
        ("download", "s3://bucket/talk.mp4", {}, True),
        ("download", "https://x.example/", {"YT_COOKIES_SECRET_ARN": "arn:x"}, True),
        ("download", "https://x.example/", {"YT_COOKIES_S3_URI": "s3://b/c"}, True),
        ("transcribe", "https://x.example/", {}, True),
        ("stats", "https://x.example/", {}, True),
        ("register", "https://x.example/", {}, True),
    ],
)
def test_a_download_from_the_web_gets_no_keys_of_a_cloud(stage, source, more, has_keys) -> None:
    keys = {"AWS_SECRET_ACCESS_KEY": "planted", "AWS_ENDPOINT_URL": "http://127.0.0.1"}

    assert (set(keys) <= set(inherited_by(stage, keys | more, source))) is has_keys


def test_planted_secrets_are_not_in_the_environment_of_the_process(house) -> None:
    planted = {"AWS_SECRET_ACCESS_KEY": "XYZZY-key", "GITHUB_TOKEN": "XYZZY-git"}
    planted |= dict.fromkeys(SECRETS, "XYZZY")
    house.order("download", "wait")
    command = house.start("submit", "https://videos.example/town-hall", **planted)
    house.wait_for("download")
    (call,) = house.calls("download")

    environ = Path(f"/proc/{call['pid']}/environ").read_bytes()

    assert b"PATH=" in environ
    assert b"XYZZY" not in environ
    house.let_go("download")
    assert command.wait(20) == 0
