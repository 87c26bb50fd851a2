"""For load balancers: whether the server answers."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from debate_webapp.database.engine import session
from debate_webapp.site.auth.guard import ANYONE, needs

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
@needs(ANYONE)
def livez() -> ResponseReturnValue:
    """Whether the server answers; a database that is away is no reason to start another server."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/healthz")
@needs(ANYONE)
def healthz() -> ResponseReturnValue:
    """Whether the server answers and reaches its database."""
    session().execute(text("SELECT 1"))
    return Response("ok\n", mimetype="text/plain")
