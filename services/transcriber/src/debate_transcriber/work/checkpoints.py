"""What is finished of one recording, kept so that an attempt goes on where the last one stopped.

<job>/.work/<stem>/<stage>-<key>/00000.json.gz, 00001.json.gz, …

A stage names its pieces and keeps them in a mapping; the first is written at once, the following
ones together every `SECONDS_BETWEEN_PARTS` and when the stage is left, whatever makes it leave. So
a stop costs nothing, and a kill at most those seconds and the piece being worked on. The key is a
digest of the recording's bytes, this version and the parameters that decide the stage's result: a
changed parameter finds nothing and does harm to nothing. Decoding is not kept, for the waveform is
slower to store than to make; nor is what follows diarization, which takes a second.
"""

import base64
import gzip
import hashlib
import json
import math
import threading
import time
import zlib
from collections import UserDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from debate_contract.logs import Log
from debate_contract.storage import Location, list_files, read, remove_tree, write
from numpy.typing import NDArray

from debate_transcriber import __version__

SECONDS_BETWEEN_PARTS = 15.0
PART = ".json.gz"


class Checkpoints:
    """The finished work of one recording, in a folder of its own."""

    def __init__(self, folder: Location, sha256: str, log: Log) -> None:
        self.folder = folder
        self.sha256 = sha256
        self.log = log

    @contextmanager
    def stage(self, name: str, parameters: dict[str, object]) -> Iterator["Pieces"]:
        """Give the pieces of a stage; those that are added are written, also when it is stopped."""
        pieces = Pieces(self.folder / f"{name}-{self._key(parameters)}")
        for damaged in pieces.load():
            self.log.note(f"{damaged} is damaged: its part of the work is done again", "warning")
        if pieces:
            self.log.note(f"going on from an earlier attempt: part of {name} is done")
        try:
            yield pieces
        finally:
            pieces.write()

    def clear(self) -> None:
        """Remove everything, what was kept under other parameters too."""
        remove_tree(self.folder)

    def _key(self, parameters: dict[str, object]) -> str:
        decisive = {"media": self.sha256, "version": __version__, **parameters}
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:16]


class Pieces(UserDict[str, Any]):
    """Finished pieces of a stage by name: values of JSON, and arrays."""

    def __init__(self, folder: Location) -> None:
        super().__init__()
        self.folder = folder
        self.fresh: dict[str, Any] = {}
        self.parts = 0
        self.written = -math.inf  # the first piece is written at once
        self.lock = threading.RLock()  # a stage in a thread may be left while it adds a piece

    def load(self) -> list[Location]:
        """Read what earlier attempts wrote; return the parts that cannot be read."""
        damaged = []
        parts = [file for file in list_files(self.folder) if file.name.endswith(PART)]
        contents = [read(part) for part in parts]
        for part, content in zip(parts, contents, strict=True):
            try:
                self.data |= unpack(content)
            except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
                damaged.append(part)
        self.parts = 1 + max((int(part.name.partition(".")[0]) for part in parts), default=-1)
        return damaged

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def update(self, *pieces: Any, **named: Any) -> None:
        """Add pieces that belong together: either all of them outlive a stop or none."""
        added = dict(*pieces, **named)
        with self.lock:
            self.data |= added
            self.fresh |= added
            if time.monotonic() - self.written >= SECONDS_BETWEEN_PARTS:
                self.write()

    def write(self) -> None:
        """Write what was added since the last time."""
        with self.lock:
            if self.fresh:
                write(self.folder / f"{self.parts:05}{PART}", pack(self.fresh))
                self.parts += 1
                self.fresh = {}
            self.written = time.monotonic()


def pack(pieces: dict[str, Any]) -> bytes:
    """Return compressed JSON with a checksum; floats and arrays come back bit for bit."""
    return gzip.compress(json.dumps(pieces, default=_pack_array).encode(), compresslevel=1)


def unpack(content: bytes) -> dict[str, Any]:
    """Reverse `pack`; tuples come back as lists. Raises one of several errors on damage."""
    pieces = json.loads(gzip.decompress(content), object_hook=_unpack_array)
    if not isinstance(pieces, dict):
        raise TypeError("not a mapping of pieces")
    return pieces


def _pack_array(value: NDArray[Any]) -> dict[str, object]:
    data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
    return {"dtype": value.dtype.str, "shape": value.shape, "base64": data}


def _unpack_array(value: dict[str, Any]) -> Any:
    if value.keys() != {"dtype", "shape", "base64"}:
        return value
    data = np.frombuffer(base64.b64decode(value["base64"]), value["dtype"])
    return data.reshape(value["shape"]).copy()  # to be written to, unlike what lies in bytes
