"""The geometry of the whole graph from a Config alone: each layer's window, channels and sizes, with no weights made.

The model summary, the receptive fields and the checks of weight files read the network from here. base_network.py,
extra_layers.py and predictors.py build the layers; a test holds the two together.
"""

from typing import NamedTuple

from numpyssd.config import Config
from numpyssd.kernels.shapes import conv_output_size, pool_output_size


class LayerGeometry(NamedTuple):
    """One convolution, pooling or normalization. Windows, paddings and maps are square."""

    name: str
    kind: str  # "conv", "pool" or "l2norm"
    kernel: int
    stride: int
    padding: int
    dilation: int
    channels_in: int
    channels_out: int
    size_in: int  # rows = columns
    size_out: int
    feature_map: int | None = None  # the index of the feature map that the output is, or that a predictor reads

    @property
    def weight_shape(self):
        """The shape (kh, kw, C_in, C_out) of a convolution's weights."""
        return self.kernel, self.kernel, self.channels_in, self.channels_out


def trunk(config: Config) -> list[LayerGeometry]:
    """Return the layers of the base network and the extra layers, in order.

    Raises ValueError if the network has not one layer for each feature map, if a feature map is not as large as the
    config says, or if two layers have one name.
    """
    layers, maps, size, channels = [], 0, config.image_size, 3

    def conv(name, channels_out, kernel=3, stride=1, padding=1, dilation=1):
        nonlocal size, channels
        size_in, channels_in = size, channels
        size, channels = conv_output_size(size, kernel, stride, padding, dilation), channels_out
        geometry = kernel, stride, padding, dilation, channels_in, channels, size_in, size
        layers.append(LayerGeometry(name, "conv", *geometry))

    def pool(name, kernel, stride, padding, ceil_mode):
        nonlocal size
        size_in, size = size, pool_output_size(size, kernel, stride, padding, ceil_mode)
        layers.append(LayerGeometry(name, "pool", kernel, stride, padding, 1, channels, channels, size_in, size))

    def feature_map():
        nonlocal maps
        layers[-1] = layers[-1]._replace(feature_map=maps)
        maps += 1

    for block, block_channels in enumerate(config.base_blocks, start=1):
        for index, full in enumerate(block_channels, start=1):
            conv(f"conv{block}_{index}", config.channels(full))
        if block == 4:
            feature_map()
        if block < 5 and config.pool_strides[block - 1] > 1:
            pool(f"pool{block}", 2, config.pool_strides[block - 1], 0, ceil_mode=True)
    pool("pool5", 3, 1, 1, ceil_mode=False)
    dilation = config.conv6_dilation
    conv("conv6", config.channels(config.base_tail[0]), padding=dilation, dilation=dilation)
    conv("conv7", config.channels(config.base_tail[1]), kernel=1, padding=0)
    feature_map()
    for row in config.extra_layers:
        conv(f"{row.name}_1", config.channels(row.bottleneck_channels), kernel=1, padding=0)
        conv(f"{row.name}_2", config.channels(row.output_channels), row.kernel, row.stride, row.padding)
        feature_map()
    _check(config, layers)
    return layers


def predictors(config: Config) -> list[LayerGeometry]:
    """Return conv4_3's normalization, then the loc and the conf convolution of each feature map in turn.

    Raises ValueError as ``trunk`` does.
    """
    layers = []
    sources = [layer for layer in trunk(config) if layer.feature_map is not None]
    for i, (source, row) in enumerate(zip(sources, config.feature_maps)):
        size, channels = source.size_out, source.channels_out
        if i == 0:
            layers.append(LayerGeometry("conv4_3_norm", "l2norm", 1, 1, 0, 1, channels, channels, size, size, i))
        for head, values in (("loc", 4), ("conf", config.num_classes)):
            geometry = 3, 1, 1, 1, channels, values * row.boxes_per_cell, size, size
            layers.append(LayerGeometry(f"{head}.{i}", "conv", *geometry, i))
    return layers


def _check(config, layers):
    maps = [layer for layer in layers if layer.feature_map is not None]
    if len(maps) != len(config.feature_maps):
        raise ValueError(f"the config has {len(config.feature_maps)} feature maps, its layers make {len(maps)}")
    for layer, row in zip(maps, config.feature_maps):
        if layer.size_out != row.size:
            made, said = f"{layer.size_out}x{layer.size_out}", f"{row.size}x{row.size}"
            raise ValueError(f"{row.name[:60]} is {made}, but the config says {said}")
    names = set()
    for layer in layers:
        if layer.name in names:
            raise ValueError(f"two layers have the name {layer.name[:60]!r}")
        names.add(layer.name)
