"""The MultiBox loss on the device: training/multibox_loss.py, in two passes over the logits with the mining between.

The first pass computes the background loss of each box, by which the negatives are mined. The second adds up the loss
of the boxes that are trained and writes every gradient. The sums stay on the device, as a few numbers for each block of
boxes, until read_losses.py downloads them. So a training step waits for nothing in between.
"""

import math

import numpy as np
from numba import cuda, float32, uint32

from numpyssd.kernels.backend import Losses
from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import empty, to_device
from numpyssd.kernels.cuda.runtime.sums import block_sum
from numpyssd.kernels.cuda.ssd.losses import clip, largest_of, sum_of_powers
from numpyssd.kernels.cuda.ssd.mining import hard_negatives, positives
from numpyssd.kernels.cuda.ssd.ranking import NAN
from numpyssd.kernels.shapes import check_same_shape

LANES = 128  # boxes of a block


def background_loss_kernel(conf, loss):
    """One thread = one row of conf (M, C); grid: all rows; nothing is shared. loss: the cross-entropy of class 0."""
    row = uint32(cuda.grid(1))
    if row < uint32(loss.size):
        top = largest_of(conf, row)
        loss[row] = math.log(sum_of_powers(conf, row, top)) - (conf[row, 0] - top)


def divisors_kernel(counts, divisors, by_image):
    """One thread = one image; grid: images; nothing is shared. counts: positives; divisors: of the losses."""
    image = uint32(cuda.grid(1))
    if image < uint32(counts.size):
        total = uint32(counts[image])
        if by_image:
            total = uint32(max(total, uint32(1)) * uint32(counts.size))
        else:
            total = uint32(0)
            for other in range(uint32(counts.size)):
                total = uint32(total + uint32(counts[other]))
        divisors[image] = float32(max(total, uint32(1)))


def multibox_kernel(loc, conf, loc_targets, labels, chosen, divisors, dloc, dconf, sums, alpha):
    """One thread = one default box; one block = 128 boxes of an image; grid: boxes by images; shared: 128 numbers.

    All but divisors (N,) are cut to a row for each box, image after image. sums (N, blocks, 4) gets for each
    block: the divided losses of loc and conf, the positives and the negatives.
    """
    lanes = cuda.shared.array(LANES, float32)
    thread, image, boxes = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.y), uint32(labels.shape[1])
    box = uint32(cuda.grid(1))
    row = uint32(image * boxes + box)
    loc_loss, conf_loss, is_positive, is_negative = float32(0.0), float32(0.0), float32(0.0), float32(0.0)
    if box < boxes:
        label = uint32(labels[image, box])
        if labels[image, box] > 0:
            is_positive = float32(1.0)
        elif chosen[image, box] > 0:
            is_negative = float32(1.0)
        for i in range(4):
            gradient = float32(0.0)
            if is_positive > float32(0.0):
                error = loc[row, i] - loc_targets[row, i]
                gradient = clip(error)
                loc_loss += gradient * (error - gradient * float32(0.5))
                gradient *= alpha / divisors[image]
            dloc[row, i] = gradient
        top = largest_of(conf, row)
        log_sum = math.log(sum_of_powers(conf, row, top))
        for c in range(uint32(conf.shape[1])):
            gradient = float32(0.0)
            if is_positive + is_negative > float32(0.0):
                log_probability = (conf[row, c] - top) - log_sum
                gradient = math.exp(log_probability)
                if c == label:
                    conf_loss -= log_probability
                    gradient -= float32(1.0)
                gradient /= divisors[image]
            dconf[row, c] = gradient
        # The reference raises an error for a logit that is NaN or a label that is no class; here the loss becomes NaN.
        if log_sum != log_sum or label >= uint32(conf.shape[1]):
            conf_loss = NAN
    loc_loss, conf_loss = block_sum(lanes, thread, loc_loss), block_sum(lanes, thread, conf_loss)
    is_positive, is_negative = block_sum(lanes, thread, is_positive), block_sum(lanes, thread, is_negative)
    if thread == uint32(0):
        sums[image, cuda.blockIdx.x, 0] = loc_loss * (alpha / divisors[image])
        sums[image, cuda.blockIdx.x, 1] = conf_loss / divisors[image]
        sums[image, cuda.blockIdx.x, 2] = is_positive
        sums[image, cuda.blockIdx.x, 3] = is_negative


def multibox_loss(
    loc, conf, loc_targets, conf_targets, alpha=1, negative_ratio=3,
    *, scope="image", min_negatives=0, divisor="batch",
):  # fmt: skip
    """Return dloc (N, K, 4), dconf (N, K, C), and the sums that ``read_losses`` reads, all on the device.

    See training/multibox_loss.py for the arguments; conf_targets: (N, K) int32. Where that raises an error, for a NaN
    among the logits or a target that is no class, the loss is NaN here.
    """
    n_k = tuple(conf_targets.shape)
    check_same_shape("loc", loc, (*n_k, 4))
    check_same_shape("loc_targets", loc_targets, (*n_k, 4))
    check_same_shape("conf", conf, (*n_k, conf.shape[-1]))
    loc, conf, loc_targets, labels = map(to_device, (loc, conf, loc_targets, conf_targets))
    dloc, dconf, count = empty(loc.shape), empty(conf.shape), labels.size
    if not count:
        return dloc, dconf, to_device(np.zeros((0, 4), np.float32))
    counts, loss = positives(labels), empty(n_k)
    divisors = _divisors(counts, divisor)
    flat_conf = conf.reshape(count, conf.shape[-1])
    launch(background_loss_kernel, blocks_for(count, LANES), LANES, flat_conf, loss.reshape(count))
    chosen = hard_negatives(loss, labels, negative_ratio, scope, min_negatives, counts)
    grid = blocks_for(n_k[1], LANES), n_k[0]
    sums = empty((n_k[0], grid[0], 4))
    inputs = loc.reshape(count, 4), flat_conf, loc_targets.reshape(count, 4), labels, chosen, divisors
    outputs = dloc.reshape(count, 4), dconf.reshape(*flat_conf.shape), sums
    launch(multibox_kernel, grid, LANES, *inputs, *outputs, np.float32(alpha))
    return dloc, dconf, sums


def _divisors(counts, divisor):
    """Return by what the losses of each image are divided, (N,) on the device; see training/multibox_loss.divisors."""
    if not isinstance(divisor, str):
        return to_device(np.maximum(1, np.broadcast_to(divisor, counts.shape)).astype(np.float32))
    if divisor not in ("batch", "image"):
        raise ValueError(f"divisor must be one of 'batch', 'image' or a number, not {divisor!r}")
    divisors = empty(counts.shape)
    launch(divisors_kernel, blocks_for(len(counts), 32), 32, counts, divisors, np.uint32(divisor == "image"))
    return divisors


def read_sums(numbers):
    """Return the Losses of the sums of multibox_loss, which are on the host already."""
    loc, conf, positive, negative = np.asarray(numbers, np.float64).reshape(-1, 4).sum(axis=0)
    return Losses(float(loc), float(conf), int(positive), int(negative))
