"""What ``evaluate --out`` writes: the result as JSON, precision-recall curves, types of errors, and failure cases."""

import json
from pathlib import Path

import numpy as np

from numpyssd.drawing import COLORS, new_figure, save_figure
from numpyssd.files import write_error, written_whole
from numpyssd.inference.error_costs import draw_error_costs
from numpyssd.inference.error_split import draw_error_split
from numpyssd.inference.precision_recall import envelope
from numpyssd.reports.failure_cases import draw_failure_cases, failure_cases

PANELS = ((4, 4, 3.6), (20, 5, 2.4), (np.inf, 10, 1.8))  # up to so many classes: columns, inches of a panel


def write_evaluation(out: Path, answer: dict, result, split, costs: dict, detections, ground_truth, dataset):
    """Write evaluation.json, pr_curves.png, errors.png and failure_cases.png into a folder; return their paths.

    - out: the folder, which is made if it does not exist;
    - answer: the content of evaluation.json;
    - result, split, costs: the AveragePrecision, the ErrorSplit and the error_costs of detections and ground_truth;
    - dataset: where the images of the failure cases are read again.

    Raises InputError if something cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with written_whole(out / "evaluation.json") as temporary:
            temporary.write_text(json.dumps(answer, indent=2) + "\n", encoding="utf-8")
        save_figure(precision_recall_figure(result, split.score_threshold), out / "pr_curves.png")
        save_figure(errors_figure(split, costs), out / "errors.png")
        cases = failure_cases(split, detections, ground_truth, dataset.class_names)
        save_figure(failure_cases_figure(cases, dataset, split.score_threshold), out / "failure_cases.png")
    except OSError as reason:
        raise write_error(reason.filename or out, reason, "choose another --out") from None
    return [out / name for name in ("evaluation.json", "pr_curves.png", "errors.png", "failure_cases.png")]


def precision_recall_figure(result, score_threshold=0.5):
    """Return a figure of the curves of all classes, with a panel for each."""
    names = list(result.curves)
    max_columns, width = next(row[1:] for row in PANELS if len(names) <= row[0])
    columns = min(max(1, len(names)), max_columns)
    rows = max(1, -(-len(names) // columns))
    figure, axes = new_figure(rows, columns, (max(6, width * columns), width * rows + 0.8))
    axes = np.atleast_1d(axes)
    for i, (ax, name) in enumerate(zip(axes, names)):
        draw_precision_recall(ax, result, name, score_threshold)
        ax.tick_params(labelleft=i % columns == 0, labelbottom=i + columns >= len(names))
    for ax in axes[len(names) :]:
        ax.set_axis_off()
    if names:
        figure.supxlabel("recall: fraction of the objects found", fontsize=10)
        figure.supylabel("precision: fraction of true positives", fontsize=10)
    text = f"mAP {result.mean:.3f} ({result.metric}); the dot is the score {score_threshold:g}"
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
    objects = "1 object" if count == 1 else f"{count} objects"
    ax.set_title(f"{name}: {result.per_class[name]:.3f}\n{objects}", fontsize=9, parse_math=False)


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
    text = f"Failure cases: false positives with a score of {score_threshold:g} or more, and missed objects"
    legend = "orange: the detection (dashed: another detection of that object), green: the ground truth"
    figure.suptitle(f"{text}\n{legend}" if cases else f"No error at a score of {score_threshold:g} or more")
    return figure
