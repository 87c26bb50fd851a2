"""Where things are on this machine."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from debate_contract.errors import InputNotFound, UsageFault
from debate_contract.storage import local_path


@dataclass(frozen=True)
class Settings:
    """What the front door needs to know of its machine."""

    root: Path  # the store: jobs/ lies in it
    home: Path | None  # the checkout whose services are run; None: they are on PATH
    environment: Mapping[str, str]  # what the stages inherit
    tries: int = 3  # attempts at a stage that fails for a passing reason
    retry_delay: float = 10.0  # seconds before the second attempt, doubled before the third
    stop_grace: float = 20.0  # seconds that a stage has for stopping

    @property
    def web_command(self) -> str:
        """The command that serves this store; the checkout's own needs no naming."""
        usual = self.home is not None and self.root == self.home / "data"
        return "make web" if usual else f"make web STORAGE_ROOT={shlex.quote(str(self.root))}"


def make_settings(root: str, home: str, retry_delay: float, env: Mapping[str, str]) -> Settings:
    """Return the settings; an empty `root` or `home` stands for the checkout's."""
    checkout = find_checkout(home)
    return Settings(
        root=_local_folder(root) if root else (checkout or Path.cwd()) / "data",
        home=checkout,
        environment=env,
        retry_delay=retry_delay,
    )


def find_checkout(home: str) -> Path | None:
    """Return `home`, else the checkout that this package is run from, else None."""
    if home:
        return Path(home).resolve()
    checkout = Path(__file__).resolve().parents[3]
    return checkout if (checkout / "services").is_dir() else None


def _local_folder(root: str) -> Path:
    scheme = _scheme(root)
    if scheme not in ("", "file"):
        raise UsageFault(f"the local backend keeps its jobs in a folder; {root} is none")
    return local_path(root).resolve()


def normalise_source(source: str) -> str:
    """Return a URL as it is and a file as its absolute path, so that asking again is recognised.

    Raises `InputNotFound` for a file that does not exist.
    """
    if _is_address(source):
        return source
    path = local_path(source)
    if not _is_file(path):
        shown = without_credentials(source)
        raise InputNotFound(f"{shown} is neither an http(s):// or s3:// address nor a file here")
    return str(path.resolve())


def _is_address(source: str) -> bool:
    try:
        parts = urlsplit(source)
        names_host = bool(parts.hostname) and parts.port != 0
    except ValueError:  # what is no name or no port of a host
        return False
    return parts.scheme == "s3" or (parts.scheme in ("http", "https") and names_host)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # longer than a name can be, or in a folder that may not be read
        return False


def _scheme(place: str) -> str:
    return place.partition("://")[0].lower() if "://" in place else ""


def without_credentials(source: str) -> str:
    """Drop `user:password@` from an address: records, lists and terminals are read by others."""
    scheme, mark, rest = source.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return f"{scheme}{mark}{rest[authority.rfind('@') + 1 :]}"


def read_version(source: str) -> str:
    """Return what changes when a file does, nothing for an address; `source` is normalised."""
    if not source.startswith("/"):
        return ""
    facts = Path(source).stat()
    return f"{facts.st_size} bytes, changed {facts.st_mtime_ns}"


def normalise_prefix(prefix: str) -> str:
    """Return `s3://…` without a closing slash, and a folder as its absolute path.

    Raises `InputNotFound` for a folder that does not exist.
    """
    place = normalise_output(prefix)
    if place.startswith("/") and not Path(place).is_dir():
        raise InputNotFound(f"there is no folder {prefix}")
    return place


def normalise_output(prefix: str) -> str:
    """Return a prefix as `normalise_prefix` does, whether it is there yet or not."""
    if _scheme(prefix) == "s3":
        return prefix.rstrip("/")
    return str(local_path(prefix).resolve())


def normalise_file(file: str) -> str:
    """Return `s3://…` as it is and a file as its absolute path; `InputNotFound` if it is none."""
    if _scheme(file) == "s3":
        return file
    path = local_path(file).resolve()
    if not path.is_file():
        raise InputNotFound(f"there is no file {file}")
    return str(path)
