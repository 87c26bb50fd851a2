"""People with accounts: found, added, given another role or password, suspended."""

import unicodedata
from collections.abc import Sequence

from debate_contract.errors import BadInput, InputNotFound
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.accounts.roles import Role
from debate_webapp.accounts.sign_in import sessions
from debate_webapp.accounts.sign_in.passwords import hash_password
from debate_webapp.database.base import now
from debate_webapp.database.engine import begin_writing
from debate_webapp.database.models import ApiToken, OneTimeLink, User


class LastAdministrator(BadInput):
    """Without them nobody could manage accounts any more."""

    def __init__(self, username: str) -> None:
        super().__init__(
            f"{username} is the only administrator; make somebody else one first,"
            " else nobody could manage accounts"
        )


def name_key(username: str) -> str:
    """What is the same for all that people type for one name.

    Telephones begin it with a capital and end it with a blank, and keyboards differ in how they
    write an accent.
    """
    folded = unicodedata.normalize("NFKC", username).strip().casefold()
    return unicodedata.normalize("NFKC", folded)


def find_user(session: Session, username: str) -> User | None:
    """The account of this name, however it is typed.

    Of two that were made when it made a difference, each is found by its own spelling only.
    """
    alike = _alike(session, username)
    found = [name for name in alike if name == username] or alike
    own = select(User).where(User.username == found[0]) if len(found) == 1 else None
    return None if own is None else session.scalars(own).one_or_none()


def get_user(session: Session, username: str) -> User:
    """The account of this name; raises InputNotFound."""
    found = find_user(session, username)
    if found is None:
        raise InputNotFound(f"there is no account called {username}")
    return found


def list_users(session: Session) -> Sequence[User]:
    """Everybody with an account, by name."""
    return session.scalars(select(User).order_by(User.username)).all()


def has_accounts(session: Session) -> bool:
    """Whether anyone can sign in."""
    return session.scalars(select(User.id).limit(1)).first() is not None


def add_user(
    session: Session,
    username: str,
    role: Role,
    password: str = "",
    subject: str | None = None,
    *,
    how: str = "",
) -> User:
    """Make an account; raises BadInput for a name or a password that cannot be, or a name taken.

    Without a password nobody signs in to it but by the directory's `subject`. The audit says `how`
    it came to be. The caller commits.
    """
    username = unicodedata.normalize("NFC", username).strip()
    if not username or len(username) > 80 or not username.isprintable():
        raise BadInput("a username has 1 to 80 printable characters")
    taken = BadInput(f"there is an account called {username} already")
    kept = "" if subject and not password else hash_password(password)
    if _alike(session, username):
        raise taken
    user = User(username=username, role=role, password_hash=kept, subject=subject)
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:  # another one of this name, at the same moment
        session.rollback()
        raise taken from error
    _record_of(session, "account-added", user, username, role, how)
    return user


def set_password(
    session: Session, user: User, password: str, *, keep: str | None = None, how: str = ""
) -> None:
    """Give an account another password and end its sessions, but that of the digest `keep`.

    Links for yet another password end as well: whoever has one may not be its owner. The audit says
    `how`. Raises UnusablePassword. The caller commits.
    """
    user.password_hash = hash_password(password)
    sessions.end_all(session, user, keep=keep)
    _end_resets(session, user)
    _record_of(session, "password-changed", user, user.username, how)


def set_role(session: Session, user: User, role: Role) -> None:
    """Give an account another role; raises LastAdministrator. The caller commits."""
    _keep_an_administrator(session, user, stays=role is Role.ADMINISTRATOR)
    if user.role != role:
        _end_links_by(session, user)
        audit.record(session, "role-changed", detail=f"{user.username}: {user.role} to {role}")
        user.role = role


def suspend(session: Session, user: User) -> None:
    """Let nobody in by this account, and end what lets somebody in now. The caller commits.

    Raises LastAdministrator. Tokens are gone for good.
    """
    _keep_an_administrator(session, user, stays=False)
    if user.suspended_at is None:
        _end_resets(session, user)
        user.suspended_at = now()
        audit.record(session, "account-suspended", detail=user.username)
    shut_out(session, user)


def shut_out(session: Session, user: User) -> int:
    """End all that lets somebody in now: sessions, of which it says how many, tokens, own links."""
    _end_links_by(session, user)
    session.execute(delete(ApiToken).where(ApiToken.user_id == user.id))
    return sessions.end_all(session, user)


def restore(session: Session, user: User) -> None:
    """Let a suspended account in again. The caller commits."""
    if user.suspended_at is not None:
        user.suspended_at = None
        audit.record(session, "account-restored", detail=user.username)


def _record_of(session: Session, action: str, user: User, *about: str) -> None:
    """Put it down to who acts; to the account's owner where a link or the directory let them in."""
    detail = ", ".join(filter(None, about))
    audit.record(session, action, detail=detail, user=audit.if_stranger(session, user))


def _alike(session: Session, username: str) -> list[str]:
    """The names of accounts that people would take for this one."""
    key = name_key(username)
    return [name for name in session.scalars(select(User.username)) if name_key(name) == key]


def _end_resets(session: Session, user: User) -> None:
    session.execute(delete(OneTimeLink).where(OneTimeLink.user_id == user.id))


def _end_links_by(session: Session, user: User) -> None:
    """Who administers no more may have kept a link, and would come back as whatever they like."""
    session.execute(delete(OneTimeLink).where(OneTimeLink.maker_id == user.id))


def _keep_an_administrator(session: Session, user: User, *, stays: bool) -> None:
    """Two who demote each other at once wait for one another here."""
    begin_writing(session)
    active = (User.role == Role.ADMINISTRATOR, User.suspended_at.is_(None))
    administrators = session.scalars(
        select(User).where(*active).order_by(User.id).with_for_update()
    ).all()
    session.refresh(user)
    if not stays and administrators == [user]:
        raise LastAdministrator(user.username)
