"""The three files beside a transcript, as bytes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from io import BytesIO
from typing import Any, get_args, get_type_hints

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from debate_stats.figures.records import Interaction, SpeakerStatistics, Statistics

SCHEMA_VERSION = "1.0"
PRODUCER = "debate-stats"

SPEAKER_STATS = "_speaker_stats.parquet"
INTERACTIONS = "_interactions.parquet"
# Written last: its presence says that the other two are complete.
TRANSCRIPT_STATS = "_transcript_stats.json"

_ARROW_TYPES: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    tuple[str, ...]: pa.list_(pa.string()),
    tuple[float, ...]: pa.list_(pa.float64()),
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the files were made from (`transcript_sha256`), by which version and when (RFC 3339)."""

    transcript_sha256: str
    version: str
    created_at: str

    def as_fields(self) -> dict[str, Any]:
        """The fields that every artefact carries."""
        return {
            "schema_version": SCHEMA_VERSION,
            "producer": {"name": PRODUCER, "version": self.version},
            "created_at": self.created_at,
            "transcript_sha256": self.transcript_sha256,
        }


def write_artefacts(statistics: Statistics, provenance: Provenance) -> dict[str, bytes]:
    """The content of each file by the suffix of its name, in the order in which to publish them."""
    totals = statistics.totals
    head = provenance.as_fields() | {
        "quality": totals.quality,
        "speech_source": totals.speech_source,
        "speakers_reviewed": totals.speakers_reviewed,
    }
    return {
        SPEAKER_STATS: _parquet(SpeakerStatistics, statistics.speakers, head),
        INTERACTIONS: _parquet(Interaction, statistics.interactions, head),
        TRANSCRIPT_STATS: _json(
            head | _fields(totals) | {"floor_time": _fields(statistics.floor_time)}
        ),
    }


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def is_current(transcript_stats: bytes, transcript_sha256: str, version: str) -> bool:
    """Whether an existing `_transcript_stats.json` is of this transcript and of this version."""
    try:
        found = json.loads(transcript_stats)
    except ValueError:
        return False
    wanted = {"name": PRODUCER, "version": version}
    return isinstance(found, dict) and (
        found.get("transcript_sha256") == transcript_sha256 and found.get("producer") == wanted
    )


@cache
def arrow_schema(record: type) -> pa.Schema:
    """The columns of a record of `figures`, nullable where its type allows None."""
    hints = get_type_hints(record)
    return pa.schema([_arrow_field(field.name, hints[field.name]) for field in fields(record)])


def _arrow_field(name: str, hint: Any) -> pa.Field:
    kinds = get_args(hint)
    nullable = type(None) in kinds
    return pa.field(name, _ARROW_TYPES[kinds[0] if nullable else hint], nullable=nullable)


def _parquet(record: type, rows: Sequence[Any], head: dict[str, Any]) -> bytes:
    metadata = {key: _as_text(value) for key, value in head.items()}
    schema = arrow_schema(record).with_metadata(metadata)
    columns = {name: [getattr(row, name) for row in rows] for name in schema.names}
    sink = BytesIO()
    # Some dozens of rows: to compress and to index them takes longer than all else about them.
    pq.write_table(
        pa.table(columns, schema=schema),
        sink,
        compression="none",
        use_dictionary=False,
        write_statistics=False,
    )
    return sink.getvalue()


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _json(value: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
