"""Timing of a network: each layer by itself, and how the cost of a pass grows with pixels, batch, width and threads."""

import statistics
import sys
import time
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from numpyssd import kernels
from numpyssd.layers import Conv2d
from numpyssd.model.ssd import SSD
from numpyssd.model.summary import summary

PIXELS = (150, 212, 300, 424)  # sides of the image: each has twice the pixels of the one before
BATCHES = (1, 2, 4, 8)
WIDTHS = (0.25, 0.5, 1.0)


class Timed(NamedTuple):
    """One layer: its algorithm, seconds forward and backward (medians), and its multiply-adds for the batch."""

    layer: str
    algorithm: str
    forward: float
    backward: float
    multiply_adds: int


def noise(count, size, seed=0):
    """Return ``count`` preprocessed images of noise, (count, size, size, 3) float32."""
    return np.random.default_rng(seed).standard_normal((count, size, size, 3), np.float32) * 50


def algorithm_of(layer):
    """Return the algorithm by which the active backend computes a layer, or "" for all but convolutions."""
    if not isinstance(layer, Conv2d):
        return ""
    return kernels.active.conv2d_algorithm(layer.weight.value, layer.stride)


def time_layers(config, batch_size, rounds):
    """Return a Timed for each layer, and the median seconds of the whole forward and backward pass.

    The time of a pooling that its block does in one pass with the normalization is the normalization's.
    """
    model = SSD(config)
    model.training = True
    images = noise(batch_size, config.image_size)
    seconds = {layer.name: {"forward": [], "backward": []} for layer in model.layers()}
    for layer in model.layers():
        for direction in ("forward", "backward"):
            for method in (direction, f"{direction}_pooled"):  # the second: batch normalization with the pooling
                if hasattr(layer, method):
                    setattr(layer, method, _timed(getattr(layer, method), seconds[layer.name][direction]))
    whole = {"forward": [], "backward": []}
    for _ in range(rounds + 1):
        loc, conf = _timed(model.forward, whole["forward"])(images)
        _timed(model.backward, whole["backward"])(loc, conf)
    work = {row.layer: row.multiply_adds * batch_size for row in summary(config)}
    timed = [
        Timed(
            layer.name,
            algorithm_of(layer),
            *(statistics.median(seconds[layer.name][direction][1:] or [0]) for direction in ("forward", "backward")),
            work.get(layer.name, 0),
        )
        for layer in model.layers()
    ]
    return timed, *(statistics.median(whole[direction][1:]) for direction in ("forward", "backward"))


def _timed(function, seconds):
    """Return the function with a clock: each call appends what it took; the first round warms up."""

    def run(*arguments):
        started = time.perf_counter()
        result = function(*arguments)
        kernels.active.synchronize()  # a GPU still computes when the call returns
        seconds.append(time.perf_counter() - started)
        return result

    return run


def layer_table(timed, forward, best=None):
    """Return the layers as text: its fraction of the forward pass, and its GFLOP/s.

    The GFLOP/s count the multiply-adds of the plain convolution, so Winograd's exceed what the processor can do.
    best: the most GFLOP/s that the machine can do; then each layer's fraction of it is told too.
    """
    line = "{:<14}{:<12}{:>12}{:>10}{:>16}{:>13}"
    lines = [line.format("layer", "algorithm", "forward ms", "fraction", "GFLOP/s", "backward ms")]
    for row in timed:
        speed = 2e-9 * row.multiply_adds / row.forward if row.multiply_adds else 0.0
        rate = f"{speed:.0f}" if row.multiply_adds else ""
        rate += f" ({speed / best:.0%})" if best and rate else ""
        own = [f"{row.forward * 1e3:.2f}", f"{row.forward / forward:.1%}", rate, f"{row.backward * 1e3:.2f}"]
        # A pooling that is part of the normalization before it is never called by itself.
        lines.append(line.format(row.layer, row.algorithm, *(own if row.forward else ["-", "-", "", "-"])))
    return "\n".join(text.rstrip() for text in lines)


def growth(config, rounds, thread_counts):
    """Yield ``title, rows``: how the forward pass grows; rows are (what, seconds, units of work relative to the first).

    Pixels are varied on the base network alone, because the extra layers need the size that they are made for.
    """
    base = SSD(config).stages[0]
    yield (
        f"pixels (to {config.feature_maps[0].name})",
        [(f"{side} px", _median(base.forward, noise(1, side), rounds), (side / PIXELS[0]) ** 2) for side in PIXELS],
    )
    model = SSD(config)
    size = config.image_size
    yield "batch", [(f"{n}", _median(model.forward, noise(n, size), rounds), n / BATCHES[0]) for n in BATCHES]
    rows = []
    for width in WIDTHS:
        thin = replace(config, width=width * config.width)
        work = sum(row.multiply_adds for row in summary(thin))
        rows.append((f"{width:g}", _median(SSD(thin).forward, noise(1, size), rounds), work))
    yield "width", [(what, seconds, work / rows[0][2]) for what, seconds, work in rows]
    if thread_counts:
        rows, before = [], kernels.active.thread_count()
        for count in thread_counts:
            kernels.active.set_threads(count)
            rows.append((f"{count}", _median(model.forward, noise(4, size), rounds), 1))
        kernels.active.set_threads(before)
        yield "threads (batch 4)", rows


def _median(function, argument, rounds):
    seconds = []
    for _ in range(rounds + 1):
        _timed(function, seconds)(argument)
    return statistics.median(seconds[1:])


def growth_table(title, rows):
    """Return rows as text: the time, the time relative to the first row, and the work relative to the first row."""
    line = "{:<24}{:>12}{:>16}{:>16}"
    lines = [line.format(title, "forward ms", "times the time", "times the work")]
    for what, seconds, work in rows:
        lines.append(line.format(what, f"{seconds * 1e3:.1f}", f"{seconds / rows[0][1]:.2f}", f"{work:.2f}"))
    return "\n".join(lines)


def peak_memory():
    """Return the largest memory of this process so far in GiB, or None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30
