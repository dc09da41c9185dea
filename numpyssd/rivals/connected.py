"""A connected layer: a convolution as large as the map, and so one matrix product."""

from numpyssd.layers import Conv2d


class Connected(Conv2d):
    """A convolution with a kernel of the map's size and no padding: each output sees all of the map.

    x (N, H, W, C) -> (N, 1, 1, channels_out). The weights have the shape of that convolution, (H, W, C, channels_out).
    The kernels of a convolution could compute it, but they are made for maps of many cells: with one cell they copy the
    weights again and again, and a backward pass takes a hundred times as long as this product.
    """

    def __init__(self, name, rng, channels_in, channels_out, size):
        super().__init__(name, rng, channels_in, channels_out, size)

    def forward(self, x):
        """Return (N, 1, 1, channels_out)."""
        self.x = x
        return self.infer(x)

    def backward(self, dout):
        """Return dx (N, H, W, C), and set the gradients of weight and bias."""
        weight = self.weight.value
        rows, dout = self.x.reshape(len(self.x), -1), dout.reshape(len(dout), -1)  # (N, H W C), (N, channels_out)
        dx = (dout @ weight.reshape(-1, weight.shape[3]).T).reshape(self.x.shape)
        self.weight.grad = (rows.T @ dout).reshape(weight.shape)
        self.bias.grad = dout.sum(axis=0)
        self.x = None
        return dx

    def infer(self, x):
        """Return (N, 1, 1, channels_out). Raises ValueError for a map of another size."""
        weight = self.weight.value
        if x.shape[1:] != weight.shape[:3]:
            raise ValueError(f"{self.name} is for a map {weight.shape[:3]}, not {x.shape[1:]}")
        out = x.reshape(len(x), -1) @ weight.reshape(-1, weight.shape[3]) + self.bias.value  # (N, channels_out)
        return out[:, None, None]
