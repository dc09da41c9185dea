"""numpyssd.reports.evaluation_figures: the files of ``evaluate --out``."""

import json

import numpy as np
import pytest

from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
from numpyssd.drawing import new_figure
from numpyssd.errors import InputError
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.error_costs import error_costs
from numpyssd.inference.error_split import error_split
from numpyssd.inference.evaluation.measurement import measure
from numpyssd.pictures.simulated_detector import simulate_detector
from numpyssd.reports.evaluation_figures import (
    confusion_figure,
    draw_precision_recall,
    errors_figure,
    failure_cases_figure,
    intervals_figure,
    precision_recall_figure,
    scores_figure,
    write_evaluation,
)

FILES = [
    "confusion.png", "errors.png", "evaluation.json", "failure_cases.png", "intervals.png", "pr_curves.png",
    "scores.png",
]  # fmt: skip


def measured(found, truth, names=CLASS_NAMES):
    result = average_precision(found, truth, "voc", class_names=names)
    return result, error_split(found, truth, names), error_costs(found, truth, class_names=names)


def test_writes_seven_files(tmp_path):
    found, truth = simulate_detector(6)
    out = tmp_path / "new" / "folder"
    costs = error_costs(found, truth, class_names=CLASS_NAMES)
    written = write_evaluation(out, {"mAP": 0.5}, measure(found, truth, ShapesDataset(6)), costs, ShapesDataset(6))
    assert sorted(path.name for path in written) == sorted(path.name for path in out.iterdir()) == FILES
    assert json.loads((out / "evaluation.json").read_text()) == {"mAP": 0.5}
    for name in FILES:
        if name.endswith("png"):
            assert (out / name).read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_can_not_be_written_is_one_sentence(tmp_path):
    found, truth = simulate_detector(1)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file.* cannot be written \(.*\); choose another --out"):
        write_evaluation(tmp_path / "file", {}, measure(found, truth, ShapesDataset(1)), {}, ShapesDataset(1))


def test_curves_have_a_panel_for_each_class_and_a_dot_at_the_score():
    found, truth = simulate_detector()
    result, _, _ = measured(found, truth)
    figure = precision_recall_figure(result, 0.5)
    panels = [ax for ax in figure.axes if ax.lines]
    assert [ax.get_title().split(":")[0] for ax in panels] == list(CLASS_NAMES)
    assert [ax.axison for ax in figure.axes] == [True] * 5
    _, ax = new_figure()
    draw_precision_recall(ax, result, "ring", 0.5)
    line, dot = ax.lines
    curve = result.curves["ring"]
    np.testing.assert_array_equal(line.get_xydata(), np.stack([curve.recall, curve.precision], axis=1))
    last = np.flatnonzero(curve.scores >= 0.5)[-1]
    assert dot.get_xydata().tolist() == [[curve.recall[last], curve.precision[last]]]
    draw_precision_recall(new_figure()[1], result, "ring", 1.1)  # no score is so high: no dot


@pytest.mark.parametrize(("classes", "shape"), [(1, (1, 1)), (3, (1, 3)), (20, (4, 5)), (21, (3, 10))])
def test_the_shape_of_the_sheet_of_curves(classes, shape):
    names = tuple(f"class {n}" for n in range(classes))
    boxes, scores = np.tile([0.0, 0, 10, 10], (classes, 1)), np.full(classes, 0.9)
    labels = np.arange(1, classes + 1)
    result = average_precision([(boxes, labels, scores)], [(boxes, labels, scores < 0)], class_names=names)
    grid = precision_recall_figure(result).axes[0].get_gridspec()
    assert (grid.nrows, grid.ncols) == shape


def test_each_class_can_have_its_own_score():
    result, _, _ = measured(*simulate_detector(20))
    thresholds = (0.2, 0.4, 0.6, 0.8, 0.9)
    figure = precision_recall_figure(result, thresholds, CLASS_NAMES)
    for ax, name, threshold in zip(figure.axes, CLASS_NAMES, thresholds):
        curve = result.curves[name]
        dots = [line.get_xdata()[0] for line in ax.lines[1:]]
        assert dots == list(curve.recall[curve.scores >= threshold][-1:])
    assert figure.get_suptitle().endswith("the dot is the score of the class")
    found, truth = simulate_detector(20)
    split = error_split(found, truth, CLASS_NAMES, score_threshold=thresholds)
    for label, (name, threshold) in enumerate(zip(CLASS_NAMES, thresholds), start=1):
        alone = error_split(found, truth, CLASS_NAMES, score_threshold=threshold).per_class[name]
        # Missed objects depend on the boxes of the other classes too.
        keys = ("correct", "localization", "classification", "both", "duplicate", "background")
        assert [split.per_class[name][key] for key in keys] == [alone[key] for key in keys], label
    assert errors_figure(split, {}).axes[0].get_title() == "Which errors? Boxes with the score of its class or more"


def test_nothing_to_show_is_said():
    result, split, costs = measured([], [], ("a", "b"))
    nothing = measure([], [], AnnotatedImages(("a", "b"), [], []))
    figures = (
        precision_recall_figure(result),
        errors_figure(split, costs),
        failure_cases_figure([], ShapesDataset(0), 0.5),
        scores_figure(result, None),
        intervals_figure(result, nothing.intervals),
        confusion_figure(nothing.confusion, 0.5),
    )
    for figure in figures:
        figure.canvas.draw()
    assert figures[0].get_suptitle() == "no class has an object that counts"
    assert figures[2].get_suptitle() == "No error at a score of 0.5 or more"


def test_a_name_with_dollars_begins_no_formula():
    boxes, truth = np.array([[0.0, 0, 10, 10]]), np.array([[0.0, 0, 10, 10], [20, 0, 30, 10]])
    found = [(boxes, np.array([1]), np.array([0.9]))]
    objects = [(truth, np.array([1, 1]), np.zeros(2, bool))]
    result, split, costs = measured(found, objects, ("$\\x$",))
    precision_recall_figure(result).canvas.draw()
    errors_figure(split, costs).canvas.draw()
