"""numpyssd.inference.error_costs: errors corrected by hand, and what that does to the mean."""

import numpy as np
import pytest

from numpyssd.drawing import new_figure
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.error_costs import draw_error_costs, error_costs, without_errors
from numpyssd.inference.error_split import ERROR_TYPES, error_split
from numpyssd.pictures.simulated_detector import simulate_detector

A, B = [0, 0, 10, 10], [100, 0, 110, 10]
NEAR_A = [5, 0, 15, 10]  # IoU 1/3


def lists(rows, objects):
    boxes, labels, scores = (np.array([row[i] for row in rows], float) for i in range(3))
    gt_boxes, gt_labels = (np.array([row[i] for row in objects], float) for i in range(2))
    truth = gt_boxes, gt_labels.astype(int), np.zeros(len(objects), bool)
    return [(boxes.reshape(-1, 4), labels.astype(int), scores)], [truth]


# By hand, VOC's area. One object each of two classes, or two of one; the AP before and after is in the comment.
CASES = {
    "localization": ([(NEAR_A, 1, 0.9)], [(A, 1)], 1.0),  # 0 -> 1
    "classification": ([(A, 2, 0.9), (B, 2, 0.8)], [(A, 1), (B, 2)], 0.75),  # 0 and 1/2 -> 1 and 1
    "both": ([(NEAR_A, 2, 0.9), (B, 2, 0.8)], [(A, 1), (B, 2)], 0.25),  # 0 and 1/2 -> 0 and 1
    "duplicate": ([(A, 1, 0.9), (A, 1, 0.8), (B, 1, 0.7)], [(A, 1), (B, 1)], 1 / 6),  # 5/6 -> 1
    "background": ([([50, 50, 60, 60], 1, 0.9), (A, 1, 0.8)], [(A, 1)], 0.5),  # 1/2 -> 1
    "missed": ([(A, 1, 0.9)], [(A, 1), (B, 1)], 0.5),  # 1/2 -> 1
}


@pytest.mark.parametrize("error", ERROR_TYPES)
def test_one_error(error):
    rows, objects, cost = CASES[error]
    costs = error_costs(*lists(rows, objects))
    assert costs[error] == pytest.approx(cost)
    assert list(costs) == list(ERROR_TYPES)
    if error in ("localization", "duplicate", "background"):
        assert sum(costs.values()) == pytest.approx(cost)  # there is no other error


def test_two_corrected_boxes_of_one_object_are_no_duplicates():
    better, worse = (NEAR_A, 1, 0.9), ([0, 5, 10, 15], 1, 0.8)
    found, truth = lists([worse, better], [(A, 1)])
    (after,), _ = without_errors(found, truth, error_split(found, truth, score_threshold=0), "localization")
    assert (after[0].tolist(), after[2].tolist()) == ([A], [0.9])
    found, truth = lists([better, worse, (A, 1, 0.1)], [(A, 1)])
    (after,), _ = without_errors(found, truth, error_split(found, truth, score_threshold=0), "localization")
    assert (after[0].tolist(), after[2].tolist()) == ([A], [0.1])


def test_a_box_corrected_onto_a_difficult_object_is_ignored():
    found, truth = lists([(B, 2, 0.9), (A, 1, 0.8), (B, 2, 0.7)], [(A, 1), (B, 1), ([200, 0, 210, 10], 2)])
    truth = [(*truth[0][:2], np.array([False, True, False]))]
    costs = error_costs(found, truth)
    assert costs["classification"] == 0  # class 2 finds nothing either way, and class 1 is perfect
    assert costs["missed"] == 0  # class 2 has no object left, and keeps its AP of 0


def test_costs_are_what_average_precision_says_of_the_corrected_lists():
    found, truth = simulate_detector()
    before = [tuple(array.copy() for array in rows) for rows in found]
    costs, split = error_costs(found, truth, "voc07"), error_split(found, truth, score_threshold=-1)
    mean = average_precision(found, truth, "voc07").mean
    for error, cost in costs.items():
        assert 0 <= cost < 1 - mean
        after = without_errors(found, truth, split, error)
        assert average_precision(*after, "voc07").mean - mean == pytest.approx(cost)
        left = error_split(*after, score_threshold=-1).total
        assert left[error] == 0
    assert costs["classification"] > 0.05
    for rows, copies in zip(found, before):
        for array, copy in zip(rows, copies):
            np.testing.assert_array_equal(array, copy)


def test_without_objects_every_cost_is_nan():
    assert all(np.isnan(value) for value in error_costs([], []).values())
    with pytest.raises(ValueError, match="metric must be voc07 or voc, not 'coco'"):
        error_costs([], [], "coco")


def test_figure_has_a_bar_for_each_type():
    _, ax = new_figure()
    costs = error_costs(*simulate_detector())
    draw_error_costs(ax, costs)
    assert [patch.get_width() for patch in ax.patches] == list(costs.values())
    figure, ax = new_figure()
    draw_error_costs(ax, error_costs([], []))
    figure.canvas.draw()
