"""Exercises of lesson 04: the gradient of the bias, of the weights, of the input, and of the input as a convolution."""

import numpy as np

from lessons.course.exercises.convolution import draw_grids
from lessons.course.exercises.exercise import Exercise, Mistake


def bias_gradient(dout):
    return dout.sum(axis=(0, 1, 2))  # (C_out,)


def bias_mean(dout):
    return dout.mean(axis=(0, 1, 2))


def bias_all(dout):
    return dout.sum()


def bias_of_each_image(dout):
    return dout.sum(axis=(1, 2))


def bias_of_the_first_image(dout):
    return dout[0].sum(axis=(0, 1))


def bias_over_images(dout):
    return dout.sum(axis=0)


def bias_over_images_and_rows(dout):
    return dout.sum(axis=(0, 1))


def bias_mean_of_images(dout):
    return dout.sum(axis=(1, 2)).mean(axis=0)


def bias_mean_of_places(dout):
    return dout.mean(axis=(1, 2)).sum(axis=0)


def bias_of_the_first_axis(dout):
    return dout.sum(axis=(1, 2, 3))


def bias_of_the_second_axis(dout):
    return dout.sum(axis=(0, 2, 3))


def gradients():
    rng = np.random.default_rng(5)
    shapes = ((1, 2, 2, 1), (1, 2, 3, 2), (3, 2, 2, 4))
    return [(rng.integers(-3, 4, shape).astype(float),) for shape in shapes]


def weight_gradient(dout, x, kernel, stride):
    dweight = np.zeros((kernel, kernel))
    for r, c in np.ndindex(dout.shape):
        top, left = r * stride, c * stride
        dweight += dout[r, c] * x[top : top + kernel, left : left + kernel]
    return dweight


def weight_without_stride(dout, x, kernel, stride):
    return weight_gradient(dout, x, kernel, 1)


def weight_mean(dout, x, kernel, stride):
    return weight_gradient(dout, x, kernel, stride) / dout.size


def weight_last(dout, x, kernel, stride):
    top, left = ((side - 1) * stride for side in dout.shape)
    return dout[-1, -1] * x[top : top + kernel, left : left + kernel].astype(float)


def weight_flipped(dout, x, kernel, stride):
    return weight_gradient(dout, x, kernel, stride)[::-1, ::-1]


def weight_transposed(dout, x, kernel, stride):
    return weight_gradient(dout, x, kernel, stride).T


def weight_of_x_only(dout, x, kernel, stride):
    return weight_gradient(np.ones_like(dout), x, kernel, stride)


def weight_dout_transposed(dout, x, kernel, stride):
    return weight_gradient(dout.T, x, kernel, stride)


def _weight_by_strides(dout, x, kernel, down, across):
    dweight = np.zeros((kernel, kernel))
    for r, c in np.ndindex(dout.shape):
        dweight += dout[r, c] * x[r * down : r * down + kernel, c * across : c * across + kernel]
    return dweight


def weight_stride_down(dout, x, kernel, stride):
    return _weight_by_strides(dout, x, kernel, stride, 1)


def weight_stride_across(dout, x, kernel, stride):
    return _weight_by_strides(dout, x, kernel, 1, stride)


def weight_of_summed_windows(dout, x, kernel, stride):
    summed = weight_gradient(dout, x, kernel, stride).sum()
    return np.full((kernel, kernel), summed)


def weight_cases():
    rng = np.random.default_rng(6)
    first = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 1.0, 1.0]]), 2, 1
    cases = [first]
    for side, kernel, stride in ((5, 3, 1), (5, 3, 2), (6, 2, 2), (7, 3, 2)):
        shape = ((side - kernel) // stride + 1,) * 2
        x = rng.integers(0, 5, (side, side)).astype(float)
        cases.append((rng.integers(-3, 4, shape).astype(float), x, kernel, stride))
    return cases


def input_gradient(dout, weight, x_shape, stride):
    dx = np.zeros(x_shape)
    for r, c in np.ndindex(dout.shape):
        for i, j in np.ndindex(weight.shape):
            dx[r * stride + i, c * stride + j] += dout[r, c] * weight[i, j]
    return dx


def input_overwritten(dout, weight, x_shape, stride):
    dx = np.zeros(x_shape)
    for r, c in np.ndindex(dout.shape):
        for i, j in np.ndindex(weight.shape):
            dx[r * stride + i, c * stride + j] = dout[r, c] * weight[i, j]
    return dx


def input_without_stride(dout, weight, x_shape, stride):
    return input_gradient(dout, weight, x_shape, 1)


def input_flipped(dout, weight, x_shape, stride):
    return input_gradient(dout, weight[::-1, ::-1], x_shape, stride)


def input_cut(dout, weight, x_shape, stride):
    dx = input_gradient(dout, weight, x_shape, stride)
    rows, columns = ((side - 1) * stride + k for side, k in zip(dout.shape, weight.shape))
    return dx[: rows - 1, : columns - 1]


def input_of_the_windows_size(dout, weight, x_shape, stride):
    rows, columns = ((side - 1) * stride + k for side, k in zip(dout.shape, weight.shape))
    return input_gradient(dout, weight, (rows, columns), stride)


def input_transposed(dout, weight, x_shape, stride):
    return input_gradient(dout, weight.T, x_shape, stride)


def input_weight_only(dout, weight, x_shape, stride):
    return input_gradient(np.ones_like(dout), weight, x_shape, stride)


def input_mean(dout, weight, x_shape, stride):
    windows = input_gradient(np.ones_like(dout), np.ones_like(weight), x_shape, stride)
    return input_gradient(dout, weight, x_shape, stride) / np.maximum(windows, 1)


def input_cases():
    rng = np.random.default_rng(7)
    cases = [(np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [2.0, -1.0]]), (3, 3), 1)]
    for side, kernel, stride in ((5, 3, 1), (5, 3, 2), (6, 3, 2), (6, 2, 3)):
        shape = ((side - kernel) // stride + 1,) * 2
        weight = rng.integers(-2, 3, (kernel, kernel)).astype(float)
        cases.append((rng.integers(1, 5, shape).astype(float), weight, (side, side), stride))
    return cases


def input_gradient_as_convolution(dout, weight):
    rim = weight.shape[0] - 1
    padded, flipped = np.pad(dout, rim), weight[::-1, ::-1]
    side = padded.shape[0] - rim, padded.shape[1] - rim
    dx = np.zeros(side)
    for i, j in np.ndindex(flipped.shape):
        dx += flipped[i, j] * padded[i : i + side[0], j : j + side[1]]
    return dx


def full_not_flipped(dout, weight):
    return input_gradient_as_convolution(dout, weight[::-1, ::-1])


def full_transposed(dout, weight):
    return input_gradient_as_convolution(dout, weight.T)


def full_without_rim(dout, weight):
    rim = weight.shape[0] - 1
    return input_gradient_as_convolution(dout, weight)[rim:-rim, rim:-rim]


def full_flipped_down(dout, weight):
    return input_gradient_as_convolution(dout, weight[:, ::-1])  # which the answer flips once more


def full_flipped_across(dout, weight):
    return input_gradient_as_convolution(dout, weight[::-1])


def full_turned_once(dout, weight):
    return input_gradient_as_convolution(dout, np.rot90(weight))


def full_turned_back(dout, weight):
    return input_gradient_as_convolution(dout, np.rot90(weight, -1))


def full_half_padding(dout, weight):
    size = len(weight)
    padded, flipped = np.pad(dout, size // 2), weight[::-1, ::-1]
    windows = np.lib.stride_tricks.sliding_window_view(padded, flipped.shape)
    return (windows * flipped).sum(axis=(2, 3))


def full_whole_padding(dout, weight):
    padded, flipped = np.pad(dout, len(weight)), weight[::-1, ::-1]
    windows = np.lib.stride_tricks.sliding_window_view(padded, flipped.shape)
    return (windows * flipped).sum(axis=(2, 3))


def full_transposed_only(dout, weight):
    return input_gradient_as_convolution(dout, weight.T[::-1, ::-1])  # which the answer flips back


def full_cases():
    return [(dout, weight) for dout, weight, _, stride in input_cases() if stride == 1] + [
        (np.arange(12.0).reshape(3, 4), np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0], [1.0, 0.0, 2.0]]))
    ]


EXERCISES = {
    "bias_gradient": Exercise(
        question="Return dbias (C_out,) for dout (N, H', W', C_out).",
        answer=bias_gradient,
        cases=gradients,
        hints=(
            "A channel's bias is added to every output of that channel: a change of it moves all of them.",
            "Add up dout over all axes but the last.",
        ),
        mistakes={
            "mean": Mistake(
                bias_mean,
                "this is the mean; each output passes on its whole gradient, so it is the sum.",
                variants=(bias_mean_of_images, bias_mean_of_places),
            ),
            "one number": Mistake(bias_all, "everything is added into one number; each channel has a bias of its own."),
            "each image": Mistake(
                bias_of_each_image, "there is one row for each image; all images share the bias, so add them up too."
            ),
            "first image": Mistake(bias_of_the_first_image, "this is the first image alone. Add up all images."),
            "places left": Mistake(
                bias_over_images,
                "the places are not added up: a channel has one bias for all of them. Sum over the axes 0, 1 and 2.",
                variants=(bias_over_images_and_rows,),
            ),
            "another axis": Mistake(
                bias_of_the_second_axis,
                "the channels are the *last* axis here (N, H', W', C_out): sum over the axes 0, 1 and 2.",
                variants=(bias_of_the_first_axis,),
            ),
        },
    ),
    "weight_gradient": Exercise(
        question="Return dweight (kernel, kernel) for dout (H', W') and x (H, W), without padding.",
        answer=weight_gradient,
        cases=weight_cases,
        draw=draw_grids,
        hints=(
            "Output (r, c) multiplied weight[i, j] by a pixel of its window: that pixel is the factor.",
            "dweight += dout[r, c] * (the window of x of output (r, c)), for all r and c.",
        ),
        mistakes={
            "without stride": Mistake(
                weight_without_stride,
                "right for stride 1 only: the window of output (r, c) begins at row r * stride, column c * stride.",
                variants=(weight_stride_down, weight_stride_across),
            ),
            "windows summed": Mistake(
                weight_of_summed_windows,
                "you add up each window. Every weight has a number of its own in it: keep them.",
            ),
            "mean": Mistake(
                weight_mean, "it is divided by the number of outputs. The loss may do so; the layer must not."
            ),
            "last only": Mistake(weight_last, "only the last output is left: = where += is wanted."),
            "flipped": Mistake(weight_flipped, "dweight comes out flipped."),
            "transposed": Mistake(weight_transposed, "rows and columns of dweight are exchanged."),
            "without dout": Mistake(
                weight_of_x_only, "you add up the windows alone. Each is multiplied by the gradient of its output."
            ),
            "dout transposed": Mistake(
                weight_dout_transposed, "rows and columns of dout are exchanged: dout[r, c] belongs to row r of x."
            ),
        },
    ),
    "input_gradient": Exercise(
        question="Return dx of shape x_shape for dout (H', W') and weight (kh, kw), without padding.",
        answer=input_gradient,
        cases=input_cases,
        draw=draw_grids,
        hints=(
            "Go through the outputs as in the forward pass, but write to dx where the forward pass read from x.",
            "dx[r * stride + i, c * stride + j] += dout[r, c] * weight[i, j].",
        ),
        mistakes={
            "overwritten": Mistake(
                input_overwritten,
                "windows overlap, and the last one wipes out what the others left: += and not =.",
            ),
            "without stride": Mistake(
                input_without_stride, "right for stride 1 only: the window of output r begins at row r * stride."
            ),
            "flipped": Mistake(
                input_flipped,
                "the kernel is flipped. It is only flipped if you *gather* (dx as a convolution of dout).",
            ),
            "cut": Mistake(
                input_cut,
                "dx is too small: it has the shape of x, even where no window reaches.",
                variants=(input_of_the_windows_size,),
            ),
            "transposed": Mistake(input_transposed, "rows and columns of the weights are exchanged."),
            "without dout": Mistake(
                input_weight_only, "you add up the weights alone. Each window is multiplied by its output's gradient."
            ),
            "mean": Mistake(
                input_mean,
                "you divide by the number of windows that a number is in. A gradient is a sum over all ways.",
            ),
        },
    ),
    "input_gradient_as_convolution": Exercise(
        question="Return dx for stride 1 as a convolution of the padded dout with the flipped kernel.",
        answer=input_gradient_as_convolution,
        cases=full_cases,
        draw=draw_grids,
        hints=(
            "Pad dout by kernel - 1 zeros on each side, so that the corners of x get windows too.",
            "Flip the kernel, weight[::-1, ::-1], and convolve as in lesson 03.",
        ),
        mistakes={
            "not flipped": Mistake(
                full_not_flipped, "the kernel is not flipped: what weight (i, j) read i rows below goes back i rows up."
            ),
            "transposed": Mistake(
                full_transposed,
                "transposing is not flipping: use weight[::-1, ::-1].",
                variants=(full_transposed_only,),
            ),
            "without rim": Mistake(full_without_rim, "dout is not padded, so dx is smaller than x."),
            "half flipped": Mistake(
                full_flipped_down,
                "the kernel is flipped along one axis only: weight[::-1, ::-1] flips both.",
                variants=(full_flipped_across,),
            ),
            "turned": Mistake(
                full_turned_once,
                "the kernel is turned by a quarter. Flipping both axes is half a turn: weight[::-1, ::-1].",
                variants=(full_turned_back,),
            ),
            "half padding": Mistake(
                full_half_padding,
                "you pad by half the kernel, as for a map that keeps its size. dx is larger than dout: pad by k - 1.",
            ),
            "too much padding": Mistake(
                full_whole_padding, "you pad by k. With k - 1 the first window holds one number of dout: pad by that."
            ),
        },
    ),
}
