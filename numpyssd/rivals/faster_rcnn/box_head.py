"""The head, the second stage: what is in each region, and where exactly (Fast R-CNN, section 2).

Two fully connected layers, then one for the classes and one for four offsets of each class. A connected layer is a 1x1
convolution over a map whose cells are the regions, so that no kernel is new.
"""

from math import prod

import numpy as np

from numpyssd.layers import Conv2d
from numpyssd.rivals.dropout import Dropout
from numpyssd.rivals.faster_rcnn.region_proposal_network import new_layer

ROWS = 4  # of that map: threads take rows in turn, and the gradient of the weights is summed for each


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
        self.shape, count = x.shape, len(x)
        x = _grid(x)  # (1, ROWS, columns, size * size * C)
        for layer, dropout in zip((self.fc6, self.fc7), self.dropouts):
            x = _grid(dropout.forward(_regions(layer.forward(x), count)))  # (1, ROWS, columns, width)
        return self._by_class(self.conf.forward(x), self.loc.forward(x), count)

    def infer(self, x):
        """Return the same; nothing is remembered."""
        hidden = self.fc7.infer(self.fc6.infer(_grid(x)))
        return self._by_class(self.conf.infer(hidden), self.loc.infer(hidden), len(x))

    def _by_class(self, conf, loc, count):
        return _regions(conf, count), _regions(loc, count).reshape(count, self.num_classes, 4)

    def backward(self, dconf, dloc):
        """Return the gradient of the regions (R, size, size, C)."""
        dx = self.conf.backward(_grid(dconf)) + self.loc.backward(_grid(dloc))
        for layer, dropout in zip((self.fc7, self.fc6), reversed(self.dropouts)):
            dx = layer.backward(_grid(dropout.backward(_regions(dx, len(dconf)))))
        return _regions(dx, len(dconf)).reshape(self.shape)

    def layers(self):
        """Return its layers in order."""
        return [self.fc6, self.dropouts[0], self.fc7, self.dropouts[1], self.conf, self.loc]


def _grid(x):
    """Return regions (R, ...) as cells of one map, (1, ROWS, columns, values); what is left over are zeros."""
    columns, values = max(1, -(-len(x) // ROWS)), prod(x.shape[1:])
    if len(x) < ROWS * columns:
        x = np.concatenate([x.reshape(len(x), values), np.zeros((ROWS * columns - len(x), values), x.dtype)])
    return np.ascontiguousarray(x).reshape(1, ROWS, columns, values)


def _regions(x, count):
    """Return (1, ROWS, columns, values) as (count, values)."""
    return x.reshape(-1, x.shape[3])[:count]
