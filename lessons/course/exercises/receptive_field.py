"""Exercises of lesson 06: receptive fields, their pixels, a subsampled kernel."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * step
        step *= stride
    return field


def field_stride_at_once(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        step *= stride
        field += (kernel - 1) * dilation * step
    return field


def field_without_step(layers):
    return 1 + sum((kernel - 1) * dilation for kernel, _, dilation in layers)


def field_without_dilation(layers):
    return receptive_field([(kernel, stride, 1) for kernel, stride, _ in layers])


def field_whole_kernel(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += kernel * dilation * step
        step *= stride
    return field


def stacks():
    return [
        ([(3, 1, 1)],),
        ([(3, 1, 1), (3, 1, 1)],),
        ([(2, 2, 1)],),
        ([(3, 1, 1), (2, 2, 1), (3, 1, 1)],),
        ([(3, 1, 6)],),
        ([(3, 2, 1), (3, 2, 2), (1, 1, 1), (3, 1, 1)],),
    ]


def seen_pixels(layers, unit, size):
    first = last = unit
    for kernel, stride, padding, dilation in layers[::-1]:
        first = first * stride - padding
        last = last * stride - padding + (kernel - 1) * dilation
    return max(first, 0), min(last, size - 1)


def seen_without_padding(layers, unit, size):
    return seen_pixels([(kernel, stride, 0, dilation) for kernel, stride, _, dilation in layers], unit, size)


def seen_not_cut(layers, unit, size):
    first = last = unit
    for kernel, stride, padding, dilation in layers[::-1]:
        first = first * stride - padding
        last = last * stride - padding + (kernel - 1) * dilation
    return first, last


def seen_forwards(layers, unit, size):
    return seen_pixels(layers[::-1], unit, size)


def seen_end_beyond(layers, unit, size):
    first, last = seen_pixels(layers, unit, size)
    return first, last + 1


def stacks_with_units():
    one, vgg = [(3, 1, 1, 1)], [(3, 1, 1, 1), (2, 2, 0, 1), (3, 1, 1, 1)]
    return [
        (one, 5, 20),
        (one, 0, 20),
        ([(2, 2, 0, 1)], 3, 20),
        (vgg, 4, 20),
        (vgg, 9, 20),
        ([(3, 2, 1, 1), (3, 1, 6, 6)], 15, 60),
        ([(3, 1, 0, 1), (3, 2, 1, 1)], 2, 30),
    ]


def subsample(weight, step, keep):
    return weight[::step, ::step, :, ::keep]


def subsample_first_outputs(weight, step, keep):
    return weight[::step, ::step, :, : -(-weight.shape[3] // keep)]


def subsample_inputs(weight, step, keep):
    return weight[::step, ::step, ::keep]


def subsample_rows_only(weight, step, keep):
    return weight[::step, :, :, ::keep]


def subsample_corner(weight, step, keep):
    size = -(-len(weight) // step)
    return weight[:size, :size, :, ::keep]


def weights():
    shapes = ((3, 3, 1, 1, 2, 1), (3, 3, 2, 4, 2, 2), (7, 7, 4, 8, 3, 4), (5, 5, 3, 6, 2, 3))
    return [(np.arange(k * q * a * b).reshape(k, q, a, b), step, keep) for k, q, a, b, step, keep in shapes]


EXERCISES = {
    "receptive_field": Exercise(
        question="Return how many pixels, along one side, the receptive field of a unit of the last layer has.",
        answer=receptive_field,
        cases=stacks,
        hints=(
            "Keep two numbers: the field, which begins with 1, and the step from one unit to the next, in pixels.",
            "For each layer, first field += (kernel - 1) * dilation * step, and then step *= stride.",
        ),
        mistakes={
            "stride at once": Mistake(
                field_stride_at_once,
                "a layer's own stride moves its output apart, not its input: multiply the step after the field.",
            ),
            "without step": Mistake(
                field_without_step, "you count units of the layer below; each lies several pixels from the next."
            ),
            "without dilation": Mistake(field_without_dilation, "the weights of a dilated kernel lie dilation apart."),
            "whole kernel": Mistake(
                field_whole_kernel, "a kernel of 3 adds 2, one at either side: kernel - 1, not kernel."
            ),
        },
    ),
    "seen_pixels": Exercise(
        question="Return the first and the last pixel, along one side of size pixels, of a unit's receptive field.",
        answer=seen_pixels,
        cases=stacks_with_units,
        hints=(
            "Go backwards, from the last layer to the first. A window of unit i begins at i * stride - padding.",
            "In each layer first = first * stride - padding and last = last * stride - padding + (kernel - 1) * "
            "dilation. Cut at 0 and at size - 1 in the end.",
        ),
        mistakes={
            "without padding": Mistake(seen_without_padding, "padding moves every window that far back."),
            "not cut": Mistake(seen_not_cut, "the window may hang over the edge, but there are no pixels there."),
            "forwards": Mistake(seen_forwards, "you go from the first layer to the last; the unit is in the last."),
            "end beyond": Mistake(seen_end_beyond, "the last pixel itself is asked for, not the one after it."),
        },
    ),
    "subsample": Exercise(
        question="Return every step-th row and column of a weight (k, k, C_in, C_out), and every keep-th kernel.",
        answer=subsample,
        cases=weights,
        hints=(
            "A slice may have a step: weight[::2] are the rows 0, 2, 4 and so on.",
            "Kernels are the last axis: weight[::step, ::step, :, ::keep].",
        ),
        mistakes={
            "first kernels": Mistake(subsample_first_outputs, "you keep the first kernels; take every keep-th."),
            "inputs": Mistake(
                subsample_inputs,
                "you leave input channels out. The map below still has all of them; subsample the kernels.",
            ),
            "rows only": Mistake(subsample_rows_only, "the columns have to be subsampled like the rows."),
            "corner": Mistake(
                subsample_corner, "you cut a corner out; the weights that stay have to span the whole kernel."
            ),
        },
    ),
}
