"""Sampled regions: the counts, the targets, and images that leave nothing to sample."""

import numpy as np
import pytest

from numpyssd.boxes import iou, xyxy_to_cxcywh
from numpyssd.model.box_coding import decode, encode
from numpyssd.rivals.faster_rcnn.proposal_targets import sample_rois

NONE = np.zeros((0, 4), np.float32), np.zeros(0, np.int64)


def near(boxes, rng, count, spread=0.02):
    """Return boxes around those given."""
    chosen = boxes[rng.integers(0, len(boxes), count)]
    return np.clip(chosen + rng.normal(0, spread, chosen.shape), 0, 1).astype(np.float32)


def scene(rng, objects, proposals=300):
    corner = rng.uniform(0, 0.7, (objects, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(0.1, 0.3, (objects, 2))], axis=1).astype(np.float32)
    corner = rng.uniform(0, 0.8, (proposals // 2, 2))
    others = np.concatenate([corner, corner + rng.uniform(0.02, 0.2, (proposals // 2, 2))], axis=1)
    found = np.concatenate([near(boxes, rng, proposals - len(others)), others]) if objects else others
    return found.astype(np.float32), boxes, rng.integers(1, 4, objects)


def test_counts_and_targets(rng):
    proposals, boxes, labels = scene(rng, 6)
    found = sample_rois(proposals, boxes, labels, rng)
    overlaps = iou(boxes, found.boxes)
    best, foreground = overlaps.argmax(axis=0), found.labels > 0
    assert (len(found.labels), foreground.sum()) == (128, 32)
    assert (overlaps.max(axis=0)[foreground] >= 0.5).all()
    assert (overlaps.max(axis=0)[~foreground] < 0.5).all()
    np.testing.assert_array_equal(found.labels[foreground], labels[best[foreground]])
    # In SSD's variances; decoded, each region is its object.
    there = decode(found.offsets[foreground], xyxy_to_cxcywh(found.boxes[foreground]))
    np.testing.assert_allclose(there, boxes[best[foreground]], atol=1e-6)
    assert (found.offsets[~foreground] == 0).all()
    plain = encode(boxes[best[foreground]], xyxy_to_cxcywh(found.boxes[foreground]), (1, 1))
    np.testing.assert_allclose(
        found.offsets[foreground], plain / np.float32([0.1, 0.1, 0.2, 0.2]), rtol=1e-5, atol=1e-6
    )


def test_the_std_applied_twice_is_another_box(rng):
    # Trap 6: targets that are divided once more than the outputs are multiplied.
    proposals, boxes, labels = scene(rng, 6)
    found = sample_rois(proposals, boxes, labels, rng)
    foreground = found.labels > 0
    twice = found.offsets[foreground] / np.float32([0.1, 0.1, 0.2, 0.2])
    regions = xyxy_to_cxcywh(found.boxes[foreground])
    best = iou(boxes, found.boxes[foreground]).argmax(axis=0)
    overlaps = iou(decode(twice, regions), boxes)[np.arange(len(best)), best]
    assert overlaps.mean() < 0.7
    assert iou(decode(found.offsets[foreground], regions), boxes)[np.arange(len(best)), best].min() > 0.999


def test_without_the_ground_truth_nothing_is_foreground_at_first(rng):
    _, boxes, labels = scene(rng, 3)
    grid = np.stack(np.meshgrid(np.arange(8) / 8, np.arange(8) / 8), axis=-1).reshape(-1, 2).astype(np.float32)
    small = np.concatenate([grid, grid + 0.02], axis=1)
    assert (sample_rois(small, boxes, labels, rng, add_ground_truth=False).labels == 0).all()
    assert sorted(sample_rois(small, boxes, labels, rng).labels[:3]) == sorted(labels)


@pytest.mark.parametrize("objects", [0, 1, 200])
def test_any_number_of_objects(objects, rng):
    proposals, boxes, labels = scene(rng, objects)
    found = sample_rois(proposals, boxes, labels, rng, count=64)
    assert len(found.boxes) == len(found.labels) == len(found.offsets) <= 64
    assert (found.labels > 0).sum() <= 16
    assert ((found.labels > 0).sum() > 0) == (objects > 0)


def test_nothing_to_sample_is_no_crash(rng):
    # Trap 7: neither foreground nor background. With a lower limit of 0.1 an image without objects has none at all.
    found = sample_rois(*NONE[:1], *NONE, rng)
    assert (found.boxes.shape, found.labels.shape, found.offsets.shape) == ((0, 4), (0,), (0, 4))
    proposals, _, _ = scene(rng, 0)
    assert len(sample_rois(proposals, *NONE, rng, background_iou=0.1).labels) == 0
    assert len(sample_rois(proposals, *NONE, rng).labels) == 128
    # Only foreground, and less than asked for: fewer regions.
    whole = np.float32([[0, 0, 1, 1]])
    assert sample_rois(whole, whole, [2], rng).labels.tolist() == [2, 2]


def test_boxes_of_no_area(rng):
    flat = np.float32([[0.2, 0.2, 0.2, 0.6], [0.5, 0.5, 0.5, 0.5]])
    proposals, _, _ = scene(rng, 0, 20)
    found = sample_rois(proposals, flat, [1, 2], rng)
    assert (found.labels == 0).all()
    assert len(found.labels) == len(proposals)
    # A proposal of no area is background.
    assert sample_rois(flat, np.float32([[0, 0, 1, 1]]), [1], rng).labels.tolist() == [1, 0, 0]


def test_the_arrays_of_who_asks_stay_as_they_were(rng):
    proposals, boxes, labels = scene(rng, 4)
    before = proposals.copy(), boxes.copy(), labels.copy()
    sample_rois(proposals, boxes, labels, rng)
    for array, copy in zip((proposals, boxes, labels), before):
        np.testing.assert_array_equal(array, copy)
