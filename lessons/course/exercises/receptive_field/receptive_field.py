"""Exercise receptive_field of lesson 06: its answer, its cases, and the mistakes that are often made in it."""

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


EXERCISE = Exercise(
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
        "last layer only": Mistake(field_of_the_last, "this is the last layer alone. Each layer below adds its part."),
        "own stride": Mistake(
            field_own_stride,
            "you multiply by the layer's own stride. What counts is the product of those below it.",
        ),
        "times dilation": Mistake(
            field_dilation_times_kernel,
            "a dilated kernel is not kernel * dilation wide: there are kernel - 1 gaps of dilation between its ends.",
        ),
    },
)
