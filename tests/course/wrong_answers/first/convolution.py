"""Lessons 03 and 04: convolution and its gradients."""

import numpy as np

from tests.course.wrong_answers.collection import Collection

wrong = Collection()


@wrong("output_size", "a dilated kernel is taken for kernel * dilation wide")
def output_size_times_dilation(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - kernel * dilation) // stride + 1


@wrong("output_size", "the padding is added on one side only")
def output_size_one_side(size, kernel, stride, padding, dilation):
    span = (kernel - 1) * dilation + 1
    return (size + padding - span) // stride + 1


@wrong("output_size", "the + 1 is missing")
def output_size_no_plus_one(size, kernel, stride, padding, dilation):
    span = dilation * (kernel - 1) + 1
    n = size + 2 * padding
    return (n - span) // stride


@wrong("output_size", "divides without rounding down")
def output_size_true_division(size, kernel, stride, padding, dilation):
    return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1


@wrong("convolve", "the kernel is flipped")
def convolve_flipped(x, kernel):
    kh, kw = kernel.shape
    flipped = kernel[::-1, ::-1]
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] * flipped)
    return out


@wrong("convolve", "the last row and column are missing, since the + 1 is")
def convolve_no_plus_one(x, kernel):
    kh, kw = kernel.shape
    h, w = x.shape[0] - kh, x.shape[1] - kw
    out = np.empty((h, w))
    for i in range(h):
        for j in range(w):
            out[i, j] = (x[i : i + kh, j : j + kw] * kernel).sum()
    return out


@wrong("convolve", "the mean of the products instead of their sum")
def convolve_mean(x, kernel):
    kh, kw = kernel.shape
    rows = []
    for i in range(len(x) - kh + 1):
        rows.append([np.mean(x[i : i + kh, j : j + kw] * kernel) for j in range(len(x[0]) - kw + 1)])
    return np.array(rows)


@wrong("convolve", "a matrix product of window and kernel instead of number by number")
def convolve_matmul(x, kernel):
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (x[i : i + kh, j : j + kw] @ kernel.T).sum()
    return out


@wrong("im2col", "the windows go down the columns first")
def im2col_columns_first(x, kh, kw):
    rows = []
    for j in range(x.shape[1] - kw + 1):
        for i in range(x.shape[0] - kh + 1):
            rows.append(x[i : i + kh, j : j + kw].ravel())
    return np.array(rows)


@wrong("im2col", "a window is a column of the matrix, not a row")
def im2col_as_columns(x, kh, kw):
    out = np.zeros((kh * kw, (x.shape[0] - kh + 1) * (x.shape[1] - kw + 1)))
    n = 0
    for i in range(x.shape[0] - kh + 1):
        for j in range(x.shape[1] - kw + 1):
            out[:, n] = x[i : i + kh, j : j + kw].flatten()
            n += 1
    return out


@wrong("bias_gradient", "the mean instead of the sum")
def bias_gradient_mean(dout):
    return dout.mean(axis=(0, 1, 2))


@wrong("bias_gradient", "the images are kept apart")
def bias_gradient_per_image(dout):
    return np.sum(dout, axis=(1, 2))


@wrong("bias_gradient", "only the first image")
def bias_gradient_first_image(dout):
    total = np.zeros(dout.shape[3])
    for row in dout[0]:
        for place in row:
            total += place
    return total


@wrong("weight_gradient", "the stride is ignored when the window is taken")
def weight_gradient_no_stride(dout, x, kernel, stride):
    dw = np.zeros((kernel, kernel))
    for i in range(dout.shape[0]):
        for j in range(dout.shape[1]):
            dw += dout[i, j] * x[i : i + kernel, j : j + kernel]
    return dw


@wrong("weight_gradient", "each window overwrites the one before")
def weight_gradient_overwrites(dout, x, kernel, stride):
    dw = np.zeros((kernel, kernel))
    for i in range(dout.shape[0]):
        for j in range(dout.shape[1]):
            r, c = i * stride, j * stride
            dw = dout[i, j] * x[r : r + kernel, c : c + kernel]
    return dw


@wrong("weight_gradient", "divides by the number of outputs")
def weight_gradient_mean(dout, x, kernel, stride):
    dw = np.zeros((kernel, kernel))
    h, w = dout.shape
    for u in range(kernel):
        for v in range(kernel):
            dw[u, v] = np.mean(dout * x[u : u + h * stride : stride, v : v + w * stride : stride])
    return dw


@wrong("input_gradient", "where windows overlap, the last one wins")
def input_gradient_overwrites(dout, weight, x_shape, stride):
    dx = np.zeros(x_shape)
    kh, kw = weight.shape
    for i in range(dout.shape[0]):
        for j in range(dout.shape[1]):
            dx[i * stride : i * stride + kh, j * stride : j * stride + kw] = dout[i, j] * weight
    return dx


@wrong("input_gradient", "the shape comes from the windows, so numbers that are in no window are missing")
def input_gradient_shape(dout, weight, x_shape, stride):
    kh, kw = weight.shape
    h, w = dout.shape
    dx = np.zeros(((h - 1) * stride + kh, (w - 1) * stride + kw))
    for i in range(h):
        for j in range(w):
            dx[i * stride : i * stride + kh, j * stride : j * stride + kw] += weight * dout[i, j]
    return dx


@wrong("input_gradient", "the weights are flipped")
def input_gradient_flipped(dout, weight, x_shape, stride):
    dx = np.zeros(x_shape)
    kh, kw = weight.shape
    for (i, j), g in np.ndenumerate(dout):
        dx[i * stride : i * stride + kh, j * stride : j * stride + kw] += g * weight[::-1, ::-1]
    return dx


@wrong("input_gradient_as_convolution", "the kernel is not flipped")
def as_convolution_unflipped(dout, weight):
    k = len(weight)
    padded = np.pad(dout, k - 1)
    h, w = dout.shape
    out = np.zeros((h + k - 1, w + k - 1))
    for i in range(h + k - 1):
        for j in range(w + k - 1):
            out[i, j] = (padded[i : i + k, j : j + k] * weight).sum()
    return out


@wrong("input_gradient_as_convolution", "flipped along one axis only")
def as_convolution_half_flipped(dout, weight):
    k = weight.shape[0]
    padded = np.pad(dout, ((k - 1, k - 1), (k - 1, k - 1)))
    kernel = weight[::-1]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k))
    return np.einsum("ijuv,uv->ij", windows, kernel)


@wrong("input_gradient_as_convolution", "padded with half the kernel")
def as_convolution_same_padding(dout, weight):
    k = weight.shape[0]
    padded = np.pad(dout, k // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k))
    return (windows * weight[::-1, ::-1]).sum(axis=(2, 3))
