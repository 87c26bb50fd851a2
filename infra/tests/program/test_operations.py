"""What a person watches: dashboard, alarms, budget (item 4)."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Program
from debate_infra.documents import dashboard, events
from debate_infra.settings.errors import SettingError
from event_patterns import CHILD, PARENT, ended, fits
from forms import EVERYTHING, WEBAPP

Run = Callable[..., Program]
WATCHED = WEBAPP | {"alarmEmail": "desk@example.org"}


def body_of(program: Program) -> dict[str, Any]:
    found: dict[str, Any] = program.one("cloudwatch.Dashboard").json("dashboardBody")
    return found


def titles(program: Program) -> list[str]:
    return [widget["properties"]["title"] for widget in body_of(program)["widgets"]]


def test_one_dashboard_shows_the_jobs_and_where_there_is_one_the_site(run_program: Run) -> None:
    jobs, both = titles(run_program()), titles(run_program(WEBAPP))

    assert len(jobs) == 6
    assert both[:6] == jobs
    assert [title.partition(":")[0] for title in both[6:8]] == ["Site", "Site"]
    assert "Database" in both


def test_no_widget_lies_on_another_and_all_fit_the_width(run_program: Run) -> None:
    places = set()
    for widget in body_of(run_program(WEBAPP))["widgets"]:
        assert widget["x"] + widget["width"] <= 24
        places.add((widget["x"], widget["y"]))
    assert len(places) == len(body_of(run_program(WEBAPP))["widgets"])


def test_questions_are_asked_of_logs_that_exist(run_program: Run) -> None:
    program = run_program()

    groups = {group.inputs["name"] for group in program.all("cloudwatch.LogGroup")}
    queries = [w["properties"].get("query", "") for w in body_of(program)["widgets"]]
    asked = {found for query in queries for found in re.findall(r"SOURCE '([^']+)'", query)}
    assert asked == groups


def test_the_stage_is_read_from_a_definition_as_batch_writes_it() -> None:
    (query,) = (
        widget["properties"]["query"]
        for widget in dashboard.body("eu-central-1", "/events", "/jobs", None)["widgets"]
        if widget["properties"]["title"] == "By stage and state"
    )
    pattern = re.search(r"/(-.*)/ \|", query)
    assert pattern is not None
    arn = "arn:aws:batch:eu-central-1:123456789012:job-definition/debate-analyzer-transcribe:7"
    found = re.search(pattern[1].replace("(?<", "(?P<"), arn)
    assert found
    assert found["stage"] == "transcribe"


def test_events_of_jobs_that_ended_reach_the_log_and_nobody_elses_do(run_program: Run) -> None:
    program = run_program()

    rule = program.one("cloudwatch.EventRule", "ended-jobs")
    (statement,) = program.one("cloudwatch.LogResourcePolicy").json("policyDocument")["Statement"]
    assert statement["Condition"]["ArnEquals"]["aws:SourceArn"].endswith(rule.name)
    pattern = events.ended_jobs(["q"])
    assert fits(pattern, ended("FAILED", arrayProperties=PARENT))
    assert fits(pattern, ended("SUCCEEDED"))
    assert not fits(pattern, ended("RUNNING"))
    assert not fits(pattern, ended("SUCCEEDED", jobQueue="of somebody else"))


def test_a_queue_whose_first_job_waits_in_vain_is_told(run_program: Run) -> None:
    """F14: Batch says it once, as an event; it has no metric of a queue's age."""
    pattern = run_program(WATCHED).one("cloudwatch.EventRule", "blocked").json("eventPattern")

    assert pattern["detail-type"] == ["Batch Job Queue Blocked"]
    assert len(pattern["resources"]) == 5


@pytest.mark.parametrize(
    ("stage", "properties", "told"),
    [
        ("download", PARENT, False),
        ("transcribe", PARENT, False),
        ("stats", PARENT, True),
        ("stats", CHILD, False),
        ("pipeline", PARENT, True),
        ("dataset", PARENT, True),
        ("download", {}, True),
    ],
)
def test_of_a_list_one_message_is_sent_when_its_last_array_has_ended(
    stage: str, properties: dict[str, Any], told: bool
) -> None:
    pattern = events.failed_once(
        ["q"], [f"arn:{last}" for last in ("stats", "pipeline", "dataset")]
    )
    event = ended("FAILED", jobDefinition=f"arn:{stage}:7", statusReason="Array Child Job failed")
    event["detail"] |= {"arrayProperties": properties} if properties else {}

    assert fits(pattern, event) is told


def test_of_a_single_debate_what_failed_is_told_and_not_what_waited_for_it() -> None:
    pattern = events.failed_once(["q"], ["arn:stats"])

    assert fits(pattern, ended("FAILED", jobDefinition="arn:transcribe:7"))
    waited = ended("FAILED", jobDefinition="arn:stats:7", statusReason="Dependent Job failed")
    assert not fits(pattern, waited)


def test_what_somebody_ended_on_purpose_is_no_failure() -> None:
    pattern = events.failed_once(["q"], ["arn:stats"])
    flags = {"isTerminated": False, "isCancelled": False}

    assert fits(pattern, ended("FAILED", **flags))
    for flag in flags:
        assert not fits(pattern, ended("FAILED", **flags | {flag: True}))


@pytest.mark.parametrize("flags", [{}, {"isCancelled": True}])
def test_what_the_queue_gave_up_is_told_though_it_was_cancelled(flags: dict[str, bool]) -> None:
    """By its time limits for jobs that no machine can be had for; nobody else would tell."""
    reason = "Canceled by JobStateTimeLimit action due to reason: CAPACITY:INSUFFICIENT_INSTANCE"
    pattern = events.failed_once(["q"], ["arn:stats"])

    assert fits(pattern, ended("FAILED", statusReason=reason, **flags))
    assert not fits(pattern, ended("FAILED", statusReason=reason, arrayProperties=CHILD, **flags))


def test_the_site_and_the_database_have_alarms_that_reach_somebody(run_program: Run) -> None:
    program = run_program(WATCHED)

    alarms = {
        alarm.name.removeprefix("debate-analyzer-"): alarm.inputs
        for alarm in program.all("cloudwatch.MetricAlarm")
    }
    assert alarms.keys() == {
        "errors", "slow", "down", "database-busy", "database-full", "untaken-events",
    }  # fmt: skip
    topic = "arn:aws:Topic:debate-analyzer-alarms"
    assert all(alarm["alarmActions"] == [topic] for alarm in alarms.values())
    assert alarms["down"]["treatMissingData"] == "breaching"
    assert alarms["database-full"]["comparisonOperator"] == "LessThanThreshold"
    assert alarms["untaken-events"]["dimensions"] == {"QueueName": "debate-analyzer-arrivals"}


def test_without_a_site_there_is_none_to_watch(run_program: Run) -> None:
    assert run_program({"alarmEmail": "desk@example.org"}).all("cloudwatch.MetricAlarm") == []


def test_only_our_rules_and_the_accounts_alarms_may_publish(run_program: Run) -> None:
    policy = run_program(WATCHED).one("sns.TopicPolicy").json("policy")

    rules, alarms = policy["Statement"]
    assert rules["Principal"] == {"Service": "events.amazonaws.com"}
    assert rules["Condition"]["ArnEquals"]["aws:SourceArn"] == [
        "arn:aws:EventRule:debate-analyzer-failed-jobs",
        "arn:aws:EventRule:debate-analyzer-blocked-queues",
    ]
    assert alarms["Condition"]["StringEquals"].keys() == {"aws:SourceAccount"}


def test_every_name_in_a_mail_is_filled(run_program: Run) -> None:
    for target in run_program(WATCHED).all("cloudwatch.EventTarget"):
        if transformer := target.inputs.get("inputTransformer"):
            text = json.loads(transformer["inputTemplate"])
            assert set(re.findall(r"<(\w+)>", text)) == set(transformer["inputPaths"])


def test_a_budget_is_of_what_carries_the_stacks_tag_and_tells_before_it_is_spent(
    run_program: Run,
) -> None:
    budget = run_program(WATCHED | {"monthlyBudget": 200}).one("budgets.Budget").inputs

    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == (
        "200", "USD", "MONTHLY",
    )  # fmt: skip
    assert budget["costFilters"] == [
        {"name": "TagKeyValue", "values": ["user:Project$debate-analyzer"]}
    ]
    told = {(n["notificationType"], n["threshold"]) for n in budget["notifications"]}
    assert told == {("ACTUAL", 80), ("FORECASTED", 100)}


def test_a_budget_that_nobody_would_hear_of_is_refused(run_program: Run) -> None:
    with pytest.raises(SettingError, match="monthlyBudget: give alarmEmail too"):
        run_program({"monthlyBudget": 200})


# --- rules that hold for all there is --------------------------------------------------------


@pytest.fixture
def everything(run_program: Run) -> Program:
    return run_program(EVERYTHING | {"monthlyBudget": 200})


def test_nothing_but_the_balancers_two_ports_is_open_to_the_internet(everything: Program) -> None:
    open_ports = [
        (group.name, rule["fromPort"])
        for group in everything.all("ec2.SecurityGroup")
        for rule in group.inputs.get("ingress", [])
        if {"0.0.0.0/0", "::/0"} & {*rule.get("cidrBlocks", []), *rule.get("ipv6CidrBlocks", [])}
    ]

    assert sorted(open_ports) == [
        ("debate-analyzer-balancer", 80),
        ("debate-analyzer-balancer", 443),
    ]
    assert everything.one("rds.Instance").inputs["publiclyAccessible"] is False
    assert all(
        value is True
        for key, value in everything.one("s3.BucketPublicAccessBlock").inputs.items()
        if key != "bucket"
    )


def test_all_that_is_kept_is_encrypted(everything: Program) -> None:
    assert everything.one("rds.Instance").inputs["storageEncrypted"] is True
    assert everything.all("s3.BucketServerSideEncryptionConfiguration")
    for queue in everything.all("sqs.Queue"):
        assert queue.inputs["sqsManagedSseEnabled"] is True
    for repository in everything.all("ecr.Repository"):
        assert repository.inputs["encryptionConfigurations"]
    (disk,) = everything.one("ec2.LaunchTemplate").inputs["blockDeviceMappings"]
    assert disk["ebs"]["encrypted"] == "true"


def test_no_policy_lets_everybody_in(everything: Program) -> None:
    keys = ("policy", "assumeRolePolicy", "policyDocument")
    for resource in everything.on_aws:
        for key in keys & resource.inputs.keys():
            if "lifecycle" in resource.kind.lower():
                continue
            for statement in resource.json(key)["Statement"]:
                allows = statement["Effect"] == "Allow"
                assert not (allows and statement.get("Principal") in ("*", {"AWS": "*"}))
