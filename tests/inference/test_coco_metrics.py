"""numpyssd.inference.coco_metrics: numbers of pycocotools typed in, and each rule in a case drawn by hand.

tests/oracle/test_evaluators.py compares it with pycocotools itself.
"""

import coco_scenes
import numpy as np
import pytest

from numpyssd.drawing import new_figure
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.coco_matching import fraction_inside
from numpyssd.inference.coco_metrics import WORDS, coco_metrics, draw_coco_metrics

NOTHING = (np.zeros((0, 4)), np.zeros(0, int), np.zeros(0))


def square(side, x=0, y=0):
    return [x, y, x + side, y + side]


def found(*rows):
    """Detections of one image, of class 1, from rows (box, score)."""
    return np.array([box for box, _ in rows], float), np.ones(len(rows), int), np.array([score for _, score in rows])


def truth(*boxes):
    return np.array(boxes, float), np.ones(len(boxes), int), np.zeros(len(boxes), bool)


def numbers(detections, objects, **columns):
    return coco_metrics([detections], [objects], **columns).numbers


# pycocotools 2.0.11, COCOeval.stats of coco_scenes.scene(3), in its order.
PYCOCOTOOLS = (
    0.2164488246023665, 0.5418640436081119, 0.0836418725906204, 0.3213748755827964, 0.2286626064567241,
    0.2150859133532401, 0.1915376676986584, 0.3584623323013416, 0.3584623323013416, 0.3968253968253968,
    0.35530303030303034, 0.34888888888888886,
)  # fmt: skip


def test_golden_of_pycocotools():
    detections, objects, crowd, areas = coco_scenes.scene(3)
    metrics = coco_metrics(detections, objects, ("a", "b", "c", "d"), crowd, areas)
    assert tuple(metrics.numbers) == tuple(WORDS)
    assert tuple(metrics.numbers.values()) == pytest.approx(PYCOCOTOOLS, abs=1e-9)
    assert np.isnan(metrics.ap[..., 3]).all()  # "d" has nothing but crowds
    unnamed = coco_metrics(detections, objects, None, crowd, areas)
    assert (unnamed.classes, unnamed.numbers) == ([1, 2, 3, 4], metrics.numbers)


def test_the_order_of_the_numbers_is_that_of_pycocotools():
    order = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]
    assert list(WORDS) == order


@pytest.mark.parametrize(("side", "ranges"), [(31, "s"), (32, "sm"), (33, "m"), (96, "ml"), (97, "l")])
def test_ranges_hold_both_of_their_ends(side, ranges):
    metrics = numbers(found((square(side), 0.9)), truth(square(side)))
    assert (metrics["AP"], metrics["AR100"]) == (1, 1)
    for name in "sml":
        assert metrics[f"AP{name}"] == metrics[f"AR{name}"] == 1 if name in ranges else np.isnan(metrics[f"AP{name}"])


def test_the_area_that_is_given_sorts_the_object_and_not_the_detection():
    box = square(40)  # 1600 square pixels, a medium box; its outline fills 900 of them
    metrics = numbers(found((box, 0.9)), truth(box), areas=[[900]])
    assert metrics["APs"] == 1
    assert np.isnan(metrics["APm"])


def test_outside_the_range_neither_objects_nor_detections_hurt():
    small, large = square(20), square(200, 300)
    elsewhere, also = square(200, 600), square(20, 0, 500)
    both = numbers(found((elsewhere, 0.99), (also, 0.98), (small, 0.9), (large, 0.8)), truth(small, large))
    assert (both["APl"], both["APs"]) == (pytest.approx(0.5), pytest.approx(0.5))  # each with one wrong box of its size
    one = numbers(found((elsewhere, 0.99), (large, 0.9), (small, 0.8)), truth(small, large))
    assert one["APs"] == 1  # the large ones are none of its business
    assert one["APl"] == pytest.approx(0.5)


def test_an_object_outside_the_range_is_taken_once_only():
    # Two medium detections of one large object, IoU 0.81 and 0.74. In the medium range the first is excused by that
    # object; the second finds nothing that is left, is medium itself, and so is wrong, before the third is right.
    large, medium = square(100), square(40, 300)
    pair = found((square(90), 0.9), (square(86), 0.8), (medium, 0.7))
    metrics = coco_metrics([pair], [truth(large, medium)])
    assert metrics.ap[2, 0, 0] == pytest.approx(0.5)  # medium, at an IoU of 0.5


@pytest.mark.parametrize("many", [1, 5])
def test_a_crowd_excuses_what_lies_inside(many):
    crowd, one = square(100, 300), square(50)
    inside = [(square(20, 320 + 3 * n, 30), 0.9) for n in range(many)]
    objects = truth(one, crowd)
    assert numbers(found(*inside, (one, 0.5)), objects, crowd=[[False, True]])["AP"] == 1
    assert numbers(found(*inside, (one, 0.5)), objects)["AP"] < 0.3
    # A difficult object is measured by the IoU, which is small here.
    difficult = (objects[0], objects[1], np.array([False, True]))
    assert numbers(found(*inside, (one, 0.5)), difficult)["AP"] == pytest.approx(1 / (1 + many))
    on_it = [(square(100, 300), 0.9)] * many
    assert numbers(found(*on_it, (one, 0.5)), difficult)["AP"] == 1
    assert numbers(found(*on_it, (one, 0.5)), difficult)["AR1"] == 0  # and yet they are the first of the image


def test_the_fraction_inside_a_crowd():
    fractions = fraction_inside(
        np.array([[0, 0, 10, 10], [5, 0, 5, 10]], float), np.array([[5, 0, 99, 10], [50, 50, 60, 60]])
    )
    assert fractions.tolist() == [[0.5, 0], [0, 0]]
    # Half inside: excused at an IoU of 0.5 by equality, and wrong at the other nine thresholds.
    half = found(([0, 0, 10, 10], 0.9), ([200, 0, 210, 10], 0.8))
    metrics = numbers(half, truth([200, 0, 210, 10], [5, 0, 99, 10]), crowd=[[False, True]])
    assert (metrics["AP50"], metrics["AP"]) == (1, pytest.approx((1 + 9 * 0.5) / 10))


def test_limits_are_of_each_class_in_each_image():
    boxes = [square(50, 60 * n) for n in range(20)]
    found_all = found(*[(box, 0.9 - n / 100) for n, box in enumerate(boxes)])
    metrics = numbers(found_all, truth(*boxes))
    assert (metrics["AR1"], metrics["AR10"], metrics["AR100"]) == (1 / 20, 10 / 20, 1)
    two = coco_metrics([found_all] * 2, [truth(*boxes)] * 2).numbers
    assert two["AR1"] == 1 / 20  # one in each image
    other = (np.concatenate([found_all[0]] * 2), np.repeat([1, 2], 20), np.tile(found_all[2], 2))
    objects = (np.concatenate([boxes] * 2), np.repeat([1, 2], 20), np.zeros(40, bool))
    assert numbers(other, objects)["AR10"] == 10 / 20


def test_a_hundred_of_each_class_as_metric_coco_has():
    wrong = (np.array([square(10, 500 + 20 * n) for n in range(100)], float), np.full(100, 2), np.full(100, 0.9))
    right = found((square(50), 0.5))
    detections = [tuple(np.concatenate(pair) for pair in zip(wrong, right))]
    assert coco_metrics(detections, [truth(square(50))]).numbers["AP"] == 1
    assert average_precision(detections, [truth(square(50))], "coco").mean == 1
    same = found(*[(box, 0.9) for box in wrong[0]], (square(50), 0.5))
    assert numbers(same, truth(square(50)))["AP"] == 0  # the hundred and first of its own class
    assert average_precision([same], [truth(square(50))], "coco").mean == 0


def test_without_objects_every_number_is_nan_and_said_so():
    for metrics in (coco_metrics([], []), coco_metrics([found((square(9), 0.5))], [NOTHING], ("a", "b"))):
        assert all(np.isnan(value) for value in metrics.numbers.values())
        assert metrics.summary().count("–") == 12
        draw_coco_metrics(new_figure()[1], metrics)
    missed = coco_metrics([NOTHING], [truth(square(50))]).numbers
    assert (missed["AP"], missed["AR100"]) == (0, 0)
    assert np.isnan(missed["APs"])


def test_summary_has_a_line_for_each_number():
    lines = coco_metrics([found((square(50), 0.9))], [truth(square(50))]).summary().splitlines()
    assert [line.split()[0] for line in lines] == list(WORDS)
    assert lines[0].startswith("AP     1.000  mean of IoU 0.50 to 0.95")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"crowd": []}, "crowd is of 0 images, but ground_truth of 1"),
        ({"areas": [[1, 2]]}, r"areas\[0\] must have the shape \(1,\), but has \(2,\)"),
    ],
)
def test_columns_that_do_not_fit(columns, words):
    with pytest.raises(ValueError, match=words):
        coco_metrics([NOTHING], [truth(square(9))], **columns)


def test_image_has_a_line_for_each_range_that_has_objects():
    _, ax = new_figure()
    draw_coco_metrics(ax, coco_metrics([found((square(50), 0.9))], [truth(square(50))]))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["all: 1.000", "medium: 1.000"]
    assert [len(line.get_xdata()) for line in ax.lines] == [10, 10]
