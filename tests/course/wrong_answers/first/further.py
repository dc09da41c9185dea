"""Lessons 20, 21, 22 and 24: one grid, two stages, the table, making it fast."""

import math

import numpy as np

from numpyssd.training.losses import smooth_l1
from tests.course.wrong_answers.collection import Collection

wrong = Collection()


@wrong("responsible", "no second rule: if all IoUs are 0, the first box wins")
def responsible_first(overlaps, apart):
    return np.argmax(overlaps)


@wrong("responsible", "the nearest box wins as soon as one IoU is 0")
def responsible_any(overlaps, apart):
    if any(o == 0 for o in overlaps):
        return int(np.argmin(apart))
    return int(np.argmax(overlaps))


@wrong("responsible", "of equal ones the last")
def responsible_last(overlaps, apart):
    best = 0
    for i in range(len(overlaps)):
        if max(overlaps) == 0:
            if apart[i] <= apart[best]:
                best = i
        elif overlaps[i] >= overlaps[best]:
            best = i
    return best


@wrong("decode_cell", "a and b are not squared")
def decode_cell_roots(values, row, column, grid):
    x, y, w, h = values
    x, y = (x + column) / grid, (y + row) / grid
    return np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2])


@wrong("decode_cell", "row and column are exchanged")
def decode_cell_exchanged(values, row, column, grid):
    cx = (row + values[0]) / grid
    cy = (column + values[1]) / grid
    w, h = values[2] ** 2, values[3] ** 2
    return [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]


@wrong("decode_cell", "the size is divided by the grid as well")
def decode_cell_small(values, row, column, grid):
    x, y, a, b = values
    corners = np.array([column + x - a**2 / 2, row + y - b**2 / 2, column + x + a**2 / 2, row + y + b**2 / 2])
    return corners / grid


@wrong("confidence_gradient", "the factor 2 of the square is missing")
def confidence_no_two(confidences, overlaps, has_object):
    gradient = 0.5 * np.array(confidences, float)
    if has_object:
        best = np.argmax(overlaps)
        gradient[best] = confidences[best] - overlaps[best]
    return gradient


@wrong("confidence_gradient", "the surest box is responsible, not the one with the largest IoU")
def confidence_surest(confidences, overlaps, has_object):
    gradient = [c * 1.0 for c in confidences]
    if has_object:
        best = list(confidences).index(max(confidences))
        gradient[best] = 2 * (confidences[best] - overlaps[best])
    return gradient


@wrong("confidence_gradient", "every box of a cell with an object should say its own IoU")
def confidence_all_boxes(confidences, overlaps, has_object):
    if has_object:
        return 2 * (confidences - overlaps)
    return confidences * 1.0


@wrong("confidence_gradient", "the target of the responsible box is 1, not its IoU")
def confidence_target_one(confidences, overlaps, has_object):
    target = np.zeros(len(confidences))
    weight = np.full(len(confidences), 0.5)
    if has_object:
        target[np.argmax(overlaps)] = 1
        weight[np.argmax(overlaps)] = 1
    return 2 * weight * (confidences - target)


@wrong("box_gradient", "the network predicts roots, but the truth's width is compared without one")
def box_gradient_no_root(values, truth, overlap, overlap_gradient):
    gradient = np.zeros(5)
    gradient[:4] = 10 * (np.array(values[:4]) - np.array(truth))
    gradient[4] = 2 * (values[4] - overlap)
    return gradient


@wrong("box_gradient", "the gradient goes through the IoU as well")
def box_gradient_through_iou(values, truth, overlap, overlap_gradient):
    target = np.array([truth[0], truth[1], truth[2] ** 0.5, truth[3] ** 0.5])
    g = 2 * 5 * (values[:4] - target) - 2 * (values[4] - overlap) * np.asarray(overlap_gradient)
    return np.append(g, 2 * (values[4] - overlap))


@wrong("box_gradient", "the weight 5 also counts for the confidence")
def box_gradient_five(values, truth, overlap, overlap_gradient):
    wanted = [truth[0], truth[1], math.sqrt(truth[2]), math.sqrt(truth[3]), overlap]
    return np.array([2 * 5 * (v - w) for v, w in zip(values, wanted)])


@wrong("count_wins", "a box that never wins is missing at the end")
def count_wins_short(overlaps, apart):
    winner = np.where(overlaps.max(axis=1) > 0, overlaps.argmax(axis=1), apart.argmin(axis=1))
    return np.bincount(winner)


@wrong("count_wins", "no second rule for cells without an overlap")
def count_wins_first(overlaps, apart):
    return np.bincount(overlaps.argmax(axis=1), minlength=overlaps.shape[1])


@wrong("count_wins", "the second rule is used only if no cell has an overlap")
def count_wins_all(overlaps, apart):
    winner = apart.argmin(axis=1) if overlaps.max() == 0 else overlaps.argmax(axis=1)
    return np.array([(winner == b).sum() for b in range(overlaps.shape[1])])


@wrong("cells_of_region", "Python rounds halves to the even number")
def cells_python_round(box, step):
    x1, y1, x2, y2 = (round(v / step) for v in box)
    return x1, y1, x2 - x1 + 1, y2 - y1 + 1


@wrong("cells_of_region", "the last cell does not count")
def cells_without_last(box, step):
    x1, y1, x2, y2 = [int(math.floor(v / step + 0.5)) for v in box]
    return x1, y1, max(x2 - x1, 1), max(y2 - y1, 1)


@wrong("cells_of_region", "rounded down")
def cells_floor(box, step):
    x1, y1, x2, y2 = (int(v // step) for v in box)
    return x1, y1, x2 - x1 + 1, y2 - y1 + 1


@wrong("cells_of_region", "returns the last column and row instead of how many")
def cells_corners(box, step):
    return tuple(int(np.trunc(c / step + np.copysign(0.5, c))) for c in box)


def _round(v):
    return int(np.trunc(v + np.copysign(0.5, v)))


@wrong("roi_pool", "the maximum starts at 0, which wins over negative numbers")
def roi_pool_zero(x, box, size):
    x1, y1, x2, y2 = map(_round, box)
    h, w = max(y2 - y1 + 1, 1), max(x2 - x1 + 1, 1)
    out = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            for r in range(y1 + i * h // size, y1 + -(-(i + 1) * h // size)):
                for c in range(x1 + j * w // size, x1 + -(-(j + 1) * w // size)):
                    if 0 <= r < x.shape[0] and 0 <= c < x.shape[1]:
                        out[i, j] = max(out[i, j], x[r, c])
    return out


@wrong("roi_pool", "the bins do not overlap: their end is rounded down")
def roi_pool_floor(x, box, size):
    x1, y1, x2, y2 = map(_round, box)
    h, w = max(y2 - y1 + 1, 1), max(x2 - x1 + 1, 1)
    out = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            r1, r2 = max(y1 + i * h // size, 0), max(y1 + (i + 1) * h // size, 0)
            c1, c2 = max(x1 + j * w // size, 0), max(x1 + (j + 1) * w // size, 0)
            part = x[r1:r2, c1:c2]
            out[i, j] = part.max() if part.size else 0
    return out


@wrong("roi_pool", "the last cell is not part of the region")
def roi_pool_no_last(x, box, size):
    x1, y1, x2, y2 = map(_round, box)
    h, w = max(y2 - y1, 1), max(x2 - x1, 1)
    out = np.zeros((size, size))
    for i, j in np.ndindex(size, size):
        r1, r2 = y1 + int(np.floor(i * h / size)), y1 + int(np.ceil((i + 1) * h / size))
        c1, c2 = x1 + int(np.floor(j * w / size)), x1 + int(np.ceil((j + 1) * w / size))
        part = x[max(r1, 0) : max(r2, 0), max(c1, 0) : max(c2, 0)]
        if part.size:
            out[i, j] = part.max()
    return out


@wrong("roi_pool_gradient", "a cell that wins twice keeps only the last gradient")
def roi_pool_gradient_fancy(dout, argmax, shape):
    dx = np.zeros(shape[0] * shape[1])
    won = argmax >= 0
    dx[argmax[won]] += dout[won]
    return dx.reshape(shape)


@wrong("roi_pool_gradient", "an empty bin, -1, gives its gradient to the last cell")
def roi_pool_gradient_empty(dout, argmax, shape):
    dx = np.zeros(shape[0] * shape[1])
    for g, a in zip(dout.ravel(), argmax.ravel()):
        dx[a] += g
    return dx.reshape(shape)


@wrong("smooth_l1_of_sigma", "the value is not divided by sigma squared")
def sigma_value(x, sigma):
    value, gradient = smooth_l1(sigma**2 * x)
    return value, gradient


@wrong("smooth_l1_of_sigma", "the gradient is divided too")
def sigma_gradient(x, sigma):
    value, gradient = smooth_l1(x * sigma**2)
    return value / sigma**2, gradient / sigma**2


@wrong("smooth_l1_of_sigma", "sigma instead of its square")
def sigma_not_squared(x, sigma):
    value, gradient = smooth_l1(x * sigma)
    return value / sigma, gradient


@wrong("label_anchors", "background comes last and overrides the best anchor of an object")
def label_anchors_order(overlaps, positive, negative):
    labels = np.full(overlaps.shape[1], -1)
    if len(overlaps) == 0:
        return np.zeros(overlaps.shape[1], int)
    best = overlaps.max(axis=0)
    labels[(overlaps == overlaps.max(axis=1, keepdims=True)).any(axis=0) & (best > 0)] = 1
    labels[best >= positive] = 1
    labels[best < negative] = 0
    return labels


@wrong("label_anchors", "an object that no anchor touches makes all anchors positive")
def label_anchors_zero(overlaps, positive, negative):
    highest = overlaps.max(axis=0, initial=0)
    labels = np.where(highest < negative, 0, -1)
    for row in overlaps:
        labels[row == row.max()] = 1
    labels[highest >= positive] = 1
    return labels


@wrong("label_anchors", "only the first of the anchors that tie for an object")
def label_anchors_first(overlaps, positive, negative):
    labels = []
    for k in range(overlaps.shape[1]):
        best = max([row[k] for row in overlaps], default=0)
        labels.append(1 if best >= positive else 0 if best < negative else -1)
    for row in overlaps:
        if row.max() > 0:
            labels[row.argmax()] = 1
    return labels


@wrong("multiply_adds_of", "the kernel's side is not squared")
def multiply_adds_one_side(height, width, kernel, channels_in, channels_out):
    return height * width * kernel * channels_in * channels_out


@wrong("multiply_adds_of", "counts multiplications and additions as two")
def multiply_adds_twice(height, width, kernel, channels_in, channels_out):
    per_output = kernel * kernel * channels_in
    return 2 * per_output * height * width * channels_out


@wrong("ratio_at_equal_input", "the regions are scaled with the input as well")
def ratio_scales_regions(ssd, trunk, region, proposals, area):
    return (trunk + region * proposals) / area / ssd


@wrong("ratio_at_equal_input", "the trunk is not scaled")
def ratio_unscaled(ssd, trunk, region, proposals, area):
    return (trunk + region * proposals) / ssd


@wrong("ratio_at_equal_input", "the trunk is multiplied by the area")
def ratio_multiplied(ssd, trunk, region, proposals, area):
    two_stage = trunk * area + proposals * region
    return two_stage / ssd


@wrong("frames_ratio", "the largest common batch")
def frames_ratio_largest(first, second):
    common = set(first) & set(second)
    if not common:
        return 0
    b = max(common)
    return first[b] / second[b]


@wrong("frames_ratio", "each at its own smallest batch")
def frames_ratio_own(first, second):
    if not any(b in second for b in first):
        return 0
    return first[min(first)] / second[min(second)]


@wrong("frames_ratio", "the other way round")
def frames_ratio_inverse(first, second):
    for batch in sorted(first):
        if batch in second:
            return second[batch] / first[batch]
    return 0


@wrong("clearly_ahead", "compares the means")
def clearly_ahead_means(first, second):
    return int(np.sign(np.mean(first) - np.mean(second)))


@wrong("clearly_ahead", "compares run by run")
def clearly_ahead_pairs(first, second):
    wins = [a > b for a, b in zip(first, second)]
    losses = [a < b for a, b in zip(first, second)]
    if all(wins):
        return 1
    if all(losses):
        return -1
    return 0


@wrong("clearly_ahead", "equal runs count as ahead")
def clearly_ahead_equal(first, second):
    if min(first) >= max(second):
        return 1
    if max(first) <= min(second):
        return -1
    return 0


@wrong("count_products", "the window's side is not squared")
def count_products_one_side(height, width, channels_in, channels_out, size):
    count = 0
    for _ in range(size):
        count += height * width * channels_in * channels_out
    return count


@wrong("count_products", "takes height and width for those of the input")
def count_products_input(height, width, channels_in, channels_out, size):
    return (height - size + 1) * (width - size + 1) * size**2 * channels_in * channels_out


@wrong("speedup", "the parallel and the serial part are exchanged")
def speedup_exchanged(parallel, threads):
    return 1 / (parallel + (1 - parallel) / threads)


@wrong("speedup", "the time that is left, not how many times as fast")
def speedup_time(parallel, threads):
    return (1 - parallel) + parallel / threads


@wrong("speedup", "adds speeds instead of times")
def speedup_adds(parallel, threads):
    return (1 - parallel) + parallel * threads


@wrong("windows_as_rows", "the channels come first: all of channel 0, then all of channel 1")
def windows_channels_first(x, size):
    rows = []
    for i in range(x.shape[0] - size + 1):
        for j in range(x.shape[1] - size + 1):
            rows.append(x[i : i + size, j : j + size].transpose(2, 0, 1).ravel())
    return np.array(rows)


@wrong("windows_as_rows", "windows side by side without overlap")
def windows_side_by_side(x, size):
    rows = []
    for i in range(0, x.shape[0] - size + 1, size):
        for j in range(0, x.shape[1] - size + 1, size):
            rows.append(x[i : i + size, j : j + size, :].reshape(-1))
    return np.array(rows)


@wrong("numbers_fetched", "only whole tiles are counted")
def fetched_floor(pixels, channels, depth, tile):
    blocks = (pixels // tile) * (channels // tile)
    return blocks * 2 * tile * depth


@wrong("numbers_fetched", "tiles at the edge count as full ones")
def fetched_full(pixels, channels, depth, tile):
    blocks = math.ceil(pixels / tile) * math.ceil(channels / tile)
    return blocks * 2 * tile * depth


@wrong("numbers_fetched", "the formula for sides that the tile divides")
def fetched_formula(pixels, channels, depth, tile):
    return 2 * pixels * channels * depth / tile


@wrong("four_products", "the halves are forgotten")
def four_products_no_half(d, g):
    return np.array(
        [
            (d[0] - d[2]) * g[0],
            (d[1] + d[2]) * (g[0] + g[1] + g[2]),
            (d[2] - d[1]) * (g[0] - g[1] + g[2]),
            (d[1] - d[3]) * g[2],
        ]
    )


@wrong("four_products", "d1 - d2 instead of d2 - d1 in the third")
def four_products_sign(d, g):
    m1 = (d[0] - d[2]) * g[0]
    m2 = (d[1] + d[2]) * sum(g) / 2
    m3 = (d[1] - d[2]) * (g[0] - g[1] + g[2]) / 2
    m4 = (d[1] - d[3]) * g[2]
    return [m1, m2, m3, m4]


@wrong("four_products", "integer division throws the halves away")
def four_products_integer(d, g):
    m1 = (d[0] - d[2]) * g[0]
    m2 = (d[1] + d[2]) * (g[0] + g[1] + g[2]) // 2
    m3 = (d[2] - d[1]) * (g[0] - g[1] + g[2]) // 2
    m4 = (d[1] - d[3]) * g[2]
    return np.array([m1, m2, m3, m4])
