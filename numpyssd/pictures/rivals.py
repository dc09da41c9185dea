"""The figures of the rivals: YOLO's grid, boxes, loss and network. See drawing.run_figure."""

import numpy as np

from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset, example
from numpyssd.drawing import figure_command
from numpyssd.rivals.yolo.decoding import draw_decoding
from numpyssd.rivals.yolo.grid_targets import draw_cells, grid_targets
from numpyssd.rivals.yolo.recipes import PRESETS
from numpyssd.rivals.yolo.responsibility import draw_responsible
from numpyssd.rivals.yolo.summary import main as draw_network
from numpyssd.rivals.yolo.yolo_loss import draw_roots


def grid_targets_figure():
    """Draw the figure of rivals/yolo/grid_targets.py: one image under three grids."""
    # A crowd: nine scenes as one image.
    scenes, side = ShapesDataset(9, 100), 100
    parts = [scenes[i] for i in range(len(scenes))]
    image = np.concatenate([np.concatenate([part.image for part in parts[i : i + 3]], axis=1) for i in (0, 3, 6)])
    corners = [np.array(divmod(i, 3))[::-1] * side for i in range(len(scenes))]
    boxes = np.concatenate([part.boxes + np.tile(corner, 2) for part, corner in zip(parts, corners)])

    def draw(axes):
        """Draw a grid on each."""
        for ax, grid in zip(axes, (4, 7, 19)):
            draw_cells(ax, image, boxes, grid)

    figure_command("grid_targets", draw, columns=3, size=(15, 5.6))


def responsibility_figure():
    """Draw the figure of rivals/yolo/responsibility.py."""
    image, boxes, _, _ = example(300)
    truth = boxes[1]
    moved = truth + [10, -14, 4, 8]
    wide = truth + [-70, 30, 20, -40]
    figure_command("responsibility", lambda ax: draw_responsible(ax, image, truth, np.stack([wide, moved])))


def decoding_figure():
    """Draw the figure of rivals/yolo/decoding.py, on outputs as a trained network might give them."""
    image, boxes, labels, _ = example(300)
    rng, grid, per_cell, classes = np.random.default_rng(0), 7, 2, len(CLASS_NAMES)
    # Each cell says something like its own object, or like the object that is nearest to its middle.
    cell_boxes, cell_labels = grid_targets(boxes / len(image), labels, grid)
    middles = np.stack(np.meshgrid(np.arange(grid), np.arange(grid)), axis=-1).reshape(-1, 2) + 0.5
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2 / len(image) * grid
    nearest = np.linalg.norm(middles[:, None] - centers, axis=2).argmin(axis=1)
    out = rng.normal(0, 0.03, (grid * grid, 5 * per_cell + classes))
    out[:, :10] += np.tile([0.5, 0.5, 0.4, 0.4, 0.05], per_cell)
    out[np.arange(grid * grid), 10 + labels[nearest] - 1] += 0.9
    found = np.flatnonzero(cell_labels)
    out[found, 5:10] = np.concatenate([cell_boxes[found], np.full((len(found), 1), 0.9)], axis=1)
    out[found, 7:9] **= 0.5
    out[found, 5:9] += rng.normal(0, 0.02, (len(found), 4))
    rows = out.reshape(grid, grid, -1)
    figure_command(
        "decoding", lambda axes: draw_decoding(axes, image, rows, per_cell, CLASS_NAMES), columns=3, size=(15, 5.4)
    )


def yolo_loss_figure():
    """Draw the figure of rivals/yolo/yolo_loss.py."""
    figure_command("yolo_loss", draw_roots, size=(7, 4.4))


def network_figure():
    """Draw the figure of rivals/yolo/network.py, and print its summary."""
    draw_network(PRESETS)
