"""`make help` shows what there is, and what the pages name exists."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from checkout import CHECKOUT, tracked_files

PAGES = [path for path in tracked_files() if path.suffix == ".md" and path.name != "CHANGELOG.md"]
MAKEFILE = CHECKOUT / "Makefile"
# In code only: "make sure" in prose is no command. `make test-<package>` stands for several.
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
NAMED = re.compile(r"(?:^|[`(&;]|\$ )\s*make(?: [A-Z_]+=\S+)* ([a-z][a-z-]*)(?![\w<*%./-])", re.M)


def make(*arguments: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    result = subprocess.run(
        ["make", "-C", CHECKOUT, "--no-print-directory", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout


@pytest.fixture(scope="module")
def targets() -> set[str]:
    """All that make knows how to make, static patterns expanded."""
    database = make("--question", "--print-data-base", "help")
    return set(re.findall(r"^([a-z][\w-]*):", database, re.MULTILINE))


def test_help_shows_every_target_that_has_a_text() -> None:
    described = re.findall(r"^([a-z][a-z -]*):.*?## (.+)$", MAKEFILE.read_text("utf-8"), re.M)

    shown = re.findall(r"^([a-z][a-z -]*?) {2,}(.+)$", make("help"), re.MULTILINE)

    assert described
    assert shown == described


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_target_that_a_page_names_exists(page: Path, targets: set[str]) -> None:
    code = "\n".join(CODE.findall(page.read_text("utf-8")))

    assert set(NAMED.findall(code)) <= targets


def test_the_readme_names_the_commands_of_the_main_job(targets: set[str]) -> None:
    readme = (CHECKOUT / "README.md").read_text("utf-8")

    assert {"demo", "web", "submit", "status", "logs", "test", "lint"} <= set(NAMED.findall(readme))
