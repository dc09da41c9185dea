"""The whole network in one figure: every convolution of the base network and the extra layers, and the predictors.

``summary.draw_ssd`` draws the feature maps alone; here are the layers before and between them too.
"""

from typing import NamedTuple

from numpyssd.config import SSD300, Config
from numpyssd.drawing import COLORS
from numpyssd.model.geometry import LayerGeometry, trunk

INK, SMALL, LARGE = "#222222", 9, 10.5  # of words: their color, and two sizes
PLAIN = "#DDDDDD"  # a layer that nothing is predicted from
GAP, BLOCK_GAP = 0.14, 0.56  # between two layers of a block, and between two blocks


class Block(NamedTuple):
    """Layers with the same size of their maps that are drawn side by side."""

    title: str  # "block 1", or the name of the only layers
    layers: list[LayerGeometry]


def blocks(config: Config = SSD300) -> list[Block]:
    """Return the convolutions of the trunk in groups: VGG's blocks, then conv6 with conv7, then each pair of extras."""
    groups: dict[str, list[LayerGeometry]] = {}
    for layer in trunk(config):
        if layer.kind == "conv":
            stem = layer.name.split("_")[0]
            groups.setdefault("conv6, conv7" if stem in ("conv6", "conv7") else stem, []).append(layer)
    return [Block(title, layers) for title, layers in groups.items()]


# ---------------------------------------------------------------------------------------------------------------------


def draw_architecture(ax, config: Config = SSD300):
    """Draw every convolution as a slab: as high as the root of its map's side, as thick as the root of its channels.

    Blue slabs are feature maps that boxes are predicted from; the number below is how many. If the base network is
    VGG-16, brackets say where the layers come from.
    """
    is_vgg = config.base_blocks == SSD300.base_blocks
    x, spans, taps = 0.0, {}, []
    x = _slab(ax, x, config.image_size / config.image_size, 3, COLORS["default box"]) + BLOCK_GAP
    size = config.image_size
    ax.text(0.1, -1.65, f"image\n{size} x {size}\nx 3", ha="center", va="top", fontsize=SMALL, color=INK)
    for block in blocks(config):
        start, size = x, block.layers[-1].size_out
        for layer in block.layers:
            tapped = layer.feature_map is not None
            color = COLORS["positive"] if tapped else PLAIN
            left, x = x, _slab(ax, x, layer.size_out / config.image_size, layer.channels_out, color)
            if tapped:
                taps.append(((left + x) / 2, layer))
            x += GAP
        spans[block.title] = start, x - GAP
        high, channels = 1.5 * (size / config.image_size) ** 0.5, block.layers[-1].channels_out
        text = f"{block.title}\n{size} x {size}\nx {channels}"
        ax.text((start + x - GAP) / 2, high + 0.12, text, ha="center", va="bottom", fontsize=SMALL, color=INK)
        x += BLOCK_GAP - GAP
    _draw_predictors(ax, taps, config, x - BLOCK_GAP)
    if is_vgg:
        _draw_origins(ax, spans)
    ax.set_xlim(-0.7, x)
    ax.set_ylim(-3.75, 3.75 if is_vgg else 2.7)
    ax.set_axis_off()


def _slab(ax, x, relative, channels, color):
    """Draw a layer at x and return where it ends."""
    from matplotlib.patches import Rectangle

    high, thick = 1.5 * relative**0.5, 0.06 + 0.34 * (channels / 1024) ** 0.5
    ax.add_patch(Rectangle((x, -high), thick, 2 * high, facecolor=color, edgecolor=INK, linewidth=0.7))
    return x + thick


def _draw_predictors(ax, taps, config, end):
    """Draw an arrow from each feature map to the bar of the predictors, with its number of default boxes."""
    from matplotlib.patches import Rectangle

    arrow = {"arrowstyle": "-|>", "color": COLORS["positive"], "shrinkA": 0, "shrinkB": 0}
    for x, layer in taps:
        row = config.feature_maps[layer.feature_map]
        low = -1.5 * (layer.size_out / config.image_size) ** 0.5
        ax.annotate("", (x, -2.9), (x, low), arrowprops=arrow)
        ax.text(x + 0.07, -2.4, f"{row.size**2 * row.boxes_per_cell}", fontsize=SMALL, va="center", color=INK)
    first, total = taps[0][0] - 0.5, sum(f.size**2 * f.boxes_per_cell for f in config.feature_maps)
    ax.add_patch(Rectangle((first, -3.6), end - first, 0.7, facecolor=COLORS["prediction"] + "88", edgecolor=INK))
    words = f"predictors: 4 offsets and {config.num_classes} class numbers for each of {total} default boxes"
    ax.text((first + end) / 2, -3.25, words, ha="center", va="center", fontsize=LARGE, color=INK)


def _draw_origins(ax, spans):
    """Draw brackets: which layers are VGG-16's own, which were made of its fully connected ones, which are SSD's."""
    titles = list(spans)
    base = titles.index("conv6, conv7")
    groups = (
        (titles[:base], "VGG-16, trained on ImageNet"),
        (titles[base : base + 1], "from VGG's\nfc6, fc7"),
        (titles[base + 1 :], "extra layers: new"),
    )
    for names, words in groups:
        if names:
            left, right = spans[names[0]][0], spans[names[-1]][1]
            ax.plot([left, left, right, right], [2.75, 2.9, 2.9, 2.75], color=INK, linewidth=0.9)
            ax.text((left + right) / 2, 2.98, words, ha="center", va="bottom", fontsize=LARGE, color=INK)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("model.architecture")
