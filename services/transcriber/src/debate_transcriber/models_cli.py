"""The command `debate-models`: fetches the standard engines' weights, once, for all machines."""

from typing import NoReturn

import click

from debate_transcriber import __version__
from debate_transcriber.cli import failures_reported, option, run_click
from debate_transcriber.logs import Log

EPILOG = """\b
Examples:
  HF_TOKEN=hf_... debate-models --models-prefix models
  HF_TOKEN=hf_... debate-models --models-prefix s3://bucket/models --whisper-model large-v3
"""


@click.command(epilog=EPILOG, context_settings={"max_content_width": 110})
@option("--models-prefix", "Folder or s3:// prefix to fill.", required=True)
@option("--whisper-model", "Whisper model by name.", default="turbo", show_default=True)
@option("--hf-token", "Hugging Face token, for pyannote's models.")
@click.version_option(__version__, prog_name="debate-models")
def command(models_prefix: str, whisper_model: str, hf_token: str | None) -> None:
    """Fetch the weights of Whisper and pyannote into a folder or an s3:// prefix.

    Jobs that are given it as MODELS_PREFIX download nothing. What is there already is kept; another
    Whisper model comes beside it.
    """
    log = Log("human")
    with failures_reported(log):
        from debate_transcriber.weights import fill_models, standard_weights

        written = fill_models(models_prefix, standard_weights(whisper_model, hf_token), log)
        log.finished(f"the models are in {models_prefix}", written, skipped=not written)


def main() -> NoReturn:
    """Entry point of `debate-models`."""
    run_click(command)
