"""Exercises of lesson 24: count products, im2col, Winograd's four products, Amdahl's limit."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def count_products(height, width, channels_in, channels_out, size):
    return height * width * channels_out * size * size * channels_in


def count_one_channel(height, width, channels_in, channels_out, size):
    return height * width * channels_out * size * size


def count_one_side(height, width, channels_in, channels_out, size):
    return height * width * channels_out * size * channels_in


def count_of_input(height, width, channels_in, channels_out, size):
    return (height + size - 1) * (width + size - 1) * channels_out * size * size * channels_in


def windows_as_rows(x, size):
    rows = []
    for i in range(x.shape[0] - size + 1):
        for j in range(x.shape[1] - size + 1):
            rows.append(x[i : i + size, j : j + size].reshape(-1))  # (size * size * C,)
    return np.array(rows)  # (H' * W', size * size * C)


def windows_channels_first(x, size):
    count = x.shape[2]
    rows = windows_as_rows(x, size).reshape(-1, size * size, count)
    return rows.transpose(0, 2, 1).reshape(len(rows), -1)


def windows_as_columns(x, size):
    return windows_as_rows(x, size).T


def windows_side_by_side(x, size):
    high, wide = (x.shape[0] // size) * size, (x.shape[1] // size) * size
    starts = [(i, j) for i in range(0, high, size) for j in range(0, wide, size)]
    return np.array([x[i : i + size, j : j + size].reshape(-1) for i, j in starts])


def images():
    rng = np.random.default_rng(14)
    shapes = ((2, 2, 1), (3, 3, 1), (3, 4, 2), (4, 4, 3))
    return [(np.arange(np.prod(s)).reshape(s).astype(float), 2) for s in shapes] + [
        (rng.integers(0, 9, (5, 6, 2)).astype(float), 3)
    ]


def four_products(d, g):
    m1 = (d[0] - d[2]) * g[0]
    m2 = (d[1] + d[2]) * (g[0] + g[1] + g[2]) / 2
    m3 = (d[2] - d[1]) * (g[0] - g[1] + g[2]) / 2
    m4 = (d[1] - d[3]) * g[2]
    return np.array([m1, m2, m3, m4])


def products_not_halved(d, g):
    return four_products(d, g) * np.array([1, 2, 2, 1])


def products_third_sign(d, g):
    return four_products(d, g) * np.array([1, 1, -1, 1])


def products_last_sign(d, g):
    return four_products(d, g) * np.array([1, 1, 1, -1])


def products_of_the_outputs(d, g):
    return np.array([d[0] * g[0] + d[1] * g[1] + d[2] * g[2], d[1] * g[0] + d[2] * g[1] + d[3] * g[2]])


def signals():
    rng = np.random.default_rng(15)
    tiny = [((1, 3, 2, 4), (1, 2, 3)), ((1, 0, 0, 0), (1, 1, 1)), ((0, 1, 0, 0), (1, 1, 1)), ((1, 1, 2, 3), (0, 2, 0))]
    more = [(rng.integers(-9, 9, 4), rng.integers(-9, 9, 3)) for _ in range(4)]
    return [(np.array(d, float), np.array(g, float)) for d, g in [*tiny, *more]]


def numbers_fetched(pixels, channels, depth, tile):
    tiles_down, tiles_across = -(-pixels // tile), -(-channels // tile)
    return depth * (pixels * tiles_across + channels * tiles_down)


def fetched_once(pixels, channels, depth, tile):
    return depth * (pixels + channels)


def fetched_by_each(pixels, channels, depth, tile):
    return 2 * depth * pixels * channels


def fetched_whole_tiles(pixels, channels, depth, tile):
    tiles_down, tiles_across = -(-pixels // tile), -(-channels // tile)
    return 2 * depth * tile * tiles_down * tiles_across


def fetched_cut_off(pixels, channels, depth, tile):
    return depth * (pixels * (channels // tile) + channels * (pixels // tile))


def speedup(parallel, threads):
    return 1 / ((1 - parallel) + parallel / threads)


def speedup_without_the_rest(parallel, threads):
    return threads / parallel


def speedup_in_proportion(parallel, threads):
    return parallel * threads


def speedup_as_time(parallel, threads):
    return (1 - parallel) + parallel / threads


EXERCISES = {
    "count_products": Exercise(
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
                "height and width are those of the output already; you made them larger, as if they were the input's.",
            ),
        },
    ),
    "windows_as_rows": Exercise(
        question="Return every size x size window of x (H, W, C) as a row: (H' * W', size * size * C).",
        answer=windows_as_rows,
        cases=images,
        hints=(
            "There are H - size + 1 places down and W - size + 1 across; go through them in the order of reading.",
            "x[i : i + size, j : j + size] is the window (size, size, C), and .reshape(-1) makes it a row.",
        ),
        mistakes={
            "channels first": Mistake(
                windows_channels_first,
                "your rows have all pixels of one channel, then those of the next. Here the channels of a pixel lie "
                "together, as in weight.reshape(-1, C_out).",
            ),
            "columns": Mistake(windows_as_columns, "your windows are the columns; they should be the rows."),
            "side by side": Mistake(
                windows_side_by_side, "your windows do not overlap: the next one begins one pixel farther, not size."
            ),
        },
    ),
    "four_products": Exercise(
        question="Return the four products m1 to m4 of F(2, 3) for the signal d (4,) and the kernel g (3,).",
        answer=four_products,
        cases=signals,
        hints=(
            "m1 and m4 belong to the outer weights: (d0 - d2) g0 and (d1 - d3) g2.",
            "m2 = (d1 + d2) (g0 + g1 + g2) / 2, and m3 = (d2 - d1) (g0 - g1 + g2) / 2.",
        ),
        mistakes={
            "not halved": Mistake(
                products_not_halved, "the second and the third are twice too large: the sums of weights are halved."
            ),
            "third sign": Mistake(products_third_sign, "the third has d2 - d1; yours is the other way round."),
            "last sign": Mistake(products_last_sign, "the fourth has d1 - d3; yours is the other way round."),
            "the outputs": Mistake(
                products_of_the_outputs,
                "these are the two outputs, by six products. Wanted are the four products that they can be made of.",
            ),
        },
    ),
    "numbers_fetched": Exercise(
        question="Return how many numbers all blocks together fetch, where each makes tile x tile of the result.",
        answer=numbers_fetched,
        cases=lambda: [(4, 4, 1, 2), (2, 2, 3, 1), (5, 3, 1, 2), (64, 64, 10, 64), (100, 70, 27, 64)],
        hints=(
            "Every row of windows (depth numbers) is fetched by each block that stands in its row of blocks.",
            "ceil(channels / tile) blocks lie side by side, ceil(pixels / tile) one below the other: pixels rows times "
            "the first, and channels columns times the second, each of depth numbers.",
        ),
        mistakes={
            "once": Mistake(fetched_once, "you fetch everything once. Blocks don't share: each fetches for itself."),
            "by each": Mistake(fetched_by_each, "this is the plain algorithm, where every thread fetches for itself."),
            "whole tiles": Mistake(
                fetched_whole_tiles, "at the edge a tile hangs over, and what is not there is not fetched."
            ),
            "cut off": Mistake(fetched_cut_off, "you have left out the last, smaller tile: round up."),
        },
    ),
    "speedup": Exercise(
        question="Return how many times as fast a program is if a fraction of its time is spread over threads.",
        answer=speedup,
        cases=lambda: [(1.0, 4), (0.5, 2), (0.5, 1000), (0.9, 8), (0.95, 16), (0.2, 1)],
        hints=(
            "Say the whole takes 1 second with one thread. How long do the two parts take with several?",
            "1 - parallel seconds stay as they are, parallel seconds become parallel / threads; divide 1 by their sum.",
        ),
        mistakes={
            "without the rest": Mistake(
                speedup_without_the_rest, "what is not spread over threads still takes its time: 1 - parallel."
            ),
            "in proportion": Mistake(
                speedup_in_proportion, "this grows without limit. Ask how long it takes, part by part."
            ),
            "as time": Mistake(speedup_as_time, "this is the time that is left. How many times as fast is 1 over it."),
        },
    ),
}
