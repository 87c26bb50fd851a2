"""Files that people upload, in parts: what has arrived is on the disk, so nothing else keeps count.

An upload is a folder `uploads/<id>/` of the store with `.about.json` and the file as far as it has
come. The size of `.part` is the offset from which the browser goes on, after a reload, a lost
network and a restart of the site alike. Complete, it is renamed to its name.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from debate_contract.errors import BadInput, DiskFull, InputNotFound
from debate_contract.storage import write

from debate_webapp.submitting.uploads.upload import (
    LASTS_SECONDS,
    Upload,
    WrongOffset,
    check_count,
    check_recording,
    check_size,
    is_id,
    new_id,
    no_such_upload,
    safe_name,
)

# The site's limit of a request.
PART_BYTES = 1_000_000
# Of the disk, left for the download's own copy, the transcript and everybody else.
KEPT_FREE = 1000**3
# So long after its last part an upload keeps its room from those that are begun later.
PROMISED_SECONDS = 3600


@dataclass(frozen=True)
class FolderUploads:
    """The uploads of a store on this machine, below `<root>/uploads`."""

    root: Path

    @property
    def _all(self) -> Path:
        return self.root / "uploads"

    def begin(self, name: str, size: int, username: str) -> Upload:
        """Make room for a file; raises BadInput for its size, DiskFull before the disk is.

        What others have begun has room already, if they went on with it lately.
        """
        check_size(size)
        under_way = list(self._under_way())
        check_count(sum(one.username == username for one, _ in under_way))
        lately = time.time() - PROMISED_SECONDS
        promised = sum(one.size - one.offset for one, at in under_way if at > lately)
        self._check_room(size, promised)
        upload = Upload(new_id(username), safe_name(name), size, username)
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
                f"there is no room for {_amount(size)}: {_amount(max(0, free))}"
                " are free for recordings. Make room on the server's disk, then try again"
            )

    def find(self, upload_id: str) -> Upload:
        """How far an upload is; raises InputNotFound."""
        found = self._look(upload_id)
        if found.is_complete or found.offset < found.size:
            return found
        with _locked(self._folder(upload_id)):
            self._complete(found)  # who wrote its last part was killed, or had no room for a name
        return self._look(upload_id)

    def _look(self, upload_id: str) -> Upload:
        folder = self._folder(upload_id)
        try:
            about = json.loads((folder / ".about.json").read_text("utf-8"))
            whole, part = folder / about["name"], folder / ".part"
            is_whole = whole.exists()
            offset = (whole if is_whole else part).stat().st_size
        except (OSError, ValueError, KeyError) as error:
            raise no_such_upload() from error
        return Upload(upload_id, **about, offset=offset, is_complete=is_whole)

    def _complete(self, upload: Upload) -> None:
        folder = self._folder(upload.upload_id)
        with suppress(FileNotFoundError):  # another did it, or removed it: nothing is found then
            if (folder / ".part").stat().st_size == upload.size:
                (folder / ".part").rename(folder / upload.name)

    def add(self, upload: Upload, offset: int, body: bytes) -> Upload:
        """Put a part where it belongs; the last one makes the file whole, which stays as it is.

        Raises WrongOffset where it does not follow what is there, also when two send at once,
        BadInput for what is too long, or begins like no recording, and DiskFull before the disk is.
        """
        with _locked(self._folder(upload.upload_id)) as part:
            found = self._look(upload.upload_id)
            if part is None or found.is_complete:
                return found  # another window sent the rest
            if offset != found.offset:
                raise WrongOffset(found.offset)
            if offset + len(body) > upload.size:
                raise BadInput(f"the file has {upload.size} bytes, and this part goes beyond")
            if offset == 0:
                check_recording(upload.name, body)
            self._check_room(len(body))
            _append(part, offset, body)
            self._complete(upload)
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
            if folder.name in wanted or not is_id(folder.name):
                continue
            with suppress(FileNotFoundError):  # gone meanwhile
                if max(file.stat().st_mtime for file in (folder, *folder.iterdir())) < oldest:
                    self.forget(folder.name)

    def _folder(self, upload_id: str) -> Path:
        if not is_id(upload_id):
            raise no_such_upload()
        return self._all / upload_id


def _amount(size: int) -> str:
    return f"{size / 1000**3:.1f} GB" if size >= 1000**3 else f"{size / 1000**2:.1f} MB"


@contextmanager
def _locked(folder: Path) -> Iterator[int | None]:
    """The open file of the parts, for one at a time; None where there is none any more."""
    try:
        part = os.open(folder / ".part", os.O_WRONLY)
    except FileNotFoundError:
        yield None
        return
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
