"""How well lesson 16's file learns: lessons/own_ssd/my_ssd.py, NumPy alone, on the built-in set.

    python -m benchmarks.own_ssd [--steps 600] [--only 0 1 "forgotten layers"]

Prints the mAP (VOC area, IoU 0.5) on the set's 200 test images over the time of training, and writes it to
benchmarks/results/own_ssd.json: with the seeds 0 and 1, and once with the bug of lesson 16. The time of evaluations is
left out. NumPy's matrix product has one thread: the seconds of the processor are about those that the training takes on
a machine with nothing else to do.
"""

import argparse
import json
import os
from pathlib import Path

from benchmarks.machine import describe
from lessons.course.own_ssd.broken import forgotten_layers
from lessons.course.own_ssd.learning import RECIPE, train
from lessons.course.own_ssd.results import NAMES, RESULTS
from lessons.own_ssd import my_ssd
from numpyssd.cli import command

PARTS = 12  # the run is evaluated after each of so many equal parts


def run_once(key, recipe):
    """Train once; return the columns of its curve, and how busy the machine was meanwhile."""
    module, seed = (forgotten_layers(), 0) if key == "forgotten layers" else (my_ssd, int(key))
    moments = sorted({max(1, round(recipe["steps"] * part / PARTS)) for part in range(1, PARTS + 1)})
    curve = train(module, lambda words: print(words, flush=True), recipe, seed=seed, moments=moments)[2]
    columns = zip(("step", "seconds", "cpu_seconds", "loss", "mAP"), zip(*curve))
    busy = (
        os.getloadavg()[2] if hasattr(os, "getloadavg") else None
    )  # processes that computed or waited, over 15 minutes
    return {**{name: [round(value, 4) for value in column] for name, column in columns}, "busy": busy}


def main(argv=None):
    """Train what is asked for, and write the results after each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=RECIPE["steps"])
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(argv)
    recipe = {**RECIPE, "steps": options.steps}
    results = {"recipe": recipe, "runs": {}}
    if options.out.exists():
        before = json.loads(options.out.read_text(encoding="utf-8"))
        results["runs"] = before["runs"] if before["recipe"] == recipe else {}
    results |= {"machine": describe(), "processors": os.cpu_count()}
    for key in options.only:
        print(NAMES[key], flush=True)
        run = results["runs"][key] = run_once(key, recipe)
        options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        seconds = f"{run['seconds'][-1]:.0f} s ({run['cpu_seconds'][-1]:.0f} s of the processor)"
        print(f"{NAMES[key]}: mAP {run['mAP'][-1]:.3f} after {seconds}", flush=True)


if __name__ == "__main__":
    command.run(main)
