"""Exercises of lesson 16: how many numbers a network learns, its rows, where gradients meet, a normalization's gradient."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def count_weights(channels, layers):
    count = 0
    for kernel, outputs in layers:
        count += kernel * kernel * channels * outputs + 2 * outputs
        channels = outputs  # the next layer reads them
    return count


def count_same_input(channels, layers):
    return sum(kernel * kernel * channels * outputs + 2 * outputs for kernel, outputs in layers)


def count_kernels_only(channels, layers):
    return count_weights(channels, layers) - sum(2 * outputs for _, outputs in layers)


def count_one_number(channels, layers):
    return count_weights(channels, layers) - sum(outputs for _, outputs in layers)


def count_with_bias(channels, layers):
    return count_weights(channels, layers) + sum(outputs for _, outputs in layers)


def count_kernel_not_squared(channels, layers):
    inputs = [channels, *(outputs for _, outputs in layers)]
    return sum(kernel * a * outputs + 2 * outputs for a, (kernel, outputs) in zip(inputs, layers))


def count_one_channel(channels, layers):
    return sum(kernel * kernel * outputs + 2 * outputs for kernel, outputs in layers)


def plans():
    return [(1, ((1, 1),)), (3, ((3, 16),)), (2, ((3, 4), (1, 5))), (3, ((3, 16), (3, 32), (1, 8), (3, 8)))]


def join_rows(maps, values):
    rows = [out.reshape(len(out), -1, values) for out in maps]  # (N, rows of this map, values) each
    return np.concatenate(rows, axis=1)


def join_images_together(maps, values):
    return np.concatenate([out.reshape(-1, values) for out in maps])


def join_under_each_other(maps, values):
    return join_images_together(maps, values).reshape(len(maps[0]), -1, values)


def join_coarse_first(maps, values):
    return join_rows(maps[::-1], values)


def join_channels_first(maps, values):
    return join_rows([out.transpose(0, 3, 1, 2) for out in maps], values)


def join_columns_first(maps, values):
    return join_rows([out.swapaxes(1, 2) for out in maps], values)


def join_box_first(maps, values):
    boxes = [out.reshape(*out.shape[:3], -1, values) for out in maps]  # (N, H, W, B, values)
    return join_rows([np.moveaxis(out, 3, 1) for out in boxes], values)


def join_values_first(maps, values):
    return np.concatenate([out.reshape(len(out), values, -1).swapaxes(1, 2) for out in maps], axis=1)


def outputs_of_maps():
    """Return maps whose numbers say where they belong: image 1, row 2, column 3, box 1, value 0 is 12310."""
    cases = []
    for images, sizes, boxes, values in ((1, (1,), 2, 2), (1, (2, 1), 2, 3), (2, (2, 1), 2, 2), (2, (3, 2, 1), 3, 4)):
        maps = []
        for number, size in enumerate(sizes):
            places = np.indices((images, size, size, boxes, values))
            numbers = np.einsum("i...,i->...", places, [10000, 1000, 100, 10, 1]) + 100000 * number
            maps.append(numbers.reshape(images, size, size, -1))
        cases.append((maps, values))
    return cases


def meet(dmaps, weights):
    gradients = [dmaps[-1]]  # the last map feeds nothing but its predictors
    for dmap, weight in zip(dmaps[-2::-1], weights[::-1]):
        gradients.append(dmap + weight * gradients[-1])
    return np.array(gradients[::-1])


def meet_branches_only(dmaps, weights):
    return np.array(dmaps)


def meet_trunk_only(dmaps, weights):
    gradients = [dmaps[-1]]
    for weight in weights[::-1]:
        gradients.append(weight * gradients[-1])
    return np.array(gradients[::-1])


def meet_one_stage_back(dmaps, weights):
    later = [weight * dmap for weight, dmap in zip(weights, dmaps[1:])]
    return np.array([dmap + more for dmap, more in zip(dmaps, [*later, 0])])


def meet_before_the_weight(dmaps, weights):
    gradients = [dmaps[-1]]
    for dmap, weight in zip(dmaps[-2::-1], weights[::-1]):
        gradients.append(weight * (dmap + gradients[-1]))
    return np.array(gradients[::-1])


def meet_without_weights(dmaps, weights):
    return np.cumsum(dmaps[::-1])[::-1]


def meet_forwards(dmaps, weights):
    gradients = [dmaps[0]]
    for dmap, weight in zip(dmaps[1:], weights):
        gradients.append(dmap + weight * gradients[-1])
    return np.array(gradients)


def chains():
    rows = [([5], []), ([1, 10], [2]), ([1, 10, 100], [2, 3]), ([0, 0, 1], [3, -2]), ([4, -1, 0.5, 2], [0.5, 3, -1])]
    return [(np.array(dmaps, float), np.array(weights, float)) for dmaps, weights in rows]


def normal_gradient(dout, x):
    deviation = np.sqrt(x.var(axis=0) + 1e-5)
    normal = (x - x.mean(axis=0)) / deviation
    return (dout - dout.mean(axis=0) - normal * (dout * normal).mean(axis=0)) / deviation


def normal_as_constants(dout, x):
    return dout / np.sqrt(x.var(axis=0) + 1e-5)


def normal_mean_only(dout, x):
    return (dout - dout.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)


def normal_variance_only(dout, x):
    return normal_gradient(dout, x) + dout.mean(axis=0) / np.sqrt(x.var(axis=0) + 1e-5)


def normal_with_sums(dout, x):
    deviation = np.sqrt(x.var(axis=0) + 1e-5)
    normal = (x - x.mean(axis=0)) / deviation
    return (dout - dout.sum(axis=0) - normal * (dout * normal).sum(axis=0)) / deviation


def normal_not_divided(dout, x):
    return normal_gradient(dout, x) * np.sqrt(x.var(axis=0) + 1e-5)


def normal_by_x(dout, x):
    deviation = np.sqrt(x.var(axis=0) + 1e-5)
    return (dout - dout.mean(axis=0) - x * (dout * x).mean(axis=0)) / deviation


def normal_all_channels(dout, x):
    deviation = np.sqrt(x.var() + 1e-5)
    normal = (x - x.mean()) / deviation
    return (dout - dout.mean() - normal * (dout * normal).mean()) / deviation


def batches():
    rows = [([[1], [0], [0], [0]], [[3], [9], [11], [17]]), ([[1], [1], [1], [1]], [[3], [9], [11], [17]])]
    rows += [([[1, 0], [0, 2], [0, 0]], [[0, 100], [1, 300], [5, 200]])]
    rng = np.random.default_rng(6)
    rows += [(rng.normal(size=(6, 3)).round(1), rng.normal(2, 3, (6, 3)).round(1))]
    return [(np.array(dout, float), np.array(x, float)) for dout, x in rows]


EXERCISES = {
    "count_weights": Exercise(
        question="Return how many numbers a chain of layers learns; each has a kernel, and scale and shift per channel.",
        answer=count_weights,
        cases=plans,
        hints=(
            "A kernel has kernel * kernel * channels in * channels out numbers. Batch normalization has two for each "
            "channel out, and there is no bias.",
            "The channels out of a layer are the channels in of the next: set channels = outputs at the end of the loop.",
        ),
        mistakes={
            "same input": Mistake(
                count_same_input, "every layer of yours reads the image. It reads what the layer before puts out."
            ),
            "kernels only": Mistake(count_kernels_only, "scale and shift of the batch normalization are missing."),
            "one number": Mistake(count_one_number, "batch normalization learns *two* numbers for each channel."),
            "with bias": Mistake(
                count_with_bias, "there is no bias: the shift of the batch normalization takes its place."
            ),
            "not squared": Mistake(count_kernel_not_squared, "a kernel of 3 x 3 has 9 positions, not 3."),
            "one channel": Mistake(
                count_one_channel, "a kernel has weights for every channel that it reads: times the channels in."
            ),
        },
    ),
    "join_rows": Exercise(
        question="Return a row for each default box, (N, K, values), of a list of predictors' outputs (N, H, W, B * values).",
        answer=join_rows,
        cases=outputs_of_maps,
        hints=(
            "Each output becomes (N, rows, values) by one reshape. Then the maps follow one another along the rows.",
            "np.concatenate([out.reshape(len(out), -1, values) for out in maps], axis=1).",
        ),
        mistakes={
            "images together": Mistake(
                join_images_together, "the images lost their axis: reshape to (len(out), -1, values), three axes."
            ),
            "under each other": Mistake(
                join_under_each_other,
                "all images of one map come before the next map, so that rows of one image land in another: join along "
                "axis 1.",
            ),
            "coarse first": Mistake(
                join_coarse_first, "the maps are in reverse order; the default boxes begin with the finest map."
            ),
            "channels first": Mistake(
                join_channels_first, "you transpose as if the channels had to be brought behind. They are last already."
            ),
            "columns first": Mistake(join_columns_first, "columns come before rows: nothing needs to be exchanged."),
            "box first": Mistake(
                join_box_first,
                "all cells come with their first box, then with their second. The boxes of a cell stay together.",
            ),
            "values first": Mistake(
                join_values_first,
                "the values of one box stand together in the channels: reshape to (..., values), and "
                "not to (values, ...).",
            ),
        },
    ),
    "meet": Exercise(
        question="Return the gradient of each map, for the gradients (M,) from their predictors and the weights between.",
        answer=meet,
        cases=chains,
        hints=(
            "Begin with the last map: it feeds nothing but its predictors. Then go back, map by map.",
            "gradient[i] = dmaps[i] + weights[i] * gradient[i + 1], with the gradient that is complete already.",
        ),
        mistakes={
            "branches only": Mistake(
                meet_branches_only, "these are the predictors' gradients. What comes from the later maps is missing."
            ),
            "trunk only": Mistake(
                meet_trunk_only, "only the last map's gradient goes back. Each map adds that of its own predictors."
            ),
            "one stage": Mistake(
                meet_one_stage_back,
                "a later map passes on only what its own predictors gave it. It must pass on all that it got itself.",
            ),
            "before the weight": Mistake(
                meet_before_the_weight,
                "the weight multiplies the predictors' gradient, too. It lies between two maps, and the branch begins "
                "before it.",
            ),
            "without weights": Mistake(
                meet_without_weights, "a gradient that goes back through a layer is multiplied by its weight."
            ),
            "forwards": Mistake(meet_forwards, "you go from the first map to the last. Gradients go back."),
        },
    ),
    "normal_gradient": Exercise(
        question="Return dx (N, C) of normal = (x - mean) / sqrt(variance + 1e-5), both of the batch, given dout (N, C).",
        answer=normal_gradient,
        cases=batches,
        hints=(
            "If mean and variance were constants, it would be dout / deviation. They are not, and two parts of dout have "
            "no effect: its mean, and its part along the normalized x.",
            "(dout - dout.mean(axis=0) - normal * (dout * normal).mean(axis=0)) / deviation.",
        ),
        mistakes={
            "constants": Mistake(
                normal_as_constants,
                "mean and variance are taken for constants. But x changes them: dx must have mean 0, because a shift of "
                "the whole batch changes nothing.",
            ),
            "mean only": Mistake(
                normal_mean_only,
                "this goes through the mean, but not through the variance: the part of dout along the normalized x is "
                "still there.",
            ),
            "variance only": Mistake(
                normal_variance_only, "this goes through the variance, but not through the mean: subtract dout's mean."
            ),
            "sums": Mistake(normal_with_sums, "mean and variance are means over the batch: use mean, and not sum."),
            "not divided": Mistake(
                normal_not_divided, "at the end, divide by the deviation: x was divided by it on the way forwards."
            ),
            "by x": Mistake(normal_by_x, "the part along the *normalized* x has no effect, not that along x."),
            "all channels": Mistake(
                normal_all_channels, "each channel has its own mean and variance: axis=0 everywhere."
            ),
        },
    ),
}
