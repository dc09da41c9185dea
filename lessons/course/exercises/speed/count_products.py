"""Exercise count_products of lesson 24: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


def count_products(height, width, channels_in, channels_out, size):
    return height * width * channels_out * size * size * channels_in


def count_one_channel(height, width, channels_in, channels_out, size):
    return height * width * channels_out * size * size


def count_one_side(height, width, channels_in, channels_out, size):
    return height * width * channels_out * size * channels_in


def count_of_input(height, width, channels_in, channels_out, size):
    return (height + size - 1) * (width + size - 1) * channels_out * size * size * channels_in


def count_of_smaller_output(height, width, channels_in, channels_out, size):
    return max(height - size + 1, 1) * max(width - size + 1, 1) * channels_out * size * size * channels_in


def _count_of_smaller_output_plain(height, width, channels_in, channels_out, size):
    return (height - size + 1) * (width - size + 1) * channels_out * size * size * channels_in


def count_one_output_channel(height, width, channels_in, channels_out, size):
    return height * width * size * size * channels_in


def count_channels_added(height, width, channels_in, channels_out, size):
    return height * width * size * size * (channels_in + channels_out)


def count_weights(height, width, channels_in, channels_out, size):
    return size * size * channels_in * channels_out


def count_with_additions(height, width, channels_in, channels_out, size):
    return 2 * count_products(height, width, channels_in, channels_out, size)


EXERCISE = Exercise(
    question="Return how many products a convolution takes that has height x width output pixels.",
    answer=count_products,
    cases=lambda: [(1, 1, 1, 1, 3), (2, 1, 1, 1, 3), (1, 1, 4, 1, 3), (1, 1, 1, 5, 1), (38, 38, 512, 512, 3)],
    hints=(
        "One output number is a sum over its window and over all channels that come in. Count that first.",
        "size * size * channels_in for one output number, and there are height * width * channels_out of them.",
    ),
    mistakes={
        "one channel": Mistake(
            count_one_channel, "every output channel looks at all channels of the input: channels_in is missing."
        ),
        "one side": Mistake(count_one_side, "a window has size rows and size columns: size is there only once."),
        "of the input": Mistake(
            count_of_input,
            "height and width are those of the output already. They stay as they are.",
            variants=(count_of_smaller_output, _count_of_smaller_output_plain),
        ),
        "one output channel": Mistake(
            count_one_output_channel, "there is a kernel for each output channel: channels_out is missing."
        ),
        "channels added": Mistake(count_channels_added, "every channel in goes into every channel out: multiply them."),
        "weights": Mistake(count_weights, "this is the number of weights; each is used at every output pixel."),
        "with additions": Mistake(count_with_additions, "you count the additions as well. Count the products."),
    },
)
