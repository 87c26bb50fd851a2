"""The README names every setting, every output and every variable of the Terraform version."""

import re
from collections.abc import Callable

import pytest
from conftest import Program, Recorder
from debate_infra.settings import stack as settings
from debate_infra.settings.configuration import Configuration
from readme_sections import section

TERRAFORM_VARIABLES = (
    "hf_token",
    "aws_region",
    "name_prefix",
    "ecr_image_tag",
    "yt_cookies_secret_arn",
    "yt_cookies_file_path",
    "batch_compute_instance_types",
    "batch_min_vcpus",
    "batch_max_vcpus",
    "batch_cpu_instance_types",
    "batch_cpu_min_vcpus",
    "batch_cpu_max_vcpus",
    "vpc_id",
    "subnet_ids",
    "use_spot",
)


def keys_in_first_column(table: str) -> set[str]:
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    return {key for row in rows for key in re.findall(r"`([^`]+)`", row)}


def test_the_settings_table_is_exactly_what_the_program_reads(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Configuration] = []
    monkeypatch.setattr(
        settings, "Configuration", lambda: opened.append(Configuration()) or opened[0]
    )

    settings.load()

    assert keys_in_first_column(section("Settings")) - {"aws:region"} == opened[0].asked


@pytest.mark.parametrize("variable", TERRAFORM_VARIABLES)
def test_every_variable_of_the_terraform_version_has_its_counterpart(variable: str) -> None:
    assert variable in keys_in_first_column(section("Coming from the Terraform version"))


def test_every_output_is_explained(run_program: Callable[..., Program]) -> None:
    program = run_program(
        {
            "withWebapp": True,
            "webappDomain": "debates.example.org",
            "certificateArn": "arn:aws:acm:eu-central-1:1:certificate/c",
            "githubRepository": "owner/debates",
            "withAthena": True,
        }
    )

    assert keys_in_first_column(section("Outputs")) == program.outputs.keys()
