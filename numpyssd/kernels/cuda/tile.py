"""What the three tiled convolutions share: how 256 threads multiply two slabs of numbers that lie in shared memory.

A convolution is a matrix product in disguise: rows are pixels, columns are channels, and each entry is a long sum of
products. A block of 256 threads makes TILE x TILE entries. It goes along the sum in slabs of SLAB terms: all threads
together fetch the slab's TILE x SLAB numbers of either side into shared memory, wait for each other, and then each
thread multiplies for its own OWN x OWN entries. So a number fetched once is used TILE times.
"""

from numba import cuda, float32, uint32

from numpyssd.drawing import COLORS

TILE = 64  # rows, and columns, of the result that a block makes
SLAB = 16  # terms of the sum between two waits
OWN = 4  # rows, and columns, of the result that a thread makes
SIDE = 16  # threads along either side of the tile: TILE / OWN
THREADS = 256  # of a block: SIDE * SIDE
PADDED = 65  # one more than TILE, so that a column of a slab lies in different banks of the shared memory


@cuda.jit(device=True, inline="always")
def multiply_slab(left, right, sums, row, column):
    """Add to sums (OWN, OWN) what a slab gives: left and right (SLAB, PADDED) are in shared memory.

    The thread's rows lie side by side, its columns SIDE apart: neighbors then read and write neighboring numbers.
    """
    for k in range(SLAB):
        for a in range(OWN):
            factor = left[k, uint32(row * uint32(OWN) + uint32(a))]
            for b in range(OWN):
                sums[a, b] += factor * right[k, uint32(column + uint32(SIDE) * uint32(b))]


@cuda.jit(device=True, inline="always")
def clear(sums):
    """Set sums (OWN, OWN) to zero."""
    for a in range(OWN):
        for b in range(OWN):
            sums[a, b] = float32(0.0)


def fetched(pixels, channels, depth, tile=1):
    """Return how many numbers all blocks together fetch from the card's memory, for tiles that divide both sides."""
    return depth * pixels * channels * 2 // tile


# ---------------------------------------------------------------------------------------------------------------------

WAYS = (  # title, entries along a side that are made together, terms that are fetched at a time
    ("loop: one worker makes\none entry after the other", 1, 18),
    ("thread: a worker for each entry,\nand each fetches its row and its column", 1, 18),
    ("tile: a block of workers fetches a slab,\nand each makes several entries from it", 4, 3),
)


def draw_workers(axes, side=12, depth=18):
    """Draw on three axes who makes what of a product of windows and weights: a loop, threads, and tiles of threads.

    The result has side x side entries (pixels by channels), each a sum of depth products; small, so that it is seen.
    """
    from matplotlib.patches import Rectangle

    for way, (ax, (title, tile, terms)) in enumerate(zip(axes, WAYS)):
        frames = ((-depth - 1, 0, depth, side), (0, -depth - 1, side, depth), (0, 0, side, side))
        for x, y, wide, high in frames:
            ax.add_patch(Rectangle((x, y), wide, high, facecolor="white", edgecolor="black", linewidth=1))
        ax.text(-depth / 2 - 1, side + 1.4, "windows: pixels x terms", ha="center", fontsize=9)
        ax.text(side + 0.6, -depth / 2 - 1, "weights: terms x channels", va="center", rotation=90, fontsize=9)
        ax.text(side / 2, side + 1.4, "pixels x channels", ha="center", fontsize=9)
        at, first = 4, 6 if terms < depth else 0
        fetched_from = ((-depth - 1 + first, at, terms, tile), (at, -depth - 1 + first, tile, terms))
        for x, y, wide, high in fetched_from:
            ax.add_patch(Rectangle((x, y), wide, high, color=COLORS["prediction"], alpha=0.7, linewidth=0))
        # Light: what is made at the same time, or was made before. Dark: what one worker makes.
        light = ((0, 0, side, at), (0, 0, side, side), (at, at, tile, tile))[way]
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
