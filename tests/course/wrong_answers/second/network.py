"""Lessons 05 to 08: pooling, base network, feature maps, default boxes."""

import math

import numpy as np

from tests.course.wrong_answers.collection import Collection

wrong = Collection()


@wrong("pooled_size", "the + 1 is missing")
def pooled_size_steps(size, window, stride, padding, ceil_mode):
    steps = (size + 2 * padding - window) / stride
    n = math.ceil(steps) if ceil_mode else int(steps)
    return n


@wrong("pooled_size", "the rule compares with the size, without the padding in front")
def pooled_size_rule_size(size, window, stride, padding, ceil_mode):
    span = size + 2 * padding - window
    if ceil_mode:
        n = (span + stride - 1) // stride + 1
        if (n - 1) * stride >= size:
            n = n - 1
    else:
        n = span // stride + 1
    return n


@wrong("pooled_size", "no padding at all")
def pooled_size_unpadded(size, window, stride, padding, ceil_mode):
    return math.ceil((size - window) / stride) + 1 if ceil_mode else (size - window) // stride + 1


@wrong("max_pool", "the average")
def max_pool_mean(x):
    out = []
    for i in range(0, x.shape[0], 2):
        out.append([x[i : i + 2, j : j + 2].mean() for j in range(0, x.shape[1], 2)])
    return np.array(out)


@wrong("max_pool", "windows move by one")
def max_pool_sliding(x):
    h, w = math.ceil(x.shape[0] / 2), math.ceil(x.shape[1] / 2)
    return np.array([[x[i : i + 2, j : j + 2].max() for j in range(w)] for i in range(h)])


@wrong("max_pool", "an even grid gets a row and a column of zeros, and the maximum of those")
def max_pool_always_one_more(x):
    h, w = x.shape[0] // 2 + 1, x.shape[1] // 2 + 1
    out = np.zeros((h, w))
    for i in range(h):
        for j in range(w):
            part = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            if part.size:
                out[i, j] = part.max()
    return out


@wrong("max_pool", "the upper left number of each window")
def max_pool_strided(x):
    return x[::2, ::2]


@wrong("pool_gradient", "equals share the gradient")
def pool_gradient_shares(x, dout):
    dx = np.zeros_like(x)
    for i in range(0, x.shape[0], 2):
        for j in range(0, x.shape[1], 2):
            win = x[i : i + 2, j : j + 2]
            mask = win == win.max()
            dx[i : i + 2, j : j + 2] = mask / mask.sum() * dout[i // 2, j // 2]
    return dx


@wrong("pool_gradient", "the place in the window is used as the place in x")
def pool_gradient_local_place(x, dout):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dout.shape):
        k = np.argmax(x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
        dx[k // 2, k % 2] += dout[i, j]
    return dx


@wrong("pool_gradient", "a quarter for everyone")
def pool_gradient_quarter(x, dout):
    return np.repeat(np.repeat(dout / 4, 2, 0), 2, 1)


@wrong("pool_gradient", "the gradient times the value")
def pool_gradient_value(x, dout):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dout.shape):
        win = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        r, c = np.unravel_index(np.argmax(win), (2, 2))
        dx[2 * i + r, 2 * j + c] = win[r, c] * dout[i, j]
    return dx


@wrong("pool5", "an index of -1 at the edge")
def pool5_minus_one(x):
    out = np.empty(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            win = x[i - 1 : i + 2, j - 1 : j + 2]
            out[i, j] = win.max() if win.size else 0
    return out


@wrong("pool5", "the window begins at the place, it is not around it")
def pool5_from_here(x):
    return np.array([[x[i : i + 3, j : j + 3].max() for j in range(x.shape[1])] for i in range(x.shape[0])])


@wrong("pool5", "padded with -1, which is larger than some numbers")
def pool5_minus_one_padding(x):
    p = np.pad(x, 1, constant_values=-1)
    w = np.lib.stride_tricks.sliding_window_view(p, (3, 3))
    return w.max(axis=(2, 3))


@wrong("receptive_field", "a kernel adds its whole width")
def receptive_field_kernel(layers):
    r, jump = 1, 1
    for k, s, d in layers:
        r = r + k * d * jump
        jump = jump * s
    return r


@wrong("receptive_field", "begins with 0")
def receptive_field_zero(layers):
    r, j = 0, 1
    for k, s, d in layers:
        r += (k - 1) * d * j
        j *= s
    return r


@wrong("receptive_field", "the strides are added, not multiplied")
def receptive_field_added(layers):
    r, j = 1, 0
    for k, s, d in layers:
        r += (k - 1) * d * max(j, 1)
        j += s
    return r


@wrong("receptive_field", "a dilated kernel is taken for k * d wide")
def receptive_field_kd(layers):
    r, j = 1, 1
    for k, s, d in layers:
        width = k * d
        r += (width - 1) * j
        j *= s
    return r


@wrong("seen_pixels", "without the padding")
def seen_pixels_no_padding(layers, unit, size):
    a = b = unit
    for k, s, _p, d in layers[::-1]:
        a, b = a * s, b * s + (k - 1) * d
    return max(a, 0), min(b, size - 1)


@wrong("seen_pixels", "the last pixel is the one after")
def seen_pixels_exclusive(layers, unit, size):
    a, b = unit, unit + 1
    for k, s, p, d in reversed(layers):
        a = a * s - p
        b = (b - 1) * s - p + (k - 1) * d + 1
    return max(a, 0), min(b, size)


@wrong("seen_pixels", "the dilation is forgotten")
def seen_pixels_no_dilation(layers, unit, size):
    first, last = unit, unit
    for kernel, stride, padding, _dilation in reversed(layers):
        first = first * stride - padding
        last = last * stride - padding + kernel - 1
    return max(0, first), min(size - 1, last)


@wrong("seen_pixels", "a negative first pixel is left as it is")
def seen_pixels_half_cut(layers, unit, size):
    lo, hi = unit, unit
    for k, s, p, d in layers[::-1]:
        lo, hi = lo * s - p, hi * s - p + d * (k - 1)
    return lo, min(hi, size - 1)


@wrong("subsample", "a corner of the kernel")
def subsample_corner(weight, step, keep):
    n = math.ceil(weight.shape[0] / step)
    return weight[:n, :n, :, ::keep]


@wrong("subsample", "the input channels as well")
def subsample_all(weight, step, keep):
    return weight[::step, ::step, ::keep, ::keep]


@wrong("subsample", "begins with the second row and column")
def subsample_offset(weight, step, keep):
    return weight[1::step, 1::step, :, ::keep]


@wrong("normalize", "each channel has its own norm over the places")
def normalize_channels(x, scale):
    n = np.sqrt((x**2).sum(axis=(0, 1)) + 1e-10)
    return scale * x / n


@wrong("normalize", "without the root")
def normalize_squares(x, scale):
    out = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = x[i, j] / (np.dot(x[i, j], x[i, j]) + 1e-10) * scale
    return out


@wrong("normalize", "the mean of the squares")
def normalize_rms(x, scale):
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + 1e-10) * scale


@wrong("normalize", "the scale is not used")
def normalize_unit(x, scale):
    n = np.linalg.norm(x, axis=2)
    n[n == 0] = 1
    return x / n[..., None]


@wrong("outputs_per_cell", "four offsets for each class")
def outputs_faster(boxes, classes):
    return boxes * classes * 4


@wrong("outputs_per_cell", "a cell has one box")
def outputs_of_one_box(boxes, classes):
    return classes + 4


@wrong("outputs_per_cell", "the background is taken out")
def outputs_no_background(boxes, classes):
    objects = classes - 1
    return boxes * (objects + 4)


@wrong("flatten_map", "value first, then box")
def flatten_value_first(out, values):
    c, h, w = out.shape
    boxes = c // values
    rows = np.zeros((h * w * boxes, values))
    n = 0
    for i in range(h):
        for j in range(w):
            for b in range(boxes):
                rows[n] = out[b::boxes, i, j]
                n += 1
    return rows


@wrong("flatten_map", "one row for each cell")
def flatten_cells(out, values):
    c = out.shape[0]
    return np.moveaxis(out, 0, -1).reshape(-1, c)


@wrong("flatten_map", "the channels go to the end the wrong way: width before height")
def flatten_swapaxes(out, values):
    return out.swapaxes(0, 2).reshape(-1, values)


@wrong("place_of", "the box runs slowest")
def place_of_box_slow(maps, index):
    for m, (n, b) in enumerate(maps):
        if index < n * n * b:
            box, cell = divmod(index, n * n)
            row, col = divmod(cell, n)
            return m, row, col, box
        index -= n * n * b


@wrong("place_of", "a map has n boxes a side, not n * n cells")
def place_of_cells(maps, index):
    for m, (n, _b) in enumerate(maps):
        if index < n * n:
            return m, index // n, index % n, 0
        index -= n * n
    return m, 0, 0, 0


@wrong("place_of", "row and column of the box instead of the cell")
def place_of_mixed(maps, index):
    for m, (n, b) in enumerate(maps):
        count = n * n * b
        if index < count:
            row = index // (n * b)
            column = index % n
            box = index % b
            return m, row, column, box
        index -= count


@wrong("predict_cell", "the cell alone")
def predict_cell_alone(x, weight, bias, row, column):
    return x[row, column] @ weight[1, 1] + bias


@wrong("predict_cell", "the kernel is flipped")
def predict_cell_flipped(x, weight, bias, row, column):
    p = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    win = p[row : row + 3, column : column + 3]
    return np.einsum("ijc,ijck->k", win, weight[::-1, ::-1]) + bias


@wrong("predict_cell", "the numbers of the edge are repeated outside")
def predict_cell_clipped(x, weight, bias, row, column):
    h, w = x.shape[:2]
    total = np.array(bias, float)
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            r = min(max(row + i, 0), h - 1)
            c = min(max(column + j, 0), w - 1)
            total = total + x[r, c] @ weight[i + 1, j + 1]
    return total


@wrong("predict_cell", "the bias is added for each of the nine places")
def predict_cell_bias_each(x, weight, bias, row, column):
    out = np.zeros(len(bias))
    for i in range(3):
        for j in range(3):
            r, c = row + i - 1, column + j - 1
            if 0 <= r < x.shape[0] and 0 <= c < x.shape[1]:
                out += x[r, c] @ weight[i, j] + bias
    return out


@wrong("count_boxes", "the inverse ratios are missing")
def count_boxes_no_inverse(maps):
    n = 0
    for side, ratios in maps:
        for _ in range(side * side):
            n += 2 + ratios
    return n


@wrong("count_boxes", "only one square")
def count_boxes_one_square(maps):
    return sum(s**2 * (1 + 2 * r) for s, r in maps)


@wrong("count_boxes", "returns inside the loop: the first map only")
def count_boxes_early(maps):
    total = 0
    for s, r in maps:
        total += s * s * (2 + 2 * r)
        return total


@wrong("box_shapes", "only one side is changed by the ratio")
def box_shapes_one_side(scale, next_scale, ratios):
    out = [[scale, scale], [(scale * next_scale) ** 0.5] * 2]
    for r in ratios:
        out.append([scale * r, scale])
        out.append([scale, scale * r])
    return np.array(out)


@wrong("box_shapes", "the large square has the next scale")
def box_shapes_next(scale, next_scale, ratios):
    out = [[scale, scale], [next_scale, next_scale]]
    for r in ratios:
        q = math.sqrt(r)
        out += [[scale * q, scale / q], [scale / q, scale * q]]
    return np.array(out)


@wrong("box_shapes", "the large square comes last")
def box_shapes_large_last(scale, next_scale, ratios):
    shapes = [(scale, scale)]
    for r in ratios:
        shapes.append((scale * r**0.5, scale / r**0.5))
        shapes.append((scale / r**0.5, scale * r**0.5))
    shapes.append(((scale * next_scale) ** 0.5,) * 2)
    return np.array(shapes)


@wrong("box_shapes", "all wide boxes, then all tall ones")
def box_shapes_sorted(scale, next_scale, ratios):
    g = np.sqrt(scale * next_scale)
    r = np.sqrt(np.array(ratios, float))
    wide = np.stack([scale * r, scale / r], 1)
    tall = np.stack([scale / r, scale * r], 1)
    return np.concatenate([[[scale, scale], [g, g]], wide, tall])


@wrong("cell_centers", "only the diagonal")
def cell_centers_diagonal(size, step):
    return np.array([[(i + 0.5) * step, (i + 0.5) * step] for i in range(size)])


@wrong("cell_centers", "a grid of pairs, not a list of them")
def cell_centers_grid(size, step):
    c = (np.arange(size) + 0.5) * step
    return np.stack(np.meshgrid(c, c), axis=-1)


@wrong("cell_centers", "not multiplied by the step")
def cell_centers_no_step(size, step):
    return np.array([[x + 0.5, y + 0.5] for y in range(size) for x in range(size)])


@wrong("row_of", "the box runs slowest")
def row_of_box_slow(maps, index, row, column, box):
    before = 0
    for m in range(index):
        before += maps[m][0] * maps[m][0] * maps[m][1]
    n = maps[index][0]
    return before + box * n * n + row * n + column


@wrong("row_of", "the cells of the maps before are counted, not their boxes")
def row_of_cells_before(maps, index, row, column, box):
    before = sum(n**2 for n, _ in maps[:index])
    n, b = maps[index]
    return before + (row * n + column) * b + box


@wrong("row_of", "only the row is multiplied by the boxes of a cell")
def row_of_precedence(maps, index, row, column, box):
    before = sum(n * n * b for n, b in maps[:index])
    n, b = maps[index]
    return before + row * n * b + column + box
