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
    lengths = LogNorm(there.min(initial=1.0), there.max(initial=1.0) * 1.001)  # a scale even if all are alike
    ratio_norm = LogNorm(HEALTHY / 100, HEALTHY * 100)
    for ax, values, options, title in (
        (
            axes[0],
            gradients,
            {"cmap": "cividis", "norm": lengths},
            "length of the gradient (white: none in that batch)",
        ),
        (axes[1], ratios, {"cmap": "RdBu_r", "norm": ratio_norm}, "step / weights: blue stands still, red is shaken"),
    ):
        drawn = ax.imshow(np.where(values > 0, values, np.nan), aspect="auto", interpolation="nearest", **options)
        ax.set_yticks(range(len(names)), [name.removesuffix(".weight") for name in names], fontsize=8)
        shown = np.unique(np.linspace(0, len(iterations) - 1, min(6, len(iterations))).round().astype(int))
        ax.set_xticks(shown, [f"{iterations[i]}" for i in shown], fontsize=8)
        ax.set_xlabel("iteration")
        ax.set_title(title, fontsize=11)
        ax.figure.colorbar(drawn, ax=ax, shrink=0.9)
