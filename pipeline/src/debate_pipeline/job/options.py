"""What became of a job's options when others are given: some replace one another."""

from collections.abc import Mapping

from debate_contract.errors import UsageFault

COUNT = "NUM_SPEAKERS"
LEAST, MOST = RANGE = ("MIN_SPEAKERS", "MAX_SPEAKERS")
CHANNELS, EACH_A_SPEAKER = "CHANNELS", "speakers"


def renew(before: Mapping[str, str], asked: Mapping[str, str]) -> dict[str, str]:
    """Return the options of a job that had `before`, when `asked` are given.

    What is given as empty is taken back. A count of speakers, a range of them and channels that
    are a speaker's each replace one another. Raises `UsageFault` for what contradicts itself.
    """
    replaced = _replaced({name: value for name, value in asked.items() if value})
    kept = {name: value for name, value in before.items() if name not in replaced}
    options = {name: value for name, value in (kept | dict(asked)).items() if value}
    _check_speakers(options)
    return options


def _replaced(given: Mapping[str, str]) -> set[str]:
    """Which earlier options have no place beside those that are given."""
    if given.get(CHANNELS) == EACH_A_SPEAKER:
        return {COUNT, *RANGE}
    if COUNT in given:
        return {*RANGE, CHANNELS}
    return {COUNT, CHANNELS} if given.keys() & {*RANGE} else set()


def _check_speakers(options: Mapping[str, str]) -> None:
    if options.get(CHANNELS) == EACH_A_SPEAKER and options.keys() & {COUNT, *RANGE}:
        raise UsageFault(
            "--channels speakers says already how many speak, one in each channel: "
            "leave --speakers, --min-speakers and --max-speakers out"
        )
    if COUNT in options and options.keys() & {*RANGE}:
        raise UsageFault(
            "--speakers contradicts --min-speakers and --max-speakers: give the count or the range"
        )
    if {*RANGE} <= options.keys() and int(options[LEAST]) > int(options[MOST]):
        raise UsageFault(
            f"--min-speakers {options[LEAST]} is more than --max-speakers {options[MOST]}; "
            "one that is not given keeps the value it had"
        )
