"""Job definitions as data, checked against AWS's own model of the request."""

from dataclasses import replace
from typing import Any

import pytest
from aws_model import job_definition_faults
from debate_infra.documents import job_definitions
from debate_infra.documents.host_boot import WEIGHTS
from debate_infra.documents.job_definitions import (
    Fargate,
    Host,
    Stage,
    in_pipeline,
    stage_environment,
)
from debate_infra.settings.instances import DOWNLOAD, STATS, Size

HOST = Host("arn:job-role", "arn:execution-role", "/aws/batch/debate")
TRANSCRIBE = Stage(
    "transcribe", "img:t", Size(2, 10000, 1), {"DEVICE": "cuda"}, {"HF_TOKEN": "arn:hf"}
)
STAGES = [
    Stage("download", "img:d", DOWNLOAD, {"LOG_FORMAT": "json"}),
    TRANSCRIBE,
    Stage("stats", "img:s", STATS, {}),
]


def containers() -> list[dict[str, Any]]:
    placed = [in_pipeline(stage, "bucket") for stage in STAGES]
    found: list[dict[str, Any]] = job_definitions.pipeline(placed, HOST)["taskProperties"][0][
        "containers"
    ]
    return found


def environment(container: dict[str, Any]) -> dict[str, str]:
    return {pair["name"]: pair["value"] for pair in container["environment"]}


@pytest.mark.parametrize("fargate", [None, Fargate(assign_public_ip=True, disk_gib=100)])
@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_stage_on_its_own_is_what_aws_expects(stage: Stage, fargate: Fargate | None) -> None:
    properties = job_definitions.single(stage, HOST, fargate)

    assert job_definition_faults(containerProperties=properties) == ""


def test_the_single_job_is_what_aws_expects() -> None:
    properties = job_definitions.pipeline(STAGES, HOST)

    assert job_definition_faults(ecsProperties=properties) == ""


def test_the_check_against_aws_finds_a_misspelt_key() -> None:
    properties = job_definitions.single(TRANSCRIBE, HOST)
    properties["logConfigurations"] = properties.pop("logConfiguration")

    assert "logConfigurations" in job_definition_faults(containerProperties=properties)


def test_the_gpu_and_the_token_reach_the_transcriber_only() -> None:
    download, transcribe, stats = containers()

    assert {"type": "GPU", "value": "1"} in transcribe["resourceRequirements"]
    assert transcribe["secrets"] == [{"name": "HF_TOKEN", "valueFrom": "arn:hf"}]
    for container in (download, stats):
        assert "secrets" not in container
        assert {need["type"] for need in container["resourceRequirements"]} == {"VCPU", "MEMORY"}


def test_each_stage_of_the_single_job_waits_for_the_success_of_the_one_before() -> None:
    download, transcribe, stats = containers()

    assert "dependsOn" not in download
    assert transcribe["dependsOn"] == [{"containerName": "download", "condition": "SUCCESS"}]
    assert stats["dependsOn"] == [{"containerName": "transcribe", "condition": "SUCCESS"}]


def test_only_the_last_stage_is_essential_since_no_success_of_an_essential_one_can_be_awaited() -> (
    None
):
    assert [container["essential"] for container in containers()] == [False, False, True]


def test_the_stages_of_the_single_job_share_one_volume_of_this_job_alone() -> None:
    task = job_definitions.pipeline(STAGES, HOST)["taskProperties"][0]

    assert task["volumes"] == [{"name": "scratch"}]
    mounts = [container["mountPoints"] for container in task["containers"]]
    assert (
        mounts
        == [[{"sourceVolume": "scratch", "containerPath": "/scratch", "readOnly": False}]] * 3
    )


def test_the_stages_of_the_single_job_find_each_others_work() -> None:
    _, transcribe, stats = map(environment, containers())

    assert transcribe["VIDEO_S3_PREFIX"] == "s3://bucket/jobs/{job}/videos"
    assert transcribe["OUTPUT_S3_PREFIX"] == "s3://bucket/jobs/{job}"
    assert stats["TRANSCRIPTS_S3_PREFIX"] == "s3://bucket/jobs/{job}/transcripts"


def test_every_container_logs_to_the_same_group_under_the_guides_prefix() -> None:
    for container in containers():
        options = container["logConfiguration"]["options"]
        assert options == {"awslogs-group": "/aws/batch/debate", "awslogs-stream-prefix": "batch"}


def test_a_download_on_fargate_has_room_for_a_long_recording() -> None:
    properties = job_definitions.single(STAGES[0], HOST, Fargate(True, 100))

    assert properties["ephemeralStorage"] == {"sizeInGiB": 100}
    assert properties["networkConfiguration"] == {"assignPublicIp": "ENABLED"}


def test_a_job_on_ec2_says_nothing_that_only_fargate_understands() -> None:
    properties = job_definitions.single(TRANSCRIBE, HOST)

    assert not properties.keys() & {"networkConfiguration", "fargatePlatformConfiguration"}


def test_models_come_from_the_machine_unless_the_image_has_them() -> None:
    on_machine = stage_environment("transcribe", "eu-west-1", "b", None, {})
    in_image = stage_environment("transcribe", "eu-west-1", "b", "/models", {})

    assert on_machine["MODELS_PREFIX"] == "/var/lib/debate/models"
    assert in_image["MODELS_PREFIX"] == "/models"


@pytest.mark.parametrize(("prefix", "mounts"), [(None, 1), ("/models", 0)])
def test_the_machines_weights_can_be_read_and_not_written(prefix: str | None, mounts: int) -> None:
    told = stage_environment("transcribe", "eu-west-1", "b", prefix, {})
    transcribe = replace(TRANSCRIBE, environment=told)
    alone = job_definitions.single(transcribe, HOST)
    task = job_definitions.pipeline([STAGES[0], transcribe, STAGES[2]], HOST)["taskProperties"][0]
    together = [one["mountPoints"][1:] for one in task["containers"]]

    mount = {"sourceVolume": "weights", "containerPath": WEIGHTS, "readOnly": True}
    volume = {"name": "weights", "host": {"sourcePath": WEIGHTS}}
    assert alone.get("mountPoints", []) == [mount] * mounts
    assert alone.get("volumes", []) == task["volumes"][1:] == [volume] * mounts
    assert together == [[], [mount] * mounts, []]
    assert job_definition_faults(containerProperties=alone) == ""
    assert job_definition_faults(ecsProperties={"taskProperties": [task]}) == ""


def test_cookies_are_told_to_the_downloader_only() -> None:
    cookies = {"YT_COOKIES_SECRET_ARN": "arn:cookies"}

    told = {
        stage: stage_environment(stage, "eu-west-1", "b", None, cookies)
        for stage in ("download", "transcribe", "stats")
    }

    assert told["download"]["YT_COOKIES_SECRET_ARN"] == "arn:cookies"
    assert "YT_COOKIES_SECRET_ARN" not in told["transcribe"] | told["stats"]


def test_no_attempt_is_shorter_than_batch_allows() -> None:
    assert min(job_definitions.TIMEOUTS.values()) >= 60


@pytest.mark.parametrize("stage", ["download", "transcribe", "stats"])
def test_every_stage_is_told_its_region_and_to_log_for_machines(stage: str) -> None:
    told = stage_environment(stage, "eu-west-1", "b", None, {})

    assert told["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert told["LOG_FORMAT"] == "json"
