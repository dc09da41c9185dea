"""A short training that saves after each step, and goes on if there is what to go on with: killable_run.py FOLDER."""

import sys
from pathlib import Path

from short_run import short_run

from numpyssd import kernels
from numpyssd.cli import command
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.ranks.start import on_ranks
from numpyssd.run import checkpoints

LENGTH = {"batch_size": 8, "micro_batch": 2, "iterations": 40, "evaluations": 4, "ema": 0.9}


def main(arguments):
    """Train."""
    folder = Path(arguments[0])
    kernels.active.set_threads(1)
    checkpoints.CHECKPOINT_SECONDS = -1
    with on_ranks(command.AT_EXIT) as ranks:
        if ranks.first:
            print("together", flush=True)
        resumed = ranks.from_first((folder / "last.npz").exists)
        run = short_run(folder, ShapesDataset(17, split="val"), ranks=ranks, resumed=resumed, **LENGTH)
        if resumed:
            run.resume()
        run.run()
    return 0


if __name__ == "__main__":
    command.run(main, sys.argv[1:])
