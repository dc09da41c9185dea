"""Points in a plane, some of them inside a circle, and what a small network says of every place of the plane."""

import numpy as np

from numpyssd.drawing import COLORS

RADIUS = 0.7  # of the circle; the plane reaches from -1 to 1


def points_and_circle(count, rng):
    """Return points (count, 2) in the square from -1 to 1, and for each (count,) 1.0 if it is inside the circle."""
    points = rng.uniform(-1, 1, (count, 2))
    return points, ((points * points).sum(axis=1) < RADIUS**2).astype(float)


def plane_image(predict, side=64, bands=None):
    """Return an image (side, side, 3) uint8 of what predict(points (N, 2)) -> (N,) says: red is 0, white 1/2, blue 1.

    bands: how many colors there are, an odd number; None for no limit.
    """
    places = (np.arange(side) + 0.5) / side * 2 - 1
    x, y = np.meshgrid(places, -places)  # the first row of an image is the upper one
    said = np.clip(predict(np.stack([x.ravel(), y.ravel()], axis=1)), 0, 1).reshape(side, side, 1)
    said = said if bands is None else np.round(said * (bands - 1)) / (bands - 1)
    red, blue = (np.array([int(COLORS[role][i : i + 2], 16) for i in (1, 3, 5)]) for role in ("negative", "positive"))
    color = np.where(said < 0.5, red, blue)
    return np.round(255 - (255 - color) * 0.45 * np.abs(2 * said - 1)).astype(np.uint8)


def kink_lines(weight, bias):
    """Return the ends (H, 2, 2) in the plane of the line at which each of H hidden units begins to answer.

    weight: (2, H); bias: (H,). On that line the sum of the unit is 0, so that its ReLU has its kink there. A line that
    does not cross the square from -1 to 1 has NaN.
    """
    lines = np.full((len(bias), 2, 2), np.nan)
    for n, ((a, b), c) in enumerate(zip(weight.T, bias)):
        ends = [(x, -(a * x + c) / b) for x in (-1, 1) if b] + [(-(b * y + c) / a, y) for y in (-1, 1) if a]
        inside = sorted({end for end in ends if max(map(abs, end)) <= 1 + 1e-9})
        if len(inside) > 1:
            lines[n] = inside[0], inside[-1]
    return lines


# ---------------------------------------------------------------------------------------------------------------------


def draw_plane(ax, predict, points, inside, weight=None, bias=None, title=""):
    """Draw what a network says of the plane, points (N, 2) in the colors of inside (N,), and the kinks of its units."""
    ax.imshow(plane_image(predict, 240, bands=9), extent=(-1, 1, -1, 1), interpolation="nearest")
    for value, role, marker in ((1, "positive", "o"), (0, "negative", "X")):
        chosen = points[inside == value]
        ax.plot(*chosen.T, marker, color=COLORS[role], markeredgecolor="white", markersize=5.5, markeredgewidth=0.6)
    if weight is not None:
        for (x1, y1), (x2, y2) in kink_lines(weight, bias):
            ax.plot([x1, x2], [y1, y2], color="black", linewidth=0.9)
    ax.set(xlim=(-1, 1), ylim=(-1, 1), xticks=[], yticks=[], aspect="equal")
    ax.set_title(title, fontsize=10)


if __name__ == "__main__":
    from numpyssd.drawing import figure_command

    def draw(ax):
        points, inside = points_and_circle(150, np.random.default_rng(0))
        draw_plane(ax, lambda places: 1.2 - (places * places).sum(axis=1), points, inside)

    figure_command("small_network", draw)
