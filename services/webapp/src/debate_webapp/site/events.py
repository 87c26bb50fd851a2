"""Where AWS says that a job has ended: EventBridge's API destination calls it, and nobody else.

API destinations sign no body ("Connections for HTTP endpoint targets" in the EventBridge user
guide); they carry a secret in a header, over HTTPS. So it is compared here, and of the event only
the place of a transcript is believed, which has to lie in the store.
"""

import hmac

from flask import Blueprint, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from debate_webapp.database.engine import session
from debate_webapp.incoming.jobs.arrival import arrive
from debate_webapp.incoming.jobs.event import parse_event
from debate_webapp.incoming.jobs.sentences import Sentences
from debate_webapp.site.auth.guard import KEY, needs
from debate_webapp.site.pages import current_store
from debate_webapp.submitting.away.news import hear

blueprint = Blueprint("events", __name__)
HEADER = "X-Event-Key"


@blueprint.post("/events/batch")
@needs(KEY)
def batch_event() -> ResponseReturnValue:
    """Register what a job made, or keep why it failed: 200 with how many debates are new.

    What can pass is 503, which EventBridge tries again; what cannot is 4xx, and goes to its queue
    of dead letters.
    """
    _check_key()
    store = current_store()
    event = parse_event(_body(), store.root)
    sentences: Sentences = current_app.extensions["debate_sentences"]
    arrived = arrive(session(), store, event, sentences)
    hear(session(), event, arrived)
    return jsonify(registered=arrived.new)


def _body() -> object:
    try:
        return request.get_json(silent=True)
    except RecursionError:  # nested too deep
        return None


def _check_key() -> None:
    expected = current_app.config["EVENT_KEY"]
    given = request.headers.get(HEADER, "")
    if not (expected and hmac.compare_digest(given.encode(), expected.encode())):
        abort(403, "This address is for AWS, which knows a key.")
