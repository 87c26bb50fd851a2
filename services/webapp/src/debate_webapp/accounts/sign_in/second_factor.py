"""The second factor: codes of six digits that a phone makes (RFC 6238), and codes to recover by."""

import base64
import hashlib
import logging
import secrets
import time
from hmac import compare_digest
from typing import TYPE_CHECKING

import pyotp
import segno
from sqlalchemy import CursorResult, delete, insert, update
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.accounts.sign_in.sessions import digest_of
from debate_webapp.database.models import RecoveryCode, User

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_log = logging.getLogger(__name__)

STEP = 30  # seconds
# Steps by which a phone's clock may be wrong.
DRIFT = 1
RECOVERY_CODES = 10


def new_secret() -> str:
    """What a phone and the site share, in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, username: str) -> str:
    """The secret as phones take it over."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="Debate Analyzer")


def picture_of(address: str) -> str:
    """The address as a picture to photograph, an SVG in a data: address."""
    return str(segno.make(address, micro=False).svg_data_uri(scale=5, light="white"))


def step_of(secret: str, code: str, at: float) -> int | None:
    """The time step of which a code is, near a time in seconds; None for a wrong one."""
    typed = "".join(code.split()).encode()
    steps = range(int(at) // STEP - DRIFT, int(at) // STEP + DRIFT + 1)
    totp = pyotp.TOTP(secret)
    found = [step for step in steps if compare_digest(totp.generate_otp(step).encode(), typed)]
    return found[-1] if found else None


def turn_on(session: Session, user: User, secret: str, code: str, key: str) -> list[str] | None:
    """Ask this user for codes from now on; their recovery codes, None for a wrong code.

    The caller commits. `key` encrypts what is kept.
    """
    step = step_of(secret, code, time.time())
    if step is None:
        return None
    user.code_secret, user.code_step = _cipher(key).encrypt(secret.encode()).decode(), step
    codes = [f"{secrets.token_hex(4)}-{secrets.token_hex(4)}" for _ in range(RECOVERY_CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    rows = [{"user_id": user.id, "digest": digest_of(one)} for one in codes]
    session.execute(insert(RecoveryCode), rows)
    audit.record(session, "factor-on", user=user)
    return codes


def turn_off(session: Session, user: User) -> None:
    """Ask this user for no codes any more. The caller commits."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    if user.code_secret is not None:
        audit.record(session, "factor-off", detail=user.username)
    user.code_secret = None


def use_code(session: Session, user: User, code: str, key: str) -> bool:
    """Whether a code is right and was not used before, two at once included; commits.

    Of codes to recover by each is used up.
    """
    right = _use_step(session, user, code, key) or _use_recovery(session, user, code)
    session.commit()
    return right


def _cipher(key: str) -> "Fernet":
    """Who has the database alone has no codes."""
    from cryptography.fernet import Fernet

    digest = hashlib.sha256(b"second factor\0" + key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def _use_step(session: Session, user: User, code: str, key: str) -> bool:
    """The row says which step was used last; whoever raises it has used the code."""
    secret = _secret_of(user, key)
    step = step_of(secret, code, time.time()) if secret else None
    if step is None:
        return False
    newer = update(User).where(User.id == user.id, User.code_step < step).values(code_step=step)
    return _is_one(session.execute(newer))


def _secret_of(user: User, key: str) -> str | None:
    """What the phone shares; None under another SECRET_KEY, and then recovery codes still do."""
    from cryptography.fernet import InvalidToken

    try:
        return _cipher(key).decrypt(str(user.code_secret).encode()).decode()
    except InvalidToken:
        _log.warning("SECRET_KEY changed: no phone's codes fit any more; recovery codes do")
        return None


def _use_recovery(session: Session, user: User, code: str) -> bool:
    typed = digest_of("".join(code.split()).lower())
    own = (RecoveryCode.user_id == user.id, RecoveryCode.digest == typed)
    used = _is_one(session.execute(delete(RecoveryCode).where(*own)))
    if used:
        audit.record(session, "recovery-code-used", user=user)
    return used


def _is_one(done: object) -> bool:
    return isinstance(done, CursorResult) and done.rowcount == 1
