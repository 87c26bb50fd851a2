"""From windows and their speakers' voices back to time."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.campplus.voices.clustering import Labels
from debate_transcriber.engines.campplus.voices.pieces import PIECE
from debate_transcriber.engines.campplus.windows import FRAME_SPAN, FRAME_STEP, Activity
from debate_transcriber.engines.speech import Turn

MOST_AT_ONCE = 2  # the network's classes have no more

Chosen = NDArray[np.bool_]  # [frames, voices]


def heard(
    activity: Activity, labels: Labels, first_frames: NDArray[np.int64], voices: int
) -> tuple[Chosen, Chosen]:
    """Whether a voice is heard at a frame, [frames, voices]: with overlaps, and one at a time.

    So many voices as the windows count on average, those that most windows hear.
    """
    frames = activity.shape[1]
    votes = np.zeros((first_frames[-1] + frames, voices), np.uint8)
    talking = np.zeros(len(votes), np.uint16)
    seen = np.zeros(len(votes), np.uint16)
    for window, speakers, first in zip(activity, labels, first_frames, strict=True):
        span = slice(first, first + frames)
        for voice in np.unique(speakers[speakers >= 0]):
            votes[span, voice] += window[:, speakers == voice].any(1)
        talking[span] += window.sum(1, dtype=np.uint16)
        seen[span] += 1
    number = np.rint(talking / np.maximum(seen, 1))
    return _loudest(votes, number), _loudest(votes, np.minimum(number, 1))


def _loudest(votes: NDArray[np.uint8], number: NDArray[np.floating]) -> Chosen:
    """So many voices of each frame as `number` says, those with most votes, none without."""
    chosen = np.zeros(votes.shape, np.bool_)
    if votes.shape[1] == 0:
        return chosen
    left, rows = votes.copy(), np.arange(len(votes))
    for rank in range(MOST_AT_ONCE):
        best = left.argmax(1)
        chosen[rows, best] |= (number > rank) & (left[rows, best] > 0)
        left[rows, best] = 0
    return chosen


def move_pieces(both: Chosen, one: Chosen, before: Labels, after: Labels) -> None:
    """Give the frames in which a piece's voice is heard alone to the voice that it has become."""
    last = len(both)
    for piece in np.flatnonzero(before != after):
        edges = np.rint(np.array([piece, piece + 1]) * PIECE / FRAME_STEP).astype(np.int64)
        span = np.arange(*np.minimum(edges, last))
        old, new = before[piece], after[piece]
        alone = span[both[span, old] & (both[span].sum(1) == 1)]
        for chosen in (both, one):
            chosen[alone, old], chosen[alone, new] = False, True


def turns_of(chosen: Chosen, duration: float) -> list[Turn]:
    """Turns in order, none past the end; labels are the voices' numbers."""
    turns = []
    for voice in range(chosen.shape[1]):
        edges = np.flatnonzero(np.diff(np.r_[0, chosen[:, voice].astype(np.int8), 0]))
        for start, end in (edges.reshape(-1, 2) * FRAME_STEP + FRAME_SPAN / 2).tolist():
            if start < duration:
                turns.append(Turn(start, min(end, duration), str(voice)))
    return in_order(turns)


def in_order(turns: Sequence[Turn]) -> list[Turn]:
    """By start, the shorter first."""
    return sorted(turns, key=lambda turn: (turn.start, turn.end, turn.label))
