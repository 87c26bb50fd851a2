"""Signing in by the house's directory: Authlib speaks OpenID Connect, `directory` says who is what.

State, nonce and the proof of the code (PKCE) are Authlib's, and so is the check of the ID token.
"""

from collections.abc import Mapping
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from debate_webapp.accounts.sign_in.directory import Directory, NotAdmitted, admit
from debate_webapp.database.engine import session
from debate_webapp.site.auth.current import sign_in
from debate_webapp.site.auth.forms import SignInForm
from debate_webapp.site.auth.guard import ANYONE, needs
from debate_webapp.site.auth.steps import next_page
from debate_webapp.site.pages import sentence

blueprint = Blueprint("house", __name__)

# Seconds that the directory has for each answer.
_PATIENCE = 10
_NEXT = "house_next"
_AWAY = "The house's directory cannot be reached just now. Try again in a minute."
_BROKEN_OFF = "Signing in was broken off, or took too long. Try again."


def init_house(app: Flask, directory: Directory | None) -> None:
    """Know the directory, where there is one; its pages are 404 where there is none."""
    app.extensions["debate_directory"] = directory
    app.context_processor(lambda: {"house": directory.name if directory else None})
    if directory is None:
        return
    kwargs = {
        "scope": directory.scopes,
        "code_challenge_method": "S256",
        "default_timeout": _PATIENCE,
    }
    OAuth(app).register(
        "house",
        client_id=directory.client_id,
        client_secret=directory.client_secret,
        server_metadata_url=f"{directory.issuer}/.well-known/openid-configuration",
        client_kwargs=kwargs,
    )


@blueprint.get("/sign-in/house")
@needs(ANYONE)
def go() -> ResponseReturnValue:
    """Off to the directory."""
    client, back = _client(), url_for("house.back", _external=True)
    cookie[_NEXT] = next_page()
    try:
        answer: ResponseReturnValue = client.authorize_redirect(back)
    except (requests.RequestException, ValueError) as error:
        return _problem(_AWAY, error, 503)
    return answer


@blueprint.get("/sign-in/house/back")
@needs(ANYONE)
def back() -> ResponseReturnValue:
    """Back from it: the account of whom it vouches for, made at the first time."""
    client, directory = _client(), current_app.extensions["debate_directory"]
    target = cookie.get(_NEXT) or url_for("debates.index")
    try:
        claims = _claims(client, directory)
    except requests.RequestException as error:
        return _problem(_AWAY, error, 503)
    except (AuthlibBaseError, JoseError, ValueError, KeyError) as error:
        return _problem(_BROKEN_OFF, error, 422)
    try:
        user = admit(session(), directory, claims)
    except NotAdmitted as error:
        session().rollback()
        return _problem(sentence(error), error, 403)
    sign_in(user)
    return redirect(target, code=303)


def _claims(client: Any, directory: Directory) -> Mapping[str, Any]:
    """What the directory says of somebody: in the ID token, their groups where it has them."""
    token = client.authorize_access_token()
    claims: dict[str, Any] = dict(token["userinfo"])
    if directory.groups_claim not in claims:
        more = client.userinfo(token=token)
        if more.get("sub") != claims["sub"]:
            raise ValueError("the directory speaks of somebody else")
        claims |= more
    return claims


def _client() -> Any:
    oauth = current_app.extensions.get("authlib.integrations.flask_client")
    return oauth.house if oauth else abort(404, "This site has no directory to sign in by.")


def _problem(said: str, error: Exception, status: int) -> ResponseReturnValue:
    """What Authlib says of an answer has no secret in it; the address that was asked may have."""
    current_app.logger.warning("sign-in by the directory: %s", type(error).__name__)
    asked = request.args.get("error")
    if asked:
        current_app.logger.warning("the directory says %r", asked[:80])
    return render_template(
        "auth/sign_in.html", form=SignInForm(formdata=None), problem=said
    ), status
