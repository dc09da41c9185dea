"""The region proposal network, the first stage: is there an object at this anchor, and where (Faster R-CNN, 3.1).

A 3x3 convolution over the feature map, then two 1x1 convolutions, "sibling layers". It knows no classes: object or not.
"""

import numpy as np

from numpyssd.layers import Conv2d


def new_layer(layer: Conv2d, config, rng, deviation):
    """Set the first weights of a new layer: N(0, deviation), as released, or a share of Caffe's "xavier"."""
    if config.released_init:
        layer.weight.value = rng.normal(0, deviation, layer.weight.value.shape).astype(np.float32)
    else:
        layer.weight.value *= np.float32(config.predictor_init_scale)
    return layer


class RegionProposalNetwork:
    """Feature map (N, H, W, C) -> logits (N, K, 2), background first, and offsets (N, K, 4); and back."""

    def __init__(self, config, rng, channels):
        width, self.per_cell = config.channels(config.rpn_channels), config.anchors_per_cell
        self.conv = Conv2d("rpn_conv", rng, channels, width, 3, padding=1, relu=True)
        self.logits = new_layer(Conv2d("rpn_logits", rng, width, 2 * self.per_cell, 1), config, rng, 0.01)
        self.offsets = new_layer(Conv2d("rpn_offsets", rng, width, 4 * self.per_cell, 1), config, rng, 0.01)
        if config.released_init:
            new_layer(self.conv, config, rng, 0.01)

    def forward(self, x):
        """Return logits (N, K, 2) and offsets (N, K, 4), in the order of ``anchors``."""
        x = self.conv.forward(x)
        return self._by_anchor(self.logits.forward(x), self.offsets.forward(x))

    def infer(self, x):
        """Return the same; nothing is remembered."""
        x = self.conv.infer(x)
        return self._by_anchor(self.logits.infer(x), self.offsets.infer(x))

    def _by_anchor(self, logits, offsets):
        """Sort the channels: all of background, then all of object; but the four offsets of an anchor are together."""
        count, self.height, self.width, _ = logits.shape
        logits = logits.reshape(count, -1, 2, self.per_cell)  # (N, cells, 2, A)
        return np.ascontiguousarray(logits.swapaxes(2, 3)).reshape(count, -1, 2), offsets.reshape(count, -1, 4)

    def backward(self, dlogits, doffsets):
        """Return the gradient of the feature map; dlogits (N, K, 2), doffsets (N, K, 4)."""
        shape = len(dlogits), self.height, self.width, -1
        dlogits = dlogits.reshape(len(dlogits), -1, self.per_cell, 2).swapaxes(2, 3)  # (N, cells, 2, A)
        dx = self.logits.backward(np.ascontiguousarray(dlogits).reshape(shape))
        return self.conv.backward(dx + self.offsets.backward(doffsets.reshape(shape)))

    def layers(self):
        """Return its three convolutions."""
        return [self.conv, self.logits, self.offsets]
