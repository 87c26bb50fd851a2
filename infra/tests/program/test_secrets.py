"""Cookies and the token: where they come from, and who gets them."""

import json
from collections.abc import Callable
from pathlib import Path

from conftest import Program, is_secret, unwrap
from forms import ARN, FORMS

Run = Callable[..., Program]

COOKIES = "# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t0\tSID\tvalue\n"


def environment_of(program: Program, stage: str) -> dict[str, str]:
    properties = program.one("batch.JobDefinition", stage).json("containerProperties")
    return {pair["name"]: pair["value"] for pair in properties["environment"]}


def download_environment(program: Program) -> dict[str, str]:
    return environment_of(program, "download")


def test_cookies_from_a_file_become_a_secret(run_program: Run, tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text(COOKIES)

    program = run_program({"ytCookiesFile": str(file)})

    version = program.one("secretsmanager.SecretVersion", "youtube-cookies")
    assert is_secret(version.inputs["secretString"])
    assert unwrap(version.inputs["secretString"]) == COOKIES
    arn = program.outputs["secrets"]["youtubeCookies"]
    assert download_environment(program)["YT_COOKIES_SECRET_ARN"] == arn
    others = [resource.inputs for resource in program.resources if resource is not version]
    assert "youtube.com" not in json.dumps(others)


def test_cookies_in_a_secret_of_the_users_are_used_as_they_are(run_program: Run) -> None:
    program = run_program(FORMS["cookies by ARN"])

    assert download_environment(program)["YT_COOKIES_SECRET_ARN"] == ARN
    assert program.all("secretsmanager.Secret") == []


def test_cookies_on_s3_are_told_by_their_address(run_program: Run) -> None:
    environment = download_environment(run_program(FORMS["cookies on S3"]))

    assert environment["YT_COOKIES_S3_URI"] == "s3://private-bucket/cookies.txt"
    assert "YT_COOKIES_SECRET_ARN" not in environment


def test_cookies_put_in_by_hand_never_pass_through_pulumi(run_program: Run) -> None:
    program = run_program(FORMS["cookies by hand"])

    assert [s.name for s in program.all("secretsmanager.Secret")] == [
        "debate-analyzer-youtube-cookies"
    ]
    assert program.all("secretsmanager.SecretVersion") == []
    assert "YT_COOKIES_SECRET_ARN" in download_environment(program)


def token_of_the_transcriber(program: Program) -> list[dict[str, str]]:
    """What the container of a transcription gets from secrets."""
    properties = program.one("batch.JobDefinition", "transcribe").json("containerProperties")
    secrets: list[dict[str, str]] = properties.get("secrets", [])
    return secrets


def test_by_default_there_is_no_token_and_no_secret_and_weights_come_from_the_machine(
    run_program: Run,
) -> None:
    program = run_program()

    assert program.all("secretsmanager.Secret") == []
    assert program.outputs["secrets"]["hfToken"] is None
    assert token_of_the_transcriber(program) == []
    environment = environment_of(program, "transcribe")
    assert environment["MODELS_PREFIX"] == "/var/lib/debate/models"


def test_a_token_that_is_given_reaches_the_transcriber(run_program: Run) -> None:
    program = run_program(FORMS["with token"])

    (secret,) = program.all("secretsmanager.Secret")
    (given,) = token_of_the_transcriber(program)
    assert secret.name == "debate-analyzer-hf-token"
    assert given == {"name": "HF_TOKEN", "valueFrom": program.outputs["secrets"]["hfToken"]}


def test_a_token_kept_elsewhere_makes_no_secret(run_program: Run) -> None:
    program = run_program(FORMS["token elsewhere"])

    assert program.all("secretsmanager.Secret") == []
    assert program.outputs["secrets"]["hfToken"] == ARN
    assert token_of_the_transcriber(program) == [{"name": "HF_TOKEN", "valueFrom": ARN}]
