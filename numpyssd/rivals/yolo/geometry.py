"""The geometry of YOLO from its config alone: each layer's window, channels and sizes, with no weights made.

network.py builds the layers; a test holds the two together.
"""

from math import prod

from numpyssd.model.geometry import Chain, LayerGeometry, base_network
from numpyssd.rivals.yolo.config import YOLOConfig

MAX_WEIGHTS = 1 << 29  # of one layer: a config may come from a file that says anything; the paper's largest has 2^27.6


def layers(config: YOLOConfig) -> list[LayerGeometry]:
    """Return the layers in order, conv1 or conv1_1 to the last.

    Raises ValueError if they do not make a map of the grid's size, or if one has too many weights.
    """
    chain = base_network(config) if not config.convolutions else Chain(config.image_size)
    for number, row in enumerate(config.convolutions, start=1):
        chain.conv(f"conv{number}", config.channels(row.channels), row.kernel, row.stride, row.kernel // 2)
        if row.pool:
            chain.pool(f"pool{number}", 2, 2)
    for number, full in enumerate(config.head_channels):
        stride = 1 if number else head_stride(chain.size, config.grid)
        chain.conv(f"conv{8 + number}", config.channels(full), stride=stride)
    if chain.size != config.grid:
        raise ValueError(f"the map is {chain.size}x{chain.size}, but the grid is {config.grid}x{config.grid}")
    if config.head == "connected":
        chain.conv("fc1", config.channels(config.connected_channels), config.grid, padding=0)
        chain.conv("fc2", config.grid**2 * config.values_per_cell, 1, padding=0)
    else:
        chain.conv("cells", config.values_per_cell, 1, padding=0)
    for layer in chain.layers:
        if layer.kind == "conv" and prod(layer.weight_shape) > MAX_WEIGHTS:
            raise ValueError(f"{layer.name} would have more than {MAX_WEIGHTS} weights")
    return chain.layers


def head_stride(size, grid):
    """Return the stride with which a 3x3 convolution makes a map of the grid's size of one of ``size`` cells.

    Raises ValueError if no stride does.
    """
    for stride in range(1, size + 1):
        if (size - 1) // stride + 1 == grid:
            return stride
    raise ValueError(f"no stride makes a map of {size}x{size} into a grid of {grid}x{grid}; choose another grid")
