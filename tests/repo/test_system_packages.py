"""`scripts/system_packages.sh` says nothing or says what to do."""

import shutil
import subprocess
from pathlib import Path

import pytest
from checkout import CHECKOUT

SCRIPT = CHECKOUT / "scripts" / "system_packages.sh"
OF_THE_SCRIPT = ["bash", "env", "id"]  # what it needs on a system without apt-get


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH of a system that has no package manager we know."""
    for name in OF_THE_SCRIPT:
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    return tmp_path


def run(programs: Path, *packages: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, *packages],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("browser", ["chromium", "chromium-browser", "google-chrome"])
def test_a_chromium_under_any_name_is_enough(browser: str, programs: Path) -> None:
    (programs / browser).symlink_to("/bin/true")

    result = run(programs, "chromium")

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_without_apt_the_missing_are_named_in_one_sentence(programs: Path) -> None:
    (programs / "espeak-ng").symlink_to("/bin/true")

    result = run(programs, "chromium", "espeak-ng", "no-such-program")

    assert result.returncode == 64
    assert result.stdout == ""
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith("error: install chromium no-such-program with the package manager")
