"""Laws of every form of a stack, and what would go unseen without them."""

import json
from collections import Counter
from collections.abc import Callable

import pulumi
import pulumi_aws as aws
import pytest
from aws_model import faults, job_definition_faults
from conftest import Program, Recorded, is_secret
from forms import FORMS
from provider_schema import problems

Run = Callable[..., Program]


@pytest.fixture(params=FORMS)
def program(request: pytest.FixtureRequest, run_program: Run) -> Program:
    return run_program(FORMS[request.param])


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
