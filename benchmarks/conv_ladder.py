"""Time each rung of the ladder to the fast convolution (numpyssd/kernels/cpu/conv), after checking that all agree.

    python -m benchmarks.conv_ladder [--rounds N] [--threads N ...]

For two layers of VGG-16, each rung gets one line: milliseconds, GFLOP/s (of the plain convolution, so Winograd's may
exceed what the processor can do), and how many times faster it is than the rung before. The last line is NumPy's own
matrix product (BLAS) on the columns of the whole image. Raises SystemExit if a rung differs from the reference.
"""

import argparse
import platform
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from numpyssd.kernels import reference
from numpyssd.kernels.cpu.conv import im2col_forward, loops, winograd_forward
from numpyssd.kernels.cpu.conv.layout import packed
from numpyssd.kernels.cpu.conv.winograd_weights import transform_weights
from numpyssd.kernels.cpu.runtime import threads

LAYERS = ((75, 64, 64), (38, 256, 256))  # pixels of a side, channels in and out; 3x3, padding 1
TOLERANCE = 1e-4  # of the largest value of the output, in float32
SLOW = 1.0  # seconds from which on a rung runs once, not --rounds times


def rungs(x, weight, bias):
    """Return {name: function without arguments} that each convolve x with weight, padding 1."""
    finish = np.ones_like(bias), bias, False
    matrix, transformed = packed(weight.reshape(-1, weight.shape[3])), transform_weights(weight)
    out = np.empty((*x.shape[:3], weight.shape[3]), x.dtype)

    def register_block():
        im2col_forward.forward(x, matrix, finish, (3, 3), 1, 1, 1, out)
        return out

    def winograd():
        winograd_forward.forward(x, transformed, finish, 1, 1, out)
        return out

    def blas():
        with threadpool_limits(threads.thread_count(), user_api="blas"):
            padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
            windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
            columns = windows.reshape(-1, weight[..., 0].size)
            return (columns @ weight.reshape(-1, weight.shape[3]) + bias).reshape(out.shape)

    return {
        "loops": lambda: loops.conv2d_by_loops(x, weight, bias, 1),
        "im2col, product by loops": lambda: loops.conv2d_by_im2col_and_loops(x, weight, bias, 1),
        "im2col in strips, register block": register_block,
        "Winograd": winograd,
        "(im2col, BLAS)": blas,
    }


def check(rung, found, expected):
    """Raise SystemExit unless what a rung found is the reference's output, but for rounding."""
    error = np.abs(found - expected).max() / np.abs(expected).max()
    if not error < TOLERANCE:
        raise SystemExit(f"{rung} differs from the reference by {error:.1e} of the largest value, not {TOLERANCE:g}")


def seconds(function, rounds):
    """Return the shortest time of a function, which other programs disturbed least; the first call does not count."""
    function()
    taken = []
    while len(taken) < rounds and (not taken or taken[0] < SLOW):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return min(taken)


def ladder(side, channels_in, channels_out, rounds):
    """Yield (name, milliseconds, GFLOP/s, times faster than the rung before) for one layer."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1, side, side, channels_in), np.float32)
    weight = rng.standard_normal((3, 3, channels_in, channels_out), np.float32) / np.float32(3 * channels_in**0.5)
    bias = rng.standard_normal(channels_out, np.float32)
    expected = reference.conv2d_forward(*(a.astype(np.float64) for a in (x, weight, bias)), padding=1)
    operations = 2 * 9 * channels_in * channels_out * side * side
    before = None
    for name, function in rungs(x, weight, bias).items():
        check(name, function(), expected)
        taken = seconds(function, rounds)
        yield name, taken * 1e3, operations / taken / 1e9, before / taken if before else 1.0
        before = taken


def processor():
    """Return the name of the processor, as Linux tells it; elsewhere that of its architecture."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main(argv=None):
    """Print a table for each layer and each number of threads."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conv_ladder", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9, metavar="N", help="default: %(default)s")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], metavar="N", help="default: 1 2")
    options = parser.parse_args(argv)
    print(f"{processor()}, numpy {np.__version__}, float32, best of {options.rounds} rounds")
    line, count = "{:<36}{:>12}{:>12}{:>16}", threads.thread_count()
    for count_of_rung in options.threads:
        threads.set_threads(count_of_rung)
        for side, *channels in LAYERS:
            title = f"{side}x{side}, {channels[0]} -> {channels[1]}, {count_of_rung} threads"
            print("\n" + line.format(title, "ms", "GFLOP/s", "times faster"))
            for name, *numbers in ladder(side, *channels, options.rounds):
                print(line.format(name, *(f"{number:.1f}" for number in numbers)), flush=True)
    threads.set_threads(count)


if __name__ == "__main__":
    main()
