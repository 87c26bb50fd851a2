"""Each component by itself: what it registers, and what it must never register."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from conftest import Program, Recorded
from debate_infra.components.batch.alarms import Alarms, AlarmsArgs
from debate_infra.components.batch.hosts import Hosts, HostsArgs
from debate_infra.components.batch.queues import Queue, QueueArgs
from debate_infra.components.foundation.credentials import Credentials, CredentialsArgs
from debate_infra.components.foundation.network import Network, NetworkArgs
from debate_infra.components.foundation.registry import Registry, RegistryArgs
from debate_infra.components.foundation.storage import Storage, StorageArgs
from debate_infra.settings.stack import FleetSettings, NetworkSettings, SecretSettings

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


def test_pages_of_the_named_origins_may_play_and_upload(storage: Program) -> None:
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
    uploads, jobs = storage.one("s3.BucketLifecycleConfiguration").inputs["rules"]

    assert uploads["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert jobs["transitions"] == [{"days": 30, "storageClass": "INTELLIGENT_TIERING"}]
    assert "expiration" not in uploads | jobs


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


def test_a_repository_keeps_ten_images(registry: Program) -> None:
    for policy in registry.all("ecr.LifecyclePolicy"):
        (rule,) = policy.json("policy")["rules"]
        assert rule["selection"]["countNumber"] == 10
        assert rule["action"] == {"type": "expire"}


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


def queue(fleet: FleetSettings, with_hosts: bool) -> Queue:
    hosts = Hosts("hosts", HostsArgs("debate")) if with_hosts else None
    return Queue("q", QueueArgs("debate-q", fleet, hosts, network(EXISTING)))


def test_machines_have_an_encrypted_disk_and_guard_their_credentials(record: Record) -> None:
    template = made(record, lambda: Hosts("hosts", HostsArgs("debate"))).one("ec2.LaunchTemplate")

    (disk,) = template.inputs["blockDeviceMappings"]
    assert disk["deviceName"] == "/dev/xvda"
    assert (disk["ebs"]["encrypted"], disk["ebs"]["volumeType"]) == ("true", "gp3")
    assert disk["ebs"]["volumeSize"] >= 100
    assert template.inputs["metadataOptions"]["httpTokens"] == "required"
    assert template.inputs["metadataOptions"]["httpPutResponseHopLimit"] == 1


def test_a_queue_names_its_launch_template_by_version(record: Record) -> None:
    program = made(record, lambda: queue(FleetSettings(("g5.xlarge",), 0, 256, True), True))

    resources = program.one("batch.ComputeEnvironment").inputs["computeResources"]
    assert resources["launchTemplate"] == {
        "launchTemplateId": "debate-host-id",
        "version": "7",
    }


def test_an_environment_can_be_replaced_and_updated_in_place(record: Record) -> None:
    program = made(record, lambda: queue(FleetSettings((), 0, 64), False))

    environment = program.one("batch.ComputeEnvironment").inputs
    assert not environment.keys() & {"name", "namePrefix", "serviceRole"}
    assert program.one("batch.JobQueue").inputs["computeEnvironmentOrders"] == [
        {"order": 1, "computeEnvironment": "arn:aws:ComputeEnvironment:debate-q"}
    ]


def test_a_job_that_cannot_start_is_cancelled_with_a_reason(record: Record) -> None:
    program = made(record, lambda: queue(FleetSettings((), 0, 64), False))

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


def test_a_job_is_tried_again_after_exit_75_or_a_lost_machine_and_after_nothing_else(
    run_program: Callable[..., Program],
) -> None:
    for definition in run_program().all("batch.JobDefinition"):
        retry = definition.inputs["retryStrategy"]
        assert retry["attempts"] == 3
        assert retry["evaluateOnExits"] == [
            {"onExitCode": "75", "action": "RETRY"},
            {"onStatusReason": "Host EC2*", "action": "RETRY"},
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


# --- alarms ----------------------------------------------------------------------------------


@pytest.fixture
def alarms(record: Record) -> Program:
    args = AlarmsArgs("debate", "desk@example.org", ["arn:cpu", "arn:gpu"])
    return made(record, lambda: Alarms("alarms", args))


def test_failed_jobs_of_our_queues_are_mailed(alarms: Program) -> None:
    pattern = alarms.one("cloudwatch.EventRule").json("eventPattern")
    subscription = alarms.one("sns.TopicSubscription").inputs

    assert pattern == {
        "source": ["aws.batch"],
        "detail-type": ["Batch Job State Change"],
        "detail": {"status": ["FAILED"], "jobQueue": ["arn:cpu", "arn:gpu"]},
    }
    assert (subscription["protocol"], subscription["endpoint"]) == ("email", "desk@example.org")


def test_only_that_rule_may_publish(alarms: Program) -> None:
    (statement,) = alarms.one("sns.TopicPolicy").json("policy")["Statement"]

    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": "arn:aws:EventRule:debate-failed-jobs"}
    }


def test_the_mail_names_the_job_and_every_name_in_it_is_filled(alarms: Program) -> None:
    transformer = alarms.one("cloudwatch.EventTarget").inputs["inputTransformer"]

    text = json.loads(transformer["inputTemplate"])
    assert text.startswith("Debate Analyzer: job <job>")
    assert {name for name in ("job", "id", "reason") if f"<{name}>" in text} == set(
        transformer["inputPaths"]
    )
