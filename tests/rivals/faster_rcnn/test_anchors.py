"""Anchors: the nine of the released code, the order, the centers, and the edge of the image."""

from dataclasses import replace

import numpy as np
import pytest

from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.rivals.faster_rcnn.anchors import anchor_sizes, anchors, inside_image
from numpyssd.rivals.faster_rcnn.config import FASTER_RCNN_COMPACT, FASTER_RCNN_TINY, FASTER_RCNN_VGG600

# What generate_anchors.py prints: first and last pixel, both covered, of the cell in the corner.
RELEASED = [
    (-84, -40, 99, 55), (-176, -88, 191, 103), (-360, -184, 375, 199),
    (-56, -56, 71, 71), (-120, -120, 135, 135), (-248, -248, 263, 263),
    (-36, -80, 51, 95), (-80, -168, 95, 183), (-168, -344, 183, 359),
]  # fmt: skip


def test_the_nine_of_the_released_code():
    nine = cxcywh_to_xyxy(anchors(FASTER_RCNN_VGG600)[:9]) * 600
    np.testing.assert_allclose(nine - [0, 0, 1, 1], RELEASED, atol=1e-3)
    sizes = [(184, 96), (368, 192), (736, 384), (128,) * 2, (256,) * 2, (512,) * 2, (88, 176), (176, 352), (352, 704)]
    np.testing.assert_array_equal(anchor_sizes(FASTER_RCNN_VGG600), sizes)


def test_without_the_plus_one_the_nine_are_others():
    # Trap 1: who takes the released corners for edges has boxes that are a pixel too small, and half a pixel away.
    nine = cxcywh_to_xyxy(anchors(FASTER_RCNN_VGG600)[:9]) * 600
    assert not np.isclose(nine, RELEASED).all(axis=1).any()


def test_halves_are_rounded_to_even():
    # Trap 11: at a ratio of 5.5 the window of 16 px becomes 7 wide, and so 38.5 high. C would round that to 39.
    config = replace(FASTER_RCNN_VGG600, anchor_ratios=(0.5, 5.5), anchor_scales=(16,))
    assert anchor_sizes(config).tolist() == [[23, 12], [7, 38]]


@pytest.mark.parametrize("config", [FASTER_RCNN_COMPACT, FASTER_RCNN_TINY, FASTER_RCNN_VGG600], ids=lambda c: c.name)
def test_order_and_centers(config):
    boxes = anchors(config)
    size, cells, per_cell = config.image_size, config.map_size, config.anchors_per_cell
    assert (boxes.shape, boxes.dtype) == ((cells**2 * per_cell, 4), np.float32)
    for row, column, ratio, scale in [(0, 0, 0, 0), (1, 0, 0, 1), (0, 1, 1, 0), (cells - 1, 3, 2, 2)]:
        k = (row * cells + column) * per_cell + ratio * len(config.anchor_scales) + scale
        cx, cy, width, height = boxes[k] * size
        np.testing.assert_allclose([cx, cy], [(column + 0.5) * config.step, (row + 0.5) * config.step], rtol=1e-5)
        rounding = 0.06 if config.round_anchors else 1e-5
        np.testing.assert_allclose(height / width, config.anchor_ratios[ratio], rtol=rounding)
        np.testing.assert_allclose(np.sqrt(width * height), config.anchor_scales[scale], rtol=rounding)


def test_how_many_are_inside():
    assert len(anchors(FASTER_RCNN_COMPACT)) == 3249
    assert inside_image(anchors(FASTER_RCNN_COMPACT)).sum() == 1964
    touching = np.float32([[0.25, 0.5, 0.5, 0.5], [0.75, 0.5, 0.5, 0.5], [0.24, 0.5, 0.5, 0.5], [0.5, 0.5, 0.4, 1.1]])
    np.testing.assert_array_equal(inside_image(touching), [True, True, False, False])


def test_a_pooling_that_does_not_exist():
    with pytest.raises(ValueError, match="roi_align"):
        replace(FASTER_RCNN_TINY, pooling="crop")
