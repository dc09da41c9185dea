import re

import pytest

from numpyssd.datasets.yolo.rows import BOX, ORIENTED, OUTLINE, POSE, box_of, parse_row


@pytest.mark.parametrize(
    ("line", "kind", "box"),
    [
        ("1 0.5 0.5 0.2 0.4", BOX, (40, 15, 60, 35)),
        ("1.0 5e-1 .5 0.2 0.4", BOX, (40, 15, 60, 35)),
        ("0 0.1 0.2 0.3 0.2 0.2 0.6", OUTLINE, (10, 10, 30, 30)),
        ("0 0.1 0.2 0.3 0.2 0.3 0.6 0.1 0.6", ORIENTED, (10, 10, 30, 30)),
        ("0 0.2 0.1 0.4 0.3 0.3 0.5 0.1 0.2 0.15 0.15", OUTLINE, (10, 5, 40, 25)),
        ("0 0.5 0.5 1 1", BOX, (0, 0, 100, 50)),
    ],
)
def test_rows_and_the_upright_box_around_what_they_are(line, kind, box):
    row = parse_row(line)
    assert (row.kind, row.has_score) == (kind, False)
    inside, sentence = box_of(row, 100, 50)
    assert inside == pytest.approx(box)
    assert sentence is None


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("0 0.5 0.5 0.2 0.4 0.97", BOX),
        ("0 0.1 0.2 0.3 0.2 0.2 0.6 0.97", OUTLINE),
        ("0 0.1 0.2 0.3 0.2 0.3 0.6 0.1 0.6 0.97", ORIENTED),
    ],
)
def test_a_number_more_is_a_score(line, kind):
    row, without = parse_row(line), parse_row(line.removesuffix(" 0.97"))
    assert (row.kind, row.has_score) == (kind, True)
    assert row.values == without.values


def test_key_points_stand_behind_the_box():
    row = parse_row("0 0.5 0.5 0.2 0.4 0.4 0.4 2 0.6 0.6 0", key_points=6)
    assert (row.kind, row.values, row.has_score) == (POSE, (0.5, 0.5, 0.2, 0.4), False)
    assert parse_row("0 0.5 0.5 0.2 0.4", key_points=6).kind == BOX


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("bolt 0.5 0.5 0.2 0.2", "begins with the number of its class, from 0, not with 'bolt'"),
        ("-1 0.5 0.5 0.2 0.2", "not with '-1'"),
        ("1.5 0.5 0.5 0.2 0.2", "not with '1.5'"),
        ("0 0.5 0.5 0.2", "5 numbers (class, center x, center y, width, height), not 4"),
        ("0", "not 1"),
        ("0 0.5 0.5 x 0.2", "'x' is not a finite number"),
        ("0 0.5 nan 0.2 0.2", "'nan' is not a finite number"),
        ("0,0.5,0.5,0.2,0.2", "the line has commas (0,0.5,0.5,0.2,0.2)"),
        ("0 0,5 0,5 0,2 0,2", "write points in numbers"),
        ("0 50 25 20 20", "50 is no fraction of the width or height, from 0 to 1; are these pixels?"),
        ("0 0.1 0.2 30 0.2 0.2 0.6", "30 is no fraction"),
        (
            "0 .5 .5 .2 .4 .4 .4 2 .6 .6 0",
            "to be key points, 2 of x, y and visibility; kpt_shape in data.yaml is needed",
        ),
        ("0 .5 .5 .2 .4 .4 .4 2", "as kpt_shape: [1, 3]"),
        ("0 .5 .5 .2 .4 .4 .4 3 .6 .6 0", "3 is no fraction"),
        ("0 .5 .5 .2 .4 .4 .4 2 .6 2 0", "2 is no fraction"),
        ("0 .5 .5 .2 .4 .4 2", "2 is no fraction"),
    ],
)
def test_what_is_no_row(line, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_row(line)


@pytest.mark.parametrize(
    ("line", "words", "is_cut"),
    [
        ("0 0.5 0.5 0 0.2", "the box has zero size", False),
        ("0 0.2 0.2 0.2 0.2 0.2 0.2", "the outline has zero size", False),
        ("0 0.5 0.5 -0.2 0.2", "a negative width or height", False),
        ("0 1.3 0.5 0.2 0.2", "outside the image of 100 x 50 pixels", False),
        ("0 0.95 0.5 0.2 0.2", "reaches 5 pixels out of the image", True),
        ("0 0.1 0.1 0.9 0.9", "it would fit as x1, y1, x2, y2", True),
    ],
)
def test_what_is_no_box(line, words, is_cut):
    box, sentence = box_of(parse_row(line), 100, 50)
    assert words in sentence
    assert (box is not None) is is_cut


def test_a_rounded_box_at_the_edge_is_no_issue():
    box, sentence = box_of(parse_row("0 0.500001 0.5 1.000001 1"), 640, 480)
    assert sentence is None
    assert box == pytest.approx((0, 0, 640, 480), abs=0.01)


@pytest.mark.parametrize("more", [".9", ".4 .4 2", ".4 .4 2 .6 .6 2 .5 .5"])
def test_a_row_of_poses_with_another_count_of_numbers_is_no_outline(more):
    with pytest.raises(ValueError, match="a row has 5 numbers, or 11 with the key points of kpt_shape"):
        parse_row(f"0 .5 .5 .2 .2 {more}", key_points=6)
    assert parse_row("0 .5 .5 .2 .2", key_points=6).values == (0.5, 0.5, 0.2, 0.2)
