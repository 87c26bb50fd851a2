"""What can go wrong here only, cut by what the caller does next."""

from debate_contract.errors import EXIT_INTERRUPTED, StageError


class StageFailed(StageError):
    """A stage gave up; its exit code is passed on."""

    def __init__(self, stage: str, exit_code: int, message: str, log: str) -> None:
        super().__init__(f"{stage} failed: {message} (log: {log})")
        self.stage = stage
        self.exit_code = exit_code


class Interrupted(StageError):
    """The user stopped the command (130), or the system did (75)."""

    def __init__(self, message: str, exit_code: int = EXIT_INTERRUPTED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Terminated(KeyboardInterrupt):
    """SIGTERM: handled on the way of Ctrl-C, told apart by the exit code."""
