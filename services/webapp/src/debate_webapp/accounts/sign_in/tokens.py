"""Tokens by which programs come in, in the name of whoever made them."""

import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta

from debate_contract.errors import BadInput
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.accounts.roles import SCOPES, Permission, permissions_of
from debate_webapp.accounts.sign_in.sessions import digest_of
from debate_webapp.database.base import now
from debate_webapp.database.models import ApiToken, User

# By it a token is known for one wherever it is left lying.
PREFIX = "debate_"
DAYS = (7, 30, 90, 365)
# Of one account.
MOST = 20
# That it is used is recorded so often; what is done with it, always.
RECORDED_EVERY = timedelta(hours=1)


def make(session: Session, user: User, name: str, scopes: Collection[Permission], days: int) -> str:
    """A new token, which is kept nowhere; raises BadInput. The caller commits.

    It may do what its scopes say, and of that only what its owner may at the time.
    """
    name = " ".join(name.split())
    if not name or len(name) > 80 or not name.isprintable():
        raise BadInput("a token's name has 1 to 80 printable characters; it says what uses it")
    if not scopes or not set(scopes) <= permissions_of(user.role).intersection(SCOPES):
        raise BadInput("a token may do one thing at least, and nothing that its owner may not")
    if days not in DAYS:
        raise BadInput(f"a token lasts {', '.join(map(str, DAYS))} days")
    session.execute(delete(ApiToken).where(ApiToken.expires_at <= now()))
    if len(list_tokens(session, user)) >= MOST:
        raise BadInput(f"an account has {MOST} tokens at most; revoke one that nothing uses")
    secret = PREFIX + secrets.token_urlsafe(32)
    kept = ApiToken(
        user_id=user.id,
        digest=digest_of(secret),
        name=name,
        scopes=" ".join(one for one in SCOPES if one in scopes),
        expires_at=now() + timedelta(days=days),
    )
    session.add(kept)
    audit.record(session, "token-made", detail=f"{name}: {kept.scopes}")
    return secret


def find(session: Session, secret: str) -> ApiToken | None:
    """The token with its owner, while both may be used."""
    own = select(ApiToken).where(ApiToken.digest == digest_of(secret), ApiToken.expires_at > now())
    found = session.scalars(own).one_or_none()
    return None if found is None or found.user.suspended_at is not None else found


def permissions_of_token(token: ApiToken) -> frozenset[Permission]:
    """What may be done with it now."""
    scopes = token.scopes.split()
    return frozenset(one for one in permissions_of(token.user.role) if one in scopes)


def list_tokens(session: Session, user: User) -> Sequence[ApiToken]:
    """Those of a user, the newest first."""
    own = select(ApiToken).where(ApiToken.user_id == user.id)
    return session.scalars(own.order_by(ApiToken.id.desc())).all()


def revoke(session: Session, user: User, number: int) -> bool:
    """End one of a user's tokens; whether there was one. The caller commits."""
    found = session.get(ApiToken, number)
    if found is None or found.user_id != user.id:
        return False
    audit.record(session, "token-revoked", detail=found.name)
    session.delete(found)
    return True


def note_use(session: Session, token: ApiToken) -> None:
    """Enter that it is used now; the caller commits."""
    session.execute(update(ApiToken).where(ApiToken.id == token.id).values(used_at=now()))
    if token.used_at is None or token.used_at < now() - RECORDED_EVERY:
        audit.record(session, "token-used")
