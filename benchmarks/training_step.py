"""How fast a step of training SSD300 is, next to PyTorch.

    python -m benchmarks.training_step [--batch-size 1 4] [--rounds 9] [--threads 2] [--preset ssd300] [--out DIR]

A step is a forward pass, a backward pass from gradients of loc and conf that are given, and a step of SGD with momentum
and weight decay. First every gradient is compared with numpyssd's, by name. FLOP are counted as in ``forward``: each
convolution makes its output, the gradient of its weights, and, but for the first one, that of its input.
"""

import numpy as np

from benchmarks.comparison import compare, options
from benchmarks.training_peers import PEERS
from numpyssd.model.ledger import ledger
from numpyssd.run import command
from numpyssd.run.recipes import PRESETS


def difference(array, ours):
    """Return the length of the difference of two arrays, relative to the length of ours."""
    return float(np.linalg.norm(array - ours) / np.linalg.norm(ours))


def flops(config):
    """Return the floating-point operations of a training step for one picture."""
    first, *others = (row.multiply_adds for row in ledger(config))
    return 2 * (2 * first + 3 * sum(others))


def main(argv=None):
    """Compare, and return the exit code."""
    settings = options("training_step", __doc__.splitlines()[0], [4], argv)
    return compare("training_step", "Training step", PEERS, difference, flops(PRESETS[settings.preset]), settings)


if __name__ == "__main__":
    command.run(main)
