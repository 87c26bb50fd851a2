"""Run the commands of the checkout as a user would."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from checkout import CHECKOUT

# What could reach a stage from whoever runs the tests and change what it does.
FOREIGN = (
    *("MAKE", "MFLAGS", "AWS_", "YT_", "HF_TOKEN", "MODELS_PREFIX", "PYTHON"),
    *("DATABASE_URL", "STORAGE_ROOT"),
)
# The smallest weights, which `make test-weights` has fetched into this user's cache. One thread:
# more of them wait for each other where another suite has a core, and take five times as long.
ENGINES = {"WHISPER_MODEL": "tiny.en", "DIARIZATION_ENGINE": "campplus", "THREADS": "1"}


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a stage: small weights, no token, no cloud, no second try."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return own | ENGINES | {"RETRY_DELAY": "0"} | dict(more)


def run(
    *command: str | Path, timeout: float = 300, **variables: str | Path
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it said and its exit code."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=CHECKOUT,
        env=environment({name: str(value) for name, value in variables.items()}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def succeed(*command: str | Path, timeout: float = 300, **variables: str | Path) -> str:
    """Run a command that has to succeed and return its standard output."""
    result = run(*command, timeout=timeout, **variables)
    assert result.returncode == 0, f"exit code {result.returncode}\n{result.stderr}{result.stdout}"
    return result.stdout
