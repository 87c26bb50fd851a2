"""Voice vectors as they come: the Parquet file beside a transcript, untrusted like all of it."""

import json
import logging
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from debate_contract.errors import BadInput, InputNotFound

from debate_webapp.incoming import voice_rows
from debate_webapp.incoming.artefact import MAX_LABELS
from debate_webapp.incoming.storage import TRANSCRIPT_SUFFIX, Store

# 200 labels of 1,024 numbers are under a megabyte.
SIZE_LIMIT = 4_000_000
MOST_NUMBERS = 1024
SECONDS = 20.0

_UNUSABLE = (BadInput, subprocess.SubprocessError, LookupError, TypeError, ValueError)
_log = logging.getLogger(__name__)


class MachineVoice(NamedTuple):
    """A row of the file, as `database.models.voices.VoiceVector` has it."""

    label: str
    model: str
    seconds: float
    vector: bytes


def read_voices(store: Store, transcript_key: str, labels: Collection[str]) -> list[MachineVoice]:
    """The voices of a transcript's labels.

    None where the file is missing or, which the log says, cannot be used: nothing but a proposal
    hangs on it.
    """
    key = PurePosixPath(transcript_key)
    stem = key.name.removesuffix(TRANSCRIPT_SUFFIX)
    file = str(key.with_name(f"{stem}_speaker_embeddings.parquet"))
    try:
        voices = {v.label: v for v in _usable(_rows(store.read(file, SIZE_LIMIT)), labels)}
    except InputNotFound:
        return []
    except _UNUSABLE as error:
        _log.warning("the voices of %s are not compared, for it cannot be read: %s", file, error)
        return []
    return list(voices.values())


def _rows(body: bytes) -> list[dict[str, Any]]:
    """A process of its own opens the file: damaged ones have brought the library down."""
    most = MAX_LABELS, MAX_LABELS * (MOST_NUMBERS + len(voice_rows.COLUMNS))
    done = subprocess.run(
        [sys.executable, "-I", str(Path(voice_rows.__file__)), *map(str, most)],
        input=body,
        capture_output=True,
        check=False,  # what it said is passed on
        timeout=SECONDS,
        env={},
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").split("\n")
        raise BadInput(next(filter(None, reversed(said)), f"its reader ended {done.returncode}"))
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def _usable(rows: list[dict[str, Any]], labels: Collection[str]) -> Iterator[MachineVoice]:
    for row in rows:
        vector = np.asarray(row["embedding"], np.float64)
        length = float(np.linalg.norm(vector)) if vector.ndim == 1 else 0.0
        seconds = float(row["seconds"])
        known = row["speaker"] in labels and len(vector) <= MOST_NUMBERS
        if known and 0 < length < np.inf and 0 < seconds < np.inf:
            model = f"{row['model']} {row['model_version']}"[:200].replace("\0", "")
            yield MachineVoice(
                row["speaker"], model, seconds, (vector / length).astype("<f4").tobytes()
            )
