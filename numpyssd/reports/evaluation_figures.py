"""What ``evaluate --out`` writes: the result as JSON, and figures of curves, scores, confusions, errors, failures."""

import json
from pathlib import Path

import numpy as np

from numpyssd.console import counted
from numpyssd.drawing import COLORS, new_figure, save_figure
from numpyssd.files import write_error, written_whole
from numpyssd.inference.checks import score_in_words
from numpyssd.inference.error_costs import draw_error_costs
from numpyssd.inference.error_split import draw_error_split
from numpyssd.inference.evaluation.best_scores import draw_best_score
from numpyssd.inference.evaluation.bootstrap import draw_bootstrap
from numpyssd.inference.evaluation.confusion import draw_confusion, figure_size
from numpyssd.inference.evaluation.measurement import Measurement
from numpyssd.inference.precision_recall import envelope
from numpyssd.reports.failure_cases import draw_failure_cases, failure_cases

PANELS = ((4, 4, 3.6), (20, 5, 2.4), (np.inf, 10, 1.8))  # up to so many classes: columns, inches of a panel


def write_evaluation(out: Path, answer: dict, measured: Measurement, costs: dict, dataset) -> list[Path]:
    """Write evaluation.json and the figures into a folder; return their paths.

    - out: the folder, which is made if it does not exist;
    - answer: the content of evaluation.json;
    - costs: the error_costs;
    - dataset: where the images of the failure cases are read again.

    Raises InputError if something cannot be written.
    """
    threshold, names = measured.score_threshold, measured.class_names
    cases = failure_cases(measured.split, measured.detections, measured.ground_truth, names)
    figures = {
        "pr_curves.png": lambda: precision_recall_figure(measured.result, threshold, names),
        "scores.png": lambda: scores_figure(measured.result, measured.best),
        "confusion.png": lambda: confusion_figure(measured.confusion, threshold),
        "intervals.png": lambda: intervals_figure(measured.result, measured.intervals),
        "errors.png": lambda: errors_figure(measured.split, costs),
        "failure_cases.png": lambda: failure_cases_figure(cases, dataset, threshold),
    }
    if measured.intervals is None:
        del figures["intervals.png"]
    try:
        out.mkdir(parents=True, exist_ok=True)
        with written_whole(out / "evaluation.json") as temporary:
            temporary.write_text(json.dumps(answer, indent=2) + "\n", encoding="utf-8")
        for name, figure in figures.items():
            save_figure(figure(), out / name)
    except OSError as reason:
        raise write_error(reason.filename or out, reason, "choose another --out") from None
    return [out / name for name in ("evaluation.json", *figures)]


def panels(names, labels):
    """Return a figure, and its axes by the names of the classes; labels: those of the x axis and the y axis."""
    max_columns, width = next(row[1:] for row in PANELS if len(names) <= row[0])
    columns = min(max(1, len(names)), max_columns)
    rows = max(1, -(-len(names) // columns))
    figure, axes = new_figure(rows, columns, (max(6, width * columns), width * rows + 0.8))
    axes = np.atleast_1d(axes)
    for i, ax in enumerate(axes[: len(names)]):
        ax.tick_params(labelleft=i % columns == 0, labelbottom=i + columns >= len(names))
    for ax in axes[len(names) :]:
        ax.set_axis_off()
    if names:
        figure.supxlabel(labels[0], fontsize=10)
        figure.supylabel(labels[1], fontsize=10)
    return figure, dict(zip(names, axes))


def precision_recall_figure(result, score_threshold=0.5, class_names=None):
    """Return a figure of the curves of all classes, with a panel for each.

    score_threshold: a number, or one for each of class_names.
    """
    names = list(result.curves)
    every_name = names if class_names is None else class_names
    thresholds = dict(zip(every_name, np.broadcast_to(score_threshold, len(every_name))))
    figure, axes = panels(names, ("recall: fraction of the objects found", "precision: fraction of true positives"))
    for name, ax in axes.items():
        draw_precision_recall(ax, result, name, thresholds[name])
    score = "of the class" if np.ndim(score_threshold) else f"{score_threshold:g}"
    text = f"mAP {result.mean:.3f} ({result.metric}); the dot is the score {score}"
    text += "; the curves are those at an IoU of 0.50" if result.metric == "coco" else ""
    figure.suptitle(text if names else "no class has an object that counts", fontsize=11)
    return figure


def draw_precision_recall(ax, result, name, score_threshold=0.5):
    """Draw the curve of one class, its envelope filled, with a dot where the score passes a threshold."""
    (recall, precision, scores), count = result.curves[name], result.objects[name]
    edges, heights = np.r_[0, recall], np.r_[precision.max(initial=0.0), envelope(precision)]
    ax.fill_between(edges, heights, step="pre", color=COLORS["prediction"], alpha=0.3, lw=0)
    ax.plot(recall, precision, color="black", linewidth=1)
    shown = int((scores >= score_threshold).sum())
    if shown:
        ax.plot(recall[shown - 1], precision[shown - 1], "o", color=COLORS["positive"], markersize=7)
    ax.set(xlim=(0, 1.02), ylim=(0, 1.04))
    ax.grid(alpha=0.3)
    ax.set_title(f"{name}: {result.per_class[name]:.3f}\n{counted(count, 'object')}", fontsize=9, parse_math=False)


def scores_figure(result, best):
    """Return a figure of precision, recall and F1 over the score, with a panel for each class."""
    names = list(result.curves)
    figure, axes = panels(names, ("score from which boxes are shown", "precision (dashed), recall (dotted), F1"))
    for name, ax in axes.items():
        draw_best_score(ax, result, name, best and best[name])
    found = "The line is the score chosen for the class" if best else "Too few objects to find thresholds with"
    figure.suptitle(f"From which score on? {found}" if names else "no class has an object that counts", fontsize=11)
    return figure


def confusion_figure(found, score_threshold):
    """Return a figure of a Confusion, as large as its classes need."""
    figure, ax = new_figure(size=figure_size(len(found.class_names)))
    draw_confusion(ax, found)
    ax.set_title(f"What is taken for what, with\n{score_in_words(score_threshold)}", fontsize=10)
    return figure


def intervals_figure(result, intervals):
    """Return a figure of the AP of each class with its interval."""
    rows = 1 + len(result.per_class)
    figure, ax = new_figure(size=(7, 1.6 + rows * (0.32 if rows <= 30 else 0.16)))
    draw_bootstrap(ax, result, intervals)
    return figure


def errors_figure(split, costs: dict):
    """Return a figure of the errors of each class, and of what each type of error costs."""
    figure, axes = new_figure(1, 2, (13, max(3.6, 1.6 + 0.45 * len(split.per_class))))
    draw_error_split(axes[0], split)
    draw_error_costs(axes[1], costs)
    axes[1].set_ylim(max(len(costs), len(split.per_class)) - 0.4, -0.6)  # bars as thick as those beside them
    return figure


def failure_cases_figure(cases, dataset, score_threshold, columns=5):
    """Return a figure of failure cases, five in a row."""
    rows = max(1, -(-len(cases) // columns))
    figure, axes = new_figure(rows, columns, (12, 2.9 * rows + 0.6))
    draw_failure_cases(axes, cases, dataset)
    score = score_in_words(score_threshold)
    text = f"Failure cases: false positives with {score}, and missed objects"
    legend = "orange: the detection (dashed: another detection of that object), green: the ground truth"
    figure.suptitle(f"{text}\n{legend}" if cases else f"No error at {score}")
    return figure
