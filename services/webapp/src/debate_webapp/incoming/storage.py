"""The store: the one place from which transcripts and recordings may be read, and written to.

A *key* is the path of an object inside the store (`jobs/<job>/videos/<stem>.mp4`). Whatever people
type goes through `key_of`, which refuses every address that leads elsewhere.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from debate_contract import storage
from debate_contract.errors import BadInput
from debate_contract.storage import Location

TRANSCRIPT_SUFFIX = "_transcription.json"


class OutsideStore(BadInput):
    """An address that leads out of the store; what lies there is nobody's business."""

    def __init__(self, uri: str, root: str) -> None:
        super().__init__(
            f"{uri} is not inside the store {root}; only files of the store can be registered"
        )
        self.uri = uri


class Store(ABC):
    """What the application asks of a store, local or S3."""

    root: str

    @abstractmethod
    def key_of(self, uri: str) -> str:
        """The key of an address people gave; raises OutsideStore."""

    @abstractmethod
    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with a folder such as `jobs/x/videos/`."""

    @abstractmethod
    def place(self, key: str) -> Location:
        """Where a key lies, be there a file or not."""

    def uri_of(self, key: str) -> str:
        """The full address of a key."""
        return f"{self.root}/{key}"

    def read(self, key: str, limit: int) -> bytes:
        """The object's bytes; raises InputNotFound, or BadInput above `limit` bytes."""
        body = storage.read(self.place(key), most=limit + 1)
        if len(body) > limit:
            raise BadInput(f"{key} is larger than {limit // 1_000_000} MB and is not a transcript")
        return body

    def write(self, key: str, body: bytes) -> None:
        """Put an object there, whole or not at all."""
        storage.write(self.place(key), body)

    def remove(self, key: str) -> None:
        """Remove an object that may be there."""
        storage.remove(self.place(key))


def open_store(root: str) -> Store:
    """The store at a folder or at s3://bucket[/prefix]."""
    from debate_webapp.incoming.local import LocalStore
    from debate_webapp.incoming.s3 import S3Store

    return S3Store(root) if root.startswith("s3://") else LocalStore(root)


def is_transcript(key: str) -> bool:
    """Whether a key lies where the contract puts transcripts."""
    parts = key.split("/")
    return len(parts) > 1 and parts[-2] == "transcripts" and key.endswith(TRANSCRIPT_SUFFIX)
