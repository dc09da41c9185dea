"""The head, the second look: what is in each region, and where exactly (Fast R-CNN, section 2).

Two fully connected layers, then one for the classes and one for four offsets of each class. A connected layer is a 1x1
convolution over a map whose cells are the regions, all in a row, so that no kernel is new.
"""

from math import prod

import numpy as np

from numpyssd.layers import Conv2d
from numpyssd.rivals.dropout import Dropout
from numpyssd.rivals.faster_rcnn.region_proposal_network import new_layer


class BoxHead:
    """Regions (R, size, size, C) -> conf (R, classes), logits, and loc (R, classes, 4), offsets; and back."""

    def __init__(self, config, rng, channels):
        widths = [config.channels(full) for full in config.head_channels]
        self.num_classes = config.num_classes
        self.fc6 = Conv2d("fc6", rng, config.pool_size**2 * channels, widths[0], 1, relu=True)
        self.fc7 = Conv2d("fc7", rng, widths[0], widths[1], 1, relu=True)
        self.dropouts = [Dropout(name, config.dropout) for name in ("dropout6", "dropout7")]
        self.conf = new_layer(Conv2d("conf", rng, widths[1], config.num_classes, 1), config, rng, 0.01)
        self.loc = new_layer(Conv2d("loc", rng, widths[1], 4 * config.num_classes, 1), config, rng, 0.001)

    def draw_from(self, parts):
        """Take the random numbers of the dropout of the next forward pass: pairs (generator, number of regions)."""
        parts = list(parts)
        for dropout in self.dropouts:
            dropout.draw_from(parts)

    def forward(self, x):
        """Return conf (R, classes) and loc (R, classes, 4)."""
        self.shape = x.shape
        if not len(x):  # no region was found in any image
            return self._by_class(x, x)
        x = _row(x)  # (1, 1, R, size * size * C)
        for layer, dropout in zip((self.fc6, self.fc7), self.dropouts):
            x = dropout.forward(_turned(layer.forward(x)))  # (R, 1, 1, width)
            x = _turned(x)
        return self._by_class(self.conf.forward(x), self.loc.forward(x))

    def infer(self, x):
        """Return the same; nothing is remembered."""
        if not len(x):
            return self._by_class(x, x)
        x = self.fc7.infer(self.fc6.infer(_row(x)))
        return self._by_class(self.conf.infer(x), self.loc.infer(x))

    def _by_class(self, conf, loc):
        return conf.reshape(-1, self.num_classes), loc.reshape(-1, self.num_classes, 4)

    def backward(self, dconf, dloc):
        """Return the gradient of the regions (R, size, size, C)."""
        if not len(dconf):
            for parameter in (p for layer in self.layers() for p in layer.parameters().values()):
                parameter.grad = np.zeros_like(parameter.value)
            return np.zeros(self.shape, dconf.dtype)
        dx = self.conf.backward(_row(dconf)) + self.loc.backward(_row(dloc))
        for layer, dropout in zip((self.fc7, self.fc6), reversed(self.dropouts)):
            dx = layer.backward(_turned(dropout.backward(_turned(dx))))
        return dx.reshape(self.shape)

    def layers(self):
        """Return its layers in order."""
        return [self.fc6, self.dropouts[0], self.fc7, self.dropouts[1], self.conf, self.loc]


def _row(x):
    """Return (R, ...) as a map of one row, (1, 1, R, values). Regions as images of one cell would take longer."""
    return np.ascontiguousarray(x).reshape(1, 1, len(x), prod(x.shape[1:]))


def _turned(x):
    """Return (1, 1, R, values) as (R, 1, 1, values), or back: dropout has random numbers for each region."""
    return x.swapaxes(0, 2)
