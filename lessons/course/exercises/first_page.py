"""Exercises of lesson 22: multiply-adds of a layer, an equal input, an equal batch, and when one is clearly ahead."""

import numpy as np

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


def layers():
    return [
        (1, 1, 1, 2, 3),
        (2, 3, 1, 1, 1),
        (4, 4, 3, 1, 2),
        (300, 300, 3, 3, 64),
        (19, 19, 1, 1024, 1024),
        (1, 1, 7, 512, 4096),
    ]


def ratio_at_equal_input(ssd, trunk, region, proposals, area):
    return (trunk / area + proposals * region) / ssd


def ratio_as_it_is(ssd, trunk, region, proposals, area):
    return (trunk + proposals * region) / ssd


def ratio_all_by_area(ssd, trunk, region, proposals, area):
    return (trunk + proposals * region) / area / ssd


def ratio_by_side(ssd, trunk, region, proposals, area):
    return (trunk / area**0.5 + proposals * region) / ssd


def ratio_one_region(ssd, trunk, region, proposals, area):
    return (trunk / area + region) / ssd


def ratio_upside_down(ssd, trunk, region, proposals, area):
    return ssd / ratio_at_equal_input(ssd, trunk, region, proposals, area)


def networks():
    return [
        (10, 40, 1, 2, 4),
        (10, 40, 0.5, 20, 4),
        (1, 6, 0.01, 100, 2),
        (31.4, 189.6, 0.12, 300, 6 + 2 / 3),
        (31.4, 189.6, 0.12, 50, 6 + 2 / 3),
    ]


def frames_ratio(first, second):
    shared = [batch for batch in first if batch in second]
    return first[min(shared)] / second[min(shared)] if shared else 0.0


def frames_best_of_each(first, second):
    return max(first.values()) / max(second.values())


def frames_first_named(first, second):
    return next(iter(first.values())) / next(iter(second.values()))


def frames_largest_batch(first, second):
    shared = [batch for batch in first if batch in second]
    return first[max(shared)] / second[max(shared)] if shared else 0.0


def frames_upside_down(first, second):
    ratio = frames_ratio(first, second)
    return 1 / ratio if ratio else 0.0


def frames_smallest_of_each(first, second):
    return first[min(first)] / second[min(second)]


def tables_of_frames():
    return [
        ({1: 46}, {1: 7}),
        ({8: 59, 1: 46}, {1: 7}),
        ({8: 59}, {1: 7}),
        ({8: 59, 1: 46}, {1: 45}),
        ({8: 22, 1: 19}, {8: 11, 1: 5}),
        ({8: 20, 2: 12}, {2: 3, 1: 2}),
        ({1: 5, 8: 40}, {8: 20, 1: 10}),
    ]


def clearly_ahead(first, second):
    if min(first) > max(second):
        return 1
    if max(first) < min(second):
        return -1
    return 0


def ahead_by_the_mean(first, second):
    return int(np.sign(np.mean(first) - np.mean(second)))


def ahead_by_the_best(first, second):
    return int(np.sign(max(first) - max(second)))


def ahead_seed_by_seed(first, second):
    differences = [a - b for a, b in zip(first, second)]
    return int(min(differences) > 0) - int(max(differences) < 0)


def ahead_or_not(first, second):
    return abs(clearly_ahead(first, second))


def ahead_with_equals(first, second):
    return int(min(first) >= max(second)) - int(max(first) <= min(second))


def runs():
    tiny = [
        ([0.8], [0.7]),
        ([0.7], [0.8]),
        ([0.8, 0.9], [0.7, 0.6]),
        ([0.6, 0.9], [0.7, 0.65]),  # the means differ, but one run lies between
        ([0.7, 0.8, 0.9], [0.65, 0.75, 0.85]),  # ahead at each seed
        ([0.6, 0.95], [0.8, 0.85]),  # the best run of the one, the better mean of the other
        ([0.5, 0.75], [0.75, 0.9]),  # an equal pair
        ([0.61, 0.6, 0.62], [0.72, 0.7, 0.75]),
    ]
    return [(np.array(a), np.array(b)) for a, b in tiny]


EXERCISES = {
    "multiply_adds_of": Exercise(
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
        },
    ),
    "ratio_at_equal_input": Exercise(
        question="Return how many times the multiply-adds of SSD a two-stage detector has on SSD's input. trunk: with the "
        "first stage, on its own input, which has ``area`` times the pixels; region: of one proposal.",
        answer=ratio_at_equal_input,
        cases=networks,
        hints=(
            "Convolutions run over the map: with a fifth of the pixels they cost a fifth. What does the head run over?",
            "trunk / area + proposals * region, and that over ssd.",
        ),
        mistakes={
            "as it is": Mistake(ratio_as_it_is, "you left its own input: divide the trunk by the area."),
            "all by area": Mistake(
                ratio_all_by_area, "the head runs once for each proposal, however large the image is."
            ),
            "by side": Mistake(ratio_by_side, "twice the side is four times the pixels: divide by the area itself."),
            "one region": Mistake(ratio_one_region, "the head runs for every proposal, not once."),
            "upside down": Mistake(ratio_upside_down, "your ratio is SSD over the other."),
        },
    ),
    "frames_ratio": Exercise(
        question="Return how many times as many frames a second the first has, at the smallest batch size that both "
        "have, and 0 where they share none.",
        answer=frames_ratio,
        cases=tables_of_frames,
        hints=(
            "Both arguments are dictionaries from batch size to frames a second. Which keys are in both?",
            "shared = set(first) & set(second), and then first[min(shared)] / second[min(shared)].",
        ),
        mistakes={
            "best of each": Mistake(
                frames_best_of_each, "you compare batch 8 with batch 1, as the sentence of the first page does."
            ),
            "first named": Mistake(frames_first_named, "which batch comes first in a dictionary says nothing."),
            "largest batch": Mistake(frames_largest_batch, "of the shared batch sizes the smallest is asked for."),
            "upside down": Mistake(frames_upside_down, "your ratio is the second over the first."),
            "smallest of each": Mistake(
                frames_smallest_of_each, "the smallest of each need not be the same batch size: look for shared ones."
            ),
        },
    ),
    "clearly_ahead": Exercise(
        question="Return 1 if every run of the first is above every run of the second, -1 if below, else 0.",
        answer=clearly_ahead,
        cases=runs,
        hints=(
            "Runs differ by their random numbers alone. Which run of the first is the one that is hardest to beat with?",
            "min(first) > max(second) says that all are above; and the other way round.",
        ),
        mistakes={
            "the mean": Mistake(ahead_by_the_mean, "means always differ; with other seeds the order might be another."),
            "the best": Mistake(ahead_by_the_best, "the best of several runs is luck as well as skill."),
            "seed by seed": Mistake(
                ahead_seed_by_seed,
                "run 1 of one detector has nothing in common with run 1 of another but a number: compare all with all.",
            ),
            "no side": Mistake(ahead_or_not, "say who: -1 if the second is ahead."),
            "equals": Mistake(ahead_with_equals, "an equal pair is not above."),
        },
    ),
}
