"""The geometry of Faster R-CNN from its config alone: each layer's window, channels and sizes, with no weights made.

network.py builds the layers; a test holds the two together.
"""

from math import prod

from numpyssd.model.geometry import LayerGeometry, base_network
from numpyssd.rivals.faster_rcnn.config import FasterRCNNConfig

MAX_WEIGHTS = 1 << 29  # of one layer: a config may come from a file that says anything; the paper's largest has 2^26.6


def trunk_layers(config: FasterRCNNConfig) -> list[LayerGeometry]:
    """Return the layers whose output both stages read, conv1_1 to the last, and the three of the first stage.

    Raises ValueError if there is no such layer, or if its map is not as large as the config says.
    """
    layers = base_network(config).layers
    names = [layer.name for layer in layers]
    if config.feature_layer not in names:
        raise ValueError(f"the base network has no {config.feature_layer!r:.60}")
    layers = layers[: names.index(config.feature_layer) + 1]
    size, channels = layers[-1].size_out, layers[-1].channels_out
    if size != config.map_size:
        raise ValueError(f"{config.feature_layer} is {size}x{size}, but the config says {config.map_size}")
    width, per_cell = config.channels(config.rpn_channels), config.anchors_per_cell
    rows = (
        ("rpn_conv", 3, 1, channels, width),
        ("rpn_logits", 1, 0, width, 2 * per_cell),
        ("rpn_offsets", 1, 0, width, 4 * per_cell),
    )
    return layers + [
        LayerGeometry(name, "conv", kernel, 1, padding, 1, channels_in, channels_out, size, size)
        for name, kernel, padding, channels_in, channels_out in rows
    ]


def head_layers(config: FasterRCNNConfig) -> list[LayerGeometry]:
    """Return the layers of the second stage, for one region: maps of one cell.

    Raises ValueError as ``trunk_layers`` does, and if a layer would have too many weights.
    """
    layers = trunk_layers(config)
    channels = config.pool_size**2 * layers[-3].channels_in
    fc6, fc7 = (config.channels(full) for full in config.head_channels)
    rows = (
        ("fc6", channels, fc6),
        ("fc7", fc6, fc7),
        ("conf", fc7, config.num_classes),
        ("loc", fc7, 4 * config.num_classes),
    )
    found = [LayerGeometry(name, "conv", 1, 1, 0, 1, *channels, 1, 1) for name, *channels in rows]
    for layer in (*layers, *found):
        if layer.kind == "conv" and prod(layer.weight_shape) > MAX_WEIGHTS:
            raise ValueError(f"{layer.name} would have more than {MAX_WEIGHTS} weights")
    return found
