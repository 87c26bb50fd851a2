"""The dataset of all debates in Glue and Athena, which a stack has on request."""

from collections.abc import Callable

import pytest
from conftest import Program, Recorded
from debate_infra.documents.dataset import TABLES, glue_type, read_columns
from debate_infra.settings.errors import SettingError

Run = Callable[..., Program]


@pytest.fixture
def program(run_program: Run) -> Program:
    return run_program({"withAthena": True})


def table(program: Program, name: str) -> Recorded:
    return program.one("glue.CatalogTable", f"dataset-{name}")


def test_without_it_nothing_is_catalogued_or_scheduled(run_program: Run) -> None:
    program = run_program()

    for kind in ("glue.CatalogDatabase", "glue.CatalogTable", "athena.Workgroup"):
        assert program.all(kind) == []
    assert [rule.name for rule in program.all("cloudwatch.EventRule")] == [
        "debate-analyzer-ended-jobs"
    ]
    assert "athena" not in program.outputs
    assert "dataset" not in program.outputs["jobDefinitions"]


def test_every_table_has_the_columns_of_its_contract_in_their_order(program: Program) -> None:
    assert len(program.all("glue.CatalogTable")) == len(TABLES)
    for name in TABLES:
        columns = table(program, name).inputs["storageDescriptor"]["columns"]
        assert [(c["name"], c["type"]) for c in columns] == [*read_columns(name).items()]


@pytest.mark.parametrize(
    ("arrow", "glue"),
    [
        ("string", "string"),
        ("int64", "bigint"),
        ("double", "double"),
        ("bool", "boolean"),
        ("list<double>", "array<double>"),
        ("list<int64>", "array<bigint>"),
    ],
)
def test_types_are_called_as_in_glue(arrow: str, glue: str) -> None:
    assert glue_type(arrow) == glue


def test_athena_finds_the_folders_of_a_table_without_a_crawler(program: Program) -> None:
    inputs = table(program, "speakers").inputs

    place = "s3://debate-analyzer-id/dataset/speakers"
    assert inputs["storageDescriptor"]["location"] == f"{place}/"
    assert inputs["partitionKeys"] == [{"name": "year", "type": "string"}]
    projection = {k: v for k, v in inputs["parameters"].items() if "projection" in k}
    years = projection.pop("projection.year.values").split(",")
    assert projection == {"projection.enabled": "true", "projection.year.type": "enum"}
    assert years == ["0000", *map(str, range(1900, 2100))]
    template = inputs["parameters"]["storage.location.template"]
    assert template == place + "/year=${year}/"


def test_the_database_has_a_name_that_needs_no_quotes(program: Program) -> None:
    assert program.outputs["athena"] == {
        "database": "debate_analyzer",
        "workgroup": "debate-analyzer",
    }


def test_a_query_has_a_limit_and_its_result_is_encrypted_and_forgotten(program: Program) -> None:
    told = program.one("athena.Workgroup").inputs["configuration"]
    rules = program.one("s3.BucketLifecycleConfiguration").inputs["rules"]

    assert told["enforceWorkgroupConfiguration"] is True
    assert told["bytesScannedCutoffPerQuery"] == 10 * 1024**3
    result = told["resultConfiguration"]
    assert result["outputLocation"] == "s3://debate-analyzer-id/athena/"
    assert result["encryptionConfiguration"] == {"encryptionOption": "SSE_S3"}
    (forgotten,) = (rule for rule in rules if rule["filter"] == {"prefix": "athena/"})
    assert forgotten["expiration"] == {"days": 7}


def test_a_job_brings_the_dataset_up_to_date_every_night(program: Program) -> None:
    properties = program.one("batch.JobDefinition", "dataset").json("containerProperties")
    target = program.one("cloudwatch.EventTarget", "dataset").inputs

    assert properties["command"] == ["corpus"]
    assert {"name": "STORAGE_ROOT", "value": "s3://debate-analyzer-id"} in properties["environment"]
    rule = program.one("cloudwatch.EventRule", "dataset").inputs
    assert rule["scheduleExpression"] == "cron(0 3 * * ? *)"
    assert target["arn"] == "arn:aws:JobQueue:debate-analyzer-small"
    assert target["batchTarget"]["jobDefinition"] == "arn:aws:JobDefinition:dataset"
    assert target["batchTarget"]["arraySize"] == 8
    assert target["roleArn"].endswith(":debate-analyzer-dataset-rule")
    assert target["retryPolicy"] == {"maximumEventAgeInSeconds": 21600}


def test_another_schedule_is_taken(run_program: Run) -> None:
    program = run_program({"withAthena": True, "datasetSchedule": "rate(7 days)"})

    rule = program.one("cloudwatch.EventRule", "dataset").inputs
    assert rule["scheduleExpression"] == "rate(7 days)"


def test_a_schedule_that_eventbridge_does_not_know_is_refused(run_program: Run) -> None:
    with pytest.raises(SettingError, match="datasetSchedule: 'nightly' is not"):
        run_program({"withAthena": True, "datasetSchedule": "nightly"})
