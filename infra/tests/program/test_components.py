"""Each component by itself: what it registers, and what it must never register."""

import base64
import email
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from conftest import Program, Recorded
from debate_infra.components.batch.hosts import Hosts, HostsArgs
from debate_infra.components.batch.queues import Queue, QueueArgs
from debate_infra.components.foundation.credentials import Credentials, CredentialsArgs
from debate_infra.components.foundation.network import Network, NetworkArgs
from debate_infra.components.foundation.registry import Registry, RegistryArgs
from debate_infra.components.foundation.storage import Storage, StorageArgs
from debate_infra.documents.host_boot import JOB_USER
from debate_infra.settings.fleets import FleetSettings
from debate_infra.settings.images import CHECKOUT
from debate_infra.settings.secrets import SecretSettings
from debate_infra.settings.stack import NetworkSettings

Record = Callable[[Callable[[], Any]], list[Recorded]]
OWN_VPC = NetworkSettings(("eu-central-1a", "eu-central-1b"), None, (), (), True)
EXISTING = NetworkSettings((), "vpc-1", ("subnet-a",), ("subnet-p",), True)
NO_SECRETS = SecretSettings(None, None, False, None, None, None)


def made(record: Record, body: Callable[[], Any]) -> Program:
    return Program(record(body), {})


# --- bucket ----------------------------------------------------------------------------------


@pytest.fixture
def storage(record: Record) -> Program:
    return made(record, lambda: Storage("storage", StorageArgs("debate", ("https://a.example",))))


def test_nobody_outside_can_reach_the_bucket(storage: Program) -> None:
    block = storage.one("s3.BucketPublicAccessBlock").inputs

    for switch in (
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    ):
        assert block[switch] is True


def test_the_bucket_is_encrypted_and_owned_by_the_account(storage: Program) -> None:
    (rule,) = storage.one("s3.BucketServerSideEncryptionConfiguration").inputs["rules"]
    owner = storage.one("s3.BucketOwnershipControls").inputs["rule"]

    assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    assert owner == {"objectOwnership": "BucketOwnerEnforced"}


def test_the_bucket_speaks_tls_only(storage: Program) -> None:
    (statement,) = storage.one("s3.BucketPolicy").json("policy")["Statement"]

    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == ["arn:aws:Bucket:debate", "arn:aws:Bucket:debate/*"]


def test_pages_of_the_named_origins_may_play_and_send(storage: Program) -> None:
    (rule,) = storage.one("s3.BucketCorsConfiguration").inputs["corsRules"]

    assert rule["allowedOrigins"] == ["https://a.example"]
    assert rule["allowedMethods"] == ["GET", "HEAD", "PUT"]
    assert rule["exposeHeaders"] == ["ETag", "Content-Range", "Accept-Ranges"]


def test_a_bucket_for_no_page_has_no_cors_rule(record: Record) -> None:
    program = made(record, lambda: Storage("storage", StorageArgs("debate", ())))

    assert program.all("s3.BucketCorsConfiguration") == []


def test_abandoned_uploads_vanish_and_old_recordings_get_cheaper_but_none_is_deleted(
    storage: Program,
) -> None:
    rules = storage.one("s3.BucketLifecycleConfiguration").inputs["rules"]
    broken_off, jobs, uploads, replaced = rules

    assert broken_off["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert jobs["transitions"] == [{"days": 30, "storageClass": "INTELLIGENT_TIERING"}]
    assert "expiration" not in broken_off | jobs
    assert uploads["filter"] == {"prefix": "jobs/.uploads/"}
    assert uploads["expiration"] == {"days": 14}
    assert uploads["noncurrentVersionExpiration"] == {"noncurrentDays": 1}
    assert replaced["expiration"] == {"expiredObjectDeleteMarker": True}


@pytest.mark.parametrize("guarded", [True, False])
def test_a_bucket_goes_with_its_debates_only_when_nobody_guards_it(
    record: Record, guarded: bool
) -> None:
    args = StorageArgs("debate", (), deletion_protection=guarded)
    program = made(record, lambda: Storage("storage", args))

    assert program.one("s3.Bucket").inputs["forceDestroy"] is not guarded


def test_what_was_replaced_or_deleted_can_be_had_back_for_a_month(storage: Program) -> None:
    versioning = storage.one("s3.BucketVersioning").inputs["versioningConfiguration"]
    *_, replaced = storage.one("s3.BucketLifecycleConfiguration").inputs["rules"]

    assert versioning == {"status": "Enabled"}
    assert replaced["noncurrentVersionExpiration"] == {"noncurrentDays": 30}


# --- images ----------------------------------------------------------------------------------


@pytest.fixture
def registry(record: Record) -> Program:
    tags = dict.fromkeys(("downloader", "transcriber", "stats", "webapp"), "1.0.0")
    return made(record, lambda: Registry("registry", RegistryArgs("debate", tags)))


def test_every_service_has_a_repository_whose_tags_cannot_move(registry: Program) -> None:
    repositories = registry.all("ecr.Repository")

    assert [repository.inputs["name"] for repository in repositories] == [
        "debate/downloader",
        "debate/stats",
        "debate/transcriber",
        "debate/webapp",
    ]
    for repository in repositories:
        assert repository.inputs["imageTagMutability"] == "IMMUTABLE"
        assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}


def kept_by(policy: Any, tags: list[str]) -> int | None:
    """How many such images stay; None: all.

    As ECR evaluates rules: the first whose tags select an image decides.
    """
    for rule in sorted(policy["rules"], key=lambda rule: rule["rulePriority"]):
        (pattern,) = rule["selection"]["tagPatternList"]
        if any(fnmatchcase(tag, pattern) for tag in tags):
            count = int(rule["selection"]["countNumber"])
            return None if count >= 100_000 else count
    return None


@pytest.mark.parametrize(
    ("tags", "stay"),
    [
        (["commit-0123456789ab"], 10),
        (["commit-0123456789ab", "stats-v1.0.0"], None),
        (["stats-v0.9.0"], None),
        (["v1"], None),
        ([], None),
    ],
)
def test_only_builds_of_commits_expire(
    registry: Program, tags: list[str], stay: int | None
) -> None:
    assert kept_by(registry.one("ecr.LifecyclePolicy", "stats").json("policy"), tags) == stay


@pytest.mark.parametrize("config", [{}, {"imageTag": "commit-0123456789ab"}])
def test_no_rule_selects_the_image_that_a_stack_runs(
    run_program: Callable[..., Program], config: dict[str, str]
) -> None:
    program = run_program(config)
    tags = re.findall(r"registry\.example/([a-z]+):([\w.-]+)", str(program.resources))

    assert {service for service, _ in tags} == {"downloader", "transcriber", "stats"}
    for service, tag in tags:
        policy = program.one("ecr.LifecyclePolicy", service).json("policy")
        assert kept_by(policy, [tag]) is None


# --- secrets ---------------------------------------------------------------------------------


def test_without_a_token_or_cookies_there_is_no_secret(record: Record) -> None:
    program = made(record, lambda: Credentials("c", CredentialsArgs("debate", NO_SECRETS)))

    assert program.all("secretsmanager.Secret") == []


def test_a_secret_without_a_value_waits_to_be_filled_by_hand(record: Record) -> None:
    by_hand = replace(NO_SECRETS, with_cookies=True)
    program = made(record, lambda: Credentials("c", CredentialsArgs("debate", by_hand)))

    (secret,) = program.all("secretsmanager.Secret")
    assert (secret.name, secret.inputs["recoveryWindowInDays"]) == ("debate-youtube-cookies", 7)
    assert program.all("secretsmanager.SecretVersion") == []


# --- network ---------------------------------------------------------------------------------


def network(settings: NetworkSettings, private: bool = False) -> Network:
    return Network("network", NetworkArgs("debate", "eu-central-1", settings, private))


def test_the_own_network_has_two_public_subnets_that_do_not_overlap(record: Record) -> None:
    program = made(record, lambda: network(OWN_VPC))

    subnets = [subnet.inputs for subnet in program.all("ec2.Subnet")]
    assert [subnet["availabilityZone"] for subnet in subnets] == ["eu-central-1a", "eu-central-1b"]
    assert [subnet["cidrBlock"] for subnet in subnets] == ["10.20.0.0/20", "10.20.16.0/20"]
    assert program.one("ec2.RouteTable").inputs["routes"] == [
        {"cidrBlock": "0.0.0.0/0", "gatewayId": "network-internet-id"}
    ]


def test_private_subnets_reach_out_through_a_gateway_of_their_own(record: Record) -> None:
    program = made(record, lambda: network(OWN_VPC, private=True))

    private = [s.inputs for s in program.all("ec2.Subnet") if "private" in s.name]
    assert [subnet["cidrBlock"] for subnet in private] == ["10.20.128.0/20", "10.20.144.0/20"]
    assert not any(subnet["mapPublicIpOnLaunch"] for subnet in private)
    (route,) = program.one("ec2.RouteTable", "private").inputs["routes"]
    assert route["natGatewayId"] == "network-nat-id"


def test_recordings_reach_the_bucket_without_leaving_aws(record: Record) -> None:
    endpoint = made(record, lambda: network(OWN_VPC, private=True)).one("ec2.VpcEndpoint").inputs

    assert endpoint["serviceName"] == "com.amazonaws.eu-central-1.s3"
    assert endpoint["vpcEndpointType"] == "Gateway"
    assert endpoint["routeTableIds"] == ["network-public-id", "network-private-id"]


def test_nothing_may_connect_to_a_job(record: Record) -> None:
    program = made(record, lambda: network(OWN_VPC))

    assert "ingress" not in program.one("ec2.SecurityGroup").inputs
    assert program.one("ec2.DefaultSecurityGroup").inputs.keys() == {"vpcId"}


def test_given_private_subnets_are_the_web_applications(record: Record) -> None:
    found: list[Network] = []
    record(lambda: found.append(network(EXISTING)))

    assert found[0].private_subnet_ids == ["subnet-p"]
    assert (found[0].jobs_public_ip, found[0].private_public_ip) == (True, False)


# --- machines and queues ---------------------------------------------------------------------


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
    assert disk["ebs"]["volumeSize"] >= 100
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
