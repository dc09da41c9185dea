"""Nine trainings of a small network on the built-in set: one healthy, eight with a fault each, for lesson 17.

    nice python -m benchmarks.clinic [--seed 0] [--only labels,mean] [--out benchmarks/results/clinic.json]

Seed 0 gives the runs that the lesson shows; of any other seed the file gets the symptoms alone, for an exercise. The
file keeps what it has of other seeds and cases. One core needs about ten minutes for the nine of a seed.
"""

import argparse
import time
from pathlib import Path

from lessons.course.clinic import records
from lessons.course.clinic.faults import CASES
from lessons.course.clinic.symptoms import symptoms
from lessons.course.clinic.training import train_case
from numpyssd import kernels


def main(argv=None):
    """Train the cases and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", metavar="NAMES", default=",".join(CASES), help="names of cases, with commas")
    parser.add_argument("--backend", default="cpu", help="reference, cpu or cuda (default: %(default)s)")
    parser.add_argument("--out", metavar="FILE", type=Path, default=records.FILE)
    options = parser.parse_args(argv)
    names = options.only.split(",")
    if unknown := sorted(set(names) - set(CASES)):
        parser.error(f"there is no case {unknown[0]}; the cases are {', '.join(CASES)}")
    for name in names:
        begin = time.process_time()
        with kernels.using(options.backend):
            record = train_case(CASES[name], options.seed)
        add(options.out, record)
        print(f"{name}: {time.process_time() - begin:.0f} s of processor time", flush=True)


def add(path, record):
    """Put a record into the file: whole if its seed is 0, or else only its symptoms."""
    runs, hidden = records.stored(path)
    if record["seed"] == 0:
        runs[record["name"]] = record
    else:
        key = (record["name"], record["seed"])
        hidden = [row for row in hidden if tuple(row[:2]) != key] + [[*key, symptoms(record)]]
    order = list(CASES)
    runs = {name: runs[name] for name in sorted(runs, key=order.index)}
    hidden.sort(key=lambda row: (row[1], order.index(row[0])))
    records.write(path, runs, hidden)


if __name__ == "__main__":
    main()
