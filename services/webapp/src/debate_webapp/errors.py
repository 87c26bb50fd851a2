"""What can go wrong here only, cut by what the caller does next."""

from errno import EDQUOT, ENOSPC

from debate_contract.errors import BadInput, DiskFull


def is_disk_full(error: Exception) -> bool:
    """Whether there was no room for something, on the disk or of what its owner may use."""
    return isinstance(error, DiskFull) or getattr(error, "errno", None) in (ENOSPC, EDQUOT)


class StaleVersion(Exception):
    """Someone else changed the row since the caller read it."""

    def __init__(self, current: object) -> None:
        super().__init__("the row was changed by someone else; look at it and try again")
        self.current = current


class ClientIdReused(BadInput):
    """A client id came with another request than the one that it was made for."""

    def __init__(self, client_id: str) -> None:
        why = f"the client_id {client_id} was used for something else"
        super().__init__(f"{why}; nothing was done: send this again with a new one")


class NothingToUndo(Exception):
    """The editor has no edit left to take back."""

    def __init__(self) -> None:
        super().__init__("there is no edit of yours left to undo")


class NothingToRedo(Exception):
    """The editor took nothing back that could be done again."""

    def __init__(self) -> None:
        super().__init__("there is nothing of yours to do again")
