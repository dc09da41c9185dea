"""How fast a step of training SSD300 is, next to PyTorch.

    python -m benchmarks.training_step [--batch-size 1 4] [--rounds 9] [--threads 2] [--preset ssd300] [--out DIR]

A step is a forward pass, a backward pass from gradients of loc and conf that are given, and a step of SGD with momentum
and weight decay. FLOP are counted as in ``forward``: each convolution makes its output, the gradient of its weights,
and, but for the first one, that of its input.

First loc, conf and every gradient are compared with numpyssd's, by name; the gradients twice. In float64 they must
agree to 1e-3: that the graph and its gradients are the same. In float32, which is timed, they cannot: rounding decides
which of two nearly equal values a pooling takes, and whether a value next to zero passes a ReLU. A single such
kink on the other side moves the gradient by about 1 / sqrt(values of the map): by a thousandth on the large maps, by a
hundredth on the small ones. PyTorch's two layouts differ from each other as much. KINKS allows for a few of them.
"""

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.comparison import TOLERANCE, compare, options
from benchmarks.peers import Job
from benchmarks.training_peers import PEERS, Float64, relative_length
from benchmarks.worker import PeerError, Worker
from numpyssd.cli import command
from numpyssd.errors import InputError
from numpyssd.model.summary import summary
from numpyssd.run.recipes import PRESETS

KINKS = 3e-2  # of the length of a gradient in float32; a wrong kernel or bfloat16 is further off


def flops(config):
    """Return the floating-point operations of a training step for one image."""
    first, *others = (row.multiply_adds for row in summary(config))
    return 2 * (2 * first + 3 * sum(others))


def tolerance(name):
    """Return how far an array in float32 may be from numpyssd's."""
    return TOLERANCE if name in ("loc", "conf") else KINKS


def check_in_float64(config, threads):
    """Return a line that says how well PyTorch's gradients agree with ours in float64. Raises InputError if badly."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "differences.npz"
        try:
            worker = Worker(Float64, Job(config, 1, threads, Path(folder)))
            worker.ask("outputs", path)
            worker.close()
        except PeerError as reason:
            remedy = "pip install -r requirements-benchmark.txt brings what it needs"
            raise InputError(f"the gradients cannot be compared in float64 ({reason}); {remedy}") from None
        with np.load(path) as arrays:
            found = {name: float(value) for name, value in arrays.items()}
    worst = max(found, key=lambda name: float("inf") if np.isnan(found[name]) else found[name])
    if not found[worst] <= TOLERANCE:
        raise InputError(f"{worst}: PyTorch's gradient in float64 differs from ours by {found[worst]:.1e}; report it")
    return f"In float64 the gradients of PyTorch and numpyssd differ by {found[worst]:.0e} at most (of {worst})."


def main(argv=None):
    """Compare, and return the exit code."""
    settings = options("training_step", __doc__.splitlines()[0], [4], argv)
    config = PRESETS[settings.preset]
    notes = [
        check_in_float64(config, settings.threads),
        f"In float32 they differ by kinks that fall to the other side; up to {KINKS:g} is allowed.",
    ]
    work = flops(config)
    return compare("training_step", "Training step", PEERS, relative_length, work, settings, tolerance, notes)


if __name__ == "__main__":
    command.run(main)
