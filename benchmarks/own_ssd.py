"""How well lesson 16's file learns: lessons/own_ssd/my_ssd.py, NumPy alone, on the built-in set.

    python -m benchmarks.own_ssd [--seeds 2] [--steps 900]

Prints the mAP (VOC area, IoU 0.5) on the set's 200 test images over the minutes of training, and writes it to
benchmarks/results/own_ssd.json. The time of evaluations does not count. NumPy's matrix product has one thread.
"""

import argparse
import json
import os
from pathlib import Path

from benchmarks.machine import describe
from lessons.course.own_ssd.learning import RECIPE, train
from lessons.own_ssd import my_ssd
from numpyssd.cli import command

RESULTS = Path(__file__).parent / "results/own_ssd.json"
PARTS = 12  # the run is evaluated after each of so many equal parts


def main(argv=None):
    """Train with each seed, and write the results after each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=RECIPE["steps"])
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(argv)
    recipe = {**RECIPE, "steps": options.steps}
    moments = sorted({max(1, round(options.steps * part / PARTS)) for part in range(1, PARTS + 1)})
    results = {"recipe": recipe, "machine": describe(), "processors": os.cpu_count(), "runs": {}}
    for seed in range(options.seeds):
        print(f"seed {seed}")
        curve = train(my_ssd, lambda words: print(words, flush=True), recipe, seed=seed, moments=moments)[2]
        columns = dict(zip(("step", "seconds", "cpu_seconds", "loss", "mAP"), map(list, zip(*curve))))
        load = os.getloadavg()[1] if hasattr(os, "getloadavg") else None  # over 5 minutes: other work on the machine
        results["runs"][seed] = {**columns, "load": load}
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(results, indent=1) + "\n")
    for seed, run in results["runs"].items():
        seconds, cpu_seconds = run["seconds"][-1], run["cpu_seconds"][-1]
        print(f"seed {seed}: mAP {run['mAP'][-1]:.3f} after {seconds:.0f} s ({cpu_seconds:.0f} s of the processor)")


if __name__ == "__main__":
    command.run(main)
