"""What came after SSD, as arithmetic that fits on a page: FPN's sums, FCOS's targets, CenterNet's map, DETR's matching."""

from itertools import permutations

import numpy as np

from numpyssd.drawing import COLORS


def top_down(maps):
    """Return FPN's maps from those of a network, the finest first: each is added to the next coarser one, doubled.

    maps: (H, W, C) each, all of the same channels (a 1 x 1 convolution of each has seen to that), each with half the
    sides of the one before. Lin et al., "Feature Pyramid Networks for Object Detection", 2017, section 3.
    """
    out = [maps[-1]]
    for x in reversed(maps[:-1]):
        out.append(x + out[-1].repeat(2, axis=0).repeat(2, axis=1))
    return out[::-1]


def fcos_targets(points, box):
    """Return for points (P, 2) the distances (P, 4) to the sides of a box xyxy, and the center-ness (P,).

    left, top, right, bottom; a point with a negative distance lies outside, and its center-ness is 0. Tian et al.,
    "FCOS: Fully Convolutional One-Stage Object Detection", 2019, equations 1 and 3.
    """
    low, high = points - box[:2], box[2:] - points  # (P, 2) each
    distances = np.concatenate([low, high], axis=1)  # (P, 4)
    small, large = np.minimum(low, high), np.maximum(low, high)
    inside = (small > 0).all(axis=1)
    fraction = np.where(inside[:, None], small / large, 0)
    return distances, np.sqrt(fraction.prod(axis=1))


def center_map(size, centers, spread):
    """Return CenterNet's target map (size, size): 1 at each center, falling like a bell; the larger one where two meet.

    centers: (M, 2) in cells; spread: (M,) the bell's width, in cells. Zhou et al., "Objects as Points", 2019, section 3.
    """
    place = np.arange(size)
    bells = [
        np.exp(-((place[None, :] - x) ** 2 + (place[:, None] - y) ** 2) / (2 * s * s))
        for (x, y), s in zip(centers, spread)
    ]
    return np.max(bells, axis=0)


def best_assignment(costs):
    """Return for each row of costs (N, N) its column, so that the sum is the smallest of all; for small N only."""
    rows = range(len(costs))
    return list(min(permutations(rows), key=lambda columns: sum(costs[row, columns[row]] for row in rows)))


def greedy_assignment(costs):
    """Return for each row its column if the smallest cost of all that are left is taken again and again, as SSD does."""
    left, out = costs.astype(float).copy(), [0] * len(costs)
    for _ in range(len(costs)):
        row, column = np.unravel_index(left.argmin(), left.shape)
        out[row] = int(column)
        left[row], left[:, column] = np.inf, np.inf
    return out


# ---------------------------------------------------------------------------------------------------------------------

ARROW = {"arrowstyle": "-|>", "color": "#222222", "shrinkA": 0, "shrinkB": 0}
WIDTHS = (2.0, 1.5, 1.0, 0.6)  # of four maps, the finest below


def draw_fpn(axes):
    """Draw on two axes SSD's maps, each of which predicts by itself, and FPN's, which pass features down again."""
    for ax, title in zip(axes, ("SSD: each map predicts by itself", "FPN: coarse features come down again")):
        is_fpn = ax is axes[1]
        for level, width in enumerate(WIDTHS):
            _bar(ax, 0, level, width, COLORS["default box"])
            if level:
                ax.annotate("", (0, level - 0.12), (0, level - 0.88), arrowprops=ARROW)
            if is_fpn:
                _bar(ax, 3.2, level, width, COLORS["positive"])
                ax.annotate("", (3.2 - width / 2, level), (width / 2, level), arrowprops=ARROW)
                if level:
                    ax.annotate("", (3.2, level - 0.88), (3.2, level - 0.12), arrowprops=ARROW)
                    ax.text(3.35, level - 0.5, "x 2, +", fontsize=11, va="center")
            start = (3.2 if is_fpn else 0) + width / 2
            ax.annotate("", (5.3, level), (start, level), arrowprops=ARROW)
            ax.text(5.4, level, "predict", fontsize=11, va="center", color=COLORS["negative"])
        ax.set_xlim(-1.3, 6.7)
        ax.set_ylim(-0.3, 3.3)
        ax.set_axis_off()
        ax.set_title(title, fontsize=11)


def _bar(ax, x, level, width, color):
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle((x - width / 2, level - 0.12), width, 0.24, facecolor=color + "99", edgecolor="#222222"))


def draw_points(axes, image, boxes, step=12):
    """Draw on two axes FCOS's points of one object, and CenterNet's map of all; boxes (M, 4) xyxy in pixels."""
    from numpyssd.drawing import draw_boxes, draw_image

    pale, size = 255 - (255 - image) // 2, len(image)
    places = (np.arange(size // step) + 0.5) * step
    points = np.stack([a.ravel() for a in np.meshgrid(places, places)], axis=1)  # (P, 2)
    distances, near = fcos_targets(points, boxes[0])
    inside, (x, y) = near > 0, points[_upper_left(points, boxes[0])]
    left, top, right, bottom = distances[_upper_left(points, boxes[0])]
    draw_image(axes[0], pale)
    draw_boxes(axes[0], boxes[:1], "ground truth")
    axes[0].scatter(
        *points[inside].T, 16, near[inside], cmap="Blues", vmin=-0.3, vmax=1, edgecolors="#222222", linewidths=0.4
    )
    for dx, dy, name in ((-left, 0, "l"), (right, 0, "r"), (0, -top, "t"), (0, bottom, "b")):
        axes[0].annotate("", (x + dx, y + dy), (x, y), arrowprops={**ARROW, "color": COLORS["negative"]})
        axes[0].text(x + dx / 2 + 3, y + dy / 2 - 3, name, color=COLORS["negative"], fontsize=11, weight="bold")
    axes[0].set_title("FCOS: a point says how far\nthe four sides are", fontsize=11)
    cells, sides = size // 4, np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1))
    heat = center_map(cells, (boxes[:, :2] + boxes[:, 2:]) / 8, sides / 4 / 6)
    draw_image(axes[1], pale)
    axes[1].imshow(heat, extent=(0, size, size, 0), cmap="plasma", vmin=0, vmax=1, alpha=0.8 * heat)
    draw_boxes(axes[1], boxes, "ground truth")
    axes[1].set_title("CenterNet: a map of centers;\nsize is read at its peaks", fontsize=11)


def _upper_left(points, box):
    """Return the number of the point that lies nearest to a third of the way across the box."""
    aim = box[:2] + (box[2:] - box[:2]) / 3
    return int(((points - aim) ** 2).sum(axis=1).argmin())


def _free_place(others, box):
    """Return a place (x, y) on the right side of a box that lies in none of the others; its middle if there is one."""
    middle = (box[1] + box[3]) / 2
    places = sorted(np.linspace(box[1] + 2, box[3] - 2, 41), key=lambda y: abs(y - middle))
    inside = [
        ((others[:, 0] <= box[2]) & (box[2] <= others[:, 2]) & (others[:, 1] <= y) & (y <= others[:, 3])).any()
        for y in places
    ]
    return box[2], next((y for y, covered in zip(places, inside) if not covered), middle)


def draw_set(ax, image, boxes, names):
    """Draw DETR's answer: a fixed set of predictions, each matched to one object or to "no object"."""
    from numpyssd.drawing import draw_boxes, draw_image

    size, slots = len(image), len(boxes) + 3
    draw_image(ax, 255 - (255 - image) // 2)
    draw_boxes(ax, boxes, "ground truth")
    owner = {1: 0, 2: 2, 4: 1, 6: 3}  # which prediction has which object: any order, none twice
    for slot in range(slots):
        y, x = (slot + 0.5) * size / slots, 1.34 * size
        ax.text(x, y, f"prediction {slot + 1}", fontsize=11, va="center", color="#8a5a00", weight="bold")
        if slot in owner and owner[slot] < len(boxes):
            box = boxes[owner[slot]]
            middle = _free_place(np.delete(boxes, owner[slot], axis=0), box)
            ax.plot([x - 6, middle[0]], [y, middle[1]], color=COLORS["prediction"], linewidth=1.8)
            ax.text(1.9 * size, y, names[owner[slot]], fontsize=11, va="center")
        else:
            ax.text(1.9 * size, y, "no object", fontsize=11, va="center", color="#666666")
    ax.set_xlim(0, 2.35 * size)
    ax.set_axis_off()
    ax.set_title("DETR: as many answers as slots, each object exactly once", fontsize=11)
