"""What slow cores beside fast ones do to the speed: kernels are timed here, the cores that share them are simulated.

    python -m benchmarks.uneven_cores [--preset ssd300] [--batch-size 1 8] [--rounds 5]

An operation ends with its last piece. If a core of a third of the speed takes that one, the fast cores wait, and the
whole can take longer than without the slow cores. The kernels of a forward pass and of a training step (without the
loss) are timed by one thread, and the pieces of each count as equally long. Then each piece goes to the core that is
free first, as in ``threads.parallel``. What cannot be simulated: cores that share memory, and a clock that drops when
all of them work.
"""

import argparse
import contextlib
import heapq
import sys
import time
from unittest import mock

from benchmarks.machine import processor
from numpyssd import kernels
from numpyssd.cli.command import positive
from numpyssd.cli.timing import noise
from numpyssd.kernels.cpu.runtime.tickets import new_tickets
from numpyssd.model.ssd import SSD
from numpyssd.run.recipes import PRESETS

# Speeds as fractions of a fast core's. An Efficiency core of Apple's has 0.25 to 0.35, by its clock and its units.
CORES = {
    "2 fast": [1] * 2,
    "2 fast, 8 of 0.35": [1] * 2 + [0.35] * 8,
    "4 fast": [1] * 4,
    "4 fast, 4 of 0.25": [1] * 4 + [0.25] * 4,
    "4 fast, 4 of 0.35": [1] * 4 + [0.35] * 4,
    "4 fast, 4 of 0.5": [1] * 4 + [0.5] * 4,
    "4 fast, 8 of 0.35": [1] * 4 + [0.35] * 8,
    "8 fast": [1] * 8,
    "8 fast, 4 of 0.35": [1] * 8 + [0.35] * 4,
}
# The time that this thread computed, which other programs do not disturb; Windows counts it in steps that are too long.
clock = time.perf_counter if sys.platform == "win32" else time.thread_time


@contextlib.contextmanager
def recorded():
    """In a ``with`` block, do all pieces in this thread; the list it gives gets the seconds of each call's pieces."""
    calls = []

    def parallel(work, count):
        start = clock()
        if count > 0:
            work(new_tickets(first=0))
        calls.append([(clock() - start) / count] * count if count else [])

    with contextlib.ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            if name.startswith("numpyssd.kernels.cpu.") and hasattr(module, "parallel"):
                stack.enter_context(mock.patch.object(module, "parallel", parallel))
        yield calls


def time_pieces(run, rounds):
    """Return the seconds of each piece of each call of ``parallel`` in run(), and the seconds outside: the shortest."""
    run()
    run()  # only weights that are used again are kept in the form that an algorithm needs
    operations, outside = None, float("inf")
    for _ in range(rounds):
        with recorded() as calls:
            start = clock()
            run()
            whole = clock() - start
        outside = min(outside, whole - sum(map(sum, calls)))
        pairs = zip(operations or calls, calls, strict=True)
        operations = [[min(two) for two in zip(*pair, strict=True)] for pair in pairs]
    return operations, outside


def seconds(pieces, speeds):
    """Return how long an operation takes whose pieces go, in turn, to the core that is free first, or the fastest."""
    free = [(0.0, -speed) for speed in speeds]  # when, and of which speed
    heapq.heapify(free)
    for piece in pieces:
        when, negative = free[0]
        heapq.heapreplace(free, (when + piece / -negative, negative))
    return max(when for when, _ in free)


def speed_up(operations, outside, speeds):
    """Return how many times faster than one fast core these cores are; ``outside`` is what one core does alone."""
    alone = sum(map(sum, operations)) + outside
    return alone / (sum(seconds(pieces, speeds) for pieces in operations) + outside)


def passes(config, batch_size):
    """Yield the names of a forward pass and a training step of a network, and functions that run them."""
    model, images = SSD(config), noise(batch_size, config.image_size)
    yield "forward", lambda: model.infer(images)
    model.training = True
    yield "step", lambda: model.backward(*model.forward(images))


def main(argv=None):
    """Print how much faster than one core each set of cores would be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.uneven_cores", description=__doc__.split("\n")[0])
    parser.add_argument("--preset", choices=list(PRESETS), default="ssd300", help="the network (default: %(default)s)")
    parser.add_argument("--batch-size", nargs="+", type=positive(int), default=[1, 8], metavar="N", help="default: 1 8")
    parser.add_argument("--rounds", type=positive(int), default=5, metavar="N", help="default: %(default)s")
    options = parser.parse_args(argv)
    kernels.use("cpu").warm_up()
    timed = {
        f"{name}, batch {batch_size}": time_pieces(run, options.rounds)
        for batch_size in options.batch_size
        for name, run in passes(PRESETS[options.preset], batch_size)
    }
    print(f"{options.preset} on {processor()}: times faster than one fast core, simulated\n")
    print(f"| cores | {' | '.join(timed)} |\n|{' --- |' * (1 + len(timed))}")
    for name, speeds in CORES.items():
        print(f"| {name} | {' | '.join(f'{speed_up(*pieces, speeds):.2f}' for pieces in timed.values())} |")


if __name__ == "__main__":
    main()
