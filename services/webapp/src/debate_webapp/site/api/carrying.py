"""Corrections for a newer version: GET and POST /transcripts/{id}/carrying, POST …/count."""

from typing import Any

from flask import abort

from debate_webapp.database.engine import session
from debate_webapp.database.models import Transcript
from debate_webapp.editing.carrying.accepting import accept
from debate_webapp.editing.carrying.proposals import Offer, Tally
from debate_webapp.editing.carrying.textual import Correction
from debate_webapp.editing.log import Author
from debate_webapp.errors import StaleVersion
from debate_webapp.site.api.shapes import version_json
from debate_webapp.site.debates.versions import left_out, waiting_offer

DECIDED = "This version does not wait: which one counts is decided already."
CHANGED = "The corrected version has changed since that revision; look at what fits now."


def offer_json(transcript: Transcript) -> dict[str, Any]:
    """What a waiting version can take over; aborts with 409 where it does not wait."""
    offer = waiting_offer(transcript) or abort(409, DECIDED)
    return {
        "from": version_json(offer.before),
        "revision": offer.before.revision,
        "counts": {
            "corrections": _tally_json(offer.edits),
            "names": _tally_json(offer.names),
            "reviewed": _tally_json(offer.marks),
        },
        "corrections": [_correction_json(one) for one in offer.corrections],
    }


def carry_over(transcript: Transcript, body: dict[str, Any], author: Author) -> None:
    """Carry over what a body asks for; aborts with 400, or with 409 as `offer_json`."""
    wanted, revision = body.get("corrections"), body.get("revision")
    if revision is not None and type(revision) is not int:
        abort(400, "`revision` is a whole number, as the list of corrections had it.")
    listed = isinstance(wanted, list) and all(isinstance(one, str) for one in wanted)
    if wanted != "all" and not listed:
        abort(400, '`corrections` is "all", or a list of ids of those that fit.')
    offer: Offer | None = waiting_offer(transcript)
    if offer is None:
        abort(409, DECIDED)
    chosen = set(wanted) if isinstance(wanted, list) else None
    try:
        accept(session(), transcript, left_out(offer, chosen), author, revision)
    except StaleVersion:
        session().rollback()
        abort(409, CHANGED)


def _tally_json(tally: Tally) -> dict[str, int]:
    return {
        "total": tally.total,
        "fits": tally.fits,
        "there": tally.there,
        "not": tally.misfits,
    }


def _correction_json(one: Correction) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "start": one.start,
        "end": one.end,
        "lead": one.lead,
        "before": one.before,
        "after": one.after,
        "trail": one.trail,
        "now": one.now,
        "outcome": one.fit.outcome.value,
        "why": one.fit.why,
    }
