"""What can go wrong, cut by what the caller does next. The message is the sentence for the user."""


class StageError(Exception):
    """Base of every expected failure; `exit_code` is the stage's."""

    exit_code = 70


class UsageFault(StageError):
    """The command or its configuration is wrong: nothing changes until somebody edits it."""

    exit_code = 64


class EngineUnavailable(UsageFault):
    """An engine was asked for by name and cannot run here."""


class BadInput(StageError):
    """The recording is bad and will stay bad."""

    exit_code = 65


class NoAudioTrack(BadInput):
    """The recording has no sound."""


class InputNotFound(StageError):
    """There is nothing at the given place."""

    exit_code = 66


class TemporaryFault(StageError):
    """Trying again later may work: network, throttling, a full disk."""

    exit_code = 75


class Stopped(TemporaryFault):
    """SIGTERM arrived."""
