"""What can go wrong, cut by what the caller does next; the message is the sentence for the user."""

EXIT_INTERRUPTED = 130  # Ctrl-C
FULL = "the disk is full: free some space, then run the same command again"


class StageError(Exception):
    """A failure that is explained in one sentence; `exit_code` is the contract's."""

    exit_code = 70


class UsageFault(StageError):
    """The command or its configuration is wrong: nothing changes until somebody edits it."""

    exit_code = 64


class BadInput(StageError):
    """The input is bad and will stay bad."""

    exit_code = 65


class InputNotFound(StageError):
    """There is nothing at the given place."""

    exit_code = 66


class TemporaryFault(StageError):
    """Trying again later may work: network, throttling."""

    exit_code = 75


class DiskFull(TemporaryFault):
    """No room: somebody has to make some, so that trying again at once is pointless."""

    def __init__(self, sentence: str = FULL) -> None:
        super().__init__(sentence)


class Stopped(TemporaryFault):
    """SIGTERM arrived."""
