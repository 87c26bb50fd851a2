"""A store on disk. Every look-up resolves links first and checks the place afterwards."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from debate_contract.errors import BadInput, InputNotFound, UsageFault
from debate_contract.storage import Location, local_path

from debate_webapp.incoming.storage import OutsideStore, Store


class LocalStore(Store):
    """A folder."""

    def __init__(self, root: str) -> None:
        self._root = Path(root).resolve()
        self.root = str(self._root)

    def key_of(self, uri: str) -> str:
        """A plain path (as seen from here or from the root) or a file:// address.

        Raises BadInput for one that is no text.
        """
        path = _local_path(uri, self.root)
        for candidate in (path, self._root / path):
            place = _resolved(candidate)
            if place and place != self._root and place.is_relative_to(self._root):
                if not _is_text(place):
                    raise BadInput(f"the path {uri!a} is not UTF-8; rename the file")
                return place.relative_to(self._root).as_posix()
        raise OutsideStore(uri, self.root)

    def place(self, key: str) -> Location:
        """The plain path."""
        return self._root / key

    def path(self, key: str) -> Path:
        """Where a key lies now; raises InputNotFound when it left the store since."""
        place = _resolved(self._root / key)
        if place is None or not place.is_relative_to(self._root) or not place.is_file():
            raise InputNotFound(f"{key} is not in the store {self.root}")
        return place

    def read(self, key: str, limit: int) -> bytes:
        """The file's bytes; also BadInput for one that may not be read."""
        self.path(key)
        try:
            return super().read(key, limit)
        except UsageFault as error:
            raise BadInput(str(error)) from error

    def keys(self, prefix: str) -> Iterator[str]:
        """Files only; hidden ones and what goes meanwhile are left out.

        So are paths that are not UTF-8: no page can show them, no database keeps them.
        """
        for folder, folders, names in os.walk(self._root / prefix):
            folders.sort()
            for path in (Path(folder, name) for name in sorted(names) if name[0] != "."):
                if path.is_file() and not path.is_symlink() and _is_text(path):
                    yield path.relative_to(self._root).as_posix()


def _local_path(uri: str, root: str) -> Path:
    """The path in a file:// address or a plain one; other schemes and hosts are refused."""
    foreign = "://" in uri and not uri.lower().startswith("file:")
    try:
        path = local_path(uri)
    except UsageFault as error:
        raise OutsideStore(uri.replace("\0", "?"), root) from error
    if foreign or not uri.strip():
        raise OutsideStore(uri, root)
    return path


def _resolved(path: Path) -> Path | None:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a loop of links, a name too long
        return None


def _is_text(path: Path) -> bool:
    """Whether it is UTF-8: of other bytes Python makes halves of surrogate pairs."""
    return not re.search(r"[\ud800-\udfff]", str(path))
