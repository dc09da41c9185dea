"""Show what a file of weights is: its source, its network, its input rule, and which arrays would be loaded.

python -m numpyssd.weights ssd300_voc0712_converted.npz
python -m numpyssd.weights --list
python -m numpyssd.weights own.pth --class-names bolt,nut --save own.npz
"""

import os
from dataclasses import replace
from pathlib import Path

from numpyssd import shell
from numpyssd.cli import command
from numpyssd.cli.class_names import add_class_names, names_from
from numpyssd.cli.inputs import WEIGHTS_HELP
from numpyssd.config import SSD300, Config
from numpyssd.console import printable
from numpyssd.errors import InputError


def parse(argv):
    """Return the options of the command line."""
    parser = command.parser(
        "weights",
        "Show what a file of weights is, whoever wrote it, and what would be loaded of it. Nothing in it is executed.",
        [
            "python -m numpyssd.weights runs/bccd/best.npz",
            "python -m numpyssd.weights ssd300_vgg16_coco-b556d3b4.pth",
            "python -m numpyssd.weights --list",
            "python -m numpyssd.weights own.pth --class-names bolt,nut --save own.npz",
        ],
    )
    add = parser.add_argument
    add("file", nargs="?", metavar="FILE", help=f"{WEIGHTS_HELP}; also of other projects")
    add("--list", action="store_true", help="list the published weights that are fetched when they are named")
    add_class_names(parser)
    add("--save", metavar="FILE", help="write the network as a file of numpyssd, with the names of its classes")
    options = parser.parse_args(argv)
    if bool(options.file) == options.list:
        parser.error("give a FILE, or --list")
    return options


def main(argv=None):
    """Print the description and the report, and return the exit code."""
    options = parse(argv)
    return list_published() if options.list else show(options.file, names_from(options), options.save)


def list_published() -> int:
    """Print the weights that have names, and return the exit code."""
    from numpyssd.weights.cache import VARIABLE, about, cache_folder
    from numpyssd.weights.published import PUBLISHED

    print("tiny: comes with numpyssd, a small network for the built-in set")
    print("base: comes with numpyssd, compact without predictors, trained on rendered scenes; a start for training")
    for name, published in PUBLISHED.items():
        print("\n".join(about(name, published)))
    print(f"cache: {cache_folder()} (another folder: {VARIABLE}); a file put there by hand is taken, too")
    print("the figures are those of the authors; numpyssd has neither fetched these files nor evaluated them")
    return 0


def show(path, class_names=None, target=None) -> int:
    """Print what a file is, write its network to target if there is one, and return the exit code."""
    from numpyssd.model.ssd import SSD
    from numpyssd.weights import loading, recognize, save
    from numpyssd.weights.naming import guess
    from numpyssd.weights.sources.class_names import GUESSED

    if target and Path(target).exists() and os.path.samefile(path, target):
        raise InputError(f"--save {target} would replace the file that is read; give it another name")
    file = recognize.read(path)
    if file.detector != Config.detector:
        return show_rival(path, file, class_names, target)
    config = file.config or replace(SSD300, **file.input_rule)
    print(f"{path}: {'a checkpoint of numpyssd' if file.source == recognize.OWN else file.source}")
    print(f"input: {loading.describe_input_rule(config)}")
    is_base = not any(name.startswith("loc.") for name in file.arrays)
    if file.config and not is_base:
        model = loading.load_model(path, class_names)  # raises InputError if something is missing
        detection = f"clip_before_nms {config.clip_before_nms}, size_limit {config.size_limit}"
        boxes = f"whole_pixels {config.whole_pixels}, center_rule {config.center_rule}, clip_mode {config.clip_mode}"
        print(f"network: {config.name}, {config.image_size} px, {config.num_classes} classes with background")
        print(f"default boxes: {boxes}\ndetection: {detection}")
        names = model.class_names
        print(f"classes: {', '.join(map(printable, names[:20]))}{', …' if len(names) > 20 else ''}")
        if model.names_are_guessed and target and config.num_classes not in GUESSED:
            raise InputError(f"{path}: {guess(names)}")
        if model.names_are_guessed:
            print(f"note: {guess(names)}")  # the other notes are in the report
    elif class_names or target:
        source = "" if file.source == recognize.OWN else f"{file.source}: "
        raise InputError(f"{path} is {source}a base network, which has no classes; train with it")
    else:
        train = shell.as_started(f"python -m numpyssd.train --data FOLDER --preset {config.name} --weights {path}")
        print(f"a base network: train with it, {train}")
    report = loading.report_of(file, loading.assign(SSD(config), file.arrays))
    print(f"into {'its own network' if file.config else 'ssd300'}:\n{report._replace(source='')}")
    if target:
        save(model, target)
        print(f"written: {target}")
    return 0


def show_rival(path, file, class_names, target) -> int:
    """Print what a file of another detector is, and return the exit code."""
    from numpyssd.detectors import NAMES, load_detector, summary_table
    from numpyssd.weights import loading, save

    model = load_detector(path, class_names).model
    report = loading.report_of(file, loading.assign(model, file.arrays))
    print(f"{path}: a checkpoint of numpyssd, {NAMES[file.detector]}")
    print(f"input: {loading.describe_input_rule(model.config)}")
    print(f"classes: {', '.join(map(printable, model.class_names))}")
    print(summary_table(model.config))
    print(f"into its own network:\n{report._replace(source='')}")
    if target:
        save(model, target)
        print(f"written: {target}")
    return 0


if __name__ == "__main__":
    command.run(main)
