"""How much few photographs teach: BCCD with 20, 50, 100 and all training images, from several starts and recipes.

    python -m benchmarks.small_sets --data BCCD [--iterations 1360] [--seeds 3] [--sizes 20 50] [--only NAME ...]

Each run trains ``compact`` on the first images of a shuffle by its seed, chooses the best weights on a validation set
that is smaller in the same proportion, and prints the mAP (VOC area, IoU 0.5) on the whole test split. A run that is in
the results already is not done again. 1360 iterations take nine minutes by one thread.
"""

import argparse
import json
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from statistics import mean, stdev

import numpy as np

from benchmarks.machine import describe
from benchmarks.variants import VARIANTS
from numpyssd.cli import command
from numpyssd.datasets.analysis.coverage import all_objects
from numpyssd.datasets.analysis.fit_default_boxes import fit_default_boxes
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.voc import VOCDataset
from numpyssd.errors import InputError
from numpyssd.inference.evaluate import evaluate
from numpyssd.model.ssd import SSD
from numpyssd.run.recipes import PRESETS, RECIPES
from numpyssd.run.training_run import TrainingRun
from numpyssd.ssd import SSDDetector
from numpyssd.training.batches import Batches
from numpyssd.weights import load, load_model
from numpyssd.weights.built_in import FILES

MIN_VALIDATION = 8  # images, however small the training set is


def part_of(dataset, numbers):
    """Return the images of a data set with these numbers as a data set."""
    images = [dataset.image_path(i) or dataset[i].image for i in numbers]
    columns = ([read(i) for i in numbers] for read in (dataset.annotation, dataset.image_size))
    return AnnotatedImages(dataset.class_names, images, *columns)


def shuffled(dataset, seed):
    """Return the numbers of the images in an order that depends on the seed alone."""
    return np.random.default_rng(seed).permutation(len(dataset))


def trained(variant, train, val, seed, iterations=None, epochs=None, evaluations=10):
    """Return the detector with the weights of ``compact`` that were best on val, and the State at the end.

    variant: what differs from ``compact``: "recipe" (fields), "network" (a function of the config), "weights" (a
    file, or None for random ones).
    """
    length = {"iterations": iterations, "epochs": epochs, "min_iterations": 0}
    recipe = replace(RECIPES["compact"], **length, evaluations=evaluations)
    recipe = replace(recipe, **variant.get("recipe", {}))
    config = replace(PRESETS["compact"], num_classes=len(train.class_names) + 1)
    config = variant.get("network", lambda config: config)(config)
    if recipe.fit_default_boxes:
        config = fit_default_boxes(all_objects(train), config)
    model = SSD(config, seed=seed)
    model.class_names = train.class_names
    weights = variant.get("weights", FILES.get(recipe.weights))
    if weights:
        load(model, weights)
    detector = SSDDetector(model, recipe.matching, recipe.loss)
    batches = Batches(train, config, detector.make_targets, recipe.batch_size, seed, **recipe.augmentation)
    with tempfile.TemporaryDirectory() as folder:
        state = TrainingRun(detector, batches, recipe, folder, val).run()
        return SSDDetector(load_model(Path(folder) / "best.npz")), state


def run_once(variant, data, size, seed, iterations):
    """Train one network on ``size`` images and return its figures."""
    train, val, test = data
    val_size = max(MIN_VALIDATION, round(size * len(val) / len(train)))
    train, val = part_of(train, shuffled(train, seed)[:size]), part_of(val, shuffled(val, seed)[:val_size])
    detector, state = trained(variant, train, val, seed, iterations)
    result = evaluate(detector, test, "voc")
    return {"val": state.best_map, "mAP": result.mean, "per_class": result.per_class, "iteration": state.best_iteration}


def markdown(results):
    """Return the table for docs/measurements.md: mean and standard deviation over the seeds."""
    sizes = sorted({int(key.split("|")[1]) for key in results["runs"]})
    lines = [f"| {results['iterations']} iterations | {' | '.join(f'{size} images' for size in sizes)} |"]
    lines.append("| --- |" + " ---: |" * len(sizes))
    for name in VARIANTS:
        cells = []
        for size in sizes:
            found = [run["mAP"] for key, run in results["runs"].items() if key.startswith(f"{name}|{size}|")]
            spread = f" ± {stdev(found):.3f}" if len(found) > 1 else ""
            cells.append(f"{mean(found):.3f}{spread} ({len(found)})" if found else "")
        if any(cells):
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(argv=None):
    """Train what is missing, and write the results after each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="BCCD in VOC layout; or letters, 200 images (base/letters.py)")
    parser.add_argument("--iterations", type=int, default=1360)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 50, 100, 205])
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    command.apply_machine_options(options).warm_up()
    if options.data == "letters":
        from benchmarks.base.letters import letters

        data, name = letters(), "letters"
    else:
        data = [VOCDataset(options.data, split, bad_data="skip") for split in ("train", "val", "test")]
        name = "small_sets"
    path = options.out / f"{name}_{options.iterations}.json"
    recipe = json.loads(json.dumps(asdict(RECIPES["compact"])))
    results = {"iterations": options.iterations, "recipe": recipe, "runs": {}}
    if path.exists():
        results = json.loads(path.read_text())
        if results.get("recipe") != recipe:
            raise InputError(f"{path} was made with another recipe of compact; move it away, or give another --out")
    results["machine"] = describe()
    for seed in range(options.seeds):
        for variant in options.only:
            for size in options.sizes:
                key = f"{variant}|{size}|{seed}"
                if key in results["runs"]:
                    continue
                results["runs"][key] = run_once(VARIANTS[variant], data, size, seed, options.iterations)
                print(f"{key}: mAP {results['runs'][key]['mAP']:.3f}", flush=True)
                path.write_text(json.dumps(results, indent=1))
                path.with_suffix(".md").write_text(markdown(results) + "\n")
    print(markdown(results))


if __name__ == "__main__":
    command.run(main)
