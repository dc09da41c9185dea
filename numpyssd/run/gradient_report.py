"""How fast each layer learns: ``gradients.csv`` (with --report-gradients), and its picture in the report.

For each parameter at each evaluation: the length of its weights, of its gradient (as the step took it, so after
clipping), of the step that it just made, and step / weights. A layer whose step is about a thousandth of its weights
learns; one that stays far below stands still, one that comes near a tenth is being shaken. All of it is there after a
step anyway: the momentum is the step (Caffe's rule, training/optimizer.py). So only these lengths cost anything, and
only when they are asked for.
"""

import math

import numpy as np

from numpyssd.drawing import new_figure, save_figure
from numpyssd.run.log import Log, read_rows

NAME, PICTURE = "gradients.csv", "gradients.png"
COLUMNS = ("iteration", "parameter", "values", "weights", "gradient", "step", "ratio")
HEALTHY = 1e-3  # step / weights: a rule of thumb


def report_gradients(out, iteration, optimizer):
    """Add a row for each parameter to gradients.csv in the folder ``out``, after a step of the optimizer.

    Rows of this iteration and later ones, of a run that was interrupted, go first. Without a gradient nothing happens:
    a run that was resumed has made no step yet.
    """
    if not any(parameter.grad.any() for parameter in optimizer.parameters.values()):
        return
    log = Log(out / NAME, iteration - 1, COLUMNS)
    for name, parameter in optimizer.parameters.items():
        weights, gradient, step = map(_length, (parameter.value, parameter.grad, optimizer.velocity[name]))
        ratio = step / weights if weights else math.nan
        log.add(
            iteration=iteration, parameter=name, values=parameter.value.size,
            weights=weights, gradient=gradient, step=step, ratio=ratio,
        )  # fmt: skip
    log.close()


def forget_report(out):
    """Remove the report of an earlier run from a folder."""
    for name in (NAME, PICTURE):
        (out / name).unlink(missing_ok=True)


def read_report(path):
    """Return iterations (E,), the names of the weights (P,), and their gradients and ratios, (P, E) each.

    Biases, shifts and scales are left out; a number that is missing or damaged is NaN.
    """
    found, names = {}, []
    for row in read_rows(path):
        iteration, name = row.get("iteration") or "", row.get("parameter") or ""
        if not iteration.isdecimal() or not name.endswith(".weight"):
            continue
        if name not in names:
            names.append(name)
        found[name, int(iteration)] = [_number(row.get(column)) for column in ("gradient", "ratio")]
    iterations = sorted({iteration for _, iteration in found})
    table = [[found.get((name, i), [math.nan] * 2) for i in iterations] for name in names]
    gradients, ratios = np.array(table, np.float64).reshape(len(names), len(iterations), 2).transpose(2, 0, 1)
    return np.array(iterations), names, gradients, ratios


def write_picture(out):
    """Draw gradients.csv of a training folder into gradients.png, if there is anything to draw."""
    if not (out / NAME).is_file():
        return
    iterations, names, gradients, ratios = read_report(out / NAME)
    if not len(iterations):
        return
    figure, axes = new_figure(1, 2, (12, 1.6 + 0.2 * len(names)))
    draw_gradients(axes, iterations, names, gradients, ratios)
    save_figure(figure, out / PICTURE)


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


def _length(array):
    return math.sqrt(float(np.vdot(array, array)))


def _number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return math.nan
