"""failure_cases: which errors are shown, in which order, with which description, and where the image is cut."""

import numpy as np
import pytest

from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
from numpyssd.drawing import new_figure
from numpyssd.inference.error_split import error_split
from numpyssd.pictures.simulated_detector import simulate_detector
from numpyssd.reports.failure_cases import crop_around, draw_failure_case, draw_failure_cases, failure_cases

NAMES = ("bus", "car")
SPOT = [0, 0, 10, 10]


def place(n, shift=0):
    return [100 * n + shift, 0, 100 * n + 10 + shift, 10]


def one_image(rows, objects):
    boxes, labels, scores = (np.array([row[i] for row in rows], float) for i in range(3))
    gt_boxes, gt_labels = (np.array([row[i] for row in objects], float) for i in range(2))
    truth = gt_boxes.reshape(-1, 4), gt_labels.astype(int), np.zeros(len(objects), bool)
    return (boxes.reshape(-1, 4), labels.astype(int), scores), truth


def shown(*images, **options):
    found, truth = zip(*images)
    return failure_cases(error_split(found, truth, NAMES), found, truth, NAMES, **options)


def test_each_type_has_its_description():
    rows = [
        (place(0), 1, 0.99), (place(0, 1), 1, 0.95), (place(1), 2, 0.9), (place(2, 4), 1, 0.85),
        (place(3, 4), 2, 0.8), (place(9), 1, 0.75), (place(4), 1, 0.3), (place(4, 1), 1, 0.4),
    ]  # fmt: skip
    big = [600, 0, 650, 50]
    cases = shown(one_image(rows, [(place(n), 1) for n in range(5)] + [(big, 2)]))
    assert [(m.title, m.description) for m in cases] == [
        ("bus 0.95", "duplicate"),
        ("car 0.90", "classification: bus, not car"),
        ("bus 0.85", "localization: IoU 0.43"),
        ("car 0.80", "both: IoU 0.43 with bus"),
        ("bus 0.75", "background"),
        ("car", "missed; no box fits"),
        ("bus", "missed; no box fits"),  # place(3), of which only a car is told
        ("bus", "missed; best box has score 0.40"),
    ]
    duplicate, background, missed = cases[0], cases[4], cases[-1]
    assert duplicate.better.tolist() == [place(0)]
    assert (duplicate.box.tolist(), duplicate.object.tolist()) == ([place(0, 1)], [place(0)])
    assert (len(background.object), len(background.better)) == (0, 0)
    assert (len(missed.box), missed.object.tolist(), missed.better.tolist()) == (0, [place(4)], [place(4, 1)])


def test_a_box_that_is_correct_for_another_object_is_no_box_of_a_missed_one():
    cases = shown(one_image([(SPOT, 1, 0.9)], [(SPOT, 1), ([2, 0, 12, 10], 1)]))
    assert [m.description for m in cases] == ["missed; no box fits"]


@pytest.mark.parametrize(
    ("wrong", "missed", "expected"), [(30, 30, (10, 10)), (30, 3, (17, 3)), (4, 30, (4, 16)), (2, 1, (2, 1))]
)
def test_half_of_each_sort_or_more_where_the_other_has_fewer(wrong, missed, expected):
    rows = [(place(100 + n), 1, 0.5 + n / 100) for n in range(wrong)]
    cases = shown(one_image(rows, [(place(n), 1) for n in range(missed)]), one_image([], []))
    assert (sum(len(m.box) for m in cases), sum(not len(m.box) for m in cases)) == expected
    scores = [float(m.title.split()[1]) for m in cases[: expected[0]]]
    assert scores == sorted(scores, reverse=True)


def test_the_largest_of_all_images_come_first():
    images = [one_image([([50, 50, 60, 60], 1, s)], [([0, 0, side, side], 1)]) for s, side in ((0.6, 9), (0.9, 20))]
    assert [m.image for m in shown(*images)] == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ([40, 40, 60, 60], [30, 30, 70, 70]),  # twice as wide
        ([45, 45, 47, 48], [38, 39, 53, 54]),  # at least 15 of 100 pixels
        ([0, 0, 20, 20], [0, 0, 40, 40]),  # inside the image
        ([190, 80, 210, 110], [140, 40, 200, 100]),  # a box may reach out of it
        ([0, 0, 200, 100], [0, 0, 200, 100]),
    ],
)
def test_thecrop_around(box, expected):
    width = 200 if box[2] > 100 else 100
    assert crop_around(np.array([box], float), (100, width, 3)).tolist() == expected


def test_figure_has_the_boxes_where_they_are_in_the_piece():
    cases = shown(one_image([([50, 50, 70, 70], 1, 0.9)], [([55, 50, 75, 70], 2)]))
    _, ax = new_figure()
    draw_failure_case(ax, cases[0], np.zeros((100, 100, 3), np.uint8), np.array([[55, 50, 75, 70]]), "a.png")
    assert ax.get_title() == "bus 0.90\nclassification: car, not bus"
    assert ax.get_xlabel() == "a.png"
    left, top, *_ = crop_around(np.array([[50, 50, 75, 70]], float), (100, 100, 3))
    corners = [(p.get_x() + left, p.get_y() + top, p.get_width(), p.get_height()) for p in ax.patches]
    assert corners == [(55, 50, 20, 20), (55, 50, 20, 20), (50, 50, 20, 20)]


def test_a_sheet():
    found, truth = simulate_detector(10)
    dataset = ShapesDataset(10)
    cases = failure_cases(error_split(found, truth, CLASS_NAMES), found, truth, CLASS_NAMES, 7)
    assert len(cases) == 7
    figure, axes = new_figure(2, 5, (12, 6))
    draw_failure_cases(axes, cases, dataset)
    figure.canvas.draw()
    assert [bool(ax.images) for ax in axes] == [True] * 7 + [False] * 3
    assert dataset.image_name(3) == "image 3"
