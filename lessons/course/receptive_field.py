"""The receptive field of a unit of a feature map: by arithmetic, and measured by a one-hot gradient.

Along one axis, the receptive field of unit i begins at pixel first + i * step and ends before that plus field
(numpyssd/model/receptive_field.py).
"""

import numpy as np

from numpyssd.drawing import COLORS, draw_image
from numpyssd.model.geometry import trunk
from numpyssd.model.receptive_field import receptive_fields
from numpyssd.model.ssd import SSD


def windows(config):
    """Return the ReceptiveField of each convolution and pooling of a network, by name, in their order."""
    return receptive_fields(trunk(config))


def layers_of(model):
    """Return the layers of a model's trunk, without the predictors, in their order."""
    return [layer for stage in model.stages for layer in stage.layers()]


def one_hot_gradient(model, x, name, row, column):
    """Return the gradient (N, S, S, 3) of the sum of a unit's channels with respect to images x (N, S, S, 3).

    name: of the convolution or pooling that the unit belongs to, taken after its normalization and ReLU.
    """
    layers = layers_of(model)
    end = max(i for i, layer in enumerate(layers) if layer.name in (name, f"{name}_bn")) + 1
    for layer in layers[:end]:
        x = layer.forward(x)
    gradient = np.zeros_like(x)
    gradient[:, row, column] = 1
    need_dx, layers[0].need_dx = layers[0].need_dx, True
    for layer in reversed(layers[:end]):
        gradient = layer.backward(gradient)
    layers[0].need_dx = need_dx
    return gradient


# ---------------------------------------------------------------------------------------------------------------------


def draw_feature_maps(axes, image, maps, side=3):
    """Draw an image (H, W, 3), and of each of the maps, pairs of a name and (h, w, C), side x side channels as tiles.

    They are the channels that vary most. All tiles of a map have one gray scale, from black, the least number of them,
    to white, the largest.
    """
    draw_image(axes[0], image)
    axes[0].set_title(f"image\n{image.shape[0]} x {image.shape[1]} x 3", fontsize=10)
    for ax, (name, values) in zip(axes[1:], maps):
        height, width, channels = values.shape
        gap = max(height // 12, 1)
        sheet = np.ones((side * (height + gap) - gap, side * (width + gap) - gap))
        strongest = np.argsort(-values.std(axis=(0, 1)), kind="stable")[: side * side]
        low, high = values[..., strongest].min(), values[..., strongest].max()
        for place, channel in enumerate(strongest):
            top, left = place // side * (height + gap), place % side * (width + gap)
            sheet[top : top + height, left : left + width] = (values[..., channel] - low) / max(high - low, 1e-12)
        ax.imshow(sheet, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        ax.set_title(f"{name}\n{len(strongest)} of {height} x {width} x {channels}", fontsize=10)
        ax.set_axis_off()


def draw_effective_field(ax, image, strength, box, title=""):
    """Draw in blue on an image (S, S, 3) the strength (S, S) of a one-hot gradient, and the calculated square."""
    from matplotlib.patches import Rectangle

    fraction = np.sqrt(strength / strength.max())[..., None]
    blue = np.array([int(COLORS["positive"][i : i + 2], 16) for i in (1, 3, 5)])
    draw_image(ax, ((255 - (255 - image) / 3.0) * (1 - fraction) + blue * fraction).astype(np.uint8))
    ax.set_title(title, fontsize=10)
    x1, y1, x2, y2 = box
    ax.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor=COLORS["prediction"], linewidth=2))


if __name__ == "__main__":
    from dataclasses import replace

    from numpyssd.config import SSD300
    from numpyssd.images.preprocess import preprocess
    from numpyssd.datasets.shapes import example
    from numpyssd.drawing import figure_command

    def draw(ax):
        config = replace(SSD300, width=0.05)
        image = example(300)[0]
        gradient = one_hot_gradient(SSD(config), preprocess(image, config), "conv4_3", 18, 18)
        draw_effective_field(ax, image, abs(gradient[0]).sum(axis=2), windows(config)["conv4_3"].box(18, 18))

    figure_command("receptive_field", draw)
