"""Passwords: how they are kept and compared, and which are refused."""

import secrets

from debate_contract.errors import BadInput
from werkzeug.security import check_password_hash, generate_password_hash

MIN_PASSWORD = 12
MAX_PASSWORD = 200
# Checked where there is nothing to check, so that an answer takes as long as for a known name.
_NOBODY = generate_password_hash(secrets.token_hex(16))


class UnusablePassword(BadInput):
    """A password that is too short or too long."""

    def __init__(self) -> None:
        super().__init__(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters")


def hash_password(password: str) -> str:
    """What is kept of it (scrypt, with a salt of its own); raises UnusablePassword."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise UnusablePassword
    return generate_password_hash(password)


def is_right(kept: str | None, password: str) -> bool:
    """Whether it is the password of which `kept` was made; as slow where nothing was."""
    right = check_password_hash(kept or _NOBODY, password)
    return right and bool(kept)
