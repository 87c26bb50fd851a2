"""What can go wrong here only, cut by what the caller does next."""

from debate_contract.errors import BadInput, InputNotFound


class BadTranscript(BadInput):
    """A transcript that no statistics can be made from; `field` says where it is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}" if field else problem)
        self.field = field


class NoTranscripts(InputNotFound):
    """Nothing under the prefix is a transcript."""

    def __init__(self, prefix: str) -> None:
        super().__init__(
            f"No *_transcription.json lies under {prefix}; check the prefix or transcribe first."
        )
        self.prefix = prefix


class NoDataset(InputNotFound):
    """There is no dataset to query."""

    def __init__(self, dataset: str) -> None:
        super().__init__(f"No dataset lies at {dataset}; write it by debate-stats corpus.")
        self.dataset = dataset
