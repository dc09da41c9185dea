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
from numpyssd.errors import InputError
from numpyssd.inference.error_split import KINDS


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
    add(
        "--weights",
        required=True,
        metavar="FILE",
        help="best.npz of a training run, or tiny, which is built in",
    )
    add("--data", metavar="ROOT", help="a folder in VOC or COCO layout (default: the built-in held-out images)")
    command.add_data_policy(parser)
    add("--split", default="test", help="the split to evaluate on (default: %(default)s)")
    add("--metric", choices=["voc07", "voc", "coco"], default="voc", help="how AP is computed (default: %(default)s)")
    add("--score", type=float, default=0.5, help="from which score boxes count as mistakes (default: %(default)s)")
    add("--out", type=Path, metavar="DIR", help="write pictures there: curves, kinds of mistakes, the worst of them")
    add("--json", action="store_true", help="print one line of JSON instead of the table")
    command.add_machine_options(parser)
    return parser.parse_args(argv)


def load_data(options, class_names):
    """Return the dataset to evaluate on, with the model's class names."""
    if options.data:
        from numpyssd.datasets.loading import open_dataset

        return open_dataset(options.data, options.split, class_names, bad_data=options.bad_data)
    from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
    from numpyssd.run.setup import TINY_COUNTS

    if tuple(class_names) != tuple(CLASS_NAMES):
        raise InputError(f"{options.weights} knows other classes than the built-in set; give its data with --data")
    return ShapesDataset(TINY_COUNTS["test"], split="test")


def measure(detections, truth, options, dataset):
    """Return the AveragePrecision, the COCOMetrics (or None), the ErrorSplit, and what each kind of mistake costs."""
    from numpyssd.inference.average_precision import average_precision
    from numpyssd.inference.coco_metrics import coco_metrics
    from numpyssd.inference.error_costs import gains
    from numpyssd.inference.error_split import error_split

    class_names, coco = dataset.class_names, None
    result = average_precision(detections, truth, options.metric, class_names=class_names)
    if options.metric == "coco":
        known = [name for name in ("crowd", "areas") if hasattr(dataset, name)]  # a file of COCO's knows them
        columns = {name: [getattr(dataset, name)(i) for i in range(len(dataset))] for name in known}
        coco = coco_metrics(detections, truth, class_names, **columns)
    split = error_split(detections, truth, class_names, score_threshold=options.score)
    kind = "voc" if options.metric == "coco" else options.metric
    gain = gains(detections, truth, kind, class_names=class_names) if options.out else None
    return result, coco, split, gain


def in_json(options, dataset, result, coco, split):
    """Return the result as a dictionary; the first four keys are an interface."""
    answer = {"metric": options.metric, "mAP": result.mean, "per_class": result.per_class, "images": len(dataset)}
    answer |= {"left_out": list(result.left_out), "split": options.split if options.data else "held-out"}
    answer |= {"score": options.score, "errors": split.total}
    return answer | ({"coco": coco.numbers} if coco else {})


def plain(value):
    """Return what JSON can say: it has no NaN, so that a mean over no class at all is null."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value


def main(argv=None):
    """Evaluate, print the result, and return the exit code."""
    options = parse(argv)
    command.apply_machine_options(options)
    from numpyssd.inference.detect import detect_all
    from numpyssd.weights import load_model

    model = load_model(options.weights)
    dataset = load_data(options, model.class_names)
    for problem in getattr(dataset, "problems", ()):
        print(problem, file=sys.stderr)
    quiet = options.json or not sys.stderr.isatty()
    found = detect_all(
        model, dataset, progress=lambda images: tqdm(images, unit="image", leave=False, disable=quiet)
    )  # fmt: skip
    result, coco, split, gain = measure(*found, options, dataset)
    answer = in_json(options, dataset, result, coco, split)
    written = []
    if options.out:
        from numpyssd.reports.evaluation_figures import write_evaluation

        details = {"objects": result.objects, "errors_per_class": split.per_class, "gain_if_mended": gain}
        written = write_evaluation(options.out, plain(answer | details), result, split, gain, *found, dataset)
    if options.json:
        print(json.dumps(plain(answer)))
        return 0
    print(result.summary())
    if coco:
        print(coco.summary())
    total = split.total
    kinds = ", ".join(f"{kind} {total[kind]}" for kind in KINDS)
    print(f"with a score of {options.score:g} or more {total['right']} of {total['objects']} are found; {kinds}")
    print(f"mAP {result.mean:.3f} ({options.metric}) on {len(dataset)} images")
    for path in written:
        print(f"written: {path}")
    return 0


if __name__ == "__main__":
    command.run(main)
