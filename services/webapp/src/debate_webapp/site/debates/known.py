"""Whom the voices of a debate sound like, for editors; and who is not to be known by theirs."""

from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from flask import Blueprint, Flask, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from debate_webapp.accounts.roles import Permission
from debate_webapp.database.engine import session
from debate_webapp.database.models import Person, Transcript
from debate_webapp.reading import people, queries
from debate_webapp.reading.known_voices import (
    KnownVoice,
    find_known_voices,
    keep_voices,
    know_again,
)
from debate_webapp.reading.voices import Cast, SpeakerRow, Voice
from debate_webapp.settings import Settings
from debate_webapp.site.auth.guard import needs
from debate_webapp.site.debates.forms import KnownAgainForm, SpeakerForm
from debate_webapp.site.debates.page import find_sample
from debate_webapp.site.pages import current_store

blueprint = Blueprint("known", __name__)


def init_known_voices(app: Flask, settings: Settings) -> None:
    """Give the application the switch."""
    app.config["KNOWS_VOICES"] = settings.knows_voices


def knows_voices() -> bool:
    """Whether this site compares voices at all (KNOWN_VOICES)."""
    return bool(current_app.config["KNOWS_VOICES"])


@dataclass(frozen=True, slots=True)
class Proposal:
    """A label without a name, whom it sounds like, and seconds of both to compare by ear."""

    speaker: SpeakerRow
    voice: Voice
    sample: tuple[float, float] | None
    known: KnownVoice
    person: Person
    debate: Transcript
    excerpt: tuple[float, float] | None


@blueprint.get("/debates/<int:transcript_id>/known-voices")
@needs(Permission.EDIT)
def known_voices(transcript_id: int) -> ResponseReturnValue:
    """The voices without a name, and who of other debates sounds like them."""
    transcript = _transcript(transcript_id)
    proposals = _proposals(transcript)
    return render_template(
        "debates/known_voices.html",
        transcript=transcript,
        proposals=proposals,
        people=people.choices_of(session(), [one.person for one in proposals]),
        form=SpeakerForm(formdata=None),
        token=lambda: token_hex(8),
    )


@blueprint.get("/api/v1/transcripts/<int:transcript_id>/known-voices")
@needs(Permission.EDIT)
def known_voices_json(transcript_id: int) -> ResponseReturnValue:
    """The same for programs."""
    return {"voices": [_json(one) for one in _proposals(_transcript(transcript_id))]}


@blueprint.post("/people/<slug>/voice/<state>")
@needs(Permission.EDIT)
def voice(slug: str, state: str) -> ResponseReturnValue:
    """Have a person proposed by their voice from now on (`on`), or never (`off`)."""
    person = people.person_by_slug(session(), slug) or abort(404)
    if state not in ("on", "off") or not KnownAgainForm().validate_on_submit():
        abort(400)
    know_again(session(), person, wanted=state == "on")
    flash(
        f"{person.name} is proposed where a voice sounds like theirs."
        if person.known_again
        else f"Deleted: {person.name} is not known by their voice here any more."
    )
    return redirect(url_for("profiles.person", slug=slug), code=303)


def _transcript(transcript_id: int) -> Transcript:
    found = queries.find_transcript(session(), transcript_id, editor=True)
    if not (found and found.counts and knows_voices()):
        abort(404, "There is no such debate, or voices are not compared here.")
    return found


def _proposals(transcript: Transcript) -> list[Proposal]:
    cast = queries.cast_of(session(), transcript)
    own = keep_voices(session(), current_store(), transcript)
    known = find_known_voices(session(), transcript, cast, own)
    return list(_composed(transcript, cast, known)) if known else []


def _composed(
    transcript: Transcript, cast: Cast, known: dict[str, KnownVoice]
) -> Iterator[Proposal]:
    for speaker in cast.speakers:
        if (found := known.get(speaker.label)) is None or not isinstance(speaker, SpeakerRow):
            continue
        yield Proposal(
            speaker=speaker,
            voice=cast.by_label[speaker.label],
            sample=_sample(transcript.id, speaker.label),
            known=found,
            person=session().get_one(Person, found.person_id),
            debate=session().get_one(Transcript, found.transcript_id),
            excerpt=_sample(found.transcript_id, found.label),
        )


def _sample(transcript_id: int, label: str) -> tuple[float, float] | None:
    """Where a label is most surely heard alone."""
    return find_sample(queries.list_segments_of(session(), transcript_id, label))


def _json(one: Proposal) -> dict[str, Any]:
    heard = {"transcript": one.debate.id, "label": one.known.label}
    if one.excerpt:
        heard |= {"start": one.excerpt[0], "end": one.excerpt[1]}
    return {
        "label": one.speaker.label,
        "person": {"slug": one.person.slug, "name": one.person.name},
        "likeness": round(one.known.likeness, 3),
        "debates": one.known.debates,
        "heard": heard,
    }
