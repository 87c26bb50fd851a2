"""The names of voices: SPEAKER_00, SPEAKER_01, … in the order in which they are first heard."""

from collections.abc import Mapping, Sequence

from debate_transcriber.engines.speech import Turn

Labels = dict[str, str]  # an engine's label to ours


def labels_by_appearance(turns: Sequence[Turn]) -> Labels:
    """Our label of each of the engine's."""
    names: Labels = {}
    for turn in sorted(turns, key=lambda turn: (turn.start, turn.end, turn.label)):
        names.setdefault(turn.label, f"SPEAKER_{len(names):02d}")
    return names


def renamed(turns: Sequence[Turn], names: Mapping[str, str]) -> list[Turn]:
    """The same turns under our labels."""
    return [Turn(turn.start, turn.end, names[turn.label]) for turn in turns]
