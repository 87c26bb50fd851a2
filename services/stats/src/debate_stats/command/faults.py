"""What went wrong with some files of many, and the one error that sums it up."""

from collections.abc import Mapping
from dataclasses import dataclass

from debate_contract.errors import BadInput, StageError, TemporaryFault, UsageFault
from debate_contract.logs import Log

# A run that fails in ten thousand places has said so in as many warnings; its last word is short.
LISTED = 20


class BadTranscripts(BadInput):
    """Some transcripts of a run were bad; the others are done."""


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


def warn(log: Log, uri: str, fault: Fault) -> None:
    """Report what went wrong with one of many files; with the traceback where it is ours."""
    facts = {"traceback": fault.trace} if fault.trace else {}
    log.note(f"{uri}: {fault.sentence}", "warning", **facts)
