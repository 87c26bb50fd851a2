"""Which version of each service's image runs: by default the one this checkout describes."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from debate_infra.settings.errors import SettingError

SERVICES = ("downloader", "transcriber", "stats", "webapp")
CHECKOUT = Path(__file__).parents[3]


def read_tags(overrides: Mapping[str, str], checkout: Path = CHECKOUT) -> dict[str, str]:
    """Image tag of every service: the given one, else `<service>-v<version of its package>`.

    Raises:
        SettingError: an override names no service, or a service's version cannot be read.

    """
    for service in overrides.keys() - set(SERVICES):
        raise SettingError("imageTags", f"'{service}' is none of {', '.join(SERVICES)}")
    return {
        service: overrides.get(service) or f"{service}-v{_read_version(checkout, service)}"
        for service in SERVICES
    }


def _read_version(checkout: Path, service: str) -> str:
    path = checkout / "services" / service / "pyproject.toml"
    try:
        return str(tomllib.loads(path.read_text())["project"]["version"])
    except (OSError, ValueError, KeyError) as error:
        raise SettingError(
            "imageTags",
            f"no version of {service} in {path} ({error}); name its image tag with "
            f"`pulumi config set --path imageTags.{service} TAG`",
        ) from error
