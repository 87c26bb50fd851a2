"""The hub that holds pyannote's models, and plain words for what it refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from debate_contract.errors import TemporaryFault

from debate_transcriber.engines.pyannote import places
from debate_transcriber.errors import EngineUnavailable


def download_pipeline(folder: Path, token: str | None) -> None:
    """Put the files of the pinned revision into `folder`.

    Raises EngineUnavailable (no token, terms not accepted) and TemporaryFault (network).
    """
    checked = require_token(token)
    from huggingface_hub import hf_hub_download

    with hub_faults():
        for name in places.FILES:
            hf_hub_download(
                places.REPOSITORY, name, revision=places.REVISION, token=checked, local_dir=folder
            )


def require_token(token: str | None) -> str:
    """Return the token; raises EngineUnavailable, with the way to one, where it can be none."""
    if token and token.startswith("hf_"):
        return token
    problem = "got an HF_TOKEN that does not begin with hf_" if token else "needs HF_TOKEN"
    raise EngineUnavailable(
        f"pyannote {problem}: accept the terms at {places.TERMS}, make a token at "
        f"{places.TOKENS} and set HF_TOKEN to it, or put the model into MODELS_PREFIX/pyannote."
    )


@contextmanager
def hub_faults() -> Iterator[None]:
    """Turn what the hub's client raises into the stage's errors."""
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        yield
    except (LocalEntryNotFoundError, ConnectionError, TimeoutError) as error:
        raise _unreachable(error) from error
    except HfHubHTTPError as error:
        raise _refused(error) from error


def _refused(error: Any) -> Exception:
    status = error.response.status_code if error.response is not None else None
    if status == 401:
        return EngineUnavailable(
            f"{places.HOST} does not accept HF_TOKEN: make a new one at {places.TOKENS}."
        )
    if status in {403, 404}:
        return EngineUnavailable(
            f"HF_TOKEN may not read pyannote's model: accept the terms at {places.TERMS} with the "
            f"account of the token, and let the token read gated repositories ({places.TOKENS})."
        )
    return _unreachable(error)


def _unreachable(error: Exception) -> TemporaryFault:
    cause = first_line(error.__cause__ or error)
    return TemporaryFault(
        f"pyannote's model could not be downloaded from {places.HOST} ({cause}): try again later, "
        "or put it into MODELS_PREFIX/pyannote."
    )


def first_line(error: BaseException) -> str:
    """The first line of a library's message, fit for the middle of a sentence."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".:")
