"""What can go wrong here only, cut by what the caller does next."""

from debate_contract.errors import BadInput, TemporaryFault


class NoAudioTrack(BadInput):
    """There are pictures but no sound, so there is nothing to transcribe."""


class TooLong(BadInput):
    """The recording plays for longer than is taken: kilobytes may unpack to days of silence."""

    def __init__(self, name: str, max_seconds: int) -> None:
        super().__init__(
            f"{name} is longer than {max_seconds / 3600:g} h, the longest that is taken: cut it, or"
            " raise MAX_SECONDS"
        )


class PrivateAddress(BadInput):
    """The URL, or something it leads to, lies inside a private network."""


class JobBusy(TemporaryFault):
    """Another download is writing to the same job."""


class Interrupted(KeyboardInterrupt):
    """Stopped from outside: by SIGTERM or by the time limit.

    A KeyboardInterrupt, because yt-dlp swallows ordinary exceptions in places and stops its
    worker threads only for this one.
    """

    def __init__(self, error: TemporaryFault) -> None:
        super().__init__(str(error))
        self.error = error
