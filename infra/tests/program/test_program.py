"""The whole program, run as `pulumi up` would run it, in each form a stack can take."""

import json
import re
from collections.abc import Callable

import pytest
from conftest import Program, Region
from debate_infra.settings.errors import SettingError
from forms import EVERYTHING, EXISTING, FORMS, WEBAPP

Run = Callable[..., Program]


def test_a_region_with_one_zone_is_refused_before_anything_is_made(run_program: Run) -> None:
    with pytest.raises(SettingError, match="availabilityZones: eu-central-1 has no two zones"):
        run_program({}, Region(zones=("eu-central-1a",)))


@pytest.mark.parametrize("partition", ["aws-us-gov", "aws-cn"])
def test_no_arn_is_of_another_partition(run_program: Run, partition: str) -> None:
    """F25."""
    form = EVERYTHING | {"ytCookiesS3Uri": "s3://private-bucket/cookies.txt"}
    program = run_program(form, Region(partition=partition))

    made = [resource.inputs for resource in program.on_aws]
    given = {WEBAPP["certificateArn"], "arn:aws:secretsmanager:rds!db-1"}
    text = json.dumps(made)
    for arn in given:
        text = text.replace(arn, "")
    assert re.findall(r"arn:aws:[^\"]*", text) == []


def test_an_existing_vpc_gets_a_security_group_and_nothing_else(run_program: Run) -> None:
    program = run_program(EXISTING)

    made = [resource.kind for resource in program.on_aws if resource.kind.startswith("aws:ec2/")]
    assert sorted(made) == [
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/securityGroup:SecurityGroup",
    ]
    for queue in ("cpu", "gpu"):
        assert program.machines_of(queue)["subnets"] == ["subnet-a", "subnet-b"]


def test_jobs_in_private_subnets_ask_for_no_public_address(run_program: Run) -> None:
    program = run_program(EXISTING | {"assignPublicIp": False})

    properties = program.one("batch.JobDefinition", "download").json("containerProperties")
    assert properties["networkConfiguration"] == {"assignPublicIp": "DISABLED"}


def test_without_github_nobody_outside_the_account_may_push(run_program: Run) -> None:
    program = run_program()

    assert program.all("iam.OpenIdConnectProvider") == []
    assert "githubRoleArn" not in program.outputs


def test_with_github_a_role_is_offered(run_program: Run) -> None:
    program = run_program(FORMS["with GitHub"])

    assert program.outputs["githubRoleArn"].endswith("debate-analyzer-github")
    (provider,) = program.all("iam.OpenIdConnectProvider")
    assert provider.inputs["clientIdLists"] == ["sts.amazonaws.com"]


def test_an_account_that_knows_github_already_keeps_its_one_provider(run_program: Run) -> None:
    arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"

    program = run_program(FORMS["with GitHub"] | {"githubOidcProviderArn": arn})

    assert program.all("iam.OpenIdConnectProvider") == []
    trust = program.one("iam.Role", "github").json("assumeRolePolicy")
    assert trust["Statement"][0]["Principal"] == {"Federated": arn}


def test_without_alarm_address_nothing_is_sent(run_program: Run) -> None:
    assert run_program().all("sns.Topic") == []


def test_without_webapp_nothing_costs_money_at_rest(run_program: Run) -> None:
    program = run_program()

    for kind in ("ec2.NatGateway", "lb.LoadBalancer", "rds.Instance", "ecs.Service"):
        assert program.all(kind) == []
    assert "webappUrl" not in program.outputs
