"""`debate-webapp serve`: migrate, see to the first account, hand the open port to gunicorn."""

import ipaddress
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from debate_contract.errors import UsageFault

from debate_webapp.accounts.roles import Role
from debate_webapp.accounts.sign_in.links import make_set_up
from debate_webapp.accounts.users import add_user, has_accounts
from debate_webapp.database.opening import open_database
from debate_webapp.settings import Settings

LOOPBACK_NAMES = "localhost,127.0.0.1,[::1]"


def serve(settings: Settings, host: str, port: int, say: Callable[[str], None]) -> None:
    """Never returns: this process becomes gunicorn, on a port that is ours already; 0 takes any."""
    listener = _listen(host, port)
    port = listener.getsockname()[1]
    set_up = _prepare(settings)
    local = f"http://{'localhost' if host == '127.0.0.1' else host}:{port}"
    say(f"Debate Analyzer is at {local}")
    if set_up:
        say(f"Make the first account: {settings.address or local}{set_up}")
        say("It works once, for a day; until somebody has used it, each start prints another.")
    say("Ctrl-C stops it.")
    if not settings.allowed_hosts and _is_loopback(host):
        # Else a page elsewhere could have its own name lead here and read the debates.
        os.environ["ALLOWED_HOSTS"] = LOOPBACK_NAMES
    sys.stdout.flush()
    os.environ.pop("ADMIN_PASSWORD", None)  # it has done its work
    os.environ["SECRET_KEY"] = settings.secret_key
    os.environ["DATABASE_URL"] = settings.database_url
    os.set_inheritable(listener.fileno(), True)
    config = Path(__file__).with_name("gunicorn_conf.py")
    bind = f"fd://{listener.fileno()}"
    command = ["-m", "gunicorn", "-c", str(config), "--bind", bind, "debate_webapp.wsgi:app"]
    os.execv(sys.executable, [sys.executable, *command])  # noqa: S606 - our own interpreter


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    """An open port, so that two servers cannot both believe they have it."""
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        raise UsageFault(
            f"port {port} on {host} cannot be used ({os.strerror(error.errno or 0).lower()});"
            " choose another one: make web PORT=8001"
        ) from error


def _prepare(settings: Settings) -> str | None:
    """The database as this version needs it; where it has no accounts, the path to make the first.

    No password is printed: what is printed stays in logs.
    """
    with open_database(settings.database_url) as session:
        if settings.admin_password and not has_accounts(session):
            name, password = settings.admin_username, settings.admin_password
            add_user(session, name, Role.ADMINISTRATOR, password)
            session.commit()
        return make_set_up(session)
