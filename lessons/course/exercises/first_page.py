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
    return 1 / ratio_at_equal_input(ssd, trunk, region, proposals, area)


def ratio_times_area(ssd, trunk, region, proposals, area):
    return (trunk * area + proposals * region) / ssd


def ratio_regions_by_area(ssd, trunk, region, proposals, area):
    return (trunk + proposals * region / area) / ssd


def ratio_trunk_only(ssd, trunk, region, proposals, area):
    return trunk / area / ssd


def ratio_without_brackets(ssd, trunk, region, proposals, area):
    return trunk / area + proposals * region / ssd


def ratio_by_area_squared(ssd, trunk, region, proposals, area):
    return (trunk / area**2 + proposals * region) / ssd


def ratio_difference(ssd, trunk, region, proposals, area):
    return trunk / area + proposals * region - ssd


def ratio_not_over_ssd(ssd, trunk, region, proposals, area):
    return trunk / area + proposals * region


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


def frames_smallest_if_any_is_shared(first, second):
    return frames_smallest_of_each(first, second) if set(first) & set(second) else 0.0


def frames_no_shared(first, second):
    batch = min(set(first) & set(second))
    return first[batch] / second[batch]


def frames_first_shared(first, second):
    for batch in first:
        if batch in second:
            return first[batch] / second[batch]
    return 0.0


def frames_difference(first, second):
    shared = [batch for batch in first if batch in second]
    return first[min(shared)] - second[min(shared)] if shared else 0.0


def frames_batch(first, second):
    return min(set(first) & set(second), default=0)


def frames_best_shared(first, second):
    return max([first[batch] / second[batch] for batch in first if batch in second], default=0.0)


def frames_mean_of_shared(first, second):
    ratios = [first[batch] / second[batch] for batch in first if batch in second]
    return sum(ratios) / len(ratios) if ratios else 0.0


def frames_smallest_of_first(first, second):
    return first[min(first)] / second[min(first)] if min(first) in second else 0.0


def frames_batch_of_one(first, second):
    return first[1] / second[1] if 1 in first and 1 in second else 0.0


def tables_of_frames():
    return [
        ({1: 46}, {1: 7}),
        ({8: 59, 1: 46}, {1: 7}),
        ({8: 59}, {1: 7}),
        ({8: 59, 1: 46}, {1: 45}),
        ({8: 22, 1: 19}, {8: 11, 1: 5}),
        ({8: 20, 2: 12}, {2: 3, 1: 2}),
        ({1: 5, 8: 40}, {8: 20, 1: 10}),
        ({8: 30, 2: 10}, {2: 5, 8: 20}),
        ({1: 46, 8: 59}, {8: 20}),
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


def ahead_by_the_median(first, second):
    return int(np.sign(np.median(first) - np.median(second)))


def ahead_by_the_worst(first, second):
    return int(np.sign(min(first) - min(second)))


def ahead_backwards(first, second):
    return -clearly_ahead(first, second)


def ahead_if_any(first, second):
    if max(first) > min(second):
        return 1
    return -1 if max(first) < min(second) else 0


def ahead_or_behind(first, second):
    return 1 if min(first) > max(second) else -1


def ahead_by_first_run(first, second):
    return int(np.sign(first[0] - second[0]))


def ahead_true(first, second):
    return bool(min(first) > max(second))


def ahead_if_any_of_either(first, second):
    return 1 if max(first) > min(second) else -1


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
        ([0.7, 0.71, 0.4], [0.6, 0.62, 0.64]),  # the better median, the worse mean
        ([0.6, 0.8], [0.7, 0.9]),
        ([0.7, 0.9], [0.6, 0.8]),
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
            "by side": Mistake(
                ratio_by_side,
                "twice the side is four times the pixels: divide by the area itself.",
                variants=(ratio_by_area_squared,),
            ),
            "one region": Mistake(ratio_one_region, "the head runs for every proposal, not once."),
            "upside down": Mistake(ratio_upside_down, "your ratio is SSD over the other."),
            "times area": Mistake(
                ratio_times_area, "on a smaller input the trunk has *fewer* multiply-adds: divide by the area."
            ),
            "regions by area": Mistake(
                ratio_regions_by_area, "it is the other part: the trunk depends on the input, the regions do not."
            ),
            "trunk only": Mistake(ratio_trunk_only, "the second stage is missing: proposals * region."),
            "no brackets": Mistake(
                ratio_without_brackets, "only one of the two parts is divided by ssd: set brackets around their sum."
            ),
            "not a ratio": Mistake(
                ratio_not_over_ssd,
                "how many *times*: divide the multiply-adds by those of SSD.",
                variants=(ratio_difference,),
            ),
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
            "first named": Mistake(
                frames_first_named,
                "which batch comes first in a dictionary says nothing.",
                variants=(frames_first_shared,),
            ),
            "largest batch": Mistake(frames_largest_batch, "of the shared batch sizes the smallest is asked for."),
            "upside down": Mistake(frames_upside_down, "your ratio is the second over the first."),
            "smallest of each": Mistake(
                frames_smallest_of_each,
                "the smallest of each need not be the same batch size: look for shared ones.",
                variants=(frames_smallest_if_any_is_shared, frames_smallest_of_first),
            ),
            "none shared": Mistake(
                frames_no_shared, "they may share no batch size, and the minimum of nothing is an error. Return 0 then."
            ),
            "batch 1": Mistake(
                frames_batch_of_one, "you look for batch 1 only. Compare at the smallest batch size that both have."
            ),
            "difference": Mistake(frames_difference, "this is a difference. How many *times* as many is a quotient."),
            "batch": Mistake(frames_batch, "this is the batch size. Divide the frames a second at that batch size."),
            "best ratio": Mistake(
                frames_best_shared,
                "of the shared batch sizes one counts, the smallest, and not the best or the mean of all.",
                variants=(frames_mean_of_shared,),
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
            "the median": Mistake(
                ahead_by_the_median, "you compare the medians. Every run has to be above every run of the other."
            ),
            "the best": Mistake(ahead_by_the_best, "the best of several runs is luck as well as skill."),
            "the worst": Mistake(
                ahead_by_the_worst,
                "you compare the worst runs. The worst of the one has to beat the *best* of the other.",
            ),
            "one run": Mistake(ahead_by_first_run, "you compare one run of each. All count."),
            "any": Mistake(
                ahead_if_any,
                "one run above one other is not enough: every run above *every* run.",
                variants=(ahead_if_any_of_either,),
            ),
            "no draw": Mistake(ahead_or_behind, "there is a third answer: 0, if they mix."),
            "backwards": Mistake(ahead_backwards, "1 and -1 are exchanged: 1 if the *first* is ahead."),
            "true": Mistake(ahead_true, "this says only whether the first is ahead. It can also be behind: -1."),
            "seed by seed": Mistake(
                ahead_seed_by_seed,
                "run 1 of one detector has nothing in common with run 1 of another but a number: compare all with all.",
            ),
            "no side": Mistake(ahead_or_not, "say who: -1 if the second is ahead."),
            "equals": Mistake(ahead_with_equals, "an equal pair is not above."),
        },
    ),
}
