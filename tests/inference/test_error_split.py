"""numpyssd.inference.error_split: each type of error drawn by hand, the definition by loops, and the counts."""

import numpy as np
import pytest

from numpyssd.boxes import iou
from numpyssd.drawing import new_figure
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.error_split import ERROR_TYPES, STYLES, draw_error_split, error_split
from numpyssd.pictures.simulated_detector import simulate_detector

NAMES = ("bus", "car")
BUS, CAR = [0, 0, 10, 10], [100, 0, 110, 10]  # a box moved by n has the IoU (10 - n) / (10 + n) with the first


def moved(box, n):
    return [box[0] + n, box[1], box[2] + n, box[3]]


def split_of(*rows, objects=((BUS, 1), (CAR, 2)), difficult=None, **options):
    """Split one image: rows (box, label, score); by default the objects are a bus and a car."""
    boxes, labels, scores = ([row[i] for row in rows] for i in range(3))
    difficult = np.zeros(len(objects), bool) if difficult is None else np.array(difficult)
    found = np.array(boxes, float).reshape(-1, 4), np.array(labels, int), np.array(scores, float)
    truth = (
        np.array([box for box, _ in objects], float).reshape(-1, 4),
        np.array([n for _, n in objects], int),
        difficult,
    )
    return error_split([found], [truth], NAMES, **options)


@pytest.mark.parametrize(
    ("box", "label", "error", "index", "overlap"),
    [
        (BUS, 1, "correct", 0, 1),
        (moved(BUS, 3), 1, "correct", 0, 7 / 13),
        (moved(BUS, 4), 1, "localization", 0, 6 / 14),
        (moved(BUS, 8), 1, "localization", 0, 2 / 18),
        (moved(BUS, 9), 1, "background", -1, 0),
        (BUS, 2, "classification", 0, 1),
        (moved(BUS, 4), 2, "both", 0, 6 / 14),
        (moved(BUS, 9), 2, "background", -1, 0),
        ([50, 50, 60, 60], 1, "background", -1, 0),
    ],
)
def test_one_box(box, label, error, index, overlap):
    split = split_of((box, label, 0.9))
    assert (split.types[0][0], split.objects[0][0]) == (error, index)
    assert split.overlaps[0][0] == pytest.approx(overlap)
    assert split.total == {"objects": 2, "correct": 0, **dict.fromkeys(ERROR_TYPES, 0)} | {
        error: 1,
        "missed": split.missed[0].sum(),
    }
    assert split.missed[0].tolist() == [error in ("both", "background"), True]
    said = NAMES[label - 1]
    assert split.per_class[said][error] == 1


def test_edges_belong_to_the_better_type():
    quarter = [0, 0, 10, 2.5]
    assert split_of((quarter, 1, 0.9), iou_threshold=0.25).types[0][0] == "correct"
    assert split_of((quarter, 2, 0.9), iou_threshold=0.25).types[0][0] == "classification"
    assert split_of((quarter, 1, 0.9), background=0.25).types[0][0] == "localization"
    assert split_of((quarter, 2, 0.9), background=0.25).types[0][0] == "both"
    assert split_of((quarter, 1, 0.9), background=0.26).types[0][0] == "background"


def test_the_second_of_two_is_the_duplicate_whatever_their_order():
    split = split_of((BUS, 1, 0.7), (moved(BUS, 2), 1, 0.9))
    assert split.types[0].tolist() == ["duplicate", "correct"]
    assert split.objects[0].tolist() == [0, 0]
    assert split.per_class["bus"] | {"missed": 0} == split.per_class["bus"]


# A box of a bus over which a car lies too, IoU 0.6 and 0.43, in both ways; and a bus that is taken, with a car there.
@pytest.mark.parametrize(
    ("objects", "rows", "error", "index"),
    [
        (((moved(BUS, 4), 1), (moved(BUS, -2.5), 2)), [(BUS, 1, 0.9)], "classification", 1),
        (((moved(BUS, 4), 1), (moved(BUS, -5), 2)), [(BUS, 1, 0.9)], "localization", 0),
        (((moved(BUS, 5), 1), (moved(BUS, -4), 2)), [(BUS, 1, 0.9)], "localization", 0),
        (((BUS, 1), (BUS, 2)), [(BUS, 1, 0.9), (BUS, 1, 0.8)], "duplicate", 0),
    ],
)
def test_the_order_of_types(objects, rows, error, index):
    split = split_of(*rows, objects=objects)
    assert (split.types[0][-1], split.objects[0][-1]) == (error, index)


def test_below_the_score_nothing_counts():
    rows = (BUS, 1, 0.49), (CAR, 2, 0.5), ([50, 50, 60, 60], 1, 0.3)
    split = split_of(*rows)
    assert split.types[0].tolist() == ["", "correct", ""]
    assert split.missed[0].tolist() == [True, False]
    assert split.per_class["bus"] == {"objects": 1, "correct": 0, **dict.fromkeys(ERROR_TYPES, 0), "missed": 1}
    assert split_of(*rows, score_threshold=0).types[0].tolist() == ["correct", "correct", "background"]


def test_difficult_objects_are_not_missed_ignore_boxes_and_explain_them():
    split = split_of((BUS, 1, 0.9), (BUS, 1, 0.8), (BUS, 2, 0.7), (moved(BUS, 5), 1, 0.6), difficult=[True, False])
    assert split.types[0].tolist() == ["", "", "classification", "localization"]
    assert split.missed[0].tolist() == [False, True]
    assert (split.per_class["bus"]["objects"], split.per_class["bus"]["missed"]) == (0, 0)


def test_is_its_definition_by_loops():
    found, truth = simulate_detector(30, seed=5)
    truth = [(boxes, labels, np.arange(len(labels)) % 4 == 3) for boxes, labels, _ in truth]
    split = error_split(found, truth, score_threshold=0.3)
    seen = set()
    for i, ((boxes, labels, scores), (gt_boxes, gt_labels, difficult)) in enumerate(zip(found, truth)):
        fit, taken, told = iou(boxes, gt_boxes), set(), set()
        for d in sorted(range(len(boxes)), key=lambda d: -scores[d]):
            own = max(
                (m for m in range(len(gt_boxes)) if gt_labels[m] == labels[d]), key=lambda m: fit[d, m], default=None
            )
            other = max(
                (m for m in range(len(gt_boxes)) if gt_labels[m] != labels[d]), key=lambda m: fit[d, m], default=None
            )
            own_fit, other_fit = 0 if own is None else fit[d, own], 0 if other is None else fit[d, other]
            if scores[d] < 0.3 or (own_fit >= 0.5 and difficult[own]):
                error, m = "", None
            elif own_fit >= 0.5:
                error, m = ("duplicate" if own in taken else "correct"), own
                taken.add(own)
            elif other_fit >= 0.5:
                error, m = "classification", other
            elif own_fit >= 0.1:
                error, m = "localization", own
            elif other_fit >= 0.1:
                error, m = "both", other
            else:
                error, m = "background", -1
            told |= {m} if error in ("correct", "classification", "localization") else set()
            assert split.types[i][d] == error
            assert error == "" or split.objects[i][d] == m
            seen.add(error)
        missed = [not hard and m not in told for m, hard in enumerate(difficult)]
        assert split.missed[i].tolist() == missed
    assert seen == {"", "correct", *ERROR_TYPES[:-1]}


def test_agrees_with_average_precision():
    found, truth = simulate_detector()
    split, result = error_split(found, truth, score_threshold=-1), average_precision(found, truth, "voc")
    for label, count in result.objects.items():
        row = split.per_class[label]
        assert (row["objects"], row["correct"]) == (count, round(result.curves[label].recall[-1] * count))
        assert row["correct"] + sum(row[error] for error in ERROR_TYPES[:-1]) == len(result.curves[label].scores)


def test_nothing_at_all():
    empty = (np.zeros((0, 4)), np.zeros(0, int), np.zeros(0))
    assert error_split([], []).total == {"objects": 0, "correct": 0, **dict.fromkeys(ERROR_TYPES, 0)}
    assert error_split([empty], [empty], NAMES).per_class["car"]["objects"] == 0
    only = error_split([(np.array([BUS]), np.array([1]), np.array([0.9]))], [empty])
    assert only.types[0].tolist() == ["background"]
    assert error_split([empty], [(np.array([BUS]), np.array([1]), np.array([False]))]).missed[0].tolist() == [True]


@pytest.mark.parametrize("options", [{"iou_threshold": 0.05}, {"background": 0}, {"iou_threshold": 1.5}])
def test_thresholds_that_make_no_sense(options):
    with pytest.raises(ValueError, match="background and iou_threshold"):
        split_of(**options)


def test_figure_has_a_bar_for_each_class_and_type():
    split = error_split(*simulate_detector())
    _, ax = new_figure()
    draw_error_split(ax, split)
    assert len(ax.patches) == len(ERROR_TYPES) * len(split.per_class)
    widths = np.array([patch.get_width() for patch in ax.patches]).reshape(len(ERROR_TYPES), -1)
    rows = list(split.per_class.values())
    expected = [[100 * row[error] / row["objects"] for row in rows] for error in STYLES]
    np.testing.assert_allclose(widths, expected)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == [f"{error}: {split.total[error]}" for error in ERROR_TYPES]
    draw_error_split(new_figure()[1], error_split([], []))
