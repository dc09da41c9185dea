"""detection_matching: the devkit's rule and COCO's, against plain loops and in cases drawn by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numpyssd.boxes import iou
from numpyssd.drawing import new_figure
from numpyssd.inference.detection_matching import (
    FALSE_POSITIVE,
    IGNORED,
    TRUE_POSITIVE,
    draw_matches,
    match_by_class,
    match_coco,
    match_detections,
)


def voc_by_loops(overlaps, difficult, threshold):
    """VOCevaldet.m: the object with the highest IoU, whether it is matched or not."""
    taken, outcomes = set(), []
    for row in overlaps:
        best = None
        for m, overlap in enumerate(row):
            if best is None or overlap > row[best]:
                best = m
        if best is None or row[best] < threshold:
            outcomes.append(FALSE_POSITIVE)
        elif difficult[best]:
            outcomes.append(IGNORED)
        elif best in taken:
            outcomes.append(FALSE_POSITIVE)
        else:
            taken.add(best)
            outcomes.append(TRUE_POSITIVE)
    return outcomes


def coco_by_loops(overlaps, difficult, threshold, crowd=None):
    """Evaluate an image as COCOeval does: objects that count first; later ones replace earlier ones at an equal IoU."""
    crowd, taken, outcomes = difficult if crowd is None else crowd, set(), []
    order = sorted(range(overlaps.shape[1]), key=lambda m: difficult[m])
    for row in overlaps:
        best = None
        for m in order:
            if m in taken and not crowd[m]:
                continue
            if best is not None and not difficult[best] and difficult[m]:
                break
            if row[m] >= (threshold if best is None else row[best]):
                best = m
        if best is None:
            outcomes.append(FALSE_POSITIVE)
        else:
            taken.add(best)
            outcomes.append(IGNORED if difficult[best] else TRUE_POSITIVE)
    return outcomes


@st.composite
def images(draw):
    """One image: boxes on a coarse grid, so that equal and exact overlaps are common; two classes; few scores."""
    d, m = draw(st.integers(0, 8)), draw(st.integers(0, 5))
    grid = st.integers(0, 5).map(float)
    first, second = (draw(hnp.arrays(np.float64, (n, 4), elements=grid)) for n in (d, m))
    labels = [draw(hnp.arrays(np.int64, n, elements=st.integers(1, 2))) for n in (d, m)]
    scores = draw(hnp.arrays(np.float64, d, elements=st.integers(0, 3).map(lambda i: i / 3)))
    return (first, labels[0], scores), (second, labels[1], draw(hnp.arrays(bool, m)))


@settings(deadline=None, max_examples=150)
@given(st.lists(images(), max_size=3), st.booleans())
def test_is_its_definition(scenes, coco):
    thresholds = (0.25, 0.5, 0.75)
    matches = match_by_class([found for found, _ in scenes], [truth for _, truth in scenes], thresholds, coco)
    labels = {int(n) for scene in scenes for part in scene for n in part[1]}
    assert set(matches) == labels
    for label in labels:
        rows, objects = [], 0
        for number, ((boxes, names, scores), (gt_boxes, gt_names, difficult)) in enumerate(scenes):
            mine = sorted((-scores[d], d) for d in range(len(boxes)) if names[d] == label)
            theirs = np.flatnonzero(gt_names == label)
            objects += sum(not difficult[m] for m in theirs)
            overlaps = iou(boxes, gt_boxes)[[d for _, d in mine]][:, theirs]
            by_loops = coco_by_loops if coco else voc_by_loops
            outcomes = [by_loops(overlaps, difficult[theirs], threshold) for threshold in thresholds]
            rows += [(key, number, rank, v) for rank, ((key, _), *v) in enumerate(zip(mine, *outcomes))]
        rows.sort(key=lambda row: row[:3])
        assert matches[label].objects == objects
        assert matches[label].scores.tolist() == [-row[0] for row in rows]
        assert matches[label].outcomes.T.tolist() == [row[3] for row in rows]


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 5), st.integers(1, 5), st.data())
def test_cocos_rule_in_several_settings_at_once(d, m, data):
    overlaps = data.draw(hnp.arrays(np.float64, (d, m), elements=st.integers(0, 4).map(lambda n: n / 4)))
    ignored, crowd = data.draw(hnp.arrays(bool, (3, m))), data.draw(hnp.arrays(bool, m))
    ignored |= crowd
    outcomes = match_coco(overlaps, ignored, crowd, (0.25, 0.5, 0.75))
    for a in range(3):
        for t, threshold in enumerate((0.25, 0.5, 0.75)):
            assert outcomes[a, t].tolist() == coco_by_loops(overlaps, ignored[a], threshold, crowd)


def test_outcomes_of_an_image_are_in_the_order_of_its_detections():
    boxes = np.array([[0, 0, 10, 10], [50, 0, 60, 10], [0, 0, 10, 10]], float)
    truth = (np.array([[0, 0, 10, 10]], float), np.array([1]), np.array([False]))
    outcomes = match_detections(boxes, np.array([1, 1, 1]), np.array([0.1, 0.5, 0.9]), *truth, (0.5, 0.9))
    assert outcomes.tolist() == [[FALSE_POSITIVE, FALSE_POSITIVE, TRUE_POSITIVE]] * 2


# An object A of 10 x 10 and an object B 4 to its right. The first detection is A exactly; the second lies 1 to the
# right of A: IoU 90 / 110 = 0.82 with A, and 70 / 130 = 0.54 with B.
BOXES = np.array([[0, 0, 10, 10], [1, 0, 11, 10]], dtype=float)
OBJECTS = np.array([[0, 0, 10, 10], [4, 0, 14, 10]], dtype=float)
ONES, SCORES = np.ones(2, dtype=int), np.array([0.9, 0.8])


@pytest.mark.parametrize(("coco", "second"), [(False, FALSE_POSITIVE), (True, TRUE_POSITIVE)])
def test_the_first_difference_a_taken_object(coco, second):
    matches = match_by_class([(BOXES, ONES, SCORES)], [(OBJECTS, ONES, np.zeros(2, bool))], (0.5,), coco)
    assert matches[1].outcomes.tolist() == [[TRUE_POSITIVE, second]]
    assert matches[1].objects == 2


def test_the_devkits_rule_is_what_one_gets_unasked():
    one_image = (BOXES, ONES, SCORES), (OBJECTS, ONES, np.zeros(2, bool))
    assert match_by_class(*([part] for part in one_image), (0.5,))[1].outcomes.tolist() == [
        [TRUE_POSITIVE, FALSE_POSITIVE]
    ]
    assert match_detections(*one_image[0], *one_image[1], (0.5,)).tolist() == [[TRUE_POSITIVE, FALSE_POSITIVE]]


@pytest.mark.parametrize(("coco", "first"), [(False, IGNORED), (True, TRUE_POSITIVE)])
def test_the_second_difference_a_difficult_object_that_fits_better(coco, first):
    matches = match_by_class(
        [(BOXES[1:], ONES[1:], SCORES[1:])], [(OBJECTS, ONES, np.array([True, False]))], (0.5,), coco
    )
    assert matches[1].outcomes.tolist() == [[first]]
    assert matches[1].objects == 1


def test_the_better_score_gets_the_object_whatever_the_order_or_the_overlap():
    detections = [(BOXES[::-1], ONES, np.array([0.9, 0.8]))]  # the worse fit has the better score
    matches = match_by_class(detections, [(OBJECTS[:1], ONES[:1], np.zeros(1, bool))], (0.5,))
    assert matches[1].outcomes.tolist() == [[TRUE_POSITIVE, FALSE_POSITIVE]]
    matches = match_by_class(
        [(BOXES, ONES, np.array([0.1, 0.8]))], [(OBJECTS[:1], ONES[:1], np.zeros(1, bool))], (0.5,)
    )
    assert matches[1].scores.tolist() == [0.8, 0.1]
    assert matches[1].outcomes.tolist() == [[TRUE_POSITIVE, FALSE_POSITIVE]]


@pytest.mark.parametrize(
    ("coco", "outcomes"), [(False, [TRUE_POSITIVE, FALSE_POSITIVE]), (True, [TRUE_POSITIVE, TRUE_POSITIVE])]
)
def test_equal_overlaps(coco, outcomes):
    # The first detection lies half-way between A and B, 80 / 120 = 0.67 of each; the second, 3 to the left of A, fits
    # A alone: 70 / 130 = 0.54. The devkit gives the first one A, the lower index; COCO gives it B, and A is left.
    boxes = np.array([[2, 0, 12, 10], [-3, 0, 7, 10]], dtype=float)
    matches = match_by_class([(boxes, ONES, SCORES)], [(OBJECTS, ONES, np.zeros(2, bool))], (0.5,), coco)
    assert matches[1].outcomes.tolist() == [outcomes]


def test_the_figure_counts_the_outcomes():
    objects = np.array([[0, 0, 10, 10], [20, 20, 30, 30]], float)
    boxes, scores = np.array([[0, 0, 10, 10], [0, 20, 5, 30], [0, 0, 10, 9]], float), np.array([0.9, 0.8, 0.7])
    figure, ax = new_figure()
    draw_matches(
        ax, np.zeros((40, 40, 3), np.uint8), boxes, scores, np.array([TRUE_POSITIVE, FALSE_POSITIVE, IGNORED]), objects
    )
    assert ax.get_title() == "true positives 1, false positives 1, false negatives 1"
    assert len(ax.patches) == 2 + 2  # what is ignored is not drawn
    assert [text.get_text().strip() for text in ax.texts] == ["0.90", "0.80"]
