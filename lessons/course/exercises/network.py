"""Exercises of lesson 02: steps downhill, a layer with its ReLU and its gradients, two layers in one, normalization."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def descend(w, x, y, rate, steps):
    for _ in range(steps):
        w = w - rate * np.mean(2 * (w * x - y) * x)
    return w


def descend_uphill(w, x, y, rate, steps):
    return descend(w, x, y, -rate, steps)


def descend_by_the_sum(w, x, y, rate, steps):
    return descend(w, x, y, rate * len(x), steps)


def descend_half(w, x, y, rate, steps):
    return descend(w, x, y, rate / 2, steps)


def descend_once(w, x, y, rate, steps):
    return descend(w, x, y, rate, min(steps, 1))


def descend_without_input(w, x, y, rate, steps):
    for _ in range(steps):
        w = w - rate * np.mean(2 * (w * x - y))
    return w


def descents():
    rows = [(40, [1, 2], [8, 16], 0.1, 1), (40, [1, 2], [8, 16], 0.1, 5), (3, [2], [8], 0.25, 1), (7, [1], [2], 0.1, 0)]
    rows += [(0, [1, 3, -2], [2, 5, 0], 0.05, 4)]
    return [(float(w), np.array(x, float), np.array(y, float), rate, steps) for w, x, y, rate, steps in rows]


def relu_layer(x, weight, bias):
    return np.maximum(x @ weight + bias, 0)


def relu_layer_without_relu(x, weight, bias):
    return x @ weight + bias


def relu_layer_bias_after(x, weight, bias):
    return np.maximum(x @ weight, 0) + bias


def relu_layer_absolute(x, weight, bias):
    return np.abs(x @ weight + bias)


def relu_layer_without_bias(x, weight, bias):
    return np.maximum(x @ weight, 0)


def layers():
    rows = [([[2]], [[3]], [1]), ([[2]], [[-3]], [1]), ([[1, 2]], [[1, -1], [1, 1]], [0, -1])]
    rows += [([[0, 0], [0, 1], [1, 0], [1, 1]], [[1, 1], [1, 1]], [0, -1])]
    rng = np.random.default_rng(8)
    rows += [(rng.integers(-3, 4, (2, 3)), rng.integers(-3, 4, (3, 4)), rng.integers(-3, 4, 4))]
    return [tuple(np.array(each, float) for each in row) for row in rows]


def merge_layers(weight1, bias1, weight2, bias2):
    return weight1 @ weight2, bias1 @ weight2 + bias2


def merge_in_the_other_order(weight1, bias1, weight2, bias2):
    return weight2 @ weight1, bias1 @ weight2 + bias2


def merge_by_adding_biases(weight1, bias1, weight2, bias2):
    return weight1 @ weight2, bias1 + bias2


def merge_without_first_bias(weight1, bias1, weight2, bias2):
    return weight1 @ weight2, bias2


def merge_place_by_place(weight1, bias1, weight2, bias2):
    return weight1 * weight2, bias1 @ weight2 + bias2


def merge_bias_first(weight1, bias1, weight2, bias2):
    return merge_layers(weight1, bias1, weight2, bias2)[::-1]


def pairs_of_layers():
    rows = [([[2]], [0], [[3]], [0]), ([[2]], [1], [[3]], [4])]
    rows += [([[1, 1], [0, 1]], [1, 0], [[1, 0], [2, 1]], [0, 5])]
    rows += [([[1, 2], [3, 4]], [1, -1], [[0, 1], [1, 0]], [2, 2])]
    rng = np.random.default_rng(9)
    rows += [tuple(rng.integers(-3, 4, shape) for shape in ((2, 3), 3, (3, 1), 1))]
    return [tuple(np.array(each, float) for each in row) for row in rows]


def batch_normalize(x, scale, shift):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) * scale + shift


def batch_normalize_all_together(x, scale, shift):
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5) * scale + shift


def batch_normalize_each_example(x, scale, shift):
    deviation = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    return (x - x.mean(axis=1, keepdims=True)) / deviation * scale + shift


def batch_normalize_without_root(x, scale, shift):
    return (x - x.mean(axis=0)) / (x.var(axis=0) + 1e-5) * scale + shift


def batch_normalize_shift_first(x, scale, shift):
    return ((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) + shift) * scale


def batch_normalize_one_less(x, scale, shift):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0, ddof=1) + 1e-5) * scale + shift


def batch_normalize_without_epsilon(x, scale, shift):
    with np.errstate(invalid="ignore"):
        return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0)) * scale + shift


def batch_normalize_without_scale(x, scale, shift):
    return batch_normalize(x, 1.0, shift)


def batch_normalize_without_shift(x, scale, shift):
    return batch_normalize(x, scale, 0.0)


def batch_normalize_without_either(x, scale, shift):
    return batch_normalize(x, 1.0, 0.0)


def batches():
    rows = [([[3], [9], [11], [17]], [1], [0]), ([[3], [9], [11], [17]], [10], [3])]
    rows += [([[0, 100], [2, 300]], [1, 1], [0, 0]), ([[5, 1], [5, 3]], [2, 2], [1, 1])]
    rows += [(np.random.default_rng(3).normal(5, 3, (6, 3)).round(1), [1, 2, 3], [0, -1, 1])]
    return [tuple(np.array(each, float) for each in row) for row in rows]


def layer_gradients(dout, x, weight, bias):
    dsum = np.where(x @ weight + bias > 0, dout, 0)  # (N, O): the ReLU stops what it set to 0
    return dsum @ weight.T, x.T @ dsum, dsum.sum(axis=0)


def layer_gradients_without_relu(dout, x, weight, bias):
    return dout @ weight.T, x.T @ dout, dout.sum(axis=0)


def layer_gradients_asking_dout(dout, x, weight, bias):
    return layer_gradients_without_relu(np.maximum(dout, 0), x, weight, bias)


def layer_gradients_mean(dout, x, weight, bias):
    dx, dweight, dbias = layer_gradients(dout, x, weight, bias)
    return dx, dweight / len(x), dbias / len(x)


def layer_gradients_all_but_dx(dout, x, weight, bias):
    return dout @ weight.T, *layer_gradients(dout, x, weight, bias)[1:]


def layer_gradients_in_another_order(dout, x, weight, bias):
    dx, dweight, dbias = layer_gradients(dout, x, weight, bias)
    return dweight, dbias, dx


def layers_with_gradients():
    rows = [([[1]], [[2]], [[3]], [1]), ([[1]], [[2]], [[3]], [-8]), ([[-1]], [[2]], [[3]], [1])]
    rows += [([[1, 2], [3, -4]], [[1, 0], [0, 1]], [[1, 2], [-1, 3]], [0, 1])]
    rng = np.random.default_rng(10)
    shapes = (3, 2), (3, 4), (4, 2), 2
    rows += [[rng.integers(-3, 4, shape) + 0.5 for shape in shapes]]
    return [tuple(np.array(each, float) for each in row) for row in rows]


EXERCISES = {
    "descend": Exercise(
        question="Return w after some steps downhill, for the mean of (w x - y)² over a batch of x (N,) and y (N,).",
        answer=descend,
        cases=descents,
        hints=(
            "The slope of (w x - y)² is 2 (w x - y) x. Take its mean over the batch, and do not forget to repeat.",
            "In each step: w = w - rate * np.mean(2 * (w * x - y) * x).",
        ),
        mistakes={
            "uphill": Mistake(descend_uphill, "you add the slope. It points uphill; subtract it."),
            "sum": Mistake(
                descend_by_the_sum,
                "you take the sum over the batch, not the mean: with twice as many examples a step is twice as long.",
            ),
            "half": Mistake(descend_half, "the 2 is missing: the slope of a square e² is 2 e."),
            "once": Mistake(descend_once, "this is one step, whatever steps says."),
            "without x": Mistake(
                descend_without_input,
                "the factor x is missing: raise w by 1, and w x rises by x. The two slopes are multiplied.",
            ),
        },
    ),
    "relu_layer": Exercise(
        question="Return the outputs (N, O) of a layer and its ReLU for x (N, I), weight (I, O) and bias (O,).",
        answer=relu_layer,
        cases=layers,
        hints=(
            "First x @ weight + bias, for all examples at once. Then what is negative becomes 0.",
            "np.maximum(x @ weight + bias, 0) compares number by number; np.max would return only one.",
        ),
        mistakes={
            "no ReLU": Mistake(relu_layer_without_relu, "negative outputs are left. The ReLU makes them 0."),
            "bias after": Mistake(relu_layer_bias_after, "you add the bias after the ReLU; it is a part of the sum."),
            "absolute": Mistake(relu_layer_absolute, "a ReLU makes negative numbers 0, not positive."),
            "no bias": Mistake(relu_layer_without_bias, "the bias is missing."),
        },
    ),
    "merge_layers": Exercise(
        question="Return weight and bias of the one layer that does what two linear layers do, one after the other.",
        answer=merge_layers,
        cases=pairs_of_layers,
        hints=(
            "Write (x @ weight1 + bias1) @ weight2 + bias2 without the brackets.",
            "It is x @ (weight1 @ weight2) + (bias1 @ weight2 + bias2).",
        ),
        mistakes={
            "other order": Mistake(
                merge_in_the_other_order, "x meets weight1 first, so that it stands on the left: weight1 @ weight2."
            ),
            "biases added": Mistake(
                merge_by_adding_biases, "bias1 goes through the second layer too: multiply it by weight2."
            ),
            "first bias lost": Mistake(merge_without_first_bias, "bias1 is lost; the second layer reads it with x."),
            "bias first": Mistake(merge_bias_first, "return the weight first, then the bias."),
            "place by place": Mistake(
                merge_place_by_place, "* multiplies place by place; a layer after a layer is a matrix product, @."
            ),
        },
    ),
    "batch_normalize": Exercise(
        question="Return x (N, C) with mean 0 and variance 1 in each channel (1e-5 in the root), times scale, plus shift.",
        answer=batch_normalize,
        cases=batches,
        hints=(
            "Each channel is a column: mean and variance over axis 0, the batch.",
            "(x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) * scale + shift.",
        ),
        mistakes={
            "all together": Mistake(
                batch_normalize_all_together, "you took one mean and one variance for all; each channel has its own."
            ),
            "each example": Mistake(
                batch_normalize_each_example,
                "you went over the channels of one example (that is layer normalization). Go over the batch: axis 0.",
            ),
            "no root": Mistake(
                batch_normalize_without_root, "you divide by the variance; the standard deviation is its root."
            ),
            "shift first": Mistake(batch_normalize_shift_first, "multiply by the scale first, then add the shift."),
            "no scale": Mistake(batch_normalize_without_scale, "the scale is missing: multiply by it."),
            "no shift": Mistake(batch_normalize_without_shift, "the shift is missing: add it at the end."),
            "neither": Mistake(batch_normalize_without_either, "multiply by the scale, and add the shift."),
            "one less": Mistake(
                batch_normalize_one_less, "you divide the squares by N - 1; batch normalization divides them by N."
            ),
            "no epsilon": Mistake(
                batch_normalize_without_epsilon, "a channel of equal numbers becomes 0 / 0. Add 1e-5 in the root."
            ),
        },
    ),
    "layer_gradients": Exercise(
        question="Return dx, dweight and dbias of out = max(x @ weight + bias, 0), given dout (N, O).",
        answer=layer_gradients,
        cases=layers_with_gradients,
        hints=(
            "Where the sum x @ weight + bias is not positive, the output is 0 and stays 0: no gradient. Else it is dout.",
            "dsum = np.where(x @ weight + bias > 0, dout, 0); then dsum @ weight.T, x.T @ dsum, dsum.sum(axis=0).",
        ),
        mistakes={
            "no ReLU": Mistake(
                layer_gradients_without_relu, "where the ReLU made an output 0, its gradient must not go on."
            ),
            "asks dout": Mistake(
                layer_gradients_asking_dout,
                "you keep what is positive in dout. Keep what was positive before the ReLU: a gradient may be negative.",
            ),
            "another order": Mistake(layer_gradients_in_another_order, "the order is dx, dweight, dbias."),
            "mean": Mistake(
                layer_gradients_mean, "you take means over the batch; the mean is in the loss already. Sum here."
            ),
            "dx not stopped": Mistake(
                layer_gradients_all_but_dx, "dweight and dbias are right, but dx needs the gradient after the ReLU too."
            ),
        },
    ),
}
