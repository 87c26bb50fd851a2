"""Each component by itself: what it registers, and what it must never register."""

import re
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest
from conftest import Program, Recorded
from debate_infra.components.foundation.credentials import Credentials, CredentialsArgs
from debate_infra.components.foundation.network import Network, NetworkArgs
from debate_infra.components.foundation.registry import Registry, RegistryArgs
from debate_infra.components.foundation.storage import Storage, StorageArgs
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
        (["tree-0123456789ab"], 10),
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
