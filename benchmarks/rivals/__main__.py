"""Train SSD, YOLO and Faster R-CNN alike, and compare them on the test images.

    python -m benchmarks.rivals --data BCCD [--epochs 30] [--seeds 3] [--only NAME ...]
    python -m benchmarks.rivals --data shapes
    python -m benchmarks.rivals --data BCCD --minutes 5
    python -m benchmarks.rivals --data BCCD --time-again

First each detector's learning rate is searched on val, with seed 0 and a quarter of the length; then each row is
trained with each seed, and the test images are looked at. What is in the results already is not trained again.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.rivals.figure import draw
from benchmarks.rivals.measuring import measure
from benchmarks.rivals.rows import INPUTS, MAIN, RATES, ROWS
from benchmarks.rivals.speed import speed_of
from benchmarks.rivals.table import markdown
from benchmarks.rivals.training import make_row, train_row
from numpyssd.cli import command
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.datasets.voc import VOCDataset
from numpyssd.errors import InputError

SHAPES = {"train": 400, "val": 100, "test": 200}  # images of the built-in set, at the size of the network
SEARCH_LENGTH = 4  # a run of the search has this fraction of the length


def load(name):
    """Return train, val and test."""
    if name == "shapes":
        return [ShapesDataset(count, 300, split=split) for split, count in SHAPES.items()]
    train = VOCDataset(name, "train", bad_data="skip")
    return [train, *(VOCDataset(name, split, train.class_names, "skip") for split in ("val", "test"))]


def search(results, data, options, save):
    """Find the learning rate of each detector that the asked rows need: the one with the best mAP on val."""
    for name in dict.fromkeys(main_row(row) for row in options.only):
        found = results["search"].setdefault(name, {})
        for rate in RATES:
            if str(rate) in found:
                continue
            length = {"epochs": max(1, options.epochs // SEARCH_LENGTH)}
            if options.minutes:
                length["minutes"] = options.minutes / SEARCH_LENGTH
            _, state = train_row(ROWS[name], data, 0, rate, **length)
            found[str(rate)] = state.best_map
            print(f"search, {name}, rate {rate:g}: {state.best_map:.3f} on val", flush=True)
            save()


def main_row(name):
    """Return the main row that a row is a change of."""
    row = ROWS[name]
    return row.of or row.trained_as or name


def run(results, data, options, save):
    """Train and measure what is missing."""
    for seed in range(options.seeds):
        for name in (name for name in options.only if not ROWS[name].trained_as):
            users = [name, *(other for other in options.only if ROWS[other].trained_as == name)]
            if all(f"{user}|{seed}" in results["runs"] for user in users):
                continue
            found = results["search"][main_row(name)]
            rate = float(max(found, key=lambda key: found[key]))
            kept = weights_of(name, options) if seed == 0 else None
            detector, state = train_row(ROWS[name], data, seed, rate, options.epochs, options.minutes, kept)
            for user in users:
                detector.model.config = with_changes(detector.model.config, ROWS[user])
                figures = measure(detector, data[2], data[1])
                figures |= {"lr": rate, "val": state.best_map, "iterations": state.iteration, "seconds": state.seconds}
                results["runs"][f"{user}|{seed}"] = figures
                print(f"{user}, seed {seed}: mAP {figures['mAP']:.3f}, COCO's {figures['coco']:.3f}", flush=True)
            save()


def time_rows(results, data, options, save):
    """Measure the speed of the rows that have none, or of all, with the weights that seed 0 left."""
    for name in options.only:
        kept, figures = weights_of(ROWS[name].trained_as or name, options), results["runs"].get(f"{name}|0")
        if figures and kept.exists() and (options.time_again or "speed" not in figures):
            figures["speed"] = speed_of(make_row(ROWS[name], data[0], 0, kept), data[2])
            print(f"{name}: {figures['speed']['milliseconds']}", flush=True)
            save()
    for name, row in INPUTS.items():
        kept, found = weights_of(row.trained_as, options), results.setdefault("inputs", {})
        if kept.exists() and (options.time_again or name not in found):
            found[name] = speed_of(make_row(row, data[0], 0, kept), data[2])
            print(f"{name}: {found[name]['milliseconds']}", flush=True)
            save()


def weights_of(name, options):
    """Return the file for the weights of a row."""
    return options.keep / f"{name.replace(' ', '_').replace(',', '')}.npz"


def with_changes(config, row):
    """Return the config of a trained network with what its row changes at detection."""
    return replace(config, **row.changes) if row.trained_as else config


def main(argv=None):
    """Train the rows that are lacking, and write rivals_NAME.json, .md and .png into --out."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.rivals", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="BCCD in VOC layout; or shapes, the built-in set at 300 px")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=command.positive(int), default=30, metavar="N")
    length.add_argument("--minutes", type=command.positive(float), metavar="M", help="the same time for all instead")
    parser.add_argument("--seeds", type=command.positive(int), default=3, metavar="N")
    parser.add_argument("--only", nargs="+", choices=list(ROWS), default=list(MAIN), metavar="NAME")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"), metavar="DIR")
    parser.add_argument(
        "--keep", type=Path, default=Path("runs/rivals"), metavar="DIR", help="for weights, to time them"
    )
    parser.add_argument("--time-again", action="store_true", help="measure speed anew, on a quiet machine")
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    command.apply_machine_options(options).warm_up()
    name = options.data if options.data == "shapes" else "bccd"
    name = f"rivals_{name}_{options.minutes:g}_minutes" if options.minutes else f"rivals_{name}"
    path = options.out / f"{name}.json"
    results = {"epochs": None if options.minutes else options.epochs, "minutes": options.minutes}
    results |= {"search": {}, "runs": {}}
    if path.exists():
        results = json.loads(path.read_text(encoding="utf-8"))
        if (results["epochs"], results["minutes"]) != (None if options.minutes else options.epochs, options.minutes):
            raise InputError(f"{path} was made with another length ({results['epochs']} epochs); give another --out")
    results["machine"] = describe()

    def save():
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        path.with_suffix(".md").write_text(markdown(results), encoding="utf-8")

    data = load(options.data)
    search(results, data, options, save)
    run(results, data, options, save)
    time_rows(results, data, options, save)
    draw(results, path.with_suffix(".png"))
    print(markdown(results))


if __name__ == "__main__":
    command.run(main)
