"""Lessons 03 and 04: convolution and its gradients."""

import numpy as np

from tests.course.wrong_answers.collection import Collection

wrong = Collection()


@wrong("output_size", "without dilation")
def output_size_school(size, kernel, stride, padding, dilation):
    return (size - kernel + 2 * padding) // stride + 1


@wrong("output_size", "rounds up")
def output_size_ceil(size, kernel, stride, padding, dilation):
    import math

    k = kernel + (kernel - 1) * (dilation - 1)
    return math.ceil((size + 2 * padding - k) / stride) + 1


@wrong("output_size", "counts one window too many")
def output_size_while(size, kernel, stride, padding, dilation):
    reach = dilation * (kernel - 1)
    count, start = 0, 0
    while start + reach <= size + 2 * padding:
        count += 1
        start += stride
    return count


@wrong("output_size", "divides by the stride before the kernel is taken off")
def output_size_early(size, kernel, stride, padding, dilation):
    return (size + 2 * padding) // stride - dilation * (kernel - 1)


@wrong("convolve", "padded, so that the output is as large as the input")
def convolve_same(x, kernel):
    kh, kw = kernel.shape
    p = np.pad(x, ((kh // 2, kh // 2), (kw // 2, kw // 2)))
    out = np.zeros_like(x, dtype=float)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = (p[i : i + kh, j : j + kw] * kernel).sum()
    return out


@wrong("convolve", "the kernel is transposed")
def convolve_transposed_kernel(x, kernel):
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for u in range(kh):
                for v in range(kw):
                    out[r, c] += x[r + v, c + u] * kernel[u, v] if r + v < len(x) and c + u < len(x[0]) else 0
    return out


@wrong("convolve", "the sum is not begun anew for each output")
def convolve_running(x, kernel):
    kh, kw = kernel.shape
    total = 0
    rows = []
    for i in range(len(x) - kh + 1):
        row = []
        for j in range(len(x[0]) - kw + 1):
            for u in range(kh):
                for v in range(kw):
                    total += x[i + u, j + v] * kernel[u, v]
            row.append(total)
        rows.append(row)
    return np.array(rows)


@wrong("convolve", "takes the kernel's height for its width as well")
def convolve_square(x, kernel):
    k = len(kernel)
    out = np.zeros((x.shape[0] - k + 1, x.shape[1] - k + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + k, j : j + k] * kernel)
    return out


@wrong("im2col", "windows that do not overlap")
def im2col_steps(x, kh, kw):
    return np.array(
        [
            x[i : i + kh, j : j + kw].ravel()
            for i in range(0, x.shape[0] - kh + 1, kh)
            for j in range(0, x.shape[1] - kw + 1, kw)
        ]
    )


@wrong("im2col", "each window is read down its columns")
def im2col_fortran(x, kh, kw):
    view = np.lib.stride_tricks.sliding_window_view(x, (kh, kw))
    return np.array([w.flatten(order="F") for row in view for w in row])


@wrong("im2col", "the windows are not made flat")
def im2col_windows(x, kh, kw):
    view = np.lib.stride_tricks.sliding_window_view(x, (kh, kw))
    return view.reshape(-1, kh, kw)


@wrong("bias_gradient", "all in one number")
def bias_gradient_total(dout):
    return np.sum(dout)


@wrong("bias_gradient", "divided by the number of images")
def bias_gradient_over_images(dout):
    n = dout.shape[0]
    return dout.reshape(-1, dout.shape[-1]).sum(0) / n


@wrong("bias_gradient", "the first axis counts as the channels")
def bias_gradient_nchw(dout):
    return dout.sum(axis=(0, 2, 3))


@wrong("weight_gradient", "comes out flipped")
def weight_gradient_flipped(dout, x, kernel, stride):
    g = np.zeros((kernel, kernel))
    for (r, c), d in np.ndenumerate(dout):
        g += d * x[r * stride : r * stride + kernel, c * stride : c * stride + kernel][::-1, ::-1]
    return g


@wrong("weight_gradient", "the stride is there for rows only")
def weight_gradient_row_stride(dout, x, kernel, stride):
    g = np.zeros((kernel, kernel))
    for r in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            g += dout[r, c] * x[r * stride : r * stride + kernel, c : c + kernel]
    return g


@wrong("weight_gradient", "multiplies by the sum of the window")
def weight_gradient_sum_of_window(dout, x, kernel, stride):
    g = np.zeros((kernel, kernel))
    for r in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            g += dout[r, c] * x[r * stride : r * stride + kernel, c * stride : c * stride + kernel].sum()
    return g


@wrong("input_gradient", "the stride is forgotten")
def input_gradient_stride_one(dout, weight, x_shape, stride):
    dx = np.zeros(x_shape)
    k = weight.shape[0]
    for r in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            dx[r : r + k, c : c + k] += dout[r, c] * weight
    return dx


@wrong("input_gradient", "the weights are transposed")
def input_gradient_transposed(dout, weight, x_shape, stride):
    dx = np.zeros(x_shape)
    for r, c in np.ndindex(*dout.shape):
        for i, j in np.ndindex(*weight.shape):
            dx[r * stride + i, c * stride + j] += dout[r, c] * weight[j, i]
    return dx


@wrong("input_gradient", "an average where windows overlap")
def input_gradient_average(dout, weight, x_shape, stride):
    dx, n = np.zeros(x_shape), np.zeros(x_shape)
    kh, kw = weight.shape
    for r, c in np.ndindex(*dout.shape):
        part = np.s_[r * stride : r * stride + kh, c * stride : c * stride + kw]
        dx[part] += dout[r, c] * weight
        n[part] += 1
    return dx / np.where(n == 0, 1, n)


@wrong("input_gradient_as_convolution", "transposed instead of flipped")
def as_convolution_transposed(dout, weight):
    k = weight.shape[0]
    p = np.pad(dout, k - 1)
    out = np.zeros((dout.shape[0] + k - 1, dout.shape[1] + k - 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(p[i : i + k, j : j + k] * weight.T)
    return out


@wrong("input_gradient_as_convolution", "not padded")
def as_convolution_no_padding(dout, weight):
    k = weight.shape[0]
    w = weight[::-1, ::-1]
    return np.array(
        [
            [np.sum(dout[i : i + k, j : j + k] * w) for j in range(dout.shape[1] - k + 1)]
            for i in range(dout.shape[0] - k + 1)
        ]
    )


@wrong("input_gradient_as_convolution", "padded by the whole kernel")
def as_convolution_too_much(dout, weight):
    k = weight.shape[0]
    p = np.pad(dout, ((k, k), (k, k)))
    view = np.lib.stride_tricks.sliding_window_view(p, (k, k))
    return (view * np.flip(weight)).sum((-1, -2))
