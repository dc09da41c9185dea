"""Boxes of outlines; those of the last masks were made with pycocotools' encode, frPyObjects and toBbox."""

import numpy as np
import pytest

from numpyssd.datasets.coco.outlines import outline_box


def run_lengths(mask):
    """Return the counts of a mask (H, W), column by column, found by a loop over its pixels."""
    counts, now = [0], 0
    for value in mask.T.ravel():
        if value != now:
            counts.append(0)
            now = value
        counts[-1] += 1
    return counts


def packed(counts):
    """Return counts as COCO's text, letter by letter as maskApi.c describes them."""
    text = ""
    for k, count in enumerate(counts):
        value, more = count - (counts[k - 2] if k > 2 else 0), True
        while more:
            low, value = value & 31, value >> 5
            more = not (value == 0 and not low & 16 or value == -1 and low & 16)
            text += chr((low | 32 if more else low) + 48)
    return text


@pytest.mark.parametrize(
    ("outline", "box"),
    [
        ([[2, 3, 12, 3, 12, 8, 2, 8]], [2, 3, 10, 5]),
        ([[2, 3, 12, 3.5, 7, 8]], [2, 3, 10, 5]),
        ([[2, 3, 4, 3, 4, 5], [10, 1, 12, 1, 12, 2]], [2, 1, 10, 4]),  # one object in two parts
        ([2, 3, 12, 3, 12, 8], [2, 3, 10, 5]),  # without the list around it
        ([[[2, 3], [12, 3], [12, 8]]], [2, 3, 10, 5]),  # points as pairs
    ],
)
def test_polygons(outline, box):
    assert outline_box(outline) == box


def test_masks_are_boxed_as_a_loop_over_pixels_finds_them(rng):
    for _ in range(40):
        mask = (rng.random(rng.integers(1, 12, 2)) < rng.choice([0.02, 0.3])).astype(int)
        counts, size = run_lengths(mask), list(mask.shape)
        rows, columns = np.nonzero(mask)
        box = None
        if len(rows):
            box = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
            # A run that goes on in the next column: pycocotools takes the whole height, and so do we.
            flat = np.flatnonzero(mask.T.ravel())
            if any(b == a + 1 and b % size[0] == 0 for a, b in zip(flat, flat[1:])):
                box[1], box[3] = 0, size[0]
        assert outline_box({"counts": counts, "size": size}) == box
        assert outline_box({"counts": packed(counts), "size": size}) == box


@pytest.mark.parametrize(
    ("counts", "size", "box"),
    [
        ("Q2;81000000000000`0", [20, 12], [3, 4, 8, 12]),
        ("QV1?k6<G6K4M2N2O0001N2N3L5J9DehV2", [240, 320], [5, 4, 13, 41]),
        ("a17=0g4", [20, 12], [2, 9, 2, 7]),
        ([49, 7, 13, 7, 164], [20, 12], [2, 9, 2, 7]),
        ([18, 5, 217], [20, 12], [0, 0, 2, 20]),
        ([0, 240], [20, 12], [0, 0, 12, 20]),
        ([0, 0, 5, 1, 234], [20, 12], [0, 5, 1, 1]),
    ],
)
def test_masks_of_pycocotools(counts, size, box):
    assert outline_box({"counts": counts, "size": size}) == box


@pytest.mark.parametrize(
    "outline",
    [
        None, [], [[]], "text", 3, {}, [None], [[1, 2, 3]], [[1, "2"]], [[1, float("nan")]], [[1, 2], 5],
        {"counts": [4, 2]}, {"counts": [240], "size": [20, 12]}, {"counts": [0, 241], "size": [20, 12]},
        {"counts": [-1, 5], "size": [20, 12]}, {"counts": "\x00", "size": [20, 12]},
        {"counts": "o" * 90, "size": [2, 2]}, {"counts": [1, 2], "size": [0, 12]},
        {"counts": [1, 2], "size": [True, 12]}, {"counts": [], "size": [20, 12]},
    ],
)  # fmt: skip
def test_what_is_no_outline(outline):
    assert outline_box(outline) is None


def test_an_outline_of_points_and_numbers_together_is_none():
    assert outline_box([[[1, 2], 3]]) is None
    assert outline_box([[[1, 2], [5, 7]]]) == [1, 2, 4, 5]
