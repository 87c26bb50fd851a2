"""Configuration, read once from the environment and checked here."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from debate_contract.errors import UsageFault

from debate_webapp.accounts.sign_in.directory import Directory
from debate_webapp.telling.channels import Channel, channels_from

SECRET_FILE = "webapp.secret"  # noqa: S105 - the name of a file
DATABASE_FILE = "webapp.sqlite3"


# What lies there is put there by the site and its jobs.
_OF_THE_STORE = ("jobs", "uploads", "submissions")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where debates lie, where names and edits are kept, and what signs the session cookie."""

    storage_root: str
    database_url: str
    secret_key: str
    # Proxies in front of the server whose X-Forwarded-* headers are believed.
    trusted_proxies: int = 0
    # The names under which the site is asked for; none: any, and then it has no address of its own.
    allowed_hosts: tuple[str, ...] = ()
    # What AWS shows when it says that a job ended; without it nobody may. And where jobs log.
    event_key: str = ""
    job_log_group: str = ""
    # The account that a first start makes by itself, where a password for it is given.
    admin_username: str = "admin"
    admin_password: str = field(default="", repr=False)
    # The house's directory, by which people sign in without a password of this site.
    directory: Directory | None = None
    # The command `debate` where it is not found by itself, and how many of it work side by side.
    front_door: str = ""
    jobs_at_once: int = 1
    # Who is told of failures.
    channels: tuple[Channel, ...] = ()
    # A folder whose files are submitted by themselves.
    inbox: str = ""
    # Whether people are proposed by their voice, for which the site keeps how they sound.
    knows_voices: bool = True

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Settings from environment variables; raises UsageFault for one that cannot be used."""
        root = env.get("STORAGE_ROOT") or "data"
        return cls(
            storage_root=_normal_root(root),
            database_url=_database_url(env.get("DATABASE_URL"), root),
            secret_key=env.get("SECRET_KEY") or _kept_secret(root),
            trusted_proxies=_count("TRUSTED_PROXIES", env.get("TRUSTED_PROXIES", "0"), "proxies"),
            allowed_hosts=_hosts(env.get("ALLOWED_HOSTS", "")),
            event_key=_event_key(env.get("EVENT_KEY", "")),
            job_log_group=env.get("JOB_LOG_GROUP", ""),
            admin_username=env.get("ADMIN_USERNAME") or "admin",
            admin_password=env.get("ADMIN_PASSWORD", ""),
            directory=Directory.from_env(env),
            channels=channels_from(env),
            front_door=env.get("DEBATE_COMMAND", ""),
            inbox=_inbox(env.get("INBOX", ""), root),
            knows_voices=_yes_or_no("KNOWN_VOICES", env.get("KNOWN_VOICES") or "on"),
            jobs_at_once=max(1, _count("JOBS_AT_ONCE", env.get("JOBS_AT_ONCE", "1"), "jobs")),
        )

    @property
    def address(self) -> str | None:
        """How readers reach the site, as far as its names tell."""
        names = [name for name in self.allowed_hosts if name[0] not in ".[" and "." in name]
        return next((f"https://{name}" for name in names if not name[-1].isdigit()), None)


def _yes_or_no(name: str, text: str) -> bool:
    if text not in ("on", "off"):
        raise UsageFault(f"{name} is `on` or `off`, not {text!r:.40}")
    return text == "on"


def _normal_root(root: str) -> str:
    if root.startswith("s3://"):
        return root.rstrip("/")
    return str(_local_root(root))


def _local_root(root: str) -> Path:
    return Path(root.removeprefix("file://")).expanduser().resolve()


def _database_url(url: str | None, root: str) -> str:
    if url:
        return _with_driver(url)
    if root.startswith("s3://"):
        raise UsageFault("a store on S3 cannot hold the database; set DATABASE_URL to PostgreSQL")
    return f"sqlite:///{_local_root(root) / DATABASE_FILE}"


def _with_driver(url: str) -> str:
    """Hosts give out postgres:// and postgresql://; SQLAlchemy wants the driver's name too."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    if url.startswith(("sqlite://", "postgresql+psycopg://")):
        return url
    raise UsageFault("DATABASE_URL must start with sqlite:// or postgresql://")


def _kept_secret(root: str) -> str:
    """The key beside a local database, made on first use and readable by its owner only."""
    if root.startswith("s3://"):
        raise UsageFault("set SECRET_KEY to a long random text; a store on S3 does not keep it")
    path = _local_root(root) / SECRET_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_secret(path)
    except PermissionError as error:
        raise UsageFault(
            f"user {os.getuid()} may not write to the store {path.parent}: change its owner or mode"
        ) from error
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
    return _read_secret(path)


def _read_secret(path: Path) -> str:
    secret = path.read_text().strip()
    if len(secret) < 32:
        raise UsageFault(
            f"{path} holds no usable key; delete it, a new one is made at the next start"
        )
    return secret


def _inbox(folder: str, root: str) -> str:
    if folder and root.startswith("s3://"):
        raise UsageFault("INBOX is a folder whose files are worked on here: it needs a local store")
    if not folder:
        return ""
    place, store = Path(folder).expanduser().resolve(), _local_root(root)
    if place == store or any(place.is_relative_to(store / own) for own in _OF_THE_STORE):
        raise UsageFault(
            f"INBOX={folder} holds the site's own files, which would be put away: name a folder of"
            " its own"
        )
    return str(place)


def _hosts(text: str) -> tuple[str, ...]:
    """`debates.example, .debates.example, [::1]`: names without a port; a dot takes all below."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in names:
        if not re.fullmatch(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", name):
            raise UsageFault(f"ALLOWED_HOSTS has names of hosts without a port; {name!r} is none")
    return tuple(names)


def _event_key(text: str) -> str:
    if text and len(text) < 32:
        raise UsageFault("EVENT_KEY can be guessed; make it 32 random letters or more")
    return text


def _count(name: str, text: str, of: str) -> int:
    if not text.isdecimal():
        raise UsageFault(f"{name} is a number of {of}, not {text!r}")
    return int(text)
