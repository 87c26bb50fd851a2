"""Pictures of the benchmarks."""

from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np

if TYPE_CHECKING:
    from calibration import Judged
    from debate_transcriber.measured.calibration import Curve

BEFORE, AFTER, QUIET = "#b45309", "#1d4ed8", "#9ca3af"


def draw_calibration(curve: "Curve", words: "Judged", file: Path) -> None:
    """On words the curve was not fitted to: are they right as often as said, and what is found."""
    after = np.interp(words.probability, curve.decoder, curve.right)
    with plt.rc_context({"svg.hashsalt": "calibration", "font.size": 10}):
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
        _reliability(left, {"before": words.probability, "after": after}, words.right)
        _found(right, after, words.right)
        figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def _reliability(axes: "plt.Axes", sides: dict[str, np.ndarray], right: np.ndarray) -> None:
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1)
    axes.annotate("as often as said", (0.06, 0.1), rotation=38, color=QUIET, fontsize=9)
    for (name, said), colour in zip(sides.items(), (BEFORE, AFTER), strict=True):
        bins = np.array_split(np.argsort(said), 8)
        points = [(said[b].mean(), right[b].mean()) for b in bins]
        axes.plot(*zip(*points, strict=True), "o-", color=colour, label=name)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability of the word", ylabel="share of words right")
    axes.set_title("Words are right as often as they say", loc="left", fontsize=10)
    axes.legend(frameon=False, loc="lower right")


def _found(axes: "plt.Axes", said: np.ndarray, right: np.ndarray) -> None:
    order = np.argsort(said, kind="stable")
    looked = np.arange(1, len(order) + 1) / len(order)
    found = np.cumsum(~right[order]) / max(1, (~right).sum())
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1)
    axes.plot(looked, found, color=AFTER)
    axes.set(xlim=(0, 1), ylim=(0, 1.01), xlabel="share of words looked at, least probable first")
    axes.set_ylabel("share of errors found")
    axes.set_title("Looking at the least probable first", loc="left", fontsize=10)
