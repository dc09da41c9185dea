"""Evaluate weights: mean average precision on the built-in held-out set, or on a split of data in VOC layout.

python -m numpyssd.evaluate --weights data/tiny.npz
python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --split test --metric coco --json
"""

import json
import sys

from tqdm import tqdm

from numpyssd.errors import InputError
from numpyssd.run import command


def parse(argv):
    """Return the options of the command line."""
    parser = command.parser(
        "evaluate",
        "Measure the mean average precision of weights on images they were not trained on.",
        [
            "python -m numpyssd.evaluate --weights data/tiny.npz",
            "python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --split test",
            "python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --metric coco --json",
        ],
    )
    add = parser.add_argument
    add("--weights", required=True, metavar="FILE", help="the weights: best.npz of a training run, or data/tiny.npz")
    add("--data", metavar="VOC_ROOT", help="a folder in VOC layout (default: the built-in held-out images)")
    add("--split", default="test", help="the split to evaluate on (default: %(default)s)")
    add("--metric", choices=["voc07", "voc", "coco"], default="voc", help="how AP is computed (default: %(default)s)")
    add("--json", action="store_true", help="print one line of JSON instead of the table")
    command.add_machine_options(parser)
    return parser.parse_args(argv)


def load_data(options, class_names):
    """Return the dataset to evaluate on, with the model's class names."""
    if options.data:
        from numpyssd.datasets.voc import VOCDataset

        return VOCDataset(options.data, options.split, class_names)
    from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
    from numpyssd.run.setup import TINY_COUNTS

    if tuple(class_names) != tuple(CLASS_NAMES):
        raise InputError(f"{options.weights} knows other classes than the built-in set; give its data with --data")
    return ShapesDataset(TINY_COUNTS["test"], split="test")


def main(argv=None):
    """Evaluate, print the result, and return the exit code."""
    options = parse(argv)
    command.apply_machine_options(options)
    from numpyssd.run.evaluation import evaluate
    from numpyssd.weights import load_model

    model = load_model(options.weights)
    dataset = load_data(options, model.class_names)
    for problem in getattr(dataset, "problems", ()):
        print(f"left out: {problem}", file=sys.stderr)
    quiet = options.json or not sys.stderr.isatty()
    result = evaluate(
        model, dataset, options.metric, progress=lambda images: tqdm(images, unit="image", leave=False, disable=quiet)
    )
    if options.json:
        # JSON has no NaN: a mean over no class at all is null.
        mean = float(result.mean) if result.mean == result.mean else None
        answer = {"metric": options.metric, "mAP": mean, "per_class": result.per_class, "images": len(dataset)}
        answer |= {"left_out": list(result.left_out), "split": options.split if options.data else "held-out"}
        print(json.dumps(answer))
    else:
        print(result.summary())
        print(f"mAP {result.mean:.3f} ({options.metric}) on {len(dataset)} images")
    return 0


if __name__ == "__main__":
    command.run(main)
