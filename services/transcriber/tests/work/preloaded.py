"""The command `debate-transcribe` with its libraries imported and its networks loaded: each fork of
it is at work at once.

For each line that it reads it runs the command, as the environment says, in a process of its own
and prints that process's id and, when it has ended, its exit code.
"""

import os
import sys
from pathlib import Path

import cloudpathlib  # noqa: F401
import silero_vad.utils_vad  # noqa: F401
from debate_transcriber import cli, job  # noqa: F401
from debate_transcriber.engines import EngineSettings, campplus, whisper


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def load_networks() -> None:
    # One thread: those of a pool would not outlive the fork.
    models, name = Path(os.environ["MODELS_PREFIX"]), os.environ["WHISPER_MODEL"]
    settings = EngineSettings("cpu", whisper_model=name, models=models, threads=1)
    recogniser, diarizer = whisper.load(settings), campplus.load(settings)
    whisper.load = lambda _settings: recogniser
    campplus.load = lambda _settings: diarizer


def main() -> None:
    load_networks()
    say("ready")
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            sys.argv = ["debate-transcribe"]
            cli.main()
        say(child)
        say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    main()
