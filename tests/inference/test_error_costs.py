"""numpyssd.inference.error_costs: mistakes mended by hand, and what that does to the mean."""

import numpy as np
import pytest

from numpyssd.drawing import new_figure
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.error_costs import draw_gains, gains, mended
from numpyssd.inference.error_split import KINDS, error_split
from numpyssd.pictures.simulated_detector import imagine

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
    "class": ([(A, 2, 0.9), (B, 2, 0.8)], [(A, 1), (B, 2)], 0.75),  # 0 and 1/2 -> 1 and 1
    "other": ([(NEAR_A, 2, 0.9), (B, 2, 0.8)], [(A, 1), (B, 2)], 0.25),  # 0 and 1/2 -> 0 and 1
    "duplicate": ([(A, 1, 0.9), (A, 1, 0.8), (B, 1, 0.7)], [(A, 1), (B, 1)], 1 / 6),  # 5/6 -> 1
    "background": ([([50, 50, 60, 60], 1, 0.9), (A, 1, 0.8)], [(A, 1)], 0.5),  # 1/2 -> 1
    "missed": ([(A, 1, 0.9)], [(A, 1), (B, 1)], 0.5),  # 1/2 -> 1
}


@pytest.mark.parametrize("kind", KINDS)
def test_one_mistake(kind):
    rows, objects, gain = CASES[kind]
    answer = gains(*lists(rows, objects))
    assert answer[kind] == pytest.approx(gain)
    assert list(answer) == list(KINDS)
    if kind in ("localization", "duplicate", "background"):
        assert sum(answer.values()) == pytest.approx(gain)  # there is no other mistake


def test_two_mended_boxes_of_one_object_are_no_duplicates():
    better, worse = (NEAR_A, 1, 0.9), ([0, 5, 10, 15], 1, 0.8)
    found, truth = lists([worse, better], [(A, 1)])
    (after,), _ = mended(found, truth, error_split(found, truth, score_threshold=0), "localization")
    assert (after[0].tolist(), after[2].tolist()) == ([A], [0.9])
    found, truth = lists([better, worse, (A, 1, 0.1)], [(A, 1)])
    (after,), _ = mended(found, truth, error_split(found, truth, score_threshold=0), "localization")
    assert (after[0].tolist(), after[2].tolist()) == ([A], [0.1])


def test_a_box_mended_onto_a_difficult_object_is_not_counted():
    found, truth = lists([(B, 2, 0.9), (A, 1, 0.8), (B, 2, 0.7)], [(A, 1), (B, 1), ([200, 0, 210, 10], 2)])
    truth = [(*truth[0][:2], np.array([False, True, False]))]
    answer = gains(found, truth)
    assert answer["class"] == 0  # class 2 finds nothing either way, and class 1 is perfect
    assert answer["missed"] == 0  # class 2 has no object left, and keeps its AP of 0


def test_gains_are_what_average_precision_says_of_the_mended():
    found, truth = imagine()
    before = [tuple(array.copy() for array in rows) for rows in found]
    answer, split = gains(found, truth, "voc07"), error_split(found, truth, score_threshold=-1)
    mean = average_precision(found, truth, "voc07").mean
    for kind, gain in answer.items():
        assert 0 <= gain < 1 - mean
        after = mended(found, truth, split, kind)
        assert average_precision(*after, "voc07").mean - mean == pytest.approx(gain)
        left = error_split(*after, score_threshold=-1).total
        assert left[kind] == 0
    assert answer["class"] > 0.05
    for rows, copies in zip(found, before):
        for array, copy in zip(rows, copies):
            np.testing.assert_array_equal(array, copy)


def test_without_objects_there_is_nothing_to_gain():
    assert all(np.isnan(value) for value in gains([], []).values())
    with pytest.raises(ValueError, match="metric must be voc07 or voc, not 'coco'"):
        gains([], [], "coco")


def test_picture_has_a_bar_for_each_kind():
    _, ax = new_figure()
    answer = gains(*imagine())
    draw_gains(ax, answer)
    assert [patch.get_width() for patch in ax.patches] == list(answer.values())
    figure, ax = new_figure()
    draw_gains(ax, gains([], []))
    figure.canvas.draw()
