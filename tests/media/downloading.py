"""Downloads files one after the other, in the downloader's own environment.

`python downloading.py FOLDER FILE...` makes the job FOLDER/<file's name> of each and says its exit
code in JSON.
"""

import json
import sys
from pathlib import Path

from debate_downloader import cli


def download(file: Path, folder: Path) -> int:
    """Run the command in this process, which spares the start of another one."""
    arguments = ["--video-url", str(file), "--output-s3-prefix", str(folder / file.name)]
    try:
        cli.command.main([*arguments, "--log-format", "json"], standalone_mode=False)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


if __name__ == "__main__":
    where, *files = map(Path, sys.argv[1:])
    json.dump({file.name: download(file, where) for file in files}, sys.stdout)
