"""Transcripts on disk or on S3, and what lies beside them."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from debate_contract.storage import Location, exists, list_files, locate, read

from debate_stats.command.parallel import Outcome, attempt
from debate_stats.errors import NoTranscripts

TRANSCRIPT_SUFFIX = "_transcription.json"
READ_AHEAD = 4


def find_transcripts(
    prefix: Location, without: Location | None = None, listed: Iterable[str] = ()
) -> list[Location]:
    """Every transcript at or anywhere under the prefix, sorted, but those under another folder.

    `listed` are the addresses of all files there, where known. Raises NoTranscripts if none.
    """
    if prefix.name.endswith(TRANSCRIPT_SUFFIX) and exists(prefix):
        return [prefix]
    # As they are: a name that `locate` refuses is one debate's fault, not the end of them all.
    places = [_below(prefix, uri) for uri in listed] or list_files(prefix, deep=True)
    found = [one for one in places if one.name.endswith(TRANSCRIPT_SUFFIX)]
    if without is not None:
        found = [one for one in found if not str(one).startswith(f"{without}/")]
    if not found:
        raise NoTranscripts(str(prefix))
    return found


def _below(prefix: Location, uri: str) -> Location:
    return Path(uri) if isinstance(prefix, Path) else prefix.client.CloudPath(uri)


def companion(transcript: Location, suffix: str) -> Location:
    """The file beside a transcript whose name has another suffix."""
    return transcript.with_name(transcript.name.removesuffix(TRANSCRIPT_SUFFIX) + suffix)


def read_many(uris: Sequence[str]) -> Iterator[Outcome[str, bytes]]:
    """The content of each file, in order; a few are read ahead of time and at the same time."""
    waiting = deque(uris)
    coming: deque[Future[Outcome[str, bytes]]] = deque()
    with ThreadPoolExecutor(READ_AHEAD) as threads:
        while waiting or coming:
            while waiting and len(coming) < READ_AHEAD:
                coming.append(threads.submit(attempt, _read_at, waiting.popleft()))
            yield coming.popleft().result()


def _read_at(uri: str) -> bytes:
    return read(locate(uri))
