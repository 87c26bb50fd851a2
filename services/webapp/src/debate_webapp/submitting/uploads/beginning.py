"""What files of sound and picture begin with. Pure.

The downloader looks at all of a file; here what is none is refused before anybody waits for it.
"""

import re

# So much of a file is looked at.
LENGTH = 8192

_CONTAINER = re.compile(
    rb"""
      ....(ftyp|styp|moov|mdat|wide|free|skip|pnot)    # MP4, QuickTime
    | \x1a\x45\xdf\xa3                                 # Matroska, WebM
    | RIFF....(WAVE|AVI[ ]) | (RF64|BW64)....WAVE | riff\x2e\x91\xcf\x11
    | FORM....(AIFF|AIFC) | \.snd | caff | fLaC | OggS | ID3 | wvpk | MAC[ ] | TTA[12] | \#!AMR
    | \x00\x00\x01[\xba\xb3]                           # MPEG programme and video
    | \x30\x26\xb2\x75\x8e\x66\xcf\x11                 # Windows Media
    | \x06\x0e\x2b\x34 | FLV\x01                       # MXF of broadcasters, Flash
    """,
    re.VERBOSE | re.DOTALL,
)
# MPEG's transport streams are packets that each begin so: where the first one does, how long they
# are, as they are sent, as they are recorded with their times, with bytes against errors.
_SYNC, _PACKETS = b"G", ((0, 188), (4, 192), (0, 204))
_ENOUGH = 5
# MP3, MP2 and AAC, then AC-3: frames that each begin with the same two bytes. Nobody has MP1, which
# begins as text in UTF-16 does.
_FRAME = re.compile(rb"\xff[\xe2-\xe5\xf0-\xf5\xf8-\xfd] | \x0b\x77", re.VERBOSE)
_FRAMES = 3


def is_recording(beginning: bytes) -> bool:
    """Whether a file that begins so may hold sound; `LENGTH` bytes of it, or all there are.

    A stream without a container has no more than a byte or two that tell, so these have to come
    again where the next packets or frames begin.
    """
    is_contained = _CONTAINER.match(beginning) is not None
    return is_contained or _is_of_packets(beginning) or _is_of_frames(beginning)


def _is_of_packets(beginning: bytes) -> bool:
    return any(
        beginning[first : first + _ENOUGH * length : length] == _ENOUGH * _SYNC
        for first, length in _PACKETS
    )


def _is_of_frames(beginning: bytes) -> bool:
    return bool(_FRAME.match(beginning)) and beginning.count(beginning[:2], 0, LENGTH) >= _FRAMES
