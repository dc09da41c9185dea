"""How fast each layer learns: ``gradients.csv`` (with --report-gradients); reports/gradient_figure.py draws it.

For each parameter at each evaluation: the length of its weights, of its gradient (as the step took it, so after
clipping), of the step that it just made, and step / weights. A layer whose step is about a thousandth of its weights
learns; one that stays far below stands still, one that comes near a tenth is being shaken. All of it is there after a
step anyway: the momentum is the step (Caffe's rule, training/optimizer.py). So only these lengths cost anything, and
only when they are asked for.
"""

import math

import numpy as np

from numpyssd.files import patiently, to_float, write_error
from numpyssd.run.log import Log, read_rows

NAME, FIGURE = "gradients.csv", "gradients.png"
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
    """Remove the report of an earlier run from a folder. Raises InputError if that fails."""
    for path in (out / NAME, out / FIGURE):
        try:
            patiently(path.unlink, missing_ok=True)
        except OSError as reason:
            raise write_error(path, reason, "choose another --out") from None


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
        found[name, int(iteration)] = [to_float(row.get(column), math.nan) for column in ("gradient", "ratio")]
    iterations = sorted({iteration for _, iteration in found})
    table = [[found.get((name, i), [math.nan] * 2) for i in iterations] for name in names]
    gradients, ratios = np.array(table, np.float64).reshape(len(names), len(iterations), 2).transpose(2, 0, 1)
    return np.array(iterations), names, gradients, ratios


def _length(array):
    return math.sqrt(float(np.vdot(array, array)))
