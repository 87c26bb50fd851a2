"""What a first job on this machine fails on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from debate_contract.errors import UsageFault

from debate_pipeline.job.stages import STAGES, find_command
from debate_pipeline.settings import Settings
from debate_pipeline.terminal.findings import Finding, ill, well

# A recording of some hours, its decoded sound and the weights.
LEAST_ROOM = 10 * 1000**3


def examine(settings: Settings) -> list[Finding]:
    """Return what is well and what is not on this machine."""
    return [*_commands(settings), _room(settings.root)]


def _commands(settings: Settings) -> Iterator[Finding]:
    for stage in STAGES:
        try:
            command = find_command(stage, settings.home, settings.environment.get("PATH"))
        except UsageFault as fault:
            yield ill(stage, str(fault))
        else:
            yield well(stage, command[0])


def _room(root: Path) -> Finding:
    there = next(folder for folder in (root, *root.parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:.1f} GB free for {root}"
    if free >= LEAST_ROOM:
        return well("disk", said)
    return ill("disk", f"{said}, a long recording wants 10: make room, or choose another --root")
