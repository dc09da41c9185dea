"""Look before training: at data, at the default boxes of a network, at what is matched to them, or at weights.

python -m numpyssd.explore --data VOC_ROOT
python -m numpyssd.explore --data VOC_ROOT --check
python -m numpyssd.explore --weights runs/mine/best.npz
python -m numpyssd.explore photo.jpg --preset ssd300
"""

from numpyssd.cli import command
from numpyssd.cli.class_names import add_class_names, names_from, say_notes
from numpyssd.cli.inputs import WEIGHTS_HELP, make_folder
from numpyssd.config import Config
from numpyssd.drawing import save_figure
from numpyssd.files import write_error
from numpyssd.run.recipes import PRESETS


def parse(argv):
    """Return the options of the command line."""
    parser = command.parser(
        "explore",
        "Look at data, default boxes, matching, augmentation and hard negatives, or at what weights are.",
        [
            "python -m numpyssd.explore --data data/bccd",
            "python -m numpyssd.explore --data data/bccd --check",
            "python -m numpyssd.explore --data data/bccd --weights runs/bccd/best.npz",
            "python -m numpyssd.explore --weights tiny",
            "python -m numpyssd.explore photo.jpg --preset ssd300",
        ],
    )
    add = parser.add_argument
    add("image", nargs="?", metavar="IMAGE", help="an image over which the default boxes are drawn")
    add("--data", metavar="ROOT", help="a folder in VOC, COCO, YOLO or LabelMe layout; several with commas between")
    add("--check", action="store_true", help="name every issue of all splits; exit code 2 if any stops training")
    command.add_missing_labels(parser)
    add("--split", help="the split to look at (default: train, or else the first)")
    add("--weights", metavar="FILE", help=f"{WEIGHTS_HELP}; described, and used instead of --preset")
    add_class_names(parser)
    add("--preset", choices=list(PRESETS), default="compact", help="the network (default: %(default)s)")
    add("--out", metavar="DIR", default="explore", help="where the figures go (default: %(default)s)")
    command.add_machine_options(parser)
    options = parser.parse_args(argv)
    if not (options.image or options.data or options.weights):
        parser.error("choose what to look at: an IMAGE, --data VOC_ROOT or --weights FILE")
    if options.check and not options.data:
        parser.error("--check looks at data; name its folder with --data ROOT")
    return options


def main(argv=None):
    """Describe what was asked for, write the figures, and return the exit code."""
    options = parse(argv)
    command.apply_machine_options(options)
    if options.check:
        return check(options)
    model, config = None, PRESETS[options.preset]
    if options.weights:
        from numpyssd.detectors import NAMES, load_detector
        from numpyssd.reports.network_figures import describe_weights

        model = load_detector(options.weights, names_from(options)).model
        say_notes(model)
        config = model.config
        print(describe_weights(options.weights, model), flush=True)
        if not isinstance(config, Config):
            print(f"no figures: they show default boxes, and {NAMES[config.detector]} has none", flush=True)
            return 0
    out = make_folder(options.out)
    for name, text, figure in figures(options, config, model):
        try:
            save_figure(figure, out / name)
        except OSError as reason:
            raise write_error(out / name, reason, "choose another --out") from None
        print(f"{out / name}: {text}", flush=True)
    return 0


def check(options):
    """Print the issues of the data, and return the exit code."""
    from numpyssd.cli.check_data import check_data

    return check_data(options.data, make_folder(options.out) / "check.txt", options.missing_labels)


def figures(options, config, model):
    """Yield (file name, what it shows, figure) for everything that was asked for."""
    from numpyssd.images.resize import resize_for_test
    from numpyssd.reports.network_figures import default_box_figure, feature_map_table

    if options.data:
        from numpyssd.datasets.analysis.summary import summarize
        from numpyssd.datasets.loading import load_dataset
        from numpyssd.datasets.splits.choice import choose_to_look_at
        from numpyssd.reports.data_figures import data_figures

        policies = {"bad_data": "skip", "missing_labels": options.missing_labels}
        split = choose_to_look_at(options.data, options.split)
        dataset = load_dataset(options.data, split, **policies)  # and summarized with its issues
        print(summarize(dataset, config), flush=True)
        yield from data_figures(dataset, config, model)
    if options.image:
        from numpyssd.images.read import read_image

        image = read_image(options.image)
        if not options.weights:
            print("\n".join(feature_map_table(config)), flush=True)
    elif options.data:
        image = dataset[0][0]
    else:
        from numpyssd.datasets.shapes import example

        image = example(config.image_size)[0]
    figure = default_box_figure(resize_for_test(image, config.image_size), config)
    yield "default_boxes.png", f"the default boxes of {config.name} on each feature map", figure


if __name__ == "__main__":
    command.run(main)
