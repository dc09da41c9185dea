"""Which steps give the same bits on processors with other vector instructions.

    python -m benchmarks.same_bits

Each step is computed in a process of its own for each processor: compiled for generic (SSE2, no fused multiply-add),
AVX2 and AVX-512, as far as this one has them, with NumPy's own code for those left out that the named one lacks. A row
is a step; processors with the same letter gave the same bits. The inputs of a step are the same numbers everywhere, so
a step that differs makes no other one differ; only the last rows go through everything.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys

import numpy as np

FEATURES = "+avx,+avx2,+fma,+bmi,+bmi2,+lzcnt,+popcnt,+f16c,+movbe,+sse3,+ssse3,+sse4.1,+sse4.2"
PROCESSORS = {  # what Numba compiles for, OpenBLAS's name of it, and which of NumPy's extensions it has
    "generic": ({"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}, "Prescott", lambda name: False),
    "AVX2": (
        {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": FEATURES},
        "Haswell",
        lambda name: "512" not in name and name != "X86_V4",
    ),
    "AVX-512": ({}, "SkylakeX", lambda name: True),
}


def steps():
    """Yield (name, arrays): each step with inputs that do not depend on the processor, then whole networks."""
    from numpyssd.kernels import cpu

    rng = np.random.default_rng(0)

    def random(*shape):
        return rng.uniform(-1, 1, shape).astype(np.float32)

    x, bias = random(2, 19, 19, 64), random(96)
    for name, kernel, stride in (("3x3, Winograd", 3, 1), ("1x1, im2col", 1, 1), ("3x3, stride 2, im2col", 3, 2)):
        weight = random(kernel, kernel, 64, 96) / (8 * kernel)
        out = cpu.conv2d_forward(x, weight, bias, stride, kernel // 2, relu=True)
        yield f"convolution {name}: forward", [out]
        dout = random(*out.shape)
        yield f"convolution {name}: gradients", cpu.conv2d_backward(dout, x, weight, stride, kernel // 2)
    pooled, argmax = cpu.maxpool2d_forward(x, 3, 2, 1)
    yield "max pooling", [pooled, argmax, cpu.maxpool2d_backward(random(*pooled.shape), argmax, x.shape, 3, 2, 1)]
    scale, shift, dout = random(64), random(64), random(*x.shape)
    yield "L2 normalization", [cpu.l2norm_forward(x, scale), *cpu.l2norm_backward(dout, x, scale)]
    mean, variance = cpu.batchnorm_statistics(x)
    yield "batch normalization: statistics", [mean, variance]
    mean, variance = random(64), abs(random(64)) + 1
    yield "batch normalization: forward", [cpu.batchnorm_forward(x, mean, variance, scale, shift)]
    yield "batch normalization: backward", cpu.batchnorm_backward(dout, x, mean, variance, scale)
    pooled, kept = cpu.batchnorm_maxpool_forward(x, mean, variance, scale, shift, 2)
    gradients = cpu.batchnorm_maxpool_backward(random(*pooled.shape), kept, x, mean, variance, scale, 2)
    yield "batch normalization with pooling", [pooled, *gradients]
    value, velocity = random(999), random(999)
    cpu.sgd_step(value, random(999), velocity, 0.1, 0.9, 5e-4)
    yield "SGD", [value, velocity]
    yield from _of_the_network(random)


def _of_the_network(random):
    from numpyssd.config import TINY
    from numpyssd.images.preprocess import preprocess
    from numpyssd.inference.postprocess import postprocess
    from numpyssd.model.default_boxes import default_boxes
    from numpyssd.model.ssd import SSD
    from numpyssd.ssd import SSDDetector
    from numpyssd.training.batches import Batch
    from numpyssd.training.loop import train_step
    from numpyssd.training.matching import targets
    from numpyssd.training.multibox_loss import multibox_loss
    from numpyssd.training.optimizer import SGD

    side, boxes = TINY.image_size, default_boxes(TINY)
    photographs = [((random(50 + i, 70, 3) + 1) * 127).astype(np.uint8) for i in range(2)]
    images = preprocess(photographs, TINY)
    yield "resizing and normalizing images", [images]
    gt_boxes, gt_labels = np.array([[0.1, 0.2, 0.5, 0.7], [0.4, 0.4, 0.9, 0.8]], np.float32), np.array([1, 2])
    of_one = targets(gt_boxes, gt_labels, boxes)
    yield "matching and offsets", of_one
    loc_targets, conf_targets = (np.stack([array] * 2) for array in of_one)
    loc, conf = random(2, len(boxes), 4), 3 * random(2, len(boxes), TINY.num_classes)
    yield "loss and its gradients", [np.array(a) for a in multibox_loss(loc, conf, loc_targets, conf_targets)[:3]]
    yield "softmax, decoding and NMS", postprocess(loc[0], conf[0], boxes)
    model = SSD(TINY, seed=0)
    images = random(2, side, side, 3)
    yield "TINY: forward", model.forward(images)
    model.backward(random(*loc.shape), random(*conf.shape))
    yield "TINY: gradients", [parameter.grad for parameter in model.parameters().values()]
    detector = SSDDetector(model)
    optimizer = SGD(model.parameters(), 1e-3)
    train_step(detector, optimizer, Batch(images, (loc_targets, conf_targets), np.arange(2)))
    yield "TINY: weights after one step", [parameter.value for parameter in model.parameters().values()]


def digests():
    """Return {name of a step: a digest of its bits}."""
    found = {}
    for name, arrays in steps():
        content = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
        found[name] = hashlib.sha256(content).hexdigest()
    return found


def numpy_extensions():
    """Return the names of the vector extensions for which NumPy has code of its own that this processor can run."""
    return np.__config__.show(mode="dicts")["SIMD Extensions"]["found"]


def digests_of(processor):
    """Return the digests of a processor of PROCESSORS, computed in a process of its own."""
    numba, blas, has = PROCESSORS[processor]
    left_out = " ".join(name for name in numpy_extensions() if not has(name))
    environment = {**os.environ, **numba, "OPENBLAS_CORETYPE": blas}
    if left_out:  # an empty list is a mistake in NumPy's eyes
        environment["NPY_DISABLE_CPU_FEATURES"] = left_out
    command = [sys.executable, "-m", "benchmarks.same_bits", "--digests"]
    return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout)


def letters(values):
    """Return a letter for each value, the same one for equal values: a for the first."""
    seen = list(dict.fromkeys(values))
    return ["abcdefgh"[seen.index(value)] for value in values]


def main(argv=None):
    """Print the table, in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.same_bits", description=__doc__.split("\n")[0])
    parser.add_argument(
        "--digests", action="store_true", help="print the digests of this process as JSON, and no table"
    )
    if parser.parse_args(argv).digests:
        return print(json.dumps(digests()))
    import llvmlite.binding as llvm

    if not llvm.get_process_triple().startswith("x86"):
        parser.error("the table is of x86's extensions; on other processors use --digests, and compare by eye")
    has = llvm.get_host_cpu_features().get
    names = [name for name, flag in (("generic", True), ("AVX2", has("avx2")), ("AVX-512", has("avx512f"))) if flag]
    found = [digests_of(name) for name in names]
    print("| step |", " | ".join(names), "|\n| --- |", " | ".join(["---"] * len(names)), "|")
    for step in found[0]:
        print(f"| {step} |", " | ".join(letters([digests[step] for digests in found])), "|")


if __name__ == "__main__":
    main()
