"""What the widgets of lessons 00, 14 and 15 say is what the library says."""

import re

import numpy as np
import pytest
from widget_data import data

from lessons.course.widgets import detections as detection_widgets
from numpyssd.datasets.shapes import example
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.detection_matching import match_detections
from numpyssd.inference.nms import nms


def test_suppression_step_by_step_ends_with_what_nms_keeps(rng):
    image, objects, _, _ = example()
    boxes = np.concatenate([objects + rng.normal(0, 5, objects.shape) for _ in range(5)])
    scores = rng.permutation(20) / 20
    keep = nms(boxes, scores)
    states = data(detection_widgets.nms_steps(image, boxes, scores))["states"]
    assert len(states) == len(keep) + 2
    assert all(len(state["marks"]) <= 20 for state in states)
    assert len(states[1]["marks"]) == 20  # waiting, removed and the best
    assert [mark[6] for mark in states[-1]["marks"]] == [f"{scores[i]:.2f}" for i in keep]
    at = data(detection_widgets.nms_thresholds(image, boxes, scores, objects))
    assert len(at["states"][at["first"]]["marks"]) == len(keep)


def test_a_threshold_of_the_score_counts_right_wrong_and_missed():
    image, objects, labels, names = example()
    found = np.concatenate([objects, objects[:1]]) / 300, np.r_[labels, labels[:1]], np.array([0.9, 0.8, 0.7, 0.1, 0.6])
    outcomes = np.array([1, 1, 1, 1, 0])  # a repetition is wrong
    widget, said = detection_widgets.score_thresholds(image, found, outcomes, names, objects=4)
    assert said[0] == "score over 0.05: 4 right, 1 wrong, 0 missed"
    assert said[12] == "score over 0.65: 3 right, 0 wrong, 1 missed"
    assert said[-1] == "score over 0.95: 0 right, 0 wrong, 4 missed"
    at = data(widget)
    assert at["states"][at["first"]]["say"] == "score over 0.50: 3 right, 1 wrong, 1 missed"
    assert len(at["states"][0]["marks"]) == 5


def test_boxes_counts_and_the_point_on_the_curve_move_together():
    objects = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]], float)
    boxes = np.concatenate([objects[:1], [[60, 60, 70, 70]], objects[1:2]])
    scores, ones = np.array([0.95, 0.85, 0.75]), np.ones(3, int)
    truth = (objects, ones, np.zeros(3, bool))
    right = match_detections(boxes, ones, scores, *truth, (0.5,))[0] == 1
    curve = average_precision([(boxes, ones, scores)], [truth], "voc").curves[1]
    got = data(
        detection_widgets.precision_and_recall(np.zeros((80, 80, 3), np.uint8), objects, boxes, scores, right, curve)
    )
    assert len(got["states"]) == 13  # 0.95, 0.90, ... 0.35
    assert got["states"][got["first"]]["say"] == "threshold 0.75: precision 2 / 3 = 0.67, recall 2 / 3 = 0.67"
    for state in got["states"]:
        shown = int((scores >= float(re.match(r"threshold ([\d.]+)", state["say"])[1]) - 1e-9).sum())
        assert state["point"] == pytest.approx([curve.recall[shown - 1], curve.precision[shown - 1]])
        assert state["counts"][0][1] + state["counts"][2][1] == len(objects)  # found and missed
        assert len(state["marks"]) == len(objects) + shown
    assert [mark[1] for mark in got["states"][-1]["marks"][3:]] == ["positive", "negative", "positive"]
