"""Suppression on the processor in the GPU's place: the reference's indices, to the last one."""

import numpy as np
import pytest
from checking import host, normal

from numpyssd.boxes import iou
from numpyssd.inference.nms import nms as by_numpy
from numpyssd.kernels.cuda.runtime.memory import to_device
from numpyssd.kernels.cuda.ssd.nms import nms, suppress


def made_up(rng, count, spread=1.0):
    corner, size = rng.random((count, 2)) * spread, rng.random((count, 2)) * 0.5
    boxes = np.concatenate([corner, corner + size], axis=1).astype(np.float32)
    return boxes, rng.random(count).astype(np.float32)


def check(boxes, scores, *options):
    found = nms(boxes, scores, *options)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, by_numpy(boxes, scores, *options))
    return found


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 128, 130, 300, 513])
@pytest.mark.parametrize("threshold", [0.45, 0.0, 1.0, -1.0])
def test_the_reference_s_indices(gpu, rng, count, threshold):
    check(*made_up(rng, count), threshold)


@pytest.mark.parametrize("top_k", [0, 1, 64, 65, 199, 200, 400, None])
def test_top_k(gpu, rng, top_k):
    check(*made_up(rng, 200), 0.3, top_k)


@pytest.mark.parametrize("levels", [1, 3])
def test_equal_scores(gpu, rng, levels):
    boxes, scores = made_up(rng, 200)
    check(boxes, np.floor(scores * levels), 0.3, 150)


def test_scores_that_are_infinite_or_negative(gpu, rng):
    boxes, scores = made_up(rng, 100)
    scores[:10], scores[10:20], scores[20:40], scores[40] = np.inf, -np.inf, -scores[20:40], -0.0
    check(boxes, scores)


def test_exactly_at_the_threshold_a_box_stays(gpu, rng):
    """Small whole coordinates: many IoUs are 1/2, 1/3, 2/3 and so on, rounded to float32."""
    corner = rng.integers(0, 6, (400, 2))
    boxes = np.concatenate([corner, corner + rng.integers(1, 5, (400, 2))], axis=1).astype(np.float32)
    scores = rng.random(400).astype(np.float32)
    for threshold in (0.25, 1 / 3, 0.5, 2 / 3, 0.2):
        assert (iou(boxes, boxes) == np.float32(threshold)).any()
        check(boxes, scores, threshold)


def test_thresholds_that_are_the_very_overlap_of_two_boxes(gpu, rng):
    """One unit in the last place more or less in an IoU would keep or remove another box."""
    boxes, scores = made_up(rng, 150, spread=0.3)
    overlaps = np.unique(iou(boxes, boxes))
    for overlap in rng.choice(overlaps[overlaps > 0.1], 20):
        for threshold in (overlap, np.nextafter(overlap, np.float32(0)), np.nextafter(overlap, np.float32(1))):
            check(boxes, scores, float(threshold))


def test_boxes_that_enclose_no_finite_area(gpu, rng):
    boxes, scores = made_up(rng, 150)
    boxes[:10, 2] = boxes[:10, 0]  # no width
    boxes[10:20] = boxes[10:20, [2, 3, 0, 1]]  # inverted
    boxes[20:30, 1] = np.nan
    boxes[30:40, 2] = np.inf
    boxes[40:45] = [-np.inf, -np.inf, np.inf, np.inf]
    boxes[45:50] = [-1e30, -1e30, 1e30, 1e30]  # whose area overflows
    boxes[50:55] = [-4e18, -4e18, 4e18, 4e18]  # whose area is just a number
    boxes[65:70] = [-6e18, -6e18, 6e18, 6e18]  # whose area is a number, but not twice
    boxes[55:60] = [0, 0, 1e-25, 1e-25]  # whose area is 0
    boxes[60:65] = [0, 0, 1e-20, 1e-20]  # whose area has few digits left
    with np.errstate(over="ignore", invalid="ignore"):
        for threshold in (0.45, 0.0, -0.5, 1e-3):
            check(boxes, scores, threshold)


def test_many_large_coordinates(gpu, rng):
    boxes, scores = made_up(rng, 200)
    check(boxes * np.float32(1e6), scores)
    check(boxes * np.float32(1e-18), scores)


def test_a_removed_box_removes_nobody(gpu):
    boxes = np.array([[0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]], np.float32)
    assert check(boxes, np.array([3, 2, 1], np.float32), 0.4).tolist() == [0, 2]


def test_as_many_as_ssd300_has(reusing_gpu, rng):
    boxes, scores = made_up(rng, 8732)
    check(boxes, scores, 0.45, 400)
    check(boxes[:3000], np.round(scores[:3000], 2))
    assert reusing_gpu.downloads == 2


def test_classes_of_several_images_at_once(gpu, rng):
    boxes = np.stack([made_up(rng, 150)[0] for _ in range(2)])
    scores = np.round(normal(rng, (6, 150))[0], 1)
    scores[rng.random(scores.shape) < 0.3] = np.nan
    scores[4] = np.nan
    survivors, of_survivors = host(suppress(to_device(boxes), to_device(scores), 0.3, 70))
    for row, (ours, their_scores) in enumerate(zip(survivors, of_survivors)):
        candidates = np.flatnonzero(~np.isnan(scores[row]))
        theirs = candidates[by_numpy(boxes[row // 3, candidates], scores[row, candidates], 0.3, 70)]
        np.testing.assert_array_equal(ours[ours >= 0], theirs)
        np.testing.assert_array_equal(their_scores[ours >= 0], scores[row, theirs])
        assert np.isnan(their_scores[ours < 0]).all()


def test_errors(gpu, rng):
    boxes, scores = made_up(rng, 5)
    for wrong, words in (
        ((boxes, scores[:4]), "scores must have"),
        ((boxes, np.full(5, np.nan, np.float32)), "NaN"),
        ((boxes, scores, np.nan), "iou_threshold"),
        ((boxes, scores, 0.5, -1), "top_k"),
    ):
        with pytest.raises(ValueError, match=words):
            nms(*wrong)


def test_more_boxes_than_the_shared_memory_has_bits_for(gpu):
    with pytest.raises(ValueError, match="lower top_k"):
        nms(np.zeros((65537, 4), np.float32), np.zeros(65537, np.float32))
