"""Rows as the JSON the API answers with."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from debate_webapp.database.models import Edit, Person, Segment, Speaker, Transcript
from debate_webapp.editing.log import read_states
from debate_webapp.reading.figures import Figures
from debate_webapp.reading.people import slug_of
from debate_webapp.reading.rows import DebateRow
from debate_webapp.reading.voices import Cast, PersonRow, SegmentRow, SpeakerRow, Voice


def transcript_json(
    transcript: DebateRow,
    instead: DebateRow | None,
    speakers: Sequence[SpeakerRow],
    uri: str | None,
) -> dict[str, Any]:
    """A transcript without its segments; `uri` is None for those who may not know the store.

    `instead` is the version that replaced it.
    """
    return {
        "id": transcript.id,
        "uri": uri,
        "version": transcript.version,
        "counts": transcript.counts,
        "superseded": instead is not None,
        "superseded_by": version_json(instead),
        "revision": transcript.revision,
        "published": transcript.published,
        "title": transcript.title,
        "source": transcript.source_url,
        "recorded_on": transcript.recorded_on,
        "duration": transcript.duration,
        "language": transcript.language,
        "quality": transcript.quality,
        "digest": transcript.digest,
        "media": f"/api/v1/media/{transcript.id}" if transcript.media_key else None,
        "speakers": [speaker_json(speaker) for speaker in speakers],
    }


def version_json(transcript: Transcript | DebateRow | None) -> dict[str, Any] | None:
    """Which version of a debate, and its page."""
    if transcript is None:
        return None
    page = f"/debates/{transcript.id}"
    return {"id": transcript.id, "version": transcript.version, "page": page}


def speaker_json(speaker: Speaker | SpeakerRow) -> dict[str, Any]:
    """A label and who it is."""
    return {
        "label": speaker.label,
        "person": person_json(speaker.person) if speaker.person else None,
        "colour": speaker.colour,
        "version": speaker.version,
    }


def person_json(person: Person | PersonRow) -> dict[str, Any]:
    """A person."""
    return {"slug": person.slug, "name": person.name}


def voice_json(voice: Voice) -> dict[str, Any]:
    """Somebody who speaks: `key` is the person's slug, or without a name the label."""
    return {
        "key": _public_key(voice),
        "name": voice.name,
        "initials": voice.initials,
        "person": voice.slug,
        "labels": list(voice.labels),
        "colour": voice.colour,
    }


def segment_json(segment: Segment | SegmentRow, cast: Cast) -> dict[str, Any]:
    """A segment as it stands now."""
    voice = cast.of(segment)
    return {
        "id": segment.id,
        "start": segment.start,
        "end": segment.end,
        "speaker": segment.label,
        "person": voice.slug,
        "name": voice.name,
        "own_person": _own_person(segment, cast),
        "text": segment.text,
        "confidence": segment.confidence,
        "speaker_confidence": segment.speaker_confidence,
        "uncertain": segment.uncertain,
        "overlap": segment.overlap,
        "reviewed": segment.reviewed,
        "removed": segment.removed,
        "version": segment.version,
    }


def _own_person(segment: Segment | SegmentRow, cast: Cast) -> str | None:
    """Of a row that was merged away nobody may be left in the cast."""
    own = cast.by_person.get(segment.person_id) if segment.person_id else None
    return own.slug if own else None


def author_json(edit: Edit | None) -> dict[str, Any]:
    """Who made an edit, and when (RFC 3339)."""
    if edit is None:
        return {"by": None, "at": None}
    return {"by": edit.user.username, "at": edit.at.isoformat()}


def undo_json(edit: Edit | None) -> dict[str, Any] | None:
    """What an undo would take back next, or a redo do again, and the rows it would change."""
    if edit is None:
        return None
    arguments = edit.arguments
    return {
        "command": edit.command,
        "segment": arguments["segment"],
        "segments": list(read_states(arguments)),
    }


def figures_json(figures: Figures) -> dict[str, Any]:
    """Every figure under today's names; keys are those of `voice_json`."""
    voices = {row.voice.key: row.voice for row in figures.rows}
    statistics = asdict(figures.statistics)
    for speaker in statistics["speakers"]:
        voice = voices[speaker["speaker_id_in_transcript"]]
        speaker.update(
            speaker_id_in_transcript=_public_key(voice), name=voice.name, person=voice.slug
        )
    for pair in statistics["interactions"]:
        for end in ("from_speaker", "to_speaker"):
            pair[end] = _public_key(voices[pair[end]])
    seconds = statistics["floor_time"]["seconds"]
    statistics["floor_time"]["seconds"] = {
        _public_key(voices[key]): values for key, values in seconds.items()
    }
    return statistics


def _public_key(voice: Voice) -> str:
    """The slug, else the label: one that reads like a slug may be another voice's."""
    if voice.slug:
        return voice.slug
    label = voice.labels[0]
    return f"label:{label}" if label == slug_of(label) else label
