"""The optional web application: HTTPS outside, private inside, migrations first."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Program, is_secret
from debate_infra.documents.web_task import WebTask, containers, database_url
from debate_infra.settings.errors import SettingError
from forms import TELLING

FARGATE_SIZES = {"256": ("512", "1024", "2048"), "512": ("1024", "2048", "3072", "4096")}
WEBAPP = {
    "withWebapp": True,
    "certificateArn": "arn:aws:acm:eu-central-1:1:certificate/c",
    "webappDomain": "debates.example.org",
}


@pytest.fixture
def program(run_program: Callable[..., Program]) -> Program:
    return run_program(WEBAPP)


def container(program: Program, name: str) -> dict[str, Any]:
    found = program.one("ecs.TaskDefinition").json("containerDefinitions")
    return next(each for each in found if each["name"] == name)


def test_the_database_is_migrated_before_a_new_version_takes_traffic(program: Program) -> None:
    migrate, web = container(program, "migrate"), container(program, "web")

    assert (migrate["command"], migrate["essential"]) == (["migrate"], False)
    assert web["dependsOn"] == [{"containerName": "migrate", "condition": "SUCCESS"}]
    assert migrate["image"] == web["image"]


def test_the_old_version_stays_until_the_new_one_is_healthy(program: Program) -> None:
    service = program.one("ecs.Service").inputs

    assert service["desiredCount"] == 1
    assert service["waitForSteadyState"] is True
    assert service["deploymentMinimumHealthyPercent"] == 100
    assert service["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert program.one("lb.TargetGroup").inputs["healthCheck"]["path"] == "/livez"


def test_secrets_are_injected_as_secrets(program: Program) -> None:
    for name in ("migrate", "web"):
        found = container(program, name)
        assert {each["name"]: each["valueFrom"] for each in found["secrets"]} == {
            "SECRET_KEY": "arn:aws:Secret:debate-analyzer-web-key",
            "EVENT_KEY": "arn:aws:Secret:debate-analyzer-web-events",
        }
        told = {each["name"]: each["value"] for each in found["environment"]}
        assert not {"PGPASSWORD", "SECRET_KEY"} & told.keys()
        assert told["DATABASE_SECRET_ARN"] == "arn:aws:secretsmanager:rds!db-1"


def test_the_signing_key_is_random_kept_and_encrypted(program: Program) -> None:
    version = program.one("secretsmanager.SecretVersion", "web-key")

    assert is_secret(version.inputs["secretString"])


def test_the_web_application_finds_its_database_and_the_bucket(program: Program) -> None:
    environment = {e["name"]: e["value"] for e in container(program, "web")["environment"]}

    assert environment["DATABASE_URL"] == (
        "postgresql+psycopg://debate@db.internal:5432/debate?sslmode=require"
    )
    assert environment["STORAGE_ROOT"] == "s3://debate-analyzer-id"
    assert environment["TRUSTED_PROXIES"] == "1"


def test_the_web_application_knows_of_the_stack_what_a_submission_needs(program: Program) -> None:
    environment = {e["name"]: e["value"] for e in container(program, "web")["environment"]}
    told = json.loads(environment["DEBATE_STACK_OUTPUTS"])

    assert told == {name: program.outputs[name] for name in told}
    needed = {"bucket", "region", "queues", "sharedQueues", "jobDefinitions", "logGroup"}
    assert told.keys() == needed


def test_the_database_is_private_encrypted_kept_and_has_no_password_of_ours(
    program: Program,
) -> None:
    database = program.one("rds.Instance").inputs

    assert database["publiclyAccessible"] is False
    assert database["storageEncrypted"] is True
    assert database["deletionProtection"] is True
    assert program.one("rds.Instance").options["protect"] is True  # F13: nor does Pulumi replace it
    assert program.one("s3.Bucket").options["protect"] is True
    assert database["skipFinalSnapshot"] is False
    assert database["manageMasterUserPassword"] is True
    assert "password" not in database


def test_each_door_opens_to_the_one_before_it_only(program: Program) -> None:
    doors = {
        group.name: group.inputs.get("ingress", []) for group in program.all("ec2.SecurityGroup")
    }

    assert {door["fromPort"] for door in doors["debate-analyzer-balancer"]} == {80, 443}
    (web,) = doors["debate-analyzer-web"]
    assert (web["fromPort"], web["securityGroups"]) == (8000, ["debate-analyzer-balancer-id"])
    (database,) = doors["debate-analyzer-database"]
    assert (database["fromPort"], database["securityGroups"]) == (5432, ["debate-analyzer-web-id"])


def test_the_balancer_lets_go_of_a_connection_before_the_application_does(program: Program) -> None:
    """F9: "Connection idle timeout" in its guide; the application's is in server/channel.py."""
    assert program.one("lb.LoadBalancer").inputs["idleTimeout"] < 75


def test_browsers_are_sent_from_http_to_https(program: Program) -> None:
    http, https = (program.one("lb.Listener", name).inputs for name in ("web-http", "web-https"))

    (redirect,) = http["defaultActions"]
    assert redirect["redirect"]["protocol"] == "HTTPS"
    assert https["protocol"] == "HTTPS"
    assert https["certificateArn"] == WEBAPP["certificateArn"]
    assert https["sslPolicy"].startswith("ELBSecurityPolicy-TLS13")


def test_tasks_have_no_public_address_and_a_size_that_fargate_sells(program: Program) -> None:
    network = program.one("ecs.Service").inputs["networkConfiguration"]
    task = program.one("ecs.TaskDefinition").inputs

    assert network["assignPublicIp"] is False
    assert network["subnets"] == [
        "network-private-eu-central-1a-id",
        "network-private-eu-central-1b-id",
        "network-private-eu-central-1c-id",
    ]
    assert task["memory"] in FARGATE_SIZES[task["cpu"]]


def test_it_has_and_answers_for_the_given_domain_only(program: Program) -> None:
    told = {e["name"]: e["value"] for e in container(program, "web")["environment"]}

    assert program.outputs["webappUrl"] == "https://debates.example.org"
    assert told["ALLOWED_HOSTS"] == "debates.example.org"


def test_its_own_pages_may_play_recordings(run_program: Callable[..., Program]) -> None:
    named = run_program(WEBAPP | {"webappDomain": "debates.example.org"})

    (rule,) = named.one("s3.BucketCorsConfiguration").inputs["corsRules"]
    assert "https://debates.example.org" in rule["allowedOrigins"]


def test_protection_can_be_lifted_before_the_stack_is_torn_down(
    run_program: Callable[..., Program],
) -> None:
    program = run_program(WEBAPP | {"deletionProtection": False})

    assert program.one("rds.Instance").inputs["deletionProtection"] is False
    assert program.one("rds.Instance").options["protect"] is False
    assert program.one("s3.Bucket").options["protect"] is False
    assert program.one("lb.LoadBalancer").inputs["enableDeletionProtection"] is False


def test_the_password_is_no_part_of_the_database_address() -> None:
    url = database_url("db.internal", 5432, "debate", "debates")

    assert url == "postgresql+psycopg://debate@db.internal:5432/debates?sslmode=require"


def test_both_containers_log_under_their_own_name() -> None:
    task = WebTask("img", {}, {}, "/ecs/debate/web", "eu-central-1")

    prefixes = [
        each["logConfiguration"]["options"]["awslogs-stream-prefix"] for each in containers(task)
    ]

    assert prefixes == ["migrate", "web"]


def test_there_are_as_many_tasks_as_wanted(run_program: Callable[..., Program]) -> None:
    """F8."""
    assert run_program(WEBAPP).one("ecs.Service").inputs["desiredCount"] == 1
    two = run_program(WEBAPP | {"webappTasks": 2})
    assert two.one("ecs.Service").inputs["desiredCount"] == 2


@pytest.mark.parametrize(("given", "told"), [({}, "on"), ({"knownVoices": False}, "off")])
def test_a_house_can_have_no_voice_compared(
    run_program: Callable[..., Program], given: dict[str, bool], told: str
) -> None:
    web = container(run_program(WEBAPP | given), "web")

    assert {each["name"]: each["value"] for each in web["environment"]}["KNOWN_VOICES"] == told


def test_failures_are_told_where_the_stack_says_and_no_secret_of_it_can_be_read(
    run_program: Callable[..., Program],
) -> None:
    program = run_program(WEBAPP | TELLING)
    web = container(program, "web")

    told = {each["name"]: each["value"] for each in web["environment"]}
    assert told["WEBHOOK_URL"] == TELLING["webhookUrl"]
    assert (told["MAIL_FROM"], told["MAIL_TO"]) == (TELLING["mailFrom"], TELLING["mailTo"])
    kept = {each["name"]: each["valueFrom"] for each in web["secrets"]}
    assert kept["WEBHOOK_SECRET"] == "arn:aws:Secret:debate-analyzer-web-webhook-secret"
    assert kept["SMTP_URL"] == "arn:aws:Secret:debate-analyzer-web-smtp-url"
    for name in ("web-webhook-secret", "web-smtp-url"):
        value = program.one("secretsmanager.SecretVersion", name).inputs["secretString"]
        assert is_secret(value)
    assert not {"WEBHOOK_SECRET", "SMTP_URL"} & told.keys()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"webhookUrl": "https://a.example"}, "give webhookUrl and webhookSecret together"),
        ({"webhookUrl": "http://a.example", "webhookSecret": "s" * 16}, "is not an https:// addr"),
        ({"webhookUrl": "https://a.example", "webhookSecret": "short"}, "fewer than 16 letters"),
        ({"smtpUrl": "smtp://mail.example"}, "give smtpUrl, mailFrom and mailTo together"),
        ({"smtpUrl": "mail.example", "mailFrom": "a@b", "mailTo": "c@d"}, "is smtp://… or smtps"),
    ],
)
def test_half_a_way_to_tell_is_refused_before_anything_is_made(
    run_program: Callable[..., Program], given: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        run_program(WEBAPP | given)
