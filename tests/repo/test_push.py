"""`make push` with stand-ins for the command lines of Docker, AWS and Pulumi."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from checkout import CHECKOUT, project

SERVICES = ("downloader", "transcriber", "stats", "webapp")
REGISTRY = "123456789012.dkr.ecr.eu-central-1.example"
OUTPUTS = {
    "region": "eu-central-1",
    "repositories": {service: f"{REGISTRY}/town/{service}" for service in SERVICES},
}


def content_of(service: str) -> str:
    script = CHECKOUT / "scripts" / "content.sh"
    done = subprocess.run([script, service], capture_output=True, text=True, check=True)
    return f"tree-{done.stdout.strip()}"


def push(folder: Path, there: list[str]) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the script with stand-ins and a registry that has these tags; give what it pushed."""
    known = " | ".join(f"*{tag}*" for tag in there) or "nothing"
    bodies = {
        "pulumi": f"echo '{json.dumps(OUTPUTS)}'",
        "aws": f'case "$*" in {known}) ;; *describe-images*) exit 254 ;; esac',
        "docker": "cat < /dev/null",
    }
    for name, body in bodies.items():
        program = folder / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >> "{folder}/calls"\n{body}\n')
        program.chmod(0o755)
    result = subprocess.run(
        [CHECKOUT / "scripts" / "push_images.sh"],
        env=os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    calls = (folder / "calls").read_text().splitlines()
    return result, [call.split()[-1] for call in calls if call.startswith("docker push")]


def test_images_go_to_the_stacks_repositories_unless_they_are_there(tmp_path: Path) -> None:
    result, pushed = push(tmp_path, [content_of("stats")])

    assert result.returncode == 0, result.stderr
    assert pushed == [
        f"{REGISTRY}/town/{service}:{tag}"
        for service in SERVICES
        if service != "stats"
        for tag in (content_of(service), release_of(service))
    ]
    assert f"stats:{content_of('stats')} is there already" in result.stdout


def test_other_files_under_a_released_version_are_not_taken_for_it(tmp_path: Path) -> None:
    """F18: last week's code would run, and nobody would know."""
    result, pushed = push(tmp_path, [release_of("stats")])

    assert result.returncode == 65
    assert f"stats:{release_of('stats')} is there already and made of other files" in result.stderr
    assert [image for image in pushed if "/stats:" in image] == [
        f"{REGISTRY}/town/stats:{content_of('stats')}"
    ]


def release_of(service: str) -> str:
    return f"{service}-v{project(CHECKOUT / 'services' / service)['version']}"


def test_the_digest_of_an_image_follows_every_file_that_goes_into_it(tmp_path: Path) -> None:
    for name in ("services/stats", "services/webapp", "contracts", "scripts"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text(name)
    for name in ("content.sh", "folders.sh"):
        shutil.copy(CHECKOUT / "scripts" / name, tmp_path / "scripts")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)

    def digests() -> list[str]:
        return [
            subprocess.run(
                [tmp_path / "scripts" / "content.sh", service],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for service in ("stats", "webapp")
        ]

    first = digests()
    assert digests() == first
    (tmp_path / "scripts" / "file").write_text("of no image")
    assert digests() == first
    (tmp_path / "services/webapp/file").write_text("changed")
    second = digests()
    assert second[0] == first[0]
    assert second[1] != first[1]
    (tmp_path / "services/stats/file").write_text("changed")
    assert not {*digests()} & {*second}


@pytest.mark.parametrize("target", ["push", "up", "preview"])
def test_without_the_programs_it_needs_a_target_says_which_in_one_sentence(
    tmp_path: Path, target: str
) -> None:
    for name in ("bash", "dirname", "make", "touch", "env"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    result = subprocess.run(
        ["make", "--directory", CHECKOUT, "--no-print-directory", target],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    first, *others = result.stderr.splitlines()
    assert first.startswith("error: this needs the program pulumi, which is not installed: https:")
    assert [line for line in others if not line.startswith("make: ***")] == []
