"""From the network's raw outputs to detections, on the device: inference/postprocess.py for a whole batch.

Everything stays on the GPU until the best of all classes are known; then one download fetches them.
"""

import numpy as np
from numba import cuda, float32, uint32

from numpyssd.boxes import MAX_COORDINATE
from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import empty, to_device, to_host
from numpyssd.kernels.cuda.ssd.decode import clipped, decode, scores_by_class
from numpyssd.kernels.cuda.ssd.nms import BITS, suppress
from numpyssd.kernels.cuda.ssd.ranking import best_of_rows
from numpyssd.kernels.shapes import check_nms, check_same_shape

MASK_BYTES = 2**28  # of the bits that tell which boxes overlap; images that need more go one after the other


def detections_kernel(best, survivors, scores, boxes, places, detections):
    """One thread = one detection of one image; grid: detections by images; nothing is shared.

    best (N, D): where in survivors and scores (N, classes x places) each is; detections (N, D, 6) gets the box (clipped
    to the image), the label and the score: label 0 where there is none.
    """
    place, image = uint32(cuda.grid(1)), uint32(cuda.blockIdx.y)
    if place < uint32(best.shape[1]):
        label, score = float32(0.0), float32(0.0)
        row = uint32(0)
        if best[image, place] >= 0:
            found = uint32(best[image, place])
            label = float32(uint32(found // places) + uint32(1))
            score = scores[image, found]
            row = uint32(survivors[image, found])
        for i in range(4):
            detections[image, place, i] = clipped(boxes[image, row, i], float32(0.0), float32(1.0))
        detections[image, place, 4] = label
        detections[image, place, 5] = score


def postprocess(
    loc, conf, default_boxes, score_threshold=0.01, nms_threshold=0.45, top_k=400, keep_top_k=200,
    clip_before_nms=False, size_limit=None,
):  # fmt: skip
    """Return the detections of a batch: for each image boxes (D, 4), labels (D,) and scores (D,) on the host.

    loc: (N, K, 4), conf: (N, K, C), default_boxes: (K, 4); see inference/postprocess.py. Scores and boxes differ from
    the reference's by rounding; so may the order of two scores that are nearly equal, or what is nearly at a limit.
    """
    images, count, classes = conf.shape
    check_same_shape("loc", loc, (images, count, 4))
    check_same_shape("default_boxes", default_boxes, (count, 4))
    check_nms(np.zeros((0, 4)), np.zeros(0), nms_threshold, top_k)
    if keep_top_k is not None and keep_top_k < 0:
        raise ValueError(f"keep_top_k must be 0 or more, or None for all detections, not {keep_top_k}")
    places = min(count, count if top_k is None else top_k)  # of a class
    kept = min((classes - 1) * places, (classes - 1) * places if keep_top_k is None else keep_top_k)
    if not kept * images:
        return [(np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, np.float32)) for _ in range(images)]
    loc, conf = to_device(loc), to_device(conf)
    default_boxes = default_boxes.astype(np.float32) if isinstance(default_boxes, np.ndarray) else default_boxes
    low, high = (0, 1) if clip_before_nms else (-MAX_COORDINATE, MAX_COORDINATE)
    boxes = decode(loc, to_device(default_boxes), size_limit, low, high)
    scores, detections = scores_by_class(loc, conf, score_threshold), empty((images, kept, 6))
    at_once = max(1, min(MASK_BYTES // ((classes - 1) * places * blocks_for(places, BITS) * 8), 65535 // (classes - 1)))
    for first in range(0, images, at_once):
        part = first, min(first + at_once, images)
        _detect(boxes.part(*part), scores.part(*part), nms_threshold, places, detections.part(*part))
    return [_of_image(rows) for rows in to_host(detections)]


def _detect(boxes, scores, nms_threshold, places, detections):
    """Write the best of all classes into detections (N, D, 6)."""
    images, classes, count = scores.shape
    survivors, of_survivors = suppress(boxes, scores.reshape(images * classes, count), nms_threshold, places)
    survivors, of_survivors = (a.reshape(images, classes * places) for a in (survivors, of_survivors))
    best = best_of_rows(of_survivors, detections.shape[1])
    grid = blocks_for(detections.shape[1], 128), images
    launch(detections_kernel, grid, 128, best, survivors, of_survivors, boxes, np.uint32(places), detections)


def _of_image(rows):
    """Return boxes, labels and scores from an image's rows (D, 6), without those that are none."""
    rows = rows[rows[:, 4] > 0]
    return rows[:, :4].copy(), rows[:, 4].astype(np.int64), rows[:, 5].copy()
