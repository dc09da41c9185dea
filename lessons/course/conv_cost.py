"""What a convolution costs, counted and not measured: multiplications, and numbers that go to memory and back.

A count is the same on every machine. It says which algorithm can be fast. ``python -m numpyssd.benchmark`` measures how
fast it is.
"""

from numpyssd.drawing import COLORS

# A tile of so many rows and columns of outputs is made at once; 1 is one output by itself.
ALGORITHMS = {"loops": 1, "kernel positions": 1, "im2col": 1, "F(2x2, 3x3)": 2, "F(4x4, 3x3)": 4}


def multiplications(out_shape, channels_in, kernel=3, tile=1):
    """Return how many multiplications give out_shape (N, H', W', C_out) from ``channels_in`` channels.

    tile: outputs along each side of a tile (Winograd); 1 is the plain algorithm. The transforms are not counted: they
    add rather than multiply, and all channels share them. Tiles at the edge count as whole ones.
    """
    images, height, width, channels_out = out_shape
    tiles = images * -(-height // tile) * -(-width // tile)
    return tiles * (tile + kernel - 1) ** 2 * channels_in * channels_out


def numbers_moved(in_shape, weight_shape, out_shape):
    """Return how many numbers have to come from memory and go back to it: each once, for any number of uses."""
    total = 0
    for shape in (in_shape, weight_shape, out_shape):
        count = 1
        for size in shape:
            count *= size
        total += count
    return total


# ---------------------------------------------------------------------------------------------------------------------


def draw_algorithms(axes):
    """Draw on two axes, for each algorithm: products for an output, and numbers copied for a number of the input."""
    products = [multiplications((1, tile, tile, 1), 1, 3, tile) / tile**2 for tile in ALGORITHMS.values()]
    # im2col copies every window whole; a tile copies its patch, and neighboring patches share two rows.
    copies = [0, 0, 9, 4, 2.25]
    plots = (
        (products, "products for one output\nof one channel from one channel"),
        (copies, "numbers copied\nfor each number of the input"),
    )
    for ax, (values, title) in zip(axes, plots):
        colors = [COLORS["default box"] if tile == 1 else COLORS["positive"] for tile in ALGORITHMS.values()]
        bars = ax.barh(list(ALGORITHMS), values, color=colors)
        ax.bar_label(bars, [f"{value:g}" for value in values], padding=4)
        ax.invert_yaxis()
        ax.set_xlim(0, 10.5)
        ax.set_title(title, fontsize=11)
        ax.spines[["top", "right"]].set_visible(False)


def draw_tile(ax, tile, side=12, kernel=3):
    """Draw a grid of outputs cut into tiles, and for the tile at the upper left the patch of input that it reads."""
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle((0, 0), tile + kernel - 1, tile + kernel - 1, color=COLORS["prediction"], alpha=0.35, lw=0))
    ax.add_patch(Rectangle((kernel // 2,) * 2, tile, tile, color=COLORS["positive"], alpha=0.75, lw=0))
    for n in range(side + kernel):
        ax.plot([n, n], [0, side + kernel - 1], color="#cccccc", linewidth=0.6, zorder=0)
        ax.plot([0, side + kernel - 1], [n, n], color="#cccccc", linewidth=0.6, zorder=0)
    for n in range(0, side + 1, tile):
        ax.plot([n + 1, n + 1], [1, side + 1], color=COLORS["default box"], linewidth=1.3)
        ax.plot([1, side + 1], [n + 1, n + 1], color=COLORS["default box"], linewidth=1.3)
    products = multiplications((1, tile, tile, 1), 1, kernel, tile)
    ax.set_title(
        f"{tile} x {tile} outputs from {tile + 2} x {tile + 2} pixels:\n{products} products, not {9 * tile**2}"
        if tile > 1
        else "1 output from 3 x 3 pixels:\n9 products",
        fontsize=10,
    )
    ax.set(xlim=(-0.2, side + kernel - 0.8), ylim=(side + kernel - 0.8, -0.2), aspect="equal", xticks=[], yticks=[])
    ax.set_frame_on(False)


if __name__ == "__main__":
    from numpyssd.drawing import figure_command

    def draw(axes):
        for ax, tile in zip(axes, (1, 2, 4)):
            draw_tile(ax, tile)

    figure_command("conv_cost", draw, columns=3, size=(11, 4.2))
