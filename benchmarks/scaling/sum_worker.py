"""The sum of gradients alone, on the ranks that mpiexec has started: sum_worker.py PRESET WIRE TIMES.

Rank 0 prints a line of JSON: the seconds of each sum, on the rank where it took longest, and the bytes that the ranks
of rank 0's machine have sent to other machines in one.
"""

import json
import sys
import time

import numpy as np

from numpyssd.cli import command
from numpyssd.model.ssd import SSD
from numpyssd.ranks.share import share
from numpyssd.ranks.start import on_ranks
from numpyssd.run.recipes import PRESETS


def main(arguments):
    """Time the sums, and check that all ranks have the same."""
    preset, wire, times = arguments[0], arguments[1], int(arguments[2])
    with on_ranks(command.AT_EXIT) as ranks:
        ranks.wire = wire
        ranks.divide(share(ranks.size, None, ranks.size))
        parameters = list(SSD(PRESETS[preset]).parameters().values())
        rng = np.random.default_rng(ranks.rank)
        gradients = [rng.standard_normal(parameter.value.shape).astype(np.float32) for parameter in parameters]
        seconds = []
        for _ in range(times + 1):  # the first connects, and touches all memory
            held = [gradient.copy() for gradient in gradients]
            ranks.gather([])
            started = time.perf_counter()
            found = ranks.sum_gradients(1, lambda _: held, parameters)  # noqa: B023
            seconds.append(max(ranks.gather([time.perf_counter() - started])))
        sums = ranks.gather([float(np.sum([array.sum() for array in found]))])
        assert len(set(sums)) == 1, sums
        sent = ranks.gather([ranks.gradient_sum.bytes["between machines"] // (times + 1)])
        here = sum(sent[rank] for rank in ranks.machines[0])
        size = sum(gradient.nbytes for gradient in gradients)
        found = {"seconds": seconds[1:], "sent": here, "machines": len(ranks.machines), "gradient": size}
        print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    command.run(main, sys.argv[1:])
