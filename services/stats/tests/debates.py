"""Generated debates for the property tests: times are whole milliseconds."""

from hypothesis import strategies as st
from timelines import transcript

NAMES = ("SPEAKER_00", "SPEAKER_01", "SPEAKER_02", "SPEAKER_03")

# Lengths around the thresholds (0.5 s and 1 s) are what the definitions turn on.
_LENGTHS = st.one_of(st.integers(1, 4000), st.sampled_from([499, 500, 501, 999, 1000, 1001]))
_GAPS = st.one_of(st.integers(-2500, 2000), st.sampled_from([0, 499, 500, 501, -1]))


@st.composite
def interval_lists(draw, names=NAMES, max_size=14):
    """[(speaker, start_ms, end_ms)], each start near the end of the one before."""
    found, at = [], 0
    for _ in range(draw(st.integers(0, max_size))):
        start = max(0, at + draw(_GAPS))
        end = start + draw(_LENGTHS)
        found.append((draw(st.sampled_from(names)), start, end))
        at = end
    return found


@st.composite
def transcripts(draw, names=NAMES):
    """A whole transcript: a segment per interval, with up to six timed words in each."""
    segments = []
    for speaker, start, end in draw(interval_lists(names)):
        count = min(draw(st.integers(0, 6)), end - start)
        segments.append(_segment(speaker, start, end, count, draw(st.sampled_from(["", "?", "."]))))
    return transcript(segments)


def _segment(speaker, start, end, count, mark):
    edges = [start + (end - start) * n // max(count, 1) for n in range(count + 1)]
    words = [
        {
            "word": f" word{n}",
            "start": edges[n] / 1000,
            "end": edges[n + 1] / 1000,
            "probability": 0.9,
        }
        for n in range(count)
    ]
    if words:
        words[-1]["word"] += mark
    text = "".join(word["word"] for word in words).strip()
    return {
        "start": start / 1000,
        "end": end / 1000,
        "speaker": speaker,
        "text": text,
        "words": words,
    }
