"""Evaluate weights: mean average precision on the built-in held-out set, or on a split of photographs.

python -m numpyssd.evaluate --weights tiny
python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --split test --metric coco --json
python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --out runs/bccd/test
"""

import json
import sys
from pathlib import Path

from tqdm import tqdm

from numpyssd.cli import command
from numpyssd.cli.class_names import add_class_names, load_for, names_from, say_notes
from numpyssd.cli.inputs import WEIGHTS_HELP
from numpyssd.cli.measured import in_json, in_words, without_nan
from numpyssd.cli.other_classes import unknown_classes, what_was_left_out
from numpyssd.cli.store_scores import check_storing, store_scores
from numpyssd.errors import InputError


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
            "python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --split val --store-scores",
        ],
    )
    add = parser.add_argument
    add("--weights", required=True, metavar="FILE", help=WEIGHTS_HELP)
    add_class_names(parser)
    add("--data", metavar="ROOT", help="a folder of VOC, COCO, YOLO or LabelMe (default: the built-in held-out images)")
    command.add_data_policy(parser)
    add("--split", help="the split to evaluate on (default: test, or else val); auto: see train --split auto")
    add("--metric", choices=["voc07", "voc", "coco"], default="voc", help="how AP is computed (default: %(default)s)")
    add(
        "--score", type=float, metavar="S",
        help="from which score boxes count as errors (default: the scores stored in the weights, or else 0.5)",
    )  # fmt: skip
    add(
        "--store-scores", action="store_true",
        help="store in the weights the score of each class with the best F1 on this split, for detect; take val for it",
    )  # fmt: skip
    add(
        "--bootstrap", type=command.positive(int, zero=True), default=1000, metavar="N",
        help="resamples for the 95 %% interval of the mAP, 0 for none (default: %(default)s)",
    )  # fmt: skip
    command.add_detection_options(parser)
    add("--out", type=Path, metavar="DIR", help="write figures there: curves, types of errors, failure cases")
    add("--json", action="store_true", help="print one line of JSON instead of the table")
    command.add_machine_options(parser)
    return parser.parse_args(argv)


def main(argv=None):
    """Evaluate, print the result, and return the exit code."""
    options = parse(argv)
    command.apply_machine_options(options)
    from numpyssd.datasets.checks.crowded import crowded_note
    from numpyssd.detectors import load_detector
    from numpyssd.inference.evaluate import detect_all
    from numpyssd.inference.evaluation.confusion import BACKGROUND
    from numpyssd.inference.evaluation.measurement import USUAL_SCORE, measure

    detector = load_detector(options.weights, names_from(options))
    if options.store_scores:
        check_storing(options.weights)
    dataset = load_for(detector.model, options.weights, lambda: load_data(options, detector.model.class_names))
    say_notes(detector.model)
    unknown = unknown_classes(dataset.issues)
    for issue in dataset.issues:
        if not unknown_classes([issue]):
            print(issue, file=sys.stderr)
    if unknown:
        print(f"note: {what_was_left_out(unknown)}", file=sys.stderr)
    note = crowded_note(dataset, options.max_detections)
    if note:
        print(f"note: {note}", file=sys.stderr)
    lists = detect_all(detector, dataset, progress=progress_bar(options), **command.detection_options(options))
    score = None if options.store_scores else options.score
    if score is None and not options.store_scores:
        score = detector.model.score_thresholds or USUAL_SCORE
    measured = measure(*lists, dataset, options.metric, score, options.bootstrap)

    split, stored, written = options.split if options.data else "held-out", None, []
    answer = in_json(measured, len(dataset), split, options.metric)
    if options.store_scores:
        stored = store_scores(options.weights, measured, split)
    if options.out:
        from numpyssd.reports.evaluation_figures import write_evaluation

        costs = measure_errors(measured, options.metric)
        matrix = {"counts": measured.confusion.counts.tolist(), "classes": [*measured.class_names, BACKGROUND]}
        details = {"objects": measured.result.objects, "errors_per_class": measured.split.per_class}
        details |= {"error_costs": costs, "confusion": matrix}
        written = write_evaluation(options.out, without_nan(answer | details), measured, costs, dataset)
    if options.json:
        print(json.dumps(without_nan(answer)))
    else:
        print(in_words(measured, len(dataset), options.metric))
        for line in [*([stored] if stored else []), *(f"written: {path}" for path in written)]:
            print(line)
    return 0


def load_data(options, class_names):
    """Return the data set to evaluate on, with the class names of the model."""
    if options.data:
        from numpyssd.run.evaluation_data import load_measured

        policies = {"bad_data": options.bad_data, "missing_labels": options.missing_labels}
        measured = load_measured(options.data, options.split, options.weights, class_names, **policies)
        options.split = measured.split
        for sentence in measured.sentences:
            print(sentence, file=sys.stderr)
        return measured.dataset
    from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
    from numpyssd.run.setup import TINY_COUNTS

    if tuple(class_names) != tuple(CLASS_NAMES):
        raise InputError(f"{options.weights} knows other classes than the built-in set; give its data with --data")
    return ShapesDataset(TINY_COUNTS["test"], split="test")


def progress_bar(options):
    """Return a function that wraps an iterable of images in a progress bar, if a person is looking."""
    quiet = options.json or not sys.stderr.isatty()
    return lambda images: tqdm(images, unit="image", leave=False, disable=quiet)


def measure_errors(measured, metric):
    """Return the error costs. There is no split of COCO's mean by type of error, so its costs are those of "voc"."""
    from numpyssd.inference.error_costs import error_costs

    lists = measured.detections, measured.ground_truth
    return error_costs(*lists, "voc" if metric == "coco" else metric, class_names=measured.class_names)


if __name__ == "__main__":
    command.run(main)
