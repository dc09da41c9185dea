"""What each idea of the paper brings, on real photographs: tables 2 and 3 of the paper, in its style.

    python -m benchmarks.ablation --data BCCD [--epochs 20] [--threads 1] [--only NAME ...]

Each row trains the network that --data trains, from random weights and the same seed, at the rate of the time when the
first rows were made, with one thing changed. It prints the mAP (VOC area, IoU 0.5) and COCO's on the test split, with
the weights that are best on val. A row that is in the results already is not trained again. One seed: rows that differ
by a hundredth say nothing.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.small_sets import trained
from benchmarks.variants import FORMER_RATE
from numpyssd.cli import command
from numpyssd.config import SSD300, Config
from numpyssd.datasets.voc import VOCDataset
from numpyssd.drawing import COLORS, new_figure, save_figure
from numpyssd.inference.evaluate import evaluate

FAST = {"colors": "last", "hue_wraps": True, "last_needs_object": False}  # as the recipe of --data has it
NO_AUGMENTATION = {
    **FAST,
    "distort_probability": 0, "zoom_out_probability": 0, "crop_probability": 0, "flip_probability": 0,
}  # fmt: skip


def squares_only(config):
    """Return the config with two default boxes in a cell, the squares."""
    return replace(config, feature_maps=tuple(replace(row, aspect_ratios=()) for row in config.feature_maps))


def one_ratio(config):
    """Return the config with at most four default boxes in a cell, as with the ratios 1, 2 and 1/2 of the paper."""
    rows = tuple(replace(row, aspect_ratios=row.aspect_ratios[:1]) for row in config.feature_maps)
    return replace(config, feature_maps=rows)


def first_maps(count):
    """Return a function that leaves the first ``count`` feature maps of a config, and the layers that make them."""

    def cut(config: Config):
        return replace(config, feature_maps=config.feature_maps[:count], extra_layers=config.extra_layers[: count - 2])

    return cut


def with_boxes_of(other):
    """Return a function that gives a config the scales and aspect ratios of another one."""
    return lambda config: replace(config, feature_maps=other.feature_maps)


# name of a row -> what is changed, as ``trained`` takes it: the network (a function), or the recipe (fields).
ROWS = {
    "as --data trains": {},
    "COCO's default boxes, not fitted": {"recipe": {"fit_default_boxes": False}},
    "VOC's default boxes, not fitted": {"network": with_boxes_of(SSD300), "recipe": {"fit_default_boxes": False}},
    "VOC's default boxes, fitted": {"network": with_boxes_of(SSD300)},
    "Caffe's augmentation in full": {"recipe": {"augmentation": FAST}},
    "only flips": {"recipe": {"augmentation": {**NO_AUGMENTATION, "flip_probability": 0.5}}},
    "no augmentation": {"recipe": {"augmentation": NO_AUGMENTATION}},
    "no hard negative mining: all negatives": {"recipe": {"loss": {"negative_ratio": 10**6}}},
    "one negative for a positive": {"recipe": {"loss": {"negative_ratio": 1}}},
    "squares only": {"network": squares_only},
    "at most one aspect ratio a map": {"network": one_ratio},
    "4 feature maps": {"network": first_maps(4)},
    "2 feature maps": {"network": first_maps(2)},
}


def train_row(changes, data, options):
    """Train one row and return its figures."""
    train, val, test = data
    changes = {"weights": None, **changes, "recipe": {**FORMER_RATE, **changes.get("recipe", {})}}
    detector, state = trained(changes, train, val, options.seed, epochs=options.epochs, evaluations=4)
    result = evaluate(detector, test, "voc")
    return {
        "val": state.best_map,
        "mAP": result.mean,
        "per_class": result.per_class,
        "coco": evaluate(detector, test, "coco").mean,
        "iterations": state.iteration,
        "default_boxes": len(detector.default_boxes),
    }


def markdown(results):
    """Return the table for docs/measurements.md."""
    names = list(next(iter(results["rows"].values()))["per_class"])
    lines = [
        f"| changed ({results['epochs']} epochs, seed {results['seed']}) | default boxes | mAP | {' | '.join(names)} |"
        " COCO's mAP | val |",
        "| --- |" + " ---: |" * (len(names) + 4),
    ]
    for name, row in results["rows"].items():
        classes = " | ".join(f"{row['per_class'][n]:.3f}" for n in names)
        lines.append(
            f"| {name} | {row['default_boxes']} | {row['mAP']:.3f} | {classes} | {row['coco']:.3f} | {row['val']:.3f} |"
        )
    return "\n".join(lines) + "\n"


def main(argv=None):
    """Train the rows that are lacking, and write ablation.json, .md and .png into --out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, metavar="VOC_ROOT", help="with the splits train, val and test")
    parser.add_argument("--epochs", type=command.positive(int), default=20, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--only", nargs="+", choices=list(ROWS), default=list(ROWS), metavar="NAME")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"), metavar="DIR", help="for the results")
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    command.apply_machine_options(options)
    train = VOCDataset(options.data, "train", bad_data="skip")
    data = train, *(VOCDataset(options.data, split, train.class_names, "skip") for split in ("val", "test"))
    path = options.out / "ablation.json"
    results = {"epochs": options.epochs, "seed": options.seed, "machine": describe(), "rows": {}}
    for name in options.only:
        if path.exists():  # anew each time: several of these may run side by side
            results = json.loads(path.read_text(encoding="utf-8"))
        if name in results["rows"]:
            continue
        row = train_row(ROWS[name], data, options)
        if path.exists():
            results = json.loads(path.read_text(encoding="utf-8"))
        results["rows"][name] = row
        results["rows"] = {known: results["rows"][known] for known in ROWS if known in results["rows"]}
        options.out.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        print(f"{name}: mAP {row['mAP']:.3f}, COCO's {row['coco']:.3f}, val {row['val']:.3f}", flush=True)
    (options.out / "ablation.md").write_text(markdown(results), encoding="utf-8")
    figure, ax = new_figure(size=(9, 1.2 + 0.42 * len(results["rows"])))
    draw_ablation(ax, results)
    save_figure(figure, options.out / "ablation.png")
    print(f"written: {path.with_suffix('')}.json, .md and .png")


# ---------------------------------------------------------------------------------------------------------------------


def draw_ablation(ax, results):
    """Draw a bar for each row with its mAP on the test split, and a mark for COCO's."""
    rows = results["rows"]
    places, names = range(len(rows)), list(rows)
    whole = next(iter(rows.values()))["mAP"]
    colors = [COLORS["prediction" if place == 0 else "default box"] for place in places]
    ax.barh(places, [row["mAP"] for row in rows.values()], color=colors, alpha=0.85, height=0.7)
    ax.plot([row["coco"] for row in rows.values()], places, "|", color="black", markersize=14, label="COCO's mAP")
    for place, row in zip(places, rows.values()):
        change = "" if place == 0 else f" ({row['mAP'] - whole:+.3f})"
        ax.text(row["mAP"] + 0.01, place, f"{row['mAP']:.3f}{change}", va="center", fontsize=10)
    ax.axvline(whole, color="black", linewidth=0.8, linestyle=":")
    ax.set_yticks(places, names)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.15)
    ax.set_xlabel("mAP on the test split (bar: VOC's area at IoU 0.5; mark: COCO's ten thresholds)")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.set_title(f"What each idea brings: {results['epochs']} epochs from random weights", fontsize=12)


if __name__ == "__main__":
    main()
