"""numpyssd.inference.average_precision: golden numbers worked by hand, the definition by loops, and the traps."""

import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from numpyssd.drawing import new_figure
from numpyssd.inference.average_precision import (
    area_under_envelope,
    average_precision,
    draw_average_precision,
    eleven_points,
    hundred_and_one_points,
)

METRICS = ("voc07", "voc", "coco")
READ = json.loads('"coco"')  # a word that was read from a file
NOTHING = (np.zeros((0, 4)), np.zeros(0), np.zeros(0))


def box(place, shift=0.0):
    """A box of 10 x 10 at one of many places that do not touch; moved by 2.5 its IoU is 7.5 / 12.5 = 0.6."""
    return [40 * place + shift, 0, 40 * place + shift + 10, 10]


def found(*rows):
    """Detections of one image from rows (box, label, score)."""
    boxes, labels, scores = zip(*rows)
    return np.array(boxes, dtype=float), np.array(labels), np.array(scores, dtype=float)


def truth(*rows):
    """Ground truth of one image from rows (box, label) or (box, label, difficult)."""
    boxes, labels, difficult = zip(*[(*row, False)[:3] for row in rows])
    return np.array(boxes, dtype=float), np.array(labels), np.array(difficult)


def in_order(matches, objects, label=1):
    """One image in which detections of falling scores are right or wrong as told; each right one has its own object."""
    places = [n if right else n + 1000 for n, right in enumerate(matches)]
    hits = [n for n, right in enumerate(matches) if right]
    missed = range(2000, 2000 + objects - len(hits))
    detections = [(box(place), label, 0.99 - 0.0001 * n) for n, place in enumerate(places)]
    return found(*detections), truth(*[(box(place), label) for place in (*hits, *missed)])


# Worked by hand: right, wrong, right, of 3 objects. Recall 1/3, 1/3, 2/3; precision 1, 1/2, 2/3.
# voc07: recalls 0 to 0.3 have a precision of 1 (4 points), 0.4 to 0.6 have 2/3 (3 points): (4 + 2) / 11.
# voc: 1/3 * 1 + 1/3 * 2/3 = 5/9. coco: 0 to 0.33 have 1 (34 points), 0.34 to 0.66 have 2/3 (33 points): 56 / 101;
# every box is exactly right, so that the ten thresholds agree.
@pytest.mark.parametrize(("metric", "expected"), [("voc07", 6 / 11), ("voc", 5 / 9), ("coco", 56 / 101)])
def test_golden_right_wrong_right(metric, expected):
    detections, objects = in_order([True, False, True], 3)
    result = average_precision([detections], [objects], metric)
    assert result.mean == pytest.approx(expected, rel=1e-12)
    assert result.per_class == {1: result.mean}
    assert (result.metric, result.objects, result.left_out) == (metric, {1: 3}, [])
    np.testing.assert_allclose(result.curves[1].recall, [1 / 3, 1 / 3, 2 / 3])
    np.testing.assert_allclose(result.curves[1].precision, [1, 1 / 2, 2 / 3])
    np.testing.assert_allclose(result.curves[1].scores, [0.99, 0.9899, 0.9898])


# Worked by hand: wrong, right, right, wrong, right, of 4 objects. Precision 0, 1/2, 2/3, 2/4, 3/5; its envelope is 2/3
# up to a recall of 2/4 and 3/5 up to 3/4. voc07: 0 to 0.5 (6 points), 0.6 and 0.7 (2). voc: 2/4 * 2/3 + 1/4 * 3/5.
@pytest.mark.parametrize(("metric", "expected"), [("voc07", (6 * 2 / 3 + 2 * 0.6) / 11), ("voc", 1 / 3 + 0.15)])
def test_golden_with_a_dip(metric, expected):
    detections, objects = in_order([False, True, True, False, True], 4)
    assert average_precision([detections], [objects], metric).mean == pytest.approx(expected, rel=1e-12)


def ap_by_loops(right, objects, metric):
    """The three definitions, from a list of right (True) and wrong detections, best first."""
    curve, hits = [], 0
    for n, good in enumerate(right, 1):
        hits += good
        curve.append((hits, hits / n))

    def best(hits_needed):
        return max((precision for hits, precision in curve if hits >= hits_needed), default=0.0)

    if metric == "voc":
        return sum(best(n) for n in range(1, objects + 1)) / objects
    points = {"voc07": 10, "coco": 100}[metric]
    return sum(best(i * objects / points) for i in range(points + 1)) / (points + 1)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("seed", range(10))
def test_areas_are_their_definitions(metric, seed):
    rng = np.random.default_rng(seed)
    # A number of objects that has no hundredth among its fractions, 0 and 1 apart, so that no rounding decides.
    objects = int(rng.choice([3, 7, 13, 29]))
    right = rng.permutation(np.repeat([True, False], [rng.integers(0, objects + 1), rng.integers(0, 20)]))
    hits = np.cumsum(right)
    area = {"voc07": eleven_points, "voc": area_under_envelope, "coco": hundred_and_one_points}[metric]
    value = area(hits, hits / np.arange(1, len(hits) + 1), objects)
    assert value == pytest.approx(ap_by_loops(right.tolist(), objects, metric), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("tenths", range(11))
@pytest.mark.parametrize("objects", [10, 30, 70])
def test_a_recall_of_exactly_some_tenths_reaches_its_point(tenths, objects):
    # np.arange(0, 1.1, 0.1) has 0.30000000000000004, 0.6000000000000001 and 0.7000000000000001 instead.
    hits = np.arange(1, tenths * objects // 10 + 1)
    assert eleven_points(hits, np.ones(len(hits)), objects) == pytest.approx((tenths + (tenths > 0)) / 11, abs=1e-12)


def test_recall_of_three_tenths_through_the_front_door():
    detections, objects = in_order([True, True, True], 10)
    assert average_precision([detections], [objects], "voc07").mean == pytest.approx(4 / 11)


def test_coco_rounds_as_published_results_do():
    # 35 hits of 100: np.linspace(0, 1, 101)[35] is 0.35000000000000003, and is not reached; 0.34 is the last.
    hits = np.arange(1, 36)
    assert hundred_and_one_points(hits, np.ones(35), 100) == pytest.approx(35 / 101, rel=1e-12)


def test_golden_coco_averages_thresholds():
    # One detection with an IoU of exactly 0.6 (7.5 / 12.5): it reaches 0.50, 0.55 and 0.60, and misses seven others.
    detections, objects = [found((box(0, 2.5), 1, 0.9))], [truth((box(0), 1))]
    result = average_precision(detections, objects, "coco")
    assert result.mean == pytest.approx(0.3)
    assert [array.tolist() for array in result.curves[1]] == [[1], [1], [0.9]]  # at 0.50


def test_the_curve_of_coco_is_at_the_threshold_of_one_half():
    # The only detection is of a difficult object, with an IoU of 0.6: at 0.50 it does not count, from 0.65 on it does.
    detections, objects = [found((box(0, 2.5), 1, 0.9))], [truth((box(0), 1, True), (box(1), 1))]
    assert [array.tolist() for array in average_precision(detections, objects, "coco").curves[1]] == [[], [], []]


# pycocotools 2.0.11 on the scene below, with labels as categories and no crowds: precision averaged of each category.
def golden_scene():
    """Twenty images of objects in three classes, shaken detections, some of the wrong class, and many equal scores."""
    state, detections, objects = 1, [], []

    def number(below):
        nonlocal state
        state = (1103515245 * state + 12345) % 2**31  # written out, so that it is the same with every NumPy
        return state // 65536 % below

    for _ in range(20):
        rows, seen = [], []
        for _ in range(number(5)):
            x, y, width, height, label = number(200), number(200), 20 + number(80), 20 + number(80), 1 + number(3)
            rows.append(([x, y, x + width, y + height], label))
            for _ in range(number(5)):
                moved = [x + number(15), y + number(15), x + width + number(15), y + height + number(15)]
                seen.append((moved, label if number(4) else 1 + number(3), number(50) / 50))
        objects.append(truth(*rows) if rows else (np.zeros((0, 4)), np.zeros(0, int), np.zeros(0, bool)))
        detections.append(found(*seen) if seen else NOTHING)
    return detections, objects


PYCOCOTOOLS = {1: 0.09156215621562157, 2: 0.09717476568532571, 3: 0.13858107239295359}


def test_golden_coco_of_pycocotools():
    for metric in ("coco", READ):
        result = average_precision(*golden_scene(), metric)
        assert result.per_class == pytest.approx(PYCOCOTOOLS, abs=1e-9)


@pytest.mark.parametrize(
    ("metric", "expected"), [("coco", (1 + 9 * 51 / 101) / 10), (READ, (1 + 9 * 51 / 101) / 10), ("voc", 0.5)]
)
def test_each_metric_matches_by_its_own_rule(metric, expected):
    # The second detection has an IoU of 0.82 with the first object, which is taken, and of 0.54 with the second: COCO
    # gives it that at 0.50, the devkit calls it wrong. One of two right is 51 / 101 of COCO's points.
    detections = [found(([0, 0, 10, 10], 1, 0.9), ([1, 0, 11, 10], 1, 0.8))]
    objects = [truth(([0, 0, 10, 10], 1), ([4, 0, 14, 10], 1))]
    assert average_precision(detections, objects, metric).mean == pytest.approx(expected)


def test_a_result_is_short_in_print_and_cannot_be_changed():
    result = average_precision([ONE], [THING], "voc")
    assert repr(result) == "AveragePrecision(metric='voc', mean=1.0, per_class={1: 1.0}, left_out=[])"
    with pytest.raises(FrozenInstanceError):
        result.mean = 0.5


def test_mean_is_over_classes():
    detections = [found((box(0), 1, 0.9), (box(5), 2, 0.9), (box(6), 3, 0.9))]
    objects = [truth((box(0), 1), (box(1), 2), (box(6), 3))]
    result = average_precision(detections, objects, "voc")
    assert result.per_class == {1: 1.0, 2: 0.0, 3: 1.0}
    assert result.mean == pytest.approx(2 / 3)


def test_scores_are_ranked_over_all_images():
    # The wrong one of the second image comes between the two right ones of the first.
    detections = [found((box(0), 1, 0.3), (box(1), 1, 0.9)), found((box(7), 1, 0.5))]
    objects = [truth((box(0), 1), (box(1), 1)), truth((box(2), 1))]
    assert average_precision(detections, objects, "voc").mean == pytest.approx(5 / 9)


def test_equal_scores_keep_the_order_of_images_and_rows():
    right, wrong = found((box(0), 1, 0.5)), found((box(9), 1, 0.5))
    objects = truth((box(0), 1))
    no_objects = (np.zeros((0, 4)), np.zeros(0), np.zeros(0))
    assert average_precision([right, wrong], [objects, no_objects], "voc").mean == 1
    assert average_precision([wrong, right], [no_objects, objects], "voc").mean == 0.5
    both = found((box(9), 1, 0.5), (box(0), 1, 0.5))
    assert average_precision([both], [objects], "voc").mean == 0.5


@pytest.mark.parametrize("metric", METRICS)
def test_difficult_objects_neither_count_nor_hurt(metric):
    objects = [truth((box(0), 1), (box(1), 1, True))]
    plain = average_precision([found((box(0), 1, 0.5))], objects, metric)
    assert (plain.mean, plain.objects) == (1, {1: 1})
    on_it_thrice = found((box(1), 1, 0.9), (box(1), 1, 0.8), (box(1), 1, 0.7), (box(0), 1, 0.5))
    result = average_precision([on_it_thrice], objects, metric)
    assert result.mean == 1
    assert result.curves[1].scores.tolist() == [0.5]  # those on it are not in the curve either


@pytest.mark.parametrize("metric", METRICS)
def test_a_second_detection_of_an_object_is_wrong(metric):
    detections = [found((box(0), 1, 0.9), (box(0), 1, 0.8), (box(1), 1, 0.7))]
    objects = [truth((box(0), 1), (box(1), 1))]
    result = average_precision(detections, objects, metric)
    np.testing.assert_allclose(result.curves[1].precision, [1, 1 / 2, 2 / 3])
    other_image = average_precision([detections[0], detections[0]], [objects[0], objects[0]], metric)
    np.testing.assert_allclose(other_image.curves[1].recall[-1], 1)


def test_another_class_does_not_match():
    result = average_precision([found((box(0), 2, 0.9))], [truth((box(0), 1))], "voc")
    assert result.per_class == {1: 0.0}
    assert result.left_out == [2]


@pytest.mark.parametrize("metric", METRICS)
def test_classes_without_countable_objects_are_left_out_and_said_so(metric):
    detections = [found((box(0), 1, 0.9), (box(1), 2, 0.9), (box(2), 3, 0.9))]
    objects = [truth((box(0), 1), (box(1), 2, True))]
    result = average_precision(detections, objects, metric, class_names=("cat", "dog", "cow", "hen"))
    assert result.per_class == {"cat": 1.0}
    assert result.mean == 1
    assert result.left_out == ["dog", "cow", "hen"]
    assert result.summary().endswith("left out, without an object that counts: dog, cow, hen")


def test_of_many_classes_that_are_left_out_a_few_are_named_and_the_rest_counted():
    names = ["cat", *(f"name {n}" for n in range(94))]
    result = average_precision([found((box(0), 1, 0.9))], [truth((box(0), 1))], "voc", class_names=names)
    assert len(result.left_out) == 94
    assert result.summary().endswith("name 0, name 1, name 2, name 3, name 4 and 89 more of 94 classes")


@pytest.mark.parametrize("metric", METRICS)
def test_no_objects_at_all(metric):
    for detections in ([found((box(0), 1, 0.9))], [NOTHING]):
        result = average_precision(detections, [NOTHING], metric)
        assert np.isnan(result.mean)
        assert result.per_class == {}
        assert "there is no mean" in result.summary()
    assert np.isnan(average_precision([], [], metric).mean)


@pytest.mark.parametrize("metric", METRICS)
def test_no_detections_is_zero_and_images_without_anything_are_legal(metric):
    result = average_precision([NOTHING, NOTHING], [truth((box(0), 1)), NOTHING], metric)
    assert (result.mean, result.per_class) == (0, {1: 0.0})
    assert [len(array) for array in result.curves[1]] == [0, 0, 0]


@pytest.mark.parametrize("metric", METRICS)
def test_a_perfect_detector_has_one(metric):
    detections, objects = in_order([True] * 7, 7)
    assert average_precision([detections], [objects], metric).mean == 1


def test_threshold_is_reached_by_equality():
    detections, objects = [found((box(0, 2.5), 1, 0.9))], [truth((box(0), 1))]  # IoU 0.6
    assert average_precision(detections, objects, "voc", iou_threshold=0.6).mean == 1
    assert average_precision(detections, objects, "voc", iou_threshold=0.61).mean == 0
    single = [(d[0].astype(np.float32), d[1], d[2]) for d in detections]
    assert average_precision(single, objects, "voc", iou_threshold=0.6).mean == 1


def test_plain_iou_is_that_of_the_devkit():
    # VOC writes pixels 1 to 10 of a row as 1, 10 and adds 1 to the difference; here that box is 0, 10.
    voc, other = (1, 1, 10, 10), (6, 1, 15, 10)
    shared = (10 - 6 + 1) * 10
    devkit = shared / (100 + 100 - shared)  # 1/3
    detections = [found(([voc[0] - 1, voc[1] - 1, voc[2], voc[3]], 1, 0.9))]
    objects = [truth(([other[0] - 1, other[1] - 1, other[2], other[3]], 1))]
    assert average_precision(detections, objects, "voc", iou_threshold=devkit).mean == 1
    assert average_precision(detections, objects, "voc", iou_threshold=devkit + 1e-9).mean == 0


def test_coco_takes_the_best_hundred_of_each_class_in_an_image():
    wrong = [(box(n + 10), 1, 0.9) for n in range(100)]
    objects = [truth((box(0), 1))]
    assert average_precision([found(*wrong[1:], (box(0), 1, 0.8))], objects, "coco").mean == pytest.approx(0.01)
    for metric in ("coco", READ):
        assert average_precision([found(*wrong, (box(0), 1, 0.8))], objects, metric).mean == 0
    assert average_precision([found((box(0), 1, 0.8), *wrong)], objects, "coco").mean == 0  # the best, not the first
    assert average_precision([found(*wrong, (box(0), 1, 0.8))], objects, "voc").mean == pytest.approx(1 / 101)
    of_two_classes = found(*[(b, 2, s) for b, _, s in wrong], (box(0), 1, 0.8))
    assert average_precision([of_two_classes], objects, "coco").mean == 1  # a hundred of another class are no matter


def test_class_names_and_summary():
    detections, objects = in_order([True, False, True], 3, label=2)
    result = average_precision([detections], [objects], "voc", class_names=["cat", "dog"])
    assert result.per_class == {"dog": pytest.approx(5 / 9)}
    assert list(result.curves) == ["dog"]
    lines = result.summary().splitlines()
    assert lines[0].split() == ["class", "objects", "AP"]
    assert lines[1].split() == ["dog", "3", "0.556"]
    assert lines[2].split() == ["mean", "(voc)", "3", "0.556"]
    assert "cat" in lines[3]


ONE, THING = found((box(0), 1, 0.9)), truth((box(0), 1))


@pytest.mark.parametrize(
    ("detections", "objects", "options", "words"),
    [
        ([ONE], [THING], {"metric": "voc2007"}, "metric .*'voc2007'"),
        *(([ONE], [THING], {"iou_threshold": bad}, f"iou_threshold .*{bad}") for bad in (50, 1.5, 0, 0.0, -0.5)),
        ([ONE, ONE], [THING], {}, "2 images.*ground_truth of 1"),
        ([ONE], [(np.zeros((2, 4)), np.ones(1), np.zeros(2))], {}, r"ground_truth\[0\].*\(2, 4\), \(1,\), \(2,\)"),
        ([ONE, (np.zeros(4), np.ones(1), np.ones(1))], [THING, THING], {}, r"detections\[1\].*\(4,\)"),
        ([(np.zeros((1, 4)), np.ones(1), np.array([np.nan]))], [THING], {}, r"detections\[0\].*NaN"),
        ([(np.full((1, 4), np.nan), np.ones(1), np.ones(1))], [THING], {}, r"detections\[0\].*NaN"),
        ([found((box(0), 0, 0.9))], [THING], {}, r"detections\[0\].*labels from 1 .*has 0"),
        ([ONE], [truth((box(0), 3))], {"class_names": ("a", "b")}, r"ground_truth\[0\].*1 to 2.*3"),
    ],
)
def test_wrong_arguments_are_named(detections, objects, options, words):
    with pytest.raises(ValueError, match=words):
        average_precision(detections, objects, **options)


def test_image_shows_the_curve_and_the_eleven_points():
    from matplotlib.figure import Figure

    detections, objects = in_order([True, False, True], 3)
    result = average_precision([detections], [objects], "voc")
    ax = new_figure()[1]
    draw_average_precision(ax, result, 1)
    curve, points = ax.lines
    np.testing.assert_allclose(curve.get_xydata(), [[1 / 3, 1], [1 / 3, 1 / 2], [2 / 3, 2 / 3]])
    np.testing.assert_allclose(points.get_ydata(), [1] * 4 + [2 / 3] * 3 + [0] * 4)
    assert len(ax.collections) == 1  # the area
    assert "0.545 from eleven points, 0.556 from the area" in ax.get_title()
    empty = average_precision([NOTHING], [objects], "voc")
    draw_average_precision(Figure().subplots(), empty, 1)
