"""A file on its way, to whatever place: its name, its size."""

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass

from debate_contract.errors import BadInput, InputNotFound

from debate_webapp.submitting.uploads.beginning import is_recording

LARGEST = 50 * 1000**3
MOST = 50  # of one person
LASTS_SECONDS = 24 * 3600
_ID = re.compile(r"[0-9a-f]{32}\Z")
# Its path in the store: of a folder, of a bucket.
_SOURCE = re.compile(r"(?:uploads|jobs/\.uploads)/([0-9a-f]{32})/")
# On Windows.
_OF_NO_NAME = '<>:"/\\|?*'


class WrongOffset(BadInput):
    """A part that does not follow what is there; `offset` is where to go on."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the upload has {offset} bytes: go on from there")
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way: `offset` of its `size` bytes are here. Complete, it can be submitted."""

    upload_id: str
    name: str
    size: int
    username: str
    offset: int = 0
    is_complete: bool = False
    multipart: str = ""  # S3's own name for it


def check_size(size: int) -> None:
    """Raise BadInput for what no recording has."""
    if not 0 < size <= LARGEST:
        raise BadInput(f"a recording has 1 byte to {LARGEST // 1000**3} GB")


def check_count(under_way: int) -> None:
    """Raise BadInput where no more are to begin."""
    if under_way >= MOST:
        raise BadInput(f"{MOST} uploads of yours are under way; go on when some are done")


def check_recording(name: str, beginning: bytes) -> None:
    """Raise BadInput for what begins like no recording."""
    if not is_recording(beginning):
        raise BadInput(f"{name} begins like no recording of sound or picture")


def new_id(username: str) -> str:
    """The name of an upload that nobody guesses; those of one person begin alike."""
    return beginning_of(username) + secrets.token_hex(12)


def beginning_of(username: str) -> str:
    """With what the names of this person's uploads begin."""
    return hashlib.sha256(username.encode()).hexdigest()[:8]


def is_id(text: str) -> bool:
    """Whether an upload may be called so."""
    return bool(_ID.match(text))


def no_such_upload() -> InputNotFound:
    """What to raise for one that is not there."""
    return InputNotFound("there is no such upload; begin it again")


def upload_in(source: str) -> str | None:
    """The upload that a source of the queue is, None for another one."""
    found = _SOURCE.match(source)
    return found[1] if found else None


def safe_name(name: str) -> str:
    """The last part of a file's name, which every file system bears and no line is spoilt by.

    It is what the list shows, and the debate's title where the recording has none.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem, dot, end = last.rpartition(".")
    letters = (c if _is_of_a_name(c) else "_" for c in (stem if dot else last))
    plain = re.sub(r"__+", "_", " ".join("".join(letters).split())).strip("._- ")
    short = plain.encode()[:80].decode("utf-8", "ignore") or "recording"
    extension = re.sub(r"[^a-z0-9]", "", end.lower())[:8] if dot else ""
    return f"{short}.{extension or 'media'}"


def _is_of_a_name(character: str) -> bool:
    return character.isprintable() and character not in _OF_NO_NAME
