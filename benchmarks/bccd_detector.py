"""Make data/bccd.npz, a detector of blood cells: ``python -m benchmarks.bccd_detector --data data/bccd``.

Trains ``compact`` on BCCD's training split as ``train --data`` does (about six minutes on two cores), and writes the
weights that were best on val as float16, with the score thresholds of the classes. The test split is not looked at.
"""

import argparse
from pathlib import Path

from benchmarks.half_precision import write_half
from numpyssd import train
from numpyssd.cli import command

ITERATIONS = 1360  # 5000 were no better (docs/measurements.md)


def main(argv=None):
    """Train, go on with a run that was stopped, or take one that is finished; then write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="BCCD in VOC layout")
    parser.add_argument("--run", type=Path, default=Path("runs/bccd_detector"), help="of the training")
    parser.add_argument("--out", type=Path, default=Path("data/bccd.npz"))
    options = parser.parse_args(argv)
    if (options.run / "last.npz").exists():
        train.main(["--resume", "--out", str(options.run)])
    else:
        train.main([
            "--data", options.data, "--bad-data", "skip", "--iterations", str(ITERATIONS), "--seed", "0",
            "--out", str(options.run),
        ])  # fmt: skip
    write_half(options.run / "best.npz", options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    command.run(main)
