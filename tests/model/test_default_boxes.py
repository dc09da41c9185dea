"""numpyssd.model.default_boxes: the golden tables of Caffe's released models, the order, and what is not clipped."""

from dataclasses import replace

import numpy as np
import pytest

from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.config import SSD300, SSD300_COCO, SSD512, SSD512_COCO, TINY, FeatureMap
from numpyssd.drawing import new_figure
from numpyssd.model.default_box_variants import CLIP_MODES
from numpyssd.model.default_boxes import (
    cell_sizes,
    default_boxes,
    draw_all_maps,
    draw_default_boxes,
    map_boxes,
)

PRESETS = [SSD300, SSD300_COCO, SSD512, SSD512_COCO, TINY]


def by_loops(config):
    """The definition: for every map, row, column and box of the cell."""
    boxes = []
    for f in config.feature_maps:
        small, following = f.scale_px, f.next_scale_px
        if config.whole_pixels:
            small, following = small // 1, following // 1
        for row in range(f.size):
            for column in range(f.size):
                center = ((column + 0.5) * f.step, (row + 0.5) * f.step)
                boxes.append((*center, small, small))
                boxes.append((*center, (small * following) ** 0.5, (small * following) ** 0.5))
                for ratio in f.aspect_ratios:
                    boxes.append((*center, small * ratio**0.5, small / ratio**0.5))
                    boxes.append((*center, small / ratio**0.5, small * ratio**0.5))
    return np.array(boxes) / config.image_size


@pytest.mark.parametrize("whole_pixels", [True, False])
@pytest.mark.parametrize("config", PRESETS, ids=lambda c: c.name)
def test_is_its_definition(config, whole_pixels):
    config = replace(config, whole_pixels=whole_pixels)
    boxes = default_boxes(config)
    assert boxes.dtype == np.float32
    assert boxes.shape[1] == 4
    assert boxes.flags.c_contiguous
    np.testing.assert_allclose(boxes, by_loops(config), rtol=1e-7)


@pytest.mark.parametrize(
    ("config", "counts"),
    [
        # Caffe: boxes per map, which sum to 8732 and 24564.
        (SSD300, (5776, 2166, 600, 150, 36, 4)),
        (SSD512, (16384, 6144, 1536, 384, 96, 16, 4)),
    ],
)
def test_counts(config, counts):
    assert tuple(len(map_boxes(f, config)) for f in config.feature_maps) == counts
    assert len(default_boxes(config)) == sum(counts)
    assert sum(counts) == {300: 8732, 512: 24564}[config.image_size]


@pytest.mark.parametrize(
    ("config", "whole_pixels", "checksum"),
    [
        # Column sums of the normalized table in float64, from an independent script over Caffe's rule (ssd_pascal.py,
        # ssd_coco.py). The 512 ones are of the sizes before Caffe's layer cuts them to whole pixels.
        (SSD300, True, [4443.94667, 4443.94667, 1510.42928, 1510.42928]),
        (SSD300, False, [4443.94667, 4443.94667, 1510.42928, 1510.42928]),
        (SSD300_COCO, True, [4443.94667, 4443.94667, 1172.19803, 1172.19803]),
        (SSD512, False, [12282, 12282, 3146.14170, 3146.14170]),
        (SSD512_COCO, False, [12282, 12282, 2192.47107, 2192.47107]),
    ],
)
def test_checksums(config, whole_pixels, checksum):
    boxes = default_boxes(replace(config, whole_pixels=whole_pixels))
    np.testing.assert_allclose(boxes.sum(axis=0, dtype=np.float64), checksum, rtol=5e-8)


def test_first_cell_and_last_box_of_voc300():
    # In pixels, from the same script.
    boxes = default_boxes(SSD300) * 300
    first = [(4, 4, 30, 30), (4, 4, 42.426, 42.426), (4, 4, 42.426, 21.213), (4, 4, 21.213, 42.426)]
    np.testing.assert_allclose(boxes[:4], first, atol=5e-4)
    np.testing.assert_allclose(boxes[4, :2], (12, 4), atol=1e-4)  # the next cell is the next column
    np.testing.assert_allclose(boxes[4 * 38, :2], (4, 12), atol=1e-4)  # and after a row the next row
    np.testing.assert_allclose(boxes[-1], (150, 150, 186.676, 373.352), atol=5e-4)


def test_order_in_a_cell_is_squares_then_wide_before_tall():
    sizes = cell_sizes(FeatureMap("x", 1, 1, 36, 49, (2, 3)))
    # By hand: 36; sqrt(36 * 49) = 42; 36 * sqrt(2) and 36 / sqrt(2); 36 * sqrt(3) and 36 / sqrt(3).
    expected = [
        (36, 36),
        (42, 42),
        (50.91169, 25.45584),
        (25.45584, 50.91169),
        (62.35383, 20.78461),
        (20.78461, 62.35383),
    ]
    np.testing.assert_allclose(sizes, expected, rtol=1e-6)


def test_the_table_is_the_flattened_grid():
    # The predictors' output (rows, columns, boxes * 4) is reshaped to (rows * columns * boxes, 4): the same order.
    start = 5776
    grid = default_boxes(SSD300)[start : start + 2166].reshape(19, 19, 6, 4)
    assert (grid[..., 0] == grid[:1, :, :1, 0]).all()  # x depends on the column only
    assert (grid[..., 1] == grid[:, :1, :1, 1]).all()  # y on the row only
    assert (grid[..., 2:] == grid[:1, :1, :, 2:]).all()  # and the size on the box only
    assert (np.diff(grid[0, :, 0, 0]) > 0).all()
    assert (np.diff(grid[:, 0, 0, 1]) > 0).all()


@pytest.mark.parametrize(
    ("config", "small", "following"),
    [
        # The sizes that Caffe's prior_box_layer.cpp really uses, because it keeps them in an int.
        (SSD512, (35, 76, 153, 230, 307, 384, 460), (76, 153, 230, 307, 384, 460, 537)),
        (SSD512_COCO, (20, 51, 133, 215, 296, 378, 460), (51, 133, 215, 296, 378, 460, 542)),
    ],
)
def test_whole_pixels_at_512(config, small, following):
    for f, s, n in zip(config.feature_maps, small, following):
        sizes = cell_sizes(f)
        np.testing.assert_allclose(sizes[0], s)
        np.testing.assert_allclose(sizes[1], (s * n) ** 0.5)


@pytest.mark.parametrize(("config", "changed"), [(SSD512, 24552), (SSD512_COCO, 24564)])
def test_what_whole_pixels_change(config, changed):
    # Counts and least IoU from an independent script; 300 px has whole sizes to begin with.
    cut, whole = default_boxes(config), default_boxes(replace(config, whole_pixels=False))
    assert (np.abs(cut - whole).max(axis=1) > 1e-7).sum() == changed
    low, high = np.minimum(cut[:, 2:], whole[:, 2:]), np.maximum(cut[:, 2:], whole[:, 2:])  # same centers
    assert (low.prod(axis=1) / high.prod(axis=1)).min() == pytest.approx(0.954, abs=6e-4)
    for same in (SSD300, SSD300_COCO):
        np.testing.assert_array_equal(default_boxes(same), default_boxes(replace(same, whole_pixels=False)))


def test_nothing_is_clipped():
    boxes = default_boxes(SSD300)
    # The 10 x 10 map has the step 32, so its last centers lie outside the image: 304 / 300.
    assert boxes[:, :2].max() == pytest.approx(304 / 300)
    assert boxes[:, 2:].max() == pytest.approx(373.352 / 300, rel=1e-5)
    corners = cxcywh_to_xyxy(boxes)
    assert corners.min() < 0
    assert corners.max() > 1


def test_centers_follow_the_step_and_not_the_size_of_the_map():
    # The paper's (i + 0.5) / size would move 8692 of the 8732 boxes, by up to 19 px along the diagonal.
    moved, furthest = 0, 0.0
    for f in SSD300.feature_maps:
        ours = map_boxes(f, SSD300)[:, :2].astype(np.float64)
        papers = map_boxes(replace(f, step=300 / f.size), SSD300)[:, :2].astype(np.float64)
        distance = np.linalg.norm(ours - papers, axis=1) * 300
        moved += (distance > 1e-3).sum()
        furthest = max(furthest, distance.max())
    assert moved == 8692
    assert furthest == pytest.approx(19 * 2**0.5, rel=1e-4)


def test_the_papers_centers():
    boxes = default_boxes(replace(SSD300, center_rule="cell"))
    start = 5776 + 2166  # the 10 x 10 map: by hand, (9 + 0.5) / 10 where the step has (9 + 0.5) * 32 / 300
    np.testing.assert_allclose(boxes[start + 594 : start + 600, :2], 0.95, rtol=1e-7)
    np.testing.assert_allclose(default_boxes(SSD300)[start + 594 : start + 600, :2], 304 / 300, rtol=1e-7)
    np.testing.assert_array_equal(boxes[:, 2:], default_boxes(SSD300)[:, 2:])
    assert boxes[:, :2].max() < 1
    for same in (SSD512, SSD512_COCO, TINY):  # their steps times sizes are the image
        np.testing.assert_allclose(default_boxes(replace(same, center_rule="cell")), default_boxes(same), atol=1e-7)


def clip_by_hand(box, mode):
    cx, cy, w, h = box
    if mode == "corners":
        x1, y1, x2, y2 = (min(max(v, 0), 1) for v in (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2))
        return (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
    if mode == "cxcywh":
        return tuple(min(max(v, 0), 1) for v in box)
    return (cx, cy, min(w, 1), min(h, 1)) if mode == "size" else tuple(box)


@pytest.mark.parametrize("mode", CLIP_MODES)
def test_each_clip_mode_is_its_definition(mode):
    plain = default_boxes(SSD300)[5776:].astype(np.float64)
    clipped = default_boxes(replace(SSD300, clip_mode=mode))[5776:]
    assert clipped.dtype == np.float32
    np.testing.assert_allclose(clipped, [clip_by_hand(box, mode) for box in plain], atol=2e-7)


@pytest.mark.parametrize(
    ("config", "mode", "changed", "centers", "sizes"),
    [
        # From an independent script over the ports' rules: 134 boxes of VOC300 change where all four numbers are cut,
        # 114 of them in their center and 20 in their size; two of COCO300 where sizes only are.
        (SSD300, "cxcywh", 134, 114, 20),
        (SSD300_COCO, "cxcywh", 116, 114, 2),
        (SSD300_COCO, "size", 2, 0, 2),
        (SSD300, "none", 0, 0, 0),
    ],
)
def test_how_many_boxes_clipping_changes(config, mode, changed, centers, sizes):
    gap = np.abs(default_boxes(replace(config, clip_mode=mode)) - default_boxes(config)) > 1e-6  # (K, 4)
    assert (gap.any(axis=1).sum(), gap[:, :2].any(axis=1).sum(), gap[:, 2:].any(axis=1).sum()) == (
        changed,
        centers,
        sizes,
    )


def test_clipped_corners_leave_nothing_outside():
    corners = cxcywh_to_xyxy(default_boxes(replace(SSD300, clip_mode="corners")))
    assert corners.min() >= -1e-6
    assert corners.max() <= 1 + 1e-6
    still = cxcywh_to_xyxy(default_boxes(replace(SSD300, clip_mode="cxcywh")))
    assert still.min() < -0.1  # where the four numbers are cut, boxes still stick out


@pytest.mark.parametrize("field", ["center_rule", "clip_mode"])
def test_a_rule_that_there_is_not_is_named_with_those_there_are(field):
    with pytest.raises(ValueError, match=rf"{field} must be one of .*'(step|corners)'.* not 'caffe'"):
        default_boxes(replace(TINY, **{field: "caffe"}))


def test_a_caller_that_changes_the_result_changes_nobody_elses():
    mine = default_boxes(TINY)
    before = mine.copy()
    mine[:] = -1
    np.testing.assert_array_equal(default_boxes(TINY), before)


def test_figure():
    image = np.zeros((300, 300, 3), np.uint8)
    _, ax = new_figure()
    draw_default_boxes(ax, image, SSD300.feature_maps[1], SSD300)
    assert len(ax.patches) == 2 + 6  # the cell, the image's border, six boxes
    assert "19 x 19 cells x 6 = 2166" in ax.get_title()
    figure, axes = new_figure(2, 3)
    draw_all_maps(axes, image, SSD300)
    assert [len(ax.patches) - 2 for ax in axes] == [4, 6, 6, 6, 4, 4]
    assert "8732" in figure.get_suptitle()
