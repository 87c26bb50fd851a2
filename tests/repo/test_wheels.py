"""Every package is released alone: its wheel works with the oldest libraries it takes."""

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from functools import cache
from pathlib import Path

import pytest
from checkout import CHECKOUT, CONTRACTS, SERVICES, command, project
from packaging.requirements import Requirement
from packaging.version import Version

LIBRARIES = {"debate-contract": CONTRACTS, "debate-stats": CHECKOUT / "services" / "stats"}
PROGRAMS = [*SERVICES, CHECKOUT / "pipeline"]

packages = pytest.mark.parametrize("package", PROGRAMS, ids=lambda path: path.name)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheels lie."""
    return tmp_path_factory.mktemp("wheels")


@cache
def build(package: Path, shelf: Path) -> Path:
    """The wheel of a folder, by the same builder as an index' but without asking one."""
    target = shelf / package.resolve().name
    arguments = ["-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(
        [sys.executable, *arguments], cwd=package, check=True, capture_output=True, timeout=60
    )
    return next(target.glob("*.whl"))


def libraries_of(wheel: Path) -> list[Requirement]:
    """The tree's libraries that a wheel says it needs."""
    with zipfile.ZipFile(wheel) as content:
        [name] = [name for name in content.namelist() if name.endswith(".dist-info/METADATA")]
        stated = message_from_bytes(content.read(name)).get_all("Requires-Dist") or []
    needed = (Requirement(line) for line in stated if "extra ==" not in line)
    return [one for one in needed if one.name in LIBRARIES]


def oldest(needed: Requirement) -> Version:
    return min(Version(s.version) for s in needed.specifier if s.operator in {">=", "==", "~="})


def source_of(needed: Requirement, shelf: Path) -> Path:
    """The folder of the oldest version that is taken: the tree's, or that of its tag."""
    folder, version = LIBRARIES[needed.name], oldest(needed)
    if Version(project(folder)["version"]) == version:
        return folder
    major, minor, patch = (*version.release, 0, 0)[:3]
    tag, path = f"{folder.name}-v{major}.{minor}.{patch}", folder.relative_to(CHECKOUT)
    target = shelf / tag
    target.mkdir(exist_ok=True)
    archive = ["git", "archive", tag, str(path)]
    kept = subprocess.run(archive, cwd=CHECKOUT, check=True, capture_output=True, timeout=60)
    subprocess.run(["tar", "-x", "-C", target], input=kept.stdout, check=True, timeout=60)
    return target / path


@cache
def imports_of(wheel: Path) -> frozenset[tuple[str, str]]:
    """What a wheel's modules take from the tree's libraries: module and name."""
    with zipfile.ZipFile(wheel) as content:
        names = [name for name in content.namelist() if name.endswith(".py")]
        return frozenset(one for name in names for one in taken_by(content.read(name).decode()))


def taken_by(source: str) -> Iterator[tuple[str, str]]:
    houses = tuple(name.replace("-", "_") for name in LIBRARIES)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in houses:
            yield from ((str(node.module), alias.name) for alias in node.names)


# Run with the oldest libraries before those of the environment.
LOOK = """
import importlib, sys
for line in sys.stdin.read().splitlines():
    module, name = line.split()
    found = importlib.import_module(module)
    if not hasattr(found, name):
        importlib.import_module(f"{module}.{name}")
"""


@packages
def test_a_wheel_takes_the_libraries_that_the_tree_has(package: Path, shelf: Path) -> None:
    needed = libraries_of(build(package, shelf))

    assert needed
    refused = [
        f"{one} but the tree has {project(LIBRARIES[one.name])['version']}"
        for one in needed
        if not one.specifier.contains(project(LIBRARIES[one.name])["version"])
    ]
    assert not refused


@packages
def test_a_wheel_finds_all_it_uses_in_the_oldest_libraries_it_takes(
    package: Path, shelf: Path, tmp_path: Path
) -> None:
    wheel = build(package, shelf)
    for needed in libraries_of(wheel):
        with zipfile.ZipFile(build(source_of(needed, shelf), shelf)) as library:
            library.extractall(tmp_path)
    own = {"debate_stats"} if package.name == "stats" else set()
    used = [one for one in imports_of(wheel) if one[0].split(".")[0] not in own]

    python = command(str(package.relative_to(CHECKOUT)), "python")
    looked = subprocess.run(
        [python, "-c", LOOK],
        env={"PYTHONPATH": str(tmp_path)},
        input="\n".join(" ".join(one) for one in sorted(used)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert used
    assert looked.returncode == 0, looked.stderr


@packages
def test_why_a_library_is_needed_stands_above_its_line(package: Path) -> None:
    lines = (package / "pyproject.toml").read_text("utf-8").splitlines()

    stated = [n for n, line in enumerate(lines) if line.strip().startswith('"debate-contract>=')]

    assert stated
    assert all(lines[n - 1].strip().startswith("#") for n in stated)
