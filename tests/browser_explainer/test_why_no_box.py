"""Why there is no box at a place: what became of its default boxes."""

import numpy as np
import pytest

from numpyssd.boxes import iou
from tests.browser_explainer.python_stages import BOX, CLASSES, NEAR, scene, stages_of, tiny


def test_with_one_label_a_score_of_another_class_took_no_part_and_that_is_said(node):
    (_, described), stages = tiny(), stages_of(0, one_label=True)
    scores = stages["probabilities"].reshape(-1, CLASSES)[:, 1:]
    second = np.sort(scores, axis=1)[:, -2]
    row = int(second.argmax())
    best, other = (int(label) + 1 for label in np.argsort(scores[row])[:-3:-1])
    assert second[row] > 0.01
    fate = node.call("explainer/why_no_box.js", "boxFateOf", described, stages, row, other, 0.01)
    assert fate["kind"] == "other"
    words = node.call("explainer/why_no_box.js", "fateWords", described, stages, fate, 0.01)
    names = described["class_names"]
    assert words.startswith(f"{names[other - 1]} {second[row]:.2f} took no part: ")
    assert f"stands for {names[best - 1]} alone" in words
    separate = stages_of(0)
    fate = node.call("explainer/why_no_box.js", "boxFateOf", described, separate, row, other, 0.01)
    assert fate["kind"] in ("shown", "suppressed")


def test_the_answers_at_a_place(node):
    (_, described), stages = tiny(), stages_of(0)
    scores, decoded = stages["probabilities"].reshape(-1, CLASSES), stages["decoded"].reshape(-1, 4)
    best = stages["detections"][0]
    x, y = (decoded[best["default_box"], :2] + decoded[best["default_box"], 2:]) / 2

    def at(x, y, threshold):
        found = node.call("explainer/why_no_box.js", "boxesAt", described, stages, float(x), float(y), threshold)
        return found, node.call("explainer/why_no_box.js", "noBoxAnswer", described, stages, found, threshold)

    found, words = at(x, y, 0.5)
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    assert len({one["place"]["map"] for one in found}) == len(found)
    assert (found[0]["row"], found[0]["kind"], found[0]["by"]) == (best["default_box"], "shown", 0)
    assert f"{best['name']} {best['score']:.2f} is shown: it is box 1." in words
    found, words = at(x, y, 0.9999)
    assert found[0]["kind"] == "hidden"
    assert "below your threshold of 1.00" in words

    removed = max(best["suppressed"], key=lambda row: scores[row, best["label"]])
    fates = node.call("explainer/why_no_box.js", "boxFateOf", described, stages, removed, best["label"], 0.5)
    assert (fates["kind"], fates["by"]) == ("suppressed", 0)
    overlap = iou(decoded[[best["default_box"]]], decoded[[removed]])[0, 0]
    words = node.call("explainer/why_no_box.js", "fateWords", described, stages, fates, 0.5)
    assert words == (
        f"{best['name']} {scores[removed, best['label']]:.2f} was suppressed by {best['name']} {best['score']:.2f}, "
        f"which overlaps it by an IoU of {overlap:.2f}, more than 0.45, and is shown as box 1."
    )

    quiet = scores[:, 1:].max(axis=1)
    answers = [at(x, y, 0.5) for x in np.linspace(0.05, 0.95, 7) for y in np.linspace(0.05, 0.95, 7)]
    low = [(found, words) for found, words in answers if found and found[0]["kind"] == "low"]
    assert low  # somewhere is nothing but background
    for found, words in low:
        assert quiet[found[0]["row"]] <= np.float32(0.01)
        assert f"background won with {scores[found[0]['row'], 0]:.3f}" in words


def test_a_place_s_best_boxes_are_the_best_of_their_maps(node):
    (_, described), stages = tiny(), stages_of(0)
    scores, decoded = stages["probabilities"].reshape(-1, CLASSES), stages["decoded"].reshape(-1, 4)
    starts = node.call("explainer/place.js", "firstRows", described)
    found = node.call("explainer/why_no_box.js", "boxesAt", described, stages, 0.3, 0.6, 0.5)
    middle, size = (decoded[:, :2] + decoded[:, 2:]) / 2, decoded[:, 2:] - decoded[:, :2]
    here = (abs(middle - np.float32([0.3, 0.6])) < 0.25 * size).all(axis=1)
    for number, (begin, end) in enumerate(zip(starts, starts[1:])):
        rows = begin + np.flatnonzero(here[begin:end])
        ours = [one["score"] for one in found if one["place"]["map"] == number]
        assert ours == ([pytest.approx(scores[rows, 1:].max())] if len(rows) else [])


def test_boxes_are_numbered_as_they_are_shown(node):
    boxes = [(2, 0.9, 4, 0, BOX), (4, 0.8, 2, 0, NEAR), (2, 0.7, 4, 0, [0.6, 0.6, 0.9, 0.9])]
    limits = [0.5, 0.5, 0.5, 0.85, 0.5]  # the second is hidden
    stages = scene(*boxes)
    assert node.call("explainer/fates.js", "shownNumber", stages, limits, 2) == 2
    fate = node.call("explainer/why_no_box.js", "boxFateOf", tiny()[1], stages, 2, 2, limits)
    assert node.call("explainer/why_no_box.js", "fateWords", tiny()[1], stages, fate, limits) == (
        "ellipse 0.70 is shown: it is box 2."
    )


@pytest.mark.parametrize(("score", "says"), [
    (0.02, "ellipse 0.02 is far below your threshold of 0.52, and background got more: 0.98. It was also cut from"),
    (0.6, "ellipse 0.60 was dropped: better boxes filled"),
])  # fmt: skip
def test_what_is_below_the_threshold_was_not_lost_to_the_list(node, score, says):
    stages = scene((2, score, 0, 1 - score, [0.45, 0.45, 0.55, 0.55]))
    stages["detections"] = []
    found = [node.call("explainer/why_no_box.js", "boxFateOf", tiny()[1], stages, 0, 2, 0.52)]
    assert found[0]["kind"] == "dropped"
    assert says in node.call("explainer/why_no_box.js", "fateWords", tiny()[1], stages, found[0], 0.52)
    answer = node.call("explainer/why_no_box.js", "noBoxAnswer", tiny()[1], stages, found, 0.52)
    assert answer.startswith("The network saw next to nothing" if score < 0.5 else "There was a box here")
