"""What ``python -m benchmarks.own_ssd`` has written, as a figure and in words."""

import json
from pathlib import Path

import numpy as np

from numpyssd.drawing import COLORS

RESULTS = Path(__file__).resolve().parents[3] / "benchmarks/results/own_ssd.json"
GOAL = 0.5  # mAP
NAMES = {"0": "seed 0", "1": "seed 1", "forgotten layers": "all layers but the predictors forgotten"}


def results(path=RESULTS):
    """Return the results that were written."""
    return json.loads(path.read_text(encoding="utf-8"))


def minutes_to(run, goal=GOAL):
    """Return the minutes of the processor at the first evaluation with an mAP of the goal or more, or None."""
    reached = [seconds for seconds, value in zip(run["cpu_seconds"], run["mAP"]) if value >= goal]
    return reached[0] / 60 if reached else None


def draw_learning(ax, found):
    """Draw mAP on the test images over the minutes of training, for each run."""
    for key, style in zip(NAMES, ("-", "--", "-")):
        if key in found["runs"]:
            run = found["runs"][key]
            color = COLORS["negative" if key == "forgotten layers" else "prediction"]
            minutes = np.array([0, *run["cpu_seconds"]]) / 60
            ax.plot(minutes, [0, *run["mAP"]], style, color=color, marker=".", linewidth=2, label=NAMES[key])
    ax.axhline(GOAL, color="black", linewidth=1, linestyle=":")
    ax.set_ylim(0, 1)
    ax.set_xlim(0, None)
    ax.set_xlabel("minutes of one processor")
    ax.set_ylabel("mAP on 200 test images")
    ax.legend(loc="lower right")
