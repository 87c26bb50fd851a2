"""The length that a WAV's header promises, which ffmpeg takes down to the bytes that are there."""

import struct
from pathlib import Path

# What programs write that do not know the length beforehand is this or more.
STREAMED = 0x7FFF0000


def read_length(path: Path) -> float | None:
    """Seconds of sound by the header; None where it does not say, or for no plain WAV."""
    with path.open("rb") as file:
        kind = file.read(12)
        if kind[:4] + kind[8:] != b"RIFFWAVE":
            return None
        bytes_a_second = 0
        while len(head := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", head)
            if name == b"data":
                return size / bytes_a_second if bytes_a_second and size < STREAMED else None
            where = file.tell() + size + size % 2
            if name == b"fmt ":
                bytes_a_second = int.from_bytes(file.read(12)[8:], "little")
            file.seek(where)
    return None
