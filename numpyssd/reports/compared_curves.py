"""The curves of a run over those of another one, so that one sees at once what is different."""

import numpy as np

from numpyssd.drawing import COLORS
from numpyssd.reports.curves import LIGHT
from numpyssd.run.log import series, smooth

PARTS = (("conf", "conf (what)", 1), ("loc", "loc (where)", 2))  # of the loss: its column, its name, its color


def draw_losses_over(ax, log, reference, theme=LIGHT):
    """Draw conf and loc of a run over those of a reference run (gray), on a logarithmic axis.

    log, reference: dictionaries from column to values (rows,), of which "iteration", "conf" and "loc" are drawn, as a
    running mean; a run may be shorter than its reference, because it stopped.
    """
    for name, label, color in PARTS:
        ax.plot(*_smoothed(reference, name), color=COLORS["default box"], linewidth=1.2, alpha=0.8)
        ax.plot(*_smoothed(log, name), color=theme["lines"][color], linewidth=1.8, label=label)
    ax.set_yscale("log")
    ax.minorticks_off()
    ax.set_xlim(0, reference["iteration"].max())
    ax.grid(alpha=0.4, linewidth=0.6)


def draw_maps_over(ax, maps, reference, theme=LIGHT):
    """Draw the mAP at some iterations over that of a reference run; both are pairs (iteration, mAP) (E, 2)."""
    for values, color, width in ((reference, COLORS["default box"], 1.2), (maps, theme["lines"][0], 1.8)):
        x, y = np.asarray(values, float).reshape(-1, 2).T
        ax.plot(x, y, color=color, linewidth=width, marker="o", markersize=3)
    ax.set_xlim(0, np.max(reference, axis=0)[0])
    ax.set_ylim(0, 1)
    ax.grid(alpha=0.4, linewidth=0.6)


def _smoothed(log, name, window=5):
    x, y = series(log, name)
    return x, smooth(y, window)
