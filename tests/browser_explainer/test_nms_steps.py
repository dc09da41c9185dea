"""Candidates, and the steps of non-maximum suppression."""

import numpy as np
import pytest

from numpyssd.boxes import iou
from numpyssd.inference.suppression import best_detections
from tests.browser_explainer.python_stages import CLASSES, chosen_for, stages_of, tiny


def detections_over(stages, threshold):
    return [one for one in stages["detections"] if one["score"] > threshold]


def test_candidates_and_steps_of_nms_are_those_of_python(node):
    stages = stages_of(0)
    scores, decoded = stages["probabilities"].reshape(-1, CLASSES), stages["decoded"].reshape(-1, 4)
    for threshold in (0.01, 0.5):
        found = node.call("explainer/fates.js", "candidatesOver", stages, CLASSES, threshold)
        assert len(found) == (scores[:, 1:] > threshold).sum() > 5
        assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    assert {one["label"] for one in detections_over(stages, 0.5)} == set(
        node.call("explainer/nms_steps.js", "labelsShown", stages, 0.5)
    )
    seen = 0
    for label in range(1, CLASSES):
        steps = node.call("explainer/nms_steps.js", "nmsSteps", stages, CLASSES, label, 0.1)
        wanted = [one for one in detections_over(stages, 0.1) if one["label"] == label]
        assert [step["row"] for step in steps] == [one["default_box"] for one in wanted]
        for step, one in zip(steps, wanted):
            rows = [row for row in one["suppressed"] if scores[row, label] > 0.1]
            assert [removed["row"] for removed in step["removed"]] == sorted(
                rows, key=lambda row: (-scores[row, label], row)
            )
            for removed in step["removed"]:
                overlap = iou(decoded[[one["default_box"]]], decoded[[removed["row"]]])[0, 0]
                assert removed["iou"] == pytest.approx(overlap, abs=1e-6)
                assert removed["iou"] > 0.45
                seen += 1
    assert seen > 5


@pytest.mark.parametrize("thresholds", [0.02, (0.9, 0.9, 0.02, 0.02, 0.05)], ids=["of all", "of each"])
def test_with_one_label_the_steps_of_nms_are_those_of_all_classes(node, thresholds):
    stages = stages_of(0, one_label=True, score_threshold=thresholds if np.ndim(thresholds) else 0.01)
    scores, limits = stages["probabilities"].reshape(-1, CLASSES), np.broadcast_to(thresholds, CLASSES - 1)
    over = np.where(scores[:, 1:] > limits, scores[:, 1:], 0)
    if not np.ndim(thresholds):
        over[over < scores[:, 1:].max(axis=1, keepdims=True)] = 0  # another class than the best takes no part
    labels = np.where(over.any(axis=1), 1 + over.argmax(axis=1), 0)
    found = node.call("explainer/fates.js", "candidatesOver", stages, CLASSES, thresholds)
    assert {one["row"]: one["label"] for one in found} == {row: labels[row] for row in np.flatnonzero(labels)}
    assert len(found) == (labels > 0).sum() > 5
    steps = node.call("explainer/nms_steps.js", "nmsSteps", stages, CLASSES, 0, thresholds)
    wanted = [one for one in stages["detections"] if one["score"] > limits[one["label"] - 1]]
    assert [(step["row"], step["label"]) for step in steps] == [(one["default_box"], one["label"]) for one in wanted]
    others = 0
    for step, one in zip(steps, wanted):
        removed = {box["row"]: box["label"] for box in step["removed"]}
        assert removed == {row: labels[row] for row in one["suppressed"] if labels[row]}
        others += sum(label != step["label"] for label in removed.values())
    assert others > 0  # of another class than the one that removed them


def test_the_steps_of_nms_follow_what_is_chosen_also_below_the_threshold(node):
    stages = stages_of(0)
    hidden = next(i for i, one in enumerate(stages["detections"]) if one["score"] < 0.5 and one["suppressed"])
    one = stages["detections"][hidden]
    found = chosen_for(node, stages, 0.5, number=one["default_box"], label=one["label"])
    assert (found["detection"], found["nmsLabel"], found["nmsAll"]) == (hidden, one["label"], True)
    steps = node.call("explainer/nms_steps.js", "nmsSteps", stages, CLASSES, one["label"], 0)
    assert steps[found["nmsStep"] - 1]["index"] == hidden
    assert {box["row"] for box in steps[found["nmsStep"] - 1]["removed"]} == set(one["suppressed"])
    words = node.call("explainer/chain.js", "removedWords", tiny()[1], stages, 0.5, hidden)
    assert f"removed {len(one['suppressed'])} other" in words
    assert "itself below your threshold, and step 6 shows all" in words
    best = stages["detections"][0]
    row = best["suppressed"][0]  # what was removed is shown at the step that removed it
    found = chosen_for(node, stages, 0.5, number=row, label=best["label"])
    assert (found["detection"], found["nmsLabel"]) == (None, best["label"])
    low = stages["probabilities"].reshape(-1, CLASSES)[row, best["label"]] <= 0.5
    assert found["nmsAll"] == low
    steps = node.call("explainer/nms_steps.js", "nmsSteps", stages, CLASSES, best["label"], 0 if low else 0.5)
    assert row in [box["row"] for box in steps[found["nmsStep"] - 1]["removed"]]


def test_it_is_said_how_many_removed_boxes_are_over_the_threshold(node):
    stages = stages_of(0)
    scores = stages["probabilities"].reshape(-1, CLASSES)
    best = stages["detections"][0]
    rows = scores[best["suppressed"], best["label"]]
    limit = float(np.sort(rows)[-2]) - 1e-6  # two are over it
    words = node.call("explainer/chain.js", "removedWords", tiny()[1], stages, limit, 0)
    assert f"removed {len(rows)} other boxes of its class with a score over 0.01" in words
    assert "only 2 of them are over your threshold, which step 6 shows" in words
    one = float(np.sort(rows)[-1]) - 1e-6
    assert "only 1 of them is over" in node.call("explainer/chain.js", "removedWords", tiny()[1], stages, one, 0)
    all_over = node.call("explainer/chain.js", "removedWords", tiny()[1], stages, 0.01, 0)
    assert all_over.endswith(f"{len(rows)} other boxes of its class, all over your threshold")


@pytest.mark.parametrize("limit", [0.3, 0.7, 0.01, 0.55])
def test_a_score_that_is_the_threshold_to_32_bits_is_not_shown_as_detect_does_not_show_it(node, limit):
    equal = np.float32(limit)
    scores = [float(np.nextafter(equal, np.float32(side))) for side in (1, 0)] + [float(equal)]
    found = [{"label": 1, "score": score} for score in scores]
    boxes = np.float32([[i, 0, i + 1, 1] for i in range(3)])
    _, _, shown = best_detections(boxes, np.float32([[0, score] for score in scores]), limit)
    assert [one["score"] for one in node.call("page/detections.js", "overThreshold", found, limit)] == shown.tolist()
    assert [node.call("explainer/fates.js", "isShown", one, [limit]) for one in found] == [True, False, False]
