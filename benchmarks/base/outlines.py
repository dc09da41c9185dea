"""The outlines of the rendered classes as polygons in the unit square [-1, 1], one object may have several."""

import numpy as np

_CIRCLE = np.linspace(0, 2 * np.pi, 72, endpoint=False)


def _radial(radius):
    """Return the polygon (72, 2) whose distance from the middle is radius(angle), at most 1."""
    r = np.broadcast_to(radius(_CIRCLE), _CIRCLE.shape)
    return np.stack([r * np.cos(_CIRCLE), r * np.sin(_CIRCLE)], 1)


def _disc(x, y, rx, ry):
    return _radial(lambda a: 1.0) * (rx, ry) + (x, y)


def _box(x1, y1, x2, y2):
    return np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)], float)


def _star(points, inner):
    angles = np.arange(2 * points) * np.pi / points - np.pi / 2
    r = np.where(np.arange(2 * points) % 2, inner, 1.0)
    return np.stack([r * np.cos(angles), r * np.sin(angles)], 1)


def _regular(corners):
    angles = np.arange(corners) * 2 * np.pi / corners - np.pi / 2
    return np.stack([np.cos(angles), np.sin(angles)], 1)


def _polygon(*corners):
    return np.array(corners, float)


# Of each class: polygons that are filled, and holes.
OUTLINES = {
    "disc": ([_disc(0, 0, 1, 1)], []),
    "ellipse": ([_disc(0, 0, 1, 0.45)], []),
    "ring": ([_disc(0, 0, 1, 1)], [_disc(0, 0, 0.55, 0.55)]),
    "square": ([_box(-1, -1, 1, 1)], []),
    "bar": ([_box(-1, -0.22, 1, 0.22)], []),
    "frame": ([_box(-1, -0.8, 1, 0.8)], [_box(-0.65, -0.45, 0.65, 0.45)]),
    "triangle": ([_regular(3)], []),
    "hexagon": ([_regular(6)], []),
    "star": ([_star(5, 0.42)], []),
    "burst": ([_star(9, 0.7)], []),
    "cross": ([_box(-1, -0.28, 1, 0.28), _box(-0.28, -1, 0.28, 1)], []),
    "angle": ([_box(-1, -1, -0.45, 1), _box(-1, 0.45, 1, 1)], []),
    "crescent": ([_disc(0, 0, 1, 1)], [_disc(0.5, 0, 0.85, 0.85)]),
    "clover": ([_radial(lambda a: 0.68 + 0.32 * np.cos(3 * a))], []),
    "flower": ([_radial(lambda a: 0.78 + 0.22 * np.cos(6 * a))], []),
    "gear": ([_radial(lambda a: np.where(np.cos(10 * a) > 0, 1.0, 0.8))], [_disc(0, 0, 0.3, 0.3)]),
    "drop": ([_radial(lambda a: 0.55 + 0.45 * np.maximum(np.cos(a), 0) ** 5)], []),
    "leaf": ([_radial(lambda a: 0.3 + 0.7 * np.cos(a) ** 4)], []),
    "bone": ([_box(-0.7, -0.18, 0.7, 0.18), _disc(-0.72, 0, 0.28, 0.45), _disc(0.72, 0, 0.28, 0.45)], []),
    "arrow": ([_box(-1, -0.2, 0.3, 0.2), _polygon((0.1, -0.7), (1, 0), (0.1, 0.7))], []),
    "bottle": ([_box(-0.38, -0.35, 0.38, 1), _box(-0.15, -1, 0.15, -0.3), _disc(0, -0.33, 0.38, 0.25)], []),
    "figure": ([_disc(0, -0.72, 0.26, 0.28), _polygon((-0.42, -0.4), (0.42, -0.4), (0.25, 1), (-0.25, 1))], []),
    "cart": (
        [
            _box(-1, -0.15, 1, 0.35), _polygon((-0.6, -0.15), (-0.4, -0.6), (0.4, -0.6), (0.7, -0.15)),
            _disc(-0.55, 0.4, 0.25, 0.25), _disc(0.55, 0.4, 0.25, 0.25),
        ],
        [],
    ),
    "pair": ([_disc(-0.48, 0, 0.52, 0.6), _disc(0.48, 0, 0.52, 0.6)], []),
}  # fmt: skip


def blob(random):
    """Return a random smooth outline, of no class by itself: (polygons, holes)."""
    phases, heights = random.uniform(0, 2 * np.pi, 4), random.uniform(0, 0.16, 4)
    waves = sum(h * np.cos((k + 2) * _CIRCLE + p) for k, (h, p) in enumerate(zip(heights, phases)))
    r = 0.8 + waves
    return [_radial(lambda a: r / r.max())], []


def placed(polygon, matrix, middle, bend, phase):
    """Return a polygon bent a little along its length, turned and scaled by a (2, 2) matrix, and moved to middle."""
    dense = _dense(polygon)
    dense = dense * (1 + bend * np.sin(2.5 * dense[:, ::-1] + phase))
    return dense @ matrix.T + middle


def _dense(polygon, pieces=8):
    """Return the polygon with points along its sides, so that a bend shows on straight ones."""
    following = np.roll(polygon, -1, axis=0)
    t = np.linspace(0, 1, pieces, endpoint=False)[:, None, None]
    return (polygon + t * (following - polygon)).transpose(1, 0, 2).reshape(-1, 2)
