"""A convolution of any shape by im2col and GEMM, and the gradient of its input, which is such a convolution too.

    columns = im2col(x)                                            # (N H' W', kh kw C_in), strip by strip
    out = columns @ weight.reshape(kh * kw * C_in, C_out) * scale + bias
    out = np.maximum(out, 0) if relu else out

    flipped = weight[::-1, ::-1].transpose(0, 1, 3, 2)             # (kh, kw, C_out, C_in)
    dx = im2col(dout, backward through the stride) @ flipped.reshape(kh * kw * C_out, C_in)

Scale, bias and ReLU are applied where the sums are written, so they read nothing from memory again.
"""

import numpy as np

from numpyssd.kernels.cpu.conv.gemm import Size, gemm
from numpyssd.kernels.cpu.conv.im2col import Windows, gather, strips_of, windows_of
from numpyssd.kernels.cpu.conv.layout import Matrix, packed, padded_columns
from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.threads import parallel, scratch
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES

JOBS = 16  # pieces that threads take in turn; fixed, so that the bits do not depend on the threads


@njit
def _jobs(tickets, jobs, x, weights, finish, strips, windows, copy, depth, columns, sums, out):
    job = take(tickets)
    while job < len(jobs):
        own = strips[jobs[job, 0] : jobs[job, 1]]
        _strips(x, weights, finish, own, windows, copy, depth, columns, sums, out)
        job = take(tickets)


@inner
def _strips(x, weights, finish, strips, windows, copy, depth, columns, sums, out):
    """For each strip: out (pixels, C_out) = columns (pixels, kh kw C_in) @ weights * scale + bias, then ReLU."""
    channels, zero = out.shape[1], x.dtype.type(0)
    scale, bias, relu = finish
    lanes = REGISTER_BYTES // x.itemsize
    whole = (channels + lanes - 1) // lanes * lanes
    no, one = np.int64(0), np.int64(1)
    for s in range(len(strips)):
        first, last = strips[s, 0], strips[s, 1]
        pixels = (last - first) * windows.width
        if copy:
            gather(x, first, last, windows, columns)
            source, start = columns, no
        else:
            source, start = x.reshape(-1), first * windows.width * depth
        size = Size(pixels, whole, depth)
        gemm(source, Matrix(start, depth, one), weights, no, no, sums, Matrix(no, whole, 2 * lanes), size, no)
        for p in range(pixels):
            total, target = sums[p * whole : p * whole + channels], out[first * windows.width + p]
            if relu:
                for c in range(channels):
                    value = total[c] * scale[c] + bias[c]
                    target[c] = zero if value < zero else value  # in this order NaN stays NaN
            else:
                for c in range(channels):
                    target[c] = total[c] * scale[c] + bias[c]


def _convolve(x, weights, finish, windows, depth, out):
    """Fill out (N, H', W', C_out) with the windows of x times the packed weights, finished."""
    channels, copy = out.shape[3], not windows.are_pixels()
    strips, jobs, pixels = strips_of(len(x), windows, depth, JOBS)
    flat = out.reshape(-1, channels)

    def work(tickets):
        columns = scratch("values", (pixels * depth + padded_columns(1, x.dtype) if copy else 1,), x.dtype)
        sums = scratch("sums", (pixels * padded_columns(channels, x.dtype),), x.dtype)
        _jobs(tickets, jobs, x, weights, finish, strips, windows, copy, depth, columns, sums, flat)

    parallel(work, len(jobs))


def forward(x, weights, finish, kernel, stride, padding, dilation, out):
    """Fill out (N, H', W', C_out) from x (N, H, W, C_in) and the packed weights (kh kw C_in, C_out).

    finish: scale (C_out,), bias (C_out,), and whether negative results become zero.
    """
    windows = windows_of(*out.shape[1:3], kernel, stride, padding, dilation)
    _convolve(x, weights, finish, windows, kernel[0] * kernel[1] * x.shape[3], out)


def packed_flipped(weight):
    """Return the packed weights of the gradient of x, (kh kw C_out, C_in): the kernel flipped, channels transposed."""
    flipped = weight[::-1, ::-1].transpose(0, 1, 3, 2)
    return packed(np.ascontiguousarray(flipped).reshape(-1, weight.shape[2]))


def gradient_of_x(dout, weights, kernel, stride, padding, dilation, dx):
    """Fill dx (N, H, W, C_in): every input pixel gathers the gradients of the outputs that it was used for.

    Input pixel y was used at kernel position i for output pixel (y + padding - i dilation) / stride, where that is
    whole. With the kernel flipped, the output pixel rises with the position, as in the forward pass.
    """
    kh, kw = kernel
    offset_y, offset_x = padding - dilation * (kh - 1), padding - dilation * (kw - 1)
    step = dilation if kh * kw > 1 else 1
    windows = Windows(*dx.shape[1:3], kh, kw, 1, stride, offset_y, offset_x, step)
    finish = np.ones(dx.shape[3], dx.dtype), np.zeros(dx.shape[3], dx.dtype), False
    _convolve(dout, weights, finish, windows, kh * kw * dout.shape[3], dx)
