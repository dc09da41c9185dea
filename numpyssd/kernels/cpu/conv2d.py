"""Convolution as a matrix product, strip by strip.

The pixels under each window are copied side by side (``_gather``: one row for each output pixel, kh kw C columns), so
that one BLAS product with the weights, seen as a (kh kw C_in, C_out) matrix, does the arithmetic of a whole strip of
output rows. A strip's copy stays in the core's cache; the copy of a whole image would be nine times the image.
The gradient for the input is the same thing the other way round: the windows of dout, times the weights turned round.
BLAS is called from inside the compiled loops, so that threads don't queue for Python's lock between the strips.
"""

import numba
import numpy as np

from numpyssd.kernels.cpu.threads import parallel, scratch, spans
from numpyssd.kernels.shapes import check_conv2d, check_same_shape

STRIP_FLOATS = 98304  # of gathered pixels: 384 KiB in float32, well inside the L2 cache of one core
STRIP_PIXELS = 192  # but at least so many output pixels, or BLAS is waiting for the weights
JOBS = 16  # pieces of an output that threads take in turn; fixed, so that the bits do not depend on the threads
PARTIAL_FLOATS = 1 << 24  # 64 MiB of partial sums of dweight at most


@numba.njit(nogil=True, cache=True)
def _gather(x, first, last, window, columns):
    """Copy what the windows see: one row of columns for each output pixel of the rows first .. last of all images.

    Tap (i, j) of output pixel (y, x) reads input pixel (y up + offset_y + i step) / down, the same for columns;
    outside the image, or between the pixels where the division leaves a rest, it reads zero.
    """
    out_height, out_width, kh, kw, up, down, offset_y, offset_x, step = window
    height, width, channels = x.shape[1], x.shape[2], x.shape[3]
    lines = x.reshape(x.shape[0], height, width * channels)
    side_by_side = step == 1 and down == 1  # then the taps of one row lie side by side in memory too
    for row in range(first, last):
        image, out_y = row // out_height, row % out_height
        for i in range(kh):
            y = out_y * up + offset_y + i * step
            row_is_there = y >= 0 and y % down == 0 and y // down < height
            y = y // down
            for out_x in range(out_width):
                pixel = (row - first) * out_width + out_x
                column = i * kw * channels
                left = out_x * up + offset_x
                if row_is_there and side_by_side and left >= 0 and left + kw <= width:
                    length = kw * channels
                    target = columns[pixel, column : column + length]
                    source = lines[image, y, left * channels : left * channels + length]
                    for c in range(length):
                        target[c] = source[c]
                    continue
                for j in range(kw):
                    x_in = left + j * step
                    target = columns[pixel, column : column + channels]
                    if row_is_there and x_in >= 0 and x_in % down == 0 and x_in // down < width:
                        source = lines[image, y, x_in // down * channels : (x_in // down + 1) * channels]
                        for c in range(channels):
                            target[c] = source[c]
                    else:
                        target[:] = 0
                    column += channels


@numba.njit(nogil=True, cache=True)
def _product(x, matrix, bias, strips, window, copy, columns, out):
    """For each strip: out (pixels, C_out) = windows (pixels, kh kw C_in) @ matrix + bias."""
    width = window[1]
    for s in range(len(strips)):
        first, last = strips[s, 0], strips[s, 1]
        part = out[first * width : last * width]
        if copy:
            windows = columns[: len(part)]
            _gather(x, first, last, window, windows)
        else:
            windows = x.reshape(-1, x.shape[3])[first * width : last * width]
        np.dot(windows, matrix, part)
        for p in range(len(part)):
            for c in range(len(bias)):
                part[p, c] += bias[c]


@numba.njit(nogil=True, cache=True)
def _product_of_gradient(x, dout, strips, window, copy, columns, product, dmatrix, dbias):
    """For each strip: dmatrix (kh kw C_in, C_out) += windows^T @ dout, and dbias += the sum of dout."""
    width = window[1]
    for s in range(len(strips)):
        first, last = strips[s, 0], strips[s, 1]
        part = dout[first * width : last * width]
        if copy:
            windows = columns[: len(part)]
            _gather(x, first, last, window, windows)
        else:
            windows = x.reshape(-1, x.shape[3])[first * width : last * width]
        np.dot(windows.T, part, product)
        for k in range(len(product)):
            for c in range(len(dbias)):
                dmatrix[k, c] += product[k, c]
        for p in range(len(part)):
            for c in range(len(dbias)):
                dbias[c] += part[p, c]


def _jobs(images, height, width, depth, limit):
    """Cut the output rows of all images into strips, and the strips into at most ``limit`` jobs: arrays (strips, 2)."""
    pixels = max(STRIP_FLOATS // depth, STRIP_PIXELS)
    strips = np.array(spans(images * height, pixels // width), np.int64).reshape(-1, 2)
    return [strips[first:last] for first, last in spans(len(strips), -(-len(strips) // limit))]


def _longest(jobs):
    return max((int((strips[:, 1] - strips[:, 0]).max()) for strips in jobs), default=0)  # no images, no jobs


def _convolve(x, matrix, bias, out, window):
    """Fill out (N H' W', C_out) with the windows of x times matrix, plus bias, in parallel."""
    height, width, kh, kw = window[:4]
    copy = window[2:] != (1, 1, 1, 1, 0, 0, 1)  # the windows of a plain 1x1 convolution are the pixels themselves
    jobs = _jobs(len(x), height, width, len(matrix), JOBS)
    rows = _longest(jobs) * width if copy else 1

    def job(j):
        columns = scratch("columns", (rows, len(matrix)), x.dtype)
        _product(x, matrix, bias, jobs[j], window, copy, columns, out)

    parallel(job, len(jobs))


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    """Convolve x with weight and add bias; see reference/conv2d.py for the meaning of every argument."""
    images, height, width, channels = check_conv2d(x, weight, bias, stride, padding, dilation)
    kh, kw = weight.shape[:2]
    matrix = np.ascontiguousarray(weight).reshape(-1, channels)  # (kh kw C_in, C_out)
    out = np.empty((images * height * width, channels), x.dtype)
    window = (height, width, kh, kw, stride, 1, -padding, -padding, dilation if kh * kw > 1 else 1)
    _convolve(np.ascontiguousarray(x), matrix, bias, out, window)
    return out.reshape(images, height, width, channels)


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1, need_dx=True):
    """Return dx, dweight, dbias; see reference/conv2d.py for the meaning of every argument."""
    check_same_shape("dout", dout, check_conv2d(x, weight, None, stride, padding, dilation))
    dout, x = np.ascontiguousarray(dout), np.ascontiguousarray(x)
    dweight, dbias = _gradient_of_weight(dout, x, weight.shape, stride, padding, dilation)
    dx = _gradient_of_x(dout, x.shape, weight, stride, padding, dilation) if need_dx else None
    return dx, dweight, dbias


def _gradient_of_weight(dout, x, weight_shape, stride, padding, dilation):
    """Sum windows^T @ dout, in a few partial sums whose number does not depend on the threads, added in order."""
    images, height, width, channels = dout.shape
    kh, kw = weight_shape[:2]
    depth = kh * kw * weight_shape[2]
    window = (height, width, kh, kw, stride, 1, -padding, -padding, dilation if kh * kw > 1 else 1)
    copy = window[2:] != (1, 1, 1, 1, 0, 0, 1)
    jobs = _jobs(images, height, width, depth, max(2, min(JOBS, PARTIAL_FLOATS // (depth * channels))))
    rows = _longest(jobs) * width if copy else 1
    dmatrix = np.zeros((len(jobs), depth, channels), x.dtype)
    dbias = np.zeros((len(jobs), channels), x.dtype)
    flat = dout.reshape(-1, channels)  # (N H' W', C_out)

    def job(j):
        columns = scratch("columns", (rows, depth), x.dtype)
        product = scratch("product", (depth, channels), x.dtype)
        _product_of_gradient(x, flat, jobs[j], window, copy, columns, product, dmatrix[j], dbias[j])

    parallel(job, len(jobs))
    return dmatrix.sum(axis=0).reshape(weight_shape), dbias.sum(axis=0)


def _gradient_of_x(dout, x_shape, weight, stride, padding, dilation):
    """Convolve dout with the weights turned round: every input pixel gathers from the outputs that it went into."""
    images, height, width, channels = x_shape
    kh, kw = weight.shape[:2]
    # Input pixel y went through tap i into output pixel (y + padding - i dilation) / stride, where that is whole;
    # with the taps turned round, the positions rise with the tap, as in the forward pass.
    matrix = np.ascontiguousarray(weight[::-1, ::-1].transpose(0, 1, 3, 2)).reshape(-1, channels)  # (kh kw C_out, C_in)
    offset_y, offset_x = padding - dilation * (kh - 1), padding - dilation * (kw - 1)
    dx = np.empty((images * height * width, channels), dout.dtype)
    window = (height, width, kh, kw, 1, stride, offset_y, offset_x, dilation if kh * kw > 1 else 1)
    _convolve(dout, matrix, np.zeros(channels, dout.dtype), dx, window)
    return dx.reshape(x_shape)
