"""Who speaks in a debate, as pages show it: one voice per person, one per label without a name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from debate_webapp.database.models import Person, Segment, Speaker, is_uncertain
from debate_webapp.editing.corrected import Effective, Part
from debate_webapp.incoming.artefact import UNKNOWN

COLOURS = 12


class PersonRow(NamedTuple):
    """A person as readers meet them: columns of `models.Person`."""

    id: int
    slug: str
    name: str


class SpeakerRow(NamedTuple):
    """A label and who it is: the columns of `models.Speaker`."""

    label: str
    colour: int
    version: int
    person: PersonRow | None


class SegmentRow(NamedTuple):
    """A segment as it is read: the columns of `models.Segment` without what an edit needs."""

    id: int
    source_id: str
    start: float
    end: float
    label: str
    text: str
    confidence: float | None
    speaker_confidence: float | None
    overlap: bool
    person_id: int | None
    reviewed: bool
    removed: bool
    version: int
    # Taken apart only where it is asked for.
    parts: Sequence[list[Any]] = ()

    @property
    def uncertain(self) -> bool:
        """As `models.Segment.uncertain`."""
        return is_uncertain(self.confidence, self.speaker_confidence)


@dataclass(frozen=True, slots=True)
class Voice:
    """A row of a chart, a name beside a segment.

    `key` is a label or `person:<slug>`, so the two never meet.
    """

    key: str
    name: str
    initials: str
    colour: int
    slug: str | None
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """All voices of a debate in order of appearance, and how to find the one of a segment.

    `speakers` are the labels that they were made of, in order of colour.
    """

    speakers: tuple[Speaker | SpeakerRow, ...]
    voices: tuple[Voice, ...]
    by_label: dict[str, Voice]
    by_person: dict[int, Voice]

    def of(self, segment: Segment | SegmentRow) -> Voice:
        """A segment's own person wins over what its label says."""
        own = self.by_person.get(segment.person_id) if segment.person_id else None
        return own or self.by_label[segment.label]

    @property
    def people(self) -> list[PersonRow]:
        """Those of the voices that have a name."""
        return [PersonRow(key, str(v.slug), v.name) for key, v in self.by_person.items()]


def compute_cast(
    speakers: Iterable[Speaker | SpeakerRow], overrides: Sequence[Person | PersonRow] = ()
) -> Cast:
    """Voices from the labels; two labels of one person become one, in the first one's colour."""
    rows = sorted(speakers, key=lambda speaker: speaker.colour)
    voices: dict[str, Voice] = {}
    for speaker in rows:
        key = _key(speaker.person) if speaker.person else speaker.label
        known = voices.get(key)
        labels = (*known.labels, speaker.label) if known else (speaker.label,)
        colour = known.colour if known else speaker.colour % COLOURS
        voices[key] = _voice(key, speaker.person, labels, colour)
    for person in overrides:
        if _key(person) not in voices:
            voices[_key(person)] = _voice(_key(person), person, (), len(voices) % COLOURS)
    by_label = {label: voice for voice in voices.values() for label in voice.labels}
    people = [*(s.person for s in rows if s.person), *overrides]
    by_person = {person.id: voices[_key(person)] for person in people}
    return Cast(tuple(rows), tuple(voices.values()), by_label, by_person)


def label_voices(cast: Cast) -> dict[str, Voice]:
    """The voice of each label; a person whom only single segments name gets a label of their own.

    New labels follow the contract and the highest number in use.
    """
    numbers = [int(label[8:]) for label in cast.by_label if re.fullmatch(r"SPEAKER_\d+", label)]
    strangers = [voice for voice in cast.voices if not voice.labels]
    fresh = {f"SPEAKER_{at:02}": v for at, v in enumerate(strangers, max(numbers, default=-1) + 1)}
    return cast.by_label | fresh


def effective_segments(segments: Iterable[SegmentRow], cast: Cast) -> list[Effective]:
    """Each segment as it counts today, by the labels of `label_voices`."""
    first = {voice.key: label for label, voice in reversed(label_voices(cast).items())}
    return [
        Effective(
            segment.text,
            _label(segment, cast.of(segment), first),
            segment.start,
            segment.end,
            tuple(Part(*part) for part in segment.parts),
        )
        for segment in segments
    ]


def _label(segment: SegmentRow, voice: Voice, first: dict[str, str]) -> str:
    return segment.label if segment.label in voice.labels else first[voice.key]


def label_name(label: str) -> str:
    """`SPEAKER_03` for reading: `Speaker 03`."""
    if label == UNKNOWN:
        return "Unknown voice"
    return label.replace("_", " ").capitalize()


def initials_of(name: str) -> str:
    """Two characters at most: of the first and the last word, or a label's number."""
    number = re.search(r"\d+$", name)
    if number:
        return number.group()[-2:]
    words = name.split()
    if words == ["Unknown", "voice"]:
        return "?"
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _voice(
    key: str, person: Person | PersonRow | None, labels: tuple[str, ...], colour: int
) -> Voice:
    name = person.name if person else label_name(labels[0])
    return Voice(key, name, initials_of(name), colour, person.slug if person else None, labels)


def _key(person: Person | PersonRow) -> str:
    return f"person:{person.slug}"
