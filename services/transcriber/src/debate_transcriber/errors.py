"""What can go wrong here only, cut by what the caller does next."""

from debate_contract.errors import BadInput, UsageFault


class EngineUnavailable(UsageFault):
    """An engine was asked for by name and cannot run here."""


class NoAudioTrack(BadInput):
    """The recording has no sound."""
