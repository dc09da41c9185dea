"""numpyssd.rivals.leaky_relu: its values, and its gradient by differences."""

import numpy as np
from gradcheck import assert_gradient

from numpyssd.rivals.leaky_relu import LeakyReLU


def test_golden():
    layer, x = LeakyReLU("leaky"), np.array([-2, -0.5, 0, 0.5, 3], np.float32)
    np.testing.assert_allclose(layer.forward(x), [-0.2, -0.05, 0, 0.5, 3], rtol=1e-6)
    np.testing.assert_allclose(layer.backward(np.ones_like(x)), [0.1, 0.1, 0.1, 1, 1], rtol=1e-6)
    assert layer.infer(x).dtype == np.float32


def test_gradient():
    rng = np.random.default_rng(0)
    x, dout = rng.normal(size=(2, 2, 3, 3, 4))
    layer = LeakyReLU("leaky")
    layer.forward(x)
    assert_gradient(lambda x: (layer.infer(x) * dout).sum(), [x], [layer.backward(dout)], rng)
