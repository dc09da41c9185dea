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


def windows_too_few(x, size):
    return windows_as_rows(x[:-1, :-1], size)


def windows_down_first(x, size):
    high, wide = x.shape[0] - size + 1, x.shape[1] - size + 1
    return windows_as_rows(x, size).reshape(high, wide, -1).swapaxes(0, 1).reshape(high * wide, -1)


def windows_transposed_inside(x, size):
    rows = windows_as_rows(x, size).reshape(-1, size, size, x.shape[2])
    return rows.swapaxes(1, 2).reshape(len(rows), -1)


def windows_summed_channels(x, size):
    return windows_as_rows(x.sum(axis=2, keepdims=True), size)


def windows_first_channel(x, size):
    return windows_as_rows(x[:, :, :1], size)


def windows_row_for_each_channel(x, size):
    return np.concatenate([windows_as_rows(x[:, :, [c]], size) for c in range(x.shape[2])])


def windows_too_few_in_shape(x, size):
    return windows_too_few(x, size).reshape(-1, size * size * x.shape[2])


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


def products_whole_numbers(d, g):
    return np.floor(four_products(d, g))


def products_cut_off(d, g):
    return np.trunc(four_products(d, g))


def products_first_sign(d, g):
    return four_products(d, g) * np.array([-1, 1, 1, 1])


def products_all_halved(d, g):
    return four_products(d, g) * np.array([0.5, 1, 1, 0.5])


def products_second_halved_only(d, g):
    return four_products(d, g) * np.array([1, 1, 2, 1])


def products_third_halved_only(d, g):
    return four_products(d, g) * np.array([1, 2, 1, 1])


def products_weights_of_third(d, g):
    m1, m2, _, m4 = four_products(d, g)
    return np.array([m1, m2, (d[2] - d[1]) * (g[0] + g[1] + g[2]) / 2, m4])


def products_pixels_of_third(d, g):
    m1, m2, _, m4 = four_products(d, g)
    return np.array([m1, m2, (d[1] + d[2]) * (g[0] - g[1] + g[2]) / 2, m4])


def products_weights_of_ends(d, g):
    _, m2, m3, _ = four_products(d, g)
    return np.array([(d[0] - d[2]) * g[2], m2, m3, (d[1] - d[3]) * g[0]])


def products_exchanged(d, g):
    return four_products(d, g)[[0, 2, 1, 3]]


def products_without_brackets(d, g):
    m1, _, _, m4 = four_products(d, g)
    return np.array([m1, (d[1] + d[2]) * (g[0] + g[1] + g[2] / 2), (d[2] - d[1]) * (g[0] - g[1] + g[2] / 2), m4])


def products_without_any_brackets(d, g):
    m1, _, _, m4 = four_products(d, g)
    return np.array([m1, (d[1] + d[2]) * g[0] + g[1] + g[2] / 2, (d[2] - d[1]) * g[0] - g[1] + g[2] / 2, m4])


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


def fetched_by_the_formula(pixels, channels, depth, tile):
    return 2 * pixels * channels * depth / tile


def fetched_whole_blocks_only(pixels, channels, depth, tile):
    return 2 * depth * tile * (pixels // tile) * (channels // tile)


def fetched_one_matrix(pixels, channels, depth, tile):
    return depth * pixels * -(-channels // tile)


def fetched_other_matrix(pixels, channels, depth, tile):
    return depth * channels * -(-pixels // tile)


def fetched_tiles_exchanged(pixels, channels, depth, tile):
    return depth * (pixels * -(-pixels // tile) + channels * -(-channels // tile))


def fetched_without_depth(pixels, channels, depth, tile):
    return numbers_fetched(pixels, channels, 1, tile)


def fetched_of_one_block(pixels, channels, depth, tile):
    return 2 * depth * tile


def fetched_areas(pixels, channels, depth, tile):
    return depth * pixels * channels * 2 / tile**2


def fetched_of_results(pixels, channels, depth, tile):
    return -(-pixels // tile) * -(-channels // tile) * tile * tile * depth


def fetched_results(pixels, channels, depth, tile):
    return depth * pixels * channels


def speedup(parallel, threads):
    return 1 / ((1 - parallel) + parallel / threads)


def speedup_without_the_rest(parallel, threads):
    return threads / parallel


def speedup_in_proportion(parallel, threads):
    return parallel * threads


def speedup_as_time(parallel, threads):
    return (1 - parallel) + parallel / threads


def speedup_exchanged(parallel, threads):
    return speedup(1 - parallel, threads)


def speedup_adds_speeds(parallel, threads):
    return (1 - parallel) + parallel * threads


def speedup_without_threads(parallel, threads):
    return 1 / (1 - parallel) if parallel < 1 else float(threads)


def speedup_no_brackets(parallel, threads):
    return 1 / (1 - parallel) + parallel / threads  # an error where all is parallel


def speedup_threads_only(parallel, threads):
    return threads


def speedup_multiplied(parallel, threads):
    return 1 / ((1 - parallel) + parallel * threads)


def speedup_saved(parallel, threads):
    return 1 - ((1 - parallel) + parallel / threads)


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
                "height and width are those of the output already. They stay as they are.",
                variants=(count_of_smaller_output, _count_of_smaller_output_plain),
            ),
            "one output channel": Mistake(
                count_one_output_channel, "there is a kernel for each output channel: channels_out is missing."
            ),
            "channels added": Mistake(
                count_channels_added, "every channel in goes into every channel out: multiply them."
            ),
            "weights": Mistake(count_weights, "this is the number of weights; each is used at every output pixel."),
            "with additions": Mistake(count_with_additions, "you count the additions as well. Count the products."),
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
            "too few": Mistake(
                windows_too_few,
                "the last windows are missing: there are H - size + 1 of them down, not H - size.",
                variants=(windows_too_few_in_shape,),
            ),
            "down first": Mistake(windows_down_first, "the windows come down the columns; row by row is wanted."),
            "transposed inside": Mistake(
                windows_transposed_inside, "inside each window you go down the columns. Read it row by row."
            ),
            "one channel": Mistake(
                windows_first_channel, "only one channel is left. A row has all channels of its window."
            ),
            "channels summed": Mistake(windows_summed_channels, "you add up the channels. They stay apart in a row."),
            "a row for each channel": Mistake(
                windows_row_for_each_channel, "each channel has rows of its own. A row has all channels of its window."
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
                products_not_halved,
                "the second and the third have halved sums of weights: (g0 + g1 + g2) / 2, and (g0 - g1 + g2) / 2.",
                variants=(
                    products_second_halved_only,
                    products_third_halved_only,
                    products_without_brackets,
                    products_without_any_brackets,
                ),
            ),
            "all halved": Mistake(products_all_halved, "the first and the fourth are not halved."),
            "whole numbers": Mistake(
                products_whole_numbers,
                "the halves are lost: // rounds down. Divide by /.",
                variants=(products_cut_off,),
            ),
            "third sign": Mistake(products_third_sign, "the third has d2 - d1; yours is the other way round."),
            "first sign": Mistake(products_first_sign, "the first has d0 - d2; yours is the other way round."),
            "sums of the third": Mistake(
                products_weights_of_third,
                "the third has differences in both sums: (d2 - d1) and (g0 - g1 + g2).",
                variants=(products_pixels_of_third,),
            ),
            "weights of the ends": Mistake(
                products_weights_of_ends, "the outer weights are exchanged: the first has g0, the fourth g2."
            ),
            "exchanged": Mistake(products_exchanged, "the second and the third are exchanged."),
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
            "cut off": Mistake(
                fetched_cut_off,
                "you have left out the last, smaller tile: round up.",
                variants=(fetched_whole_blocks_only,),
            ),
            "by the formula": Mistake(
                fetched_by_the_formula, "the formula above is right where tile divides both sides. Round the tiles up."
            ),
            "one matrix": Mistake(
                fetched_one_matrix,
                "a block fetches from both matrices: rows of windows and columns of weights.",
                variants=(fetched_other_matrix,),
            ),
            "tiles exchanged": Mistake(
                fetched_tiles_exchanged,
                "a row of windows is fetched by the blocks that stand *side by side*, and those are ceil(channels / tile).",
            ),
            "without depth": Mistake(fetched_without_depth, "each row and each column has depth numbers."),
            "one block": Mistake(fetched_of_one_block, "this is what one block fetches. Add up all blocks."),
            "areas": Mistake(
                fetched_of_results,
                "a block has tile * tile results, but it fetches only tile rows and tile columns: tile + tile, not their "
                "product.",
                variants=(fetched_areas, fetched_results),
            ),
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
            "exchanged": Mistake(
                speedup_exchanged, "the two parts are exchanged: the *parallel* part is divided by the threads."
            ),
            "speeds added": Mistake(
                speedup_adds_speeds, "you add speeds. Times add up: 1 - parallel, and parallel / threads."
            ),
            "limit": Mistake(
                speedup_without_threads,
                "this is the limit for any number of threads. Add the time of the parallel part.",
            ),
            "no brackets": Mistake(
                speedup_no_brackets, "brackets are missing: 1 is divided by the sum of both times, 1 / (a + b)."
            ),
            "threads": Mistake(
                speedup_threads_only, "only the parallel part is faster by the threads. The rest takes its time."
            ),
            "multiplied": Mistake(
                speedup_multiplied, "with threads the parallel part takes *less* time: divide it by them."
            ),
            "saved": Mistake(
                speedup_saved, "this is the fraction of time that is saved. How many times as fast is 1 / time."
            ),
        },
    ),
}
