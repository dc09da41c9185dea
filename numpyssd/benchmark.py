"""Check the kernels against the reference, then time them: each layer of a network, and how the cost grows.

python -m numpyssd.benchmark
python -m numpyssd.benchmark --preset ssd512 --batch-size 4 --growth
"""

import platform
from dataclasses import replace

import numpy as np

from numpyssd import kernels
from numpyssd.errors import InputError
from numpyssd.run import command
from numpyssd.run.recipes import PRESETS

CHECK_WIDTH = 0.125  # the check uses the same graph, thinner, because the reference takes its time
TOLERANCE = 1e-4  # of the largest value of each array


def passes(model, images, rng_seed=0):
    """Run forward and backward; return loc, conf and every gradient by name."""
    loc, conf = model.forward(images)
    rng = np.random.default_rng(rng_seed)
    model.backward(rng.standard_normal(loc.shape, np.float32), rng.standard_normal(conf.shape, np.float32))
    return {"loc": loc, "conf": conf} | {name: p.grad.copy() for name, p in model.parameters().items()}


def check(config):
    """Return the largest difference from the reference, relative to the largest value of its array, and its name."""
    from numpyssd.model.ssd import SSD

    config = replace(config, width=CHECK_WIDTH)
    images = np.random.default_rng(0).standard_normal((1, config.image_size, config.image_size, 3), np.float32) * 50
    fast = passes(SSD(config), images)
    with kernels.using("reference"):
        slow = passes(SSD(config), images)
    errors = {
        name: float(np.abs(fast[name] - slow[name]).max() / np.abs(slow[name]).max())
        for name in slow
        if np.abs(slow[name]).max() > 0
    }
    worst = max(errors, key=errors.get)
    return errors[worst], worst


def main(argv=None):
    """Check, then time, and return the exit code."""
    parser = command.parser(
        "benchmark",
        "Check the kernels against the reference, then time each layer of a network, and how the cost grows.",
        [
            "python -m numpyssd.benchmark",
            "python -m numpyssd.benchmark --preset ssd512 --batch-size 4 --rounds 5",
            "python -m numpyssd.benchmark --growth",
        ],
    )
    parser.add_argument("--preset", choices=list(PRESETS), default="ssd300", help="the network (default: %(default)s)")
    parser.add_argument("--batch-size", type=command.positive(int), default=1, metavar="N", help="default: 1")
    parser.add_argument("--rounds", type=command.positive(int), default=7, metavar="N", help="default: %(default)s")
    parser.add_argument("--growth", action="store_true", help="also vary pixels, batch, width and threads")
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    backend = command.apply_machine_options(options)
    from numpyssd.run import timing

    backend.warm_up()
    config = PRESETS[options.preset]
    error, name = check(config)
    print(f"against the reference: {name} differs most, by {error:.1e} of its largest value", flush=True)
    if not error < TOLERANCE:
        raise InputError(f"the kernels are wrong here: {name} differs by {error:.1e}, more than {TOLERANCE}; report it")
    backend_name, count = backend.__name__.rpartition(".")[2], threads()
    print(f"{platform.machine()}, numpy {np.__version__}, {count} threads, backend {backend_name}")
    timed, forward, backward = timing.time_layers(config, options.batch_size, options.rounds)
    print(f"{config.name}, batch {options.batch_size}, medians of {options.rounds} rounds\n")
    print(timing.layer_table(timed, forward))
    memory = timing.peak_memory() or float("nan")
    print(f"\nforward {forward:.3f} s, backward {backward:.3f} s, peak memory {memory:.2f} GiB", flush=True)
    if options.growth:
        counts = [] if backend_name == "reference" else sorted({1, 2, count} - set(range(count + 1, 3)))
        for title, rows in timing.growth(config, options.rounds, counts):
            print("\n" + timing.growth_table(title, rows), flush=True)
    return 0


def threads():
    """Return how many threads the active backend uses."""
    if not kernels.active.__name__.endswith(".cpu"):
        return 1
    from numpyssd.kernels.cpu.threads import thread_count

    return thread_count()


if __name__ == "__main__":
    command.run(main)
