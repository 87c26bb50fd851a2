"""Pictures of the benchmarks."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np

if TYPE_CHECKING:
    from calibration import Tested

BEFORE, AFTER, QUIET = "#b45309", "#1d4ed8", "#9ca3af"
NAMES = {"en": "English", "other": "other languages"}


def draw_calibration(groups: Mapping[str, "Tested"], file: Path) -> None:
    """Per group of languages: are words right as often as said; then, how fast errors are found."""
    with plt.rc_context({"svg.hashsalt": "calibration", "font.size": 10}):
        figure, (*plots, last) = plt.subplots(
            1, len(groups) + 1, figsize=(4.2 * (len(groups) + 1), 4.2), layout="constrained"
        )
        for axes, (group, tested) in zip(plots, groups.items(), strict=True):
            _reliability(axes, NAMES[group], tested)
        _found(last, groups)
        figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def _reliability(axes: "plt.Axes", name: str, tested: "Tested") -> None:
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1)
    axes.annotate("as often as said", (0.07, 0.12), rotation=40, color=QUIET, fontsize=9)
    for label, said, colour in (("before", tested.before, BEFORE), ("after", tested.after, AFTER)):
        bins = np.array_split(np.argsort(said), 8)
        points = [(said[b].mean(), tested.right[b].mean()) for b in bins]
        axes.plot(*zip(*points, strict=True), "o-", color=colour, label=label)
    axes.set(
        xlim=(0, 1), ylim=(0, 1), xlabel="probability of a word", ylabel="share of words right"
    )
    axes.set_title(f"{name}: {len(tested.right):,} words", loc="left", fontsize=10)
    axes.legend(frameon=False, loc="lower right")


def _found(axes: "plt.Axes", groups: Mapping[str, "Tested"]) -> None:
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1)
    for (group, tested), style in zip(groups.items(), ("-", "--"), strict=False):
        order = np.argsort(tested.after, kind="stable")
        looked = np.arange(1, len(order) + 1) / len(order)
        found = np.cumsum(~tested.right[order]) / max(1, (~tested.right).sum())
        axes.plot(looked, found, style, color=AFTER, label=NAMES[group])
    axes.set(xlim=(0, 1), ylim=(0, 1.01), xlabel="share of words looked at, least probable first")
    axes.set(ylabel="share of errors found")
    axes.set_title("Looking at the least probable first", loc="left", fontsize=10)
    axes.legend(frameon=False, loc="lower right")
