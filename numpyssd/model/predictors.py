"""The convolutional predictors (paper, section 2.1): a 3x3 convolution on each feature map gives, for every default
box of every cell, four offsets (loc) and a logit for each class (conf).

With NHWC the flattening is only a reshape: a predictor's output (N, H, W, boxes * values) lies in the order row,
column, box, value already, which is that of ``default_boxes``. conv4_3 goes through an L2 normalization first, on this
branch only (section 3.1).
"""

import numpy as np

from numpyssd import kernels
from numpyssd.drawing import draw_image
from numpyssd.kernels.shapes import check_same_shape
from numpyssd.layers import Conv2d, L2Norm


class Predictors:
    """All loc and conf convolutions: feature maps -> loc (N, K, 4), conf (N, K, C), and back."""

    def __init__(self, config, rng, channels):
        self.num_classes = config.num_classes
        self.counts = [row.size**2 * row.boxes_per_cell for row in config.feature_maps]  # default boxes of each map
        self.norm = L2Norm("conv4_3_norm", channels[0], config.norm_scale)

        def heads(name, values):
            rows = enumerate(zip(config.feature_maps, channels))
            return [Conv2d(f"{name}.{i}", rng, c, values * row.boxes_per_cell, 3, padding=1) for i, (row, c) in rows]

        self.loc, self.conf = heads("loc", 4), heads("conf", config.num_classes)
        for layer in (*self.loc, *self.conf):
            layer.weight.value *= np.float32(config.predictor_init_scale)

    def forward(self, features):
        """Return loc (N, K, 4) and conf (N, K, C) for the list of feature maps, each (N, H, W, channels)."""
        features = [self.norm.forward(features[0]), *features[1:]]
        loc = [layer.forward(x) for layer, x in zip(self.loc, features)]  # each (N, H, W, boxes * 4)
        conf = [layer.forward(x) for layer, x in zip(self.conf, features)]  # each (N, H, W, boxes * C)
        self.shapes = [a.shape for a in loc], [a.shape for a in conf]
        loc, conf = self._together(loc, conf)
        self.out_shapes = loc.shape, conf.shape
        return loc, conf

    def infer(self, features):
        """Return the same; nothing is remembered."""
        features = [self.norm.infer(features[0]), *features[1:]]
        loc = [layer.infer(x) for layer, x in zip(self.loc, features)]
        conf = [layer.infer(x) for layer, x in zip(self.conf, features)]
        return self._together(loc, conf)

    def _together(self, loc, conf):
        """Return (N, K, 4) and (N, K, C): the boxes of all maps, one map after the other."""
        return kernels.active.concatenate(loc, 4), kernels.active.concatenate(conf, self.num_classes)

    def backward(self, dloc, dconf):
        """Return the list of gradients of the feature maps; dloc (N, K, 4), dconf (N, K, C)."""
        check_same_shape("dloc", dloc, self.out_shapes[0])
        check_same_shape("dconf", dconf, self.out_shapes[1])
        dlocs, dconfs = (kernels.active.split(a, shapes) for a, shapes in zip((dloc, dconf), self.shapes))
        dfeatures = [
            kernels.active.add(loc.backward(dloc), conf.backward(dconf))
            for loc, dloc, conf, dconf in zip(self.loc, dlocs, self.conf, dconfs)
        ]
        dfeatures[0] = self.norm.backward(dfeatures[0])
        return dfeatures

    def parameters(self):
        """Return ``conv4_3_norm.scale``, ``loc.0.weight`` ..., ``conf.0.weight`` ..., in this order."""
        return {name: parameter for layer in self.layers() for name, parameter in layer.parameters().items()}

    def layers(self):
        """Return the L2 normalization, then the loc convolutions, then the conf convolutions."""
        return [self.norm, *self.loc, *self.conf]


# ---------------------------------------------------------------------------------------------------------------------


def draw_scores(axes, image, scores, feature_maps, image_size=None):
    """Draw the largest object score of each cell over the image (S, S, 3), an axes for each map.

    scores (K, C) are the softmax of conf for one image; class 0 is background. image_size: the side of the network's
    input, in whose pixels the steps of the maps count, if the image has another one.
    """
    best, start, scale = scores[:, 1:].max(axis=1), 0, len(image) / (image_size or len(image))  # (K,)
    for ax, f in zip(axes, feature_maps):
        count = f.size**2 * f.boxes_per_cell
        heat = best[start : start + count].reshape(f.size, f.size, f.boxes_per_cell).max(axis=2)  # (rows, columns)
        start += count
        draw_image(ax, np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8))
        side = f.size * f.step * scale
        options = {"cmap": "plasma", "vmin": 0, "vmax": 1, "interpolation": "nearest"}
        ax.imshow(heat, extent=(0, side, side, 0), alpha=0.75 * heat, **options)  # no score, no color
        ax.set_xlim(0, len(image))
        ax.set_ylim(len(image), 0)
        ax.set_title(f"{f.name}: {f.size} x {f.size}\nlargest object score {heat.max():.2f}", fontsize=10)


def draw_flattening(axes, size, boxes, values):
    """Draw the output of a predictor as cards, and the rows that a reshape makes of it, on three axes.

    axes[0]: the map, size x size cells; axes[1]: its rows from (H, W, channels); axes[2]: from (channels, H, W),
    reshaped without a transpose. A card has the color of its cell and says "box value".
    """
    row, column, box, value = np.indices((size, size, boxes, values)).reshape(4, -1)
    cells = row * size + column  # of each card, in memory order of NHWC
    order = np.arange(len(cells)).reshape(size * size, boxes * values)
    as_channels = order.T.ravel()  # memory order of (channels, H, W)
    labels = [f"{b} {v}" for b, v in zip(box, value)]
    down, along = row * (boxes + 0.4) + box, column * (values + 0.4) + value
    titles = (
        f"a map: {size} x {size} cells,\n{boxes} boxes of {values} values",
        "rows of (H, W, channels)",
        "rows of (channels, H, W),\nno transpose",
    )
    _draw_cards(axes[0], along, down, cells, labels)
    for ax, cards in zip(axes[1:], (np.arange(len(cells)), as_channels)):
        place = np.arange(len(cells))
        _draw_cards(ax, place % values, place // values, cells[cards], [labels[i] for i in cards])
    for ax, title in zip(axes, titles):
        ax.set_title(title, fontsize=10)


def _draw_cards(ax, along, down, cells, labels):
    from matplotlib.patches import Rectangle

    colors = "#CFE3F2", "#FBE3B0", "#CDEBDD", "#E6D3E8"  # of cells; none of them is a role's
    for x, y, cell, label in zip(along, down, cells, labels):
        ax.add_patch(Rectangle((x, y), 1, 1, facecolor=colors[cell % 4], edgecolor="black", linewidth=0.8))
        ax.text(x + 0.5, y + 0.5, label, ha="center", va="center", fontsize=10)
    ax.set_xlim(-0.1, max(along) + 1.1)
    ax.set_ylim(max(down) + 1.1, -0.1)
    ax.set_aspect("equal")
    ax.set_axis_off()


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("model.predictors")
