"""A GPU against the processor: are the numbers the same, and what is gained? For a machine that has one.

    python -m benchmarks.gpu [--rounds N] [--without-training]

Prints a table in Markdown: SSD300's loc, conf and gradients against the backend cpu, forward and backward, each a
median; the tiled convolution against the plain one; and what TINY learns, with the time it took.
"""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

from benchmarks.machine import processor
from numpyssd import kernels
from numpyssd.cli.timing import noise
from numpyssd.config import SSD300
from numpyssd.model.ssd import SSD

BATCHES = (1, 8, 32)


def passes(images):
    """Return loc, conf and every gradient of a seeded SSD300, by name, as NumPy arrays."""
    model, rng = SSD(SSD300), np.random.default_rng(1)
    loc, conf = model.forward(images)
    model.backward(
        *(rng.standard_normal(array.shape, np.float32) / np.float32(array.shape[1]) for array in (loc, conf))
    )
    return {"loc": loc, "conf": conf} | {name: p.grad for name, p in model.parameters().items()}


def differences(images):
    """Return rows of the table: how far the GPU's numbers are from the processor's, in length."""
    gpu = passes(images)
    with kernels.using("cpu"):
        ours = passes(images)
    gaps = {name: np.linalg.norm(gpu[name] - ours[name]) / np.linalg.norm(ours[name]) for name in ours}
    gradients = {name: gap for name, gap in gaps.items() if name not in ("loc", "conf")}
    worst = max(gradients, key=gradients.get)
    return [
        ("loc, conf against the backend cpu", f"{gaps['loc']:.1e}, {gaps['conf']:.1e}"),
        ("gradients: median array", f"{statistics.median(gradients.values()):.1e}"),
        (f"gradients: most different ({worst})", f"{gradients[worst]:.1e}"),
        ("two runs on the GPU, the same bits", "yes" if same_bits(gpu, passes(images)) else "**no**"),
    ]


def same_bits(one, other):
    """Return whether two dictionaries of arrays are equal to the bit."""
    return all(one[name].tobytes() == other[name].tobytes() for name in one)


def seconds(function, rounds):
    """Return the median time of a call, after one that does not count."""
    taken = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        function()
        kernels.active.synchronize()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:])


def speeds(rounds):
    """Yield rows of the table: images a second, forward and in a training step's forward and backward."""
    model = SSD(SSD300)
    for count in BATCHES:
        images = kernels.active.to_device(noise(count, SSD300.image_size))

        def both(images=images):
            loc, conf = model.forward(images)
            model.backward(loc, conf)

        forward = seconds(lambda images=images: model.infer(images), rounds)
        yield f"SSD300, batch {count}: images a second forward", f"{count / forward:.0f}"
        yield f"SSD300, batch {count}: forward and backward", f"{count / seconds(both, rounds):.0f}"


def tiles_against_plain(rounds):
    """Return a row: conv4_3's convolution in tiles and with a thread for each number, and the GPU's own rate."""
    from numpyssd.kernels.cuda.conv2d import conv2d_forward, conv2d_forward_plain
    from numpyssd.kernels.cuda.runtime.device import gpu

    rng = np.random.default_rng(0)
    x, weight, bias = (
        kernels.active.to_device(rng.standard_normal(shape, np.float32))
        for shape in ((8, 38, 38, 512), (3, 3, 512, 512), (512,))
    )
    rates = [
        2e-9 * 8 * 38 * 38 * 9 * 512 * 512 / seconds(lambda f=f: f(x, weight, bias, padding=1), rounds)
        for f in (conv2d_forward, conv2d_forward_plain)
    ]
    best = gpu().describe()[1]
    fractions = [f"{rate:.0f} ({rate / best:.0%})" for rate in rates]
    return "conv4_3, batch 8: GFLOP/s in tiles, plain (of the GPU's rate)", ", ".join(fractions)


def tiny():
    """Train TINY on the GPU and return a row: mAP and time."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "numpyssd.train", "--tiny", "--backend", "cuda", "--out", f"{folder}/run"]
        started = time.perf_counter()
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        taken = time.perf_counter() - started
    found = re.search(r"^mAP ([\d.]+)", output, re.MULTILINE)
    return "train --tiny: mAP, seconds", f"{found[1] if found else '?'}, {taken:.0f}"


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Compare the backends cuda and cpu on this machine.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--without-training", action="store_true")
    options = parser.parse_args()
    kernels.use("cuda").warm_up()
    from numpyssd.kernels.cuda.runtime.device import gpu

    name, best = gpu().describe()
    machine = f"{name}, {best:.0f} GFLOP/s by cores and clock; {processor()}; medians of {options.rounds}"
    print(f"| {machine} | |\n| --- | --- |")
    rows = differences(noise(2, SSD300.image_size))
    rows += [tiles_against_plain(options.rounds), *speeds(options.rounds)]
    for what, value in rows:
        print(f"| {what} | {value} |", flush=True)
    if not options.without_training:
        print("| {} | {} |".format(*tiny()))


if __name__ == "__main__":
    main()
