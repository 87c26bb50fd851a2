"""Signing in by the house's directory (OpenID Connect): its groups say who is what here."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from debate_contract.errors import BadInput, UsageFault
from sqlalchemy import select
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.accounts.roles import Role
from debate_webapp.accounts.users import LastAdministrator, add_user, set_role, shut_out
from debate_webapp.database.models import User


@dataclass(frozen=True, slots=True)
class Directory:
    """Where it is, how this site is known there, and which group is which role.

    `groups_claim` is where it says somebody's groups; `name` is what the button says.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    roles: Mapping[str, Role]
    name: str
    groups_claim: str
    scopes: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Directory | None":
        """None without OIDC_ISSUER; raises UsageFault for settings that cannot be used."""
        issuer = env.get("OIDC_ISSUER", "").rstrip("/")
        if not issuer:
            return None
        if not issuer.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            raise UsageFault("OIDC_ISSUER begins with https://")
        missing = [name for name in _NEEDED if not env.get(name)]
        if missing:
            raise UsageFault(f"OIDC_ISSUER needs {' and '.join(missing)} as well")
        return cls(
            issuer=issuer,
            client_id=env["OIDC_CLIENT_ID"],
            client_secret=env["OIDC_CLIENT_SECRET"],
            roles=_parse_roles(env["OIDC_ROLES"]),
            name=env.get("OIDC_NAME") or "the house's account",
            groups_claim=env.get("OIDC_GROUPS_CLAIM") or "groups",
            scopes=env.get("OIDC_SCOPES") or "openid profile email",
        )

    def role_of(self, groups: object) -> Role | None:
        """The highest role of somebody's groups; None where none of them has one."""
        names = groups if isinstance(groups, list) else [groups]
        found = {self.roles[name] for name in names if isinstance(name, str) and name in self.roles}
        return max(found, key=list(Role).index, default=None)


class NotAdmitted(BadInput):
    """The directory knows them, this site does not let them in."""


_NEEDED = ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ROLES")


def admit(session: Session, directory: Directory, claims: Mapping[str, Any]) -> User:
    """The account of whom the directory vouches for, made at the first time; commits.

    An account belongs to issuer and subject: whoever has the name of an account that is not of the
    directory does not get into it. The role is that of the groups, anew each time; who has none any
    more is out in all browsers and programs. Raises NotAdmitted.
    """
    role = directory.role_of(claims.get(directory.groups_claim))
    subject = hashlib.sha256(f"{directory.issuer}\0{claims['sub']}".encode()).hexdigest()
    user = session.scalars(select(User).where(User.subject == subject)).one_or_none()
    if role is None:
        _turn_away(session, user)
        raise NotAdmitted("none of your groups has a role on this site; ask an administrator")
    if user is None:
        user = _add(session, claims, role, subject)
    elif user.suspended_at is not None:
        raise NotAdmitted("your account here is suspended; ask an administrator")
    else:
        _follow(session, user, role)
    session.commit()
    return user


def _add(session: Session, claims: Mapping[str, Any], role: Role, subject: str) -> User:
    name = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
    try:
        return add_user(session, name[:80], role, subject=subject, how="by the directory")
    except BadInput as error:
        raise NotAdmitted(f"no account could be made for you: {error}") from error


def _turn_away(session: Session, user: User | None) -> None:
    if user is not None:
        ended = shut_out(session, user)
        detail = f"{ended} of {user.username}, who has no group with a role any more"
        audit.record(session, "session-ended", detail=detail, user=user)
        session.commit()


def _follow(session: Session, user: User, role: Role) -> None:
    try:
        set_role(session, user, role)
    except LastAdministrator:
        session.rollback()  # somebody has to be one


def _parse_roles(text: str) -> dict[str, Role]:
    """`newsroom=editor, desk=publisher`: the names of groups may have spaces."""
    roles: dict[str, Role] = {}
    for pair in text.split(","):
        group, _, role = (part.strip() for part in pair.rpartition("="))
        if not group or role not in set(Role):
            known = ", ".join(Role)
            raise UsageFault(f"OIDC_ROLES has group=role, role being {known}; {pair!r} is none")
        roles[group] = Role(role)
    return roles
