"""What is given to make as a variable reaches the program unchanged, and nothing in it is run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from checkout import CHECKOUT

PROGRAMS = {
    "pipeline": "debate",
    "services/downloader": "debate-cookies",
    "services/transcriber": "debate-models",
    "services/stats": "debate-stats",
    "services/webapp": "debate-webapp",
}
# Says what it was called with, in place of the programs.
FAKE = f"""#!{sys.executable}
import json, os, sys
print(json.dumps({{"arguments": sys.argv[1:], "environment": dict(os.environ)}}))
"""
# All that make or a shell could take for its own, in one text; and what looks like an option.
ODD = """https://x.example/?a=$(shell touch pwned)&b=${shell touch pwned}&price=$5&q=$$1&r=$@
$(touch pwned) `touch pwned` ${HOME} ; touch pwned and it's "quoted" and \\ spaced #and %hashed"""
pasted = pytest.mark.parametrize("text", [ODD, "--force"], ids=["odd", "option"])


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile beside environments that are set up already, with FAKE for every program."""
    shutil.copy(CHECKOUT / "Makefile", tmp_path)
    for library in ("contracts", "services/stats"):
        (tmp_path / library).mkdir(parents=True)
        (tmp_path / library / "pyproject.toml").touch()
    for package, program in PROGRAMS.items():
        environment = tmp_path / package / ".venv"
        (environment / "bin").mkdir(parents=True)
        (environment / "bin" / program).write_text(FAKE)
        (environment / "bin" / program).chmod(0o755)
        (environment / "installed-standard").touch()
    return tmp_path


def make(checkout: Path, *arguments: str, **variables: str) -> dict[str, Any]:
    """What the last program was called with; fails when make does, or when something was run."""
    inherited = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    result = subprocess.run(
        ["make", "--no-print-directory", "-C", checkout, *arguments],
        env=inherited | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert not list(checkout.rglob("pwned"))
    called: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return called


# target, variable, what the program gets; {} is the text
CALLS = [
    ("submit", "URL", ["submit", "--", "{}"]),
    ("submit-download", "URL", ["download", "--", "{}"]),
    ("submit-transcribe", "VIDEOS", ["transcribe", "--", "{}"]),
    ("submit-transcribe VIDEOS=v", "OUTPUT", ["transcribe", "--output={}", "--", "v"]),
    ("submit-stats", "TRANSCRIPTS", ["stats", "--", "{}"]),
    ("submit-many", "FILE", ["submit-many", "--", "{}"]),
    ("submit URL=u", "SPEAKERS", ["submit", "--speakers={}", "--", "u"]),
    ("submit URL=u", "MODEL", ["submit", "--model={}", "--", "u"]),
    ("status", "JOB", ["status", "--", "{}"]),
    ("logs", "JOB", ["logs", "--follow", "--", "{}"]),
    ("query", "SQL", ["query", "--dataset=data/dataset", "--", "{}"]),
    ("query SQL=s", "DATASET", ["query", "--dataset={}", "--", "s"]),
    ("dataset", "ROOT", ["corpus", "--root={}", "--out={}/dataset"]),
    ("dataset", "DATASET", ["corpus", "--root=data", "--out={}"]),
    ("cookies OUT=o", "IN", ["--", "{}", "o"]),
    ("cookies IN=i", "OUT", ["--", "i", "{}"]),
    ("models", "OUT", ["--models-prefix={}"]),
    ("models", "MODEL", ["--whisper-model={}"]),
    ("models OUT=o", "MODEL", ["--models-prefix=o", "--whisper-model={}"]),
]
calls = pytest.mark.parametrize(("target", "name", "expected"), CALLS)
# Those that only make's command line can give: the environment's have another meaning.
GIVEN = [
    ("submit URL=u", "LANGUAGE", ["submit", "--language={}", "--", "u"]),
    ("submit URL=u", "MODE", ["submit", "--mode={}", "--", "u"]),
]


@pytest.mark.parametrize("name", ["SPEAKERS", "MODEL", "LANGUAGE"])
def test_an_option_that_is_given_as_empty_is_passed_on_to_be_taken_back(
    checkout: Path, name: str
) -> None:
    called = make(checkout, "submit", "URL=u", f"{name}=")

    assert called["arguments"] == ["submit", f"--{name.lower()}=", "--", "u"]


@pasted
@pytest.mark.parametrize(("target", "name", "expected"), [*CALLS, *GIVEN])
def test_a_variable_given_to_make_arrives_as_it_is(
    checkout: Path, target: str, name: str, expected: list[str], text: str
) -> None:
    called = make(checkout, *target.split(), f"{name}={text}")

    assert called["arguments"] == [part.replace("{}", text) for part in expected]


@pasted
@calls
def test_a_variable_of_the_environment_arrives_as_it_is(
    checkout: Path, target: str, name: str, expected: list[str], text: str
) -> None:
    called = make(checkout, *target.split(), **{name: text})

    assert called["arguments"] == [part.replace("{}", text) for part in expected]


@pasted
@pytest.mark.parametrize("name", ["BACKEND", "FORCE", "VOCABULARY", "CHANNELS", "INITIAL_PROMPT"])
def test_what_the_program_reads_by_itself_arrives_as_it_is(
    checkout: Path, name: str, text: str
) -> None:
    called = make(checkout, "submit", "URL=u", f"{name}={text}")

    assert called["environment"][name] == text


@pasted
def test_the_site_is_told_its_port_and_its_store(checkout: Path, text: str) -> None:
    called = make(checkout, "web", f"PORT={text}", f"STORAGE_ROOT={text}")

    assert called["arguments"] == ["serve"]
    assert called["environment"]["PORT"] == text
    assert called["environment"]["STORAGE_ROOT"] == text


@pasted
@pytest.mark.parametrize("name", ["ENGINES", "FORCE", "MODE", "LANGUAGE", "PORT"])
def test_a_dry_run_runs_nothing_that_is_given(checkout: Path, name: str, text: str) -> None:
    subprocess.run(
        ["make", "-n", "-C", checkout, "submit", "URL=u", f"{name}={text}"],
        capture_output=True,
        check=False,
    )

    assert not list(checkout.rglob("pwned"))


def test_language_and_mode_of_a_desktop_do_not_count(checkout: Path) -> None:
    called = make(checkout, "submit", "URL=u", LANGUAGE="de_DE:en", MODE="dark")

    assert called["arguments"] == ["submit", "--", "u"]


@pytest.mark.parametrize("no", ["0", "no", "false", ""])
def test_no_is_no_to_force(no: str) -> None:
    """The program itself reads FORCE: it is asked, with a stage that has nothing to force."""
    program = CHECKOUT / "pipeline" / ".venv" / "bin" / "python"
    asked = (
        "import click; from debate_pipeline.cli import submit;"
        "context = submit.make_context('submit', ['--', 'u']); print(context.params['force'])"
    )

    said = subprocess.run(
        [program, "-c", asked],
        env={"FORCE": no},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.strip() == "False"
