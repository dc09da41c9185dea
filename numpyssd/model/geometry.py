"""The geometry of the whole graph from a Config alone: each layer's window, channels and sizes, with no weights made.

The model summary, the receptive fields and the checks of weight files read the network from here. base_network.py,
extra_layers.py and predictors.py build the layers; a test holds the two together.
"""

from typing import NamedTuple

from numpyssd.config import Config, NetworkConfig
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


class Chain:
    """Layers one after the other, from an image of a size: each takes what the one before leaves."""

    def __init__(self, image_size: int):
        self.layers: list[LayerGeometry] = []
        self.size, self.channels = image_size, 3

    def conv(self, name, channels_out, kernel=3, stride=1, padding=1, dilation=1):
        """Add a convolution."""
        size_out = conv_output_size(self.size, kernel, stride, padding, dilation)
        self._add(name, "conv", kernel, stride, padding, dilation, channels_out, size_out)

    def pool(self, name, kernel, stride, padding=0, ceil_mode=False):
        """Add max pooling."""
        size_out = pool_output_size(self.size, kernel, stride, padding, ceil_mode)
        self._add(name, "pool", kernel, stride, padding, 1, self.channels, size_out)

    def _add(self, name, kind, kernel, stride, padding, dilation, channels_out, size_out):
        sizes = self.channels, channels_out, self.size, size_out
        self.layers.append(LayerGeometry(name, kind, kernel, stride, padding, dilation, *sizes))
        self.size, self.channels = size_out, channels_out


def base_network(config: NetworkConfig) -> Chain:
    """Return the layers of the base network, conv1_1 to conv7, in order; any detector may go on from them."""
    chain = Chain(config.image_size)
    for block, block_channels in enumerate(config.base_blocks, start=1):
        for index, full in enumerate(block_channels, start=1):
            chain.conv(f"conv{block}_{index}", config.channels(full))
        if block < 5 and config.pool_strides[block - 1] > 1:
            chain.pool(f"pool{block}", 2, config.pool_strides[block - 1], ceil_mode=True)
    chain.pool("pool5", 3, 1, 1)
    dilation = config.conv6_dilation
    chain.conv("conv6", config.channels(config.base_tail[0]), padding=dilation, dilation=dilation)
    chain.conv("conv7", config.channels(config.base_tail[1]), kernel=1, padding=0)
    return chain


def trunk(config: Config) -> list[LayerGeometry]:
    """Return the layers of the base network and the extra layers, in order.

    Raises ValueError if the network has not one layer for each feature map, if a feature map is not as large as the
    config says, or if two layers have one name.
    """
    chain = base_network(config)
    feature_maps = [f"conv4_{len(config.base_blocks[3])}", "conv7"]
    for row in config.extra_layers:
        chain.conv(f"{row.name}_1", config.channels(row.bottleneck_channels), kernel=1, padding=0)
        chain.conv(f"{row.name}_2", config.channels(row.output_channels), row.kernel, row.stride, row.padding)
        feature_maps.append(f"{row.name}_2")
    _check(config, chain.layers, feature_maps)
    index = {name: i for i, name in enumerate(feature_maps)}
    return [layer._replace(feature_map=index.get(layer.name)) for layer in chain.layers]


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


def _check(config, layers, feature_maps):
    if len(feature_maps) != len(config.feature_maps):
        raise ValueError(f"the config has {len(config.feature_maps)} feature maps, its layers make {len(feature_maps)}")
    sizes = {}
    for layer in layers:
        if layer.name in sizes:
            raise ValueError(f"two layers have the name {layer.name[:60]!r}")
        sizes[layer.name] = layer.size_out
    for name, row in zip(feature_maps, config.feature_maps):
        if sizes[name] != row.size:
            made, said = f"{sizes[name]}x{sizes[name]}", f"{row.size}x{row.size}"
            raise ValueError(f"{row.name[:60]} is {made}, but the config says {said}")
