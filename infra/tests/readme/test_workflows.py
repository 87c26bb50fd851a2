"""What GitHub's workflows do with the account: images, and previews of pull requests (F19)."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from debate_infra.settings.images import CHECKOUT
from debate_infra.settings.stack import DEFAULT_REGION
from readme_sections import README

PULL, BUILD, PUSH = "docker pull", "scripts/image.sh", "docker push"


def workflow(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CHECKOUT / ".github" / "workflows" / name).read_text())
    return found | {"on": found.get("on") or found[True]}  # type: ignore[call-overload]


def steps(name: str, job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workflow(name)["jobs"][job]["steps"]
    return found


def test_images_are_built_on_a_push_to_main_and_by_hand() -> None:
    when = workflow("images.yml")["on"]

    assert when["push"]["branches"] == ["main"]
    assert "workflow_dispatch" in when


@pytest.mark.parametrize(
    ("name", "job", "variable"),
    [("images.yml", "changed", "AWS_ROLE_ARN"), ("preview.yml", "preview", "AWS_PREVIEW_ROLE_ARN")],
)
def test_before_a_role_is_named_nothing_runs_and_nothing_is_red(
    name: str, job: str, variable: str
) -> None:
    assert f"vars.{variable} != ''" in workflow(name)["jobs"][job]["if"]
    others = workflow(name)["jobs"].keys() - {job}
    assert all(workflow(name)["jobs"][other]["needs"] == job for other in others)


def test_nobodys_fork_is_previewed() -> None:
    guard = workflow("preview.yml")["jobs"]["preview"]["if"]

    assert "github.event.pull_request.head.repo.full_name == github.repository" in guard


@pytest.mark.parametrize(("name", "job"), [("images.yml", "push"), ("preview.yml", "preview")])
def test_the_region_has_the_stacks_own_default(name: str, job: str) -> None:
    assert signed_in(name, job)["aws-region"] == f"${{{{ vars.AWS_REGION || '{DEFAULT_REGION}' }}}}"


def test_a_key_can_take_the_roles_place_as_the_readme_says() -> None:
    told = signed_in("images.yml", "push")

    assert "role-to-assume" in told
    for name in ("role-to-assume", "aws-access-key-id", "aws-secret-access-key"):
        assert f"`{name}" in README


def signed_in(name: str, job: str) -> dict[str, str]:
    """What the step is told that gets credentials."""
    (told,) = (one["with"] for one in steps(name, job) if "aws-region" in one.get("with", {}))
    found: dict[str, str] = told
    return found


@pytest.fixture
def pushed(tmp_path: Path) -> Any:
    """What the last step of a run asks Docker for, in order, where some images are there."""

    def run(*there: str) -> list[str]:
        (tmp_path / "scripts").mkdir(exist_ok=True)
        for name, says in {"version.sh": "1.2.3", "content.sh": "0a1b", "image.sh": ""}.items():
            _program(tmp_path / "scripts" / name, f'echo scripts/{name} "$@" >>said\necho {says}\n')
        cases = "".join(f"*:{tag}) exit 0;; " for tag in there)
        docker = 'echo docker "$@" >>said\ncase $1 in pull|manifest) ;; *) exit 0;; esac\n'
        _program(tmp_path / "docker", f'{docker}case "$@" in {cases}esac\nexit 1\n')
        (script,) = (one["run"] for one in steps("images.yml", "push") if "run" in one)
        environment = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "REGISTRY": "registry.example",
            "SERVICE": "stats",
            "NAME_PREFIX": "debates",
            "GITHUB_SHA": "0123456789abcdef",
        }
        shell = ["bash", "-e", "-o", "pipefail", "-c", script]  # as GitHub starts it
        subprocess.run(shell, cwd=tmp_path, env=environment, check=True, stdout=subprocess.PIPE)
        return (tmp_path / "said").read_text().splitlines()

    return run


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/bash\n{text}")
    path.chmod(0o755)


def tags_pushed(said: list[str]) -> list[str]:
    return [line.rpartition(":")[2] for line in said if line.startswith(PUSH)]


def test_a_new_version_is_pushed_under_its_commit_its_content_and_its_version(pushed: Any) -> None:
    said = pushed()

    assert any(line.startswith(BUILD) for line in said)
    assert tags_pushed(said) == ["commit-0123456789ab", "tree-0a1b", "stats-v1.2.3"]


def test_a_run_that_is_repeated_builds_and_pushes_nothing_again(pushed: Any) -> None:
    """Tags cannot be moved: a second image of one commit would be refused."""
    said = pushed("commit-0123456789ab", "tree-0a1b", "stats-v1.2.3")

    assert not any(line.startswith((BUILD, PUSH)) for line in said)


def test_a_run_that_was_broken_off_is_gone_on_with_where_it_stopped(pushed: Any) -> None:
    said = pushed("commit-0123456789ab")

    assert not any(line.startswith(BUILD) for line in said)
    assert tags_pushed(said) == ["tree-0a1b", "stats-v1.2.3"]


def test_a_released_version_keeps_its_image_when_its_files_are_others(pushed: Any) -> None:
    assert "stats-v1.2.3" not in tags_pushed(pushed("stats-v1.2.3"))
