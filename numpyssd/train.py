"""Train a detector: on the built-in set in a minute (``--tiny``), or on photographs in VOC layout (``--data``).

    python -m numpyssd.train --tiny
    python -m numpyssd.train --data VOC_ROOT --max-minutes 60 --out runs/mine
    python -m numpyssd.train --data VOC_ROOT --out runs/mine --resume
"""

import json
import time
from dataclasses import asdict, replace
from pathlib import Path

from numpyssd.errors import InputError
from numpyssd.run import command
from numpyssd.run.recipes import PRESETS, RECIPES

TINY_COUNTS = {"train": 2000, "test": 200}


def parse(argv):
    """Return the options of the command line."""
    parser = command.parser(
        "train",
        "Train a detector and leave last.npz, best.npz, log.csv, config.json, curves.png and report.html in a folder.",
        [
            "python -m numpyssd.train --tiny",
            "python -m numpyssd.train --data data/bccd --max-minutes 60 --out runs/bccd",
            "python -m numpyssd.train --data data/bccd --out runs/bccd --resume",
        ],
    )
    add = parser.add_argument
    add("--tiny", action="store_true", help="train the smallest network on the built-in set")
    add("--data", metavar="VOC_ROOT", help="a folder in VOC layout: JPEGImages, Annotations, ImageSets/Main")
    add("--preset", choices=list(PRESETS), help="the network (default: compact, the best for a few cores)")
    add("--width", type=command.positive(float), metavar="W", help="scale the channels of the network, e.g. 0.5")
    add("--split", default="train", help="the split to train on (default: %(default)s)")
    add("--val-split", default="val", help="the split that chooses best.npz (default: %(default)s); none: no evaluation")
    add("--weights", metavar="FILE", help="start from these weights instead of from nothing")
    add("--lr", type=command.positive(float), help="the learning rate after the warm-up (default: by preset)")
    add("--batch-size", type=command.positive(int), metavar="N", help="images in a batch (default: by preset)")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=command.positive(int), metavar="N", help="passes over the training images")
    length.add_argument("--iterations", type=command.positive(int), metavar="N", help="batches to train on")
    add("--max-minutes", type=command.positive(float), metavar="M", help="fit the whole schedule into this time")
    add("--out", metavar="DIR", help="where the results go (default: runs/tiny or runs/NAME_OF_DATA)")
    add("--resume", action="store_true", help="go on from last.npz in the folder of --out")
    add("--seed", type=int, default=0, metavar="N", help="of weights, shuffling and augmentation (default: 0)")
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    if bool(options.data) == options.tiny:
        parser.error("choose what to train on: either --tiny or --data VOC_ROOT")
    options.preset = options.preset or ("tiny" if options.tiny else "compact")
    options.out = Path(options.out or ("runs/tiny" if options.tiny else f"runs/{Path(options.data).resolve().name}"))
    return options


def load_data(options):
    """Return the training set and the set that chooses the best weights (or None)."""
    if options.tiny:
        from numpyssd.datasets.shapes import ShapesDataset

        train, test = TINY_COUNTS["train"], TINY_COUNTS["test"]
        print(f"rendering {train} training and {test} held-out images of the built-in set ...", flush=True)
        return ShapesDataset(train), ShapesDataset(test, split="test")
    from numpyssd.datasets.voc import VOCDataset

    train = VOCDataset(options.data, options.split)
    if options.val_split == "none":
        return train, None
    return train, VOCDataset(options.data, options.val_split, train.class_names)


def make_recipe(options):
    """Return the recipe of the preset with the options of the command line put in."""
    recipe = RECIPES[options.preset]
    if options.iterations or options.epochs:
        recipe = replace(recipe, iterations=options.iterations, epochs=options.epochs)
    if options.batch_size:
        # The rate goes with the batch: twice the images, twice as sure of the direction.
        recipe = replace(recipe, batch_size=options.batch_size, lr=recipe.lr * options.batch_size / recipe.batch_size)
    return replace(recipe, lr=options.lr or recipe.lr)


def make_model(options, class_names):
    """Return a new network for these classes, with the weights of --weights where they fit."""
    from numpyssd.model.ssd import SSD
    from numpyssd.weights import load

    config = replace(PRESETS[options.preset], num_classes=len(class_names) + 1)
    if options.width:
        config = replace(config, width=options.width)
    model = SSD(config, seed=options.seed)
    model.class_names = tuple(class_names)
    if options.weights:
        print(f"weights from {options.weights}:\n{load(model, options.weights)}")
    return model


def main(argv=None):
    """Train, and return the exit code."""
    options = parse(argv)
    backend = command.apply_machine_options(options)
    from numpyssd.datasets.batches import Batches
    from numpyssd.datasets.description import describe
    from numpyssd.run.finish import finish
    from numpyssd.run.loop import Training

    train, val = load_data(options)
    model = make_model(options, train.class_names)
    print(describe(train, model.config), flush=True)
    recipe = make_recipe(options)
    batches = Batches(train, model.config, recipe.batch_size, options.seed, **recipe.augmentation)
    prepare_folder(options)
    training = Training(model, batches, recipe, options.out, val, options.max_minutes)
    if options.resume:
        training.resume()
    settings = {**vars(options), "out": str(options.out), "recipe": asdict(recipe), "network": asdict(model.config)}
    settings |= {"class_names": train.class_names, "iterations": training.iterations}
    (options.out / "config.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")

    print("compiling the kernels (seconds the first time, then kept on disk) ...", end=" ", flush=True)
    started = time.monotonic()
    backend.warm_up()
    print(f"{time.monotonic() - started:.1f} s\ntraining for {training.iterations} iterations of {recipe.batch_size}")
    state = training.run()
    finish(options, model, val, settings, state)
    return 0


def prepare_folder(options):
    """Make the folder of --out. Raises InputError if that fails, or if another run's results would be overwritten."""
    last = options.out / "last.npz"
    if options.resume and not last.exists():
        raise InputError(f"{last} does not exist, so there is nothing to resume; leave out --resume")
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise InputError(f"the folder {options.out} cannot be made ({reason.strerror}); choose another --out") from None
    if last.exists() and not options.resume and not options.tiny:
        raise InputError(f"{options.out} holds an earlier run; add --resume to go on with it, or choose another --out")


if __name__ == "__main__":
    command.run(main)
