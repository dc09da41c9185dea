"""average_precision against VOC's devkit as a slow program (tests/devkit.py), which never rounds."""

import devkit
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.datasets.voc.annotation import check_box
from numpyssd.inference.average_precision import average_precision

IMAGES, CLASSES = 3, (1, 2, 3)


@st.composite
def boxes(draw):
    """A box of VOC's files on a coarse grid, so that equal overlaps and overlaps of exactly 0.5 are common."""
    x, y = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    return x, y, x + draw(st.integers(0, 6)), y + draw(st.integers(0, 6))


IMAGE, CLASS = st.integers(0, IMAGES - 1), st.sampled_from(CLASSES)
OBJECTS = st.lists(st.tuples(IMAGE, boxes(), CLASS, st.booleans()), max_size=12)


@st.composite
def scenes(draw):
    """Objects, and detections of which half lie on an object, with few scores and so with many that are equal."""
    objects = draw(OBJECTS)
    anywhere = st.tuples(IMAGE, boxes(), st.integers(1, 4).map(lambda n: n / 4), CLASS)
    detections = draw(st.lists(anywhere, max_size=10))
    if objects:
        for n in draw(st.lists(st.integers(0, len(objects) - 1), max_size=10)):
            image, box, label, _ = objects[n]
            moved = tuple(np.array(box) + draw(st.integers(0, 1)))
            detections.insert(0, (image, moved, draw(st.integers(1, 4)) / 4, label))
    return sorted(detections, key=lambda row: row[0]), sorted(objects, key=lambda row: row[0])


def as_arrays(detections, objects, shift=(0, 0, 0, 0)):
    """Turn the rows into the two lists of average_precision; shift turns VOC's numbers into other corners."""
    found, truth = [], []
    for image in range(IMAGES):
        mine, theirs = ([row for row in rows if row[0] == image] for rows in (detections, objects))
        found.append((
            np.array([row[1] for row in mine]).reshape(-1, 4) + shift, np.array([row[3] for row in mine], int),
            np.array([row[2] for row in mine], float),
        ))  # fmt: skip
        truth.append((
            np.array([row[1] for row in theirs]).reshape(-1, 4) + shift, np.array([row[2] for row in theirs], int),
            np.array([row[3] for row in theirs], bool),
        ))  # fmt: skip
    return found, truth


CONTINUOUS = (-1, -1, 0, 0)  # what VOCDataset does: 1 to 10 becomes 0.0 to 10.0


@settings(deadline=None, max_examples=150)
@given(scenes(), st.sampled_from(["voc07", "voc"]))
def test_equals_the_devkit(scene, metric):
    expected, mean = devkit.evaluate(*scene, CLASSES, metric)
    names = tuple(map(str, CLASSES))
    result = average_precision(*as_arrays(*scene, CONTINUOUS), metric, class_names=names)
    assert result.per_class == pytest.approx({str(n): ap for n, ap in expected.items()}, abs=1e-12)
    assert result.mean == pytest.approx(mean, abs=1e-12) if expected else np.isnan(result.mean)
    assert result.left_out == [str(n) for n in CLASSES if n not in expected]
    # The same numbers as VOC writes them.
    inclusive = average_precision(*as_arrays(*scene), metric, class_names=names, pixels="inclusive")
    assert (inclusive.per_class, inclusive.left_out) == (result.per_class, result.left_out)


# For each mistake a scene that shows it, small enough to be worked by hand: (image, box, score, class) and
# (image, box, class, difficult). A is ten pixels wide and high; the same box moved by 5 shares a third with it.
A, FAR = (1, 1, 10, 10), (101, 101, 110, 110)
FIVE_LEFT = (1, 1, 5, 10)  # 50 pixels of the 100 of A
OBJECTS_APART = [(0, (20 * n + 1, 1, 20 * n + 10, 10), 1, False) for n in range(10)]
SHOWN = {
    "no plus one": ([(0, FIVE_LEFT, 0.9, 1)], [(0, A, 1, False)]),
    "shifted": ([(0, (1, 1, 6, 6), 0.9, 1)], [(0, (1, 1, 6, 6), 1, False)]),
    "greater": ([(0, FIVE_LEFT, 0.9, 1)], [(0, A, 1, False)]),
    "difficult is wrong": ([(0, FAR, 0.9, 1), (0, A, 0.8, 1)], [(0, A, 1, False), (0, FAR, 1, True)]),
    "difficult counts": ([(0, A, 0.8, 1)], [(0, A, 1, False), (0, FAR, 1, True)]),
    "duplicate is right": ([(0, A, 0.9, 1), (0, A, 0.8, 1), (0, FAR, 0.7, 1)],
                           [(0, A, 1, False), (0, FAR, 1, False)]),
    "arange": ([(0, row[1], 0.9, 1) for row in OBJECTS_APART[:3]], OBJECTS_APART),
    "absent classes": ([(0, A, 0.9, 1), (0, A, 0.9, 2)], [(0, A, 1, False), (0, FAR, 3, True)]),
    "cut over classes": ([(0, A, 0.9, 2), (0, FAR, 0.8, 2), (0, A, 0.7, 1)], [(0, A, 1, False)]),
}  # fmt: skip


@pytest.mark.parametrize("bug", devkit.BUGS)
def test_does_not_make_the_mistake(bug):
    scene = SHOWN[bug]
    metric = "voc07" if bug == "arange" else "voc"
    mean = average_precision(*as_arrays(*scene, CONTINUOUS), metric, class_names=("1", "2", "3")).mean
    assert mean == pytest.approx(devkit.evaluate(*scene, CLASSES, metric)[1], abs=1e-12)
    assert abs(mean - devkit.evaluate(*scene, CLASSES, metric, bug=bug)[1]) > 0.05


def test_golden_of_the_mistakes():
    # By hand: what the rule says of the scenes above. duplicate: right, wrong, right of 2 objects: (1 + 2/3) / 2.
    expected = dict.fromkeys(devkit.BUGS, 1.0) | {"duplicate is right": 5 / 6, "arange": 4 / 11}
    for bug, scene in SHOWN.items():
        metric = "voc07" if bug == "arange" else "voc"
        assert devkit.evaluate(*scene, CLASSES, metric)[1] == pytest.approx(expected[bug]), bug


def test_a_box_of_vocs_files_and_the_same_box_detected_fit_exactly():
    # Who writes detections + 1 and reads objects - 1 has an IoU of 16 / 56 here.
    box, _, _ = check_box(("3", "3", "8", "8"), 100, 100)
    detected = (np.array([[2, 2, 8, 8]]), np.array([1]), np.array([0.9]))  # pixels 2 to 7, counted from 0
    objects = (np.array([box]), np.array([1]), np.array([False]))
    assert average_precision([detected], [objects], "voc", iou_threshold=1).mean == 1


def test_a_box_of_one_pixel_is_no_empty_box():
    pixel = [(0, (4, 4, 4, 4), 0.9, 1)], [(0, (4, 4, 4, 4), 1, False)]
    assert average_precision(*as_arrays(*pixel), "voc", pixels="inclusive").mean == 1
    assert average_precision(*as_arrays(*pixel), "voc").mean == 0  # continuous, it has no area
    assert average_precision(*as_arrays(*pixel, CONTINUOUS), "voc").mean == 1


def test_other_words_for_pixels_are_refused():
    with pytest.raises(ValueError, match="pixels must be continuous or inclusive, not 'both'"):
        average_precision([], [], pixels="both")
