"""What editors corrected reaches the dataset: with the web application and Athena, both on AWS."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import INFRA, Program
from debate_infra.components.dataset.corrections import ended_task

Run = Callable[..., Program]
WEBAPP = {
    "withWebapp": True,
    "certificateArn": "arn:aws:acm:eu-central-1:1:certificate/c",
    "webappDomain": "debates.example.org",
}
EXISTING = {"vpcId": "vpc-1", "subnetIds": ["subnet-a", "subnet-b"]}
NAME = "debate-analyzer-corrections"


@pytest.fixture
def program(run_program: Run) -> Program:
    return run_program(WEBAPP | {"withAthena": True})


def containers(program: Program, task: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.one("ecs.TaskDefinition", task).json(
        "containerDefinitions"
    )
    return found


def target(program: Program) -> dict[str, Any]:
    return program.one("cloudwatch.EventTarget", NAME).inputs


@pytest.mark.parametrize("config", [WEBAPP, {"withAthena": True}])
def test_with_only_one_of_the_two_nothing_is_run(run_program: Run, config: dict[str, Any]) -> None:
    program = run_program(config)

    assert [rule for rule in program.all("cloudwatch.EventRule") if rule.name == NAME] == []
    assert "corrections" not in {task.name for task in program.all("ecs.TaskDefinition")}


def test_the_images_command_runs_alone_and_for_a_bounded_time(program: Program) -> None:
    (only,) = containers(program, "corrections")

    assert only["entryPoint"] == ["timeout", "--kill-after=60", "21600", "debate-webapp"]
    assert (only["command"], only["essential"]) == (["corrections"], True)
    assert "portMappings" not in only


def test_it_is_told_what_the_site_is_told(program: Program) -> None:
    (only,) = containers(program, "corrections")
    site = containers(program, "web")[-1]

    for key in ("image", "environment", "secrets"):
        assert only[key] == site[key]
    log, others = (each["logConfiguration"]["options"] for each in (only, site))
    assert log == others | {"awslogs-stream-prefix": "corrections"}


def test_the_site_itself_may_not_write(program: Program) -> None:
    site, corrections = (
        program.one("ecs.TaskDefinition", name).inputs for name in ("web", "corrections")
    )

    assert site["taskRoleArn"] == "arn:aws:Role:debate-analyzer-web-task"
    assert corrections["taskRoleArn"] == f"arn:aws:Role:{NAME}-task"
    assert site["executionRoleArn"] == corrections["executionRoleArn"]


@pytest.mark.parametrize("place", [{}, EXISTING])
def test_it_runs_where_the_service_runs(run_program: Run, place: dict[str, Any]) -> None:
    program = run_program(WEBAPP | {"withAthena": True} | place)
    service = program.one("ecs.Service").inputs

    assert target(program)["arn"] == service["cluster"]
    told = target(program)["ecsTarget"]
    assert told["networkConfiguration"] == service["networkConfiguration"]
    assert told["launchType"] == service["launchType"] == "FARGATE"
    assert told["taskDefinitionArn"] == "arn:aws:TaskDefinition:corrections"


def test_it_has_the_datasets_schedule(run_program: Run) -> None:
    program = run_program(WEBAPP | {"withAthena": True, "datasetSchedule": "rate(7 days)"})

    rule = program.one("cloudwatch.EventRule", NAME).inputs
    assert rule["scheduleExpression"] == "rate(7 days)"
    assert target(program)["roleArn"] == f"arn:aws:Role:{NAME}-rule"
    assert target(program)["retryPolicy"] == {"maximumEventAgeInSeconds": 21600}


def test_the_dataset_follows_its_end_and_has_no_time_of_its_own(program: Program) -> None:
    rule = program.one("cloudwatch.EventRule", "debate-analyzer-dataset")

    assert "scheduleExpression" not in rule.inputs
    cluster = program.one("ecs.Service").inputs["cluster"]
    assert rule.json("eventPattern") == ended_task(cluster, "arn:aws:TaskDefinition:corrections")


def test_the_end_is_that_of_any_revision_and_of_no_other_task() -> None:
    task = "arn:aws:ecs:eu-central-1:1:task-definition/debate-corrections"

    pattern = ended_task("arn:cluster", task)

    # No exit code: what was written before is better than no dataset that night.
    assert pattern["detail"] == {
        "clusterArn": ["arn:cluster"],
        "taskDefinitionArn": [{"prefix": f"{task}:"}],
        "lastStatus": ["STOPPED"],
    }


def test_the_readme_names_what_is_run_at_once(program: Program) -> None:
    readme = (INFRA / "README.md").read_text()
    family = program.one("ecs.TaskDefinition", "corrections").inputs["family"]
    site = program.one("ecs.Service").inputs["name"]

    (command,) = re.findall(r"^site=(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert command.split()[0] == site
    assert f"--task-definition {family} " in command
