"""How many bytes a file should have by its own header: ffmpeg goes by those that are there."""

import struct
from pathlib import Path
from typing import BinaryIO

HEAD = 65_536  # bytes in which a header says it
# What programs write that do not know the length beforehand is this or more.
STREAMED = 0x7FFF0000
_W64 = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_ASF_FILE = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")  # File Properties Object


def declared_size(path: Path) -> int | None:
    """Bytes of a WAV, AVI, W64, CAF, ASF or MP3 file; None where it does not say, or of another.

    What lies behind the sound itself may be missing in the number.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
        return _riff(head) or _w64(head) or _caf(head) or _asf(head) or _mp3(file, head)


def _number(head: bytes, at: int, form: str) -> int:
    """A number of the header; 0 where it ends before."""
    size = struct.calcsize(form)
    return int(struct.unpack_from(form, head, at)[0]) if at + size <= len(head) else 0


def _riff(head: bytes) -> int | None:
    size = _number(head, 4, "<I") if head.startswith(b"RIFF") else 0
    return 8 + size if 0 < size < STREAMED else None


def _w64(head: bytes) -> int | None:
    return _number(head, 16, "<Q") or None if head.startswith(_W64) else None


def _caf(head: bytes) -> int | None:
    """Its chunks have no number in common: that of the sound counts, -1 where it was not known."""
    at = 8 if head.startswith(b"caff") else len(head)
    while at + 12 <= len(head):
        size = _number(head, at + 4, ">q")
        if head[at : at + 4] == b"data" or size < 0:
            return at + 12 + size if size > 0 else None
        at += 12 + size
    return None


def _asf(head: bytes) -> int | None:
    at = head.find(_ASF_FILE)
    return _number(head, at + 40, "<Q") or None if at > 0 else None


def _mp3(file: BinaryIO, head: bytes) -> int | None:
    """From the frame that LAME and others write first (Xing, Info), behind the ID3 tag."""
    begins = _id3_size(head)
    file.seek(begins)
    frame = file.read(256)
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    flags = _number(frame, at + 4, ">I") if at > 0 and frame[0] == 0xFF else 0
    size = _number(frame, at + 8 + 4 * (flags & 1), ">I") if flags & 2 else 0
    return begins + size if size else None


def _id3_size(head: bytes) -> int:
    """Four times seven bits, without the tag's own ten bytes."""
    if not head.startswith(b"ID3") or len(head) < 10:
        return 0
    return 10 + sum(bits << 7 * n for n, bits in enumerate(head[9:5:-1]))
