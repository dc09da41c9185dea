"""Non-maximum suppression on the device, of all classes of all images at once: inference/nms.py in three steps.

1. The best boxes of each class are gathered, best first.
2. All pairs are compared at once, 64 x 64 in a block. A bit says that a box overlaps a later one too much.
3. One block for each class goes down the list. A box whose bit is not set stays, and sets the bits of all boxes that it
   overlaps.

The result has the reference's bits for the same boxes and scores. So every step must round as NumPy does: no product
and sum may be rounded once (fma), which a compiler does where it sees both. Therefore areas go through memory, and the
intersection goes through a minimum that changes nothing.
"""

import numpy as np
from numba import cuda, float32, uint32, uint64

from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import DeviceArray, empty, to_device, to_host
from numpyssd.kernels.cuda.ssd.ranking import NAN, NONE, best_of_rows
from numpyssd.kernels.shapes import check_nms

BITS = 64  # of a word: the boxes along either side of a block of pairs
WORDS = 1024  # of shared memory: so 65536 boxes of a class
LARGEST_AREA = np.finfo(np.float32).max / 4  # as in boxes.py
TINY = np.finfo(np.float32).tiny


def gather_kernel(boxes, scores, best, best_boxes, best_scores):
    """One thread = one place of one class; grid: places by classes; nothing is shared.

    boxes (N, K, 4), scores (Z, K) with Z / N classes an image, best (Z, T) indices. best_boxes (Z, T, 5) gets box and
    area, zeros for a box that encloses no finite area, or for none; best_scores (Z, T) the score, NaN for none.
    """
    place, row = uint32(cuda.grid(1)), uint32(cuda.blockIdx.y)
    if place < uint32(best.shape[1]):
        image = uint32(row // uint32(uint32(best.shape[0]) // uint32(boxes.shape[0])))
        x1, y1, x2, y2 = float32(0.0), float32(0.0), float32(0.0), float32(0.0)
        score = NAN
        if best[row, place] >= 0:
            index = uint32(best[row, place])
            x1, y1, x2, y2 = (
                boxes[image, index, 0],
                boxes[image, index, 1],
                boxes[image, index, 2],
                boxes[image, index, 3],
            )
            score = scores[row, index]
        width, height = x2 - x1, y2 - y1
        area = width * height
        proper = width > float32(0.0) and height > float32(0.0) and area < LARGEST_AREA
        best_boxes[row, place, 0] = x1 if proper else float32(0.0)
        best_boxes[row, place, 1] = y1 if proper else float32(0.0)
        best_boxes[row, place, 2] = x2 if proper else float32(0.0)
        best_boxes[row, place, 3] = y2 if proper else float32(0.0)
        best_boxes[row, place, 4] = area if proper else float32(0.0)
        best_scores[row, place] = score


def overlaps_kernel(boxes, masks, threshold):
    """One thread = one box against 64 later ones; one block = 64 x 64 pairs; grid: later x earlier boxes x classes.

    Shared: the 64 later boxes. boxes (Z, T, 5); bit b of masks[z, i, w] is set if box 64 w + b comes after box i, and
    their IoU is over the threshold.
    """
    later = cuda.shared.array((BITS, 5), float32)
    thread, word, z = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.x), uint32(cuda.blockIdx.z)
    places = uint32(boxes.shape[1])
    first = uint32(word * uint32(BITS))
    mine = uint32(cuda.blockIdx.y * uint32(BITS) + thread)
    if uint32(first + thread) < places:
        for i in range(5):
            later[thread, i] = boxes[z, uint32(first + thread), i]
    cuda.syncthreads()
    if mine < places and word >= uint32(cuda.blockIdx.y):  # earlier words are never read
        x1, y1, x2, y2 = boxes[z, mine, 0], boxes[z, mine, 1], boxes[z, mine, 2], boxes[z, mine, 3]
        area = boxes[z, mine, 4]
        bits = uint64(0)
        for b in range(min(uint32(BITS), uint32(places - first))):
            if uint32(first + b) > mine:
                width = max(min(x2, later[b, 2]) - max(x1, later[b, 0]), float32(0.0))
                height = max(min(y2, later[b, 3]) - max(y1, later[b, 1]), float32(0.0))
                # An intersection is never larger than a box, not even rounded, so this minimum changes nothing. But
                # it stands between the product and the subtraction, which else could become an fma.
                shared = min(width * height, area)
                union = area + later[b, 4] - shared
                if shared / max(union, TINY) > threshold:
                    bits |= uint64(1) << uint64(b)
        masks[z, mine, word] = bits


def survivors_kernel(best, masks, scores):
    """One block = one class, one thread = every 64th word of its bits; grid: classes; shared: a bit for each box.

    best (Z, T): indices, -1 at the end. Those of boxes that are removed become -1, and their scores (Z, T) NaN.
    """
    removed = cuda.shared.array(WORDS, uint64)
    z, thread = uint32(cuda.blockIdx.x), uint32(cuda.threadIdx.x)
    places, words = uint32(best.shape[1]), uint32(masks.shape[2])
    for word in range(thread, words, uint32(BITS)):
        removed[word] = uint64(0)
    cuda.syncthreads()
    for place in range(places):
        word, bit = uint32(place // uint32(BITS)), uint64(uint64(1) << uint64(place % uint32(BITS)))
        # All threads see the same bit: a box sets only bits of later ones, and that before the barrier.
        if (removed[word] & bit) == uint64(0) and scores[z, place] == scores[z, place]:
            for w in range(uint32(word // uint32(BITS) * uint32(BITS) + thread), words, uint32(BITS)):
                if w >= word:
                    removed[w] |= masks[z, place, w]
            cuda.syncthreads()
    cuda.syncthreads()  # until all threads are at the end of the list, which now changes
    for place in range(thread, places, uint32(BITS)):
        if removed[uint32(place // uint32(BITS))] & (uint64(1) << uint64(place % uint32(BITS))):
            best[z, place] = NONE
            scores[z, place] = NAN


def suppress(boxes, scores, iou_threshold, top_k):
    """Return the indices of each class that survive (Z, T) int32, best first, and their scores (Z, T); T <= top_k.

    boxes: (N, K, 4) and scores: (Z, K) on the device, with Z / N classes for each image; a NaN takes no part. Removed
    boxes have -1 and NaN. Neither Z nor K nor top_k may be 0; Z is 65535 at most.
    """
    rows, places = len(scores), min(scores.shape[1], scores.shape[1] if top_k is None else top_k)
    words = blocks_for(places, BITS)
    if words > WORDS:
        raise ValueError(
            f"{places} boxes of a class are more than the {WORDS * BITS} that can be compared: lower top_k"
        )
    best = best_of_rows(scores, places)
    best_boxes, best_scores, masks = (
        empty((rows, places, 5)),
        empty((rows, places)),
        empty((rows, places, words), np.uint64),
    )
    launch(gather_kernel, (blocks_for(places, 128), rows), 128, boxes, scores, best, best_boxes, best_scores)
    launch(overlaps_kernel, (words, words, rows), BITS, best_boxes, masks, np.float32(iou_threshold))
    launch(survivors_kernel, rows, BITS, best, masks, best_scores)
    return best, best_scores


def nms(boxes, scores, iou_threshold=0.45, top_k=None):
    """Return the indices (kept,) int64 of boxes (N, 4) with scores (N,) that survive, best first, on the host.

    See inference/nms.py. The threshold counts as float32. Scores that lie on the device raise nothing where they are
    NaN: they take no part.
    """
    if not isinstance(boxes, DeviceArray) and not isinstance(scores, DeviceArray):
        check_nms(boxes, scores, iou_threshold, top_k)
    boxes, scores = to_device(boxes), to_device(scores)
    if not scores.size or top_k == 0:
        return np.zeros(0, np.int64)
    best, _ = suppress(boxes.reshape(1, *boxes.shape), scores.reshape(1, scores.size), iou_threshold, top_k)
    best = to_host(best)[0].astype(np.int64)
    return best[best >= 0]
