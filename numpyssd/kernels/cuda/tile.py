"""The tiled matrix product of the three convolutions: 256 threads multiply two K tiles in shared memory.

A convolution is a matrix product: rows are pixels, columns are channels, and each entry is a long sum over k. A block
of 256 threads makes TILE x TILE entries. It goes along k in K tiles of K_TILE terms:

1. All threads together load the TILE x K_TILE numbers of either side into shared memory.
2. They wait for each other.
3. Each thread multiplies for its own thread tile of THREAD_TILE x THREAD_TILE entries.

So a number that is loaded once is used TILE times.
"""

from numba import cuda, float32, uint32

from numpyssd.drawing import COLORS

TILE = 64  # rows, and columns, of the result that a block makes
K_TILE = 16  # terms of the sum that are loaded at once
THREAD_TILE = 4  # rows, and columns, of the result that a thread makes
SIDE = 16  # threads along either side of the tile: TILE / THREAD_TILE
THREADS = 256  # of a block: SIDE * SIDE
PADDED = 65  # one more than TILE, so that a column of a K tile lies in different banks of the shared memory


@cuda.jit(device=True, inline="always")
def multiply_k_tile(left, right, sums, row, column):
    """Add the products of a K tile to sums (THREAD_TILE, THREAD_TILE).

    left and right (K_TILE, PADDED) are in shared memory.

    The thread's rows lie side by side, its columns SIDE apart: neighbors then read and write neighboring numbers.
    """
    for k in range(K_TILE):
        for a in range(THREAD_TILE):
            factor = left[k, uint32(row * uint32(THREAD_TILE) + uint32(a))]
            for b in range(THREAD_TILE):
                sums[a, b] += factor * right[k, uint32(column + uint32(SIDE) * uint32(b))]


@cuda.jit(device=True, inline="always")
def clear(sums):
    """Set sums (THREAD_TILE, THREAD_TILE) to zero."""
    for a in range(THREAD_TILE):
        for b in range(THREAD_TILE):
            sums[a, b] = float32(0.0)


def fetched(pixels, channels, depth, tile=1):
    """Return how many numbers all blocks together fetch from the GPU's memory, for tiles that divide both sides."""
    return depth * pixels * channels * 2 // tile


# ---------------------------------------------------------------------------------------------------------------------

ALGORITHMS = (  # title, entries along a side that are made together, terms that are fetched at a time
    ("loop: one worker makes\none entry after the other", 1, 18),
    ("thread: a worker for each entry,\nand each fetches its row and its column", 1, 18),
    ("tile: a block of workers fetches a K tile,\nand each makes several entries from it", 4, 3),
)


def draw_workers(axes, side=12, depth=18):
    """Draw on three axes which worker makes which part of a matrix product: a loop, threads, and tiles of threads.

    The result has side x side entries (pixels by channels), each a sum of depth products; small, so that it is seen.
    """
    from matplotlib.patches import Rectangle

    for n, (ax, (title, tile, terms)) in enumerate(zip(axes, ALGORITHMS)):
        frames = ((-depth - 1, 0, depth, side), (0, -depth - 1, side, depth), (0, 0, side, side))
        for x, y, wide, high in frames:
            ax.add_patch(Rectangle((x, y), wide, high, facecolor="white", edgecolor="black", linewidth=1))
        ax.text(-depth / 2 - 1, side + 1.4, "im2col: pixels x terms", ha="center", fontsize=9)
        ax.text(side + 0.6, -depth / 2 - 1, "weights: terms x channels", va="center", rotation=90, fontsize=9)
        ax.text(side / 2, side + 1.4, "pixels x channels", ha="center", fontsize=9)
        at, first = 4, 6 if terms < depth else 0
        fetched_from = ((-depth - 1 + first, at, terms, tile), (at, -depth - 1 + first, tile, terms))
        for x, y, wide, high in fetched_from:
            ax.add_patch(Rectangle((x, y), wide, high, color=COLORS["prediction"], alpha=0.7, linewidth=0))
        # Light: what is made at the same time, or was made before. Dark: what one worker makes.
        light = ((0, 0, side, at), (0, 0, side, side), (at, at, tile, tile))[n]
        own = 2 if tile > 1 else 1
        ax.add_patch(Rectangle(light[:2], *light[2:], color=COLORS["positive"], alpha=0.3, linewidth=0))
        ax.add_patch(Rectangle((at, at), own, own, color=COLORS["positive"], alpha=0.95, linewidth=0))
        ax.hlines(range(side + 1), 0, side, color="black", linewidth=0.3)
        ax.vlines(range(side + 1), 0, side, color="black", linewidth=0.3)
        ax.set_xlim(-depth - 2, side + 2.5)
        ax.set_ylim(side + 2, -depth - 2)
        ax.set_aspect("equal")
        ax.set_axis_off()
        ax.set_title(title, fontsize=11)
