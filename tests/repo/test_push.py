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


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Stand-ins that note how they were called; the registry has the image of `stats`."""
    bodies = {
        "pulumi": f"echo '{json.dumps(OUTPUTS)}'",
        "aws": 'case "$*" in *describe-images*town/stats*) ;; *describe-images*) exit 254 ;; esac',
        "docker": "cat < /dev/null",
    }
    for name, body in bodies.items():
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >> "{tmp_path}/calls"\n{body}\n')
        program.chmod(0o755)
    return tmp_path


def test_images_go_to_the_stacks_repositories_unless_they_are_there(programs: Path) -> None:
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        [CHECKOUT / "scripts" / "push_images.sh"],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )

    calls = (programs / "calls").read_text().splitlines()
    versions = {s: project(CHECKOUT / "services" / s)["version"] for s in SERVICES}
    pushed = [call.split()[-1] for call in calls if call.startswith("docker push")]
    assert pushed == [
        f"{REGISTRY}/town/{service}:{service}-v{versions[service]}"
        for service in SERVICES
        if service != "stats"
    ]
    tagged = [call.split()[-2] for call in calls if call.startswith("docker tag")]
    assert tagged == [f"debate-{s}:{versions[s]}" for s in SERVICES if s != "stats"]
    assert f"stats:stats-v{versions['stats']} is there already" in result.stdout


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
