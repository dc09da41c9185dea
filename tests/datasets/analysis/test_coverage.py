from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.config import SSD300, TINY, FeatureMap
from numpyssd.datasets.analysis import coverage as module
from numpyssd.datasets.analysis.coverage import (
    Coverage,
    Objects,
    all_objects,
    coverage,
    coverage_warnings,
    draw_coverage,
    input_sizes,
)
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.dataset import Annotation
from numpyssd.drawing import COLORS
from numpyssd.model.default_boxes import default_boxes

# Two maps of 2 x 2 and 1 x 1 cells on 8 pixels: squares of 2 and sqrt(2 * 4), and of 4 and sqrt(4 * 8).
TWO_MAPS = replace(
    TINY, name="two", image_size=8, feature_maps=(FeatureMap("near", 2, 4, 2, 4, ()), FeatureMap("far", 1, 8, 4, 8, ()))
)


def dataset(*images):
    """Return a data set of pairs ((width, height), boxes) with one class."""
    pixels = [np.zeros((height, width, 3), np.uint8) for (width, height), _ in images]
    return AnnotatedImages(("thing",), pixels, [Annotation.of(boxes, np.ones(len(boxes))) for _, boxes in images])


def test_objects_are_taken_as_if_the_image_were_warped_to_a_square():
    objects = all_objects(dataset(((40, 20), [[0, 0, 20, 10]]), ((10, 10), []), ((10, 20), [[5, 5, 10, 10]])))
    assert objects.images.tolist() == [0, 2]
    assert objects.labels.tolist() == [1, 1]
    assert objects.boxes.tolist() == [[0, 0, 0.5, 0.5], [0.5, 0.25, 1, 0.5]]
    assert input_sizes(objects, replace(TINY, image_size=100)) == pytest.approx([50, np.sqrt(50 * 25)])


def test_no_image_is_decoded():
    data = AnnotatedImages(("thing",), ["gone.jpg"], [Annotation.of([[0, 0, 20, 10]], [1])], [(40, 20)])
    assert all_objects(data).boxes.tolist() == [[0, 0, 0.5, 0.5]]


def test_by_hand():
    boxes = np.float32([[1, 1, 3, 3], [5, 1, 7, 3], [2, 2, 6, 6], [0, 0, 8, 8], [0, 0, 1, 1], [1.5, 1, 3.5, 3]]) / 8
    found = coverage(boxes, TWO_MAPS)
    assert found.feature_map.tolist() == [0, 0, 1, 1, -1, 0]
    # The whole image and the square of 4 * sqrt(2), half its area; a box of 1 x 1 in a corner, which the square of
    # 2.83 around (2, 2) covers from 0.59 on; and one that lies half a pixel off.
    corner = (1 - (2 - np.sqrt(2))) ** 2
    assert found.best_iou == pytest.approx([1, 1, 1, 0.5, corner / (9 - corner), 1.5 * 2 / (8 - 3)], abs=1e-6)
    assert found.sampled.tolist() == list(range(6))


def test_an_iou_of_exactly_one_half_is_enough():
    half_a_default_box = np.float32([[1, 1, 3, 2]]) / 8
    found = coverage(half_a_default_box, TWO_MAPS)
    assert found.best_iou.tolist() == [0.5]
    assert found.feature_map.tolist() == [0]


def test_by_its_definition():
    rng = np.random.default_rng(0)
    low, size = rng.random((300, 2)), rng.random((300, 2))  # more than one block of 256
    boxes = np.concatenate([low, low + size], axis=1).astype(np.float32)
    found = coverage(boxes, TINY)
    defaults = cxcywh_to_xyxy(default_boxes(TINY)).astype(np.float64)
    ends = np.cumsum([m.size**2 * m.boxes_per_cell for m in TINY.feature_maps])
    assert ends[-1] == len(defaults)
    for i in range(0, 300, 7):
        shared = np.maximum(0, np.minimum(boxes[i, 2:], defaults[:, 2:]) - np.maximum(boxes[i, :2], defaults[:, :2]))
        shared = shared.prod(axis=1)
        areas = (defaults[:, 2:] - defaults[:, :2]).prod(axis=1) + (boxes[i, 2:] - boxes[i, :2]).prod()
        overlaps = shared / (areas - shared)
        assert found.best_iou[i] == pytest.approx(overlaps.max(), abs=1e-5)
        on_map = next(k for k, end in enumerate(ends) if overlaps.argmax() < end)
        assert found.feature_map[i] == (on_map if overlaps.max() >= 0.5 else -1)


def test_every_default_box_reaches_itself_on_its_own_map():
    boxes = cxcywh_to_xyxy(default_boxes(SSD300))
    found = coverage(boxes, SSD300)
    expected = np.repeat(range(6), [5776, 2166, 600, 150, 36, 4])
    assert found.best_iou == pytest.approx(np.ones(8732), abs=1e-5)
    # Boxes of two maps may coincide to the last bit, and then the lower index wins.
    assert (found.feature_map == expected).mean() > 0.999


def test_no_objects():
    found = coverage(np.zeros((0, 4), np.float32), TINY)
    assert [len(part) for part in found] == [0, 0, 0]
    assert all_objects(dataset(((10, 10), []))).boxes.shape == (0, 4)
    assert all_objects(dataset()).boxes.shape == (0, 4)


def test_many_objects_are_sampled_evenly(monkeypatch):
    boxes = np.tile(np.float32([0.2, 0.2, 0.5, 0.5]), (100, 1))
    monkeypatch.setattr(module, "MAX_PAIRS", 10 * len(default_boxes(TINY)))
    assert coverage(boxes, TINY).sampled.tolist() == list(range(0, 100, 10))


def warn(sides, feature_map, labels=None, names=("thing",), sampled=None, config=TINY):
    """Warnings for objects of the given width and height in pixels of TINY's input, of which some are covered."""
    sides = np.float32(sides) / TINY.image_size
    labels = np.ones(len(sides), np.int64) if labels is None else np.array(labels)
    objects = Objects(None, labels, None, np.concatenate([np.zeros_like(sides), sides], axis=1))
    sampled = np.arange(len(sides)) if sampled is None else np.array(sampled)
    return coverage_warnings(names, objects, Coverage(sampled, None, np.array(feature_map)), config)


def test_warnings_say_what_to_do():
    assert warn([[40, 40]] * 10, [0] * 9 + [-1]) == []  # exactly 90 % is enough
    (small,) = warn([[5, 5]] * 10, [0] * 8 + [-1] * 2)
    assert small.startswith("warning: only 80 % of all objects covered")
    assert f"under {TINY.feature_maps[0].scale_px} px" in small
    assert small.endswith("train with a larger image")  # 5 px get lost between cells that are 4 px apart
    coarse = replace(TINY, feature_maps=(FeatureMap("conv4_3", 12, 8, 28, 40, ()),))
    (narrow,) = warn([[17, 17]] * 10, [-1] * 10, config=coarse)
    assert narrow.endswith("under 28 px; train with smaller boxes or a larger image")
    (long,) = warn([[90, 15]] * 2, [-1, 0])
    assert "longer than 2 : 1" in long
    assert "more aspect ratios" in long
    (between,) = warn([[60, 50]] * 2, [-1, -1])
    assert "only 0 %" in between
    assert "more scales" in between
    assert "only 89 %" in warn([[60, 50]] * 1000, [-1] * 101 + [0] * 899)[0]  # cut off, not rounded to 90


def test_warnings_come_for_each_class_the_worst_first():
    feature_map = [-1, 0, 0, 0, -1, -1, -1, 0, 1, 1, 1, 1]
    labels = [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
    texts = warn([[40, 40]] * 12, feature_map, labels, ("a", "b", "c"))
    assert [text.split(" covered")[0] for text in texts] == [
        "warning: only 66 % of all objects",
        "warning: only 25 % of b",
        "warning: only 75 % of a",
    ]


def test_warnings_look_at_the_sample_only():
    assert warn([[40, 40]] * 4, [0, 0], sampled=[1, 3], labels=[2, 1, 2, 1], names=("a", "b")) == []
    (one, two) = warn([[40, 40], [40, 40], [2, 2], [40, 40]], [0, -1], sampled=[1, 2], labels=[2, 1, 2, 1], names="ab")
    assert "50 % of all" in one
    assert "0 % of b" in two
    assert "under 8 px" in two


def test_the_figure_is_blue_where_a_default_box_covers_and_red_where_none_does():
    ax = Figure().subplots()
    boxes = np.array([[10, 10, 20, 20], [0, 0, 2, 60]], np.float32)
    draw_coverage(ax, np.zeros((64, 64, 3), np.uint8), boxes, TINY)
    colors = [to_hex(patch.get_edgecolor()).upper() for patch in ax.patches]
    assert colors == [COLORS[role].upper() for role in ("ground truth", "ground truth", "positive", "negative")]
    assert ax.get_title() == "1 of 2 covered"
