"""The figures of one debate as plain records. `None` means undefined, never unknown-as-zero.

Additive components (counts and seconds) stand beside the values made from them, so that the figures
of several debates can be made from sums.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeakerStatistics:
    """One row of `<stem>_speaker_stats.parquet`: a label, or a person with all their labels.

    Every column is defined in docs/statistics.md.
    """

    speaker_id_in_transcript: str
    total_seconds: float
    segment_count: int
    word_count: int
    wpm: float | None
    avg_segment_duration_sec: float | None
    median_segment_duration_sec: float | None
    shortest_talk_sec: float | None
    longest_talk_sec: float | None
    turn_count: int
    avg_turn_length_sec: float | None
    avg_turn_length_segments: float | None
    is_first_speaker: bool
    is_last_speaker: bool
    share_speaking_time: float | None
    share_words: float | None
    overlap_seconds: float | None
    articulation_rate: float | None
    pause_seconds: float | None
    interruptions_made: int | None
    interruptions_received: int | None
    backchannels: int
    questions: int | None
    response_latency_median_sec: float | None
    words_uncertain: int | None
    # Components of the ratios above, and what the row is made of.
    labels: tuple[str, ...]
    segment_seconds: float
    turn_seconds: float
    turn_segments: int
    articulation_seconds: float | None
    articulation_words: int | None
    response_latencies_sec: tuple[float, ...]
    # 90 % intervals by bootstrap over turns; None where there are too few turns to tell.
    share_speaking_time_low: float | None
    share_speaking_time_high: float | None
    share_words_low: float | None
    share_words_high: float | None
    wpm_low: float | None
    wpm_high: float | None
    articulation_rate_low: float | None
    articulation_rate_high: float | None


@dataclass(frozen=True, slots=True)
class Interaction:
    """One row of `<stem>_interactions.parquet`: the floor passes from one speaker to another.

    `interruptions` are those of `from_speaker` by `to_speaker`, `backchannels` of `to_speaker`
    in turns of `from_speaker`. The lists of times say where to listen, `evidence` is all of them.
    """

    from_speaker: str
    to_speaker: str
    transitions: int
    interruptions: int | None
    overlap_seconds: float | None
    latency_median_sec: float | None
    latency_mad_sec: float | None
    evidence: tuple[float, ...]
    backchannels: int
    transition_times: tuple[float, ...]
    interruption_times: tuple[float, ...]
    overlap_times: tuple[float, ...]
    backchannel_times: tuple[float, ...]
    latencies_sec: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of the whole debate, as in `<stem>_transcript_stats.json`."""

    duration: float | None
    total_seconds: float
    total_words: int
    segment_count: int
    speaker_count: int
    speech_seconds: float
    overlap_seconds: float | None
    unattributed_seconds: float
    unattributed_words: int
    share_unattributed_speech: float | None
    share_unattributed_words: float | None
    words_uncertain: int | None
    turn_count: int
    transitions: int
    interruptions: int | None
    backchannels: int
    questions: int | None
    language: str | None
    word_unit: str
    quality: str | None
    speech_source: str
    speakers_reviewed: bool


@dataclass(frozen=True, slots=True)
class FloorTime:
    """Speaking time over time: `seconds[name][n]` of the n-th `bin_seconds` of the recording."""

    bin_seconds: int
    seconds: dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything that is computed from one transcript; speakers in order of their first words."""

    speakers: tuple[SpeakerStatistics, ...]
    interactions: tuple[Interaction, ...]
    totals: Totals
    floor_time: FloorTime
