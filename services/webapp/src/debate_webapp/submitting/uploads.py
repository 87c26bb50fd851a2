"""Files that people upload, in parts: what has arrived is on the disk, so nothing else keeps count.

An upload is a folder `uploads/<id>/` of the store with `.about.json` and the file as far as it has
come. The size of `.part` is the offset from which the browser goes on, after a reload, a lost
network and a restart of the site alike. Complete, it is renamed to its name.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from debate_contract.errors import BadInput, DiskFull, InputNotFound
from debate_contract.storage import write

# The site's limit of a request.
PART_BYTES = 1_000_000
LARGEST = 50 * 1000**3
# Of the disk, left for the download's own copy, the transcript and everybody else.
KEPT_FREE = 1000**3
LASTS_SECONDS = 24 * 3600
# So long after its last part an upload keeps its room from those that are begun later.
PROMISED_SECONDS = 3600
MOST = 50  # of one person
_ID = re.compile(r"[0-9a-f]{32}\Z")
# What containers of sound and picture begin with, and at which byte.
_BEGINNINGS = (
    (4, b"ftyp"), (4, b"moov"), (4, b"mdat"), (4, b"wide"), (0, b"\x1a\x45\xdf\xa3"), (0, b"RIFF"),
    (0, b"OggS"), (0, b"ID3"), (0, b"fLaC"), (0, b"\x00\x00\x01\xba"), (0, b"\x00\x00\x01\xb3"),
    (0, b"\x47"), (4, b"\x47"), (0, b"\x30\x26\xb2\x75"), (0, b"FORM"), (0, b"caff"), (0, b"FLV"),
    (0, b"#!AMR"), (0, b"RF64"),
)  # fmt: skip
# On Windows.
_OF_NO_NAME = '<>:"/\\|?*'
_MPEG_AUDIO = 0xE0  # of the second byte, behind 0xFF


class WrongOffset(BadInput):
    """A part that does not follow what is there; `offset` is where to go on."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the upload has {offset} bytes: go on from there")
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way; `offset` of its `size` bytes are here."""

    upload_id: str
    name: str
    size: int
    username: str
    offset: int

    @property
    def is_complete(self) -> bool:
        """Whether all of it is here."""
        return self.offset == self.size


@dataclass(frozen=True)
class Uploads:
    """The uploads of a store on this machine, below `<root>/uploads`."""

    root: Path

    @property
    def _all(self) -> Path:
        return self.root / "uploads"

    def begin(self, name: str, size: int, username: str) -> Upload:
        """Make room for a file; raises BadInput for its size, DiskFull before the disk is.

        What others have begun has room already, if they went on with it lately.
        """
        if not 0 < size <= LARGEST:
            raise BadInput(f"a recording has 1 byte to {LARGEST // 1000**3} GB")
        under_way = list(self._under_way())
        if sum(one.username == username for one, _ in under_way) >= MOST:
            raise BadInput(f"{MOST} uploads of yours are under way; go on when some are done")
        lately = time.time() - PROMISED_SECONDS
        promised = sum(one.size - one.offset for one, at in under_way if at > lately)
        self._check_room(size, promised)
        upload = Upload(secrets.token_hex(16), safe_name(name), size, username, 0)
        folder = self._folder(upload.upload_id)
        folder.mkdir(parents=True)
        about = {"name": upload.name, "size": size, "username": username}
        write(folder / ".about.json", json.dumps(about).encode())
        (folder / ".part").touch()
        return upload

    def _under_way(self) -> Iterator[tuple[Upload, float]]:
        """Those that are not complete, with the time at which their last part came."""
        for part in self._all.glob("*/.part"):
            with suppress(InputNotFound, FileNotFoundError):  # gone meanwhile
                yield self.find(part.parent.name), part.stat().st_mtime

    def _check_room(self, size: int, promised: int = 0) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.root).free - KEPT_FREE - promised
        if size > free:
            raise DiskFull(
                f"there is no room for {size / 1e9:.1f} GB: {max(0, free) / 1e9:.1f} GB"
                " are free for recordings. Make room on the server's disk, then try again"
            )

    def find(self, upload_id: str) -> Upload:
        """How far an upload is; raises InputNotFound."""
        folder = self._folder(upload_id)
        try:
            about = json.loads((folder / ".about.json").read_text("utf-8"))
            whole, part = folder / about["name"], folder / ".part"
            offset = (whole if whole.exists() else part).stat().st_size
        except (OSError, ValueError, KeyError) as error:
            raise InputNotFound("there is no such upload; begin it again") from error
        return Upload(upload_id, about["name"], about["size"], about["username"], offset)

    def add(self, upload: Upload, offset: int, body: bytes) -> Upload:
        """Put a part where it belongs; the last one makes the file whole.

        Raises WrongOffset where it does not follow what is there, also when two send at once,
        BadInput for what is too long, or begins like no recording, and DiskFull before the disk is.
        """
        folder = self._folder(upload.upload_id)
        with _locked(folder) as part:
            there = self.find(upload.upload_id).offset
            if offset != there:
                raise WrongOffset(there)
            if offset + len(body) > upload.size:
                raise BadInput(f"the file has {upload.size} bytes, and this part goes beyond")
            if offset == 0 and not is_recording(body):
                raise BadInput(f"{upload.name} begins like no recording of sound or picture")
            self._check_room(len(body))
            _append(part, offset, body)
            if offset + len(body) == upload.size:
                with suppress(FileNotFoundError):  # removed meanwhile: nothing is found below
                    (folder / ".part").rename(folder / upload.name)
        return self.find(upload.upload_id)

    def source_of(self, upload: Upload) -> str:
        """What the queue calls the file: its path in the store."""
        return f"uploads/{upload.upload_id}/{upload.name}"

    def forget(self, upload_id: str) -> None:
        """Remove an upload that may be there."""
        shutil.rmtree(self._folder(upload_id), ignore_errors=True)

    def forget_old(self, wanted: Set[str]) -> None:
        """Remove what nobody has added to for a day, unless it is in `wanted` (in the queue)."""
        oldest = time.time() - LASTS_SECONDS
        for folder in self._all.glob("*"):
            if folder.name in wanted or not _ID.match(folder.name):
                continue
            with suppress(FileNotFoundError):  # gone meanwhile
                if max(file.stat().st_mtime for file in (folder, *folder.iterdir())) < oldest:
                    self.forget(folder.name)

    def _folder(self, upload_id: str) -> Path:
        if not _ID.match(upload_id):
            raise InputNotFound("there is no such upload; begin it again")
        return self._all / upload_id


def upload_in(source: str) -> str | None:
    """The upload that a source of the queue is, None for another one."""
    first, _, rest = source.partition("/")
    return rest.partition("/")[0] if first == "uploads" else None


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """The open file of the parts, for one at a time; raises InputNotFound, BadInput when whole."""
    try:
        part = os.open(folder / ".part", os.O_WRONLY)
    except FileNotFoundError as error:
        raise InputNotFound("this upload is complete, or was removed") from error
    try:
        fcntl.flock(part, fcntl.LOCK_EX)
        yield part
    finally:
        os.close(part)


def _append(part: int, offset: int, body: bytes) -> None:
    """Write all of it or nothing: on a full disk the file is cut back to where it was."""
    try:
        view = memoryview(body)
        while view:
            written = os.pwrite(part, view, offset + len(body) - len(view))
            view = view[written:]
        os.fsync(part)
    except OSError:
        os.ftruncate(part, offset)
        raise


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


def is_recording(beginning: bytes) -> bool:
    """Whether a file that begins so may hold sound; the downloader looks at all of it."""
    if len(beginning) > 1 and beginning[0] == 0xFF and beginning[1] & _MPEG_AUDIO == _MPEG_AUDIO:
        return True
    return any(beginning[at : at + len(mark)] == mark for at, mark in _BEGINNINGS)
