"""The three files of contracts/transcript, written whole, the transcript last."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from debate_contract.errors import InputNotFound
from debate_contract.storage import Location, exists, read, remove, write

from debate_transcriber import __version__
from debate_transcriber.engines.speech import Diarization, EngineInfo, Recognition
from debate_transcriber.measured.expected import expect
from debate_transcriber.recordings.find import Defect
from debate_transcriber.transcript.assignment import UNKNOWN, LabelledWord
from debate_transcriber.transcript.earlier import PROBABILITY_DIGITS, TIME_DIGITS
from debate_transcriber.transcript.segments import Segment

SCHEMA_VERSION = "1.0"
PRODUCER = {"name": "debate-transcriber", "version": __version__}
# What the words do not depend on.
OF_SPEAKERS = {"num_speakers", "min_speakers", "max_speakers", "diarization_engine"}


@dataclass(frozen=True, slots=True)
class Result:
    """All that was found out about one recording."""

    duration: float
    recognition: Recognition
    diarization: Diarization
    segments: list[Segment]
    asr: EngineInfo
    diarizer: EngineInfo
    timings: dict[str, float]
    processing_time: float
    defects: Sequence[Defect] | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which recording it was and what was asked for: together they decide what is up to date."""

    path: str
    sha256: str
    source: dict[str, object] | None
    request: dict[str, object]

    @property
    def request_for_words(self) -> dict[str, object]:
        """What was asked for, without what is about speakers."""
        return {key: value for key, value in self.request.items() if key not in OF_SPEAKERS}


def compose_transcript(result: Result, provenance: Provenance) -> dict[str, object]:
    """Put the transcript together by contract."""
    labels = {turn.label for turn in result.diarization.speech} | {s.label for s in result.segments}
    draft = "draft" in {result.asr.quality, result.diarizer.quality}
    expected = expect(
        str(result.asr.parameters.get("model")), result.diarizer.name, result.recognition.language
    )
    return {
        "schema_version": SCHEMA_VERSION,
        "producer": PRODUCER,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "duration": round(result.duration, 3),
        "language": result.recognition.language,
        "language_probability": result.recognition.language_probability,
        "speakers_count": len(labels - {UNKNOWN}),
        "processing_time": round(result.processing_time, 3),
        "timings": {step: round(seconds, 3) for step, seconds in result.timings.items()},
        "model": _compose_model(result, provenance.request),
        "media": {
            "path": provenance.path,
            "sha256": provenance.sha256,
            "source": provenance.source,
        },
        "quality": "draft" if draft else "standard",
        **({"expected": expected} if expected else {}),
        **_compose_findings(result),
        **_compose_defects(result.defects),
    }


def _compose_findings(result: Result) -> dict[str, object]:
    """What is said by whom, who speaks when, and where speech has no words."""
    return {
        "transcription": [_compose_segment(i, s) for i, s in enumerate(result.segments)],
        "speech": [
            {"start": round(t.start, 3), "end": round(t.end, 3), "speaker": t.label}
            for t in result.diarization.speech
        ],
        "unheard": [
            {"start": round(u.start, 3), "end": round(u.end, 3), "why": u.why}
            for u in result.recognition.unheard
        ],
    }


def _compose_defects(defects: Sequence[Defect] | None) -> dict[str, object]:
    """Where there is no sound, from media.json; without one nobody has looked."""
    if defects is None:
        return {}
    return {"defects": [{"start": d.start, "end": d.end, "kind": d.kind} for d in defects]}


def _compose_model(result: Result, request: dict[str, object]) -> dict[str, object]:
    asr, diarizer = result.asr, result.diarizer
    return {
        "asr": asr.name,
        "asr_version": asr.version,
        "diarization": diarizer.name,
        "diarization_version": diarizer.version,
        "device": str(asr.parameters.get("device", "cpu")),
        "parameters": {**request, "asr": asr.parameters, "diarization": diarizer.parameters},
    }


def _compose_segment(number: int, segment: Segment) -> dict[str, object]:
    return {
        "id": number,
        "start": round(segment.start, 3),
        "end": round(segment.end, 3),
        "speaker": segment.label,
        "language": segment.language,
        "text": segment.text,
        "confidence": round(segment.confidence, 4),
        "speaker_confidence": round(segment.speaker_confidence, 4),
        "overlap": segment.overlap,
        "words": [
            _compose_word(item, overlap=overlap)
            for item, overlap in zip(segment.words, segment.overlapped, strict=True)
        ],
    }


def _compose_word(item: LabelledWord, *, overlap: bool) -> dict[str, object]:
    word: dict[str, object] = {
        "word": item.word.text,
        "start": round(item.word.start, TIME_DIGITS),
        "end": round(item.word.end, TIME_DIGITS),
        "probability": round(item.word.probability, PROBABILITY_DIGITS),
        "speaker": item.label,
    }
    if overlap:
        word["overlap"] = True
    if not item.word.space_before:
        word["space_before"] = False
    return word


def serialise_voices(diarization: Diarization) -> bytes:
    """Return the parquet file of voice vectors, one row per label."""
    voices = diarization.voices
    schema = pa.schema(
        [
            pa.field("speaker", pa.string(), nullable=False),
            pa.field("embedding", pa.list_(pa.float32()), nullable=False),
            pa.field("seconds", pa.float64(), nullable=False),
            pa.field("model", pa.string(), nullable=False),
            pa.field("model_version", pa.string(), nullable=False),
        ],
        metadata={"schema_version": SCHEMA_VERSION, "producer": json.dumps(PRODUCER)},
    )
    columns = [
        [v.label for v in voices],
        [v.vector for v in voices],
        [v.seconds for v in voices],
        [diarization.voice_model] * len(voices),
        [diarization.voice_model_version] * len(voices),
    ]
    buffer = io.BytesIO()
    arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), buffer)
    return buffer.getvalue()


def serialise_json(value: object) -> bytes:
    """Return UTF-8 JSON; NaN is refused."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def artefact_paths(folder: Location, stem: str) -> dict[str, Location]:
    """Return where the artefacts of a recording lie, in the order they are written."""
    names = {
        "peaks": f"{stem}_peaks.json",
        "voices": f"{stem}_speaker_embeddings.parquet",
        "transcript": f"{stem}_transcription.json",
    }
    return {kind: folder / name for kind, name in names.items()}


def write_artefacts(paths: dict[str, Location], contents: dict[str, bytes]) -> None:
    """Write in the order of `paths`; an older transcript goes first, so that nothing mixes."""
    remove(paths["transcript"])
    for kind, path in paths.items():
        write(path, contents[kind])


def load_transcript(paths: dict[str, Location]) -> dict[str, Any] | None:
    """Return the transcript that is there, whatever it is; None where there is none to read."""
    try:
        transcript = json.loads(read(paths["transcript"]))
    except (InputNotFound, ValueError):
        return None
    return transcript if isinstance(transcript, dict) else None


def is_up_to_date(
    paths: dict[str, Location], transcript: dict[str, Any] | None, provenance: Provenance
) -> bool:
    """Whether all artefacts are there, made from the same bytes, by this version, as asked for."""
    complete = all(exists(path) for path in paths.values())
    return complete and answers(transcript, provenance, provenance.request)


def answers(
    transcript: dict[str, Any] | None, provenance: Provenance, request: dict[str, object]
) -> bool:
    """Whether this version made the transcript from the same bytes and from this request."""
    if transcript is None:
        return False
    try:
        parameters = transcript["model"]["parameters"]
        return (
            transcript["producer"] == PRODUCER
            and transcript["media"]["sha256"] == provenance.sha256
            and {key: parameters[key] for key in request} == request
        )
    except (KeyError, TypeError):
        return False  # a predecessor's
