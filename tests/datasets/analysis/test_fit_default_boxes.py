from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from numpyssd.config import SSD300, TINY
from numpyssd.datasets.analysis import fit_default_boxes as fitting
from numpyssd.datasets.analysis.best_iou import best_ious, coverage_table
from numpyssd.datasets.analysis.box_numbers import MAX_SCALE, with_numbers
from numpyssd.datasets.analysis.coverage import Objects
from numpyssd.datasets.analysis.fit_default_boxes import draw_fit, fit_default_boxes


def objects(sizes, labels=None, seed=0, image_size=300):
    """Return objects of the given widths and heights in pixels, anywhere in the image."""
    sides = np.asarray(sizes, float) / image_size
    corners = np.random.default_rng(seed).random((len(sides), 2)) * (1 - sides)
    labels = np.ones(len(sides), np.int64) if labels is None else np.asarray(labels)
    boxes = np.concatenate([corners, corners + sides], axis=1).astype(np.float32)
    return Objects(np.arange(len(sides)), labels, np.zeros(len(sides), bool), boxes)


SMALL = objects([[18, 18]] * 80)  # SSD300's smallest default box is 30


def covered(found, config):
    return (best_ious(found.boxes, config)[0] >= 0.5).mean()


def test_small_objects_are_covered_after_the_fit():
    fitted = fit_default_boxes(SMALL, SSD300)
    assert covered(SMALL, SSD300) < 0.05
    assert covered(SMALL, fitted) > 0.9
    assert fitted.feature_maps[0].scale_px < 25


def test_long_objects_get_long_boxes():
    long = objects([[200, 50]] * 60)
    fitted = fit_default_boxes(long, SSD300)
    before, after = (best_ious(long.boxes, config)[1].mean() for config in (SSD300, fitted))
    assert after > before
    assert covered(long, fitted) >= covered(long, SSD300)


def test_only_numbers_change():
    fitted = fit_default_boxes(SMALL, SSD300)
    for before, after in zip(SSD300.feature_maps, fitted.feature_maps, strict=True):
        assert (before.name, before.size, before.step) == (after.name, after.size, after.step)
        assert before.boxes_per_cell == after.boxes_per_cell
    assert replace(fitted, feature_maps=SSD300.feature_maps) == SSD300


@pytest.mark.parametrize("found", [SMALL, objects([[290, 290]] * 9), objects([[9, 90], [90, 9], [150, 140]])])
def test_scales_are_whole_pixels_in_order_and_each_is_the_next_of_the_one_before(found):
    rows = fit_default_boxes(found, SSD300).feature_maps
    scales = [*(row.scale_px for row in rows), rows[-1].next_scale_px]
    assert scales == sorted(set(scales))
    assert all(scale == int(scale) >= 1 for scale in scales)
    assert [row.next_scale_px for row in rows[:-1]] == scales[1:-1]
    assert all(row.scale_px <= max(MAX_SCALE * row.step, old.scale_px) for row, old in zip(rows, SSD300.feature_maps))


def test_nothing_gets_worse():
    for seed in range(4):
        rng = np.random.default_rng(seed)
        found = objects(rng.uniform(15, 250, (40, 2)), rng.integers(1, 4, 40), seed)
        fitted = fit_default_boxes(found, SSD300)
        labels = found.labels
        scores = []
        for config in (SSD300, fitted):
            count = best_ious(found.boxes, config)[1]
            value = (count > 0) + np.minimum(count / fitting.WANTED_BOXES, 1)
            scores.append(np.mean([value[labels == label].mean() for label in np.unique(labels)]))
        assert scores[1] >= scores[0]


def test_a_rare_class_counts_as_much_as_a_common_one():
    common, rare = [[60, 60]] * 300, [[18, 18]] * 6
    found = objects(common + rare, [1] * 300 + [2] * 6)
    fitted = fit_default_boxes(found, SSD300)
    assert (best_ious(found.boxes[300:], fitted)[0] >= 0.5).mean() > 0.8


def test_the_report_shows_each_class_before_and_after():
    text = coverage_table(("dot", "unused"), SMALL, SSD300, fit_default_boxes(SMALL, SSD300))
    row = next(line for line in text.splitlines() if line.startswith("dot"))
    before, after = row.split()[1], row.split()[3]
    assert float(before) < 5
    assert float(after) > 90
    assert "unused" not in text
    assert "conv4_3" in text


def test_the_same_every_time():
    assert fit_default_boxes(SMALL, SSD300) == fit_default_boxes(SMALL, SSD300)


def test_without_objects_nothing_changes():
    assert fit_default_boxes(objects(np.zeros((0, 2))), TINY) is TINY


def test_what_is_covered_already_stays():
    square = objects([[64, 64]] * 20)
    enough = with_numbers(SSD300, [30, 64, 111, 162, 213, 264, 315], [row.aspect_ratios for row in SSD300.feature_maps])
    if (best_ious(square.boxes, enough)[1] >= fitting.WANTED_BOXES).all():
        assert fit_default_boxes(square, enough) == enough
    else:
        pytest.fail("the example must have enough default boxes to begin with")


def test_the_figure_shows_every_object_and_every_shape():
    ax = Figure().subplots()
    draw_fit(ax, SMALL, SSD300, fit_default_boxes(SMALL, SSD300))
    points, before, after = ax.lines
    assert len(points.get_xdata()) == len(SMALL.boxes)
    assert len(before.get_xdata()) == len(after.get_xdata()) == sum(row.boxes_per_cell for row in SSD300.feature_maps)
