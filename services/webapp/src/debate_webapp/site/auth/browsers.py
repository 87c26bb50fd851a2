"""Marks of browsers in which an account has signed in before, kept by them in a signed cookie.

With one of these the guesses of others shut nobody out (`accounts.brake`).
"""

import hashlib
import secrets
from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from debate_webapp.accounts.users import name_key

_COOKIE = "debate_browser"
_LASTS = int(timedelta(days=365).total_seconds())
# Of accounts that share a browser; the one that signed in longest ago gives way.
_MOST = 5


def mark_for(username: str) -> str | None:
    """This browser's mark of the account of that name."""
    return _marks().get(_key(username))


def leave_mark(response: Response, username: str) -> None:
    """Have the browser keep that this account signed in."""
    marks, key = _marks(), _key(username)
    mark = marks.pop(key, None) or secrets.token_urlsafe(9)
    kept = dict([*marks.items(), (key, mark)][-_MOST:])
    response.set_cookie(
        _COOKIE,
        _signer().dumps(kept),
        max_age=_LASTS,
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
    )


def _marks() -> dict[str, str]:
    try:
        kept = _signer().loads(request.cookies.get(_COOKIE, ""), max_age=_LASTS)
    except BadSignature:
        return {}
    return kept if isinstance(kept, dict) else {}


def _key(username: str) -> str:
    return hashlib.sha256(name_key(username).encode("utf-8", "replace")).hexdigest()[:16]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="browser")
