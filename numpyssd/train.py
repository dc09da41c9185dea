"""Train a detector: on the built-in set in a minute (``--tiny``), or on photographs (``--data``).

python -m numpyssd.train --tiny
python -m numpyssd.train --data VOC_ROOT --max-minutes 60 --out runs/mine
python -m numpyssd.train --out runs/mine --resume
"""

import argparse
import contextlib
from dataclasses import asdict, replace
from pathlib import Path

from numpyssd.cli import command
from numpyssd.cli.inputs import WEIGHTS_HELP
from numpyssd.config import Config
from numpyssd.console import counted
from numpyssd.detectors import NAMES
from numpyssd.ranks.start import on_ranks
from numpyssd.run.folder import run_folder
from numpyssd.run.recipes import SCHEDULES, overview, preset_names
from numpyssd.run.settings import recall, write_settings
from numpyssd.run.setup import load_data, make_detector, make_recipe
from numpyssd.run.variants import add_options as add_variants
from numpyssd.training.one_process import ALONE, OneProcess


def main(argv=None):
    """Train, and return the exit code. If mpiexec has started several processes, they train together."""
    with on_ranks(command.AT_EXIT) as ranks:
        options = ranks.from_first(lambda: parse(argv))
        backend = command.apply_machine_options(options)
        with run_folder(options) if ranks.first else contextlib.nullcontext():
            train_and_report(options, backend, ranks)
    return 0


def train_and_report(options, backend, ranks: OneProcess = ALONE):
    """Train in the folder options.out, which is ready, and leave the report there; rank 0 reads, writes and prints."""
    from numpyssd.cli.compiling import compile_kernels
    from numpyssd.cli.finish import finish
    from numpyssd.datasets.analysis.coverage import objects_by_class
    from numpyssd.datasets.analysis.summary import summarize
    from numpyssd.ranks.setup import batch_options, detector_of_first, prepare, share_batches
    from numpyssd.run.training_run import TrainingRun
    from numpyssd.training.batches import Batches

    prepare(ranks, backend, options)
    train, val = ranks.from_first(lambda: load_data(options))
    recipe = make_recipe(options, len(train))
    detector = detector_of_first(ranks, lambda: make_detector(options, train, recipe), options.seed, recipe)
    recipe = share_batches(ranks, recipe, detector.model, options.resume)
    config = detector.model.config
    if ranks.first:
        print(summarize(train, config), flush=True)
    augmentation = {**recipe.augmentation, **batch_options(ranks)}
    batches = Batches(train, config, detector.make_targets, recipe.batch_size, options.seed, **augmentation)
    minutes, report = options.max_minutes, options.report_gradients
    run = TrainingRun(detector, batches, recipe, options.out, val, minutes, report, ranks)
    if options.resume:
        run.resume()
    settings = {**vars(options), "out": str(options.out), "network": asdict(config)}
    settings["recipe"] = asdict(replace(recipe, weights=options.weights))
    settings |= {"class_names": train.class_names, "iterations": run.iterations}
    if ranks.first:
        write_settings(options.out, settings)

    if ranks.from_first(run.finished):
        length = f"{run.state.iteration} of {run.iterations} iterations"
        print(f"this run is finished ({length}); to train it longer, give more --iterations, --epochs or --max-minutes")
    else:
        compile_kernels(backend, ranks)
        threads = f", threads: {backend.thread_count()}" if backend.NAME == "cpu" else ""
        images = counted(recipe.batch_size, "image")
        print(f"training for {run.iterations} iterations of {images}{threads}{ranks.in_words()}", flush=True)
        run.run()
    finish(options, detector, val, settings, run.state, objects_by_class(train) if ranks.first else None, ranks)


def parse(argv):
    """Return the options of the command line; with --resume, those of the earlier run where none is given."""
    parser = command.parser(
        "train",
        "Train a detector and leave last.npz, best.npz, log.csv, config.json, curves.png and report.html in a folder.",
        [
            "python -m numpyssd.train --tiny",
            "python -m numpyssd.train --data data/bccd --bad-data skip --max-minutes 60 --out runs/bccd",
            "python -m numpyssd.train --tiny --detector yolo",
            "python -m numpyssd.train --out runs/bccd --resume",
        ],
    )
    parser.epilog = f"{overview()}\n\n{parser.epilog}"
    add = parser.add_argument
    add("--tiny", action="store_true", help="train the smallest network on the built-in set")
    add("--data", metavar="ROOT", help="a folder in VOC, COCO, YOLO or LabelMe layout; several with commas between")
    add("--detector", choices=list(NAMES), help="SSD or one that its paper compares it with (default: ssd)")
    add("--preset", choices=preset_names(), help="the network (default: compact, the best for a few cores)")
    add("--width", type=command.positive(float), metavar="W", help="scale the channels of the network, e.g. 0.5")
    add("--split", help="the split to train on (default: train); auto, or where there is none: 80/10/10 of all images")
    add("--val-split", help="the split that chooses best.npz (default: val); auto: a tenth held out; none: no mAP")
    add(
        "--fit-default-boxes",
        action=argparse.BooleanOptionalAction,
        help="choose the default boxes' scales and aspect ratios from the training objects (default: by preset)",
    )
    command.add_data_policy(parser, None)
    add("--weights", metavar="FILE", help=f"{WEIGHTS_HELP}; or random: training starts there (default: by preset)")
    add("--lr", type=command.positive(float), help="the learning rate after the warm-up (default: by preset)")
    add("--batch-size", type=command.positive(int), metavar="N", help="images in a batch (default: by preset)")
    add("--schedule", choices=list(SCHEDULES), help="train as long as was published, see below (default: by preset)")
    add(
        "--micro-batch", "--images-at-once", type=command.positive(int), metavar="M",
        help="images that go through the network at a time; their gradients are accumulated: less memory",
    )  # fmt: skip
    add(
        "--warm-up", type=command.positive(int, zero=True), metavar="N", help="iterations until the full rate; Caffe: 0"
    )
    add(
        "--clip-gradient", type=command.positive(float, zero=True), metavar="L",
        help="shorten a gradient longer than this; 0: none (default: by preset)",
    )  # fmt: skip
    add("--report-gradients", action="store_true", default=None, help="gradients.csv: how fast does each layer learn?")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=command.positive(int), metavar="N", help="passes over the training images")
    length.add_argument("--iterations", type=command.positive(int), metavar="N", help="batches to train on")
    add("--max-minutes", type=command.positive(float), metavar="M", help="fit the whole schedule into this time")
    add("--out", metavar="DIR", help="where the results go (default: runs/tiny or runs/NAME_OF_DATA)")
    add("--resume", action="store_true", help="go on from last.npz in --out, with the options that its run was given")
    add("--seed", type=int, metavar="N", help="of weights, shuffling and augmentation (default: 0)")
    add_variants(parser)
    command.add_machine_options(parser)
    add(
        "--wire", choices=["float32", "bfloat16"],
        help="how gradients travel between machines (default: float32); bfloat16: half the bytes, and other bits",
    )  # fmt: skip
    options = parser.parse_args(argv)
    if options.tiny and options.data or not (options.tiny or options.data or options.resume and options.out):
        parser.error("choose what to train on: either --tiny or --data VOC_ROOT")
    if options.seed is not None and options.seed < 0:
        parser.error("--seed must be 0 or more")
    for name in ("split", "val_split", "bad_data", "missing_labels"):
        if options.tiny and getattr(options, name):
            parser.error(f"--{name.replace('_', '-')} is for --data; the built-in set of --tiny has no choice of it")
    options.out = Path(options.out or f"runs/{_default_folder(options)}")
    if options.resume:
        recall(options)
    if not (options.tiny or options.data):
        parser.error(f"{options.out / 'config.json'} does not say what the run was trained on; add --tiny or --data")
    defaults = {"detector": Config.detector, "preset": "tiny" if options.tiny else "compact", "seed": 0}
    defaults |= {"split": "train", "val_split": "val"} if options.tiny else {}  # of photographs: see run/data.py
    defaults |= {"bad_data": "error", "missing_labels": "error"}
    for name, value in defaults.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if options.fit_default_boxes and options.detector != Config.detector:
        parser.error(f"--fit-default-boxes: {NAMES[options.detector]} has no default boxes; leave it out")
    return options


def _default_folder(options):
    """Return the name of the folder of a run that was given none: tiny, or that of its data, and of a rival."""
    from numpyssd.datasets.layouts import roots

    name = "tiny" if options.tiny else "+".join(root.resolve().name for root in roots(options.data))
    return name if options.detector in (None, Config.detector) else f"{name}_{options.detector}"


if __name__ == "__main__":
    command.run(main)
