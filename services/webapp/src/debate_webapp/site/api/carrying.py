"""Corrections for a newer version: GET and POST /transcripts/{id}/carrying, POST …/count."""

from typing import Any, NoReturn

from flask import abort

from debate_webapp.database.engine import session
from debate_webapp.database.models import Transcript
from debate_webapp.editing.carrying.accepting import accept
from debate_webapp.editing.carrying.proposals import Tally
from debate_webapp.editing.carrying.textual import Correction
from debate_webapp.editing.log import Author
from debate_webapp.errors import StaleVersion
from debate_webapp.reading.versions import does_not_count, find_waiting
from debate_webapp.site.api.shapes import version_json
from debate_webapp.site.debates.versions import left_out, waiting_offer
from debate_webapp.site.pages import problem

CHANGED = "The corrected version has changed since that revision; look at what fits now."


def offer_json(transcript: Transcript) -> dict[str, Any]:
    """What a waiting version can take over; aborts with 409 where it does not wait."""
    offer = waiting_offer(transcript) or _refuse(transcript)
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
    offer = waiting_offer(transcript) or _refuse(transcript)
    chosen = set(wanted) if isinstance(wanted, list) else None
    try:
        accept(session(), transcript, left_out(offer, chosen), author, revision)
    except StaleVersion:
        session().rollback()
        abort(409, CHANGED)


def _refuse(transcript: Transcript) -> NoReturn:
    """Say why a version takes nothing over, and which one does."""
    if not transcript.counts:
        raise does_not_count(session(), transcript)
    waiting = find_waiting(session(), [transcript.key]).get(transcript.key)
    which = "no version waits"
    if waiting is not None:
        which = f"version {waiting.version} waits: /api/v1/transcripts/{waiting.id}"
    detail = f"Version {transcript.version} counts, and takes over nothing; {which}."
    abort(problem(409, "This version does not wait", detail))


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
