from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.config import SSD300, SSD512, TINY
from numpyssd.datasets.analysis.best_iou import best_ious
from numpyssd.model.default_boxes import default_boxes


def by_all_pairs(boxes, config):
    overlaps = iou(boxes, cxcywh_to_xyxy(default_boxes(config)))
    return overlaps.max(axis=1), (overlaps >= 0.5).sum(axis=1)


def some_boxes(rng, count, largest=0.6):
    centers, sides = rng.random((count, 2)), rng.uniform(0.03, largest, (count, 2))
    return np.concatenate([centers - sides / 2, centers + sides / 2], axis=1)


@pytest.mark.parametrize("config", [TINY, SSD300, SSD512])
def test_equals_comparing_all_pairs(config, rng):
    boxes = some_boxes(rng, 60, largest=0.2)
    best, count = best_ious(boxes, config)
    wanted_best, wanted_count = by_all_pairs(boxes, config)
    np.testing.assert_allclose(best, wanted_best, atol=1e-5)
    assert (count == wanted_count).mean() > 0.9  # an IoU of one half may fall to either side
    assert np.abs(count - wanted_count).max() <= 2


def test_a_large_count_may_fall_short_but_the_best_iou_may_not(rng):
    dense = replace(TINY, feature_maps=(replace(TINY.feature_maps[0], scale_px=60, next_scale_px=60),))
    boxes = some_boxes(rng, 20, largest=0.95)
    best, count = best_ious(boxes, dense)
    wanted_best, wanted_count = by_all_pairs(boxes, dense)
    np.testing.assert_allclose(best, wanted_best, atol=1e-5)
    assert (count <= wanted_count).all()
    assert ((count >= wanted_count) | (count >= 8)).all()


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_the_best_iou_for_any_box(seed):
    boxes = some_boxes(np.random.default_rng(seed), 5, largest=1.5)
    np.testing.assert_allclose(best_ious(boxes, TINY)[0], by_all_pairs(boxes, TINY)[0], atol=1e-5)


def test_no_boxes():
    best, count = best_ious(np.zeros((0, 4)), TINY)
    assert best.shape == count.shape == (0,)
