"""Lessons 20, 21, 22 and 24: one grid, two stages, the table, making it fast."""

import math

import numpy as np

from numpyssd.training.losses import smooth_l1
from tests.course.wrong_answers.collection import Collection

wrong = Collection()


@wrong("responsible", "the distance decides first")
def responsible_nearest(overlaps, apart):
    return int(np.argmin(apart))


@wrong("responsible", "where nothing overlaps, the farthest")
def responsible_far(overlaps, apart):
    if max(overlaps) > 0:
        return list(overlaps).index(max(overlaps))
    return list(apart).index(max(apart))


@wrong("responsible", "the distance decides between equal IoUs")
def responsible_sorted(overlaps, apart):
    return sorted(range(len(apart)), key=lambda i: (-overlaps[i], apart[i]))[0]


@wrong("decode_cell", "row and column are not added")
def decode_cell_at_origin(values, row, column, grid):
    x, y, a, b = values
    x, y, w, h = x / grid, y / grid, a * a, b * b
    return np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2])


@wrong("decode_cell", "the center is taken for the corner")
def decode_cell_corner(values, row, column, grid):
    x, y = (values[0] + column) / grid, (values[1] + row) / grid
    return np.array([x, y, x + values[2] ** 2, y + values[3] ** 2])


@wrong("decode_cell", "not divided by the grid")
def decode_cell_in_cells(values, row, column, grid):
    x, y, a, b = values
    cx, cy, w, h = x + column, y + row, a**2, b**2
    return [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]


@wrong("decode_cell", "brackets are missing: only the row and column are divided")
def decode_cell_precedence(values, row, column, grid):
    cx, cy = values[0] + column / grid, values[1] + row / grid
    w, h = values[2] ** 2, values[3] ** 2
    return np.array([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2])


@wrong("decode_cell", "a square root instead of a square")
def decode_cell_sqrt(values, row, column, grid):
    cx, cy = (values[0] + column) / grid, (values[1] + row) / grid
    w, h = abs(values[2]) ** 0.5, abs(values[3]) ** 0.5
    return np.array([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2])


@wrong("confidence_gradient", "in a cell with an object the other boxes learn nothing")
def confidence_others_zero(confidences, overlaps, has_object):
    if not has_object:
        return confidences.copy()
    g = np.zeros(len(confidences))
    b = overlaps.argmax()
    g[b] = 2 * (confidences[b] - overlaps[b])
    return g


@wrong("confidence_gradient", "the weight 0.5 is forgotten")
def confidence_full_weight(confidences, overlaps, has_object):
    target = np.zeros(len(confidences))
    if has_object:
        target[np.argmax(overlaps)] = np.max(overlaps)
    return 2 * (confidences - target)


@wrong("confidence_gradient", "IoU minus confidence")
def confidence_sign(confidences, overlaps, has_object):
    g = confidences * 1.0
    if has_object:
        i = np.argmax(overlaps)
        g[i] = 2 * (overlaps[i] - confidences[i])
    return g


@wrong("confidence_gradient", "a responsible box in an empty cell")
def confidence_always_object(confidences, overlaps, has_object):
    g = 2 * 0.5 * confidences
    i = np.argmax(overlaps)
    g[i] = 2 * (confidences[i] - overlaps[i])
    return g


@wrong("box_gradient", "no factor 2")
def box_gradient_half(values, truth, overlap, overlap_gradient):
    x, y, a, b, c = values
    tx, ty, tw, th = truth
    return np.array([5 * (x - tx), 5 * (y - ty), 5 * (a - tw**0.5), 5 * (b - th**0.5), c - overlap])


@wrong("box_gradient", "the outputs are squared instead of the truth being rooted")
def box_gradient_squares(values, truth, overlap, overlap_gradient):
    out = values[:4] * [1, 1, values[2], values[3]]
    g = 10 * (out - truth)
    return np.append(g, 2 * (values[4] - overlap))


@wrong("box_gradient", "truth minus output")
def box_gradient_sign(values, truth, overlap, overlap_gradient):
    target = np.array([truth[0], truth[1], np.sqrt(truth[2]), np.sqrt(truth[3])])
    return np.concatenate([2 * 5 * (target - values[:4]), [2 * (overlap - values[4])]])


@wrong("box_gradient", "the confidence should be 1")
def box_gradient_one(values, truth, overlap, overlap_gradient):
    target = [truth[0], truth[1], truth[2] ** 0.5, truth[3] ** 0.5, 1]
    weight = [5, 5, 5, 5, 1]
    return np.array([2 * w * (v - t) for v, t, w in zip(values, target, weight)])


@wrong("box_gradient", "without the weight 5")
def box_gradient_no_five(values, truth, overlap, overlap_gradient):
    t = np.array([truth[0], truth[1], math.sqrt(truth[2]), math.sqrt(truth[3]), overlap])
    return 2 * (values - t)


@wrong("count_wins", "the winners, not how often each wins")
def count_wins_winners(overlaps, apart):
    return np.array([int(np.argmax(o)) if max(o) > 0 else int(np.argmin(a)) for o, a in zip(overlaps, apart)])


@wrong("count_wins", "equal boxes both win")
def count_wins_ties(overlaps, apart):
    top = overlaps.max(axis=1, keepdims=True)
    wins = (overlaps == top) & (top > 0)
    none = top[:, 0] == 0
    wins[none, apart[none].argmin(axis=1)] = True
    return wins.sum(axis=0)


@wrong("count_wins", "the best cell of each box")
def count_wins_axis(overlaps, apart):
    best = np.where(overlaps.max(axis=0) > 0, overlaps.argmax(axis=0), apart.argmin(axis=0))
    return np.bincount(best, minlength=overlaps.shape[1])


@wrong("count_wins", "cells without an overlap are left out")
def count_wins_left_out(overlaps, apart):
    wins = [0] * overlaps.shape[1]
    for row in overlaps:
        if row.max() > 0:
            wins[row.argmax()] += 1
    return wins


@wrong("cells_of_region", "the last two are rows first")
def cells_rows_columns(box, step):
    def r(v):
        return int(math.copysign(math.floor(abs(v) / step + 0.5), v))

    x1, y1, x2, y2 = map(r, box)
    return x1, y1, y2 - y1 + 1, x2 - x1 + 1


@wrong("cells_of_region", "the size is rounded, not the corners")
def cells_size_rounded(box, step):
    def r(v):
        return int(math.copysign(math.floor(abs(v) + 0.5), v))

    x1, y1, x2, y2 = (v / step for v in box)
    return r(x1), r(y1), r(x2 - x1) + 1, r(y2 - y1) + 1


@wrong("cells_of_region", "floor for the first and ceil for the last")
def cells_outer(box, step):
    x1, y1 = math.floor(box[0] / step), math.floor(box[1] / step)
    x2, y2 = math.ceil(box[2] / step), math.ceil(box[3] / step)
    return x1, y1, x2 - x1 + 1, y2 - y1 + 1


@wrong("roi_pool", "the mean")
def roi_pool_mean(x, box, size):
    def r(v):
        return int(math.copysign(math.floor(abs(v) + 0.5), v))

    x1, y1, x2, y2 = map(r, box)
    h, w = y2 - y1 + 1, x2 - x1 + 1
    out = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            t, b = y1 + i * h // size, y1 + math.ceil((i + 1) * h / size)
            left, right = x1 + j * w // size, x1 + math.ceil((j + 1) * w / size)
            part = x[max(t, 0) : max(b, 0), max(left, 0) : max(right, 0)]
            out[i, j] = part.mean() if part.size else 0
    return out


@wrong("roi_pool", "rows and columns are exchanged in the output")
def roi_pool_transposed(x, box, size):
    def r(v):
        return int(math.copysign(math.floor(abs(v) + 0.5), v))

    x1, y1, x2, y2 = map(r, box)
    h, w = y2 - y1 + 1, x2 - x1 + 1
    out = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            part = x[
                max(y1 + j * h // size, 0) : max(y1 + math.ceil((j + 1) * h / size), 0),
                max(x1 + i * w // size, 0) : max(x1 + math.ceil((i + 1) * w / size), 0),
            ]
            out[i, j] = part.max() if part.size else 0
    return out


@wrong("roi_pool", "the corners are cut off, not rounded")
def roi_pool_int(x, box, size):
    x1, y1, x2, y2 = (int(v) for v in box)
    h, w = y2 - y1 + 1, x2 - x1 + 1
    out = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            rows = range(y1 + i * h // size, y1 - (-(i + 1) * h // size))
            cols = range(x1 + j * w // size, x1 - (-(j + 1) * w // size))
            values = [x[r, c] for r in rows for c in cols if 0 <= r < x.shape[0] and 0 <= c < x.shape[1]]
            out[i, j] = max(values, default=0)
    return out


@wrong("roi_pool", "an empty bin is an error")
def roi_pool_empty(x, box, size):
    def r(v):
        return int(math.copysign(math.floor(abs(v) + 0.5), v))

    x1, y1, x2, y2 = map(r, box)
    h, w = y2 - y1 + 1, x2 - x1 + 1
    out = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            t, b = max(y1 + i * h // size, 0), y1 + math.ceil((i + 1) * h / size)
            left, right = max(x1 + j * w // size, 0), x1 + math.ceil((j + 1) * w / size)
            out[i, j] = x[t:b, left:right].max()
    return out


@wrong("roi_pool_gradient", "overwrites")
def roi_pool_gradient_assigns(dout, argmax, shape):
    dx = np.zeros(shape)
    for r in range(len(dout)):
        for i in range(dout.shape[1]):
            for j in range(dout.shape[2]):
                k = argmax[r, i, j]
                if k != -1:
                    dx[k // shape[1], k % shape[1]] = dout[r, i, j]
    return dx


@wrong("roi_pool_gradient", "divides by the height to get the row")
def roi_pool_gradient_height(dout, argmax, shape):
    dx = np.zeros(shape)
    for g, k in zip(dout.ravel(), argmax.ravel()):
        if k >= 0:
            dx[k // shape[0] % shape[0], k % shape[0]] += g
    return dx


@wrong("roi_pool_gradient", "the mean over the regions")
def roi_pool_gradient_mean(dout, argmax, shape):
    dx = np.zeros(shape[0] * shape[1])
    good = argmax >= 0
    np.add.at(dx, argmax[good], dout[good])
    return dx.reshape(shape) / len(dout)


@wrong("roi_pool_gradient", "place 0 is taken for empty")
def roi_pool_gradient_zero(dout, argmax, shape):
    dx = np.zeros(shape)
    for g, k in zip(dout.flat, argmax.flat):
        if k > 0:
            dx[np.unravel_index(k, shape)] += g
    return dx


@wrong("smooth_l1_of_sigma", "sigma is not used")
def sigma_unused(x, sigma):
    return smooth_l1(x)


@wrong("smooth_l1_of_sigma", "the gradient has sigma squared once too often")
def sigma_chain(x, sigma):
    s2 = sigma * sigma
    v, g = smooth_l1(s2 * x)
    return v / s2, s2 * g


@wrong("smooth_l1_of_sigma", "x is divided, and the value multiplied")
def sigma_inverse(x, sigma):
    v, g = smooth_l1(x / sigma**2)
    return v * sigma**2, g


@wrong("smooth_l1_of_sigma", "the limit of the square is 1 / sigma")
def sigma_limit(x, sigma):
    near = np.abs(x) < 1 / sigma
    value = np.where(near, 0.5 * sigma**2 * x**2, np.abs(x) - 0.5 / sigma**2)
    return value, np.where(near, sigma**2 * x, np.sign(x))


@wrong("label_anchors", "only the thresholds")
def label_anchors_thresholds(overlaps, positive, negative):
    out = []
    for k in range(overlaps.shape[1]):
        best = max(overlaps[:, k]) if len(overlaps) else 0
        out.append(1 if best >= positive else (0 if best < negative else -1))
    return np.array(out)


@wrong("label_anchors", "neither is 0")
def label_anchors_no_gap(overlaps, positive, negative):
    labels = np.zeros(overlaps.shape[1], int)
    for row in overlaps:
        if row.max() > 0:
            labels[row == row.max()] = 1
    if len(overlaps):
        labels[overlaps.max(axis=0) >= positive] = 1
    return labels


@wrong("label_anchors", "an image without objects is an error")
def label_anchors_empty(overlaps, positive, negative):
    best = overlaps.max(axis=0)
    labels = np.where(best < negative, 0, -1)
    for row in overlaps:
        labels[(row == row.max()) & (row > 0)] = 1
    labels[best >= positive] = 1
    return labels


@wrong("label_anchors", "more than positive is asked for")
def label_anchors_above(overlaps, positive, negative):
    best = overlaps.max(axis=0, initial=0)
    labels = np.where(best < negative, 0, -1)
    for row in overlaps:
        labels[(row == row.max()) & (row > 0)] = 1
    labels[best > positive] = 1
    return labels


@wrong("multiply_adds_of", "the input channels are forgotten")
def multiply_adds_no_input(height, width, kernel, channels_in, channels_out):
    return height * width * channels_out * kernel**2


@wrong("multiply_adds_of", "the number of weights")
def multiply_adds_weights(height, width, kernel, channels_in, channels_out):
    return kernel**2 * channels_in * channels_out


@wrong("multiply_adds_of", "the channels are added")
def multiply_adds_sum(height, width, kernel, channels_in, channels_out):
    return height * width * kernel**2 * (channels_in + channels_out)


@wrong("multiply_adds_of", "one more for the bias")
def multiply_adds_bias(height, width, kernel, channels_in, channels_out):
    return height * width * (kernel * kernel * channels_in + 1) * channels_out


@wrong("ratio_at_equal_input", "one region")
def ratio_one(ssd, trunk, region, proposals, area):
    return (trunk / area + region) / ssd


@wrong("ratio_at_equal_input", "divides by the root of the area")
def ratio_root(ssd, trunk, region, proposals, area):
    return (trunk / math.sqrt(area) + region * proposals) / ssd


@wrong("ratio_at_equal_input", "brackets are missing")
def ratio_precedence(ssd, trunk, region, proposals, area):
    return trunk / area + region * proposals / ssd


@wrong("ratio_at_equal_input", "SSD over the other")
def ratio_inverse(ssd, trunk, region, proposals, area):
    return ssd / (trunk / area + region * proposals)


@wrong("frames_ratio", "the best of each")
def frames_ratio_best(first, second):
    return max(first.values()) / max(second.values())


@wrong("frames_ratio", "no case for none in common")
def frames_ratio_no_common(first, second):
    b = min(first.keys() & second.keys())
    return first[b] / second[b]


@wrong("frames_ratio", "a difference")
def frames_ratio_difference(first, second):
    common = [b for b in first if b in second]
    if not common:
        return 0
    return first[min(common)] - second[min(common)]


@wrong("frames_ratio", "only batch 1 is looked at")
def frames_ratio_batch_one(first, second):
    if 1 in first and 1 in second:
        return first[1] / second[1]
    return 0


@wrong("clearly_ahead", "the best runs are compared")
def clearly_ahead_best(first, second):
    if max(first) > max(second):
        return 1
    if max(first) < max(second):
        return -1
    return 0


@wrong("clearly_ahead", "there is no draw")
def clearly_ahead_no_draw(first, second):
    if all(a > b for a in first for b in second):
        return 1
    return -1


@wrong("clearly_ahead", "True or False")
def clearly_ahead_bool(first, second):
    return all(a > b for a in first for b in second)


@wrong("clearly_ahead", "some run above some other is enough")
def clearly_ahead_any(first, second):
    if any(a > b for a in first for b in second):
        return 1
    if any(a < b for a in first for b in second):
        return -1
    return 0


@wrong("count_products", "channels_in is forgotten")
def count_products_no_input(height, width, channels_in, channels_out, size):
    return height * width * channels_out * size**2


@wrong("count_products", "channels_out is forgotten")
def count_products_no_output(height, width, channels_in, channels_out, size):
    per_pixel = size * size * channels_in
    return height * width * per_pixel


@wrong("count_products", "multiplications and additions")
def count_products_both(height, width, channels_in, channels_out, size):
    return 2 * height * width * channels_in * channels_out * size**2


@wrong("speedup", "parallel times threads")
def speedup_product(parallel, threads):
    return parallel * threads


@wrong("speedup", "the limit for many threads")
def speedup_limit(parallel, threads):
    return 1 / (1 - parallel) if parallel != 1 else threads


@wrong("speedup", "brackets are missing")
def speedup_precedence(parallel, threads):
    if parallel == 1:
        return threads
    return 1 / (1 - parallel) + parallel / threads


@wrong("windows_as_rows", "windows as columns")
def windows_columns(x, size):
    rows = []
    for i in range(x.shape[0] - size + 1):
        for j in range(x.shape[1] - size + 1):
            rows.append(x[i : i + size, j : j + size].ravel())
    return np.stack(rows, axis=1)


@wrong("windows_as_rows", "down the columns first")
def windows_columns_first(x, size):
    h, w, _ = x.shape
    return np.array([x[i : i + size, j : j + size].flatten() for j in range(w - size + 1) for i in range(h - size + 1)])


@wrong("windows_as_rows", "the last row and column of windows are missing")
def windows_short(x, size):
    h, w, c = x.shape
    rows = [x[i : i + size, j : j + size].flatten() for i in range(h - size) for j in range(w - size)]
    return np.array(rows).reshape(-1, size * size * c)


@wrong("windows_as_rows", "only the first channel")
def windows_one_channel(x, size):
    v = np.lib.stride_tricks.sliding_window_view(x[..., 0], (size, size))
    return v.reshape(-1, size * size)


@wrong("numbers_fetched", "everything is fetched once")
def fetched_all_once(pixels, channels, depth, tile):
    return pixels * depth + channels * depth


@wrong("numbers_fetched", "the depth is forgotten")
def fetched_no_depth(pixels, channels, depth, tile):
    return pixels * math.ceil(channels / tile) + channels * math.ceil(pixels / tile)


@wrong("numbers_fetched", "one of the two matrices")
def fetched_rows_only(pixels, channels, depth, tile):
    total = 0
    for r in range(0, pixels, tile):
        for _ in range(0, channels, tile):
            total += min(tile, pixels - r) * depth
    return total


@wrong("numbers_fetched", "a block fetches tile times tile numbers")
def fetched_squares(pixels, channels, depth, tile):
    total = 0
    for r in range(0, pixels, tile):
        for c in range(0, channels, tile):
            total += min(tile, pixels - r) * min(tile, channels - c) * depth
    return total


@wrong("four_products", "d3 - d1 in the fourth")
def four_products_last(d, g):
    return np.array(
        [
            (d[0] - d[2]) * g[0],
            (d[1] + d[2]) * g.sum() / 2,
            (d[2] - d[1]) * (g[0] - g[1] + g[2]) / 2,
            (d[3] - d[1]) * g[2],
        ]
    )


@wrong("four_products", "the second and the third have the same sum of weights")
def four_products_same_weights(d, g):
    s = (g[0] + g[1] + g[2]) / 2
    return np.array([(d[0] - d[2]) * g[0], (d[1] + d[2]) * s, (d[2] - d[1]) * s, (d[1] - d[3]) * g[2]])


@wrong("four_products", "brackets are missing around the sums of weights")
def four_products_precedence(d, g):
    m2 = (d[1] + d[2]) * g[0] + g[1] + g[2] / 2
    m3 = (d[2] - d[1]) * g[0] - g[1] + g[2] / 2
    return np.array([(d[0] - d[2]) * g[0], m2, m3, (d[1] - d[3]) * g[2]])


@wrong("four_products", "the two outputs")
def four_products_outputs(d, g):
    return np.array([np.dot(d[:3], g), np.dot(d[1:], g)])
