"""A short training in which something happens to a rank: faulty_run.py FOLDER FAULT [RANK [ITERATION]].

In one process it happens there, to rank 0.
"""

import os
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from short_run import before_each_step, short_run

from numpyssd import kernels
from numpyssd.cli import command
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.errors import InputError
from numpyssd.ranks.setup import prepare
from numpyssd.ranks.start import on_ranks
from numpyssd.run import checkpoints
from numpyssd.weights.formats import npz

IMAGES, BATCH = 12, 6  # three parts
LENGTH = {"batch_size": BATCH, "micro_batch": 2, "iterations": 12, "evaluations": 3}


class Unreadable(ShapesDataset):
    """One image cannot be read, whichever rank needs it."""

    image = None

    def __getitem__(self, i):
        if i == self.image:
            raise InputError(f"image {i} cannot be decoded; copy it anew")
        return super().__getitem__(i)


def spoil_last_image(run, name, iteration):
    """Let the last image of a batch, which is in the part of the last rank, be unreadable, or not finite."""
    make, last, run.batches.cache_room = run.batches.batch, run.batches.indices(iteration)[-1], 0

    def batch(t):
        if t == iteration and name == "image":
            run.batches.dataset.image = last
        made = make(t)
        if t == iteration and last in made.indices:
            made.images[list(made.indices).index(last), 5, 5, 0] = np.nan
        return made

    run.batches.batch = batch


def no_memory(*_):
    raise MemoryError("Unable to allocate 1.00 GiB")


def fault_of(name, run, iteration):
    """Return a function that lets something happen to this rank."""
    weight = next(iter(run.model.parameters().values())).value
    return {
        "memory": lambda: setattr(run.detector, "loss_and_gradients", no_memory),
        "bug": lambda: setattr(run.detector, "loss_and_gradients", lambda *_: 1 / 0),
        "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
        "busy": lambda: time.sleep(4),
        "sigterm": lambda: os.kill(os.getpid(), signal.SIGTERM),
        "drift": lambda: weight.__setitem__(0, np.nextafter(weight[0], 9)),
        "full disk": lambda: setattr(npz.np, "savez", _full),
        "wait": lambda: time.sleep(0.2),
    }[name]


def _full(*_, **__):
    raise OSError(28, "No space left on device")


def main(arguments):
    """Train."""
    folder, name, rank, iteration = [*arguments, *("0", "5")[len(arguments) - 2 :]]
    rank, iteration = int(rank), int(iteration)
    kernels.active.set_threads(1)
    checkpoints.CHECKPOINT_SECONDS = -1 if name in ("drift", "kill", "stop") else 1e9  # save after each step, or never
    with on_ranks(command.AT_EXIT) as ranks:
        prepare(ranks, kernels.active, SimpleNamespace(threads=1))
        images = Unreadable(IMAGES)
        run = short_run(Path(folder), ShapesDataset(17, split="val"), dataset=images, ranks=ranks, **LENGTH)
        if name in ("image", "not finite"):
            spoil_last_image(run, name, iteration)
        elif name != "nothing":
            happen = fault_of(name, run, iteration)
            mine = name == "wait" or ranks.rank == rank
            before_each_step(run, lambda t: happen() if mine and (t == iteration or name == "wait") else None)
        run.run()
    return 0


if __name__ == "__main__":
    command.run(main, sys.argv[1:])
