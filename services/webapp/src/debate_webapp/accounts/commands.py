"""Accounts from the server's own command line: `debate-webapp add-user`, `reset-link` and so on."""

import os
import secrets
from contextlib import AbstractContextManager

import click
from sqlalchemy.orm import Session

from debate_webapp.accounts.roles import Role
from debate_webapp.accounts.sign_in import links, second_factor
from debate_webapp.accounts.users import add_user, get_user, set_password, set_role
from debate_webapp.database.opening import open_database
from debate_webapp.settings import Settings

_ROLE = click.Choice([role.value for role in Role])
_SITE = click.option(
    "--site",
    envvar="SITE_ADDRESS",
    show_envvar=True,
    help="What stands before a link; by default what ALLOWED_HOSTS says, else localhost and PORT.",
)
_PASSWORD = click.option(
    "--password",
    envvar="USER_PASSWORD",
    show_envvar=True,
    help="At least 12 characters.",
)


@click.command("add-user")
@click.argument("username")
@click.option("--role", type=_ROLE, default="editor", show_default=True)
@_PASSWORD
@_SITE
def add_user_command(username: str, role: str, password: str | None, site: str | None) -> None:
    """Make an account; without a password, print a link by which its owner sets one."""
    with _database() as session:
        user = add_user(session, username, Role(role), password or secrets.token_urlsafe(32))
        path = None if password else links.make_reset(session, user)
        session.commit()
        click.echo(
            f"{user.username} is {role}" + (f"; password: {_link(path, site)}" if path else "")
        )


@click.command("set-password")
@click.argument("username")
@click.password_option(envvar="USER_PASSWORD", show_envvar=True, help="At least 12 characters.")
def set_password_command(username: str, password: str) -> None:
    """Give USERNAME another password; whoever is signed in under the old one no longer is."""
    with _database() as session:
        set_password(session, get_user(session, username), password)
        session.commit()
    click.echo(f"{username} has a new password")


@click.command("reset-link")
@click.argument("username")
@_SITE
def reset_link_command(username: str, site: str | None) -> None:
    """Print a link by which USERNAME sets a new password, once, within a day."""
    with _database() as session:
        path = links.make_reset(session, get_user(session, username))
        session.commit()
    click.echo(_link(path, site))


@click.command("set-role")
@click.argument("username")
@click.argument("role", type=_ROLE)
def set_role_command(username: str, role: str) -> None:
    """Let USERNAME do what ROLE may."""
    with _database() as session:
        set_role(session, get_user(session, username), Role(role))
        session.commit()
    click.echo(f"{username} is {role}")


@click.command("second-factor-off")
@click.argument("username")
def second_factor_off_command(username: str) -> None:
    """Let USERNAME in without a code: for the only administrator, whose phone is lost."""
    with _database() as session:
        second_factor.turn_off(session, get_user(session, username))
        session.commit()
    click.echo(f"signing in as {username} asks for no code any more")


@click.command("set-up-link")
@_SITE
def set_up_link_command(site: str | None) -> None:
    """Print the link by which the first administrator is made, once, within a day."""
    with _database() as session:
        path = links.make_set_up(session)
    click.echo(_link(path, site) if path else "there are accounts already; see reset-link")


COMMANDS = [
    add_user_command,
    set_password_command,
    reset_link_command,
    set_role_command,
    second_factor_off_command,
    set_up_link_command,
]


def _link(path: str, site: str | None) -> str:
    local = f"http://localhost:{os.environ.get('PORT') or 8000}"
    address = site or Settings.from_env(os.environ).address or local
    return address.rstrip("/") + path


def _database() -> AbstractContextManager[Session]:
    return open_database(Settings.from_env(os.environ).database_url)
