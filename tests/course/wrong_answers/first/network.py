"""Lessons 05 to 08: pooling, base network, feature maps, default boxes."""

import math

import numpy as np

from tests.course.wrong_answers.collection import Collection

wrong = Collection()


@wrong("pooled_size", "Caffe's rule is missing")
def pooled_size_no_rule(size, window, stride, padding, ceil_mode):
    f = math.ceil if ceil_mode else math.floor
    return f((size + 2 * padding - window) / stride) + 1


@wrong("pooled_size", "always rounds down")
def pooled_size_floor(size, window, stride, padding, ceil_mode):
    n = (size + 2 * padding - window) // stride + 1
    if ceil_mode and (n - 1) * stride >= size + padding:
        n -= 1
    return n


@wrong("pooled_size", "rounds up always")
def pooled_size_ceil(size, window, stride, padding, ceil_mode):
    n = -(-(size + 2 * padding - window) // stride) + 1
    if (n - 1) * stride >= size + padding:
        n -= 1
    return n


@wrong("max_pool", "the edge is filled with zeros, which win over negative numbers")
def max_pool_zeros(x):
    h, w = x.shape
    padded = np.pad(x, ((0, h % 2), (0, w % 2)))
    return padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2).max(axis=(1, 3))


@wrong("max_pool", "the maximum starts at 0")
def max_pool_starts_at_zero(x):
    H, W = x.shape
    out = np.zeros((math.ceil(H / 2), math.ceil(W / 2)))
    for r in range(H):
        for c in range(W):
            if x[r, c] > out[r // 2, c // 2]:
                out[r // 2, c // 2] = x[r, c]
    return out


@wrong("max_pool", "rounds down: the last row and column are lost")
def max_pool_floor(x):
    h, w = x.shape[0] // 2, x.shape[1] // 2
    out = np.zeros((h, w))
    for i in range(h):
        for j in range(w):
            out[i, j] = np.max(x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return out


@wrong("pool_gradient", "all numbers that equal the maximum get the gradient")
def pool_gradient_all_equal(x, dout):
    big = np.repeat(np.repeat(dout, 2, axis=0), 2, axis=1)
    h, w = dout.shape
    top = x.reshape(h, 2, w, 2).max(axis=(1, 3))
    mask = x == np.repeat(np.repeat(top, 2, axis=0), 2, axis=1)
    return mask * big


@wrong("pool_gradient", "every number of the window gets the gradient")
def pool_gradient_everyone(x, dout):
    return np.kron(dout, np.ones((2, 2)))


@wrong("pool_gradient", "of equals the last wins")
def pool_gradient_last(x, dout):
    dx = np.zeros(x.shape)
    for i in range(dout.shape[0]):
        for j in range(dout.shape[1]):
            best, where = -np.inf, None
            for r in (2 * i, 2 * i + 1):
                for c in (2 * j, 2 * j + 1):
                    if x[r, c] >= best:
                        best, where = x[r, c], (r, c)
            dx[where] = dout[i, j]
    return dx


@wrong("pool5", "padded with zeros, which win over negative numbers")
def pool5_zeros(x):
    padded = np.pad(x, 1)
    out = np.zeros_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = padded[i : i + 3, j : j + 3].max()
    return out


@wrong("pool5", "not padded, so the map becomes smaller")
def pool5_no_padding(x):
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3))
    return windows.max(axis=(2, 3))


@wrong("pool5", "the window ends too early: it lacks the row below and the column to the right")
def pool5_short_window(x):
    out = np.zeros_like(x)
    for i in range(len(x)):
        for j in range(len(x[0])):
            out[i, j] = x[max(i - 1, 0) : i + 1, max(j - 1, 0) : j + 1].max()
    return out


@wrong("receptive_field", "the stride counts before its own layer")
def receptive_field_stride_early(layers):
    field, step = 1, 1
    for k, s, d in layers:
        step *= s
        field += (k - 1) * d * step
    return field


@wrong("receptive_field", "the distance of the units is forgotten")
def receptive_field_no_step(layers):
    return 1 + sum((k - 1) * d for k, s, d in layers)


@wrong("receptive_field", "the dilation is forgotten")
def receptive_field_no_dilation(layers):
    size, step = 1, 1
    for kernel, stride, _ in layers:
        size = size + (kernel - 1) * step
        step = step * stride
    return size


@wrong("receptive_field", "goes from the last layer to the first with the formula for the other direction")
def receptive_field_backwards(layers):
    size, step = 1, 1
    for k, s, d in reversed(layers):
        size += (k - 1) * d * step
        step *= s
    return size


@wrong("seen_pixels", "goes through the layers from the first to the last")
def seen_pixels_forward(layers, unit, size):
    first = last = unit
    for k, s, p, d in layers:
        first = first * s - p
        last = last * s - p + (k - 1) * d
    return max(first, 0), min(last, size - 1)


@wrong("seen_pixels", "pixels beyond the edges are not left out")
def seen_pixels_beyond(layers, unit, size):
    first = last = unit
    for kernel, stride, padding, dilation in layers[::-1]:
        first = first * stride - padding
        last = last * stride - padding + (kernel - 1) * dilation
    return first, last


@wrong("seen_pixels", "the last pixel may be one beyond the image")
def seen_pixels_size(layers, unit, size):
    lo = hi = unit
    for k, s, p, d in reversed(layers):
        lo = lo * s - p
        hi = hi * s - p + d * (k - 1)
    return max(0, lo), min(size, hi)


@wrong("subsample", "takes every step-th of all axes but the last correctly, but keeps the first kernels")
def subsample_first_kernels(weight, step, keep):
    n = weight.shape[3] // keep
    return weight[::step, ::step, :, :n]


@wrong("subsample", "thins out the input channels")
def subsample_inputs(weight, step, keep):
    return weight[::step, ::step, ::keep]


@wrong("subsample", "only the rows are thinned out, not the columns")
def subsample_rows_only(weight, step, keep):
    return weight[::step][..., ::keep]


@wrong("normalize", "0 / 0 at a place of zeros")
def normalize_nan(x, scale):
    with np.errstate(all="ignore"):
        return scale * x / np.sqrt((x**2).sum(axis=2, keepdims=True))


@wrong("normalize", "one norm of the whole map")
def normalize_whole(x, scale):
    return x / (np.linalg.norm(x) + 1e-10) * scale


@wrong("normalize", "the sum instead of the root of the sum of squares")
def normalize_l1(x, scale):
    total = np.abs(x).sum(axis=-1, keepdims=True)
    return np.divide(x, total, out=np.zeros_like(x), where=total > 0) * scale


@wrong("outputs_per_cell", "the background is counted once more")
def outputs_background_twice(boxes, classes):
    return boxes * (classes + 1 + 4)


@wrong("outputs_per_cell", "the offsets are not predicted for each box")
def outputs_offsets_once(boxes, classes):
    return boxes * classes + 4


@wrong("flatten_map", "reshapes without moving the channels to the end")
def flatten_without_transpose(out, values):
    return out.reshape(-1, values)


@wrong("flatten_map", "columns come before rows")
def flatten_columns_first(out, values):
    return out.T.reshape(-1, values)


@wrong("flatten_map", "all cells of the first box come first")
def flatten_box_first(out, values):
    rows = []
    boxes = out.shape[0] // values
    for b in range(boxes):
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                rows.append(out[b * values : (b + 1) * values, r, c])
    return np.array(rows)


@wrong("place_of", "row and column are exchanged")
def place_of_exchanged(maps, index):
    for number, (n, boxes) in enumerate(maps):
        if index < n * n * boxes:
            cell, box = divmod(index, boxes)
            return number, cell % n, cell // n, box
        index -= n * n * boxes


@wrong("place_of", "the first row of a map is taken for one behind the map before")
def place_of_boundary(maps, index):
    before = 0
    for number, (n, boxes) in enumerate(maps):
        count = n * n * boxes
        if index <= before + count:
            rest = index - before
            return number, rest // boxes // n, rest // boxes % n, rest % boxes
        before += count


@wrong("place_of", "the rows of the maps before are not subtracted")
def place_of_no_subtraction(maps, index):
    total = 0
    for m, (n, b) in enumerate(maps):
        total += n * n * b
        if index < total:
            cell = index // b
            return m, cell // n, cell % n, index % b


@wrong("predict_cell", "the window has the cell in its corner, not in its middle")
def predict_cell_corner(x, weight, bias, row, column):
    padded = np.pad(x, ((0, 2), (0, 2), (0, 0)))
    window = padded[row : row + 3, column : column + 3]
    return np.tensordot(window, weight, axes=3) + bias


@wrong("predict_cell", "the bias is forgotten")
def predict_cell_no_bias(x, weight, bias, row, column):
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    window = padded[row : row + 3, column : column + 3, :]
    out = np.zeros(weight.shape[3])
    for k in range(weight.shape[3]):
        out[k] = np.sum(window * weight[:, :, :, k])
    return out


@wrong("predict_cell", "an index of -1 reads the other edge of the map")
def predict_cell_wraps(x, weight, bias, row, column):
    h, w, _ = x.shape
    out = bias.astype(float).copy()
    for i in range(3):
        for j in range(3):
            r, c = row + i - 1, column + j - 1
            if r < h and c < w:
                out += x[r, c] @ weight[i, j]
    return out


@wrong("count_boxes", "a cell has one square and the ratios without their inverses")
def count_boxes_few(maps):
    return sum(n * n * (1 + r) for n, r in maps)


@wrong("count_boxes", "the cells are not squared")
def count_boxes_not_squared(maps):
    total = 0
    for n, ratios in maps:
        total += n * (2 + 2 * ratios)
    return total


@wrong("box_shapes", "the large square is the arithmetic mean")
def box_shapes_mean(scale, next_scale, ratios):
    big = (scale + next_scale) / 2
    out = [(scale, scale), (big, big)]
    for r in ratios:
        s = np.sqrt(r)
        out += [(scale * s, scale / s), (scale / s, scale * s)]
    return np.array(out)


@wrong("box_shapes", "the ratio is used without a root")
def box_shapes_no_root(scale, next_scale, ratios):
    big = np.sqrt(scale * next_scale)
    rows = [[scale, scale], [big, big]]
    for r in ratios:
        rows.append([scale * r, scale / r])
        rows.append([scale / r, scale * r])
    return np.array(rows)


@wrong("box_shapes", "tall before wide")
def box_shapes_tall_first(scale, next_scale, ratios):
    big = math.sqrt(scale * next_scale)
    shapes = [(scale, scale), (big, big)]
    for ratio in ratios:
        h, w = scale * ratio**0.5, scale / ratio**0.5
        shapes.extend([(w, h), (h, w)])
    return np.array(shapes)


@wrong("cell_centers", "the corner of the cell, not its center")
def cell_centers_corner(size, step):
    xs, ys = np.meshgrid(np.arange(size) * step, np.arange(size) * step)
    return np.stack([xs.ravel(), ys.ravel()], axis=1)


@wrong("cell_centers", "column by column")
def cell_centers_by_column(size, step):
    c = (np.arange(size) + 0.5) * step
    x, y = np.meshgrid(c, c, indexing="ij")
    return np.column_stack([x.ravel(), y.ravel()])


@wrong("cell_centers", "half a pixel instead of half a cell")
def cell_centers_half_pixel(size, step):
    return np.array([(c * step + 0.5, r * step + 0.5) for r in range(size) for c in range(size)])


@wrong("row_of", "row and column are exchanged")
def row_of_exchanged(maps, index, row, column, box):
    before = sum(n * n * b for n, b in maps[:index])
    n, boxes = maps[index]
    return before + (column * n + row) * boxes + box


@wrong("row_of", "the maps before are not counted")
def row_of_no_before(maps, index, row, column, box):
    n, boxes = maps[index]
    return (row * n + column) * boxes + box


@wrong("row_of", "counts the map itself among those before")
def row_of_too_many(maps, index, row, column, box):
    start = 0
    for i in range(index + 1):
        start += maps[i][0] ** 2 * maps[i][1]
    return start + (row * maps[index][0] + column) * maps[index][1] + box
