"""Where the time of an image goes, and what a network costs: multiply-adds, parameters, memory.

python -m benchmarks.rivals.speed FILE SIZE     prints the peak memory of detection in one process
"""

import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from unittest.mock import patch

import numpy as np

from numpyssd.detectors import load_detector
from numpyssd.errors import InputError
from numpyssd.inference import detect
from numpyssd.layers import Conv2d
from numpyssd.rivals.connected import Connected
from numpyssd.weights import save

ROUNDS = 15
BATCHES = (1, 8)


def stages_of(detector):
    """Return the stages of the network of any of the three: name -> [(object, name of its method), ...]."""
    model, name = detector.model, detector.model.config.detector
    if name == "ssd":
        base = [part for part in model.stages if part.layers()[0].name.startswith(("conv1_", "pool", "conv5_"))]
        extra = [(part, "infer") for part in model.stages if part not in base]
        return {"trunk": [(part, "infer") for part in base], "head": [*extra, (model.predictors, "infer")]}
    found = {"trunk": [(model.trunk, "infer")]}
    if name == "yolo":
        return found | {"head": [(model.head, "infer")]}
    return found | {
        "head": [(model.rpn, "infer")], "proposals": [(model, "propose")], "regions": [(model, "infer_regions")]
    }  # fmt: skip


class Stopwatch:
    """Wraps methods, and adds up how long they take under a name."""

    def __init__(self):
        self.seconds = {}

    def around(self, name, function):
        """Return the function with its time added to ``seconds[name]``."""

        def timed(*arguments, **options):
            started = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

        return timed


def milliseconds(detector, image, rounds=ROUNDS) -> dict:
    """Return the milliseconds of each stage of detection in one image: the median of so many rounds."""
    found, stages = [], stages_of(detector)
    for _ in range(rounds):
        watch = Stopwatch()
        with ExitStack() as stack:
            for name, methods in stages.items():
                for owner, method in methods:
                    stack.enter_context(patch.object(owner, method, watch.around(name, getattr(owner, method))))
            stack.enter_context(patch.object(detect, "preprocess", watch.around("resize", detect.preprocess)))
            started = time.perf_counter()
            list(detector.detect([image], batch_size=1))
            total = time.perf_counter() - started
        found.append(watch.seconds | {"boxes and NMS": total - sum(watch.seconds.values())})
    order = ["resize", *stages, "boxes and NMS"]
    return {name: 1000 * median(row[name] for row in found) for name in order}


def images_per_second(detector, image, batch_size) -> float:
    """Return how many images a second are detected in, with so many at a time."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        list(detector.detect([image] * batch_size, batch_size=batch_size))
        rounds.append(time.perf_counter() - started)
    return batch_size / median(rounds)


def multiply_adds(detector, image) -> int:
    """Return the multiply-adds of detection in one image."""
    return counted_multiply_adds(lambda: list(detector.detect([image], batch_size=1)))


def counted_multiply_adds(work) -> int:
    """Return the multiply-adds of all convolutions and connected layers, counted while ``work()`` computes them.

    Of a training step those of the forward pass.
    """
    counted = []

    def counting(compute):
        def counted_compute(layer, x, *arguments, **options):
            out = compute(layer, x, *arguments, **options)
            counted.append(int(np.prod(out.shape[:3])) * layer.weight.value.size)
            return out

        return counted_compute

    with ExitStack() as stack:
        for owner, method in ((Conv2d, "compute"), (Connected, "infer")):
            stack.enter_context(patch.object(owner, method, counting(getattr(owner, method))))
        work()
    return sum(counted)


def peak_memory(detector) -> float | None:
    """Return the MiB that a process needs that loads these weights and detects.

    None if a file cannot hold them, and on Windows, where the system does not tell.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.npz"
        save(detector.model, path)
        try:
            load_detector(path)
        except InputError:
            return None
        command = [sys.executable, "-m", "benchmarks.rivals.speed", str(path), str(detector.model.config.image_size)]
        done = subprocess.run(command, capture_output=True, text=True)
        return float(done.stdout) if done.returncode == 0 else None


def speed_of(detector, dataset) -> dict:
    """Return all of it for a trained detector, in the first image of a data set."""
    image = dataset[0].image
    list(detector.detect([image] * max(BATCHES)))  # compiles, and fills the caches
    return {
        "milliseconds": milliseconds(detector, image),
        "images_per_second": {str(size): images_per_second(detector, image, size) for size in BATCHES},
        "multiply_adds": multiply_adds(detector, image),
        "parameters": sum(parameter.value.size for parameter in detector.model.parameters().values()),
        "peak_MiB": peak_memory(detector),
    }


def main(path, size):
    """Print the peak memory of this process, in MiB, after detection in one image."""
    image = np.random.default_rng(0).integers(0, 256, (int(size), int(size), 3)).astype(np.uint8)
    list(load_detector(path).detect([image]))
    print(peak_of_process())


def peak_of_process() -> float:
    """Return the most MiB that this process has had; getrusage would count the process that started it, too."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    import resource  # Windows has none

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
