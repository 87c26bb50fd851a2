"""`debate-webapp serve`: migrate, make the first account, hand the open port to gunicorn."""

import ipaddress
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from debate_contract.errors import UsageFault
from sqlalchemy.orm import Session

from debate_webapp.database.engine import make_engine
from debate_webapp.database.migrations import upgrade
from debate_webapp.settings import Settings
from debate_webapp.site.auth.accounts import add_editor, has_accounts

FIRST_EDITOR = "editor"
LOOPBACK_NAMES = "localhost,127.0.0.1,[::1]"


def serve(settings: Settings, host: str, port: int, say: Callable[[str], None]) -> None:
    """Never returns: this process becomes gunicorn, on a port that is ours already; 0 takes any."""
    listener = _listen(host, port)
    port = listener.getsockname()[1]
    first_password = _prepare(settings)
    say(f"Debate Analyzer is at http://{'localhost' if host == '127.0.0.1' else host}:{port}")
    if first_password:
        say(f"Sign in as {FIRST_EDITOR} with the password {first_password}")
        say(
            "Write it down, it is shown this once; `debate-webapp set-password NAME` changes it,"
            " `debate-webapp add-editor NAME` makes another account."
        )
    say("Ctrl-C stops it.")
    if not settings.allowed_hosts and _is_loopback(host):
        # Else a page elsewhere could have its own name lead here and read the debates.
        os.environ["ALLOWED_HOSTS"] = LOOPBACK_NAMES
    sys.stdout.flush()
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
    """The database as this version needs it; the password of the account made on a first start."""
    engine = make_engine(settings.database_url)
    upgrade(engine)
    with Session(engine) as session:
        return None if has_accounts(session) else add_editor(session, FIRST_EDITOR)
