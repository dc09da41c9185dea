"""What pretrained weights bring on a few photographs: from nothing, with a frozen base, and fine-tuned; mAP over time.

    python -m benchmarks.transfer --data BCCD [--images 20] [--iterations 200] [--threads 1]

Each start trains ``compact`` on the same first images of BCCD's training split (shuffled by the seed), with the same
batches, by its own recipe but for the length. The mAP (VOC area, IoU 0.5) on the whole test split is measured at fixed
iterations; nothing is chosen by it. ``base`` was trained on rendered scenes (benchmarks/base), and never on cells. A
start that is in the results already is not trained again.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.small_sets import part_of, shuffled
from numpyssd.cli import command
from numpyssd.datasets.analysis.coverage import all_objects
from numpyssd.datasets.analysis.fit_default_boxes import fit_default_boxes
from numpyssd.datasets.voc import VOCDataset
from numpyssd.errors import InputError
from numpyssd.inference.evaluate import evaluate
from numpyssd.model.ssd import SSD
from numpyssd.run.recipes import PRESETS, RECIPES
from numpyssd.ssd import SSDDetector
from numpyssd.training.batches import Batches
from numpyssd.training.fine_tuning import LayerwiseSGD, layer_of, set_training
from numpyssd.training.loop import accumulate_gradients
from numpyssd.training.optimizer import cosine
from numpyssd.weights import load

# The weights to start from, and the factor of the learning rate for all layers but the predictors.
STARTS = {
    "from nothing": (None, 1.0),
    "frozen base": ("base", 0.0),
    "fine-tuned": ("base", 1.0),
    "fine-tuned, base at a tenth": ("base", 0.1),
}
WARM_UP = 20  # iterations
RECIPE = RECIPES["compact"]


def train_start(start, train, test, options):
    """Return what one start gives: the losses of all iterations and the mAP at each of ``options.measure``."""
    weights, factor = STARTS[start]
    config = replace(PRESETS["compact"], num_classes=len(train.class_names) + 1)
    model = SSD(fit_default_boxes(all_objects(train), config), seed=options.seed)
    model.class_names = train.class_names
    if weights:
        load(model, weights)
    detector = SSDDetector(model, RECIPE.matching, RECIPE.loss)
    new = {layer_of(name) for name in model.predictors.parameters()}
    factors = {name: 1.0 if layer_of(name) in new else factor for name in model.parameters()}
    frozen = {layer_of(name) for name, value in factors.items() if value == 0}
    optimizer = LayerwiseSGD(model.parameters(), RECIPE.lr, factors, weight_decay=RECIPE.weight_decay)
    batches = Batches(
        train, model.config, detector.make_targets, RECIPE.batch_size, options.seed, **RECIPE.augmentation
    )
    losses, found = [], {}
    for done, batch in enumerate(batches.stream(0, options.iterations), start=1):
        set_training(model, frozen)
        optimizer.lr = cosine(done - 1, options.iterations, RECIPE.lr, WARM_UP)
        loss, _ = accumulate_gradients(detector, batch)
        norm = optimizer.gradient_norm()  # of what learns, which is what is clipped
        if norm > RECIPE.clip_gradient:
            optimizer.scale_gradients(RECIPE.clip_gradient / norm)
        optimizer.step()
        losses.append([round(float(loss.loc), 4), round(float(loss.conf), 4)])
        if done in options.measure:
            found[done] = evaluate(detector, test, "voc").mean
            print(f"{start}: mAP {found[done]:.3f} after {done} iterations", flush=True)
    return {"losses": losses, "mAP": found}


def markdown(results):
    """Return the table for docs/measurements.md."""
    measured = results["measure"]
    lines = [f"| {results['images']} photographs, mAP after | {' | '.join(map(str, measured))} iterations |"]
    lines.append("| --- |" + " ---: |" * len(measured))
    for name, run in results["runs"].items():
        cells = [f"{run['mAP'][str(n)]:.3f}" for n in measured]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(argv=None):
    """Train what is missing, and write the results after each start."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="BCCD in VOC layout")
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--measure", type=int, nargs="+", default=[25, 50, 100, 150, 200], help="after how many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    command.apply_machine_options(options).warm_up()
    train, test = (VOCDataset(options.data, split, bad_data="skip") for split in ("train", "test"))
    train = part_of(train, shuffled(train, options.seed)[: options.images])
    path = options.out / "transfer.json"
    settings = {key: getattr(options, key) for key in ("images", "iterations", "measure", "seed")}
    results = {**settings, "machine": describe(), "runs": {}}
    if path.exists():
        results = json.loads(path.read_text(encoding="utf-8"))
        if {key: results[key] for key in settings} != settings:
            raise InputError(f"{path} was made with other settings; move it away, or give another --out")
    for start in STARTS:
        if start not in results["runs"]:
            run = train_start(start, train, test, options)
            results["runs"][start] = json.loads(json.dumps(run))  # whole numbers become text, as in the file
            path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
            path.with_suffix(".md").write_text(markdown(results) + "\n", encoding="utf-8")
    print(markdown(results))


if __name__ == "__main__":
    command.run(main)
