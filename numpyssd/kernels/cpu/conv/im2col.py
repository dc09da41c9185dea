"""Any other convolution as one matrix product, strip by strip: other kernels, strides, very few channels.

The pixels under each window are copied side by side (``_gather``: a row for each output pixel, kh kw C_in columns), and
a product with the weights, seen as a (kh kw C_in, C_out) matrix, does the arithmetic of some output rows. The copy
stays in the core's cache; that of a whole image would be kh kw times the image. A plain 1x1 convolution needs no copy.
The gradient for the input is the same thing backwards: the windows of dout, times the weights turned round.
"""

import numpy as np

from numpyssd.kernels.cpu.conv.gemm import multiply, padded, panels
from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.threads import parallel, scratch, spans
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES, load, store

STRIP_FLOATS = 98304  # of gathered pixels: 384 KiB in float32, well inside the cache of one core (L2)
STRIP_PIXELS = 192  # but at least so many output pixels, so that the weights are read often enough
JOBS = 16  # pieces that threads take in turn; fixed, so that the bits do not depend on the threads
PARTIAL_FLOATS = 1 << 24  # 64 MiB of partial sums of dweight at most


@inner
def _gather(x, first, last, window, columns):
    """Copy what the windows see: one row of columns for each output pixel of the rows first .. last of all images.

    Tap (i, j) of output pixel (y, x) reads input pixel (y up + offset_y + i step) / down, the same for columns;
    outside the image, or between the pixels where the division leaves a rest, it reads zero. columns is 1-D, and a
    vector longer than its rows: whole vectors are copied, and what is too much is overwritten by what comes next.
    """
    out_height, out_width, kh, kw, up, down, offset_y, offset_x, step = window
    height, width, channels = x.shape[1], x.shape[2], x.shape[3]
    flat, lanes = x.reshape(-1), REGISTER_BYTES // x.itemsize
    side_by_side = step == 1 and down == 1  # then the taps of one row lie side by side in memory too
    length = kw * channels
    to = 0
    for row in range(first, last):
        image, out_y = row // out_height, row % out_height
        for out_x in range(out_width):
            left = out_x * up + offset_x
            inside = side_by_side and left >= 0 and left + kw <= width
            for i in range(kh):
                y = out_y * up + offset_y + i * step
                row_is_there = y >= 0 and (down == 1 or y % down == 0)
                y = y if down == 1 else y // down
                row_is_there = row_is_there and y < height
                source = ((image * height + y) * width + left) * channels
                if row_is_there and inside and source + length + lanes <= flat.size:
                    for c in range(0, length, lanes):
                        store(columns, to + c, load(flat, source + c))
                    to += length
                    continue
                for j in range(kw):
                    x_in = left + j * step
                    there = row_is_there and x_in >= 0 and (down == 1 or x_in % down == 0)
                    x_in = x_in if down == 1 else x_in // down
                    target = columns[to : to + channels]
                    if there and x_in < width:
                        source = ((image * height + y) * width + x_in) * channels
                        for c in range(channels):
                            target[c] = flat[source + c]
                    else:
                        target[:] = 0
                    to += channels


@njit
def _strips(x, weights, finish, strips, window, copy, depth, columns, sums, out):
    """For each strip: out (pixels, C_out) = windows (pixels, kh kw C_in) @ weights * scale + bias, rectified."""
    width, channels, zero = window[1], out.shape[1], x.dtype.type(0)
    scale, bias, relu = finish
    lanes = REGISTER_BYTES // x.itemsize
    whole = (channels + lanes - 1) // lanes * lanes
    for s in range(len(strips)):
        first, last = strips[s, 0], strips[s, 1]
        pixels = (last - first) * width
        if copy:
            _gather(x, first, last, window, columns)
            source, at = columns, 0
        else:
            source, at = x.reshape(-1), first * width * depth
        no, one = np.int64(0), np.int64(1)
        multiply(source, at, depth, one, pixels, weights, no, sums, no, whole, 2 * lanes, whole, depth, no)
        for p in range(pixels):
            total, target = sums[p * whole : p * whole + channels], out[first * width + p]
            if relu:
                for c in range(channels):
                    value = total[c] * scale[c] + bias[c]
                    target[c] = zero if value < zero else value  # in this order NaN stays NaN
            else:
                for c in range(channels):
                    target[c] = total[c] * scale[c] + bias[c]


@njit
def _gradient_strips(x, dout, strips, window, copy, depth, columns, gradients, sums):
    """For each strip: sums (kh kw C_in, C_out, in panels) += windows^T @ dout."""
    width, channels = window[1], dout.shape[1]
    lanes = REGISTER_BYTES // x.itemsize
    whole = (channels + lanes - 1) // lanes * lanes
    for s in range(len(strips)):
        first, last = strips[s, 0], strips[s, 1]
        pixels = (last - first) * width
        if copy:
            _gather(x, first, last, window, columns)
            source, at = columns, 0
        else:
            source, at = x.reshape(-1), first * width * depth
        panels(dout[first * width : last * width], gradients)
        no, one = np.int64(0), np.int64(1)
        multiply(
            source,
            at,
            one,
            depth,
            depth,
            gradients,
            no,
            sums,
            no,
            2 * lanes,
            2 * lanes * depth,
            whole,
            pixels,
            np.int64(s > 0),
        )


@njit
def _from_panels(sums, first, last, out):
    """Write rows first .. last of a matrix that lies in panels, summed over the parts, to out (depth, columns)."""
    depth, columns = out.shape
    wide = 2 * REGISTER_BYTES // out.itemsize
    for start in range(0, columns, wide):
        inside = min(wide, columns - start)
        for k in range(first, last):
            target = out[k, start : start + inside]
            at = start * depth + k * wide
            for part in range(len(sums)):
                source = sums[part, at : at + inside]
                for c in range(inside):
                    target[c] = (target[c] if part > 0 else 0) + source[c]


def _jobs(images, height, width, depth, limit):
    """Cut the output rows of all images into strips, and the strips into at most ``limit`` jobs: arrays (strips, 2)."""
    pixels = max(STRIP_FLOATS // depth, STRIP_PIXELS)
    rows = max(1, min(pixels // width, -(-images * height // limit)))
    strips = np.array(spans(images * height, rows), np.int64).reshape(-1, 2)
    return [strips[first:last] for first, last in spans(len(strips), -(-len(strips) // limit))]


def _longest(jobs):
    return max((int((strips[:, 1] - strips[:, 0]).max()) for strips in jobs), default=0)  # no images, no jobs


def _window(height, width, kernel, stride, padding, dilation):
    kh, kw = kernel
    return height, width, kh, kw, stride, 1, -padding, -padding, dilation if kh * kw > 1 else 1


def _is_plain(window):
    return window[2:] == (1, 1, 1, 1, 0, 0, 1)  # then the windows are the pixels themselves


def in_panels(matrix):
    """Return a matrix (depth, columns) in panels, ready for ``multiply``."""
    out = np.empty(len(matrix) * padded(matrix.shape[1], matrix.dtype), matrix.dtype)
    panels(matrix, out)
    return out


def _convolve(x, weights, finish, window, depth, out):
    """Fill out (N, H', W', C_out) with the windows of x times the weights in panels, finished."""
    height, width = window[:2]
    channels, copy = out.shape[3], not _is_plain(window)
    jobs = _jobs(len(x), height, width, depth, JOBS)
    pixels = _longest(jobs) * width
    flat = out.reshape(-1, channels)

    def job(j):
        columns = scratch("values", (pixels * depth + padded(1, x.dtype) if copy else 1,), x.dtype)
        sums = scratch("sums", (pixels * padded(channels, x.dtype),), x.dtype)
        _strips(x, weights, finish, jobs[j], window, copy, depth, columns, sums, flat)

    parallel(job, len(jobs))


def forward(x, weights, finish, kernel, stride, padding, dilation, out):
    """Fill out (N, H', W', C_out) from x (N, H, W, C_in) and the weights (kh kw C_in, C_out) in panels.

    finish: scale (C_out,), bias (C_out,), and whether negative results become zero.
    """
    window = _window(*out.shape[1:3], kernel, stride, padding, dilation)
    _convolve(x, weights, finish, window, kernel[0] * kernel[1] * x.shape[3], out)


def turned_matrix(weight):
    """Return the weights of the gradient of x, (kh kw C_out, C_in), in panels: the taps turned, and transposed."""
    turned = weight[::-1, ::-1].transpose(0, 1, 3, 2)
    return in_panels(np.ascontiguousarray(turned).reshape(-1, weight.shape[2]))


def gradient_of_x(dout, weights, kernel, stride, padding, dilation, dx):
    """Fill dx (N, H, W, C_in): every input pixel gathers from the outputs that it went into.

    Input pixel y went through tap i into output pixel (y + padding - i dilation) / stride, where that is whole; with
    the taps turned round, the positions rise with the tap, as in the forward pass.
    """
    kh, kw = kernel
    offset_y, offset_x = padding - dilation * (kh - 1), padding - dilation * (kw - 1)
    window = (*dx.shape[1:3], kh, kw, 1, stride, offset_y, offset_x, dilation if kh * kw > 1 else 1)
    finish = np.ones(dx.shape[3], dx.dtype), np.zeros(dx.shape[3], dx.dtype), False
    _convolve(dout, weights, finish, window, kh * kw * dout.shape[3], dx)


def gradient_of_weight(dout, x, kernel, stride, padding, dilation):
    """Return windows^T @ dout, in a few partial sums whose number does not depend on the threads, added in order."""
    images, height, width, channels = dout.shape
    depth, dtype = kernel[0] * kernel[1] * x.shape[3], x.dtype
    window = _window(height, width, kernel, stride, padding, dilation)
    copy, whole = not _is_plain(window), -(-channels // padded(2, dtype)) * padded(2, dtype)
    panel = 2 * padded(1, dtype)
    size = -(-channels // panel) * panel * depth
    jobs = _jobs(images, height, width, depth, max(2, min(JOBS, PARTIAL_FLOATS // size)))
    pixels = _longest(jobs) * width
    sums = np.empty((len(jobs), size), dtype)
    flat = dout.reshape(-1, channels)  # (N H' W', C_out)

    def job(j):
        columns = scratch("values", (pixels * depth + padded(1, dtype) if copy else 1,), dtype)
        gradients = scratch("sums", (pixels * whole,), dtype)
        _gradient_strips(x, flat, jobs[j], window, copy, depth, columns, gradients, sums[j])

    parallel(job, len(jobs))
    dmatrix = np.zeros((depth, channels), dtype)
    pieces = spans(depth, 64)
    parallel(lambda p: _from_panels(sums, *pieces[p], dmatrix), len(pieces))
    return dmatrix.reshape(*kernel, x.shape[3], channels)
