"""Check the kernels against the reference, then time them: each layer of a network, and how the cost grows.

python -m numpyssd.benchmark
python -m numpyssd.benchmark --preset ssd512 --batch-size 4 --growth
"""

import platform
from dataclasses import replace

import numpy as np

from numpyssd import kernels
from numpyssd.cli import command
from numpyssd.errors import InputError
from numpyssd.run.recipes import PRESETS

CHECK_WIDTH = 0.125  # fewer channels for the check, because the reference is slow
# How much may differ from the reference, relative to the norm of each array. In float32 rounding decides for some units
# on which side of zero they are, and ReLU then passes their whole gradient or none of it; in float64 hardly ever.
CHECKS = (
    ("outputs in float32", np.float32, ("loc", "conf"), 1e-4),
    ("gradients in float64", np.float64, None, 1e-8),
    ("gradients in float32", np.float32, None, 5e-2),
)


def passes(config, dtype):
    """Run forward and backward of a seeded network; return loc, conf and every gradient by name."""
    from numpyssd.model.ssd import SSD

    model, rng = SSD(config), np.random.default_rng(0)
    for parameter in model.parameters().values():
        parameter.value = parameter.value.astype(dtype)
    for layer, key in model.running_statistics().values():
        layer.running[key] = layer.running[key].astype(dtype)
    images = (rng.standard_normal((1, config.image_size, config.image_size, 3)) * 50).astype(dtype)
    loc, conf = model.forward(images)
    model.backward(*(rng.standard_normal(array.shape).astype(dtype) for array in (loc, conf)))
    return {"loc": loc, "conf": conf} | {name: p.grad for name, p in model.parameters().items()}


def check(config):
    """Yield ``what, error, name, tolerance`` for each of CHECKS: the largest difference, and the array that has it."""
    config = replace(config, width=CHECK_WIDTH)
    checks = [row for row in CHECKS if row[1] == np.float32 or not kernels.active.ON_DEVICE]  # GPUs have float32 only
    found = {}
    for dtype in {dtype for _, dtype, *_ in checks}:
        fast = passes(config, dtype)
        with kernels.using("reference"):
            slow = passes(config, dtype)
        norms = {name: np.linalg.norm(array) for name, array in slow.items()}
        found[dtype] = {
            name: float(np.linalg.norm(fast[name] - slow[name]) / norm)
            for name, norm in norms.items()
            if norm > 1e-9 * max(norms.values())  # a bias before batch normalization has no gradient but rounding
        }
    for what, dtype, names, tolerance in checks:
        errors = {name: error for name, error in found[dtype].items() if names is None or name in names}
        worst = max(errors, key=lambda name: np.inf if np.isnan(errors[name]) else errors[name])
        yield what, errors[worst], worst, tolerance


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
    from numpyssd.cli import timing

    backend.warm_up()
    config = PRESETS[options.preset]
    for what, error, name, tolerance in check(config):
        print(f"against the reference, {what}: {name} differs most, by {error:.1e}", flush=True)
        if not error < tolerance:
            raise InputError(f"the kernels are wrong here: {name} differs by {error:.1e}, not {tolerance:g}; report it")
    count = backend.thread_count()
    print(f"{platform.machine()}, numpy {np.__version__}, {count} threads, backend {backend.NAME}")
    best = None
    if kernels.active.ON_DEVICE:
        name, best = backend.describe()
        print(f"{name}: at most {best:.0f} GFLOP/s in float32, by its cores and its clock")
    timed, forward, backward = timing.time_layers(config, options.batch_size, options.rounds)
    print(f"{config.name}, batch {options.batch_size}, medians of {options.rounds} rounds\n")
    print(timing.layer_table(timed, forward, best))
    memory = timing.peak_memory() or float("nan")
    print(f"\nforward {forward:.3f} s, backward {backward:.3f} s, peak memory {memory:.2f} GiB", flush=True)
    if options.growth:
        counts = [] if backend.NAME != "cpu" else sorted({1, 2, count} - set(range(count + 1, 3)))
        for title, rows in timing.growth(config, options.rounds, counts):
            print("\n" + timing.growth_table(title, rows), flush=True)
    return 0


if __name__ == "__main__":
    command.run(main)
