"""The whole program, run as `pulumi up` would run it, in each form a stack can take."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from aws_model import faults, job_definition_faults
from conftest import Program, Recorded, Region, is_secret, unwrap
from debate_infra.settings.errors import SettingError
from debate_infra.settings.instances import Size
from forms import ARN, EVERYTHING, EXISTING, FORMS, WEBAPP
from provider_schema import problems

Run = Callable[..., Program]
COOKIES = "# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t0\tSID\tvalue\n"


@pytest.fixture(params=FORMS)
def program(request: pytest.FixtureRequest, run_program: Run) -> Program:
    return run_program(FORMS[request.param])


# --- laws of every form ----------------------------------------------------------------------


def test_every_input_is_known_to_the_provider(program: Program) -> None:
    assert [fault for resource in program.on_aws for fault in problems(resource)] == []


def test_every_job_definition_is_what_aws_expects(program: Program) -> None:
    for definition in program.all("batch.JobDefinition"):
        keys = definition.inputs.keys() & {"containerProperties", "ecsProperties"}
        assert job_definition_faults(**{key: definition.json(key) for key in keys}) == ""


def test_every_web_container_is_what_aws_expects(program: Program) -> None:
    for task in program.all("ecs.TaskDefinition"):
        request = {"family": "web", "containerDefinitions": task.json("containerDefinitions")}
        assert faults("ecs", "RegisterTaskDefinition", request) == ""


def test_no_text_was_made_of_a_value_that_was_not_known_yet(program: Program) -> None:
    text = json.dumps([resource.inputs for resource in program.on_aws])

    assert "pulumi.output" not in text.lower()
    assert "None" not in text


def test_every_resource_of_a_type_has_its_own_logical_name(program: Program) -> None:
    counted = Counter((resource.kind, resource.name) for resource in program.resources)

    assert {key for key, count in counted.items() if count > 1} == set()


def test_every_resource_is_made_in_the_stacks_region_and_tagged(program: Program) -> None:
    (provider,) = (r for r in program.resources if r.kind == "pulumi:providers:aws")

    assert provider.inputs["region"] == "eu-central-1"
    tags = json.loads(provider.inputs["defaultTags"])["tags"]
    assert tags == {"Project": "debate-analyzer", "Stack": "test", "ManagedBy": "pulumi"}
    for resource in program.on_aws:
        assert resource.provider.endswith("::aws::aws-id"), resource.name


def test_every_log_group_forgets(program: Program) -> None:
    for group in program.all("cloudwatch.LogGroup"):
        assert group.inputs["retentionInDays"] == 90


def test_every_output_of_the_contract_is_there(program: Program) -> None:
    outputs = program.outputs

    assert outputs["bucket"] == "debate-analyzer-id"
    assert outputs["region"] == "eu-central-1"
    assert outputs["queues"] == {
        kind: f"debate-analyzer-{kind}"
        for kind in ("cpu", "gpu", "small", "urgent-cpu", "urgent-gpu")
    }
    assert outputs["sharedQueues"] == ["cpu", "gpu"]
    definitions = {
        stage: f"debate-analyzer-{stage}"
        for stage in ("download", "transcribe", "stats", "pipeline")
    }
    assert definitions.items() <= outputs["jobDefinitions"].items()
    assert set(outputs["repositories"]) == {"downloader", "transcriber", "stats", "webapp"}
    assert outputs["secrets"].keys() == {"hfToken", "youtubeCookies"}
    assert outputs["logGroup"] == "/aws/batch/debate-analyzer"


def test_the_token_is_nowhere_but_in_its_secret_and_there_encrypted(program: Program) -> None:
    for version in program.all("secretsmanager.SecretVersion"):
        assert is_secret(version.inputs["secretString"])
    others = [r.inputs for r in program.resources if "SecretVersion" not in r.kind]
    assert "hf_example" not in json.dumps(others)


# --- a planted mistake -----------------------------------------------------------------------


def test_a_misspelt_nested_key_that_the_mocks_accept_is_found(
    record: Callable[..., list[Recorded]],
) -> None:
    def misspelt() -> None:
        rule = {"allowed_methodz": ["GET"], "allowed_origins": ["https://a.example"]}
        aws.s3.BucketCorsConfiguration("cors", bucket="b", cors_rules=[rule])

    (recorded,) = record(misspelt)

    assert problems(recorded) == [
        "cors.corsRules[0].allowedMethods: missing",
        "cors.corsRules[0].allowed_methodz: unknown",
    ]


def test_an_assertion_inside_the_program_is_awaited(
    record: Callable[..., list[Recorded]],
) -> None:
    def failing() -> pulumi.Output[None]:
        def compare(arn: str) -> None:
            assert arn == "something else"

        return aws.sns.Topic("topic").arn.apply(compare)

    with pytest.raises(AssertionError):
        record(failing)


# --- what each form is about -----------------------------------------------------------------


def resources_of(queue: str, program: Program) -> dict[str, Any]:
    environment = program.one("batch.ComputeEnvironment", f"debate-analyzer-{queue}")
    found: dict[str, Any] = environment.inputs["computeResources"]
    return found


def test_the_gpu_queue_runs_on_spot_by_default(run_program: Run) -> None:
    gpu = resources_of("gpu", run_program())

    assert (gpu["type"], gpu["allocationStrategy"]) == ("SPOT", "SPOT_PRICE_CAPACITY_OPTIMIZED")
    assert not gpu.keys() & {"bidPercentage", "spotIamFleetRole"}


def test_machines_on_demand_stand_behind_those_of_spot(run_program: Run) -> None:
    program = run_program({"gpuMinVcpus": 4})
    spot, behind = resources_of("gpu", program), resources_of("gpu-on-demand", program)

    assert (behind["type"], behind["allocationStrategy"]) == ("EC2", "BEST_FIT_PROGRESSIVE")
    assert (spot["minVcpus"], behind["minVcpus"]) == (4, 0)
    assert behind["instanceTypes"] == spot["instanceTypes"]
    orders = program.one("batch.JobQueue", "debate-analyzer-gpu").inputs["computeEnvironmentOrders"]
    assert [(one["order"], one["computeEnvironment"].split(":")[-1]) for one in orders] == [
        (1, "debate-analyzer-gpu"),
        (2, "debate-analyzer-gpu-on-demand"),
    ]


def test_lists_share_the_large_queues_and_what_comes_alone_gets_the_larger_part(
    run_program: Run,
) -> None:
    """F10: as AWS has it, a policy cannot be added to a queue that was made without one."""
    program = run_program()

    arns = {q.name: q.inputs.get("schedulingPolicyArn") for q in program.all("batch.JobQueue")}
    assert {name.removeprefix("debate-analyzer-"): bool(arn) for name, arn in arns.items()} == {
        "cpu": True,
        "gpu": True,
        "small": False,
        "urgent-cpu": False,
        "urgent-gpu": False,
    }
    rule = program.one("batch.SchedulingPolicy", "gpu").inputs["fairSharePolicy"]
    weights = {one["shareIdentifier"]: one["weightFactor"] for one in rule["shareDistributions"]}
    assert weights["single"] < weights["list*"]
    assert 0 < rule["computeReservation"] < 100


@pytest.mark.parametrize("form", ["default", "CPU on EC2", "spot off"])
def test_what_is_urgent_has_machines_on_demand_that_no_list_can_fill(
    run_program: Run, form: str
) -> None:
    """F7."""
    program = run_program(FORMS[form])
    urgent = resources_of("urgent-gpu", program)

    assert (urgent["type"], urgent["minVcpus"]) == ("EC2", 0)
    environments = [
        order["computeEnvironment"]
        for queue in program.all("batch.JobQueue")
        for order in queue.inputs["computeEnvironmentOrders"]
    ]
    assert len(environments) == len(set(environments))


def test_a_machine_too_large_for_a_few_urgent_jobs_can_still_start(run_program: Run) -> None:
    program = run_program({"gpuInstanceTypes": ["g5.48xlarge"]})

    assert resources_of("urgent-gpu", program)["maxVcpus"] == 192


def test_every_zone_and_every_type_of_the_region_is_used(run_program: Run) -> None:
    """F7."""
    zones = tuple(f"us-east-1{letter}" for letter in "abcdef")
    program = run_program({"aws:region": "us-east-1"}, Region(zones))

    subnets = program.all("ec2.Subnet")
    assert [subnet.inputs["availabilityZone"] for subnet in subnets] == [*zones]
    assert len({subnet.inputs["cidrBlock"] for subnet in subnets}) == 6
    kinds = ["g4dn.xlarge", "g5.xlarge", "g6.xlarge", "g6e.xlarge"]
    assert resources_of("gpu", program)["instanceTypes"] == kinds


def test_types_that_the_region_lacks_are_left_out_unless_somebody_named_them(
    run_program: Run,
) -> None:
    lacking = Region(lacks=("g6.xlarge", "g6e.xlarge"))

    assert resources_of("gpu", run_program({}, lacking))["instanceTypes"] == [
        "g4dn.xlarge",
        "g5.xlarge",
    ]
    with pytest.raises(SettingError, match="does not offer g6e"):
        run_program({"gpuInstanceTypes": ["g5.xlarge", "g6e.xlarge"]}, lacking)


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


@pytest.mark.parametrize("config", [{"spotOnly": True}, {"useSpot": False}])
def test_there_is_one_kind_of_machines_where_one_is_wanted(
    run_program: Run, config: dict[str, bool]
) -> None:
    program = run_program(config)

    (order,) = program.one("batch.JobQueue", "debate-analyzer-gpu").inputs[
        "computeEnvironmentOrders"
    ]
    assert order["order"] == 1


def test_spot_off_is_on_demand(run_program: Run) -> None:
    gpu = resources_of("gpu", run_program(FORMS["spot off"]))

    assert (gpu["type"], gpu["allocationStrategy"]) == ("EC2", "BEST_FIT_PROGRESSIVE")


def test_both_queues_start_from_nothing_and_have_a_limit(run_program: Run) -> None:
    program = run_program(FORMS["CPU on EC2"])

    gpu, cpu = resources_of("gpu", program), resources_of("cpu", program)

    assert (gpu["minVcpus"], gpu["maxVcpus"]) == (0, 256)
    assert (cpu["minVcpus"], cpu["maxVcpus"]) == (0, 64)


def test_cpu_jobs_run_on_fargate_unless_types_are_named(run_program: Run) -> None:
    program = run_program()

    cpu = resources_of("cpu", program)

    assert cpu["type"] == "FARGATE"
    assert cpu.keys() == {"type", "maxVcpus", "subnets", "securityGroupIds"}
    platforms = {
        d.name: d.inputs["platformCapabilities"] for d in program.all("batch.JobDefinition")
    }
    assert platforms == {
        "download": ["FARGATE"],
        "stats": ["FARGATE"],
        "transcribe": ["EC2"],
        "pipeline": ["EC2"],
    }


def test_cpu_jobs_run_on_the_types_that_are_named(run_program: Run) -> None:
    program = run_program(FORMS["CPU on EC2"])

    cpu = resources_of("cpu", program)

    assert (cpu["type"], cpu["instanceTypes"]) == ("EC2", ["c5.xlarge", "m5.large"])
    assert cpu["ec2Configurations"] == [{"imageType": "ECS_AL2023"}]
    for definition in program.all("batch.JobDefinition"):
        assert definition.inputs["platformCapabilities"] == ["EC2"]


def test_an_existing_vpc_gets_a_security_group_and_nothing_else(run_program: Run) -> None:
    program = run_program(EXISTING)

    made = [resource.kind for resource in program.on_aws if resource.kind.startswith("aws:ec2/")]
    assert sorted(made) == [
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/securityGroup:SecurityGroup",
    ]
    for queue in ("cpu", "gpu"):
        assert resources_of(queue, program)["subnets"] == ["subnet-a", "subnet-b"]


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


def test_without_alarm_address_nothing_is_sent(run_program: Run) -> None:
    assert run_program().all("sns.Topic") == []


def test_without_webapp_nothing_costs_money_at_rest(run_program: Run) -> None:
    program = run_program()

    for kind in ("ec2.NatGateway", "lb.LoadBalancer", "rds.Instance", "ecs.Service"):
        assert program.all(kind) == []
    assert "webappUrl" not in program.outputs


def test_types_too_small_for_the_single_job_stop_the_program(
    run_program: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("debate_infra.settings.instances.TRANSCRIBE_LEAST", Size(2, 16 * 1024, 1))

    with pytest.raises(SettingError, match="gpuInstanceTypes: the stages need"):
        run_program({"gpuInstanceTypes": ["g6.xlarge"]})
