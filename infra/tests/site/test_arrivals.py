"""Item 3: jobs that ended are told to the site."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Program, is_secret
from debate_infra.documents import events
from event_patterns import CHILD, PARENT, ended, fits
from forms import WEBAPP


@pytest.fixture
def program(run_program: Callable[..., Program]) -> Program:
    return run_program(WEBAPP)


def test_the_site_is_called_at_its_own_address_with_a_key_that_only_its_tasks_have(
    program: Program,
) -> None:
    address = program.one("cloudwatch.EventApiDestination").inputs
    connection = program.one("cloudwatch.EventConnection").inputs

    assert address["invocationEndpoint"] == "https://debates.example.org/events/batch"
    assert (address["httpMethod"], connection["authorizationType"]) == ("POST", "API_KEY")
    assert "X-Event-Key" in json.dumps(connection["authParameters"])
    version = program.one("secretsmanager.SecretVersion", "web-events")
    assert is_secret(connection["authParameters"]) or is_secret(
        connection["authParameters"]["apiKey"]["value"]
    )
    assert version.inputs["secretString"]
    (_, web) = program.one("ecs.TaskDefinition").json("containerDefinitions")
    told = {secret["name"] for secret in web["secrets"]}
    assert {"EVENT_KEY", "SECRET_KEY"} <= told
    assert {"name": "JOB_LOG_GROUP", "value": "/aws/batch/debate-analyzer"} in web["environment"]


def test_what_the_site_does_not_take_is_kept_for_two_weeks(program: Program) -> None:
    queue = program.one("sqs.Queue").inputs
    targets = [t.inputs for t in program.all("cloudwatch.EventTarget") if "arrivals" in t.name]

    assert queue["messageRetentionSeconds"] == 14 * 24 * 3600
    assert queue["sqsManagedSseEnabled"] is True
    assert len(targets) == 2
    for target in targets:
        assert target["deadLetterConfig"] == {"arn": "arn:aws:Queue:debate-analyzer-arrivals"}
        assert target["retryPolicy"]["maximumEventAgeInSeconds"] == 24 * 3600
    (statement,) = program.one("sqs.QueuePolicy").json("policy")["Statement"]
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == [
        "arn:aws:EventRule:debate-analyzer-arrivals-finished",
        "arn:aws:EventRule:debate-analyzer-arrivals-failed",
    ]


def test_without_a_site_nothing_is_told(run_program: Callable[..., Program]) -> None:
    assert run_program().all("cloudwatch.EventConnection") == []


@pytest.mark.parametrize(
    ("event", "finished", "failed"),
    [
        (ended("SUCCEEDED"), True, False),
        (ended("SUCCEEDED", arrayProperties=CHILD), True, False),
        (ended("SUCCEEDED", arrayProperties=PARENT), False, False),
        (ended("SUCCEEDED", jobDefinition="arn:download:7"), False, False),
        (ended("SUCCEEDED", jobDefinition="arn:stats-other:7"), False, False),
        (ended("RUNNING"), False, False),
        (ended("FAILED"), False, True),
        (ended("FAILED", statusReason="Host EC2 terminated"), False, True),
        (ended("FAILED", statusReason="Dependent Job failed"), False, False),
        (ended("FAILED", arrayProperties=PARENT), False, True),
        (ended("FAILED", arrayProperties=CHILD), False, False),
        (ended("FAILED", jobQueue="of somebody else"), False, False),
    ],
)
def test_a_debate_is_told_by_its_last_job_and_a_failure_once_for_a_list(
    event: dict[str, Any], finished: bool, failed: bool
) -> None:
    assert fits(events.finished_debates(["arn:stats", "arn:pipeline"]), event) is finished
    assert fits(events.failed_jobs(["q"]), event) is failed
