"""The command `debate-transcribe` with its networks loaded, when it has done its work once: what it
imports, reads and compiles on the way is there for each fork, which is at work at once.

For each line that it reads it runs the command, as the environment says, in a process of its own
and prints that process's id and, when it has ended, its exit code.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from debate_transcriber import cli
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


def rehearse() -> None:
    """Do the work once, for a folder that is thrown away."""
    with TemporaryDirectory() as folder:
        cli.command.main(["--output-s3-prefix", folder], standalone_mode=False)


def main() -> None:
    load_networks()
    rehearse()
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
