"""Hears of every block that arrives: shows progress, keeps the size limit, passes on a stop."""

from typing import Any

from debate_contract.errors import BadInput
from debate_contract.logs import Log

from debate_downloader.interrupts import Stopper


class Watch:
    """yt-dlp's progress hook; called from its worker threads too."""

    def __init__(self, log: Log, stopper: Stopper, max_bytes: int) -> None:
        self.log = log
        self.stopper = stopper
        self.max_bytes = max_bytes
        self.files: dict[str, tuple[int, int | None]] = {}
        self.lengths_known = True

    def reset(self) -> None:
        """Forget the files of an earlier attempt."""
        self.files.clear()
        self.lengths_known = True

    def __call__(self, news: dict[str, Any]) -> None:
        """Take yt-dlp's report about one file."""
        if self.stopper.reason:
            raise self.stopper.reason
        exact = int(news.get("total_bytes") or 0)
        done = int(news.get("downloaded_bytes") or 0)
        total = exact or int(news.get("total_bytes_estimate") or 0) or None
        self.lengths_known = self.lengths_known and total is not None
        self.files[str(news.get("filename"))] = (done, total)
        self._check_size(max(done, exact))
        self.log.progress("download", *self._sums(), "bytes")

    def _check_size(self, size: int) -> None:
        if size > self.max_bytes:
            raise BadInput(
                f"the recording is larger than {self.max_bytes / 1e9:.3g} GB: take a lower "
                "--max-height, or raise --max-bytes"
            )

    def _sums(self) -> tuple[int, int | None]:
        """Bytes that have come and bytes in all, over the files begun so far."""
        totals = [total for _, total in self.files.values()]
        known = sum(total for total in totals if total is not None)
        return sum(done for done, _ in self.files.values()), None if None in totals else known
