"""What can go wrong, cut by what the caller does next."""

from collections.abc import Mapping
from dataclasses import dataclass

# A run that fails in ten thousand places has said so in as many warnings; its last word is short.
LISTED = 20


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
    """Some transcripts of a run were bad; the others are done."""


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


class NoDataset(StageError):
    """There is no dataset to query."""

    exit_code = 66

    def __init__(self, dataset: str) -> None:
        super().__init__(f"No dataset lies at {dataset}; write it by debate-stats corpus.")
        self.dataset = dataset


class Unfinished(TemporaryFault):
    """Some transcripts of a run could not be done this time; the others are."""


class UnexpectedFaults(StageError):
    """Some transcripts of a run met a fault of ours; the others are done."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong with one file, in a form that passes between processes.

    `trace` is the traceback where the fault is ours, else empty.
    """

    exit_code: int
    sentence: str
    trace: str = ""

    @classmethod
    def of(cls, error: Exception, trace: str = "") -> "Fault":
        """Take down an error."""
        code = error.exit_code if isinstance(error, StageError) else StageError.exit_code
        return cls(code, str(error) or type(error).__name__, trace)


def sum_up(faults: Mapping[str, Fault], total: int) -> StageError:
    """The one error for all files of a run that went wrong, by location.

    What another attempt may mend comes first, then faults of ours, of the set-up, bad input.
    """
    codes = {fault.exit_code for fault in faults.values()}
    head, listed = f"{len(faults)} of {total} transcripts", _list(faults)
    if TemporaryFault.exit_code in codes:
        return Unfinished(f"{head} could not be done, try again: {listed}")
    if StageError.exit_code in codes:
        return UnexpectedFaults(f"{head} met an unexpected fault: {listed}")
    if UsageFault.exit_code in codes:
        return UsageFault(f"{head} may not be read or written: {listed}")
    return BadTranscripts(f"{head} cannot be used, correct or remove them: {listed}")


def _list(faults: Mapping[str, Fault]) -> str:
    listed = [f"{uri}: {fault.sentence}" for uri, fault in sorted(faults.items())[:LISTED]]
    more = len(faults) - len(listed)
    return "; ".join(listed) + (f"; and {more} more" if more else "")
