"""Evaluate weights: mean average precision on the built-in held-out set, or on a split of data in VOC or COCO layout.

python -m numpyssd.evaluate --weights tiny
python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --split test --metric coco --json
python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --out runs/bccd/test
"""

import json
import math
import sys
from pathlib import Path

from tqdm import tqdm

from numpyssd.cli import command
from numpyssd.cli.inputs import WEIGHTS_HELP
from numpyssd.errors import InputError
from numpyssd.inference.error_split import ERROR_TYPES


def parse(argv):
    """Return the options of the command line."""
    parser = command.parser(
        "evaluate",
        "Measure the mean average precision of weights on images they were not trained on.",
        [
            "python -m numpyssd.evaluate --weights tiny",
            "python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --out runs/bccd/test",
            "python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --split test",
            "python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --metric coco --json",
            "python -m numpyssd.evaluate --weights WEIGHTS --data data/VOCdevkit/VOC2007 --metric voc07",
        ],
    )
    add = parser.add_argument
    add("--weights", required=True, metavar="FILE", help=WEIGHTS_HELP)
    add("--data", metavar="ROOT", help="a folder in VOC or COCO layout (default: the built-in held-out images)")
    command.add_data_policy(parser)
    add("--split", default="test", help="the split to evaluate on (default: %(default)s)")
    add("--metric", choices=["voc07", "voc", "coco"], default="voc", help="how AP is computed (default: %(default)s)")
    add("--score", type=float, default=0.5, help="from which score boxes count as errors (default: %(default)s)")
    add("--out", type=Path, metavar="DIR", help="write figures there: curves, types of errors, failure cases")
    add("--json", action="store_true", help="print one line of JSON instead of the table")
    command.add_machine_options(parser)
    return parser.parse_args(argv)


def main(argv=None):
    """Evaluate, print the result, and return the exit code."""
    options = parse(argv)
    command.apply_machine_options(options)
    from numpyssd.inference.evaluate import detect_all
    from numpyssd.ssd import load_detector

    detector = load_detector(options.weights)
    dataset = load_data(options, detector.model.class_names)
    for issue in dataset.issues:
        print(issue, file=sys.stderr)
    detections, ground_truth = detect_all(detector, dataset, progress=progress_bar(options))
    result, coco, split, costs = measure(detections, ground_truth, options, dataset)

    answer = in_json(options, dataset, result, coco, split)
    written = []
    if options.out:
        from numpyssd.reports.evaluation_figures import write_evaluation

        details = {"objects": result.objects, "errors_per_class": split.per_class, "error_costs": costs}
        lists = detections, ground_truth
        written = write_evaluation(options.out, without_nan(answer | details), result, split, costs, *lists, dataset)
    if options.json:
        print(json.dumps(without_nan(answer)))
    else:
        print(in_words(options, dataset, result, coco, split))
        for path in written:
            print(f"written: {path}")
    return 0


def load_data(options, class_names):
    """Return the data set to evaluate on, with the class names of the model."""
    if options.data:
        from numpyssd.datasets.loading import load_dataset

        policies = {"bad_data": options.bad_data, "missing_labels": options.missing_labels}
        return load_dataset(options.data, options.split, class_names, **policies)
    from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
    from numpyssd.run.setup import TINY_COUNTS

    if tuple(class_names) != tuple(CLASS_NAMES):
        raise InputError(f"{options.weights} knows other classes than the built-in set; give its data with --data")
    return ShapesDataset(TINY_COUNTS["test"], split="test")


def progress_bar(options):
    """Return a function that wraps an iterable of images in a progress bar, if a person is looking."""
    quiet = options.json or not sys.stderr.isatty()
    return lambda images: tqdm(images, unit="image", leave=False, disable=quiet)


def measure(detections, ground_truth, options, dataset):
    """Return the AveragePrecision, the COCOMetrics (or None), the ErrorSplit, and the error costs (None without --out).

    There is no split of COCO's mean by type of error, so its error costs are those of "voc".
    """
    from numpyssd.inference.average_precision import average_precision
    from numpyssd.inference.coco_metrics import coco_metrics
    from numpyssd.inference.error_costs import error_costs
    from numpyssd.inference.error_split import error_split

    lists, class_names, coco, costs = (detections, ground_truth), dataset.class_names, None, None
    result = average_precision(*lists, options.metric, class_names=class_names)
    if options.metric == "coco":
        objects = [dataset.annotation(i) for i in range(len(dataset))]
        coco = coco_metrics(*lists, class_names, [one.crowd for one in objects], [one.area for one in objects])
    split = error_split(*lists, class_names, score_threshold=options.score)
    if options.out:
        metric = "voc" if options.metric == "coco" else options.metric
        costs = error_costs(*lists, metric, class_names=class_names)
    return result, coco, split, costs


def in_json(options, dataset, result, coco, split) -> dict:
    """Return the result as a dictionary; the first four keys are an interface."""
    answer = {"metric": options.metric, "mAP": result.mean, "per_class": result.per_class, "images": len(dataset)}
    answer |= {"left_out": list(result.left_out), "split": options.split if options.data else "held-out"}
    answer |= {"score": options.score, "errors": split.total}
    return answer | ({"coco": coco.numbers} if coco else {})


def in_words(options, dataset, result, coco, split) -> str:
    """Return the result as text: a table of classes, COCO's numbers, the types of errors, and the mean."""
    total = split.total
    errors = ", ".join(f"{error} {total[error]}" for error in ERROR_TYPES)
    return "\n".join([
        result.summary(),
        *([coco.summary()] if coco else []),
        f"with a score of {options.score:g} or more {total['correct']} of {total['objects']} are found; {errors}",
        f"mAP {result.mean:.3f} ({options.metric}) on {len(dataset)} images",
    ])  # fmt: skip


def without_nan(value):
    """Return a value with None for each NaN, because JSON has none: a mean over no class is null."""
    if isinstance(value, dict):
        return {name: without_nan(item) for name, item in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value


if __name__ == "__main__":
    command.run(main)
