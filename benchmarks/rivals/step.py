"""What a training step of each detector costs, beside what its multiply-adds predict.

    python -m benchmarks.rivals.step [--preset compact] [--rounds 11]

Steps of SSD, YOLO and Faster R-CNN on the same images of the built-in set take turns. What a step costs beyond its
multiply-adds is what they do not count: proposals, NMS, RoI pooling, losses, small layers.
"""

import argparse
import time
from dataclasses import replace
from statistics import median

from benchmarks.rivals.rows import MAIN, ROWS
from benchmarks.rivals.speed import counted_multiply_adds
from numpyssd import kernels
from numpyssd.cli import command
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
from numpyssd.detectors import new_detector
from numpyssd.run.recipes import presets
from numpyssd.training.batches import Batches
from numpyssd.training.loop import train_step
from numpyssd.training.optimizer import SGD

BATCH_SIZE = 8


def steps_of(name, preset):
    """Return a function that takes one training step of a detector."""
    config = replace(presets(ROWS[name].detector)[preset], num_classes=len(CLASS_NAMES) + 1)
    detector = new_detector(config)
    dataset = ShapesDataset(BATCH_SIZE, config.image_size)
    batch = Batches(dataset, config, detector.make_targets, BATCH_SIZE).batch(0)
    optimizer = SGD(detector.model.parameters(), lr=1e-4)
    detector.model.training = True
    return lambda: train_step(detector, optimizer, batch)


def compare(preset, rounds):
    """Return a row for each detector: seconds of a step, and multiply-adds of its forward pass for one image."""
    steps = {name: steps_of(name, preset) for name in MAIN}
    counts = {name: counted_multiply_adds(step) / BATCH_SIZE for name, step in steps.items()}  # and warms up
    seconds = {name: [] for name in MAIN}
    for _ in range(rounds):
        for name, step in steps.items():
            started = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - started)
    return [(name, median(seconds[name]), counts[name]) for name in MAIN]


def main(argv=None):
    """Print the table."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rivals.step", description=__doc__, formatter_class=form)
    parser.add_argument("--preset", choices=["compact", "tiny"], default="compact")
    parser.add_argument("--rounds", type=command.positive(int), default=11, metavar="N")
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    command.apply_machine_options(options).warm_up()
    rows = compare(options.preset, options.rounds)
    _, first, base = rows[0]
    print(f"{options.preset}, batches of {BATCH_SIZE}, {kernels.active.thread_count()} threads")
    print(f"{'':14}{'step (ms)':>10}{'/ SSD':>8}{'million multiply-adds':>24}{'/ SSD':>8}{'beyond':>8}")
    for name, seconds, count in rows:
        ratio, predicted = seconds / first, count / base
        numbers = f"{1000 * seconds:10.1f}{ratio:8.2f}{count / 1e6:24.1f}{predicted:8.2f}{ratio / predicted:8.2f}"
        print(f"{name:14}{numbers}")


if __name__ == "__main__":
    command.run(main)
