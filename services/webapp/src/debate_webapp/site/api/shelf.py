"""Files that are asked for again and again, kept for a while in the memory of the process."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock


class Shelf:
    """The files used last, `room` bytes of them at most."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def take(self, tag: str, make: Callable[[], bytes]) -> bytes:
        """The file of this tag, which has all that the file depends on; made if it is not there."""
        with self._lock:
            file = self._files.get(tag)
            if file is not None:
                self._files.move_to_end(tag)
                return file
        file = make()
        with self._lock:
            self._put(tag, file)
        return file

    def _put(self, tag: str, file: bytes) -> None:
        self._files[tag] = file
        while sum(map(len, self._files.values())) > self._room:
            self._files.popitem(last=False)
