"""The command `debate-transcribe` with its libraries imported: each fork of it starts at once.

For each line that it reads it runs the command, as the environment says, in a process of its own
and prints that process's id and, when it has ended, its exit code.
"""

import os
import sys

import cloudpathlib  # noqa: F401
import silero_vad.utils_vad  # noqa: F401
from debate_transcriber import cli, job  # noqa: F401
from debate_transcriber.engines.campplus import diarizer  # noqa: F401
from debate_transcriber.engines.whisper import recogniser  # noqa: F401


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> None:
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
