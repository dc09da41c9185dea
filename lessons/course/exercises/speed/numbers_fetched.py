"""Exercise numbers_fetched of lesson 24: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


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


EXERCISE = Exercise(
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
)
