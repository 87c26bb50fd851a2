"""What can go wrong, cut by what the caller does next."""


class StageError(Exception):
    """Ends the stage; its text is the sentence for the user."""

    exit_code = 70


class UsageFault(StageError):
    """The command or its settings are wrong."""

    exit_code = 64


class BadInput(StageError):
    """The input is wrong and will stay wrong."""

    exit_code = 65


class BadTranscript(BadInput):
    """A transcript that no statistics can be made from; `field` says where it is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}" if field else problem)
        self.field = field


class BadTranscripts(BadInput):
    """Some transcripts of a run were bad; the statistics of the others are written."""

    def __init__(self, faults: dict[str, BadTranscript], total: int) -> None:
        listed = "; ".join(f"{uri}: {fault}" for uri, fault in faults.items())
        super().__init__(
            f"{len(faults)} of {total} transcripts cannot be used, correct or remove them: {listed}"
        )
        self.faults = faults


class NoTranscripts(StageError):
    """Nothing under the prefix is a transcript."""

    exit_code = 66

    def __init__(self, prefix: str) -> None:
        super().__init__(
            f"No *_transcription.json lies under {prefix}; check the prefix or transcribe first."
        )
        self.prefix = prefix


class TemporaryFault(StageError):
    """Try again later."""

    exit_code = 75
