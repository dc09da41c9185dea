"""The head, the second look: what is in each region, and where exactly (Fast R-CNN, section 2).

Two fully connected layers, then one for the classes and one for four offsets of each class. A connected layer is a 1x1
convolution over a map of one cell, so that no kernel is new.
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
        self.dropouts = [Dropout(name, config.dropout) for name in ("dropout6", "dropout7")] if config.dropout else []
        self.conf = new_layer(Conv2d("conf", rng, widths[1], config.num_classes, 1), config, rng, 0.01)
        self.loc = new_layer(Conv2d("loc", rng, widths[1], 4 * config.num_classes, 1), config, rng, 0.001)
        between = [[dropout] for dropout in self.dropouts] or [[], []]
        self.trunk = [self.fc6, *between[0], self.fc7, *between[1]]

    def draw_from(self, parts):
        """Take the random numbers of the dropout of the next forward pass: pairs (generator, number of regions)."""
        parts = list(parts)
        for dropout in self.dropouts:
            dropout.draw_from(parts)

    def forward(self, x):
        """Return conf (R, classes) and loc (R, classes, 4)."""
        self.shape = x.shape
        x = x.reshape(len(x), 1, 1, prod(x.shape[1:]))  # (R, 1, 1, size * size * C)
        for layer in self.trunk:
            x = layer.forward(x)
        return self._by_class(self.conf.forward(x), self.loc.forward(x))

    def infer(self, x):
        """Return the same; nothing is remembered."""
        x = x.reshape(len(x), 1, 1, prod(x.shape[1:]))
        for layer in self.trunk:
            x = layer.infer(x)
        return self._by_class(self.conf.infer(x), self.loc.infer(x))

    def _by_class(self, conf, loc):
        return conf.reshape(-1, self.num_classes), loc.reshape(-1, self.num_classes, 4)

    def backward(self, dconf, dloc):
        """Return the gradient of the regions (R, size, size, C)."""
        dconf, dloc = (np.ascontiguousarray(a).reshape(len(a), 1, 1, prod(a.shape[1:])) for a in (dconf, dloc))
        dx = self.conf.backward(dconf) + self.loc.backward(dloc)
        for layer in reversed(self.trunk):
            dx = layer.backward(dx)
        return dx.reshape(self.shape)

    def layers(self):
        """Return its layers in order."""
        return [*self.trunk, self.conf, self.loc]
