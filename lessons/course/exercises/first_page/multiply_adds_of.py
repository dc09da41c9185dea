"""Exercise multiply_adds_of of lesson 22: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


def multiply_adds_of(height, width, kernel, channels_in, channels_out):
    return height * width * kernel * kernel * channels_in * channels_out


def multiply_adds_kernel_once(height, width, kernel, channels_in, channels_out):
    return height * width * kernel * channels_in * channels_out


def multiply_adds_twice(height, width, kernel, channels_in, channels_out):
    return 2 * multiply_adds_of(height, width, kernel, channels_in, channels_out)


def multiply_adds_without_channels_in(height, width, kernel, channels_in, channels_out):
    return height * width * kernel * kernel * channels_out


def multiply_adds_are_weights(height, width, kernel, channels_in, channels_out):
    return kernel * kernel * channels_in * channels_out


def multiply_adds_sum_of_channels(height, width, kernel, channels_in, channels_out):
    return height * width * kernel * kernel * (channels_in + channels_out)


def multiply_adds_without_channels_out(height, width, kernel, channels_in, channels_out):
    return height * width * kernel * kernel * channels_in


def multiply_adds_with_bias(height, width, kernel, channels_in, channels_out):
    return height * width * channels_out * (kernel * kernel * channels_in + 1)


def multiply_adds_without_kernel(height, width, kernel, channels_in, channels_out):
    return height * width * channels_in * channels_out


def multiply_adds_of_whole_windows(height, width, kernel, channels_in, channels_out):
    return (height - kernel + 1) * (width - kernel + 1) * kernel * kernel * channels_in * channels_out


def layers():
    return [
        (1, 1, 1, 2, 3),
        (2, 3, 1, 1, 1),
        (4, 4, 3, 1, 2),
        (300, 300, 3, 3, 64),
        (19, 19, 1, 1024, 1024),
        (1, 1, 7, 512, 4096),
    ]


EXERCISE = Exercise(
    question="Return the multiply-adds of a convolution whose output has ``height`` x ``width`` places.",
    answer=multiply_adds_of,
    cases=layers,
    hints=(
        "One number of the output is a sum of products. How many products, and how many numbers are there?",
        "kernel * kernel * channels_in products for each number, and height * width * channels_out numbers.",
    ),
    mistakes={
        "kernel once": Mistake(multiply_adds_kernel_once, "a kernel has kernel x kernel places."),
        "counted twice": Mistake(
            multiply_adds_twice,
            "a multiplication and the addition after it count as one. Counted apart they are FLOPs, twice as many.",
        ),
        "without channels in": Mistake(
            multiply_adds_without_channels_in, "each output sums over all channels of the input, too."
        ),
        "weights": Mistake(
            multiply_adds_are_weights, "this is the number of weights; each is used at every place of the output."
        ),
        "sum of channels": Mistake(
            multiply_adds_sum_of_channels, "every channel in goes into every channel out: multiply them."
        ),
        "without channels out": Mistake(
            multiply_adds_without_channels_out,
            "there is a kernel for each channel of the output: multiply by those.",
        ),
        "with bias": Mistake(multiply_adds_with_bias, "the bias is added, but nothing is multiplied with it."),
        "without kernel": Mistake(
            multiply_adds_without_kernel, "each output looks at kernel x kernel places of the input."
        ),
        "of the input": Mistake(
            multiply_adds_of_whole_windows, "height and width are those of the output already: do not subtract."
        ),
    },
)
