"""Dropout (Srivastava et al., 2014), whose random numbers come with the batch, so that a step can be repeated."""

import numpy as np

from numpyssd.layers import Layer


class Dropout(Layer):
    """In training each value becomes zero with a probability, and the others grow so that the mean stays.

    Before each forward pass in training, the detector says by ``draw_from`` which random numbers each image has. So the
    result depends on the batch alone: not on what was trained before, and not on how the batch is cut. Otherwise
    values pass unchanged.
    """

    def __init__(self, name, probability=0.5):
        self.name, self.probability = name, probability
        self.parts, self.factor = [], None

    def draw_from(self, parts):
        """Take the random numbers of the next forward pass from ``parts``: pairs (generator, number of rows)."""
        self.parts = list(parts)

    def forward(self, x):
        """Return an array of x's shape (N, H, W, C). Raises ValueError if the parts have not N rows in all."""
        self.factor = None
        if not self.training or self.probability == 0:
            return x
        rows = sum(count for _, count in self.parts)
        if rows != len(x):
            raise ValueError(f"{self.name} has random numbers for {rows} rows, but x has {len(x)}; call draw_from")
        drawn = [rng.random((count, *x.shape[1:]), np.float32) for rng, count in self.parts]
        kept = np.concatenate(drawn) >= self.probability if drawn else np.ones(x.shape, bool)
        self.factor = kept.astype(x.dtype) * x.dtype.type(1 / (1 - self.probability))
        return x * self.factor

    def backward(self, dout):
        """Return dx: nothing where a value was dropped."""
        factor, self.factor = self.factor, None
        return dout if factor is None else dout * factor

    def infer(self, x):
        """Return x."""
        return x
