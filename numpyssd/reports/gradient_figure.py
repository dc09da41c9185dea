"""The figure of ``gradients.csv``: how fast each layer learns, at each evaluation."""

import numpy as np

from numpyssd.drawing import new_figure, save_figure
from numpyssd.run.gradient_report import FIGURE, HEALTHY, NAME, read_report


def write_gradient_figure(out):
    """Draw gradients.csv of a training folder into gradients.png, if there is anything to draw."""
    if not (out / NAME).is_file():
        return
    iterations, names, gradients, ratios = read_report(out / NAME)
    if not len(iterations):
        return
    figure, axes = new_figure(1, 2, (12, 1.6 + 0.2 * len(names)))
    draw_gradients(axes, iterations, names, gradients, ratios)
    save_figure(figure, out / FIGURE)


def draw_gradients(axes, iterations, names, gradients, ratios):
    """Draw two maps with a row for each layer and a column for each evaluation; see read_report."""
    from matplotlib.colors import LogNorm

    there = gradients[gradients > 0]
    norms = LogNorm(there.min(initial=1.0), there.max(initial=1.0) * 1.001)  # a scale even if all are alike
    title = "norm of the gradient (white: none in that batch)"
    drawn = _draw_map(axes[0], iterations, names, gradients, title, cmap="cividis", norm=norms)
    axes[0].figure.colorbar(drawn, ax=axes[0], shrink=0.9)
    drawn = draw_ratios(axes[1], iterations, names, ratios)
    axes[1].figure.colorbar(drawn, ax=axes[1], shrink=0.9)


def draw_ratios(ax, iterations, names, ratios):
    """Draw step by weights (P, E) of the layers at some iterations, and return what a color bar wants."""
    from matplotlib.colors import LogNorm

    title = "step / weights: blue stands still, red is shaken"
    scale = {"cmap": "RdBu_r", "norm": LogNorm(HEALTHY / 100, HEALTHY * 100)}
    return _draw_map(ax, iterations, names, ratios, title, **scale)


def _draw_map(ax, iterations, names, values, title, **scale):
    drawn = ax.imshow(np.where(values > 0, values, np.nan), aspect="auto", interpolation="nearest", **scale)
    ax.set_yticks(range(len(names)), [name.removesuffix(".weight") for name in names], fontsize=8)
    shown = np.unique(np.linspace(0, len(iterations) - 1, min(8, len(iterations))).round().astype(int))
    ax.set_xticks(shown, [f"{iterations[i]}" for i in shown], fontsize=8)
    ax.set_xlabel("iteration")
    ax.set_title(title, fontsize=11)
    return drawn
