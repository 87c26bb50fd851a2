"""Runs a stage's command many times in one process, which spares the starts of the others.

`python stage.py MODULE WORDS`, in the stage's own environment, has for WORDS a JSON list of lists
of arguments, and says the exit codes in JSON.
"""

import json
import sys
from importlib import import_module


def exit_code(program: str, words: list[str]) -> int:
    try:
        import_module(program).command.main([*words, "--log-format", "json"], standalone_mode=False)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


if __name__ == "__main__":
    json.dump([exit_code(sys.argv[1], words) for words in json.loads(sys.argv[2])], sys.stdout)
