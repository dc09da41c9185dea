"""Exercise seen_pixels of lesson 06: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


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


EXERCISE = Exercise(
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
)
