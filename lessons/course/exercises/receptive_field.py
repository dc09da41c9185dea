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


def field_backwards(layers):
    return receptive_field(layers[::-1])


def field_from_zero(layers):
    return receptive_field(layers) - 1


def field_step_added(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * step
        step += stride - 1
    return field


def field_step_replaced(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * step
        step = stride
    return field


def field_of_the_last(layers):
    kernel, _, dilation = layers[-1]
    return (kernel - 1) * dilation + 1


def field_own_stride(layers):
    return 1 + sum((kernel - 1) * dilation * stride for kernel, stride, dilation in layers)


def field_dilation_times_kernel(layers):
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += (kernel * dilation - 1) * step
        step *= stride
    return field


def field_step_summed(layers):
    field, step = 1, 0
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * max(step, 1)
        step += stride
    return field


def stacks():
    return [
        ([(3, 1, 1)],),
        ([(3, 1, 1), (3, 1, 1)],),
        ([(2, 2, 1)],),
        ([(3, 1, 1), (2, 2, 1), (3, 1, 1)],),
        ([(3, 1, 6)],),
        ([(3, 2, 1), (3, 2, 2), (1, 1, 1), (3, 1, 1)],),
        ([(2, 2, 1), (2, 2, 1), (2, 2, 1), (3, 1, 1)],),
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


def seen_one_too_far(layers, unit, size):
    first, last = seen_not_cut(layers, unit, size)
    return max(first, 0), min(last, size)


def seen_first_not_cut(layers, unit, size):
    first, last = seen_not_cut(layers, unit, size)
    return first, min(last, size - 1)


def seen_last_not_cut(layers, unit, size):
    first, last = seen_not_cut(layers, unit, size)
    return max(first, 0), last


def seen_whole_kernel(layers, unit, size):
    first = last = unit
    for kernel, stride, padding, dilation in layers[::-1]:
        first = first * stride - padding
        last = last * stride - padding + kernel * dilation
    return max(first, 0), min(last, size - 1)


def seen_padding_added(layers, unit, size):
    return seen_pixels(
        [(kernel, stride, -padding, dilation) for kernel, stride, padding, dilation in layers], unit, size
    )


def seen_without_dilation(layers, unit, size):
    return seen_pixels([(kernel, stride, padding, 1) for kernel, stride, padding, _ in layers], unit, size)


def seen_without_stride(layers, unit, size):
    return seen_pixels([(kernel, 1, padding, dilation) for kernel, _, padding, dilation in layers], unit, size)


def seen_padding_at_the_first_only(layers, unit, size):
    first = last = unit
    for kernel, stride, padding, dilation in layers[::-1]:
        first = first * stride - padding
        last = last * stride + (kernel - 1) * dilation
    return max(first, 0), min(last, size - 1)


def seen_size(layers, unit, size):
    first, last = seen_pixels(layers, unit, size)
    return first, last - first + 1


def seen_around_the_middle(layers, unit, size):
    first = last = unit
    for kernel, stride, _, dilation in layers[::-1]:
        first = first * stride - (kernel - 1) // 2 * dilation
        last = last * stride + (kernel - 1) // 2 * dilation
    return max(first, 0), min(last, size - 1)


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


def subsample_columns_only(weight, step, keep):
    return weight[:, ::step, :, ::keep]


def subsample_both_channels(weight, step, keep):
    return weight[::step, ::step, ::keep, ::keep]


def subsample_from_the_middle(weight, step, keep):
    return weight[step // 2 :: step, step // 2 :: step, :, ::keep]


def subsample_all_kernels(weight, step, keep):
    return weight[::step, ::step]


def subsample_kernels_only(weight, step, keep):
    return weight[..., ::keep]


def subsample_exchanged(weight, step, keep):
    return weight[::keep, ::keep, :, ::step]


def subsample_keep_first(weight, step, keep):
    return weight[::step, ::step, :, :keep]


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
            "backwards": Mistake(
                field_backwards,
                "you begin with the last layer, but this formula goes from the image up: begin with the first.",
            ),
            "from zero": Mistake(field_from_zero, "a pixel sees itself: the field begins with 1, not with 0."),
            "step not multiplied": Mistake(
                field_step_replaced,
                "the steps of all layers below are multiplied: two strides of 2 lie 4 pixels apart.",
                variants=(field_step_added, field_step_summed),
            ),
            "last layer only": Mistake(
                field_of_the_last, "this is the last layer alone. Each layer below adds its part."
            ),
            "own stride": Mistake(
                field_own_stride,
                "you multiply by the layer's own stride. What counts is the product of those below it.",
            ),
            "times dilation": Mistake(
                field_dilation_times_kernel,
                "a dilated kernel is not kernel * dilation wide: there are kernel - 1 gaps of dilation between its ends.",
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
            "without padding": Mistake(
                seen_without_padding,
                "padding moves every window that far back, its first pixel and its last.",
                variants=(seen_padding_added, seen_padding_at_the_first_only),
            ),
            "not cut": Mistake(
                seen_not_cut,
                "the window may hang over the edge, but there are no pixels there.",
                variants=(seen_first_not_cut, seen_last_not_cut),
            ),
            "one too far": Mistake(
                seen_one_too_far, "the pixels of a side are numbered from 0, so the last one is size - 1."
            ),
            "whole kernel": Mistake(
                seen_whole_kernel, "from the first to the last place of a kernel it is (kernel - 1) * dilation."
            ),
            "without dilation": Mistake(seen_without_dilation, "the weights of a dilated kernel lie dilation apart."),
            "without stride": Mistake(seen_without_stride, "the window of unit i begins at i * stride - padding."),
            "size": Mistake(seen_size, "the second number is how many pixels there are. The last pixel is wanted."),
            "around the middle": Mistake(
                seen_around_the_middle,
                "a unit is not always in the middle of its window: the window begins at unit * stride - padding.",
            ),
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
            "first kernels": Mistake(
                subsample_first_outputs,
                "you keep the first kernels; take every keep-th.",
                variants=(subsample_keep_first,),
            ),
            "inputs": Mistake(
                subsample_inputs,
                "you leave input channels out. The map below still has all of them; subsample the kernels.",
            ),
            "rows only": Mistake(subsample_rows_only, "the columns have to be subsampled like the rows."),
            "columns only": Mistake(subsample_columns_only, "the rows have to be subsampled like the columns."),
            "both channels": Mistake(
                subsample_both_channels,
                "you leave out input channels as well. Only the kernels, the last axis, are fewer.",
            ),
            "from the middle": Mistake(
                subsample_from_the_middle, "you begin in the middle of a step. The first row, 0, stays."
            ),
            "all kernels": Mistake(subsample_all_kernels, "all kernels are left. Take every keep-th, the last axis."),
            "kernels only": Mistake(
                subsample_kernels_only, "rows and columns are left as they were: take every step-th."
            ),
            "step and keep exchanged": Mistake(
                subsample_exchanged, "step and keep are exchanged: step is for rows and columns, keep for kernels."
            ),
            "corner": Mistake(
                subsample_corner, "you cut a corner out; the weights that stay have to span the whole kernel."
            ),
        },
    ),
}
