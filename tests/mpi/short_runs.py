"""Short trainings on the ranks that mpiexec has started, or in one process: short_runs.py FOLDER NAME ...

Each NAME is one of RUNS; a run leaves its files in FOLDER/NAME.
"""

import sys
from dataclasses import replace
from pathlib import Path

from short_run import short_run

from numpyssd import kernels
from numpyssd.cli import command
from numpyssd.config import COMPACT, SSD300
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.ranks.start import on_ranks
from numpyssd.rivals.faster_rcnn.config import FASTER_RCNN_TINY
from numpyssd.rivals.yolo.config import YOLO_TINY

EIGHT = {"batch_size": 8, "micro_batch": 2, "iterations": 6, "warm_up": 2, "evaluations": 2}
SMALL_COMPACT = replace(COMPACT, width=0.0625, num_classes=6)
RUNS = {
    "tiny": {"clip_gradient": 1.0, **EIGHT},
    "average": {"ema": 0.9, "lr": 0.02, **EIGHT},
    # Its last map has one cell: parts of two images have too few values for statistics of their own there.
    "compact": {"config": SMALL_COMPACT, **EIGHT, "iterations": 3, "clip_gradient": 3.0},
    # Without batch normalization a part may be one image.
    "plain": {"config": replace(SSD300, width=0.0625, num_classes=6), **EIGHT, "iterations": 2, "micro_batch": 1},
    "yolo": {"config": YOLO_TINY, **EIGHT, "iterations": 4},
    "faster_rcnn": {"config": FASTER_RCNN_TINY, **EIGHT, "iterations": 3},
    "three parts": {**EIGHT, "batch_size": 7, "micro_batch": 3},
    "one part each": {**EIGHT, "micro_batch": None},
}
VAL = 17  # images: not as many groups of eight for each rank


def main(arguments):
    """Do the runs."""
    folder, *names = arguments
    with on_ranks(command.AT_EXIT) as ranks:
        kernels.active.set_threads(1)
        for name in names:
            short_run(Path(folder) / name, ShapesDataset(VAL, split="val"), ranks=ranks, **RUNS[name]).run()
    return 0


if __name__ == "__main__":
    command.run(main, sys.argv[1:])
