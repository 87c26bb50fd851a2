"""Where things are in the checkout."""

import subprocess
import tomllib
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
CONTRACTS = CHECKOUT / "contracts"
SAMPLE = CHECKOUT / "samples" / "free-buses.mp4"
SERVICES = sorted(path.parent for path in CHECKOUT.glob("services/*/pyproject.toml"))
PACKAGES = [CONTRACTS, *SERVICES, *(CHECKOUT / name for name in ("pipeline", "infra", "tests"))]


def project(package: Path) -> dict[str, Any]:
    """The [project] table of a package."""
    table: dict[str, Any] = tomllib.loads((package / "pyproject.toml").read_text("utf-8"))
    return table["project"]


def tracked_files() -> list[Path]:
    """What git keeps, without what was deleted but not yet committed."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, check=True, capture_output=True, text=True
    )
    return [path for name in listing.stdout.split("\0") if (path := CHECKOUT / name).is_file()]


def command(package: str, name: str) -> Path:
    """A program of a package's own virtual environment."""
    path = CHECKOUT / package / ".venv" / "bin" / name
    assert path.exists(), f"{path} is missing: run the tests through make, which sets up {package}"
    return path
