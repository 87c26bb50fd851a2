"""What can go wrong, cut by what the caller does next."""

TEMPORARY = 75  # the exit code that asks for another try


class PipelineError(Exception):
    """The message is the sentence for the user, `exit_code` the command's."""

    exit_code = 70


class UsageFault(PipelineError):
    """The command, an option or the set-up is wrong."""

    exit_code = 64


class BadInput(PipelineError):
    """The input is bad and will stay bad."""

    exit_code = 65


class NotFound(PipelineError):
    """What was named is not there."""

    exit_code = 66


class TemporaryFault(PipelineError):
    """The same command may well succeed later."""

    exit_code = TEMPORARY


class StageFailed(PipelineError):
    """A stage gave up; its exit code is passed on."""

    def __init__(self, stage: str, exit_code: int, message: str, log: str) -> None:
        super().__init__(f"{stage} failed: {message} (log: {log})")
        self.stage = stage
        self.exit_code = exit_code


class Interrupted(PipelineError):
    """The user stopped the command (130), or the system did (75)."""

    def __init__(self, message: str, exit_code: int = 130) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Terminated(KeyboardInterrupt):
    """SIGTERM: handled on the way of Ctrl-C, told apart by the exit code."""
