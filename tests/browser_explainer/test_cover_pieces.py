"""Occlusion: the pieces of the picture that are covered, and what is said of the scores without them."""

import functools

import numpy as np
import pytest


def test_what_covering_says(node):
    words = functools.partial(node.call, "explainer/cover_pieces.js", "coverWords")
    assert words("ring", [0.9, 0.2, 0.3, 0.8], 0.9) == (
        "Without the piece that is framed, the score of ring is 0.20 instead of 0.90; "
        "2 pieces of 4 halve it, each alone."
    )
    said = words("ring", [0.1, 0.8], 0.9, "ellipse 0.85")
    assert said.endswith("is 0.10 instead of 0.90, and the same default box says ellipse 0.85.")
    assert words("ring", [0.5, 0.48, 0.95], 0.5) == (
        "No piece alone matters much: the lowest score of ring without one is 0.48 instead of 0.50. "
        "Without the piece in red it would be 0.95."
    )


@pytest.mark.parametrize("box", [[0.4, 0.5, 0.46, 0.58], [-0.1, 0.9, 0.2, 1.2], [0.1, 0.1, 0.9, 0.9]])
def test_the_pieces_that_are_covered_tile_what_lies_around_the_box(node, box):
    x1, y1, x2, y2 = area = node.call("explainer/cover_pieces.js", "coverArea", box, 300)
    assert min(area) >= 0
    assert max(area) <= 1
    middle = np.clip([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], 0, 1)
    assert x1 <= middle[0] <= x2
    assert y1 <= middle[1] <= y2
    assert x2 - x1 == pytest.approx(min(1, 3 * (box[2] - box[0])))
    pieces = node.call("explainer/cover_pieces.js", "coverPieces", area, 300)
    values = np.array([node.call("explainer/cover_pieces.js", "coveredInput", np.zeros(300 * 300 * 3, np.float32), 300,
                                 [1, 2, 3], piece) for piece in pieces[::8]])  # fmt: skip
    assert (values.reshape(-1, 300 * 300, 3).sum(axis=1) > 0).all()
    grid = np.zeros((300, 300), int)
    for left, top, right, bottom in np.rint(np.array(pieces) * 300).astype(int):
        assert right - left >= 2
        grid[top:bottom, left:right] += 1
    assert grid.max() == 1
    assert grid.sum() == pytest.approx((x2 - x1) * (y2 - y1) * 300**2, rel=0.12)


def test_covering_begins_with_the_pixels_that_were_detected_on(node):
    values = np.arange(8 * 8 * 3, dtype=np.float32)
    cover = functools.partial(node.call, "explainer/cover_pieces.js", "coveredInput", values, 8, [123.4, 117, 104])
    np.testing.assert_array_equal(cover(None), values)
    inside, outside = cover([0.25, 0.5, 0.5, 1]).reshape(8, 8, 3), cover([0.25, 0.5, 0.5, 1], True).reshape(8, 8, 3)
    mask = np.zeros((8, 8, 1), bool)
    mask[4:8, 2:4] = True
    np.testing.assert_array_equal(inside, np.where(mask, [123, 117, 104], values.reshape(8, 8, 3)))
    np.testing.assert_array_equal(outside, np.where(mask, values.reshape(8, 8, 3), [123, 117, 104]))
