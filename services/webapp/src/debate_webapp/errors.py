"""What can go wrong, cut by what the caller does next."""


class StageError(Exception):
    """A failure with a sentence for the user and the exit code of the contract."""

    exit_code = 70


class UsageFault(StageError):
    """Wrong usage or configuration: correct the command."""

    exit_code = 64


class BadInput(StageError):
    """The input is bad and stays bad: mend the file."""

    exit_code = 65


class InputNotFound(StageError):
    """The named input does not exist: correct the address."""

    exit_code = 66


class TemporaryFault(StageError):
    """Network, throttling or a stop: try again."""

    exit_code = 75


class DiskFull(TemporaryFault):
    """No room: somebody has to make some."""


class OutsideStore(BadInput):
    """An address that leads out of the store; what lies there is nobody's business."""

    def __init__(self, uri: str, root: str) -> None:
        super().__init__(
            f"{uri} is not inside the store {root}; only files of the store can be registered"
        )
        self.uri = uri


class StaleVersion(Exception):
    """Someone else changed the row since the caller read it."""

    def __init__(self, current: object) -> None:
        super().__init__("the row was changed by someone else; look at it and try again")
        self.current = current


class ClientIdReused(BadInput):
    """A client id came with another request than the one that it was made for."""

    def __init__(self, client_id: str) -> None:
        super().__init__(
            f"the client_id {client_id} was used for something else; nothing was done: "
            "send this again with a new one"
        )


class NothingToUndo(Exception):
    """The editor has no edit left to take back."""

    def __init__(self) -> None:
        super().__init__("there is no edit of yours left to undo")


class NothingToRedo(Exception):
    """The editor took nothing back that could be done again."""

    def __init__(self) -> None:
        super().__init__("there is nothing of yours to do again")


class DoesNotCount(Exception):
    """The version of the debate is not the one that counts.

    `instead` is the id of the one to go to, its number `instead_version`.
    """

    def __init__(self, version: int, instead: int, instead_version: int) -> None:
        replaced = f"this version was replaced by version {instead_version}; correct that one"
        waits = (
            f"version {version} waits until an editor says what it takes over from version"
            f" {instead_version}, which counts until then"
        )
        self.replaced = instead_version > version
        super().__init__(replaced if self.replaced else waits)
        self.instead, self.instead_version = instead, instead_version
