"""Which pixels a value of a feature map can see: by arithmetic, and measured by a gradient that is planted there.

Along one axis, unit i of a layer sees the pixels from first + i * step to first + i * step + field, without the last.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.drawing import COLORS, draw_image
from numpyssd.kernels.shapes import conv_output_size, pool_output_size
from numpyssd.layers import Conv2d, MaxPool2d
from numpyssd.model.ssd import SSD


class Window(NamedTuple):
    """What the units of one layer see, along one axis, in pixels; first may lie outside the picture."""

    name: str
    size: int  # units
    first: int  # the first pixel that unit 0 sees
    step: int  # from the window of one unit to that of the next
    field: int  # how many pixels a unit sees

    def box(self, row, column):
        """Return the square (4,) xyxy of pixels that a unit sees; where it leaves the picture there is padding."""
        x, y = self.first + column * self.step, self.first + row * self.step
        return np.array([x, y, x + self.field, y + self.field])


def windows(config):
    """Return the Window of each convolution and pooling of a network, by name, in their order."""
    found, size, first, step, field = {}, config.image_size, 0, 1, 1
    for layer in layers_of(SSD(config)):
        if isinstance(layer, Conv2d):
            kernel, dilation = layer.kernel, layer.dilation
            size = conv_output_size(size, kernel, layer.stride, layer.padding, dilation)
        elif isinstance(layer, MaxPool2d):
            kernel, dilation = layer.size, 1
            size = pool_output_size(size, kernel, layer.stride, layer.padding, layer.ceil_mode)
        else:
            continue
        field += (kernel - 1) * dilation * step
        first -= layer.padding * step
        step *= layer.stride
        found[layer.name] = Window(layer.name, size, first, step, field)
    return found


def layers_of(model):
    """Return the layers of a model's trunk, without the predictors, in their order."""
    return [layer for stage in model.stages for layer in stage.layers()]


def planted_gradient(model, x, name, row, column):
    """Return the gradient (N, S, S, 3) of the sum of a unit's channels with respect to pictures x (N, S, S, 3).

    name: of the convolution or pooling that the unit belongs to, taken after its normalization and rectifier.
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

    They are the channels that vary most; each is drawn from black, its least number, to white, its largest.
    """
    draw_image(axes[0], image)
    axes[0].set_title(f"picture\n{image.shape[0]} x {image.shape[1]} x 3", fontsize=10)
    for ax, (name, values) in zip(axes[1:], maps):
        height, width, channels = values.shape
        gap = max(height // 12, 1)
        sheet = np.ones((side * (height + gap) - gap, side * (width + gap) - gap))
        loudest = np.argsort(-values.std(axis=(0, 1)), kind="stable")[: side * side]
        for place, channel in enumerate(loudest):
            top, left = place // side * (height + gap), place % side * (width + gap)
            low, high = values[..., channel].min(), values[..., channel].max()
            sheet[top : top + height, left : left + width] = (values[..., channel] - low) / max(high - low, 1e-12)
        ax.imshow(sheet, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        ax.set_title(f"{name}\n{len(loudest)} of {height} x {width} x {channels}", fontsize=10)
        ax.set_axis_off()


def draw_seen(ax, image, strength, box, title=""):
    """Draw in blue on an image (S, S, 3) how strong a planted gradient (S, S) is, and the calculated square."""
    from matplotlib.patches import Rectangle

    share = np.sqrt(strength / strength.max())[..., None]
    blue = np.array([int(COLORS["positive"][i : i + 2], 16) for i in (1, 3, 5)])
    draw_image(ax, ((255 - (255 - image) / 3.0) * (1 - share) + blue * share).astype(np.uint8))
    ax.set_title(title, fontsize=10)
    x1, y1, x2, y2 = box
    ax.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor=COLORS["prediction"], linewidth=2))


if __name__ == "__main__":
    from dataclasses import replace

    from numpyssd.config import SSD300
    from numpyssd.images.preprocess import preprocess
    from numpyssd.datasets.shapes import example
    from numpyssd.drawing import picture

    def draw(ax):
        config = replace(SSD300, width=0.05)
        image = example(300)[0]
        gradient = planted_gradient(SSD(config), preprocess(image, config), "conv4_3", 18, 18)
        draw_seen(ax, image, abs(gradient[0]).sum(axis=2), windows(config)["conv4_3"].box(18, 18))

    picture(draw)
