"""Names for a new version of a transcript, proposed from the version before it.

Labels are numbered anew by every run of the diarization, so a label's number says nothing. Two
labels are taken for the same voice when most of their time is common. A proposal changes nothing
until an editor saves it.
"""

import zlib
from collections import defaultdict
from dataclasses import dataclass

from debate_stats import parse_transcript

from debate_webapp.database.models import Person, Transcript

# Below this share of common time a proposal would be a guess.
MINIMUM_SHARE = 0.5

Stretch = tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A person, and the share of the label's time that speaks for them."""

    person: Person
    share: float


def suggest_people(
    transcript: Transcript, before: Transcript | None = None
) -> dict[str, Suggestion]:
    """For each label without a name, whom another version, the previous one, had in its place."""
    before = before or transcript.previous
    names = {s.label: s.person for s in before.speakers if s.person} if before else {}
    if before is None or not names:
        return {}
    unnamed = {s.label for s in transcript.speakers if s.person is None}
    suggestions: dict[str, Suggestion] = {}
    for (label, old), share in _surest(transcript, before):
        if label in unnamed and old in names:
            suggestions.setdefault(label, Suggestion(names[old], share))
    return suggestions


def labels_now(transcript: Transcript, before: Transcript) -> dict[str, str]:
    """For each label of another version the one that has its voice, as far as one does."""
    labels: dict[str, str] = {}
    for (label, old), _share in _surest(transcript, before):
        labels.setdefault(old, label)
    return labels


def _surest(transcript: Transcript, before: Transcript) -> list[tuple[tuple[str, str], float]]:
    """Pairs of labels with most of their time in common, the surest first."""
    shares = common_shares(_speech(transcript), _speech(before))
    found = [pair for pair in shares.items() if pair[1] >= MINIMUM_SHARE]
    return sorted(found, key=lambda pair: -pair[1])


def common_shares(new: list[Stretch], old: list[Stretch]) -> dict[tuple[str, str], float]:
    """For each pair of labels the share of the new one's time in which the old one speaks."""
    common: defaultdict[tuple[str, str], float] = defaultdict(float)
    total: defaultdict[str, float] = defaultdict(float)
    waiting = sorted(old)
    open_: list[Stretch] = []
    for start, end, label in sorted(new):
        total[label] += end - start
        while waiting and waiting[0][0] < end:
            open_.append(waiting.pop(0))
        open_ = [stretch for stretch in open_ if stretch[1] > start]
        for from_, until, other in open_:
            common[label, other] += max(0.0, min(end, until) - max(start, from_))
    return {pair: time / total[pair[0]] for pair, time in common.items() if total[pair[0]]}


def _speech(transcript: Transcript) -> list[Stretch]:
    speech = parse_transcript(zlib.decompress(transcript.artefact.body)).speech
    return list(zip(speech.start.tolist(), speech.end.tolist(), speech.label, strict=True))
