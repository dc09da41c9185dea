"""How fast the forward pass of SSD300 is, next to the frameworks that people use on a CPU.

    python -m benchmarks.forward [--batch-size 1 8] [--rounds 9] [--threads 2] [--preset ssd300] [--out DIR]

The same graph with the same seeded weights in float32, each peer in a process of its own, in alternating rounds. First
each peer's loc and conf are compared with numpyssd's. FLOP are those of a convolution as it is defined, two for each
multiply-add of ``numpyssd.model.summary``, however few a peer gets by with; so a rate above sgemm's is possible.
"""

import numpy as np

from benchmarks.comparison import compare, options
from benchmarks.peers import PEERS
from benchmarks.phone_peers import Mnn, Ncnn
from numpyssd.cli import command
from numpyssd.model.summary import summary
from numpyssd.run.recipes import PRESETS


def difference(array, ours):
    """Return the largest difference of two arrays, relative to the largest value of ours."""
    return float(np.abs(array - ours).max() / np.abs(ours).max())


def flops(config):
    """Return the floating-point operations of a forward pass over one image."""
    return 2 * sum(row.multiply_adds for row in summary(config))


def main(argv=None):
    """Compare, and return the exit code."""
    settings = options("forward", __doc__.splitlines()[0], [1, 8], argv)
    return compare(
        "forward", "Forward pass", (*PEERS, Ncnn, Mnn), difference, flops(PRESETS[settings.preset]), settings
    )


if __name__ == "__main__":
    command.run(main)
