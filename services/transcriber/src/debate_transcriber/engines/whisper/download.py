"""Fetches Whisper's official weights, with a timeout, and says plainly why it could not."""

import functools
import socket
import sys
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from debate_transcriber.engines.whisper.names import file_name
from debate_transcriber.errors import TemporaryFault, UsageFault

NETWORK_TIMEOUT = 30.0  # s without an answer


def download_model(name: str, folder: Path) -> None:
    """Put the file of an official model into `folder`, its checksum verified.

    Raises UsageFault for an unknown name and TemporaryFault for the network.
    """
    if file_name(name) is None:
        raise unknown_model(name)
    import whisper

    with downloading(name):
        whisper._download(whisper._MODELS[name], str(folder), in_memory=False)


def unknown_model(name: str) -> UsageFault:
    """The error for a name that is no official one."""
    return UsageFault(
        f'There is no Whisper model "{name}": give an official name (such as small or turbo) or '
        "the path of a .pt file in WHISPER_MODEL."
    )


@contextmanager
def downloading(name: str) -> Iterator[None]:
    """Around a call of whisper that may download: timeout, bar on terminals only, our errors."""
    try:
        with _progress_on_terminals_only(), _network_timeout():
            yield
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise TemporaryFault(
            f"The Whisper model {name} could not be downloaded ({error}): try again later, or put "
            f"{file_name(name)} into the whisper/ folder of MODELS_PREFIX."
        ) from error
    except RuntimeError as error:
        if "SHA256" not in str(error):
            raise
        raise TemporaryFault(
            f"The download of the Whisper model {name} was damaged on the way: try again."
        ) from error


@contextmanager
def _progress_on_terminals_only() -> Iterator[None]:
    """Whisper draws a bar while it downloads; in a log of JSON lines it would only be noise."""
    import whisper

    original = whisper.tqdm
    whisper.tqdm = functools.partial(original, disable=not sys.stderr.isatty())
    try:
        yield
    finally:
        whisper.tqdm = original


@contextmanager
def _network_timeout() -> Iterator[None]:
    """Whisper opens its URL without a timeout."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(NETWORK_TIMEOUT)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
