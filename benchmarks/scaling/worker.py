"""Steps of training on the ranks of mpiexec, or in one process: worker.py PRESET IMAGES MICRO THREADS STEPS.

IMAGES are those of the whole batch, and MICRO those of a part, 0 for one part on each rank. Rank 0 prints a line of
JSON: for each step its seconds, those of the sum, those that the slowest rank waited for others before it, and the
bytes that rank 0 has sent.
"""

import json
import sys
import time
from dataclasses import replace

import numpy as np

from numpyssd import kernels
from numpyssd.cli import command
from numpyssd.detectors import new_detector
from numpyssd.ranks.setup import share_batches
from numpyssd.ranks.start import on_ranks
from numpyssd.run.recipes import presets, recipe_of
from numpyssd.training.batches import Batch
from numpyssd.training.loop import train_step
from numpyssd.training.optimizer import SGD

OBJECTS = np.array([[0.1, 0.2, 0.4, 0.6], [0.5, 0.4, 0.9, 0.9]], np.float32), np.array([1, 2])


def batch_of(detector, images: int, rows: slice) -> Batch:
    """Return the rows of a batch of noise with two objects in each image."""
    config = detector.model.config
    size, own = config.image_size, range(images)[rows]
    pixels = [np.random.default_rng(n).standard_normal((size, size, 3)).astype(np.float32) * 50 for n in own]
    targets = zip(*(detector.make_targets(*OBJECTS, np.random.default_rng(n)) for n in own))
    return Batch(np.stack(pixels), tuple(map(np.stack, targets)), np.array(own))


class Timed:
    """The sum of World, with the time that ranks wait for each other before it, and its own."""

    def __init__(self, ranks):
        self.ranks, self.add, self.waited, self.summed = ranks, ranks.gradient_sum.add, 0.0, 0.0
        ranks.gradient_sum.add = self

    def __call__(self, held):
        """Wait for all, then add."""
        started = time.perf_counter()
        self.ranks.gather([])
        together = time.perf_counter()
        found = self.add(held)
        self.waited, self.summed = together - started, time.perf_counter() - together
        return found


def main(arguments):
    """Time the steps."""
    preset, images, micro, threads, steps = arguments[0], *map(int, arguments[1:])
    with on_ranks(command.AT_EXIT) as ranks:
        kernels.use("cpu").set_threads(threads)
        detector = new_detector(presets()[preset], 0)
        recipe = replace(recipe_of("ssd", preset), batch_size=images, micro_batch=micro or None)
        recipe = share_batches(ranks, recipe, detector.model)
        rows = ranks.share.rows(ranks.rank) if ranks.size > 1 else slice(None)
        batch, optimizer = batch_of(detector, images, rows), SGD(detector.model.parameters(), 1e-5)
        detector.model.training = True
        found, timed = [], None
        for step in range(steps + 1):  # the first compiles, and touches all memory
            ranks.gather([])
            before = dict(ranks.gradient_sum.bytes) if timed else {}
            started = time.perf_counter()
            train_step(detector, optimizer, batch, recipe.micro_batch, ranks=ranks)
            seconds = time.perf_counter() - started
            if timed:
                sent = {name: count - before[name] for name, count in ranks.gradient_sum.bytes.items()}
                own = {"step": seconds, "sum": timed.summed, "waited": timed.waited, "sent": sent}
            elif ranks.size > 1:
                timed, own = Timed(ranks), None
            else:
                own = {"step": seconds, "sum": 0.0, "waited": 0.0, "sent": {}}
            everyone = ranks.gather([own])
            if step:
                slowest = {name: max(one[name] for one in everyone) for name in ("step", "sum", "waited")}
                found.append({**everyone[0], **slowest})
        values = sum(parameter.value.size for parameter in detector.model.parameters().values())
        print(json.dumps({"steps": found, "gradient": values * 4}), flush=True)
    return 0


if __name__ == "__main__":
    command.run(main, sys.argv[1:])
