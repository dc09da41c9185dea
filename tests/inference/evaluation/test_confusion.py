"""numpyssd.inference.evaluation.confusion: a case drawn by hand, and sums that agree with the other metrics."""

import numpy as np
import pytest

from numpyssd.drawing import new_figure
from numpyssd.inference.error_split import error_split
from numpyssd.inference.evaluation.confusion import Confusion, confusion, draw_confusion, figure_size
from numpyssd.pictures.simulated_detector import simulate_detector

NAMES = ("a", "b", "c", "d", "e")


def box(x, side=10):
    return [x, 0, x + side, side]


def found(*rows):
    """Detections of one image from rows (box, label, score)."""
    boxes, labels, scores = zip(*rows) if rows else ((), (), ())
    return np.array(boxes, float).reshape(-1, 4), np.array(labels, int), np.array(scores, float)


def truth(*rows, difficult=()):
    boxes, labels = zip(*rows) if rows else ((), ())
    marks = np.isin(np.arange(len(rows)), difficult)
    return np.array(boxes, float).reshape(-1, 4), np.array(labels, int), marks


def counts(detections, objects, names=("a", "b"), **options):
    return confusion([detections], [objects], names, **options).counts.tolist()


def test_each_kind_of_cell():
    objects = truth((box(0), 1), (box(100), 2), (box(200), 1))
    detections = found((box(0), 1, 0.9), (box(100), 1, 0.8), (box(400), 2, 0.7))
    #         as a  as b  missed
    assert counts(detections, objects) == [
        [1, 0, 1],  # one a is found, one is missed
        [1, 0, 0],  # the b was taken for an a
        [0, 1, 0],  # a b where nothing is
    ]


def test_a_duplicate_stands_in_the_row_of_the_background():
    assert counts(found((box(0), 1, 0.9), (box(1), 1, 0.8)), truth((box(0), 1))) == [[1, 0, 0], [0, 0, 0], [1, 0, 0]]


def test_an_object_that_is_found_is_not_taken_for_another_class_too():
    assert counts(found((box(0), 2, 0.9), (box(1), 1, 0.3)), truth((box(0), 1)), score_threshold=0.2) == [
        [1, 0, 0],
        [0, 0, 0],
        [0, 1, 0],
    ]


def test_of_several_boxes_of_other_classes_the_nearest_is_the_one():
    detections = found((box(3), 3, 0.9), (box(1), 2, 0.6))
    assert counts(detections, truth((box(0), 1)), ("a", "b", "c")) == [
        [0, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 1, 0],
    ]


def test_an_iou_of_exactly_the_threshold_is_enough():
    half, objects = found((box(0, 20), 2, 0.9)), truth(([0, 0, 20, 10], 1))
    assert counts(half, objects) == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert counts(half, objects, iou_threshold=0.51) == [[0, 0, 1], [0, 0, 0], [0, 1, 0]]


def test_difficult_objects_do_not_count_and_boxes_on_them_neither():
    objects = truth((box(0), 1), (box(100), 1), difficult=(0, 1))
    assert counts(found((box(0), 1, 0.9)), objects) == [[0] * 3] * 3


def test_each_class_has_a_threshold_of_its_own():
    detections = found((box(0), 1, 0.4), (box(100), 2, 0.4))
    objects = truth((box(0), 1), (box(100), 2))
    assert counts(detections, objects, score_threshold=(0.3, 0.5)) == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert counts(detections, objects, score_threshold=0.4) == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_images_without_objects_or_detections():
    lists = [found(), found((box(0), 1, 0.9)), found()], [truth(), truth(), truth((box(0), 2))]
    assert confusion(*lists, ("a", "b")).counts.tolist() == [[0, 0, 0], [0, 0, 1], [1, 0, 0]]
    assert confusion([], [], ()).counts.tolist() == [[0]]
    with pytest.raises(ValueError, match="detections of 1"):
        confusion([found()], [], ("a",))


@pytest.mark.parametrize("seed", range(3))
def test_rows_add_up_to_the_objects_and_columns_to_the_detections(seed):
    detections, objects = simulate_detector(30, seed, 64)
    matrix = confusion(detections, objects, NAMES).counts
    split = error_split(detections, objects, NAMES)
    assert np.diag(matrix)[:-1].tolist() == [row["correct"] for row in split.per_class.values()]
    assert matrix[:-1].sum(axis=1).tolist() == [row["objects"] for row in split.per_class.values()]
    shown = np.concatenate([labels[scores >= 0.5] for _, labels, scores in detections])
    assert matrix[:, :-1].sum(axis=0).tolist() == np.bincount(shown, minlength=6)[1:].tolist()
    assert matrix[:-1, :-1].sum() - np.trace(matrix) > 0  # classes are taken for others, or this would test little


@pytest.mark.parametrize("classes", [1, 6, 20, 80])
def test_the_figure_has_every_count_and_every_name_inside(classes):
    rng, names = np.random.default_rng(0), tuple(f"a long name {n}" for n in range(1, classes + 1))
    matrix = rng.poisson(0.05, (classes + 1, classes + 1)) + 30 * np.eye(classes + 1, dtype=int)
    figure, ax = new_figure(size=figure_size(classes))
    draw_confusion(ax, Confusion(matrix, names))
    assert sorted(text.get_text() for text in ax.texts) == sorted(str(n) for n in matrix[matrix > 0])
    assert [text.get_text() for text in ax.get_yticklabels()] == [*names, "background"]
    figure.draw_without_rendering()
    cell = ax.transData.transform([[0, 0], [1, 0]])[1, 0] - ax.transData.transform([[0, 0], [1, 0]])[0, 0]
    assert all(text.get_window_extent().width <= cell for text in ax.texts)
