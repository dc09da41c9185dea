"""The figures of the lesson on transfer: kernels as tiles, how far each layer moved, and mAP over the iterations."""

import json
from pathlib import Path

import numpy as np

from numpyssd.drawing import COLORS
from numpyssd.training.fine_tuning import layer_of

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks/results/transfer.json"
# One color and line for each start; black for what has learned from nothing.
STYLES = {
    "from nothing": ("#222222", ":"),
    "frozen base": (COLORS["positive"], "--"),
    "fine-tuned": (COLORS["ground truth"], "-"),
    "fine-tuned, base at a tenth": (COLORS["prediction"], "-."),
}


def measured(path=RESULTS):
    """Return what ``python -m benchmarks.transfer`` has written."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def curves_of(results):
    """Return {start: (iterations, mAP)} of those results."""
    return {name: ([int(n) for n in run["mAP"]], list(run["mAP"].values())) for name, run in results["runs"].items()}


def how_far(before, after):
    """Return {layer: the norm of the change of its weights divided by the norm they had}, in the order of ``before``.

    before, after: {name: array}. Only weights of convolutions count.
    """
    names = [name for name in before if name.endswith(".weight") and name in after]
    return {
        layer_of(name) if not name.startswith(("loc.", "conf.")) else name.removesuffix(".weight"): float(
            np.linalg.norm(after[name] - before[name]) / np.linalg.norm(before[name])
        )
        for name in names
    }


# ---------------------------------------------------------------------------------------------------------------------


def draw_kernels(ax, weight, columns=8):
    """Draw the kernels (k, k, 3, C) of a first layer as colored tiles: gray is 0, each tile is scaled by itself."""
    size, count = weight.shape[0], weight.shape[3]
    rows = -(-count // columns)
    sheet = np.ones((rows * (size + 1) - 1, columns * (size + 1) - 1, 3))
    for n in range(count):
        kernel = weight[..., n]
        row, column = n // columns * (size + 1), n % columns * (size + 1)
        sheet[row : row + size, column : column + size] = 0.5 + 0.5 * kernel / abs(kernel).max()
    ax.imshow(sheet, interpolation="nearest")
    ax.set_axis_off()


def draw_how_far(ax, changes):
    """Draw a bar for each layer: how far its weights moved, relative to their norm. changes: {start: how_far(...)}."""
    layers = list(next(iter(changes.values())))
    for start, change in changes.items():
        color, line = STYLES[start]
        values = [100 * change[layer] for layer in layers]
        ax.plot(values, range(len(layers)), line, color=color, marker="o", markersize=4, label=start)
    ax.set_yticks(range(len(layers)), layers, fontsize=8)
    ax.invert_yaxis()
    ax.set_xscale("log")
    ax.set_xlabel("the change of a layer's weights, percent of their norm")
    ax.grid(alpha=0.3)
    ax.legend(fontsize=9)


def draw_curves(ax, curves, xlabel="iterations"):
    """Draw mAP over iterations. curves: {start: (iterations, mAP)}."""
    for start, (iterations, values) in curves.items():
        color, line = STYLES[start]
        ax.plot(iterations, values, line, color=color, marker="o", markersize=4, label=start)
    ax.set_ylim(0, 1)
    ax.set_xlim(0)
    ax.set_xlabel(xlabel)
    ax.set_ylabel("mAP")
    ax.grid(alpha=0.3)
    ax.legend(fontsize=9)
