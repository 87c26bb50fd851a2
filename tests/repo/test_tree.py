"""Nothing is tracked that belongs to one machine, and nothing big."""

import re
from pathlib import Path

import pytest
from checkout import CHECKOUT, tracked_files

MAX_BYTES = 1_000_000
HOME_FOLDER = re.compile(rb"(?<![\w.:/{}-])/(home|Users)/\w+/")
# Where packages come from is the business of each machine's own configuration.
REGISTRY_HOST = re.compile(
    rb"(?i)\b(pypi|files\.pythonhosted|registry\.npmjs|registry\.yarnpkg|deb\.debian|proxy\.golang)"
    rb"\.(org|com)\b"
)


@pytest.fixture(scope="module")
def contents() -> dict[Path, bytes]:
    return {path.relative_to(CHECKOUT): path.read_bytes() for path in tracked_files()}


def naming(contents: dict[Path, bytes], pattern: re.Pattern[bytes]) -> list[str]:
    return [
        f"{path}: {found[0].decode()}"
        for path, content in contents.items()
        if (found := pattern.search(content))
    ]


def test_the_tree_is_tracked(contents: dict[Path, bytes]) -> None:
    assert Path("Makefile") in contents


def test_no_file_names_this_checkout(contents: dict[Path, bytes]) -> None:
    here = re.compile(re.escape(str(CHECKOUT).encode()) + rb"(?![\w-])")

    assert not naming(contents, here)


def test_no_file_names_a_home_folder(contents: dict[Path, bytes]) -> None:
    assert not naming(contents, HOME_FOLDER)


def test_no_file_names_a_package_registry(contents: dict[Path, bytes]) -> None:
    assert not naming(contents, REGISTRY_HOST)


def test_no_file_is_big(contents: dict[Path, bytes]) -> None:
    assert not [str(path) for path, content in contents.items() if len(content) > MAX_BYTES]


def test_nothing_generated_is_tracked(contents: dict[Path, bytes]) -> None:
    generated = {".venv", ".tools", "__pycache__", "node_modules", "uv.lock"}

    assert not [str(path) for path in contents if generated & set(path.parts)]
    assert not [str(path) for path in contents if path.parts[0] == "data"]
