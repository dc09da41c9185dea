"""Layers: each one's gradient, what it remembers between the two passes, and its parameters."""

import numpy as np
import pytest
from gradcheck import assert_gradient

from numpyssd.kernels import reference
from numpyssd.kernels.mirrored import MirroredArrays
from numpyssd.layers import (
    BatchNorm,
    Conv2d,
    ConvBlock,
    L2Norm,
    Layer,
    MaxPool2d,
    Parameter,
    ReLU,
    Residual,
    Scale,
    Sequential,
    xavier,
)
from numpyssd.layers.batchnorm import MIN_VALUES


def in_float64(layer):
    """Convert the parameters to float64, for differences as small as the check needs."""
    for parameter in layer.parameters().values():
        parameter.value = parameter.value.astype(float)
    for norm in layer.layers():
        for key in norm.running:
            norm.running[key] = norm.running[key].astype(float)
    return layer


def check_gradient(layer, x, rng):
    """Compare dx and the gradient of every parameter with differences."""
    in_float64(layer)
    parameters = list(layer.parameters().values())
    dout = rng.standard_normal(layer.forward(x).shape)
    dx = layer.backward(dout)
    gradients = [dx, *(p.grad for p in parameters)]

    def value(x, *values):
        for parameter, array in zip(parameters, values):
            parameter.value = array
        return float((layer.forward(x) * dout).sum())

    assert_gradient(value, [x, *(p.value for p in parameters)], gradients, rng)


@pytest.mark.parametrize(
    "geometry",
    [
        {"kernel": 3, "padding": 1},
        {"kernel": 3, "padding": 6, "dilation": 6},
        {"kernel": 1},
        {"kernel": 3, "stride": 2},
    ],
)
def test_gradient_of_conv2d(geometry, backend, rng):
    layer = Conv2d("conv", rng, 3, 5, **geometry)
    layer.bias.value += 1
    check_gradient(layer, rng.standard_normal((2, 7, 6, 3)), rng)


def test_a_convolution_without_bias_has_only_weights(backend, rng):
    layer = Conv2d("conv", rng, 3, 4, 3, padding=1, bias=False)
    assert list(layer.parameters()) == ["conv.weight"]
    x = rng.standard_normal((2, 5, 6, 3)).astype(np.float32)
    np.testing.assert_array_equal(layer.forward(-x), -layer.infer(x))
    check_gradient(layer, x.astype(float), rng)


@pytest.mark.parametrize("training", [True, False])
def test_gradient_of_batch_norm(training, backend, rng):
    layer = BatchNorm("bn", 4)
    layer.training = training
    layer.scale.value, layer.shift.value = rng.standard_normal((2, 4))
    layer.running.update(mean=rng.standard_normal(4), variance=rng.uniform(0.5, 2, 4))
    check_gradient(layer, 1 + rng.standard_normal((2, 5, 3, 4)), rng)


def forward_and_infer(values, spread=3.0, steps=20, middle=5.0):
    """Return a batch norm that was trained on batches of so many values a channel, and its two outputs of the last."""
    rng, layer = np.random.default_rng(0), BatchNorm("bn", 64)
    layer.training = True
    for _ in range(steps):
        x = (middle + spread * rng.standard_normal((values, 1, 1, 64))).astype(np.float32)
        out = layer.forward(x)
    return layer, out, layer.infer(x)


@pytest.mark.parametrize("values", [1, 2, 3])
def test_a_channel_with_few_values_is_normalized_as_at_detection(values, backend):
    # One value has variance 0: the running variance was 0.9^20, and detection multiplied by up to 316.
    layer, out, inferred = forward_and_infer(values)
    np.testing.assert_allclose(out, inferred, rtol=1e-5, atol=1e-6)
    assert 0.5 < out.std() < 2
    layer, *_ = forward_and_infer(values, steps=200)
    # The distance from the running mean, which is late by some steps, is a little larger than the spread.
    assert 0.8 < layer.running["variance"].mean() / 3.0**2 < 1.2
    assert abs(layer.running["mean"].mean() - 5) < 0.5


def test_a_channel_with_enough_values_has_statistics_of_its_own(backend, rng):
    layer = BatchNorm("bn", 3)
    layer.training = True
    out = layer.forward(5 + rng.standard_normal((MIN_VALUES, 1, 1, 3)).astype(np.float32))
    np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(out.std(axis=0), 1, rtol=1e-3)


def test_gradient_of_batch_norm_with_few_values(backend, rng):
    # The running averages count as constants, as at detection.
    layer = in_float64(BatchNorm("bn", 4))
    x, dout = rng.standard_normal((2, 1, 1, 4)), rng.standard_normal((2, 1, 1, 4))
    layer.training = True
    layer.forward(x)
    dx = layer.backward(dout)
    layer.training = False
    layer.forward(x)
    np.testing.assert_array_equal(dx, layer.backward(dout))
    assert np.abs(dx).min() > 0.01  # of a batch's own statistics it is nearly nothing for two values


@pytest.mark.parametrize("kind", ["convolution", "batch norm"])
def test_gradient_with_relu(kind, backend, rng):
    # The seed is one where no value before the ReLU is near 0, where the difference would be wrong.
    if kind == "convolution":
        layer = Conv2d("conv", rng, 3, 4, 3, padding=1, relu=True)
    else:
        layer = BatchNorm("bn", 3, relu=True)
        layer.training = True
    in_float64(layer)
    x = rng.standard_normal((2, 3, 4, 3))
    layer.relu = False
    before = layer.forward(x)
    assert np.abs(before).min() > 1e-4
    assert (before < 0).mean() > 0.2
    layer.relu = True
    np.testing.assert_array_equal(layer.forward(x), np.maximum(before, 0))
    check_gradient(layer, x, rng)


@pytest.mark.parametrize(
    "geometry", [{"size": 2, "stride": 2, "ceil_mode": True}, {"size": 3, "stride": 1, "padding": 1}]
)
def test_gradient_of_max_pool(geometry, backend, rng):
    x = rng.permutation(2 * 5 * 7 * 3).reshape(2, 5, 7, 3) * 0.01
    check_gradient(MaxPool2d("pool", **geometry), x, rng)


def test_gradient_of_l2_norm(backend, rng):
    check_gradient(L2Norm("norm", 4), rng.standard_normal((2, 3, 5, 4)), rng)


def test_scale_is_a_factor_and_an_offset(backend, rng):
    layer, x = Scale("scale", 4), rng.standard_normal((2, 3, 5, 4)).astype(np.float32)
    np.testing.assert_array_equal(layer.infer(x), x)
    layer.scale.value, layer.shift.value = rng.standard_normal((2, 4)).astype(np.float32)
    np.testing.assert_allclose(layer.infer(x), x * layer.scale.value + layer.shift.value, rtol=1e-6, atol=1e-6)
    check_gradient(layer, x.astype(float), rng)


def test_relu_by_itself(backend, rng):
    layer, x = ReLU("relu"), rng.permutation(120).reshape(2, 3, 5, 4) - 59.5
    np.testing.assert_array_equal(layer.infer(x), np.maximum(x, 0))
    check_gradient(layer, x, rng)


@pytest.mark.parametrize("shortcut", [False, True])
def test_residual_adds_what_its_layers_make(shortcut, backend, rng):
    channels = 6 if shortcut else 3
    beside = Conv2d("beside", rng, 3, channels, 1, bias=False) if shortcut else None
    parts = [Conv2d("a", rng, 3, 5, 3, padding=1), Scale("b", 5), Conv2d("c", rng, 5, channels, 1)]
    layer, x = Residual("sum", parts, beside), rng.standard_normal((2, 4, 5, 3))
    assert [each.name for each in layer.layers()] == ["a", "b", "c", *(["beside"] if shortcut else [])]
    assert layer.steps() == [layer]
    assert list(layer.parameters())[-1] == ("beside.weight" if shortcut else "c.bias")
    in_float64(layer)
    np.testing.assert_allclose(
        layer.infer(x), Sequential(parts).infer(x) + (beside.infer(x) if shortcut else x), rtol=1e-12
    )
    np.testing.assert_array_equal(layer.infer(x), layer.forward(x))
    layer.backward(x if not shortcut else layer.infer(x))
    check_gradient(layer, x, rng)


def test_gradient_of_sequential(backend, rng):
    # A smooth chain (no ReLU, distinct values in the pooling), so that the difference is honest.
    norm = BatchNorm("conv1_bn", 6)
    norm.training = True
    layers = [Conv2d("conv1", rng, 3, 6, 3, padding=1), norm, Conv2d("conv2", rng, 6, 4, 3), L2Norm("norm", 4)]
    check_gradient(Sequential(layers), rng.standard_normal((2, 6, 7, 3)), rng)


def random_block(rng, batch_norm):
    """Return a ConvBlock of 3 -> 8 channels whose every number matters."""
    block = ConvBlock("conv1", rng, 3, 8, batch_norm=batch_norm)
    for name, parameter in block.parameters().items():
        if not name.endswith("weight"):
            parameter.value = rng.uniform(0.5, 1.5, 8).astype(np.float32)
    for layer in block.layers():
        for key in layer.running:
            layer.running[key] = rng.uniform(0.5, 1.5, 8).astype(np.float32)
    return block


@pytest.mark.parametrize("batch_norm", [False, True])
def test_a_block_infers_what_it_computes_forward(batch_norm, backend, rng):
    block = random_block(rng, batch_norm)
    x = rng.standard_normal((2, 9, 7, 3)).astype(np.float32)
    out = block.forward(x)
    assert 0.1 < (out == 0).mean() < 0.9  # the ReLU is in it
    np.testing.assert_allclose(block.infer(x), out, rtol=1e-4, atol=1e-5)


def test_a_batch_norm_by_itself_normalizes_at_inference_too(backend, rng):
    block, alone = random_block(rng, True), BatchNorm("bn", 8, relu=True)
    alone.running.update(block.norm.running)
    for ours, theirs in zip(alone.parameters().values(), block.norm.parameters().values()):
        ours.value = theirs.value.copy()
    conv = Conv2d("conv", rng, 3, 8, 3, padding=1)
    conv.weight.value, conv.bias.value = block.conv.weight.value, block.conv.bias.value
    chain = Sequential([conv, alone])
    x = rng.standard_normal((2, 9, 7, 3)).astype(np.float32)
    np.testing.assert_array_equal(chain.infer(x), chain.forward(x))
    np.testing.assert_allclose(chain.infer(x), block.infer(x), rtol=1e-4, atol=1e-5)


def test_gradient_of_a_block(backend, rng):
    block = random_block(rng, True)
    block.training = True
    block.norm.relu = False  # smooth
    check_gradient(block, rng.standard_normal((2, 5, 4, 3)), rng)


def test_layers_of_blocks_and_chains_are_listed_in_order():
    rng = np.random.default_rng(0)
    plain, normed = ConvBlock("a", rng, 3, 8), ConvBlock("b", rng, 8, 8, batch_norm=True)
    chain = Sequential([plain, Sequential([MaxPool2d("pool", 2, 2), normed])])
    assert [layer.name for layer in chain.layers()] == ["a", "pool", "b", "b_bn"]
    assert list(chain.parameters()) == ["a.weight", "a.bias", "b.weight", "b.bias", "b_bn.scale", "b_bn.shift"]
    assert not chain.training
    chain.training = True
    assert all(layer.training for layer in chain.layers())
    assert chain.training
    assert normed.norm.training


class Dropout(Layer):
    """What the contract in layers/layer.py asks for, and no more: each value is zeroed with probability ``rate``."""

    def __init__(self, name, rate, seed=0):
        self.name, self.rate, self.seed = name, rate, seed
        self.running = MirroredArrays(steps=np.zeros(1, np.float32))  # saved, so a resumed run draws the same numbers

    def forward(self, x):
        """Return x with values dropped, the others scaled up, while training; or else x."""
        self.mask = None
        if not self.training:
            return x
        step = int(self.running["steps"][0])
        self.running["steps"] = np.full(1, step + 1, np.float32)
        kept = np.random.default_rng((self.seed, step)).random(x.shape) >= self.rate
        self.mask = kept.astype(x.dtype) / x.dtype.type(1 - self.rate)  # of the shape of x
        return x * self.mask

    def backward(self, dout):
        """Return dx: the gradient of the values that were kept."""
        mask, self.mask = self.mask, None
        return dout if mask is None else dout * mask

    def infer(self, x):
        """Return x."""
        return x


def test_a_layer_of_ones_own_needs_little(rng):
    chain = Sequential([Conv2d("conv", rng, 3, 4, 3), Dropout("drop", 0.5)])
    x = rng.standard_normal((1, 40, 40, 3)).astype(np.float32)
    np.testing.assert_array_equal(chain.forward(x), chain.infer(x))
    chain.training = True
    first = chain.forward(x)
    assert first.dtype == np.float32
    assert 0.45 < (first == 0).mean() < 0.55
    assert chain.backward(np.ones((1, 38, 38, 4), np.float32)).shape == x.shape
    assert list(chain.parameters()) == ["conv.weight", "conv.bias"]
    assert (chain.forward(x) != first).any()
    assert chain.layers()[1].running["steps"] == 2


@pytest.mark.parametrize("training", [True, False])
def test_gradient_of_dropout(training, rng):
    class SameEachTime(Dropout):
        def forward(self, x):
            self.running["steps"] = np.zeros(1, np.float32)
            return super().forward(x)

    layer = SameEachTime("drop", 0.3)
    layer.training = training
    check_gradient(layer, rng.standard_normal((2, 3, 5, 4)), rng)


def test_a_layer_says_what_it_lacks():
    class Half(Layer):
        def forward(self, x):
            return x

    with pytest.raises(NotImplementedError, match="Half has no infer"):
        Half().infer(0)
    with pytest.raises(NotImplementedError, match="Half has no backward"):
        Half().backward(0)
    with pytest.raises(NotImplementedError, match="Layer has no forward"):
        Layer().forward(0)


def test_sequential_is_its_layers_in_order_and_backward_in_reverse():
    class Note:
        def __init__(self, name, notes):
            self.name, self.notes = name, notes

        def forward(self, x):
            self.notes.append(f"{self.name} forward")
            return x + self.name

        def backward(self, dout):
            self.notes.append(f"{self.name} backward")
            return dout + self.name.upper()

        def parameters(self):
            return {self.name: Parameter(np.zeros(1))}

    notes = []
    chain = Sequential(Note(name, notes) for name in "abc")
    assert chain.forward("-") == "-abc"
    assert chain.backward("-") == "-CBA"
    assert notes == ["a forward", "b forward", "c forward", "c backward", "b backward", "a backward"]
    assert list(chain.parameters()) == ["a", "b", "c"]


def test_conv2d_without_need_dx(backend, rng):
    layer = Conv2d("conv1_1", rng, 3, 8, 3, padding=1)
    x = rng.standard_normal((1, 5, 5, 3)).astype(np.float32)
    out = layer.forward(x)
    layer.need_dx = False
    assert layer.backward(out) is None
    expected = reference.conv2d_backward(out, x, layer.weight.value, 1, 1, 1)[1:]
    np.testing.assert_allclose(layer.weight.grad, expected[0], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(layer.bias.grad, expected[1], rtol=1e-4, atol=1e-4)


def test_gradients_are_set_and_not_added(backend, rng):
    layer = Conv2d("conv", rng, 2, 3, 3)
    x = rng.standard_normal((1, 4, 4, 2)).astype(np.float32)
    out = layer.forward(x)
    layer.backward(out)
    first = layer.weight.grad.copy()
    layer.forward(x)
    layer.backward(out)
    np.testing.assert_array_equal(layer.weight.grad, first)


@pytest.mark.parametrize(
    ("layer", "names"),
    [
        (Conv2d("conv1_1", np.random.default_rng(0), 3, 8, 3), ["conv1_1.weight", "conv1_1.bias"]),
        (BatchNorm("conv1_1_bn", 8), ["conv1_1_bn.scale", "conv1_1_bn.shift"]),
        (L2Norm("conv4_3_norm", 8), ["conv4_3_norm.scale"]),
        (MaxPool2d("pool1", 2, 2), []),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_names_of_parameters(layer, names):
    assert list(layer.parameters()) == names
    for parameter in layer.parameters().values():
        assert parameter.grad.shape == parameter.value.shape
        assert parameter.value.dtype == np.float32
        assert not parameter.grad.any()


def test_initial_values(rng):
    conv = Conv2d("conv", rng, 16, 32, 3)
    limit = (3 / (3 * 3 * 16)) ** 0.5  # Caffe's "xavier": fan_in only
    assert conv.weight.value.shape == (3, 3, 16, 32)
    assert np.abs(conv.weight.value).max() == pytest.approx(limit, rel=0.01)
    assert np.abs(conv.weight.value).max() <= np.float32(limit)
    assert conv.weight.value.std() == pytest.approx(limit / 3**0.5, rel=0.02)  # of a uniform distribution
    assert conv.weight.value.mean() == pytest.approx(0, abs=0.02 * limit)
    assert not conv.bias.value.any()
    np.testing.assert_array_equal(L2Norm("norm", 4).scale.value, [20] * 4)  # paper, section 3.1
    norm = BatchNorm("bn", 2)
    np.testing.assert_array_equal([norm.scale.value, norm.shift.value], [[1, 1], [0, 0]])


def test_xavier_depends_on_the_generator_alone():
    first, second = (xavier(np.random.default_rng(7), (3, 3, 2, 4)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert (first != xavier(np.random.default_rng(8), (3, 3, 2, 4))).all()


def test_running_statistics_of_batch_norm(backend):
    layer = BatchNorm("bn", 1)
    batch = np.array([1, 3, 5, 7], np.float32).reshape(4, 1, 1, 1)  # mean 4, variance 5
    layer.training = True
    out = layer.forward(batch)
    assert out.mean() == pytest.approx(0, abs=1e-6)
    # By hand: 0.9 * 0 + 0.1 * 4 and 0.9 * 1 + 0.1 * 5.
    assert layer.running["mean"] == pytest.approx(0.4)
    assert layer.running["variance"] == pytest.approx(1.4)
    layer.forward(batch)
    assert layer.running["mean"] == pytest.approx(0.9 * 0.4 + 0.4)
    assert layer.running["mean"].dtype == np.float32
    layer.training = False
    before = {key: value.copy() for key, value in layer.running.items()}
    out = layer.forward(batch)  # by the running ones, which it leaves as they are
    assert layer.running == before
    expected = (1 - before["mean"]) / np.sqrt(before["variance"] + 1e-5)
    assert out[0, 0, 0, 0] == pytest.approx(expected[0], rel=1e-5)
    one = layer.forward(batch[:1])  # so one image is not compared with itself
    np.testing.assert_array_equal(one, out[:1])
