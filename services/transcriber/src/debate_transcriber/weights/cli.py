"""The command `debate-models`: fetches the engines' weights, into the cache or for everyone."""

from typing import NoReturn

import click
from debate_contract.commands import option, run_click
from debate_contract.errors import TemporaryFault
from debate_contract.logs import Log

from debate_transcriber import __version__
from debate_transcriber.cli import failures_reported

EPILOG = """\b
Examples:
  debate-models --list
  debate-models                                      # into this user's cache
  debate-models --models-prefix models --whisper-model base
  HF_TOKEN=hf_... debate-models --models-prefix s3://bucket/models --whisper-model large-v3
"""


@click.command(epilog=EPILOG, context_settings={"max_content_width": 110})
@option("--models-prefix", "Folder or s3:// prefix to fill; left out: the cache of this user.")
@option(
    "--whisper-model",
    "Whisper model by name; left out: small for the cache, turbo for a prefix, and base where "
    "that cannot be reached.",
)
@option("--hf-token", "Hugging Face token, if pyannote's pipeline is wanted too.")
@click.option("--list", "listing", is_flag=True, help="Show all weights, sizes, licences, sources.")
@click.version_option(__version__, prog_name="debate-models")
def command(
    models_prefix: str | None, whisper_model: str | None, hf_token: str | None, listing: bool
) -> None:
    """Fetch the weights of Whisper and of the voices, and with a token pyannote's.

    What is there already is kept; another Whisper model comes beside it. Jobs that are given the
    folder as MODELS_PREFIX download nothing.
    """
    if listing:
        _list()
        return
    log = Log("models", as_json=False)
    with failures_reported(log):
        _fill(models_prefix or None, whisper_model or None, hf_token or None, log)


def _fill(prefix: str | None, model: str | None, token: str | None, log: Log) -> None:
    from debate_transcriber.weights.cache import cache_folder
    from debate_transcriber.weights.prefix import fill_gated, fill_open
    from debate_transcriber.weights.registry import VOICES

    target = prefix or str(cache_folder())
    written = fill_gated(target, token, log) if token else []
    written += _fill_whisper(target, model, "turbo" if prefix else "small", log)
    written += fill_open(target, VOICES, log)
    log.finished(f"the models are in {target}", written, skipped=not written)


def _fill_whisper(target: str, asked: str | None, default: str, log: Log) -> list[str]:
    """The model asked for; where none is, the default or what package mirrors have in its place."""
    from debate_transcriber.engines.whisper import names
    from debate_transcriber.weights.prefix import fill_open

    weights, lesser = names.weights_of(asked or default), names.weights_of(names.FALLBACK)
    if weights is None or lesser is None:
        raise names.unknown_model(asked or default)
    try:
        return fill_open(target, [weights], log)
    except TemporaryFault as fault:
        if asked:
            raise
        log.note(f"{fault} {lesser.title} (draft quality) is taken in its place.", "warning")
        return fill_open(target, [lesser], log)


def _list() -> None:
    from debate_transcriber.weights.cache import find
    from debate_transcriber.weights.registry import VOICES, WHISPER, Published

    for weights in (*WHISPER.values(), *VOICES):
        kinds = [
            "publisher" if isinstance(source, Published) else "package registry"
            for source in weights.sources
        ]
        here = "here" if find(weights, None) else ""
        click.echo(
            f"{weights.title:<42} {weights.megabytes:>5} MB  {weights.licence:<22} "
            f"{', then '.join(kinds):<32} {here}".rstrip()
        )


def main() -> NoReturn:
    """Entry point of `debate-models`."""
    run_click(command, "debate-models")
