"""numpyssd.rivals.connected: the same as the convolution as large as the map, forward and backward."""

import numpy as np
import pytest

from numpyssd import kernels
from numpyssd.layers import Conv2d
from numpyssd.rivals.connected import Connected


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("images", [1, 5])
def test_is_a_convolution_as_large_as_the_map(dtype, images):
    rng = np.random.default_rng(0)
    ours, convolution = Connected("fc", rng, 3, 7, 4), Conv2d("conv", rng, 3, 7, 4)
    for layer in (ours, convolution):
        layer.weight.value, layer.bias.value = ours.weight.value.astype(dtype), np.arange(7, dtype=dtype)
    x, dout = rng.normal(size=(images, 4, 4, 3)).astype(dtype), rng.normal(size=(images, 1, 1, 7)).astype(dtype)
    with kernels.using("reference"):
        expected = convolution.forward(x), convolution.backward(dout)
    found = ours.forward(x), ours.backward(dout)
    bound = 1e-5 if dtype == np.float32 else 1e-12
    for array, other in zip(found, expected):
        assert array.dtype == dtype
        np.testing.assert_allclose(array, other, atol=bound)
    np.testing.assert_allclose(ours.weight.grad, convolution.weight.grad, atol=bound)
    np.testing.assert_allclose(ours.bias.grad, convolution.bias.grad, atol=bound)
    assert ours.weight.grad.dtype == ours.bias.grad.dtype == dtype
    assert list(ours.parameters()) == ["fc.weight", "fc.bias"]


def test_a_map_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"fc is for a map \(4, 4, 3\), not \(5, 4, 3\)"):
        Connected("fc", np.random.default_rng(0), 3, 7, 4).forward(np.zeros((1, 5, 4, 3), np.float32))
