"""Hard negative mining on the device: training/hard_negative_mining.py without a sort.

Every background box counts how many background boxes of its image have a larger loss. It is chosen if they are fewer
than the negatives per image. This number depends on the positives of the image alone, so it is computed once, on the
host, for every possible count of positives, and looked up.
"""

import functools

import numpy as np
from numba import cuda, float32, int32, uint8, uint32

from numpyssd.kernels.cuda.runtime.device import blocks_for, gpu, launch
from numpyssd.kernels.cuda.runtime.memory import empty, to_device
from numpyssd.kernels.cuda.runtime.sums import block_sum
from numpyssd.kernels.cuda.ssd.ranking import LANES, NAN, place_in_row
from numpyssd.kernels.shapes import check_same_shape


def positives_kernel(labels, counts):
    """One block = one image, one thread = every 256th box; grid: images; shared: a number a thread.

    labels (N, K): 0 for background; counts (N,) gets the number of the others.
    """
    lanes = cuda.shared.array(LANES, int32)
    image, thread, count = uint32(cuda.blockIdx.x), uint32(cuda.threadIdx.x), int32(0)
    for k in range(thread, uint32(labels.shape[1]), uint32(LANES)):
        if labels[image, k] > 0:
            count = int32(count + int32(1))
    count = block_sum(lanes, thread, count)
    if thread == uint32(0):
        counts[image] = count


def negatives_per_image_kernel(counts, table, wanted):
    """One thread = one row to be ranked, an image or all of them; grid: rows; nothing is shared.

    counts (N,): positives; table: the negatives for each count of positives; wanted (R,): the negatives of each row.
    """
    row = uint32(cuda.grid(1))
    if row < uint32(wanted.size):
        images = uint32(uint32(counts.size) // uint32(wanted.size))  # of a row
        positives = uint32(0)
        for image in range(uint32(row * images), uint32(row * images + images)):
            positives = uint32(positives + uint32(counts[image]))
        wanted[row] = table[positives]


def negatives_kernel(loss, labels, values):
    """One thread = one box; grid: all of them; nothing is shared. values: the loss of background, NaN for the rest."""
    index = uint32(cuda.grid(1))
    if index < uint32(loss.size):
        values[index] = NAN if labels[index] > 0 else loss[index]


def mining_kernel(values, wanted, chosen):
    """One thread = one box of values (R, K); grid: boxes by rows; shared: a tile of 256 losses."""
    tile = cuda.shared.array(LANES, float32)
    index, row = uint32(cuda.grid(1)), uint32(cuda.blockIdx.y)
    inside, count = index < uint32(values.shape[1]), uint32(wanted[row])
    mine = values[row, index] if inside and count > uint32(0) else NAN  # a NaN takes no part in the ranking
    place = place_in_row(values, row, index, mine, tile)
    if inside:
        chosen[row, index] = uint8(1) if mine == mine and place < count else uint8(0)


def hard_negatives(loss, labels, ratio=3, scope="image", min_negatives=0, counts=None):
    """Return (N, K) uint8, 1 for the negatives with the largest loss; see training/hard_negative_mining.py.

    loss: (N, K); labels: (N, K) int32, 0 for background; counts: what ``positives`` gives for them. The mask is the
    reference's to the bit for the same losses. A loss that is NaN raises nothing here, but is never chosen. With scope
    "batch" the work grows with the square of the whole batch.
    """
    check_same_shape("labels", labels, loss.shape)
    if scope not in ("image", "batch"):
        raise ValueError(f"scope must be one of 'image', 'batch', not {scope!r}")
    if not ratio >= 0 or min_negatives < 0:
        raise ValueError(f"ratio and min_negatives must not be negative, but are {ratio} and {min_negatives}")
    loss, labels, chosen = to_device(loss), to_device(labels), empty(loss.shape, np.uint8)
    if not chosen.size:
        return chosen
    counts = positives(labels) if counts is None else counts
    rows, boxes = (1, chosen.size) if scope == "batch" else chosen.shape
    wanted, values = empty((rows,), np.int32), empty((rows, boxes))
    launch(
        negatives_per_image_kernel, blocks_for(rows, 32), 32, counts, _table(gpu(), boxes, ratio, min_negatives), wanted
    )
    flat = (a.reshape(chosen.size) for a in (loss, labels, values))
    launch(negatives_kernel, blocks_for(chosen.size, 256), 256, *flat)
    launch(mining_kernel, (blocks_for(boxes, LANES), rows), LANES, values, wanted, chosen.reshape(rows, boxes))
    return chosen


def positives(labels):
    """Return (N,) int32: how many of labels (N, K) are over 0."""
    counts = empty((len(labels),), np.int32)
    launch(positives_kernel, len(labels), LANES, labels, counts)
    return counts


@functools.lru_cache(8)
def _table(_gpu, boxes, ratio, min_negatives):
    """Return (boxes + 1,) int32 on the device: how many negatives are wanted for each possible number of positives."""
    count = np.arange(boxes + 1)
    wanted = np.zeros(boxes + 1)
    wanted[1:] = ratio * count[1:].astype(np.float64)
    return to_device(np.minimum(np.maximum(wanted, min_negatives), boxes - count).astype(np.int32))
