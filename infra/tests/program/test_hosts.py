"""Machines and queues, what a machine does when it starts, when a job is tried again."""

import base64
import email
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Program
from debate_infra.components.batch.hosts import Hosts, HostsArgs
from debate_infra.components.batch.queues import Queue, QueueArgs
from debate_infra.components.foundation.storage import Storage, StorageArgs
from debate_infra.documents.host_boot import JOB_USER
from debate_infra.settings.fleets import FleetSettings
from debate_infra.settings.images import CHECKOUT
from test_components import EXISTING, Record, made, network


def hosts_of_a_stack() -> Hosts:
    storage = Storage("bucket", StorageArgs("bucket", ()))
    tags = {"Project": "debate", "Stack": "prod"}
    return Hosts("hosts", HostsArgs("debate", "eu-west-1", storage, tags))


def queue(fleet: FleetSettings) -> Queue:
    return Queue("q", QueueArgs("debate-q", fleet, hosts_of_a_stack(), network(EXISTING)))


def test_machines_have_an_encrypted_disk_and_guard_their_credentials(record: Record) -> None:
    template = made(record, hosts_of_a_stack).one("ec2.LaunchTemplate")

    (disk,) = template.inputs["blockDeviceMappings"]
    assert disk["deviceName"] == "/dev/xvda"
    assert (disk["ebs"]["encrypted"], disk["ebs"]["volumeType"]) == ("true", "gp3")
    assert disk["ebs"]["volumeSize"] >= 150
    assert disk["ebs"]["throughput"] >= 500  # F4: image and weights are waited for
    assert template.inputs["metadataOptions"]["httpTokens"] == "required"
    assert template.inputs["metadataOptions"]["httpPutResponseHopLimit"] == 1


def test_what_a_machine_is_made_of_is_on_the_bill_of_its_stack(record: Record) -> None:
    template = made(record, hosts_of_a_stack).one("ec2.LaunchTemplate")

    tagged = {tags["resourceType"]: tags["tags"] for tags in template.inputs["tagSpecifications"]}
    tags = {"Name": "debate-batch", "Project": "debate", "Stack": "prod"}
    assert tagged == {"instance": tags, "volume": tags}


def test_jobs_end_before_an_update_replaces_their_machines(record: Record) -> None:
    ours = made(record, lambda: queue(FleetSettings(("g5.xlarge",), 0, 256, True)))

    policy = ours.one("batch.ComputeEnvironment").inputs["updatePolicy"]
    assert policy == {"terminateJobsOnUpdate": False, "jobExecutionTimeoutMinutes": 1080}


@pytest.fixture
def booted(record: Record, tmp_path: Path) -> tuple[list[str], str]:
    """The commands that the script of a machine with a GPU ran, and its agent's configuration."""
    data = made(record, hosts_of_a_stack).one("ec2.LaunchTemplate").inputs["userData"]
    (part,) = email.message_from_bytes(base64.b64decode(data)).get_payload()
    assert part.get_content_type() == "text/x-shellscript"
    for name in ("iptables", "nvidia-smi", "aws", "dnf", "sleep"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho {name} "$@" >>{tmp_path}/said\n[ {name} != aws ]\n')
        program.chmod(0o755)
    script = re.sub(r"/(etc/ecs|var/lib/debate)", rf"{tmp_path}/\1", part.get_payload())
    (tmp_path / "etc" / "ecs").mkdir(parents=True)
    path = f"{tmp_path}:/usr/bin:/bin"
    subprocess.run(["bash", "-u"], input=script, env={"PATH": path}, text=True, check=False)
    said = (tmp_path / "said").read_text().replace(str(tmp_path), "").splitlines()
    return said, (tmp_path / "etc" / "ecs" / "ecs.config").read_text()


def test_containers_cannot_ask_a_machine_for_its_credentials(
    booted: tuple[list[str], str],
) -> None:
    """In the machine's own network, where Batch runs single containers, by their user."""
    said, agent = booted
    assert said[0] == (
        "iptables --insert OUTPUT --destination 169.254.169.254 "
        "--match owner --uid-owner 10001 --jump REJECT"
    )
    assert "ECS_AWSVPC_BLOCK_IMDS=true" in agent.splitlines()


@pytest.mark.parametrize("service", ["downloader", "transcriber", "stats"])
def test_the_images_run_as_the_user_who_cannot_ask(service: str) -> None:
    dockerfile = (CHECKOUT / "services" / service / "Dockerfile").read_text()

    assert re.findall(r"^USER (.*)$", dockerfile, re.M)[-1] == str(JOB_USER)


def test_weights_come_once_to_a_machine_and_nothing_of_a_job_stays(
    booted: tuple[list[str], str],
) -> None:
    said, agent = booted
    fetched = (
        "aws s3 sync --region eu-west-1 --only-show-errors s3://bucket-id/models "
        "/var/lib/debate/models"
    )
    assert said[1::2] == [fetched] * 5  # here it fails every time
    assert said[2::2] == [f"sleep {pause}" for pause in (1, 5, 15, 30, 60)]
    assert "ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION=1m" in agent.splitlines()
    assert "ECS_IMAGE_PULL_BEHAVIOR=prefer-cached" in agent.splitlines()


def test_a_queue_names_its_launch_template_by_version(record: Record) -> None:
    program = made(record, lambda: queue(FleetSettings(("g5.xlarge",), 0, 256, True)))

    resources = program.one("batch.ComputeEnvironment").inputs["computeResources"]
    assert resources["launchTemplate"] == {
        "launchTemplateId": "debate-host-id",
        "version": "7",
    }


def test_an_environment_can_be_replaced_and_updated_in_place(record: Record) -> None:
    program = made(record, lambda: queue(FleetSettings((), 0, 64)))

    environment = program.one("batch.ComputeEnvironment").inputs
    assert not environment.keys() & {"name", "namePrefix", "serviceRole"}
    assert program.one("batch.JobQueue").inputs["computeEnvironmentOrders"] == [
        {"order": 1, "computeEnvironment": "arn:aws:ComputeEnvironment:debate-q"}
    ]


def test_a_job_that_cannot_start_is_cancelled_with_a_reason(record: Record) -> None:
    program = made(record, lambda: queue(FleetSettings((), 0, 64)))

    actions = program.one("batch.JobQueue").inputs["jobStateTimeLimitActions"]
    assert {action["reason"] for action in actions} == {
        "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
        "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
    }
    for action in actions:
        assert (action["state"], action["action"]) == ("RUNNABLE", "CANCEL")
        assert 600 <= action["maxTimeSeconds"] <= 86_400


# --- retries ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("spot", "on_gpu"), [("true", 10), ("false", 4)])
def test_a_job_is_tried_again_after_exit_75_a_lost_machine_or_no_start_and_nothing_else(
    run_program: Callable[..., Program], spot: str, on_gpu: int
) -> None:
    definitions = run_program({"useSpot": spot}).all("batch.JobDefinition")
    attempts = {d.name: d.inputs["retryStrategy"]["attempts"] for d in definitions}

    assert attempts == {"download": 4, "transcribe": on_gpu, "stats": 4, "pipeline": on_gpu}
    for definition in definitions:
        retry = definition.inputs["retryStrategy"]
        assert retry["evaluateOnExits"] == [
            {"onExitCode": "75", "action": "RETRY"},
            {"onStatusReason": "Host EC2*", "action": "RETRY"},
            {"onStatusReason": "Task failed to start*", "action": "RETRY"},
            {"onReason": "DockerTimeoutError*", "action": "RETRY"},
            {"onReason": "*", "action": "EXIT"},
        ]


def test_every_job_has_a_time_limit_and_passes_its_tags_on(
    run_program: Callable[..., Program],
) -> None:
    hours = {
        definition.name: definition.inputs["timeout"]["attemptDurationSeconds"] / 3600
        for definition in run_program().all("batch.JobDefinition")
    }

    assert hours == {"download": 4, "transcribe": 12, "stats": 1, "pipeline": 17}
    assert all(d.inputs["propagateTags"] for d in run_program().all("batch.JobDefinition"))
